package flow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/sponsor"
	"github.com/streamchain/streamchain/token"
)

func sponsorCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "sponsor", Short: "Pay newcomers' first fees: a service with a budget that nobody can drain"}
	home := os.Getenv("STREAMD_SPONSOR_HOME")
	if home == "" {
		if dir, err := os.UserHomeDir(); err == nil {
			home = filepath.Join(dir, ".streamd-sponsor")
		}
	}
	cmd.PersistentFlags().String(flags.FlagHome, home, "folder of configuration, key and ledger (or $STREAMD_SPONSOR_HOME)")
	cmd.PersistentFlags().StringP(flags.FlagOutput, "o", "text", "format of the result (text|json)")
	cmd.AddCommand(sponsorInitCmd(), sponsorStartCmd(), sponsorStatusCmd(), sponsorRevokeCmd())
	return cmd
}

func sponsorInitCmd() *cobra.Command {
	c := sponsor.DefaultConfig()
	var local, force bool
	cmd := &cobra.Command{
		Use: "init", Short: "Write the configuration and make the sponsor's key", Args: cobra.NoArgs,
		Example: "streamd sponsor init --url https://sponsor.example.org --chain-id streamchain-1",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if local {
				c.Local()
			}
			return sponsorInit(cmd, c, force)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.HTTP.URL, "url", "", "origin at which newcomers reach it (required)")
	f.StringVar(&c.HTTP.Listen, "listen", c.HTTP.Listen, "address and port to listen on")
	f.StringVar(&c.Chain.ID, flags.FlagChainID, "", "id of the chain (whatever its node says)")
	f.StringVar(&c.Chain.GRPC, flagGRPC, c.Chain.GRPC, "gRPC address of a node of the chain")
	f.StringVar(&c.Chain.RPC, "rpc", c.Chain.RPC, "RPC address of a node of the chain")
	f.StringVar(&c.Key.Name, "key", c.Key.Name, "name of the sponsor's key; made where it is not there")
	f.StringVar(&c.Key.KeyringBackend, flags.FlagKeyringBackend, c.Key.KeyringBackend, "keyring of the key (test|file|os)")
	f.StringVar(&c.Key.KeyringDir, "keyring-dir", "", "folder of the keyring (the home)")
	f.BoolVar(&local, "local", false, "for a network on one machine: little work, and a starter credit")
	f.BoolVar(&force, "force", false, "replace a configuration that is there")
	cmd.MarkFlagsOneRequired("url")
	return cmd
}

func sponsorInit(cmd *cobra.Command, c sponsor.Config, force bool) error {
	token.Configure()
	home, err := cmd.Flags().GetString(flags.FlagHome)
	if err != nil {
		return err
	}
	if err := c.Validate(); err != nil {
		return exit.With(exit.Usage, err)
	}
	path := filepath.Join(home, "config.toml")
	if _, err := os.Stat(path); err == nil && !force {
		return exit.With(exit.Usage, fmt.Errorf("%s is there already; --force replaces it", path))
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	c.Home = home
	kr, err := sponsorKeyring(c, cmd.InOrStdin())
	if err != nil {
		return err
	}
	out := struct {
		Config   string `json:"config"`
		Address  string `json:"address"`
		Mnemonic string `json:"mnemonic,omitempty"` // of a new key
	}{Config: path}
	rec, err := kr.Key(c.Key.Name)
	if err != nil {
		if rec, out.Mnemonic, err = kr.NewMnemonic(c.Key.Name, keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1); err != nil {
			return fmt.Errorf("key %q: %w", c.Key.Name, err)
		}
	}
	addr, err := rec.GetAddress()
	if err != nil {
		return err
	}
	out.Address = addr.String()
	if err := os.WriteFile(path, []byte(c.Text()), 0o600); err != nil {
		return err
	}
	return show(cmd, out, func(line func(string, ...any)) {
		line("Wrote %s; read it once, every line is explained.", path)
		if out.Mnemonic != "" {
			line("\nThe new key, %s, in words; keep them away from this machine:\n  %s", out.Address, out.Mnemonic)
		}
		line("\nNext: give it what you are willing to lose, %s or more, and start it:", token.Format(token.Coin(int64(c.Budget.Day+c.Budget.Reserve))))
		line("  streamd tx bank send FROM %s %s\n  streamd sponsor start", out.Address, c.Budget.Day+c.Budget.Reserve)
	})
}

// sponsorKeyring opens the keyring of the sponsor's key. Its name is streamd's, so that both can share one.
func sponsorKeyring(c sponsor.Config, in io.Reader) (keyring.Keyring, error) {
	enc, err := chainclient.NewEncoding()
	if err != nil {
		return nil, err
	}
	dir := c.Key.KeyringDir
	if dir == "" {
		dir = c.Home
	}
	return keyring.New("streamd", c.Key.KeyringBackend, dir, in, enc.Codec)
}

// sponsorConfig reads the configuration of --home.
func sponsorConfig(cmd *cobra.Command) (sponsor.Config, error) {
	token.Configure()
	home, err := cmd.Flags().GetString(flags.FlagHome)
	if err != nil {
		return sponsor.Config{}, err
	}
	path := filepath.Join(home, "config.toml")
	c, err := sponsor.LoadConfig(path)
	if errors.Is(err, os.ErrNotExist) {
		return c, exit.With(exit.NotFound, fmt.Errorf("no configuration at %s; `streamd sponsor init` writes one", path))
	}
	c.Home = home
	return c, exit.With(exit.Usage, err)
}

// sponsorSigner opens the key of the configuration.
func sponsorSigner(cmd *cobra.Command, c sponsor.Config) (chainclient.Signer, error) {
	kr, err := sponsorKeyring(c, cmd.InOrStdin())
	if err != nil {
		return nil, err
	}
	signer, err := chainclient.KeyringSigner(kr, c.Key.Name)
	return signer, exit.With(exit.NotFound, err)
}

func sponsorDial(ctx context.Context, c sponsor.Config) (*chainclient.Client, error) {
	return chainclient.Dial(ctx, chainclient.Config{GRPC: c.Chain.GRPC, RPC: c.Chain.RPC, ChainID: c.Chain.ID, GasPrice: c.Chain.GasPrice, Patience: 10 * time.Second})
}

func sponsorStartCmd() *cobra.Command {
	return &cobra.Command{
		Use: "start", Short: "Run the sponsor until it is told to stop", Args: cobra.NoArgs, Example: "streamd sponsor start",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := sponsorConfig(cmd)
			if err != nil {
				return err
			}
			level := slog.LevelInfo
			if text, err := cmd.Flags().GetString(flags.FlagLogLevel); err == nil && level.UnmarshalText([]byte(text)) != nil {
				return exit.With(exit.Usage, fmt.Errorf("--log_level is debug, info, warn or error, not %q", text))
			}
			log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
			signer, err := sponsorSigner(cmd, c)
			if err != nil {
				return err
			}
			client, err := sponsorWait(cmd.Context(), c, log)
			if err != nil {
				return err
			}
			defer client.Close()
			s, err := sponsor.New(c, sponsor.Client{Client: client, Signer: signer}, log)
			if err != nil {
				return err
			}
			return s.Run(cmd.Context(), func(a net.Addr) {
				log.Info("sponsoring", "listen", a.String(), "url", c.HTTP.URL, "chain", client.ChainID(), "address", signer.Address().String())
			})
		},
	}
}

