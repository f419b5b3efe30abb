package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/drain"
)

// drained is what drain prints.
type drained struct {
	drain.State
	Ready bool `json:"ready"`
	// Leave are the arguments of streamd with which the operator leaves.
	Leave []string `json:"leave,omitempty"`
}

// poll is how often the state is looked at.
const poll = time.Second

func drainCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "drain", Short: "Move all works to other nodes, so that this one can be switched off; exit code 8 while it is not done", Args: usage(cobra.NoArgs),
		Long: "Move all works to other nodes, so that this one can be switched off. The running node takes nothing new, ends its deals as soon as\n" +
			"the chain allows it, and serves each work until it has its copies again elsewhere. It may be interrupted and goes on where it was;\n" +
			"so does the node when it is restarted. Exit code 8 means that it is not done: run it again.",
		Example: "storaged drain\nstoraged drain --wait 0s -o json\nstoraged drain --cancel",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			files := cfg.DrainFiles()
			if flag(cmd, "cancel") == "true" {
				if err := files.Cancel(); err != nil {
					return err
				}
				return result(cmd, struct {
					Cancelled bool `json:"cancelled"`
				}{true}, func(w io.Writer) { fmt.Fprintln(w, "the node takes works again; deals that were ended stay so") })
			}
			wait, err := cmd.Flags().GetDuration("wait")
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			if _, err := files.Ask(); err != nil {
				return err
			}
			return follow(cmd, cfg, wait)
		},
	}
	cmd.Flags().Duration("wait", 365*24*time.Hour, "how long to wait for the end; 0s only asks and shows")
	cmd.Flags().Bool("cancel", false, "stop draining")
	return cmd
}

// follow shows how the drain goes until it is done or time is over.
func follow(cmd *cobra.Command, cfg storagenode.Config, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), wait)
	defer cancel()
	asked, said := time.Now(), ""
	for {
		st, err := cfg.DrainFiles().Read()
		if err != nil {
			return err
		}
		if line := progress(st); line != said && flag(cmd, "output") == "text" {
			fmt.Fprintln(cmd.OutOrStdout(), line)
			said = line
		}
		// a look from before it was asked says nothing
		if st.Ready() && st.At >= asked.Unix() {
			return finished(cmd, cfg, st)
		}
		select {
		case <-ctx.Done():
			return unfinished(cmd, cfg, st)
		case <-time.After(poll):
		}
	}
}

func progress(st drain.State) string {
	if st.At == 0 {
		return "waiting for the node to begin"
	}
	line := fmt.Sprintf("%d of %d works moved", st.Count(drain.Moved), len(st.Works))
	if n := st.Count(drain.Moving); n > 0 {
		line += fmt.Sprintf(", %d wait for their copies elsewhere", n)
	}
	if n, until := st.Count(drain.Kept), int64(0); n > 0 {
		for _, w := range st.Works {
			if w.State == drain.Kept {
				until = max(until, w.Until)
			}
		}
		line += fmt.Sprintf(", %d deals not ended yet, the last may end from %s", n, time.Unix(until, 0).UTC().Format(time.RFC3339))
	}
	if st.Moved() && st.ProofSet > 0 {
		line += fmt.Sprintf("; the chain may ask for proofs of %d works for two periods: keep the node running", st.ProofSet)
	}
	return line
}

func finished(cmd *cobra.Command, cfg storagenode.Config, st drain.State) error {
	d := drained{State: st, Ready: true, Leave: []string{"tx", "storage", "leave", "--from", cfg.Identity.Operator}}
	return result(cmd, d, func(w io.Writer) {
		fmt.Fprintf(w, "Done: nothing needs this node any more. Leave with the operator's key, then switch it off:\n  streamd tx storage leave --from %s\n", cfg.Identity.Operator)
	})
}

func unfinished(cmd *cobra.Command, cfg storagenode.Config, st drain.State) error {
	if flag(cmd, "output") == "json" {
		if err := result(cmd, drained{State: st}, nil); err != nil {
			return err
		}
	}
	// its own context: the command's may have been interrupted
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), 3*time.Second)
	defer cancel()
	if _, err := nodeclient.New(&http.Client{Timeout: 3 * time.Second}, localURL(cfg)).Info(ctx); err != nil {
		return exit.With(exit.Unfinished, fmt.Errorf("not drained: the node does not run, and only it can: storaged start (%w)", err))
	}
	return exit.With(exit.Unfinished, fmt.Errorf("not drained yet; the node goes on, and so does this command when it is run again"))
}
