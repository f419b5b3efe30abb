package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// state is what status prints.
type state struct {
	Info   wire.Info   `json:"info"`
	Health wire.Health `json:"health"`
	// Proofs is what the chain says; nil where it does not answer.
	Proofs *standing `json:"proofs,omitempty"`
}

func statusCmd() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show how the running node is; exit code 7 where it is not healthy", Args: cobra.NoArgs, Example: "storaged status -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			base := localURL(cfg)
			var s state
			hc := &http.Client{Timeout: 10 * time.Second}
			if s.Info, err = nodeclient.New(hc, base).Info(cmd.Context()); err != nil {
				return unhealthy("%s does not answer: %w", base, err)
			}
			req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, base+"/v1/health", nil)
			if err != nil {
				return unhealthy("%w", err)
			}
			res, err := hc.Do(req)
			if err != nil {
				return unhealthy("%w", err)
			}
			defer res.Body.Close()
			if err := json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&s.Health); err != nil {
				return unhealthy("%w", err)
			}
			s.Proofs = askStanding(cmd.Context(), cfg)
			if err := result(cmd, s, s.say); err != nil {
				return err
			}
			if !s.Health.OK {
				return unhealthy("%s", strings.Join(s.Health.Reasons, ", "))
			}
			return nil
		},
	}
}

// localURL is where the node listens, from this machine.
func localURL(cfg storagenode.Config) string {
	host, port, err := net.SplitHostPort(cfg.HTTP.Listen)
	if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func (s state) say(w io.Writer) {
	i := s.Info
	fmt.Fprintf(w, "chain     %s at height %d, %d s old\n", i.ChainID, i.Height, s.Health.TipAge)
	fmt.Fprintf(w, "operator  %s\nagent     %s\nendpoint  %s (%s)\n", i.Operator, i.Agent, i.Endpoint, i.Region)
	fmt.Fprintf(w, "works     %d, %s of %s free\n", i.Works, storagenode.Size(i.Free>>20<<20), storagenode.Size(i.Capacity))
	fmt.Fprintf(w, "use       %d open sessions of price zero, %d seconds not reported\n", i.Use.Sessions, i.Use.Unreported)
	if i.Draining {
		fmt.Fprintf(w, "draining  takes nothing new; `storaged drain` says how far it is\n")
	}
	if s.Proofs != nil {
		s.Proofs.say(w)
	} else {
		fmt.Fprintf(w, "proofs    the chain does not answer\n")
	}
	health := "ok"
	if !s.Health.OK {
		health = strings.Join(s.Health.Reasons, ", ")
	}
	fmt.Fprintf(w, "health    %s\n", health)
}
