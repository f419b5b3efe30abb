package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/stream/types"
)

// A lane can be settled until its expiry and the grace, that second included, and is then
// ended by a block: one second before, at, and one second after.
func TestCloseRaces(t *testing.T) {
	for _, c := range []struct {
		name  string
		shift int64
		want  error
		open  bool // after the block of that time
	}{{"one before", -1, nil, true}, {"at the end", 0, nil, true}, {"one after", 1, types.ErrLaneEnded, false}} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			alice, node := f.viewer("alice", 20*stream), f.provider("node")
			lane := f.lane("alice", node, 1, stream)
			require.Equal(t, lane.Expires+types.DefaultGraceSeconds, lane.ClosesAt)
			s, words := f.session("alice", lane, 1)
			require.Equal(t, []types.ItemResult{{Paid: 100}}, f.settle(node, claim(s, words, 1)))
			f.at(lane.ClosesAt + c.shift)

			// the owner can take back nothing of the cap, however late, while it can be settled
			balance, reserved := f.escrow(alice)
			require.EqualValues(t, stream-100, reserved)
			_, err := f.send(&types.MsgWithdraw{Owner: alice.String(), Amount: token.Coin(balance - reserved + 1)})
			require.ErrorIs(t, err, types.ErrInsufficientEscrow)
			requireItem(t, c.want, f.settle(node, claim(s, words, 50))[0])

			f.NextBlock(0, func(ctx sdk.Context) error { return f.revenue.EndBlock(ctx) }, func(ctx sdk.Context) error { return f.k.EndBlock(ctx) })
			_, err = f.q.Lane(f.Ctx, &types.QueryLaneRequest{Owner: alice.String(), Denom: denom, Provider: node.String()})
			require.Equal(t, c.open, err == nil)
			if !c.open {
				balance, reserved = f.escrow(alice)
				require.Zero(t, reserved)
				f.must(&types.MsgWithdraw{Owner: alice.String(), Amount: token.Coin(balance)})
			}
		})
	}
}

// A withdrawal and an opening race for the same coins: whoever comes first gets them.
func TestWithdrawRacesOpening(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	intent := f.intent("alice", node, 1, 5*stream)
	withdraw := &types.MsgWithdraw{Owner: alice.String(), Amount: token.Coin(6 * stream)}
	base := f.Ctx
	f.Ctx, _ = base.CacheContext()
	f.must(withdraw)
	requireItem(t, types.ErrInsufficientEscrow, f.open(node, intent))
	f.check()
	f.Ctx = base
	requireItem(t, nil, f.open(node, intent))
	_, err := f.send(withdraw)
	require.ErrorIs(t, err, types.ErrInsufficientEscrow)
}

// One deposit, 16 providers: no order of openings and settlements spends more than there is.
func TestOneDepositManyProviders(t *testing.T) {
	f := newFixture(t)
	alice := f.viewer("alice", 2*stream) // 1 STREAM in escrow
	opened, paid := 0, uint64(0)
	for i := range 16 {
		node := f.provider(string(rune('a' + i)))
		if !f.open(node, f.intent("alice", node, 1, 150_000)).Ok() {
			continue
		}
		opened++
		s, words := f.session("alice", f.laneOf(alice, node), 1, func(s *types.Session) { s.PricePerTick = 1000 })
		requireItem(t, types.ErrOverCap, f.settle(node, claim(s, words, 151))[0])
		paid += f.settle(node, claim(s, words, 150))[0].Paid
		require.Zero(t, f.settle(node, claim(s, words, 150))[0].Paid)
	}
	require.Equal(t, 6, opened)
	require.EqualValues(t, 900_000, paid)
	balance, reserved := f.escrow(alice)
	require.EqualValues(t, stream-900_000-6*types.DefaultOpenFee, balance)
	require.Zero(t, reserved)
}

// coordinate is where a voucher is good.
type coordinate struct {
	chain, owner string
	generation   uint64
}

