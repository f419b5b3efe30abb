package settle_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/settle"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

type fixture struct {
	t     *testing.T
	chain *nodetest.Chain
	s     *settle.Settler
	op    string
}

func setup(t *testing.T) *fixture {
	t.Helper()
	op := nodetest.Address("op")
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"), 60)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	c := nodetest.NewChain(op, "")
	return &fixture{t, c, &settle.Settler{Chain: c, Ledger: l, Min: 100, Idle: time.Hour, Linger: time.Hour}, op}
}

func (f *fixture) lane(name string, limit uint64) ledger.Lane {
	f.t.Helper()
	owner, now := nodetest.Address(name), f.chain.Now()
	f.chain.Escrows[owner] = math.NewInt(1 << 40)
	_, _, err := f.chain.OpenLanes(context.Background(), []streamtypes.LaneIntent{nodetest.Intent(owner, f.op, 1, limit, now+60, now+3600, nodetest.SessionKey(name))})
	require.NoError(f.t, err)
	ln := ledger.Lane{LaneID: ledger.LaneID{Owner: owner, Denom: "ustream", Generation: 1}, Cap: limit, Expires: now + 3600, ClosesAt: now + 7200,
		PubKey: f.chain.Lanes[owner+"/ustream"].Pubkey}
	require.NoError(f.t, f.s.Ledger.AddLane(ln))
	return ln
}

func (f *fixture) session(name string, number uint64, maxTicks uint32) (wire.SessionID, *voucher.Chain) {
	f.t.Helper()
	s, words := nodetest.Session(nodetest.Address(name), f.op, nodetest.WorkID("work"), 1, number, 10, maxTicks, f.chain.Now()+3600, nodetest.SessionKey(name))
	st, _, err := f.s.Ledger.OpenSession(s, f.chain.Now())
	require.NoError(f.t, err)
	return st.ID, words
}

func (f *fixture) pay(id wire.SessionID, words *voucher.Chain, n uint32) {
	f.t.Helper()
	st, _, err := f.s.Ledger.Session(id)
	require.NoError(f.t, err)
	for at := st.Paid; at < n; {
		at = min(n, at+voucher.MaxGap)
		_, err := f.s.Ledger.Use(id, ledger.Payment{N: at, Word: words.Word(at)}, ledger.Ticks{}, f.chain.Now())
		require.NoError(f.t, err)
	}
}

func (f *fixture) step() settle.Report {
	f.t.Helper()
	r, err := f.s.Step(context.Background())
	require.NoError(f.t, err)
	return r
}

func TestSettlesAndCloses(t *testing.T) {
	f := setup(t)
	ln := f.lane("viewer", 5000)
	id, words := f.session("viewer", 1, 300)
	f.pay(id, words, 9)
	require.Zero(t, f.step().Settled, "90 of an open session are not worth the gas")
	f.pay(id, words, 25)
	require.Equal(t, settle.Report{Settled: 1, Paid: 240}, f.step(), "the newest word stays with the viewer")
	require.Zero(t, f.step())
	f.pay(id, words, 26)
	require.NoError(t, f.s.Ledger.CloseSession(id))
	require.Equal(t, settle.Report{Settled: 1, Paid: 20}, f.step(), "a closed session settles whatever it owes")
	require.Len(t, f.chain.Lanes, 1, "the viewer may go on")
	f.s.Linger = 0
	require.Equal(t, settle.Report{Closed: 1}, f.step())
	require.Empty(t, f.chain.Lanes)
	require.Equal(t, int64(1<<40-260), f.chain.Escrows[ln.Owner].Int64(), "the rest is back")
	require.Empty(t, f.s.Ledger.Lanes())
}

func TestIdleSessionsEnd(t *testing.T) {
	f := setup(t)
	f.lane("viewer", 5000)
	id, words := f.session("viewer", 1, 300)
	f.pay(id, words, 1)
	f.s.Idle, f.s.Linger = 0, 0
	require.Equal(t, settle.Report{Settled: 1, Paid: 10, Closed: 1}, f.step())
}

func TestBatches(t *testing.T) {
	f := setup(t)
	f.s.Idle, f.s.Linger = 0, 0
	for i := range 120 {
		name := fmt.Sprint("viewer", i)
		f.lane(name, 1_000)
		for n := range uint64(2) {
			id, words := f.session(name, n, 10)
			f.pay(id, words, 5)
		}
	}
	before := f.chain.Txs
	r := f.step()
	require.Equal(t, settle.Report{Settled: 240, Paid: 240 * 50, Closed: 120}, r)
	require.Equal(t, 2+3, f.chain.Txs-before)
}

