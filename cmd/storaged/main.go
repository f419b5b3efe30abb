// Command storaged is a storage node: it keeps works, serves them for pay and settles what it earns.
package main

import (
	"os"

	"github.com/streamchain/streamchain/cmd/storaged/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:])) }
