package localnet

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/streamchain/streamchain/packager"
)

// packagerPart is the name of the packager's process.
const packagerPart = "packager"

// upPackager starts the helper that packages for the web app, where there is a web app and the helper is down.
func (n *Net) upPackager(ctx context.Context) error {
	if !n.indexed() {
		return nil
	}
	if n.pid(packagerPart) == 0 {
		if err := n.requireFree(ctx, packagerPart, portPackager); err != nil {
			return err
		}
		if err := n.configurePackager(); err != nil {
			return err
		}
		n.cfg.Says("starting the packager")
		if err := n.start(packagerPart, n.cfg.Streamd, "packager", "start", "--home", n.path(packagerPart)); err != nil {
			return err
		}
	}
	return n.await(ctx, packagerPart, func(ctx context.Context) error {
		return get(ctx, n.Endpoints().Packager+"/v1/info", nil)
	})
}

// PairingCode is what pairs a browser's page with the packager; empty where it has not run.
func (n *Net) PairingCode() string {
	raw, err := os.ReadFile(n.path(packagerPart, "code"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// configurePackager writes the packager's configuration, once: who edits it keeps the edit.
func (n *Net) configurePackager() error {
	file := n.path(packagerPart, "config.toml")
	if _, err := os.Stat(file); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(n.path(packagerPart), 0o700); err != nil {
		return err
	}
	e, c := n.Endpoints(), packager.DefaultConfig()
	c.Chain.ID, c.Chain.GRPC, c.Chain.RPC = n.saved.ChainID, e.GRPC, e.RPC
	c.HTTP.Listen = n.host(portPackager)
	c.HTTP.Origins = []string{e.Web, strings.Replace(e.Web, "127.0.0.1", "localhost", 1)}
	return writeFile(file, []byte(c.Text()))
}
