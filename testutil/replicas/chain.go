package replicas

import (
	"context"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/config"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsign "github.com/cosmos/cosmos-sdk/x/auth/signing"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/token"
)

// Step is the time between two blocks.
const Step = 2 * time.Second

// Options say how a copy executes blocks.
type Options struct {
	Name string
	// Workers executes in parallel with so many; zero in sequence.
	Workers int
	// Blind copies see a transaction first in its block, as a node does that was down.
	Blind bool
}

// Chain is one chain behind ABCI.
type Chain struct {
	App      *app.App
	Genesis  Genesis
	Options  Options
	Height   int64 // of the newest block
	Time     time.Time
	proposer []byte
}

// NewChain starts a chain at a genesis.
func NewChain(t testing.TB, g Genesis, o Options) *Chain {
	t.Helper()
	a, err := initChain(g, o)
	require.NoError(t, err)
	return &Chain{App: a, Genesis: g, Options: o, Height: g.Height - 1, Time: g.Time, proposer: g.Validator.Address}
}

// InitError is why a chain does not start at a genesis.
func InitError(t testing.TB, g Genesis) error {
	t.Helper()
	_, err := initChain(g, Options{})
	return err
}

func initChain(g Genesis, o Options) (*app.App, error) {
	opts := app.Options{server.FlagBlockExecutor: config.BlockExecutorSequential}
	if o.Workers > 0 {
		opts = app.Options{server.FlagBlockExecutor: config.BlockExecutorBlockSTM, server.FlagBlockSTMWorkers: o.Workers}
	}
	a := app.New(log.NewNopLogger(), dbm.NewMemDB(), true, opts, baseapp.SetChainID(ChainID))
	params := app.ConsensusParams().ToProto()
	_, err := a.InitChain(&abci.RequestInitChain{
		ChainId: ChainID, Time: g.Time, InitialHeight: g.Height, AppStateBytes: g.State, ConsensusParams: &params,
	})
	return a, err
}

// Finalize executes the next block, and commits it.
func (c *Chain) Finalize(t testing.TB, after time.Duration, txs ...[]byte) *abci.ResponseFinalizeBlock {
	t.Helper()
	c.Height++
	c.Time = c.Time.Add(after)
	res, err := c.App.FinalizeBlock(&abci.RequestFinalizeBlock{
		Height: c.Height, Time: c.Time, Txs: txs, ProposerAddress: c.proposer, Hash: blockHash(c.Height),
		DecidedLastCommit: c.lastCommit(),
	})
	require.NoError(t, err)
	_, err = c.App.Commit()
	require.NoError(t, err)
	require.Len(t, res.TxResults, len(txs))
	return res
}

func (c *Chain) lastCommit() abci.CommitInfo {
	if c.Height <= c.Genesis.Height {
		return abci.CommitInfo{}
	}
	val := abci.Validator{Address: c.proposer, Power: c.Genesis.Validator.VotingPower}
	return abci.CommitInfo{Votes: []abci.VoteInfo{{Validator: val, BlockIdFlag: 2}}}
}

func blockHash(height int64) []byte {
	hash := make([]byte, 32)
	hash[0], hash[1] = byte(height), byte(height>>8)
	return hash
}

// Check is what the mempool asks.
func (c *Chain) Check(t testing.TB, raw []byte) *abci.ResponseCheckTx {
	t.Helper()
	res, err := c.App.CheckTx(&abci.RequestCheckTx{Tx: raw, Type: abci.CheckTxType_New})
	require.NoError(t, err)
	return res
}

// Run executes messages in a block of their own, each in one transaction of the account that
// signs it, and returns the results.
func (c *Chain) Run(t testing.TB, from Account, msgs ...sdk.Msg) []*abci.ExecTxResult {
	t.Helper()
	var txs [][]byte
	seq := c.Sequence(from)
	for i, msg := range msgs {
		txs = append(txs, c.Sign(t, Tx{From: from, Sequence: seq + uint64(i), Msgs: []sdk.Msg{msg}}))
	}
	return c.Finalize(t, Step, txs...).TxResults
}

// Must is Run where every message must succeed.
func (c *Chain) Must(t testing.TB, from Account, msgs ...sdk.Msg) []*abci.ExecTxResult {
	t.Helper()
	results := c.Run(t, from, msgs...)
	for i, r := range results {
		require.Zero(t, r.Code, "%T: %s", msgs[i], r.Log)
	}
	return results
}

// Sequence is the account's next.
func (c *Chain) Sequence(a Account) uint64 {
	acc := c.App.Account.GetAccount(c.App.CommittedContext(), a.Addr())
	if acc == nil {
		return 0
	}
	return acc.GetSequence()
}

// Balance is an address's STREAM in ustream.
func (c *Chain) Balance(addr sdk.AccAddress) int64 {
	return c.App.Bank.GetBalance(c.App.CommittedContext(), addr, token.BaseDenom).Amount.Int64()
}

// Account is the genesis account called name.
func (c *Chain) Account(name string) Account {
	for _, a := range c.Genesis.Accounts {
		if a.Name == name {
			return a
		}
	}
	if name == heirName {
		return c.Genesis.Heir
	}
	panic("no account " + name)
}

// Tx is a transaction to sign. Zero gas is 2,000,000, and a nil fee the least that is taken.
type Tx struct {
	From     Account
	Sequence uint64
	Msgs     []sdk.Msg
	Gas      uint64
	Fee      sdk.Coins
	Granter  sdk.AccAddress
	// Unordered, where it is set, is the time until which the transaction counts; Sequence must be zero.
	Unordered time.Time
}

// Sign returns the transaction's bytes.
func (c *Chain) Sign(t testing.TB, x Tx) []byte {
	t.Helper()
	if x.Gas == 0 {
		x.Gas = 2_000_000
	}
	if x.Fee == nil {
		x.Fee = sdk.NewCoins(sdk.NewCoin(token.BaseDenom, app.MinFee(x.Gas)))
	}
	cfg := c.App.TxConfig()
	b := cfg.NewTxBuilder()
	require.NoError(t, b.SetMsgs(x.Msgs...))
	b.SetGasLimit(x.Gas)
	b.SetFeeAmount(x.Fee)
	b.SetFeeGranter(x.Granter)
	if !x.Unordered.IsZero() {
		b.SetUnordered(true)
		b.SetTimeoutTimestamp(x.Unordered)
	}
	sign(t, cfg, b, x)
	raw, err := cfg.TxEncoder()(b.GetTx())
	require.NoError(t, err)
	return raw
}

func sign(t testing.TB, cfg client.TxConfig, b client.TxBuilder, x Tx) {
	t.Helper()
	data := &signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_DIRECT}
	sig := signing.SignatureV2{PubKey: x.From.Key.PubKey(), Data: data, Sequence: x.Sequence}
	require.NoError(t, b.SetSignatures(sig))
	msg, err := authsign.GetSignBytesAdapter(context.Background(), cfg.SignModeHandler(), data.SignMode, authsign.SignerData{
		Address: x.From.String(), ChainID: ChainID, AccountNumber: x.From.Number, Sequence: x.Sequence, PubKey: x.From.Key.PubKey(),
	}, b.GetTx())
	require.NoError(t, err)
	data.Signature, err = x.From.Key.Sign(msg)
	require.NoError(t, err)
	require.NoError(t, b.SetSignatures(sig))
}
