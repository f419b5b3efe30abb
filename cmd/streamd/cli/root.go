package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	clientconfig "github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/version"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/cmd/internal/exit"
)

// Name is the program's name, and the prefix of its environment variables.
const Name = "streamd"

// Run executes one command line and returns its exit code.
func Run(args []string) int {
	// set when the program is linked; these make a plain `go run` say the same
	if version.AppName == "<appd>" || version.AppName == "" {
		version.Name, version.AppName = app.Name, Name
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := newRoot()
	if err == nil {
		root.SetArgs(amounts(args))
		err = root.ExecuteContext(withContexts(ctx))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", exit.Text(err))
	}
	return exit.Code(err)
}

// withContexts makes room for what the SDK's commands find in a command's context.
func withContexts(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, client.ClientContextKey, &client.Context{})
	return context.WithValue(ctx, server.ServerContextKey, server.NewDefaultContext())
}

// DefaultHome is $STREAMD_HOME, or ~/.streamd.
func DefaultHome() string {
	if home := os.Getenv("STREAMD_HOME"); home != "" {
		return home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ".streamd"
	}
	return filepath.Join(home, ".streamd")
}

// serverCommands need the node's configuration files; init makes them. Every other command
// must leave the home that it is pointed at as it is.
var serverCommands = []string{"start", "init", "comet", "export", "rollback", "snapshots", "genesis", "prune", "module-hash-by-height"}

func newRoot() (*cobra.Command, error) {
	// an app without state: it knows the codecs and the modules that the commands are made from
	bare := app.New(log.NewNopLogger(), dbm.NewMemDB(), false, app.Options{flags.FlagHome: DefaultHome()})
	base := client.Context{}.
		WithCodec(bare.AppCodec()).WithInterfaceRegistry(bare.InterfaceRegistry()).WithTxConfig(bare.TxConfig()).
		WithLegacyAmino(bare.LegacyAmino()).WithInput(os.Stdin).WithAccountRetriever(authtypes.AccountRetriever{}).
		WithHomeDir(DefaultHome()).WithViper("STREAMD")
	root := &cobra.Command{
		Use:           Name,
		Short:         "StreamChain: publish media, be paid, watch and pay",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return prepare(cmd, base)
		},
	}
	root.PersistentFlags().String(flags.FlagHome, DefaultHome(), "folder of keys, configuration and data (or $STREAMD_HOME)")
	root.PersistentFlags().String(flags.FlagLogLevel, "info", "the least level of what is logged")
	root.PersistentFlags().String(flags.FlagLogFormat, "plain", "format of the log (plain|json)")
	root.PersistentFlags().Bool(flags.FlagLogNoColor, false, "log without colours")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exit.With(exit.Usage, err) })
	addCommands(root, bare)
	if err := bare.AutoCLI().EnhanceRootCommand(root); err != nil {
		return nil, err
	}
	finish(root)
	return root, nil
}

// prepare reads the configuration of the home folder that the command is pointed at.
func prepare(cmd *cobra.Command, base client.Context) error {
	cmd.SetOut(cmd.OutOrStdout())
	cmd.SetErr(cmd.ErrOrStderr())
	words := commandWords(cmd)
	if len(words) == 0 || slices.Contains(homeless, words[0]) {
		return nil
	}
	ctx, err := client.ReadPersistentCommandFlags(base.WithCmdContext(cmd.Context()), cmd.Flags())
	if err != nil {
		return err
	}
	if ctx, err = clientconfig.ReadFromClientConfig(ctx); err != nil {
		return err
	}
	if err := client.SetCmdClientContextHandler(ctx, cmd); err != nil {
		return err
	}
	if err := defaultFees(cmd); err != nil {
		return err
	}
	if !slices.Contains(serverCommands, words[0]) {
		return nil
	}
	return server.InterceptConfigsPreRunHandler(cmd, appTemplate(), appConfig(), cometConfig())
}

// homeless commands read no home folder of a client or node.
var homeless = []string{"localnet", "version", "completion", "help", "__complete", "__completeNoDesc", "verify-invariants", "doctor", "demo", "sponsor"}

// commandWords are the names of the commands from below the root to cmd.
func commandWords(cmd *cobra.Command) []string {
	var words []string
	for ; cmd.HasParent(); cmd = cmd.Parent() {
		words = append([]string{cmd.Name()}, words...)
	}
	return words
}

// cometConfig is the consensus engine's configuration of a new node.
func cometConfig() *cmtcfg.Config {
	cfg := cmtcfg.DefaultConfig()
	// a validator whose key signs on another machine too must find out before it double signs
	cfg.Consensus.DoubleSignCheckHeight = 10
	cfg.Consensus.TimeoutCommit = 2 * time.Second
	return cfg
}
