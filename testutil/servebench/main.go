// Command servebench measures how a storage node serves segments beside nginx and boxo's gateway: the same bytes on the
// same disk, the same load from this process, one server after the other. It writes what it saw as Markdown.
//
// `servebench node` is the node that it starts. Start at run, then scenarios.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// options are the flags of a run.
type options struct {
	nginx, boxo, out string
	segments, conns  int
	passes, rounds   int
	size             int64
	commit           string
}

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "servebench:", err)
		os.Exit(1)
	}
}

func command(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) > 0 && args[0] == "node" {
		return nodeCommand(ctx, args[1:])
	}
	var o options
	f := flag.NewFlagSet("servebench", flag.ContinueOnError)
	f.StringVar(&o.nginx, "nginx", "nginx", "nginx program")
	f.StringVar(&o.boxo, "boxo", "", "boxogateway program")
	f.StringVar(&o.out, "out", "", "Markdown file")
	f.StringVar(&o.commit, "commit", "unknown", "what is measured")
	f.IntVar(&o.segments, "segments", 32, "segments, each its own file")
	f.Int64Var(&o.size, "size", 4<<20, "bytes of a segment")
	f.IntVar(&o.conns, "conns", 16, "viewers at once")
	f.IntVar(&o.passes, "passes", 2, "how often each viewer reads all segments")
	f.IntVar(&o.rounds, "rounds", 3, "rounds, of which the best counts")
	if err := f.Parse(args); err != nil {
		return err
	}
	return run(ctx, o)
}
