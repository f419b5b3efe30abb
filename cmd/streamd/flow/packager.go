package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/packager"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

func packagerCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "packager", Short: "Package, encrypt and upload for the app in this machine's browser; the browser's wallet signs"}
	home := os.Getenv("STREAMD_PACKAGER_HOME")
	if home == "" {
		if dir, err := os.UserHomeDir(); err == nil {
			home = filepath.Join(dir, ".streamd-packager")
		}
	}
	cmd.PersistentFlags().String(flags.FlagHome, home, "folder of configuration, jobs and secrets (or $STREAMD_PACKAGER_HOME)")
	cmd.AddCommand(packagerStartCmd(), packagerCodeCmd(), packagerUnpairCmd())
	return cmd
}

// packagerConfig reads the configuration, and writes it first where there is none.
func packagerConfig(cmd *cobra.Command, change func(*packager.Config)) (packager.Config, error) {
	token.Configure()
	home, err := cmd.Flags().GetString(flags.FlagHome)
	if err != nil {
		return packager.Config{}, err
	}
	path := filepath.Join(home, "config.toml")
	c, err := packager.LoadConfig(path)
	if errors.Is(err, os.ErrNotExist) {
		c = packager.DefaultConfig()
		change(&c)
		if err := c.Validate(); err != nil {
			return c, exit.With(exit.Usage, err)
		}
		if err := os.MkdirAll(home, 0o700); err != nil {
			return c, err
		}
		err = os.WriteFile(path, []byte(c.Text()), 0o600)
	}
	c.Home = home
	return c, exit.With(exit.Usage, err)
}

func packagerStartCmd() *cobra.Command {
	var origins []string
	var grpc, rpc, listen string
	cmd := &cobra.Command{
		Use: "start", Short: "Run the helper until it is told to stop", Args: cobra.NoArgs,
		Long: `Run the helper until it is told to stop. The first start writes its configuration, with the flags' values; later ones take what stands there.
It listens on this machine alone. A page of the listed origins must be paired once: type the code that is shown here into it.`,
		Example: "streamd packager start --origin https://app.example.org",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := packagerConfig(cmd, func(c *packager.Config) {
				if len(origins) > 0 {
					c.HTTP.Origins = origins
				}
				for value, at := range map[*string]*string{&grpc: &c.Chain.GRPC, &rpc: &c.Chain.RPC, &listen: &c.HTTP.Listen} {
					if *value != "" {
						*at = *value
					}
				}
			})
			if err != nil {
				return err
			}
			return packagerRun(cmd, c)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&origins, "origin", nil, "origin of the app that may use it, for example https://app.example.org")
	f.StringVar(&grpc, "chain-grpc", "", "gRPC of a node")
	f.StringVar(&rpc, "chain-rpc", "", "CometBFT RPC of the same node")
	f.StringVar(&listen, "listen", "", "address on this machine (default 127.0.0.1:8195)")
	return cmd
}

func packagerRun(cmd *cobra.Command, c packager.Config) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	chainclient.RegisterErrors(contenttypes.ErrCreatorExists, storagetypes.ErrNoHolders)
	client, err := packagerDial(cmd.Context(), c, log)
	if err != nil {
		return err
	}
	defer client.Close()
	s, err := packager.New(c, client, log, func(code string) {
		fmt.Fprintf(cmd.OutOrStdout(), "To pair the app in your browser, type this code into it: %s-%s\n", code[:4], code[4:])
	})
	if err != nil {
		return err
	}
	return s.Run(cmd.Context(), func(a net.Addr) {
		log.Info("packaging", "listen", a.String(), "chain", client.ChainID(), "origins", c.HTTP.Origins)
	})
}

// packagerDial waits for the chain: a helper that starts with the machine may be there first.
func packagerDial(ctx context.Context, c packager.Config, log *slog.Logger) (*chainclient.Client, error) {
	for {
		client, err := packager.Dial(ctx, c, 10*time.Second)
		if err == nil || errors.Is(err, chainclient.ErrChainID) {
			return client, exit.With(exit.Usage, err)
		}
		log.Warn("the chain does not answer; trying again", "err", err)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

func packagerCodeCmd() *cobra.Command {
	return &cobra.Command{
		Use: "code", Short: "Show the code that pairs the app in your browser", Args: cobra.NoArgs, Example: "streamd packager code",
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := cmd.Flags().GetString(flags.FlagHome)
			if err != nil {
				return err
			}
			raw, err := os.ReadFile(filepath.Join(home, "code"))
			if errors.Is(err, os.ErrNotExist) {
				return exit.With(exit.NotFound, fmt.Errorf("no helper has run in %s: `streamd packager start` runs one", home))
			}
			if err == nil {
				_, err = cmd.OutOrStdout().Write(raw)
			}
			return err
		},
	}
}

func packagerUnpairCmd() *cobra.Command {
	return &cobra.Command{
		Use: "unpair", Short: "Forget every browser that was paired; start the helper again after it", Args: cobra.NoArgs, Example: "streamd packager unpair",
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := cmd.Flags().GetString(flags.FlagHome)
			if err != nil {
				return err
			}
			if err := os.Remove(filepath.Join(home, "tokens")); !errors.Is(err, os.ErrNotExist) {
				return err
			}
			return nil
		},
	}
}
