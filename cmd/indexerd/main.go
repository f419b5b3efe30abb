// Command indexerd makes what is on the chain searchable: it follows the chain into a database and serves the discovery API and the web app.
package main

import (
	"os"

	"github.com/streamchain/streamchain/cmd/indexerd/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:])) }
