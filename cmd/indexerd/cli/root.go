package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/indexer"
	"github.com/streamchain/streamchain/indexer/config"
	"github.com/streamchain/streamchain/indexer/project"
	"github.com/streamchain/streamchain/indexer/store"
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
		Use: "indexerd", Short: "The indexer of StreamChain: follows the chain, serves the discovery API and the web app",
		SilenceErrors: true, SilenceUsage: true, Version: indexer.Version,
	}
	root.PersistentFlags().String("home", defaultHome(), "folder of configuration and index (or $INDEXERD_HOME)")
	root.PersistentFlags().StringP("output", "o", "text", "format of the result (text|json)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exit.With(exit.Usage, err) })
	root.AddCommand(initCmd(), startCmd(), statusCmd(), reindexCmd(), digestCmd())
	return root
}

func defaultHome() string {
	if home := os.Getenv("INDEXERD_HOME"); home != "" {
		return home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ".indexerd"
	}
	return filepath.Join(home, ".indexerd")
}

// flag returns a flag, which is defined, as text.
func flag(cmd *cobra.Command, name string) string { return cmd.Flag(name).Value.String() }

func configPath(home string) string { return filepath.Join(home, "config.toml") }

// load reads the configuration of --home.
func load(cmd *cobra.Command) (config.Config, error) {
	home := flag(cmd, "home")
	cfg, err := config.Load(configPath(home))
	if os.IsNotExist(err) {
		return cfg, exit.With(exit.NotFound, fmt.Errorf("no configuration at %s; `indexerd init` writes one", configPath(home)))
	}
	cfg.Home = home
	return cfg, exit.With(exit.Usage, err)
}

// logger writes to standard error from --log-level on.
func logger(cmd *cobra.Command) (*slog.Logger, error) {
	level := slog.LevelInfo
	if err := level.UnmarshalText([]byte(flag(cmd, "log-level"))); err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})), nil
}

func logFlag(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().String("log-level", "info", "what is logged (debug|info|warn|error)")
	return cmd
}

// code gives the errors of an index their exit codes.
func code(err error) error {
	switch {
	case errors.Is(err, config.ErrConfig), errors.Is(err, store.ErrChain), errors.Is(err, store.ErrSchema), errors.Is(err, store.ErrLocked), errors.Is(err, chainclient.ErrChainID):
		return exit.With(exit.Usage, err)
	case errors.Is(err, project.ErrFork), errors.Is(err, project.ErrGap):
		return exit.With(exit.Content, err)
	}
	return err
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
