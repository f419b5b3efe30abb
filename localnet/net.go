package localnet

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/streamchain/streamchain/token"
)

const (
	// ChainID is the chain's id.
	ChainID = "streamchain-local-1"
	// MaxNodes is how many storage nodes have an operator's account.
	MaxNodes = 8
)

// ErrNotSetUp is returned where the home folder holds no network.
var ErrNotSetUp = errors.New("there is no local network: `streamd localnet up` makes one")

// Config says where the network is and what it is made of.
type Config struct {
	Home     string
	Streamd  string // path of the binary
	Storaged string // path of the binary; may be missing where there are no nodes
	Indexerd string // path of the binary; may be missing: there is no web app then
	Nodes    int    // storage nodes; negative: as many as last time, three at first
	BasePort int    // added to every port; negative: as last time, zero at first
	// Params are parameters of a new network that differ from every local one's; for tests.
	Params []Param
	// Says gets a line for each step; nil: nothing.
	Says func(string)
}

// Account is a funded account of the network.
type Account struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Role    string `json:"role"`
	Amount  int64  `json:"amount,string"` // at genesis, in ustream
}

// saved is net.json.
type saved struct {
	ChainID  string    `json:"chain_id"`
	Nodes    int       `json:"nodes"`
	BasePort int       `json:"base_port"`
	Accounts []Account `json:"accounts"`
}

// Net is a local network. Methods of two Nets on one home exclude each other by a lock.
type Net struct {
	cfg   Config
	saved saved
}

// Open reads what is known of the network at cfg.Home, which may be nothing yet.
func Open(cfg Config) (*Net, error) {
	home, err := filepath.Abs(cfg.Home)
	if err != nil {
		return nil, err
	}
	cfg.Home = home
	if cfg.Says == nil {
		cfg.Says = func(string) {}
	}
	n := &Net{cfg: cfg, saved: saved{ChainID: ChainID, Nodes: 3}}
	raw, err := os.ReadFile(n.path("net.json"))
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal(raw, &n.saved); err != nil {
			return nil, fmt.Errorf("%s cannot be read (`streamd localnet reset` starts over): %w", n.path("net.json"), err)
		}
	}
	if cfg.Nodes > MaxNodes {
		return nil, fmt.Errorf("at most %d storage nodes", MaxNodes)
	}
	if n.setUp() && cfg.BasePort >= 0 && cfg.BasePort != n.saved.BasePort {
		return nil, fmt.Errorf("the network in %s uses base port %d: leave out --base-port, or reset it first", home, n.saved.BasePort)
	}
	if cfg.Nodes >= 0 {
		n.saved.Nodes = cfg.Nodes
	}
	if cfg.BasePort >= 0 {
		n.saved.BasePort = cfg.BasePort
	}
	return n, nil
}

func (n *Net) setUp() bool { return len(n.saved.Accounts) > 0 }

func (n *Net) path(parts ...string) string {
	return filepath.Join(append([]string{n.cfg.Home}, parts...)...)
}

// Keys is the home folder for commands of people: `streamd … --home KEYS --from alice`.
func (n *Net) Keys() string { return n.path("keys") }

// Accounts are the funded accounts.
func (n *Net) Accounts() []Account { return n.saved.Accounts }

func (n *Net) save() error {
	raw, err := json.MarshalIndent(n.saved, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(n.path("net.json"), append(raw, '\n'))
}

// writeFile replaces a file as a whole: a kill leaves the old one or the new one.
func writeFile(path string, raw []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

const stream = 1_000_000 // ustream

// plan lists the accounts of a new network; the treasury has no key.
func plan() []Account {
	accounts := []Account{
		{Name: "val0", Role: "runs the validator", Amount: 1_000_000 * stream},
		{Name: "alice", Role: "creator", Amount: 1000 * stream},
		{Name: "bob", Role: "creator", Amount: 1000 * stream},
		{Name: "viewer", Role: "watches and pays", Amount: 1000 * stream},
		{Name: sponsorPart, Role: "pays newcomers' fees, and gives them a little to start with", Amount: 1000 * stream},
	}
	for i := range MaxNodes {
		accounts = append(accounts, Account{Name: fmt.Sprintf("op%d", i), Role: fmt.Sprintf("operates node%d", i), Amount: 10_000 * stream})
	}
	rest := int64(supply - treasury)
	for _, a := range accounts {
		rest -= a.Amount
	}
	return append(accounts, Account{Name: "ecosystem", Role: "the faucet of `streamd localnet fund`", Amount: rest})
}

const (
	supply   = 100_000_000 * stream
	treasury = 30_000_000 * stream
	// selfBond is what val0 stakes.
	selfBond = 500_000 * stream
)

func coins(amount int64) string { return fmt.Sprintf("%d%s", amount, token.BaseDenom) }
