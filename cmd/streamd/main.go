// Command streamd is the chain's node and its command line.
package main

import (
	"os"

	"github.com/streamchain/streamchain/cmd/streamd/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:])) }
