package localnet

import (
	"context"
	"errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/chainclient"
)

// Fund sends coins from the ecosystem account to an address or to the account called so, and
// returns the hash of the transaction once a block holds it. Errors: ErrNotSetUp.
func (n *Net) Fund(ctx context.Context, to string, amount sdk.Coin) (hash string, err error) {
	if !n.setUp() {
		return "", ErrNotSetUp
	}
	kr, err := n.keyring()
	if err != nil {
		return "", err
	}
	recipient, err := n.resolve(to)
	if err != nil {
		return "", err
	}
	faucet, err := chainclient.KeyringSigner(kr, "ecosystem")
	if err != nil {
		return "", err
	}
	e := n.Endpoints()
	c, err := chainclient.Dial(ctx, chainclient.Config{GRPC: e.GRPC, RPC: e.RPC, ChainID: n.saved.ChainID})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	res, err := c.Broadcast(ctx, faucet, banktypes.NewMsgSend(faucet.Address(), recipient, sdk.NewCoins(amount)))
	if err != nil {
		return "", err
	}
	return res.Hash, nil
}

func (n *Net) resolve(to string) (sdk.AccAddress, error) {
	for _, a := range n.saved.Accounts {
		if a.Name == to {
			to = a.Address
		}
	}
	return sdk.AccAddressFromBech32(to)
}
