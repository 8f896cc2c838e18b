// A second, independent OCI registry for the contract tests: go-containerregistry's, with the referrers API that Debian's
// docker-registry lacks. It keeps everything in memory.
//
//	registry --port 0   prints "listening on <port>" when it is ready
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	port := flag.Int("port", 0, "0 for any that is free")
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	silent := log.New(io.Discard, "", 0)
	handler := registry.New(registry.WithReferrersSupport(true), registry.Logger(silent))
	log.Fatal(http.Serve(listener, handler))
}
