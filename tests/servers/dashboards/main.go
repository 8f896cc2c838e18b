// Reads dashboards as Grafana's own schema has them, by the types that Grafana generates from it, and names every field that the schema
// lacks or has otherwise, those of each kind of panel and query included.
//
//	dashboards a.json b.json   one line for each fault; exit code 1 if there is one
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	faults := 0
	for _, path := range os.Args[1:] {
		for _, fault := range faultsIn(path) {
			fmt.Printf("%s: %s\n", path, fault)
			faults++
		}
	}
	if faults > 0 {
		os.Exit(1)
	}
}

func faultsIn(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return []string{err.Error()}
	}
	var read dashboard.Dashboard
	return append(messages(read.UnmarshalJSONStrict(text)), messages(read.Validate())...)
}

// The list of faults may be empty without being nil.
func messages(err error) []string {
	var all cog.BuildErrors
	if !errors.As(err, &all) {
		if err == nil {
			return nil
		}
		return []string{err.Error()}
	}
	found := []string{}
	for _, one := range all {
		found = append(found, one.Error())
	}
	return found
}
