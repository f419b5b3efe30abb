package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/indexer"
	"github.com/streamchain/streamchain/indexer/config"
	"github.com/streamchain/streamchain/indexer/store"
)

func initCmd() *cobra.Command {
	d := config.Default()
	cmd := &cobra.Command{
		Use: "init", Short: "Write the configuration", Args: cobra.NoArgs,
		Example: "indexerd init --url https://watch.example.org --app-rpc https://rpc.example.org --app-rest https://rest.example.org",
		RunE:    runInit,
	}
	f := cmd.Flags()
	f.String("chain-id", "", "id of the chain (whatever its node says)")
	f.String("grpc", d.Chain.GRPC, "gRPC address of a node of the chain")
	f.String("rpc", d.Chain.RPC, "RPC address of a node of the chain that has every block")
	f.String("manifests", "", "CAR file of manifests, for a chain whose genesis has works")
	f.String("listen", d.HTTP.Listen, "address and port to listen on")
	f.String("url", d.HTTP.URL, "URL at which the public reaches it")
	f.String("app-rpc", d.Apps.RPC, "RPC address that viewers' browsers reach")
	f.String("app-rest", d.Apps.REST, "REST address that viewers' browsers reach")
	f.String("sponsor", "", "URL of a sponsor of newcomers")
	f.Bool("local", false, "for a local network: nodes at private addresses")
	f.Bool("force", false, "replace a configuration that is there")
	return cmd
}

func runInit(cmd *cobra.Command, _ []string) error {
	cfg := config.Default()
	cfg.Home = flag(cmd, "home")
	cfg.Chain.ID, cfg.Chain.GRPC, cfg.Chain.RPC, cfg.Chain.Manifests = flag(cmd, "chain-id"), flag(cmd, "grpc"), flag(cmd, "rpc"), flag(cmd, "manifests")
	cfg.HTTP.Listen, cfg.HTTP.URL = flag(cmd, "listen"), strings.TrimRight(flag(cmd, "url"), "/")
	cfg.Apps.RPC, cfg.Apps.REST, cfg.Apps.Sponsor = flag(cmd, "app-rpc"), flag(cmd, "app-rest"), flag(cmd, "sponsor")
	cfg.Apps.AllowPrivateNodes = flag(cmd, "local") == "true"
	if err := cfg.Validate(); err != nil {
		return exit.With(exit.Usage, err)
	}
	path := configPath(cfg.Home)
	if _, err := os.Stat(path); err == nil && flag(cmd, "force") != "true" {
		return exit.With(exit.Usage, fmt.Errorf("%s is there already; --force replaces it", path))
	}
	if err := os.MkdirAll(cfg.Home, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(cfg.Text()), 0o600); err != nil {
		return err
	}
	return result(cmd, map[string]string{"config": path}, func(w io.Writer) {
		fmt.Fprintf(w, "Wrote %s; read it once, every line is explained.\n\nThen:\n  indexerd start\n", path)
	})
}

func startCmd() *cobra.Command {
	return logFlag(&cobra.Command{
		Use: "start", Short: "Follow the chain and serve until it is told to stop", Args: cobra.NoArgs, Example: "indexerd start --home ~/.indexerd",
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := logger(cmd)
			if err != nil {
				return err
			}
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			return code(indexer.Run(cmd.Context(), cfg, log, func(a net.Addr) { log.Info("serving", "listen", a.String(), "url", cfg.HTTP.URL) }))
		},
	})
}

func statusCmd() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show how far the running indexer is; exit code 7 where it is behind or does not answer", Args: cobra.NoArgs, Example: "indexerd status -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			h, err := ask(cmd, cfg)
			if err != nil {
				return exit.With(exit.Network, err)
			}
			if err := result(cmd, h, func(w io.Writer) { fmt.Fprintf(w, "block %d of %d\n", h.Height, h.ChainHeight) }); err != nil {
				return err
			}
			if !h.OK {
				return exit.With(exit.Network, fmt.Errorf("the indexer is not healthy: %s", h.Reason))
			}
			return nil
		},
	}
}

func ask(cmd *cobra.Command, cfg config.Config) (h indexer.Health, err error) {
	host, port, err := net.SplitHostPort(cfg.HTTP.Listen)
	if err != nil {
		return h, err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/health", http.NoBody)
	if err != nil {
		return h, err
	}
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return h, fmt.Errorf("the indexer does not answer: %w", err)
	}
	defer res.Body.Close()
	return h, json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&h)
}

func reindexCmd() *cobra.Command {
	var until int64
	cmd := logFlag(&cobra.Command{
		Use: "reindex", Short: "Throw the rows away and make them again from the chain; the indexer must not run", Args: cobra.NoArgs, Example: "indexerd reindex\nindexerd reindex --until 100000 && indexerd digest",
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := logger(cmd)
			if err != nil {
				return err
			}
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			start := time.Now()
			st, err := indexer.Reindex(cmd.Context(), cfg, log, until)
			if err != nil {
				return code(err)
			}
			done := map[string]any{"height": st.Height, "blocks": st.Blocks, "seconds": time.Since(start).Seconds()}
			return result(cmd, done, func(w io.Writer) {
				fmt.Fprintf(w, "block %d; %d blocks in %.1f s\n", st.Height, st.Blocks, time.Since(start).Seconds())
			})
		},
	})
	cmd.Flags().Int64Var(&until, "until", 0, "last block, to compare digests at one height (the newest)")
	return cmd
}

func digestCmd() *cobra.Command {
	return &cobra.Command{
		Use: "digest", Short: "Hash all rows: two indexes of one chain at one height have the same; the indexer must not run", Args: cobra.NoArgs, Example: "indexerd digest",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			s, err := store.Open(cmd.Context(), cfg.Dir())
			if err != nil {
				return code(err)
			}
			defer s.Close()
			height, err := s.Height(cmd.Context())
			if err != nil {
				return err
			}
			sum, err := s.Digest(cmd.Context())
			if err != nil {
				return err
			}
			return result(cmd, map[string]any{"height": height, "digest": sum}, func(w io.Writer) { fmt.Fprintf(w, "%d %s\n", height, sum) })
		},
	}
}
