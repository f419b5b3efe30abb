package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/storagenode"
)

func startCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "start", Short: "Run the node until it is told to stop", Args: cobra.NoArgs, Example: "storaged start --home ~/.storaged",
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := slog.LevelInfo
			if err := level.UnmarshalText([]byte(flag(cmd, "log-level"))); err != nil {
				return exit.With(exit.Usage, err)
			}
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			return start(cmd.Context(), cmd, cfg, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
		},
	}
	cmd.Flags().String("log-level", "info", "what is logged (debug|info|warn|error)")
	return cmd
}

func start(ctx context.Context, cmd *cobra.Command, cfg storagenode.Config, log *slog.Logger) error {
	kr, err := openKeyring(cfg, cmd.InOrStdin())
	if err != nil {
		return err
	}
	signer, err := chainclient.KeyringSigner(kr, cfg.Identity.Key)
	if err != nil {
		return exit.With(exit.NotFound, err)
	}
	client, chain, err := connect(ctx, cfg, signer, log)
	if err != nil {
		return err
	}
	defer client.Close()
	warnUnregistered(ctx, chain, cfg, log)
	n, err := storagenode.New(ctx, cfg, chain, log)
	if err != nil {
		return err
	}
	return n.Run(ctx, func(a net.Addr) {
		log.Info("serving", "listen", a.String(), "chain", chain.ChainID(), "height", chain.Height(), "operator", cfg.Identity.Operator, "agent", chain.Agent())
	})
}

// connect waits for the chain: a node that starts with the machine may be there first.
func connect(ctx context.Context, cfg storagenode.Config, signer chainclient.Signer, log *slog.Logger) (*chainclient.Client, *storagenode.Chain, error) {
	for {
		client, err := dial(ctx, cfg, 0)
		if err == nil {
			var chain *storagenode.Chain
			if chain, err = storagenode.NewChain(ctx, client, signer, cfg.Identity.Operator); err == nil {
				return client, chain, nil
			}
			err = errors.Join(err, client.Close())
		}
		if errors.Is(err, chainclient.ErrChainID) {
			return nil, nil, exit.With(exit.Usage, err)
		}
		log.Warn("the chain does not answer; trying again", "grpc", cfg.Chain.GRPC, "err", err)
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

// warnUnregistered tells what keeps the node from earning. It starts all the same: the operator may register later.
func warnUnregistered(ctx context.Context, chain *storagenode.Chain, cfg storagenode.Config, log *slog.Logger) {
	p, err := chain.Provider(ctx, cfg.Identity.Operator)
	switch {
	case err != nil:
		log.Warn("the operator is not registered as a provider; `storaged init` and `storaged doctor` say how", "operator", cfg.Identity.Operator, "err", err)
	case p.Agent != chain.Agent() && p.Operator != chain.Agent():
		log.Warn("the chain names another agent for this provider", "registered", p.Agent, "key", chain.Agent())
	}
}

var errUnhealthy = errors.New("the node is not healthy")

func unhealthy(format string, args ...any) error {
	return exit.With(exit.Network, fmt.Errorf("%w: "+format, append([]any{errUnhealthy}, args...)...))
}
