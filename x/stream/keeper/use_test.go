package keeper_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/voucher"
	"github.com/streamchain/streamchain/x/stream/types"
)

// useBook is who is told of proved use: it pays three for a second, or refuses.
type useBook struct {
	uses   []types.Use
	refuse error
}

func (b *useBook) AfterUse(_ context.Context, u types.Use) (math.Int, error) {
	if b.refuse != nil {
		return math.Int{}, b.refuse
	}
	b.uses = append(b.uses, u)
	return math.NewIntFromUint64(3 * u.Seconds), nil
}

// using is a fixture whose viewer "alice" was granted a key that cannot pay two hours ago, with no
// escrow, and whose provider is "node".
func using(t testing.TB) (*fixture, *useBook) {
	t.Helper()
	f, book := newFixture(t), &useBook{}
	f.k.SetHooks(book)
	f.provider("node")
	f.watcher("alice")
	f.next(time.Minute)
	f.pass(2 * time.Hour)
	return f, book
}

// pass moves live time on, which moves a minute a block.
func (f *fixture) pass(d time.Duration) {
	for ; d > 0; d -= time.Minute {
		f.next(time.Minute)
	}
}

func (f *fixture) watcher(name string) {
	f.T.Helper()
	f.must(&types.MsgGrantSessionKey{
		Owner: f.Funded(name, 1).String(), Pubkey: pub(keyOf(name)), Limit: sdk.NewInt64Coin(denom, 0), Expires: f.now() + 300*day,
		Scope: types.SESSION_KEY_SCOPE_ACCESS,
	})
}

// free is a signed session of price zero of the viewer called name, with its words.
func (f *fixture) free(name string, number uint64, edits ...func(*types.Session)) (types.Session, *voucher.Chain) {
	f.T.Helper()
	s := types.Session{
		ChainId: f.Ctx.ChainID(), EscrowOwner: f.Addr(name).String(), Provider: f.Addr("node").String(), Session: number, Work: f.work,
		TickSeconds: 1, MaxTicks: 60, Expires: f.now() + hour, Pubkey: pub(keyOf(name)), Root: make([]byte, 32),
	}
	for _, edit := range edits {
		edit(&s)
	}
	v, err := s.Voucher()
	require.NoError(f.T, err)
	words := voucher.NewChain(&v, sha256.Sum256([]byte(name)))
	s.Root, s.Signature = v.Root[:], v.Sign(keyOf(name))
	return s, words
}

// use reports in one message and returns the results.
func (f *fixture) use(items ...types.Settlement) []types.UseResult {
	f.T.Helper()
	res := f.must(&types.MsgReportUse{Agent: f.agent("node").String(), Items: items})
	return res.(*types.MsgReportUseResponse).Results
}

func requireUse(t require.TestingT, seconds, paid int64, got types.UseResult) {
	require.True(t, got.Ok(), "%v", got)
	require.EqualValues(t, seconds, got.Seconds)
	require.Equal(t, fmt.Sprint(paid), got.Paid.String())
}

func requireRefused(t require.TestingT, want error, got types.UseResult) {
	require.Equal(t, types.UseResultOf(0, math.ZeroInt(), want), got)
}

func TestUseIsProvedCumulatively(t *testing.T) {
	f, book := using(t)
	s, words := f.free("alice", 1)
	requireUse(t, 10, 30, f.use(claim(s, words, 10))[0])
	requireUse(t, 15, 45, f.use(claim(s, words, 25))[0])
	before := f.state()
	requireUse(t, 0, 0, f.use(claim(s, words, 25))[0])
	requireRefused(t, types.ErrStale, f.use(claim(s, words, 24))[0])
	require.Equal(t, before, f.state())
	require.Equal(t, types.Use{
		Viewer: f.Addr("alice"), Work: f.work, Creator: book.uses[0].Creator, Provider: f.Addr("node").String(), Session: 1, Ticks: 15, Seconds: 15,
	}, book.uses[1])
	require.Len(t, book.uses, 2)
}

func TestTicksAreSeconds(t *testing.T) {
	f, book := using(t)
	s, words := f.free("alice", 1, func(s *types.Session) { s.TickSeconds, s.MaxTicks, s.Subscription = 7, 9, "streamcreator1x/7" })
	requireUse(t, 63, 189, f.use(claim(s, words, 9))[0])
	require.Equal(t, "streamcreator1x/7", book.uses[0].Subscription)
	other := s
	other.Subscription = ""
	requireRefused(t, types.ErrInvalidSignature, f.use(claim(other, words, 9))[0])
}

func TestEachItemAlone(t *testing.T) {
	f, book := using(t)
	a, aw := f.free("alice", 1)
	b, bw := f.free("alice", 2)
	bad := claim(a, aw, 5)
	bad.Word = make([]byte, 32)
	res := f.use(bad, claim(b, bw, 5), claim(a, aw, 3))
	requireRefused(t, types.ErrWrongWord, res[0])
	requireUse(t, 5, 15, res[1])
	requireUse(t, 3, 9, res[2])
	book.refuse = errors.New("not his")
	before := f.state()
	require.False(t, f.use(claim(a, aw, 9))[0].Ok())
	require.Equal(t, before, f.state(), "what is refused above is not proved")
	book.refuse = nil
	requireUse(t, 6, 18, f.use(claim(a, aw, 9))[0])
}

