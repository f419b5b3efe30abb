package localnet

import (
	"context"
	"errors"
	"os"

	"github.com/streamchain/streamchain/indexer/config"
)

// indexerPart is the name of the indexer's process.
const indexerPart = "indexer"

// indexed says whether the network has an indexer: where there are nodes, and the binary.
func (n *Net) indexed() bool {
	if n.saved.Nodes == 0 || n.cfg.Indexerd == "" {
		return false
	}
	_, err := os.Stat(n.cfg.Indexerd)
	return err == nil
}

// upIndexer starts the indexer where it is down. It serves the web app.
func (n *Net) upIndexer(ctx context.Context) error {
	if !n.indexed() {
		if n.saved.Nodes > 0 {
			n.cfg.Says("no indexer and no web app: indexerd is not beside streamd (`make build` makes it)")
		}
		return nil
	}
	if n.pid(indexerPart) == 0 {
		if err := n.requireFree(ctx, indexerPart, portIndexer); err != nil {
			return err
		}
		if err := n.configureIndexer(); err != nil {
			return err
		}
		n.cfg.Says("starting the indexer")
		if err := n.start(indexerPart, n.cfg.Indexerd, "start", "--home", n.path(indexerPart)); err != nil {
			return err
		}
	}
	return n.await(ctx, indexerPart, func(ctx context.Context) error {
		return get(ctx, n.Endpoints().Web+"/live", nil)
	})
}

// configureIndexer writes the indexer's configuration, once: who edits it keeps the edit.
func (n *Net) configureIndexer() error {
	file := n.path(indexerPart, "config.toml")
	if _, err := os.Stat(file); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(n.path(indexerPart), 0o700); err != nil {
		return err
	}
	e, c := n.Endpoints(), config.Default()
	c.Chain.ID, c.Chain.GRPC, c.Chain.RPC = n.saved.ChainID, e.GRPC, e.RPC
	c.HTTP.Listen, c.HTTP.URL = n.host(portIndexer), e.Web
	c.Apps.RPC, c.Apps.REST, c.Apps.Sponsor, c.Apps.Packager, c.Apps.AllowPrivateNodes = e.RPC, e.REST, e.Sponsor, e.Packager, true
	return writeFile(file, []byte(c.Text()))
}