// A lane pays its own cap only, in however many steps, also where the escrow and the key have
// more reserved for another.
func TestCapsAreSeparate(t *testing.T) {
	f := newFixture(t)
	alice, node, other := f.viewer("alice", 20*stream), f.provider("node"), f.provider("other")
	lane := f.lane("alice", node, 1, 100*price)
	f.lane("alice", other, 1, stream)
	s, words := f.session("alice", lane, 1)
	again, others := f.session("alice", lane, 2)
	require.EqualValues(t, 60*price, f.settle(node, claim(s, words, 60))[0].Paid)
	requireItem(t, types.ErrOverCap, f.settle(node, claim(s, words, 101))[0])
	requireItem(t, types.ErrOverCap, f.settle(node, claim(again, others, 41))[0])
	require.EqualValues(t, 40*price, f.settle(node, claim(again, others, 40))[0].Paid)
	requireItem(t, types.ErrOverCap, f.settle(node, claim(s, words, 61))[0])
	_, reserved := f.escrow(alice)
	require.EqualValues(t, stream, reserved)
}

// A voucher is good at its own chain, escrow and generation only: the cross product of 2
// chains, 3 escrows and 3 generations, tried on each of the chains. One key signs for all, so
// that only the voucher's own fields tell them apart.
func TestReplay(t *testing.T) {
	chains := []string{"streamchain-test-1", "streamchain-test-2"}
	owners := []string{"alice", "bob", "carol"}
	for _, home := range chains {
		t.Run(home, func(t *testing.T) {
			f := newFixture(t)
			f.Ctx = f.Ctx.WithChainID(home)
			node := f.provider("node")
			intents, claims := map[coordinate]types.LaneIntent{}, map[coordinate]types.Settlement{}
			var all, targets []coordinate
			for _, owner := range owners {
				f.viewer(owner, 20*stream)
				f.must(f.grant(f.Addr(owner), "shared", 5*stream))
				for generation := uint64(1); generation <= 3; generation++ {
					for _, chain := range chains {
						at := coordinate{chain, owner, generation}
						all = append(all, at)
						intents[at], claims[at] = f.vouchersAt(at, node)
					}
					targets = append(targets, coordinate{home, owner, generation})
				}
			}
			accepted := 0
			for _, target := range targets {
				accepted += f.replayAt(node, target, all, intents, claims)
			}
			require.Equal(t, 9, accepted)
		})
	}
}

// vouchersAt signs an intent and claims ten ticks of a session of its lane.
func (f *fixture) vouchersAt(at coordinate, node sdk.AccAddress) (types.LaneIntent, types.Settlement) {
	i := f.intent(at.owner, node, at.generation, 100_000)
	i.ChainId, i.Pubkey = at.chain, pub(keyOf("shared"))
	i = signIntent(i, keyOf("shared"))
	lane := types.Lane{Owner: i.EscrowOwner, Denom: denom, Provider: node.String(), Generation: at.generation, Expires: i.Expires}
	s, words := f.session("shared", lane, 1, func(s *types.Session) { s.ChainId = at.chain })
	return i, claim(s, words, 10)
}

// replayAt tries every voucher of elsewhere at the target, then the target's own, and returns
// how many were accepted there.
func (f *fixture) replayAt(
	node sdk.AccAddress, target coordinate, all []coordinate, intents map[coordinate]types.LaneIntent, claims map[coordinate]types.Settlement,
) (accepted int) {
	f.T.Helper()
	// a voucher of another owner at its own, next generation is no replay
	elsewhere := func(source coordinate) bool { return source.chain != target.chain || source.owner == target.owner }
	for _, source := range all {
		if source == target {
			continue
		}
		moved := intents[target]
		moved.Signature = intents[source].Signature
		requireItem(f.T, types.ErrInvalidSignature, f.open(node, moved))
		if elsewhere(source) {
			require.False(f.T, f.open(node, intents[source]).Ok(), "%v while %v is next", source, target)
		}
	}
	requireItem(f.T, nil, f.open(node, intents[target]))
	for _, source := range all {
		if source == target {
			continue
		}
		moved := claims[source]
		moved.Session.ChainId, moved.Session.EscrowOwner = target.chain, f.Addr(target.owner).String()
		moved.Session.Generation = target.generation
		requireItem(f.T, types.ErrInvalidSignature, f.settle(node, moved)[0])
		moved = claims[target]
		moved.Word = claims[source].Word
		requireItem(f.T, types.ErrWrongWord, f.settle(node, moved)[0])
		if elsewhere(source) {
			// a lane that is closing still takes words, and each of them pays once
			require.Zero(f.T, f.settle(node, claims[source])[0].Paid, "%v at %v", source, target)
		}
	}
	if f.settle(node, claims[target])[0].Paid == 10*price {
		accepted++
	}
	f.close(node, f.Addr(target.owner), target.generation)
	require.Equal(f.T, []types.ItemResult{{}}, f.settle(node, claims[target]), "paid already")
	requireItem(f.T, types.ErrGeneration, f.open(node, intents[target]))
	return accepted
}

