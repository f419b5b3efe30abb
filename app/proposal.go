package app

import (
	"crypto/sha256"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
)

// MaxBlockTxs is how many transactions a block may hold. Gas bounds what they may do, and this
// bounds decoding and signatures of those that declare next to none.
const MaxBlockTxs = 5000

// tally adds up a block. The SDK's own handlers accept everything where the mempool is
// CometBFT's, so the limits are enforced here, the same when proposing and when voting.
type tally struct {
	decode   sdk.TxDecoder
	maxGas   uint64 // 0: no limit
	maxBytes int64
	gas      uint64
	bytes    int64
	seen     map[[sha256.Size]byte]bool
}

func newTally(ctx sdk.Context, decode sdk.TxDecoder, maxBytes int64) *tally {
	t := &tally{decode: decode, maxBytes: maxBytes, seen: map[[sha256.Size]byte]bool{}}
	if b := ctx.ConsensusParams().Block; b != nil && b.MaxGas > 0 {
		t.maxGas = uint64(b.MaxGas)
	}
	return t
}

// add takes a transaction, or says why it does not belong into the block.
func (t *tally) add(raw []byte) error {
	if len(t.seen) >= MaxBlockTxs {
		return fmt.Errorf("more than %d transactions", MaxBlockTxs)
	}
	hash := sha256.Sum256(raw)
	if t.seen[hash] {
		return fmt.Errorf("transaction %X is there twice", hash)
	}
	tx, err := t.decode(raw)
	if err != nil {
		return fmt.Errorf("transaction %X: %w", hash, err)
	}
	// not sdk.FeeTx: the SDK's decoder takes a transaction without a fee, and GetGas panics on it
	protoTx, ok := tx.(interface{ GetProtoTx() *txtypes.Tx })
	if !ok || protoTx.GetProtoTx().GetAuthInfo().GetFee() == nil {
		return fmt.Errorf("transaction %X declares no gas", hash)
	}
	gas := protoTx.GetProtoTx().AuthInfo.Fee.GasLimit
	// subtracting cannot overflow: what is taken never exceeds the limit
	if t.maxGas > 0 && gas > t.maxGas-t.gas {
		return fmt.Errorf("transaction %X: %d gas do not fit into %d", hash, gas, t.maxGas-t.gas)
	}
	size := cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{raw})
	if size > t.maxBytes-t.bytes {
		return fmt.Errorf("transaction %X: %d bytes do not fit into %d", hash, size, t.maxBytes-t.bytes)
	}
	t.seen[hash] = true
	t.bytes += size
	if t.maxGas > 0 {
		t.gas += gas
	}
	return nil
}

// prepareProposal takes what fits, in the order of the mempool, and leaves out the rest: one
// large transaction must not keep the small ones behind it out of the block.
func prepareProposal(decode sdk.TxDecoder) sdk.PrepareProposalHandler {
	return func(ctx sdk.Context, req *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
		t := newTally(ctx, decode, req.MaxTxBytes)
		txs := make([][]byte, 0, len(req.Txs))
		for _, raw := range req.Txs {
			if len(txs) == MaxBlockTxs {
				break
			}
			if err := t.add(raw); err != nil {
				ctx.Logger().Debug("left out of the proposal", "reason", err)
				continue
			}
			txs = append(txs, raw)
		}
		return &abci.ResponsePrepareProposal{Txs: txs}, nil
	}
}

// processProposal votes against a block that is over a limit, or that holds what nobody can
// decode or the same transaction twice. It does not check signatures and fees: a bad one fails
// alone when the block is executed.
func processProposal(decode sdk.TxDecoder) sdk.ProcessProposalHandler {
	return func(ctx sdk.Context, req *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
		maxBytes := int64(cmttypes.MaxBlockSizeBytes)
		if b := ctx.ConsensusParams().Block; b != nil && b.MaxBytes > 0 {
			maxBytes = b.MaxBytes
		}
		t := newTally(ctx, decode, maxBytes)
		for _, raw := range req.Txs {
			if err := t.add(raw); err != nil {
				ctx.Logger().Error("proposal refused", "height", req.Height, "reason", err)
				return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
			}
		}
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
	}
}

// proposals must come after the options of the server, which set the SDK's own.
func proposals(decode sdk.TxDecoder) func(*baseapp.BaseApp) {
	return func(b *baseapp.BaseApp) {
		b.SetPrepareProposal(prepareProposal(decode))
		b.SetProcessProposal(processProposal(decode))
	}
}
