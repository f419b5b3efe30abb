package chainclient

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// TxResult is a transaction in a block that executed without error.
type TxResult struct {
	Hash    string // lower-case hexadecimal
	Height  int64
	GasUsed int64
	Events  []proto.Message // typed events of our modules, in order
	Data    []byte          // encoded TxMsgData
}

// Block is one block with its results.
type Block struct {
	Height int64
	Time   time.Time
	Txs    []BlockTx
	Events []proto.Message // typed events of BeginBlock and EndBlock, in order
}

// BlockTx is one transaction of a block.
type BlockTx struct {
	Hash     string
	Code     uint32
	Fee      sdk.Coins // also of a failed transaction
	FeePayer string
	Events   []proto.Message // empty for a failed transaction
}

// WaitTx waits up to patience for a block that holds the transaction.
func (c *Client) WaitTx(ctx context.Context, hash string, patience time.Duration) (*TxResult, error) {
	deadline := time.Now().Add(patience)
	for {
		res, err := c.Tx(ctx, hash)
		if err == nil || isTxError(err) {
			return res, err
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%w: %s", ErrUnconfirmed, hash)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), fmt.Errorf("%w: %s", ErrUnconfirmed, hash))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Tx returns a transaction by its hash, *TxError for one that failed in its block.
func (c *Client) Tx(ctx context.Context, hash string) (*TxResult, error) {
	raw, err := hex.DecodeString(strings.TrimPrefix(strings.ToLower(hash), "0x"))
	if err != nil || len(raw) != 32 {
		return nil, fmt.Errorf("transaction hash %q: wanted 64 hexadecimal digits", hash)
	}
	res, err := c.rpc.Tx(ctx, raw, false)
	if err != nil {
		return nil, fmt.Errorf("transaction %s: %w", hash, err)
	}
	if res.TxResult.Code != 0 {
		return nil, newTxError(hash, res.TxResult.Codespace, res.TxResult.Code, res.TxResult.Log)
	}
	return &TxResult{
		Hash: strings.ToLower(res.Hash.String()), Height: res.Height, GasUsed: res.TxResult.GasUsed,
		Events: DecodeEvents(res.TxResult.Events), Data: res.TxResult.Data,
	}, nil
}

// Block returns the block at height with its results.
func (c *Client) Block(ctx context.Context, height int64) (Block, error) {
	block, err := c.rpc.Block(ctx, &height)
	if err != nil {
		return Block{}, fmt.Errorf("block %d: %w", height, err)
	}
	results, err := c.rpc.BlockResults(ctx, &height)
	if err != nil {
		return Block{}, fmt.Errorf("results of block %d: %w", height, err)
	}
	if len(results.TxsResults) != len(block.Block.Txs) {
		return Block{}, fmt.Errorf("block %d: %d transactions and %d results", height, len(block.Block.Txs), len(results.TxsResults))
	}
	b := Block{Height: height, Time: block.Block.Time, Events: DecodeEvents(results.FinalizeBlockEvents)}
	for i, raw := range block.Block.Txs {
		tx := BlockTx{Hash: hex.EncodeToString(raw.Hash()), Code: results.TxsResults[i].Code}
		tx.Fee, tx.FeePayer = FeeOf(results.TxsResults[i].Events)
		if tx.Code == 0 {
			tx.Events = DecodeEvents(results.TxsResults[i].Events)
		}
		b.Txs = append(b.Txs, tx)
	}
	return b, nil
}

// FollowBlocks calls f with every block from height from on, once each and in order, until ctx ends or f
// returns an error. It waits for blocks to come and through restarts of the chain.
func (c *Client) FollowBlocks(ctx context.Context, from int64, f func(Block) error) error {
	for next := from; ; {
		st, err := c.Status(ctx)
		for err == nil && next <= st.Height {
			var b Block
			if b, err = c.Block(ctx, next); err != nil {
				break
			}
			if err := f(b); err != nil {
				return err
			}
			next++
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// FeeOf finds in the events of a transaction what a transaction paid, and who.
func FeeOf(events []abci.Event) (fee sdk.Coins, payer string) {
	for _, e := range events {
		if e.Type != sdk.EventTypeTx {
			continue
		}
		for _, a := range e.Attributes {
			switch a.Key {
			case sdk.AttributeKeyFee:
				if coins, err := sdk.ParseCoinsNormalized(a.Value); err == nil {
					fee = coins
				}
			case sdk.AttributeKeyFeePayer:
				payer = a.Value
			}
		}
	}
	return fee, payer
}

// eventPrefix begins the type of every event of our modules.
const eventPrefix = "streamchain."

// DecodeEvents returns the typed events of our modules, in order; those of the SDK and of types
// that this program does not know are left out.
func DecodeEvents(events []abci.Event) []proto.Message {
	var out []proto.Message
	for _, e := range events {
		if !strings.HasPrefix(e.Type, eventPrefix) || proto.MessageType(e.Type) == nil {
			continue
		}
		// the app adds attributes that are not JSON
		attrs := make([]abci.EventAttribute, 0, len(e.Attributes))
		for _, a := range e.Attributes {
			if a.Key != "mode" && a.Key != "msg_index" {
				attrs = append(attrs, a)
			}
		}
		if msg, err := sdk.ParseTypedEvent(abci.Event{Type: e.Type, Attributes: attrs}); err == nil {
			out = append(out, msg)
		}
	}
	return out
}