// sponsorWait waits for the chain: a service that starts with the machine may be there first.
func sponsorWait(ctx context.Context, c sponsor.Config, log *slog.Logger) (*chainclient.Client, error) {
	for {
		client, err := sponsorDial(ctx, c)
		if err == nil || errors.Is(err, chainclient.ErrChainID) {
			return client, exit.With(exit.Usage, err)
		}
		log.Warn("the chain does not answer; trying again", "grpc", c.Chain.GRPC, "err", err)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

func sponsorStatusCmd() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show how the running sponsor is; exit code 7 where it is not healthy", Args: cobra.NoArgs, Example: "streamd sponsor status -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := sponsorConfig(cmd)
			if err != nil {
				return err
			}
			host, port, err := net.SplitHostPort(c.HTTP.Listen)
			if err != nil {
				return err
			}
			if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
				host = "127.0.0.1"
			}
			r, err := sponsor.NewRemote("http://" + net.JoinHostPort(host, port))
			if err != nil {
				return err
			}
			h, err := r.Health(cmd.Context())
			if err != nil {
				return exit.With(exit.Network, err)
			}
			if err := show(cmd, h, func(line func(string, ...any)) { sayHealth(h, line) }); err != nil {
				return err
			}
			if !h.OK {
				return exit.With(exit.Network, fmt.Errorf("the sponsor is not healthy: %s", h.Reason))
			}
			return nil
		},
	}
}

func sayHealth(h sponsor.Health, line func(string, ...any)) {
	coin := func(n uint64) string { return token.Format(token.Coin(int64(n))) }
	state := "open"
	if h.Reason != "" {
		state = "closed: " + h.Reason
	}
	line("%s; %d granted, %d under way, %d failed; work of %d bits", state, h.Granted, h.Pending, h.Failed, h.Difficulty)
	line("this hour %s of %s, this day %s of %s", coin(h.SpentHour), coin(h.BudgetHour), coin(h.SpentDay), coin(h.BudgetDay))
	if h.Balance >= 0 {
		line("balance %s, of which %s is promised and %s reserve", coin(uint64(h.Balance)), coin(h.Outstanding), coin(h.Reserve))
	}
}

func sponsorRevokeCmd() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ADDRESS...", Short: "Take allowances back; what is spent is spent", Args: cobra.RangeArgs(1, 50), Example: "streamd sponsor revoke stream1…",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := sponsorConfig(cmd)
			if err != nil {
				return err
			}
			signer, err := sponsorSigner(cmd, c)
			if err != nil {
				return err
			}
			var msgs []sdk.Msg
			for _, a := range args {
				grantee, err := sdk.AccAddressFromBech32(a)
				if err != nil {
					return exit.With(exit.Usage, err)
				}
				msg := feegrant.NewMsgRevokeAllowance(signer.Address(), grantee)
				msgs = append(msgs, &msg)
			}
			client, err := sponsorDial(cmd.Context(), c)
			if err != nil {
				return exit.With(exit.Network, err)
			}
			defer client.Close()
			res, err := client.Broadcast(cmd.Context(), signer, msgs...)
			if err != nil {
				return err
			}
			return show(cmd, sent{TX: res.Hash, Height: res.Height}, func(line func(string, ...any)) {
				line("revoked %d: %s at height %d", len(args), res.Hash, res.Height)
			})
		},
	}
}
