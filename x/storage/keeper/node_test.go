package keeper_test

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/x/storage/types"
)

const (
	// periodSeconds and windowSeconds are a test's: ten blocks of six seconds, and three.
	periodSeconds = 180
	windowSeconds = 60
)

// proofFixture is the module with short periods, real bytes and nodes that keep them.
type proofFixture struct {
	*fixture
	alice sdk.AccAddress
	data  map[string][]byte // of each work
	nodes map[string]*proofNode
}

// proofNode is what a provider has: its hash chain, and the works that it lost.
type proofNode struct {
	chain types.BeaconChain
	lost  map[string]bool
}

func newProofFixture(t testing.TB) *proofFixture {
	t.Helper()
	f := &proofFixture{fixture: bareFixture(t), data: map[string][]byte{}, nodes: map[string]*proofNode{}}
	gs := types.DefaultGenesis()
	gs.Params.PeriodSeconds, gs.Params.WindowSeconds, gs.Params.MinDealSeconds = periodSeconds, windowSeconds, 0
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	t.Cleanup(func() { require.NoError(t, f.k.CheckInvariants(f.Ctx)) })
	f.alice = f.creator("alice")
	return f
}

// film publishes a work with bytes of its own.
func (f *proofFixture) film(name string, size int) string {
	f.T.Helper()
	sum := sha256.Sum256([]byte(name))
	data := make([]byte, size)
	_, _ = rand.NewChaCha8(sum).Read(data)
	root, _, err := piece.Sum(bytes.NewReader(data))
	require.NoError(f.T, err)
	work := f.publishPiece(f.alice, name, root, uint64(size), "")
	f.data[work] = data
	return work
}

// node registers a provider with a beacon.
func (f *proofFixture) node(name string) sdk.AccAddress {
	f.T.Helper()
	operator := f.provider(name)
	n := &proofNode{chain: types.NewBeacon(sha256.Sum256([]byte(name)), 1000), lost: map[string]bool{}}
	f.nodes[name] = n
	root := n.chain.Root()
	f.must(&types.MsgSetBeacon{Agent: f.agent(name).String(), Root: root[:]})
	return operator
}

// keep makes active deals of works with providers by their names.
func (f *proofFixture) keep(work string, prepayment int64, names ...string) {
	f.T.Helper()
	f.ask(f.alice, work, prepayment, names...)
	for _, n := range names {
		f.accept(n, work)
	}
}

func (f *proofFixture) period() types.Period {
	f.T.Helper()
	p, err := f.k.Period(f.Ctx)
	require.NoError(f.T, err)
	return p
}

// block ends one block of six seconds.
func (f *proofFixture) block() {
	f.T.Helper()
	f.next(6 * time.Second)
}

// until ends blocks until the period has got there.
func (f *proofFixture) until(number uint64, phase types.PeriodPhase, counted bool) {
	f.T.Helper()
	for range 10_000 {
		if p := f.period(); p.Number == number && p.Phase == phase && p.Counted == counted {
			return
		}
		f.block()
	}
	require.Fail(f.T, "the period never came", "%d", number)
}

// opened ends blocks until the next period opens, and returns its number.
func (f *proofFixture) opened() uint64 {
	f.T.Helper()
	n := f.period().Number + 1
	f.until(n, types.PERIOD_PHASE_OPEN, false)
	return n
}

// closed ends blocks until everybody is counted in the open period.
func (f *proofFixture) closed() {
	f.T.Helper()
	f.until(f.period().Number, types.PERIOD_PHASE_CLOSED, true)
}

// settled ends blocks until a deal that was accepted before is in the frozen set of an open period.
func (f *proofFixture) settled() uint64 {
	f.T.Helper()
	f.opened()
	return f.opened()
}

func (f *proofFixture) proofs(name string) *types.QueryProofsResponse {
	f.T.Helper()
	res, err := f.q.Proofs(f.Ctx, &types.QueryProofsRequest{Operator: f.Addr(name).String()})
	require.NoError(f.T, err)
	return res
}

// slice is a proof of one challenge.
func (f *proofFixture) slice(c types.Challenge) []byte {
	f.T.Helper()
	data := f.data[c.Work]
	var b piece.Builder
	_, err := b.Write(data)
	require.NoError(f.T, err)
	slice, err := piece.Prove(bytes.NewReader(data), uint64(len(data)), b.Outboard(), c.Offset)
	require.NoError(f.T, err)
	return slice
}

// proveMsg answers what the node called name can answer.
func (f *proofFixture) proveMsg(name string) *types.MsgProve {
	f.T.Helper()
	res, node := f.proofs(name), f.nodes[name]
	known := res.State.Beacon
	if len(res.State.NextBeacon) > 0 && res.Period >= res.State.BeaconFrom {
		known = res.State.NextBeacon
	}
	reveal, ok := node.chain.Next(known)
	require.True(f.T, ok)
	msg := &types.MsgProve{Agent: f.agent(name).String(), Period: res.Period, Reveal: reveal[:]}
	for _, c := range res.Challenges {
		if !node.lost[c.Work] {
			msg.Answers = append(msg.Answers, types.ProofAnswer{Index: c.Index, Slice: f.slice(c)})
		}
	}
	return msg
}

func (f *proofFixture) prove(names ...string) {
	f.T.Helper()
	for _, n := range names {
		f.must(f.proveMsg(n))
	}
}
