package localnet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/token"
)

// setup makes a network that has not run yet.
func (n *Net) setup(ctx context.Context) error {
	n.cfg.Says("making keys, genesis and configuration in " + rel(n.cfg.Home))
	if err := n.wipe(); err != nil {
		return err
	}
	accounts, err := n.makeKeys()
	if err != nil {
		return err
	}
	val := n.path("val0")
	if err := n.exec(ctx, "init", "val0", "--chain-id", ChainID, "--home", val); err != nil {
		return err
	}
	genesis := filepath.Join(val, "config", "genesis.json")
	if err := editGenesis(genesis, accounts, n.cfg.Params); err != nil {
		return err
	}
	if err := n.exec(ctx, "genesis", "gentx", "val0", coins(selfBond), "--chain-id", ChainID, "--home", val,
		"--keyring-backend", "test", "--keyring-dir", n.Keys(), "--moniker", "val0"); err != nil {
		return err
	}
	if err := n.exec(ctx, "genesis", "collect-gentxs", "--home", val); err != nil {
		return err
	}
	if err := n.exec(ctx, "genesis", "validate-genesis", "--home", val); err != nil {
		return err
	}
	if err := n.configure(); err != nil {
		return err
	}
	if err := n.writeChainJSON(); err != nil {
		return err
	}
	n.saved.Accounts = accounts
	return n.save()
}

// wipe removes what localnet makes, and nothing else that may lie in the folder.
func (n *Net) wipe() error {
	names := []string{"net.json", "val0", "keys", "logs", "chain.json", "val0.pid", sponsorPart, sponsorPart + ".pid", indexerPart, indexerPart + ".pid", packagerPart, packagerPart + ".pid"}
	for i := range MaxNodes {
		names = append(names, nodeName(i), nodeName(i)+".pid")
	}
	var errs []error
	for _, name := range names {
		errs = append(errs, os.RemoveAll(n.path(name)))
	}
	return errors.Join(errs...)
}

func nodeName(i int) string { return fmt.Sprintf("node%d", i) }

// makeKeys fills a test keyring.
func (n *Net) makeKeys() ([]Account, error) {
	kr, err := n.keyring()
	if err != nil {
		return nil, err
	}
	accounts := plan()
	for i := range accounts {
		rec, _, err := kr.NewMnemonic(accounts[i].Name, keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
		if err != nil {
			return nil, err
		}
		addr, err := rec.GetAddress()
		if err != nil {
			return nil, err
		}
		accounts[i].Address = addr.String()
	}
	return accounts, nil
}

func (n *Net) keyring() (keyring.Keyring, error) {
	token.Configure()
	enc, err := chainclient.NewEncoding()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(n.Keys(), 0o700); err != nil {
		return nil, err
	}
	return keyring.New("streamd", keyring.BackendTest, n.Keys(), nil, enc.Codec)
}

// exec runs streamd to its end.
func (n *Net) exec(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, n.cfg.Streamd, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("streamd %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(out.String()))
	}
	return nil
}
