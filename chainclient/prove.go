package chainclient

import (
	"context"
	"fmt"

	rpcclient "github.com/cometbft/cometbft/rpc/client"

	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
)

// Proved is a row of the chain's state, and why the app hash of a block says that it is.
type Proved struct {
	Height  int64  // of the state
	AppHash []byte // of the header of the block after it, which commits to that state
	Value   []byte
	Ops     []cmtcrypto.ProofOp // from the row to the store's root, and from there to the app hash
}

// Prove reads a row of a module's store by its key with a proof, at the newest height whose app hash a header has. An empty value
// is proved to be absent.
func (c *Client) Prove(ctx context.Context, store string, key []byte) (Proved, error) {
	st, err := c.Status(ctx)
	if err != nil {
		return Proved{}, err
	}
	at := st.Height - 1
	header, err := c.rpc.Header(ctx, &st.Height)
	if err != nil {
		return Proved{}, fmt.Errorf("header %d: %w", st.Height, err)
	}
	res, err := c.rpc.ABCIQueryWithOptions(ctx, "/store/"+store+"/key", key, rpcclient.ABCIQueryOptions{Height: at, Prove: true})
	if err != nil {
		return Proved{}, fmt.Errorf("proof of %s: %w", store, err)
	}
	if res.Response.Code != 0 {
		return Proved{}, fmt.Errorf("proof of %s: %s", store, res.Response.Log)
	}
	out := Proved{Height: res.Response.Height, AppHash: header.Header.AppHash, Value: res.Response.Value}
	if res.Response.ProofOps != nil {
		out.Ops = res.Response.ProofOps.Ops
	}
	return out, nil
}
