package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/token"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// made is what init did.
type made struct {
	Config   string `json:"config"`
	Operator string `json:"operator"`
	Agent    string `json:"agent"`
	// Mnemonic is the new agent key's; empty where the key was there.
	Mnemonic string `json:"mnemonic,omitempty"`
	// Register are the arguments of streamd with which the operator registers the node.
	Register []string `json:"register"`
}

func initCmd() *cobra.Command {
	d := storagenode.DefaultConfig()
	cmd := &cobra.Command{
		Use: "init", Short: "Write the configuration and make the agent's key", Args: cobra.NoArgs,
		Example: "storaged init --operator stream1… --endpoint https://node.example.org --region eu-north --capacity 500GiB --price 0.001stream",
		RunE:    runInit,
	}
	f := cmd.Flags()
	f.String("operator", "", "address of the provider's cold account (needed)")
	f.String("endpoint", "", "URL at which viewers reach the node (needed)")
	f.String("region", d.Offer.Region, "your own label of where the node is")
	f.String("capacity", d.Storage.Capacity.String(), "how much the node may keep")
	f.String("max-upload", "", "the largest piece (64GiB, or the capacity where that is less)")
	f.String("price", d.Offer.Price, "for keeping a GiB for a day")
	f.String("listen", d.HTTP.Listen, "address and port to listen on")
	f.String("chain-id", "", "id of the chain (whatever its node says)")
	f.String("grpc", d.Chain.GRPC, "gRPC address of a node of the chain")
	f.String("rpc", d.Chain.RPC, "RPC address of a node of the chain")
	f.String("key", d.Identity.Key, "name of the agent's key; made where it is not there")
	f.String("keyring-backend", d.Identity.KeyringBackend, "keyring of the key (test|file|os)")
	f.String("keyring-dir", "", "folder of the keyring (the home)")
	f.Bool("local", false, "for a local network: private peers, quick settling")
	f.Bool("force", false, "replace a configuration that is there")
	return cmd
}

func runInit(cmd *cobra.Command, _ []string) error {
	cfg, err := configOf(cmd)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	path := configPath(cfg.Home)
	if _, err := os.Stat(path); err == nil && flag(cmd, "force") != "true" {
		return exit.With(exit.Usage, fmt.Errorf("%s is there already; --force replaces it", path))
	}
	if err := os.MkdirAll(cfg.Home, 0o700); err != nil {
		return err
	}
	agent, mnemonic, err := agentKey(cmd, cfg)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(cfg.Text()), 0o600); err != nil {
		return err
	}
	m := made{Config: path, Operator: cfg.Identity.Operator, Agent: agent, Mnemonic: mnemonic, Register: register(cfg, agent)}
	return result(cmd, m, func(w io.Writer) { m.say(w) })
}

func configOf(cmd *cobra.Command) (storagenode.Config, error) {
	cfg := storagenode.DefaultConfig()
	cfg.Home = flag(cmd, "home")
	cfg.Identity.Operator, cfg.Offer.Endpoint = flag(cmd, "operator"), strings.TrimRight(flag(cmd, "endpoint"), "/")
	if cfg.Identity.Operator == "" || cfg.Offer.Endpoint == "" {
		return cfg, errors.New("--operator and --endpoint are needed")
	}
	cfg.Offer.Region, cfg.Offer.Price, cfg.HTTP.Listen = flag(cmd, "region"), flag(cmd, "price"), flag(cmd, "listen")
	cfg.Chain.ID, cfg.Chain.GRPC, cfg.Chain.RPC = flag(cmd, "chain-id"), flag(cmd, "grpc"), flag(cmd, "rpc")
	cfg.Identity.Key, cfg.Identity.KeyringBackend, cfg.Identity.KeyringDir = flag(cmd, "key"), flag(cmd, "keyring-backend"), flag(cmd, "keyring-dir")
	if err := cfg.Storage.Capacity.UnmarshalText([]byte(flag(cmd, "capacity"))); err != nil {
		return cfg, err
	}
	cfg.Storage.MaxUpload = min(cfg.Storage.MaxUpload, cfg.Storage.Capacity)
	if v := flag(cmd, "max-upload"); v != "" {
		if err := cfg.Storage.MaxUpload.UnmarshalText([]byte(v)); err != nil {
			return cfg, err
		}
	}
	if flag(cmd, "local") == "true" {
		cfg.Local()
	}
	return cfg, cfg.Validate()
}

// agentKey returns the agent's address, of a new key where there is none.
func agentKey(cmd *cobra.Command, cfg storagenode.Config) (address, mnemonic string, err error) {
	kr, err := openKeyring(cfg, cmd.InOrStdin())
	if err != nil {
		return "", "", err
	}
	rec, err := kr.Key(cfg.Identity.Key)
	if err != nil {
		rec, mnemonic, err = kr.NewMnemonic(cfg.Identity.Key, keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
	}
	if err != nil {
		return "", "", fmt.Errorf("key %q: %w", cfg.Identity.Key, err)
	}
	addr, err := rec.GetAddress()
	return addr.String(), mnemonic, err
}

// register are the arguments of the operator's transaction. The bond is what the chain's defaults ask.
func register(cfg storagenode.Config, agent string) []string {
	price, err := token.Parse(cfg.Offer.Price)
	if err != nil {
		price = token.Coin(0)
	}
	bond := storagetypes.DefaultParams().RequiredBond(uint64(cfg.Storage.Capacity))
	return []string{
		"tx", "storage", "register-provider", "--agent", agent, "--endpoints", cfg.Offer.Endpoint, "--region", cfg.Offer.Region,
		"--capacity-bytes", fmt.Sprint(uint64(cfg.Storage.Capacity)), "--price-per-gib-day", price.Amount.String(), "--bond", bond.String(), "--from", cfg.Identity.Operator,
	}
}

func (m made) say(w io.Writer) {
	fmt.Fprintf(w, "Wrote %s; read it once, every line is explained.\n", m.Config)
	if m.Mnemonic != "" {
		fmt.Fprintf(w, "\nThe agent's new key, %s, in words; keep them away from this machine:\n  %s\n", m.Agent, m.Mnemonic)
	}
	fmt.Fprintf(w, "\nNext, with the operator's key, which stays off this machine: register the node and lock its bond, and give the agent some STREAM for gas:\n")
	fmt.Fprintf(w, "  streamd %s\n  streamd tx bank send %s %s 10stream\n", strings.Join(m.Register, " "), m.Operator, m.Agent)
	fmt.Fprintf(w, "\nThen:\n  storaged doctor\n  storaged start\n")
}
