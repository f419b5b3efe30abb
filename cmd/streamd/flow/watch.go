package flow

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/watch"
)

func watchCmd() *cobra.Command {
	var out, maxSpend, path, quality string
	var realtime, stats, private bool
	cmd := &cobra.Command{
		Use:   "watch WORK",
		Short: "Fetch a work, verified, and pay per second where it is sold so",
		Long: `Fetch a work from the storage nodes that keep it, verify every byte, and write it as one MP4, or as the file that it is.

What you own, subscribe to or is free costs nothing, and comes from several nodes at once; with a session key, nodes are
paid for it by the work's serving budget, for which it stands on the chain that your account watched (not with --private). Otherwise every second of media
is paid as it comes, to one node at a time, and never more than --max-spend in all, fees included. A node that falls silent,
fails or lies is left for the next one, and named. A run that was stopped goes on where it was.

An encrypted work is decrypted as it comes. Its keys come from several holders, who are paid by the same coins, at most one
key window (20 s, where its creator chose nothing else) ahead.`,
		Example: `streamd watch bafyrei… --out song.mp4 --max-spend 1stream --from viewer
streamd watch bafyrei… --out film.mp4 --quality 720
streamd watch bafyrei… --out - | ffplay -`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := watch.ParseQuality(quality)
			if err != nil {
				return exit.With(exit.Usage, fmt.Errorf("--quality: %w", err))
			}
			return runWatch(cmd, watch.Options{Work: args[0], Path: path, Realtime: realtime, Quality: q, Private: private}, out, maxSpend, stats)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write, or - for standard output (required)")
	cmd.Flags().StringVar(&maxSpend, "max-spend", "", "the most that it may cost in all, for example 1stream")
	cmd.Flags().StringVar(&quality, "quality", "best", "best, auto (what a household's line carries), or lines as in 720 (that, or the next lower)")
	cmd.Flags().StringVar(&path, "file", "", "path of the file, where the work has several and does not play")
	cmd.Flags().BoolVar(&stats, "nodes-stats", false, "show which node gave what, how fast (with --output json it is always there)")
	cmd.Flags().BoolVar(&private, "private", false, "prove to nobody that you watched: the work's serving budget then pays for none of it")
	cmd.Flags().BoolVar(&realtime, "realtime", false, "no faster than it plays")
	cmd.MarkFlagsOneRequired("out")
	return cmd
}

func runWatch(cmd *cobra.Command, opt watch.Options, out, maxSpend string, stats bool) (err error) {
	if opt.MaxSpend, err = spendLimit(maxSpend); err != nil {
		return err
	}
	s, err := connect(cmd, false)
	if err != nil {
		return err
	}
	defer s.Close()
	if opt.AllowPrivate, err = s.relaxed(cmd); err != nil {
		return err
	}
	opt.Home = s.folder("watch")
	sink, finish, err := openOut(cmd, out)
	if err != nil {
		return err
	}
	opt.Out = sink
	bars := newBars(cmd)
	opt.Progress = func(p watch.Progress) { bars.stage(progressText(p), int64(p.Seconds*1000), int64(p.Of*1000)) }
	res, err := watch.Watch(cmd.Context(), s.Client, s.signer, opt)
	bars.done()
	if err = errors.Join(err, finish(err)); err != nil {
		return watchCode(err)
	}
	owner := ""
	if s.signer != nil {
		owner = s.signer.Address().String()
	}
	if err := watch.Forget(opt.Home, owner, res.Work); err != nil {
		return err
	}
	if out == "-" {
		return nil
	}
	return show(cmd, res, func(line func(string, ...any)) {
		line("work      %s", res.Work)
		line("access    %s", res.GrantedBy)
		line("%s", gotText(res))
		if res.Ticks > 0 {
			line("paid      %s for %d ticks so far, %s for lanes", res.Spent, res.Ticks, res.Fees)
		}
		if res.Proved > 0 {
			line("paid      nothing: %d s by the work's serving budget, as long as there is one", res.Proved)
		}
		for _, operator := range slices.Sorted(maps.Keys(res.Nodes)) {
			line("node      %s gave %d files", operator, res.Nodes[operator])
		}
		if stats {
			showStats(res.Stats, line)
		}
		for _, operator := range res.Blamed {
			line("failed    %s", operator)
		}
		showKeys(res.Keys, line)
	})
}

// spendLimit reads --max-spend.
func spendLimit(maxSpend string) (uint64, error) {
	if maxSpend == "" {
		return 0, nil
	}
	c, err := amount(maxSpend)
	if err != nil {
		return 0, err
	}
	if c.Denom != token.BaseDenom || !c.Amount.IsUint64() {
		return 0, exit.With(exit.Usage, errors.New("--max-spend is in STREAM"))
	}
	return c.Amount.Uint64(), nil
}

func showKeys(k *watch.Keys, line func(string, ...any)) {
	if k == nil {
		return
	}
	line("keys      %d windows, each from %d of %d holders", k.Windows, k.Threshold, k.Holders)
	for _, operator := range slices.Sorted(maps.Keys(k.Used)) {
		line("holder    %s helped with %d", operator, k.Used[operator])
	}
	for _, operator := range k.Liars {
		line("lied      %s", operator)
	}
}

func progressText(p watch.Progress) string {
	text := fmt.Sprintf("%.0f of %.0f s, paid %s", p.Seconds, p.Of, token.Format(token.Coin(int64(p.Spent))))
	if p.Of == 0 {
		// coarse, or a log would have a line for each block
		text = fmt.Sprintf("%d MiB", p.Bytes>>24<<4)
	}
	if n := len(p.Blamed); n > 0 {
		text += fmt.Sprintf(", %d nodes failed", n)
	}
	return text
}

func gotText(res *watch.Result) string {
	if res.SecondsWatched == 0 {
		return fmt.Sprintf("got       %d bytes, every byte verified", res.Bytes)
	}
	return fmt.Sprintf("watched   %.1f s, %d bytes, every byte verified", res.SecondsWatched, res.Bytes)
}

func showStats(stats []nodeclient.Stat, line func(string, ...any)) {
	for _, s := range stats {
		line("          %s: %d blocks, %d bytes, %.0f ms to the first byte, %.1f MB/s", s.Endpoint, s.Blocks, s.Bytes, s.LatencyMS, s.Rate/1e6)
		if s.Slow+s.Stalls+s.Failures+s.Corrupt > 0 {
			line("          slow %d, silent %d, failed %d, corrupt %d", s.Slow, s.Stalls, s.Failures, s.Corrupt)
		}
	}
}

// openOut writes beside the file and renames at the end: a failed run leaves no half film under its name.
func openOut(cmd *cobra.Command, out string) (io.Writer, func(error) error, error) {
	if out == "-" {
		return cmd.OutOrStdout(), func(error) error { return nil }, nil
	}
	f, err := os.Create(out + ".part")
	if err != nil {
		return nil, nil, err
	}
	return f, func(failed error) error {
		err := f.Close()
		if failed != nil || err != nil {
			return errors.Join(err, os.Remove(out+".part"))
		}
		return os.Rename(out+".part", out)
	}, nil
}

// watchCode gives a failure its exit code.
func watchCode(err error) error {
	for code, of := range map[int][]error{
		exit.Usage:      {watch.ErrSeveralFiles},
		exit.Payment:    {watch.ErrPayment, watch.ErrSpendLimit, watch.ErrMeteredFile, keyclient.ErrNotEntitled, keyclient.ErrPayMore},
		exit.NotFound:   {watch.ErrNotFound},
		exit.Unfinished: {watch.ErrBusy},
		exit.Content:    {watch.ErrPlaylist, watch.ErrUnsupported, nodeclient.ErrNoSuchFile, nodeclient.ErrUnsupportedDAG, nodeclient.ErrTooLarge, media.ErrCiphertext},
	} {
		for _, e := range of {
			if errors.Is(err, e) {
				return exit.With(code, err)
			}
		}
	}
	for _, e := range []error{watch.ErrNoNode, keyclient.ErrTooFewHolders, keyclient.ErrNoKeySet} {
		if errors.Is(err, e) {
			return exit.With(exit.Network, err)
		}
	}
	return err
}