func TestUseRejections(t *testing.T) {
	f, _ := using(t)
	f.provider("other")
	f.must(&types.MsgGrantSessionKey{Owner: f.Addr("alice").String(), Pubkey: pub(keyOf("payer")), Limit: sdk.NewInt64Coin(denom, 5),
		Expires: f.now() + day, Scope: types.SESSION_KEY_SCOPE_PAYMENT})
	long := f.publishWork("cut", f.work)
	banned := f.publishWork("banned", "")
	f.restricted[banned] = true
	for _, c := range []struct {
		name string
		want error
		edit func(*types.Session)
	}{
		{"price", types.ErrInvalidSession, func(s *types.Session) { s.PricePerTick = 1 }},
		{"generation", types.ErrInvalidSession, func(s *types.Session) { s.Generation = 1 }},
		{"denom", types.ErrInvalidSession, func(s *types.Session) { s.Denom = denom }},
		{"subscription", types.ErrInvalidSession, func(s *types.Session) { s.Subscription = "a b" }},
		{"long subscription", types.ErrInvalidSession, func(s *types.Session) { s.Subscription = string(make([]byte, 129)) }},
		{"no tick", types.ErrInvalidSession, func(s *types.Session) { s.TickSeconds = 0 }},
		{"long tick", types.ErrInvalidSession, func(s *types.Session) { s.TickSeconds, s.MaxTicks = 61, 1 }},
		{"too many ticks", types.ErrInvalidSession, func(s *types.Session) { s.MaxTicks = 61 }},
		{"too many long ticks", types.ErrInvalidSession, func(s *types.Session) { s.TickSeconds, s.MaxTicks = 7, 10 }},
		{"far end", types.ErrInvalidSession, func(s *types.Session) { s.Expires = f.now() + day + 1 }},
		{"no end", types.ErrInvalidSession, func(s *types.Session) { s.Expires = 0 }},
		{"late", types.ErrUseLate, func(s *types.Session) { s.Expires = f.now() - hour - 1 }},
		{"chain", types.ErrChainID, func(s *types.Session) { s.ChainId = "another" }},
		{"provider", types.ErrWrongProvider, func(s *types.Session) { s.Provider = f.Addr("other").String() }},
		{"nobody", types.ErrInvalidAddress, func(s *types.Session) { s.EscrowOwner = f.work }},
		{"operator watches", types.ErrOwnUse, func(s *types.Session) { s.EscrowOwner = f.Addr("node").String() }},
		{"agent watches", types.ErrOwnUse, func(s *types.Session) { s.EscrowOwner = f.agent("node").String() }},
		{"version", types.ErrWorkNotRoot, func(s *types.Session) { s.Work = long }},
		{"restricted", types.ErrWorkRestricted, func(s *types.Session) { s.Work = banned }},
		{"no key", types.ErrKeyNotFound, func(s *types.Session) { s.Pubkey = pub(keyOf("nobody")) }},
		{"scope", types.ErrKeyScope, func(s *types.Session) { s.Pubkey = pub(keyOf("payer")) }},
		{"somebody else's key", types.ErrKeyNotFound, func(s *types.Session) { s.EscrowOwner = f.creator.String() }},
	} {
		s, words := f.free("alice", 1, func(s *types.Session) {
			if c.name != "nobody" {
				c.edit(s)
			}
		})
		if c.name == "nobody" {
			c.edit(&s)
		}
		before := f.state()
		res := f.use(claim(s, words, 1))[0]
		require.Equal(t, types.UseResultOf(0, math.ZeroInt(), c.want).Text, res.Text, c.name)
		require.Equal(t, before, f.state(), c.name)
	}
	s, words := f.free("alice", 1)
	for i := range s.Signature {
		forged := s
		forged.Signature = append([]byte(nil), s.Signature...)
		forged.Signature[i] ^= 1
		requireRefused(t, types.ErrInvalidSignature, f.use(claim(forged, words, 1))[0])
	}
	requireItem(t, types.ErrInvalidDenom, f.settle(f.agent("node"), claim(s, words, 1))[0])
	_, err := f.send(&types.MsgReportUse{Agent: f.Addr("alice").String(), Items: []types.Settlement{claim(s, words, 1)}})
	require.ErrorIs(t, err, types.ErrNotProvider)
	for _, n := range []int{0, types.MaxItems + 1} {
		_, err = f.send(&types.MsgReportUse{Agent: f.agent("node").String(), Items: make([]types.Settlement, n)})
		require.ErrorIs(t, err, types.ErrBatchSize)
	}
	f.must(&types.MsgRevokeSessionKey{Owner: f.Addr("alice").String(), Pubkey: pub(keyOf("alice"))})
	requireRefused(t, types.ErrKeyNotFound, f.use(claim(s, words, 1))[0])
}