// A session that owes more hashes than a message may need is settled in parts.
func TestLongSessions(t *testing.T) {
	f := setup(t)
	f.lane("viewer", 10_000_000)
	id, words := f.session("viewer", 1, streamtypes.MaxHashes+50)
	st, _, err := f.s.Ledger.Session(id)
	require.NoError(t, err)
	f.pay(st.ID, words, streamtypes.MaxHashes+50)
	require.Equal(t, settle.Report{Settled: 1, Paid: 10 * streamtypes.MaxHashes}, f.step())
	require.NoError(t, f.s.Ledger.CloseSession(id))
	require.Equal(t, settle.Report{Settled: 1, Paid: 500}, f.step())
}

func TestWhatTheChainRefuses(t *testing.T) {
	f := setup(t)
	f.lane("a", 5000)
	f.lane("b", 5000)
	bad, words := f.session("a", 1, 300)
	f.pay(bad, words, 20)
	good, words := f.session("b", 1, 300)
	f.pay(good, words, 20)
	f.chain.Restricted = map[string]bool{nodetest.WorkID("work"): true}
	require.Equal(t, settle.Report{Refused: 2}, f.step())
	require.Zero(t, f.step(), "it is not sent again with each step")
	f.chain.Mu.Lock()
	f.chain.Live += 7201
	f.chain.Mu.Unlock()
	require.Equal(t, settle.Report{Lost: 2}, f.step())
	require.Empty(t, f.s.Ledger.Lanes())
}

// What a crash kept the node from noting is found out.
func TestAlreadyDone(t *testing.T) {
	f := setup(t)
	ln := f.lane("viewer", 5000)
	id, words := f.session("viewer", 1, 300)
	f.pay(id, words, 20)
	_, err := f.chain.Settle(context.Background(), []streamtypes.Settlement{f.s.Ledger.Pending()[0].Settlement})
	require.NoError(t, err)
	require.Equal(t, settle.Report{Settled: 1}, f.step())
	require.NoError(t, f.s.Ledger.CloseSession(id))
	require.Equal(t, settle.Report{Settled: 1}, f.step())
	require.NoError(t, f.chain.CloseLanes(context.Background(), []ledger.LaneID{ln.LaneID}))
	f.s.Linger = 0
	require.Equal(t, settle.Report{Closed: 1}, f.step())

	f.lane("other", 5000)
	id, words = f.session("other", 1, 300)
	f.pay(id, words, 20)
	delete(f.chain.Lanes, nodetest.Address("other")+"/ustream")
	require.Equal(t, settle.Report{Lost: 1}, f.step())
}

// A lane that somebody else closed, with the operator's account, is served no more; what it owes is settled in its grace, and it is forgotten.
func TestClosedBySomebodyElse(t *testing.T) {
	f := setup(t)
	ln := f.lane("viewer", 5000)
	id, words := f.session("viewer", 1, 300)
	f.pay(id, words, 5)
	f.chain.Close(ln.Owner, ln.Denom)
	require.NoError(t, f.s.Ledger.ShutLane(ln.LaneID))
	require.NoError(t, f.s.Ledger.ShutLane(ledger.LaneID{Owner: "nobody"}))
	_, err := f.s.Ledger.Use(id, ledger.Payment{N: 6, Word: words.Word(6)}, ledger.Ticks{}, f.chain.Now())
	require.ErrorIs(t, err, ledger.ErrClosed)
	f.s.Linger = 0
	require.Equal(t, settle.Report{Settled: 1, Paid: 50, Closed: 1}, f.step())
	require.Empty(t, f.s.Ledger.Lanes())
}

func TestChainDown(t *testing.T) {
	f := setup(t)
	f.lane("viewer", 5000)
	id, words := f.session("viewer", 1, 300)
	f.pay(id, words, 20)
	f.chain.Down = true
	_, err := f.s.Step(context.Background())
	require.ErrorIs(t, err, nodetest.ErrDown)
	f.chain.Down = false
	require.Equal(t, settle.Report{Settled: 1, Paid: 190}, f.step())
	f.s.Idle = 0
	require.Equal(t, settle.Report{Settled: 1, Paid: 10}, f.step())
	f.s.Linger = 0
	f.chain.Down = true
	_, err = f.s.Step(context.Background())
	require.ErrorIs(t, err, nodetest.ErrDown)
	_, _, ok := f.s.Ledger.Lane(ledger.LaneID{Owner: nodetest.Address("viewer"), Denom: "ustream", Generation: 1})
	require.True(t, ok, "a lane that could not be closed is kept")
	again, _ := f.session("viewer", 2, 10)
	require.NoError(t, f.s.Ledger.CloseSession(again), "and takes sessions again")
	f.chain.Down = false
	require.Equal(t, settle.Report{Closed: 1}, f.step())
}
