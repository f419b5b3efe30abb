package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/dispute/types"
	revenuekeeper "github.com/streamchain/streamchain/x/revenue/keeper"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagekeeper "github.com/streamchain/streamchain/x/storage/keeper"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// remedies are every kind with how a claim of it begins, and what shows that an upholding ruling,
// or a dismissing one, has been carried out.
func remedies() map[types.Kind]remedy {
	restrict := remedy{
		claim: func(f *fixture, kind types.Kind) uint64 {
			f.pay(f.Funded("buyer", 1), "h1", 300*stream)
			id := f.opened(f.open(kind))
			f.must(&types.MsgContestHold{Claimant: f.alice.String(), Dispute: id, HoldId: "h1"})
			return id
		},
		upheld: func(f *fixture) bool {
			return f.status() == contenttypes.WORK_STATUS_RESTRICTED && f.hold("h1").State == "refunded"
		},
		dismissed: func(f *fixture) bool {
			return f.status() == contenttypes.WORK_STATUS_ACTIVE && f.hold("h1").State == "released"
		},
		fail: func(f *fixture, on bool) { f.revenue.fail = on },
	}
	return map[types.Kind]remedy{
		types.KIND_INFRINGEMENT:    restrict,
		types.KIND_ILLEGAL_CONTENT: restrict,
		types.KIND_IMPERSONATION: {
			claim: func(f *fixture, kind types.Kind) uint64 {
				f.vouch()
				m := f.open(kind)
				m.Subject = f.creatorID()
				return f.opened(m)
			},
			upheld:    func(f *fixture) bool { return f.handle2() == "" && f.level() == 0 },
			dismissed: func(f *fixture) bool { return f.handle2() == "famous" && f.level() == 1 },
			fail:      func(f *fixture, on bool) { f.content.fail = on },
		},
		types.KIND_REFUND: {
			claim: func(f *fixture, kind types.Kind) uint64 {
				m := f.open(kind)
				m.Subject, m.Amount = f.pay(f.alice, "h1", 300*stream), math.NewInt(100*stream)
				return f.opened(m)
			},
			upheld:    func(f *fixture) bool { return f.hold("h10").State == "refunded" && f.hold("h1").State == "held" },
			dismissed: func(f *fixture) bool { return f.hold("h10").State == "released" && f.hold("h1").State == "held" },
			fail:      func(f *fixture, on bool) { f.revenue.fail = on },
		},
		types.KIND_SPLIT: {
			claim: func(f *fixture, kind types.Kind) uint64 {
				m := f.open(kind)
				m.Shares = []revenuetypes.Share{{Recipient: f.creatorID(), Bps: 4000}, {Recipient: f.alice.String(), Bps: 6000}}
				f.pay(f.Funded("buyer", 1), "h1", 300*stream)
				id := f.opened(m)
				f.must(&types.MsgContestHold{Claimant: f.alice.String(), Dispute: id, HoldId: "h1"})
				return id
			},
			upheld:    func(f *fixture) bool { return f.shareOf(f.alice) == 6000 && f.hold("h1").State == "released" },
			dismissed: func(f *fixture) bool { return f.shareOf(f.alice) == 0 && f.hold("h1").State == "released" },
			fail:      func(f *fixture, on bool) { f.revenue.fail = on },
		},
		types.KIND_PROVIDER_FAULT: {
			claim: func(f *fixture, kind types.Kind) uint64 {
				m := f.open(kind)
				m.Subject = f.provider("operator").String()
				return f.opened(m)
			},
			upheld:    func(f *fixture) bool { return f.bond() == 1900*stream },
			dismissed: func(f *fixture) bool { return f.bond() == 2000*stream },
			fail:      func(f *fixture, on bool) { f.storage.fail = on },
		},
	}
}

type remedy struct {
	claim     func(*fixture, types.Kind) uint64
	upheld    func(*fixture) bool
	dismissed func(*fixture) bool
	fail      func(f *fixture, on bool)
}

// vouch has an attester vouch for the creator who is complained of.
func (f *fixture) vouch() {
	attester := f.Addr("attester")
	require.NoError(f.T, f.content.SetAttester(f.Ctx, attester, []uint32{1}, true))
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(f.T, err)
	_, err = f.content.Attest(f.Ctx, attester, &contenttypes.MsgAttest{
		Attester: attester.String(), Creator: f.creatorID(), Level: 1, EvidenceHash: make([]byte, 32), Expires: now + contenttypes.MaxAttestationSeconds,
	})
	require.NoError(f.T, err)
}