func TestUseOfAPaidSessionNamesNoSubscription(t *testing.T) {
	f, _ := using(t)
	node := f.Addr("node")
	f.viewer("bob", 20*stream)
	s, words := f.session("bob", f.lane("bob", node, 1, stream), 1, func(s *types.Session) { s.Subscription = "x" })
	requireItem(t, types.ErrInvalidSession, f.settle(node, claim(s, words, 1))[0])
}

// A viewer's proved time never passes the real one, in however many works and places.
func TestNobodyWatchesFasterThanTime(t *testing.T) {
	f, _ := using(t)
	f.watcher("bob")
	s, words := f.free("bob", 1)
	requireRefused(t, types.ErrUseTooFast, f.use(claim(s, words, 1))[0])
	f.at(f.now() + 20)
	requireRefused(t, types.ErrUseTooFast, f.use(claim(s, words, 21))[0])
	requireUse(t, 20, 60, f.use(claim(s, words, 20))[0])
	other, others := f.free("bob", 2, func(s *types.Session) { s.Work = f.publishWork("song", "") })
	requireRefused(t, types.ErrUseTooFast, f.use(claim(other, others, 1))[0])
	f.at(f.now() + 5)
	requireUse(t, 5, 15, f.use(claim(other, others, 5))[0])
	requireRefused(t, types.ErrUseTooFast, f.use(claim(s, words, 21))[0])
	f.must(f.grant(f.Addr("bob"), "second", stream))
	requireRefused(t, types.ErrUseTooFast, f.use(claim(s, words, 21))[0]) // another key has no other time
}

func TestOfAWorkTwiceItsDurationCountsInADay(t *testing.T) {
	f, _ := using(t)
	s, words := f.free("alice", 1)
	requireUse(t, 60, 180, f.use(claim(s, words, 60))[0])
	again, more := f.free("alice", 2)
	requireUse(t, 1, 3, f.use(claim(again, more, 1))[0]) // the tick that may be cut short
	requireRefused(t, types.ErrUseTooMuch, f.use(claim(again, more, 2))[0])
	f.pass(24 * time.Hour)
	third, words3 := f.free("alice", 3)
	requireUse(t, 60, 180, f.use(claim(third, words3, 60))[0])
}

// What is kept of a session goes, with the clock and the count, and not before no report can come.
func TestUseIsForgotten(t *testing.T) {
	f, _ := using(t)
	s, words := f.free("alice", 1)
	requireUse(t, 9, 27, f.use(claim(s, words, 9))[0])
	f.at(s.Expires + types.UseGraceSeconds)
	requireUse(t, 1, 3, f.use(claim(s, words, 10))[0])
	f.next(time.Second)
	requireRefused(t, types.ErrUseLate, f.use(claim(s, words, 11))[0])
	f.at(s.Expires + types.UseGraceSeconds + types.UseWindowSeconds)
	f.next(0)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Len(t, gs.Uses, 1)
	f.next(time.Second)
	f.next(time.Second)
	gs, err = f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, gs.Uses)
	require.Empty(t, gs.ViewerClocks)
	require.Empty(t, gs.WorkUses)
}

// 2,000 viewers with random sessions at random times: no report makes any of them watch longer
// than time has passed since its key was granted, and who watches as time passes is never refused.
func TestRandomUse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for run := range 2000 {
		granted := int64(1_800_000_000)
		now, reached, total, honest := granted, granted, int64(0), int64(0)
		for range 30 {
			now += rng.Int64N(2 * types.UseWindowSeconds / (1 + rng.Int64N(20)))
			var seconds uint64
			if run%2 == 0 { // all that was watched since the last report, as late as may be
				seconds = uint64(min(now-granted-honest, types.UseWindowSeconds))
				honest = now - granted
			} else {
				seconds = rng.Uint64N(3 * types.UseWindowSeconds / (1 + rng.Uint64N(50)))
			}
			moved, over := types.Reach(reached, now, seconds)
			if run%2 == 0 {
				require.Zero(t, over, "run %d", run)
			}
			if over == 0 {
				reached, total = moved, total+int64(seconds)
			}
			require.LessOrEqual(t, total, now-granted, "run %d", run)
			require.LessOrEqual(t, reached, now)
		}
	}
	_, over := types.Reach(0, 1<<40, ^uint64(0))
	require.Positive(t, over)
}

// A report costs gas for the signature and for each hash, and no more hashes than a message may.
func TestUseGas(t *testing.T) {
	f, _ := using(t)
	s, words := f.free("alice", 1)
	cost := func(n uint32) uint64 {
		before := f.Ctx.GasMeter().GasConsumed()
		f.use(claim(s, words, n))
		return f.Ctx.GasMeter().GasConsumed() - before
	}
	first, second := cost(10), cost(20)
	require.Greater(t, first, second+types.SignatureGas)
	require.Less(t, first, uint64(120_000))
	t.Logf("gas of a first report %d, of a later one %d", first, second)
}
