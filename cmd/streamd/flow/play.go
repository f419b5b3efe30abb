package flow

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/cmd/streamd/flow/play"
	"github.com/streamchain/streamchain/watch"
)

func playCmd() *cobra.Command {
	var listen, maxSpend, quality string
	var open bool
	cmd := &cobra.Command{
		Use:   "play WORK",
		Short: "Watch a work in the browser of this machine",
		Long: `Watch a work in the browser of this machine. It prints an address; whoever on this machine knows it can watch, so do not pass it on.

What the browser asks for is fetched from storage nodes and verified; what is encrypted the browser decrypts itself, with keys from their holders.
Where the work is sold by the second, what you look at is paid, a key window (20 s, where its creator chose nothing else) at a time, and never more than
--max-spend in all, fees included. It ends with ctrl-C. What was paid for stays on this machine, and is not paid again.`,
		Example: `streamd play bafyrei… --max-spend 1stream --open --from viewer
streamd play bafyrei… --quality 720 --from viewer`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := watch.ParseQuality(quality)
			if err != nil {
				return exit.With(exit.Usage, fmt.Errorf("--quality: %w", err))
			}
			return runPlay(cmd, watch.Options{Work: args[0], Quality: q}, listen, maxSpend, open)
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:0", "address of this machine, port 0 for any that is free")
	f.StringVar(&maxSpend, "max-spend", "", "the most that it may cost in all, for example 1stream")
	f.StringVar(&quality, "quality", "auto", "of what is paid by the second: best, auto (what a household's line carries), or lines as in 720")
	f.BoolVar(&open, "open", false, "open the browser")
	return cmd
}

func runPlay(cmd *cobra.Command, opt watch.Options, listen, maxSpend string, open bool) (err error) {
	if opt.MaxSpend, err = spendLimit(maxSpend); err != nil {
		return err
	}
	l, err := play.Listen(cmd.Context(), listen)
	if err != nil {
		if errors.Is(err, play.ErrListen) {
			err = exit.With(exit.Usage, err)
		}
		return err
	}
	defer l.Close()
	s, err := connect(cmd, false)
	if err != nil {
		return err
	}
	defer s.Close()
	if opt.AllowPrivate, err = s.relaxed(cmd); err != nil {
		return err
	}
	opt.Home = s.folder("watch")
	session, err := watch.Open(cmd.Context(), s.Client, s.signer, opt)
	if err != nil {
		return watchCode(err)
	}
	err = servePlayer(cmd, l, session, opt.Quality, open)
	// what is paid is settled even where the command was interrupted
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), 10*time.Second)
	defer cancel()
	res, closed := session.Close(ctx)
	if err = errors.Join(err, closed); err != nil {
		return err
	}
	return show(cmd, res, func(line func(string, ...any)) {
		line("access    %s", res.GrantedBy)
		line("got       %d bytes, every byte verified", res.Bytes)
		if res.Ticks > 0 {
			line("paid      %s for %d ticks, %s for lanes", res.Spent, res.Ticks, res.Fees)
		}
		for _, operator := range res.Blamed {
			line("failed    %s", operator)
		}
		showKeys(res.Keys, line)
	})
}

// servePlayer serves the page until the command is interrupted.
func servePlayer(cmd *cobra.Command, l net.Listener, session *watch.Session, q watch.Quality, open bool) error {
	p, err := play.New(session, l.Addr().String(), q)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Playing at %s (ctrl-C ends it)\n", p.URL())
	if open {
		if err := openBrowser(cmd.Context(), p.URL()); err != nil {
			fmt.Fprintln(cmd.ErrOrStderr(), "No browser was opened: open the address yourself.")
		}
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-cmd.Context().Done():
		return server.Close()
	}
}

func openBrowser(ctx context.Context, url string) error {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	return exec.CommandContext(ctx, name, args...).Start()
}
