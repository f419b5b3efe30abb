package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/token"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// finding is one check. Fix says what to do where it is not OK.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Says  string `json:"says"`
	Fix   string `json:"fix,omitempty"`
}

// doctor collects findings.
type doctor struct {
	cfg      storagenode.Config
	findings []finding
}

func (d *doctor) good(check, says string, args ...any) {
	d.findings = append(d.findings, finding{Check: check, OK: true, Says: fmt.Sprintf(says, args...)})
}

func (d *doctor) bad(check, fix, says string, args ...any) {
	d.findings = append(d.findings, finding{Check: check, Says: fmt.Sprintf(says, args...), Fix: fix})
}

func doctorCmd() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Check configuration, disk, port, key, chain, clock, registration and proofs", Args: cobra.NoArgs, Example: "storaged doctor",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(cmd)
			if err != nil {
				return err
			}
			d := &doctor{cfg: cfg}
			d.good("configuration", "%s", configPath(cfg.Home))
			d.disk()
			d.denylists()
			d.port(cmd.Context())
			d.outside(cmd.Context(), cmd)
			if err := result(cmd, d.findings, d.say); err != nil {
				return err
			}
			for _, f := range d.findings {
				if !f.OK {
					return exit.With(exit.Other, fmt.Errorf("%s: %s", f.Check, f.Fix))
				}
			}
			return nil
		},
	}
}

func (d *doctor) say(w io.Writer) {
	for _, f := range d.findings {
		mark := "ok  "
		if !f.OK {
			mark = "FAIL"
		}
		fmt.Fprintf(w, "%s  %-14s %s\n", mark, f.Check, f.Says)
		if f.Fix != "" {
			fmt.Fprintf(w, "      → %s\n", f.Fix)
		}
	}
}

// disk checks that there is room and that the folder can be written.
func (d *doctor) disk() {
	probe := filepath.Join(d.cfg.Home, ".doctor")
	err := os.WriteFile(probe, []byte("x"), 0o600)
	if err == nil {
		err = os.Remove(probe)
	}
	if err != nil {
		d.bad("disk", "make the folder writable for this user", "%v", err)
		return
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.cfg.Home, &fs); err != nil {
		d.bad("disk", "check the disk", "%v", err)
		return
	}
	used := dirSize(filepath.Join(d.cfg.Home, "data"))
	there, wants := fs.Bavail*uint64(fs.Bsize)+used, uint64(d.cfg.Storage.Capacity)
	if there < wants {
		d.bad("disk", "lower storage.capacity or use a larger disk", "%s free and used, storage.capacity is %s", storagenode.Size(there>>20<<20), d.cfg.Storage.Capacity)
		return
	}
	d.good("disk", "room for %s", d.cfg.Storage.Capacity)
}

func dirSize(dir string) (n uint64) {
	_ = filepath.Walk(dir, func(_ string, fi os.FileInfo, err error) error {
		if err == nil && fi.Mode().IsRegular() {
			n += uint64(fi.Size())
		}
		return nil
	})
	return n
}

// port checks that the port is free, or that this very node has it.
func (d *doctor) port(ctx context.Context) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", d.cfg.HTTP.Listen)
	if err == nil {
		_ = l.Close()
		d.good("port", "%s is free", d.cfg.HTTP.Listen)
		return
	}
	info, infoErr := nodeclient.New(&http.Client{Timeout: 5 * time.Second}, localURL(d.cfg)).Info(ctx)
	if infoErr == nil && info.Operator == d.cfg.Identity.Operator {
		d.good("port", "this node is running on %s", d.cfg.HTTP.Listen)
		d.endpoint(ctx)
		return
	}
	d.bad("port", "stop the other program, or change http.listen", "%v", err)
}

// endpoint checks, of a running node, that its public URL leads to it.
func (d *doctor) endpoint(ctx context.Context) {
	info, err := nodeclient.New(&http.Client{Timeout: 10 * time.Second}, d.cfg.Offer.Endpoint).Info(ctx)
	switch {
	case err != nil:
		d.bad("endpoint", "check DNS, TLS, firewall and port forwarding", "%s: %v", d.cfg.Offer.Endpoint, err)
	case info.Operator != d.cfg.Identity.Operator:
		d.bad("endpoint", "point offer.endpoint at this node", "%s is another node's", d.cfg.Offer.Endpoint)
	default:
		d.good("endpoint", "%s leads here", d.cfg.Offer.Endpoint)
	}
}

// maxSkew is how far clock and chain may differ.
const maxSkew = 30 * time.Second