// After the first settlement no signature is checked any more; the words bind all terms.
func TestLaterSettlementsKeepTheTerms(t *testing.T) {
	f := newFixture(t)
	f.viewer("alice", 20*stream)
	node := f.provider("node")
	lane := f.lane("alice", node, 1, stream)
	s, words := f.session("alice", lane, 1)
	require.EqualValues(t, 1000, f.settle(node, claim(s, words, 10))[0].Paid)
	for name, edit := range map[string]func(*types.Session){
		"price":   func(s *types.Session) { s.PricePerTick *= 2 },
		"session": func(s *types.Session) { s.Session = 2 },
		"work":    func(s *types.Session) { s.Work = f.publishWork("cheap", "") },
		"ticks":   func(s *types.Session) { s.MaxTicks++ },
		"tick":    func(s *types.Session) { s.TickSeconds++ },
		"expiry":  func(s *types.Session) { s.Expires-- },
	} {
		t.Run(name, func(t *testing.T) {
			c := claim(s, words, 20)
			edit(&c.Session)
			require.False(t, f.settle(node, c)[0].Ok())
		})
	}
	// a second session of the same number and terms pays nothing beside the first
	again, others := f.session("bob", lane, 1, func(s *types.Session) { s.Pubkey = pub(keyOf("alice")) })
	requireItem(t, types.ErrWrongWord, f.settle(node, claim(again, others, 20))[0])
	require.EqualValues(t, 1000, f.settle(node, claim(s, words, 20))[0].Paid)
}

// A ruling stops new sessions; what began before it is still paid.
func TestRestrictedMeanwhile(t *testing.T) {
	f := newFixture(t)
	f.viewer("alice", 20*stream)
	node := f.provider("node")
	lane := f.lane("alice", node, 1, stream)
	s, words := f.session("alice", lane, 1)
	later, laterWords := f.session("alice", lane, 2)
	require.EqualValues(t, 1000, f.settle(node, claim(s, words, 10))[0].Paid)
	f.restricted[f.work] = true
	requireItem(t, types.ErrWorkRestricted, f.settle(node, claim(later, laterWords, 10))[0])
	require.EqualValues(t, 1000, f.settle(node, claim(s, words, 20))[0].Paid)
}

// A tip goes to the creator, by any version's CID or by id, with its memo in the event.
func TestTip(t *testing.T) {
	f := newFixture(t)
	alice := f.Funded("alice", 10*stream)
	second := f.publishWork("film, again", f.work)
	for _, subject := range []string{f.work, second} {
		f.must(&types.MsgTip{Payer: alice.String(), Subject: subject, Amount: token.Coin(stream), Memo: "merci, ☺"})
		var tipped *types.EventTipped
		for _, e := range f.Ctx.EventManager().ABCIEvents() {
			if msg, err := sdk.ParseTypedEvent(e); err == nil {
				if event, ok := msg.(*types.EventTipped); ok {
					tipped = event
				}
			}
		}
		require.NotNil(t, tipped)
		require.Equal(t, f.work, tipped.Subject, "the root's")
		require.Equal(t, "merci, ☺", tipped.Memo)
	}
	f.next(time.Second)
	require.EqualValues(t, 8*stream, f.Balance(alice))
}
