package localnet

import (
	"context"
	"errors"
	"os"
	"slices"

	"github.com/streamchain/streamchain/sponsor"
)

// sponsorPart is the name of the sponsor's process, account and key.
const sponsorPart = "sponsor"

// sponsored says whether the network has an account to sponsor newcomers from.
func (n *Net) sponsored() bool {
	return slices.ContainsFunc(n.saved.Accounts, func(a Account) bool { return a.Name == sponsorPart })
}

// upSponsor starts the sponsor where it is down.
func (n *Net) upSponsor(ctx context.Context) error {
	if !n.sponsored() {
		return nil
	}
	if n.pid(sponsorPart) == 0 {
		if err := n.requireFree(ctx, sponsorPart, portSponsor); err != nil {
			return err
		}
		if err := n.configureSponsor(); err != nil {
			return err
		}
		n.cfg.Says("starting the sponsor")
		if err := n.start(sponsorPart, n.cfg.Streamd, "sponsor", "start", "--home", n.path(sponsorPart)); err != nil {
			return err
		}
	}
	return n.await(ctx, sponsorPart, func(ctx context.Context) error {
		return get(ctx, n.Endpoints().Sponsor+"/v1/health", nil)
	})
}

// configureSponsor writes the sponsor's configuration, once: who edits it keeps the edit.
func (n *Net) configureSponsor() error {
	file := n.path(sponsorPart, "config.toml")
	if _, err := os.Stat(file); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(n.path(sponsorPart), 0o700); err != nil {
		return err
	}
	e, c := n.Endpoints(), sponsor.DefaultConfig()
	c.Local()
	c.Chain.ID, c.Chain.GRPC, c.Chain.RPC = n.saved.ChainID, e.GRPC, e.RPC
	c.Key.Name, c.Key.KeyringDir = sponsorPart, n.Keys()
	c.HTTP.URL, c.HTTP.Listen = e.Sponsor, n.host(portSponsor)
	return writeFile(file, []byte(c.Text()))
}