// outside checks key, chain, clock, gas money and registration.
func (d *doctor) outside(ctx context.Context, cmd *cobra.Command) {
	kr, err := openKeyring(d.cfg, cmd.InOrStdin())
	var signer chainclient.Signer
	if err == nil {
		signer, err = chainclient.KeyringSigner(kr, d.cfg.Identity.Key)
	}
	if err != nil {
		d.bad("key", "name the agent's key in identity.key, or make it with `storaged init`", "%v", err)
		return
	}
	d.good("key", "%s is %s", d.cfg.Identity.Key, signer.Address())
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	client, err := dial(ctx, d.cfg, 3*time.Second)
	if err != nil {
		d.bad("chain", "check chain.grpc, chain.rpc and chain.id", "%v", err)
		return
	}
	defer client.Close()
	st, err := client.Status(ctx)
	if err != nil || st.CatchingUp {
		d.bad("chain", "wait until the chain's node has caught up", "%s at height %d: %v", client.ChainID(), st.Height, err)
		return
	}
	d.good("chain", "%s at height %d", client.ChainID(), st.Height)
	if skew := time.Since(st.Time); skew < -maxSkew || skew > 2*maxSkew {
		d.bad("clock", "set the clock with NTP; or the chain stands still", "the newest block is %s old", skew.Round(time.Second))
	} else {
		d.good("clock", "the newest block is %s old", skew.Round(time.Second))
	}
	d.gas(ctx, client, signer)
	d.registration(ctx, client, signer)
	d.proofs(ctx, client, signer)
}

func (d *doctor) gas(ctx context.Context, client *chainclient.Client, signer chainclient.Signer) {
	res, err := banktypes.NewQueryClient(client.Conn()).Balance(ctx, &banktypes.QueryBalanceRequest{Address: signer.Address().String(), Denom: token.BaseDenom})
	if err != nil || res.Balance == nil || res.Balance.Amount.LT(token.Coin(100_000).Amount) {
		d.bad("gas", "send the agent some STREAM: streamd tx bank send OPERATOR "+signer.Address().String()+" 10stream", "the agent has less than 0.1 STREAM")
		return
	}
	d.good("gas", "the agent has %s", token.Format(*res.Balance))
}

func (d *doctor) registration(ctx context.Context, client *chainclient.Client, signer chainclient.Signer) {
	chain, err := storagenode.NewChain(ctx, client, signer, d.cfg.Identity.Operator)
	var p storagetypes.Provider
	if err == nil {
		p, err = chain.Provider(ctx, d.cfg.Identity.Operator)
	}
	agent := signer.Address().String()
	switch {
	case err != nil:
		d.bad("registration", "register the node: streamd "+strings.Join(register(d.cfg, agent), " "), "%v", err)
	case p.Status != storagetypes.PROVIDER_STATUS_ACTIVE:
		d.bad("registration", "register again to take deals", "the provider is leaving or gone")
	case p.Agent != agent && p.Operator != agent:
		d.bad("registration", "name this agent: streamd tx storage update-provider --agent "+agent, "the chain names the agent %s", p.Agent)
	case len(p.Endpoints) == 0 || p.Endpoints[0] != d.cfg.Offer.Endpoint:
		d.bad("registration", "make offer.endpoint and the registered endpoint agree", "the chain has %v", p.Endpoints)
	default:
		d.good("registration", "bonded with %s ustream, %d deals", p.Bond, p.ActiveDeals)
		d.bond(ctx, chain, p)
	}
}

// bond says whether a slash, or a refusal, has left the bond too small for new works.
func (d *doctor) bond(ctx context.Context, chain *storagenode.Chain, p storagetypes.Provider) {
	params, err := chain.StorageParams(ctx)
	if err != nil {
		d.bad("bond", "check chain.grpc", "%v", err)
		return
	}
	if missing := params.RequiredBond(p.CapacityBytes).Sub(p.Bond); missing.IsPositive() {
		d.bad("bond", fmt.Sprintf("add to it: streamd tx storage add-bond %s --from %s", missing, p.Operator), "it is too small for the capacity: the node takes nothing new")
	}
}

// denylists says whether a list is broken.
func (d *doctor) denylists() {
	l, err := denylist.Open(d.cfg.DenylistCopies(), d.cfg.OwnDenylist(), d.cfg.Denylists(), slog.New(slog.DiscardHandler))
	if err != nil {
		d.bad("denylists", "mend the file, or take it out of denylist.files", "%v", err)
		return
	}
	for _, s := range l.States() {
		if s.Broken != "" {
			d.bad("denylists", "mend the file; what it said before counts", "%s: %s", s.File, s.Broken)
			return
		}
	}
	d.good("denylists", "%d rules", l.Rules())
}
