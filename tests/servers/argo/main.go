// The linter of Argo Workflows: what `argo lint --offline FILE...` runs. The module of the whole program lacks its pages, without
// which it is not built; this builds the rest.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/argoproj/argo-workflows/v4/cmd/argo/lint"
	"github.com/argoproj/argo-workflows/v4/pkg/apiclient"
	"github.com/argoproj/argo-workflows/v4/pkg/apis/workflow"
)

func main() {
	files := os.Args[1:]
	opts := apiclient.Opts{Offline: true, OfflineFiles: files}
	ctx, client, err := apiclient.NewClientFromOptsWithContext(context.Background(), opts)
	if err != nil {
		fail(err)
	}
	kinds := []string{workflow.WorkflowPlural, workflow.WorkflowTemplatePlural}
	err = lint.RunLint(ctx, client, kinds, "simple", true, lint.LintOptions{
		Files: files, Strict: true, DefaultNamespace: "default", Printer: os.Stdout,
	})
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}