// level is how far the creator is verified who is complained of.
func (f *fixture) level() uint32 {
	l, err := f.content.Level(f.Ctx, f.creatorID())
	require.NoError(f.T, err)
	return l
}

// handle2 is the handle of the creator who is complained of.
func (f *fixture) handle2() string {
	c, err := f.content.GetCreator(f.Ctx, f.creatorID())
	require.NoError(f.T, err)
	return c.Handle
}

func (f *fixture) bond() int64 {
	p, err := f.storage.GetProvider(f.Ctx, f.Addr("operator").String())
	require.NoError(f.T, err)
	return p.Bond.Int64()
}

func (f *fixture) shareOf(addr sdk.AccAddress) uint32 {
	res, err := revenuekeeper.NewQueryServer(f.revenue.Keeper).Split(f.Ctx, &revenuetypes.QuerySplitRequest{Subject: f.work})
	require.NoError(f.T, err)
	for _, s := range res.Split.Shares {
		if s.Recipient == addr.String() {
			return s.Bps
		}
	}
	return 0
}

// Every remedy is carried out once the ruling is final, money and slashes not before, and doing it
// again changes nothing.
func TestRemedies(t *testing.T) {
	for _, kind := range types.Kinds() {
		r := remedies()[kind]
		for choice, done := range map[types.Choice]func(*fixture) bool{types.CHOICE_UPHOLD: r.upheld, types.CHOICE_DISMISS: r.dismissed} {
			t.Run(kind.String()+"/"+choice.String(), func(t *testing.T) {
				f := newFixture(t)
				f.jurors(12)
				id := r.claim(f, kind)
				f.drawn(id)
				f.vote(id, all(choice))
				if kind.Restricts() {
					require.Equal(t, choice == types.CHOICE_UPHOLD, f.status() == contenttypes.WORK_STATUS_RESTRICTED, "restricted with the ruling")
					require.Equal(t, "held", f.hold("h1").State)
				} else if choice == types.CHOICE_UPHOLD {
					require.False(t, done(f), "before the last appeal window has ended")
				}
				d := f.final(id)
				require.True(t, d.Remedy.Done)
				require.Zero(t, d.Remedy.NextAt)
				require.True(t, done(f))
				before := f.state()
				require.NoError(t, f.k.Execute(f.Ctx, id))
				require.NoError(t, f.k.Execute(f.Ctx, id))
				require.Equal(t, before, f.state(), "twice is once")
				require.True(t, done(f))
			})
		}
	}
}

// A lower module that refuses after it has written leaves nothing half done; the ruling waits,
// everybody can see why, and it is carried out when the module works again. Bonds and seats do
// not wait for it.
func TestRemediesOfAFailingModule(t *testing.T) {
	for _, kind := range types.Kinds() {
		r := remedies()[kind]
		t.Run(kind.String(), func(t *testing.T) {
			f := newFixture(t)
			f.jurors(12)
			id := r.claim(f, kind)
			f.drawn(id)
			f.vote(id, all(types.CHOICE_UPHOLD))
			r.fail(f, true)
			d := f.final(id)
			require.False(t, d.Remedy.Done)
			require.Positive(t, d.Remedy.NextAt)
			require.False(t, r.upheld(f))
			if kind != types.KIND_PROVIDER_FAULT && kind != types.KIND_IMPERSONATION {
				for _, id := range []string{"h1", "h10"} {
					if h, err := f.revenue.get(f.Ctx, id); err == nil {
						require.Equal(t, "held", h.State)
					}
				}
			}
			require.Zero(t, f.shareOf(f.alice))
			require.Positive(t, f.owed(f.alice), "settled all the same")
			f.check()

			seen, err := f.q.Remedies(f.Ctx, &types.QueryRemediesRequest{})
			require.NoError(t, err)
			require.Len(t, seen.Disputes, 1)
			require.NotZero(t, seen.Disputes[0].Remedy.Code)
			first := d.Remedy.Attempts
			f.next(5 * time.Minute)
			d = f.get(id)
			require.Greater(t, d.Remedy.Attempts, first)
			require.Greater(t, d.Remedy.NextAt-d.ClosedAt, int64(4*types.RetrySeconds), "later each time")
			require.False(t, r.upheld(f))

			r.fail(f, false)
			f.next(20 * time.Minute)
			require.True(t, f.get(id).Remedy.Done)
			require.True(t, r.upheld(f))
		})
	}
}

