package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/token"
)

// Run executes one command line and returns its exit code.
func Run(args []string) int {
	token.Configure()
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
		Use: "storaged", Short: "A storage node of StreamChain: keeps works, serves them for pay, settles what it earns",
		SilenceErrors: true, SilenceUsage: true, Version: storagenode.Version,
	}
	root.PersistentFlags().String("home", defaultHome(), "folder of configuration, keys and data (or $STORAGED_HOME)")
	root.PersistentFlags().StringP("output", "o", "text", "format of the result (text|json)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exit.With(exit.Usage, err) })
	root.AddCommand(initCmd(), startCmd(), statusCmd(), doctorCmd(), denylistCmd(), drainCmd())
	return root
}

func defaultHome() string {
	if home := os.Getenv("STORAGED_HOME"); home != "" {
		return home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ".storaged"
	}
	return filepath.Join(home, ".storaged")
}

// usage makes wrong arguments a mistake in the command line.
func usage(f cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error { return exit.With(exit.Usage, f(cmd, args)) }
}

// flag returns a string flag, which is defined.
func flag(cmd *cobra.Command, name string) string { return cmd.Flag(name).Value.String() }

func configPath(home string) string { return filepath.Join(home, "config.toml") }

// load reads the configuration of --home.
func load(cmd *cobra.Command) (storagenode.Config, error) {
	home := flag(cmd, "home")
	cfg, err := storagenode.LoadConfig(configPath(home))
	if os.IsNotExist(err) {
		return cfg, exit.With(exit.NotFound, fmt.Errorf("no configuration at %s; `storaged init` writes one", configPath(home)))
	}
	cfg.Home = home
	return cfg, exit.With(exit.Usage, err)
}

// openKeyring opens the keyring of the agent's key. Its name is streamd's, so that both can share one.
func openKeyring(cfg storagenode.Config, in io.Reader) (keyring.Keyring, error) {
	enc, err := chainclient.NewEncoding()
	if err != nil {
		return nil, err
	}
	dir := cfg.Identity.KeyringDir
	if dir == "" {
		dir = cfg.Home
	}
	return keyring.New("streamd", cfg.Identity.KeyringBackend, dir, in, enc.Codec)
}

// dial connects to the chain of the configuration, and waits for patience when it does not answer.
func dial(ctx context.Context, cfg storagenode.Config, patience time.Duration) (*chainclient.Client, error) {
	return chainclient.Dial(ctx, chainclient.Config{
		GRPC: cfg.Chain.GRPC, RPC: cfg.Chain.RPC, ChainID: cfg.Chain.ID, GasPrice: cfg.Chain.GasPrice, Register: storagenode.Modules, Patience: patience,
	})
}

// result prints v as JSON, or says it in words.
func result(cmd *cobra.Command, v any, words func(io.Writer)) error {
	switch o := flag(cmd, "output"); o {
	case "json":
		enc := json.NewEncoder(cmd.OutOrStdout())
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	case "text":
		words(cmd.OutOrStdout())
		return nil
	default:
		return exit.With(exit.Usage, fmt.Errorf("--output must be text or json, not %q", o))
	}
}
