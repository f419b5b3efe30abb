// Command recommendd is the reference feed generator: it learns from the discovery API and recommends works to indexers.
package main

import (
	"os"

	"github.com/streamchain/streamchain/cmd/recommendd/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:])) }