// A provider that leaves before a long dispute ends leaves behind what the ruling can cost it, and only that.
func TestLeavingProvider(t *testing.T) {
	for choice, left := range map[types.Choice]int64{types.CHOICE_UPHOLD: 1900 * stream, types.CHOICE_DISMISS: 2000 * stream} {
		t.Run(choice.String(), func(t *testing.T) {
			f := newFixture(t)
			f.jurors(12)
			op := f.provider("operator")
			had := f.Balance(op)
			m := f.open(types.KIND_PROVIDER_FAULT)
			m.Subject = op.String()
			id := f.opened(m)
			_, err := f.storage.Leave(f.Ctx, op)
			require.NoError(t, err)
			f.pass(storagetypes.DefaultUnbondingSeconds)
			_, err = f.storage.WithdrawBond(f.Ctx, op)
			require.NoError(t, err)
			require.EqualValues(t, had+1900*stream, f.Balance(op))
			require.EqualValues(t, 100*stream, f.bond())

			again := f.open(types.KIND_PROVIDER_FAULT)
			again.Claimant, again.Subject = f.Funded("enemy", 1000*stream).String(), op.String()
			f.refuse([]rejection{{"a claim after it has left", again, storagetypes.ErrNotClaimable}})

			f.drawn(id)
			f.vote(id, all(choice))
			f.final(id)
			require.True(t, f.get(id).Remedy.Done)
			_, err = f.storage.WithdrawBond(f.Ctx, op)
			require.NoError(t, err)
			require.EqualValues(t, had+left, f.Balance(op))
		})
	}
}

// A dispute that finds no jury takes nothing and keeps nothing.
func TestProviderOfAVoidDispute(t *testing.T) {
	f := newFixture(t)
	op := f.provider("operator")
	m := f.open(types.KIND_PROVIDER_FAULT)
	m.Subject = op.String()
	id := f.opened(m)
	f.next(window + time.Second)
	f.next(101 * time.Second)
	require.True(t, f.get(id).Void)
	res, err := storagekeeper.NewQueryServer(f.storage.Keeper).Provider(f.Ctx, &storagetypes.QueryProviderRequest{Operator: op.String()})
	require.NoError(t, err)
	require.Empty(t, res.BondClaims)
	require.EqualValues(t, 2000*stream, f.bond())
}

// An interim measure restricts at once, for a bond, and no longer than it may.
func TestInterim(t *testing.T) {
	f := newFixture(t)
	f.jurors(12)
	m := f.open(types.KIND_INFRINGEMENT)
	m.Interim = true
	id := f.opened(m)
	require.Equal(t, contenttypes.WORK_STATUS_RESTRICTED, f.status())
	require.EqualValues(t, 1000*stream, f.get(id).InterimBond.Int64())

	again := f.open(types.KIND_ILLEGAL_CONTENT)
	again.Interim = true
	require.ErrorIs(t, f.send(again), types.ErrInterimActive)
	f.next(window + time.Second) // no juror has been drawn yet
	require.Equal(t, contenttypes.WORK_STATUS_RESTRICTED, f.status())
	f.next(3 * window)
	require.Equal(t, contenttypes.WORK_STATUS_ACTIVE, f.status(), "the time is over")
	require.ErrorIs(t, f.send(again), types.ErrInterimActive, "not in the cooldown")

	f.periods(types.SeedLead)
	f.vote(id, all(types.CHOICE_DISMISS))
	f.final(id)
	require.EqualValues(t, 1000*stream, f.owed(f.creator), "who was restricted wrongly is compensated, answered or not")
}

// What one dispute restricts stays restricted when another lets go of it, and a work that was
// retired before is retired again.
func TestRestrictionsOverlap(t *testing.T) {
	f := newFixture(t)
	f.jurors(30)
	_, _, err := f.content.Retire(f.Ctx, f.creator, f.work)
	require.NoError(t, err)
	first, second := f.opened(f.open(types.KIND_INFRINGEMENT)), f.opened(f.open(types.KIND_ILLEGAL_CONTENT))
	f.drawn(first)
	f.vote(first, all(types.CHOICE_UPHOLD))
	f.vote(second, all(types.CHOICE_UPHOLD))
	_, _, err = f.content.Retire(f.Ctx, f.creator, f.work)
	require.ErrorIs(t, err, contenttypes.ErrWorkRestricted)

	overturn := func(id uint64) {
		f.must(&types.MsgAppeal{Appellant: f.creator.String(), Dispute: id, Evidence: document("no"), MaxBond: math.NewInt(1000 * stream)})
		f.periods(types.SeedLead)
		f.vote(id, all(types.CHOICE_DISMISS))
	}
	overturn(first)
	require.Equal(t, contenttypes.WORK_STATUS_RESTRICTED, f.status())
	overturn(second)
	require.Equal(t, contenttypes.WORK_STATUS_RETIRED, f.status())
}
