package planet

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Config says how large the planet is.
type Config struct {
	Nodes int // storage nodes, at most 8
	// Period and Window are those of proofs; PeriodTime and WindowTime where they are zero.
	Period, Window time.Duration
	// RefundWindow is how long payments wait; the constant of that name where it is zero.
	RefundWindow time.Duration
	// UnpaidRate is what nodes serve for nothing, in bytes a second and client; zero for all that is asked.
	UnpaidRate uint64
}

// Planet is a chain, storage nodes and people. Every ledger of the chain is checked when the test ends.
type Planet struct {
	T     testing.TB
	Chain *Chain
	Nodes []*Node
	Index *Index

	home string
	cfg  Config
}

// New starts a planet that ends with the test.
func New(t testing.TB, cfg Config) *Planet {
	t.Helper()
	registerErrors()
	require.LessOrEqual(t, cfg.Nodes, maxNodes)
	p := &Planet{T: t, Chain: newChain(t, cfg), home: t.TempDir(), cfg: cfg}
	p.Index = p.index()
	t.Cleanup(p.Invariants)
	for i := range cfg.Nodes {
		p.Nodes = append(p.Nodes, p.newNode(i))
	}
	return p
}

// registerErrors lets tests compare what a simulation says with sentinel errors.
var registerErrors = sync.OnceFunc(func() {
	chainclient.RegisterErrors(contenttypes.ErrNotController, contenttypes.ErrCommitNotFound, contenttypes.ErrCreatorExists, contenttypes.ErrWorkExists,
		revenuetypes.ErrNothingToClaim, subscriptiontypes.ErrAlreadyOwned, subscriptiontypes.ErrPriceAboveMax)
})

// Account signs for the genesis account called name.
func (p *Planet) Account(name string) chainclient.Signer { return chainclient.KeySigner(key(name)) }

// Send broadcasts messages that must succeed.
func (p *Planet) Send(from string, msgs ...sdk.Msg) *chainclient.TxResult {
	p.T.Helper()
	res, err := p.TrySend(from, msgs...)
	require.NoError(p.T, err)
	return res
}

// TrySend broadcasts messages.
func (p *Planet) TrySend(from string, msgs ...sdk.Msg) (*chainclient.TxResult, error) {
	p.T.Helper()
	return p.Chain.Client.Broadcast(p.T.Context(), p.Account(from), msgs...)
}

// Balance is an address's in ustream.
func (p *Planet) Balance(addr string) int64 {
	p.T.Helper()
	res, err := banktypes.NewQueryClient(p.Chain.Client.Conn()).Balance(p.T.Context(), &banktypes.QueryBalanceRequest{Address: addr, Denom: token.BaseDenom})
	require.NoError(p.T, err)
	return res.Balance.Amount.Int64()
}

// Supply is all ustream there is, but what emission has added.
func (p *Planet) Supply() math.Int {
	p.T.Helper()
	res, err := streamtypes.NewQueryClient(p.Chain.Client.Conn()).Economics(p.T.Context(), &streamtypes.QueryEconomicsRequest{})
	require.NoError(p.T, err)
	return res.Economics.Supply.Sub(res.Economics.Minted)
}

// Claimable is what a recipient of revenue could withdraw, in ustream.
func (p *Planet) Claimable(recipient string) int64 {
	p.T.Helper()
	res, err := revenuetypes.NewQueryClient(p.Chain.Client.Conn()).Claimable(p.T.Context(), &revenuetypes.QueryClaimableRequest{Recipient: recipient})
	require.NoError(p.T, err)
	return res.Coins.AmountOf(token.BaseDenom).Int64()
}

// Claim withdraws what a creator earned and returns how much it was, in ustream.
func (p *Planet) Claim(from, recipient string) int64 {
	p.T.Helper()
	res := p.Send(from, &revenuetypes.MsgClaim{Claimant: p.Addr(from), Recipient: recipient})
	for _, e := range res.Events {
		if e, ok := e.(*revenuetypes.EventClaimed); ok {
			return e.Amount.AmountOf(token.BaseDenom).Int64()
		}
	}
	require.Fail(p.T, "nothing was claimed")
	return 0
}

// Addr is the address of the account called name.
func (p *Planet) Addr(name string) string { return address(name).String() }

// Eventually waits for a condition that the next blocks bring about.
func (p *Planet) Eventually(cond func() bool, what string) {
	p.T.Helper()
	for end := time.Now().Add(20 * time.Second); !cond(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			require.Fail(p.T, "it did not come about", what)
		}
	}
}

// Invariants adds up every ledger of the chain as of its newest block.
func (p *Planet) Invariants() {
	p.T.Helper()
	if p.Chain.App == nil {
		p.Chain.Start(p.T)
	}
	// not CommittedContext: blocks go on meanwhile
	ctx, err := p.Chain.App.CreateQueryContext(p.Chain.App.LastBlockHeight(), false)
	require.NoError(p.T, err)
	require.NoError(p.T, p.Chain.App.CheckInvariants(ctx))
}

// Creator is the creator id of the account called name, whether or not it has registered.
func (p *Planet) Creator(name string) string {
	return contenttypes.NewCreatorID(address(name)).String()
}
