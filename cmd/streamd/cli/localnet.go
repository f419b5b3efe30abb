package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/localnet"
	"github.com/streamchain/streamchain/token"
)

// localnetHome is where a network lies when nothing else is said.
const localnetHome = ".localnet"

func localnetCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "localnet", Short: "A network of your own on this machine"}
	cmd.PersistentFlags().String(flags.FlagHome, localnetHome, "folder of the network")
	cmd.PersistentFlags().StringP(flags.FlagOutput, "o", "text", "format of the result (text|json)")
	up := &cobra.Command{
		Use: "up", Short: "Start the network, or what of it is down", Args: cobra.NoArgs,
		Example: "streamd localnet up --nodes 3",
		RunE:    withNet(netUp),
	}
	up.Flags().Int("nodes", -1, "storage nodes (as many as last time; three at first)")
	up.Flags().Int("base-port", -1, "number that is added to every port of a new network")
	cmd.AddCommand(up,
		&cobra.Command{Use: "down", Short: "Stop the network", Args: cobra.NoArgs, RunE: withNet(
			func(_ *cobra.Command, n *localnet.Net, _ []string) error { return n.Down() })},
		&cobra.Command{Use: "status", Short: "Show what runs where; exit code 7 where something is down", Args: cobra.NoArgs, RunE: withNet(netStatus)},
		&cobra.Command{
			Use: "fund NAME_OR_ADDRESS AMOUNT", Short: "Send coins to an account", Args: cobra.ExactArgs(2),
			Example: "streamd localnet fund alice 100stream",
			RunE:    withNet(netFund),
		},
		&cobra.Command{Use: "reset", Short: "Stop the network and forget all of it", Args: cobra.NoArgs, RunE: withNet(
			func(_ *cobra.Command, n *localnet.Net, _ []string) error { return n.Reset() })},
	)
	return cmd
}

// withNet opens the network that the flags name.
func withNet(run func(*cobra.Command, *localnet.Net, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		home, err := cmd.Flags().GetString(flags.FlagHome)
		if err != nil {
			return err
		}
		self, err := os.Executable()
		if err != nil {
			return err
		}
		cfg := localnet.Config{
			Home: home, Streamd: self, Storaged: filepath.Join(filepath.Dir(self), "storaged"),
			Indexerd: filepath.Join(filepath.Dir(self), "indexerd"), Nodes: -1, BasePort: -1,
			Says: func(s string) { fmt.Fprintln(cmd.ErrOrStderr(), "·", s) },
		}
		if f := cmd.Flags().Lookup("nodes"); f != nil && f.Changed {
			if cfg.Nodes, err = cmd.Flags().GetInt("nodes"); err != nil || cfg.Nodes < 0 {
				return exit.With(exit.Usage, errors.New("--nodes must be 0 or more"))
			}
		}
		if f := cmd.Flags().Lookup("base-port"); f != nil && f.Changed {
			if cfg.BasePort, err = cmd.Flags().GetInt("base-port"); err != nil || cfg.BasePort < 0 || cfg.BasePort > 30000 {
				return exit.With(exit.Usage, errors.New("--base-port must be 0 to 30000"))
			}
		}
		n, err := localnet.Open(cfg)
		if err != nil {
			return err
		}
		err = run(cmd, n, args)
		if errors.Is(err, localnet.ErrNotSetUp) {
			return exit.With(exit.NotFound, err)
		}
		return err
	}
}

func netUp(cmd *cobra.Command, n *localnet.Net, _ []string) error {
	if err := n.Up(cmd.Context()); err != nil {
		return err
	}
	s, err := n.Status(cmd.Context())
	if err != nil {
		return err
	}
	if err := printStatus(cmd, s); err != nil {
		return err
	}
	e := cmd.ErrOrStderr()
	fmt.Fprintf(e, "\nTo add the chain to a wallet, paste %s.\nNext:\n", filepath.Join(s.Home, "chain.json"))
	fmt.Fprintf(e, "  export STREAMD_HOME=%s\n  streamd query bank balances viewer\n  streamd tx bank send viewer alice 1.5stream --yes\n", s.Keys)
	return nil
}

func netStatus(cmd *cobra.Command, n *localnet.Net, _ []string) error {
	s, err := n.Status(cmd.Context())
	if err != nil {
		return err
	}
	if err := printStatus(cmd, s); err != nil {
		return err
	}
	if !s.Up() {
		return exit.With(exit.Network, errors.New("something is down: `streamd localnet up` starts it again"))
	}
	return nil
}

func printStatus(cmd *cobra.Command, s localnet.Status) error {
	format, err := cmd.Flags().GetString(flags.FlagOutput)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if format == flags.OutputFormatJSON {
		return json.NewEncoder(out).Encode(s)
	}
	fmt.Fprintf(out, "%s at height %d\n", s.ChainID, s.Height)
	for _, p := range s.Parts {
		state := "down"
		if p.Answers {
			state = "up"
		} else if p.PID != 0 {
			state = "does not answer"
		}
		fmt.Fprintf(out, "  %-8s %-16s pid %-8d %s\n", p.Name, state, p.PID, p.Log)
	}
	fmt.Fprintf(out, "rpc %s · grpc %s · rest %s (description at /openapi/)\n", s.Endpoints.RPC, s.Endpoints.GRPC, s.Endpoints.REST)
	for i, url := range s.Endpoints.Nodes {
		fmt.Fprintf(out, "node%d %s\n", i, url)
	}
	if s.Endpoints.Sponsor != "" {
		fmt.Fprintf(out, "sponsor of empty wallets %s\n", s.Endpoints.Sponsor)
	}
	if s.Endpoints.Web != "" {
		fmt.Fprintf(out, "web app %s · discovery API %s/api/v1\n", s.Endpoints.Web, s.Endpoints.Web)
	}
	if s.PairingCode != "" {
		fmt.Fprintf(out, "packager %s · to publish in the web app, pair it with the code %s\n", s.Endpoints.Packager, s.PairingCode)
	}
	printAccounts(out, s.Accounts)
	return nil
}

func printAccounts(out io.Writer, accounts []localnet.Account) {
	fmt.Fprintln(out, "accounts (what they had at the start):")
	for _, a := range accounts {
		fmt.Fprintf(out, "  %-10s %s %20s  %s\n", a.Name, a.Address, token.Format(token.Coin(a.Amount)), a.Role)
	}
}

func netFund(cmd *cobra.Command, n *localnet.Net, args []string) error {
	amount, err := token.Parse(args[1])
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	hash, err := n.Fund(cmd.Context(), args[0], amount)
	if err != nil {
		return err
	}
	return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]string{"tx": hash})
}
