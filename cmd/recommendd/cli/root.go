package cli

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/recommend"
)

// Run executes one command line and returns its exit code.
func Run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", exit.Text(err))
	}
	return exit.Code(err)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use: "recommendd", Short: "The reference feed generator of StreamChain: recommends works from what everybody can read",
		SilenceErrors: true, SilenceUsage: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exit.With(exit.Usage, err) })
	root.AddCommand(keyCmd(), trainCmd(), serveCmd(), evaluateCmd())
	return root
}

func keyCmd() *cobra.Command {
	return &cobra.Command{
		Use: "key [file]", Short: "Make the key of a feed's answers, and print the public key for `streamd tx content register-feed`",
		Example: "recommendd key feed.key", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			public, key, err := ed25519.GenerateKey(nil)
			if err != nil {
				return err
			}
			// never over another key: the feed would be mute until it is registered anew
			f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return fmt.Errorf("key: %w", err)
			}
			_, err = f.WriteString(hex.EncodeToString(key.Seed()) + "\n")
			if err := errors.Join(err, f.Close()); err != nil {
				return fmt.Errorf("key: %w", err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), hex.EncodeToString(public))
			return err
		},
	}
}

func readKey(path string) (ed25519.PrivateKey, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the operator's own file
	if err != nil {
		return nil, exit.With(exit.NotFound, fmt.Errorf("%w; `recommendd key` makes one", err))
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, exit.With(exit.Usage, fmt.Errorf("%s is not a key: it has 64 hexadecimal digits", path))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func trainCmd() *cobra.Command {
	var src recommend.Source
	var out string
	cmd := &cobra.Command{
		Use: "train", Short: "Read the discovery API and write what the model learns from",
		Example: "recommendd train --api https://streamchain.example/api/v1 --data works.gz", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := src.Fetch(cmd.Context())
			if err != nil {
				return err
			}
			if err := writeData(out, data); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d works, %d pairs bought together\n", len(data.Works), len(data.Pairs))
			return err
		},
	}
	cmd.Flags().StringVar(&src.Base, "api", "http://127.0.0.1:8080/api/v1", "discovery API")
	cmd.Flags().DurationVar(&src.Pause, "pause", 0, "time between two requests")
	cmd.Flags().IntVar(&src.MaxWorks, "max-works", 200_000, "how many works are read, newest first")
	cmd.Flags().StringVar(&out, "data", "works.gz", "file to write")
	return cmd
}

// writeData replaces a file in one step.
func writeData(path string, data recommend.Dataset) error {
	f, err := os.Create(path + ".new") //nolint:gosec // the operator's own file
	if err != nil {
		return err
	}
	if err := errors.Join(data.Write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func readData(path string) (recommend.Dataset, error) {
	f, err := os.Open(path) //nolint:gosec // the operator's own file
	if err != nil {
		return recommend.Dataset{}, exit.With(exit.NotFound, fmt.Errorf("%w; `recommendd train` writes it", err))
	}
	data, err := recommend.ReadDataset(f)
	return data, errors.Join(err, f.Close())
}

func evaluateCmd() *cobra.Command {
	var seeds []uint
	cmd := &cobra.Command{
		Use: "evaluate", Short: "Score the model against popularity and chance on made-up buyers (docs/bench/recommend.md)",
		Example: "recommendd evaluate --seeds 1,2,3,4,5", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, seed := range seeds {
				for _, taste := range []float64{recommend.DefaultSynth(0).Taste, 0} {
					synth := recommend.DefaultSynth(uint64(seed))
					synth.Taste = taste
					world := synth.Make()
					for _, split := range []recommend.Split{recommend.LeaveOneOut, recommend.TimeSplit} {
						scores := recommend.Evaluate(world, split, recommend.DefaultOptions(), uint64(seed))
						if _, err := fmt.Fprintf(cmd.OutOrStdout(), "\n### Seed %d, taste %.2f, %s, %d buyers asked\n\n", seed, taste, split, scores[0].Buyers); err != nil {
							return err
						}
						if err := recommend.WriteScores(cmd.OutOrStdout(), scores); err != nil {
							return err
						}
					}
				}
			}
			return nil
		},
	}
	cmd.Flags().UintSliceVar(&seeds, "seeds", []uint{1, 2, 3, 4, 5}, "seeds of the worlds")
	return cmd
}
