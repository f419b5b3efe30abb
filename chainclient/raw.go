package chainclient

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
)

// RawBlock is one block with everything that its node says of it, undecoded: for whoever must also keep what this program does not know.
type RawBlock struct {
	Height   int64
	Time     time.Time
	Hash     string // of its header, upper-case hexadecimal
	LastHash string // of the header before
	AppHash  string // of the state after the block before
	Txs      []RawTx
	Events   []abci.Event // of BeginBlock and EndBlock, in order; the attribute mode says which
}

// RawTx is a transaction of a RawBlock.
type RawTx struct {
	Hash      string // lower-case hexadecimal
	Bytes     []byte // cosmos.tx.v1beta1.TxRaw
	Code      uint32
	Codespace string
	Log       string
	GasWanted int64
	GasUsed   int64
	Events    []abci.Event // of a failed transaction those of its fee
}

// RawBlock returns the block at height. A node that keeps its newest blocks only fails for older ones.
func (c *Client) RawBlock(ctx context.Context, height int64) (RawBlock, error) {
	block, err := c.rpc.Block(ctx, &height)
	if err != nil {
		return RawBlock{}, fmt.Errorf("block %d: %w", height, err)
	}
	results, err := c.rpc.BlockResults(ctx, &height)
	if err != nil {
		return RawBlock{}, fmt.Errorf("results of block %d: %w", height, err)
	}
	if len(results.TxsResults) != len(block.Block.Txs) {
		return RawBlock{}, fmt.Errorf("block %d: %d transactions and %d results", height, len(block.Block.Txs), len(results.TxsResults))
	}
	b := RawBlock{
		Height: block.Block.Height, Time: block.Block.Time, Hash: block.BlockID.Hash.String(), LastHash: block.Block.LastBlockID.Hash.String(),
		AppHash: block.Block.AppHash.String(), Events: results.FinalizeBlockEvents,
	}
	for i, raw := range block.Block.Txs {
		r := results.TxsResults[i]
		b.Txs = append(b.Txs, RawTx{
			Hash: hex.EncodeToString(raw.Hash()), Bytes: raw, Code: r.Code, Codespace: r.Codespace, Log: r.Log,
			GasWanted: r.GasWanted, GasUsed: r.GasUsed, Events: r.Events,
		})
	}
	return b, nil
}

// Genesis writes the chain's genesis document as its node has it.
func (c *Client) Genesis(ctx context.Context, w io.Writer) error {
	for chunk, total := uint(0), uint(1); chunk < total; chunk++ {
		res, err := c.rpc.GenesisChunked(ctx, chunk)
		if err != nil {
			return fmt.Errorf("genesis, part %d of %d: %w", chunk+1, total, err)
		}
		raw, err := base64.StdEncoding.DecodeString(res.Data)
		if err != nil {
			return fmt.Errorf("genesis, part %d of %d: %w", chunk+1, total, err)
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
		total = uint(res.TotalChunks)
	}
	return nil
}
