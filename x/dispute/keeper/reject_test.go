package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/dispute/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

type rejection struct {
	name string
	msg  sdk.Msg
	want error
}

// refuse sends what must be refused, and sees that nothing has changed.
func (f *fixture) refuse(list []rejection) {
	f.T.Helper()
	for _, r := range list {
		before := f.state()
		require.ErrorIs(f.T, f.send(r.msg), r.want, r.name)
		require.Equal(f.T, before, f.state(), r.name)
	}
}

func TestOpenDisputeRejects(t *testing.T) {
	f := newFixture(t)
	f.pay(f.alice, "mine", 3000*stream)
	f.pay(f.creator, "theirs", 3000*stream)
	f.must(f.open(types.KIND_ILLEGAL_CONTENT))
	poor := f.Funded("poor", 100*stream)
	_, err := f.content.RegisterCreator(f.Ctx, poor, "")
	require.NoError(t, err)
	op := f.provider("operator")

	with := func(kind types.Kind, edit func(*types.MsgOpenDispute)) *types.MsgOpenDispute {
		m := f.open(kind)
		edit(m)
		return m
	}
	inf := types.KIND_INFRINGEMENT
	shares := []revenuetypes.Share{{Recipient: f.alice.String(), Bps: 10_000}}
	f.refuse([]rejection{
		{"no claimant", with(inf, func(m *types.MsgOpenDispute) { m.Claimant = "" }), types.ErrInvalidAddress},
		{"no kind", with(0, func(*types.MsgOpenDispute) {}), types.ErrInvalidKind},
		{"unknown kind", with(7, func(*types.MsgOpenDispute) {}), types.ErrInvalidKind},
		{"no subject", with(inf, func(m *types.MsgOpenDispute) { m.Subject = "" }), types.ErrInvalidSubject},
		{"endless subject", with(inf, func(m *types.MsgOpenDispute) { m.Subject = strings.Repeat("b", 201) }), types.ErrInvalidSubject},
		{"no evidence", with(inf, func(m *types.MsgOpenDispute) { m.Evidence = "" }), types.ErrInvalidEvidence},
		{"evidence that is no CID", with(inf, func(m *types.MsgOpenDispute) { m.Evidence = "https://example.org" }), types.ErrInvalidEvidence},
		{"evidence in another spelling", with(inf, func(m *types.MsgOpenDispute) { m.Evidence = strings.ToUpper(m.Evidence) }), types.ErrInvalidEvidence},
		{"no bond", with(inf, func(m *types.MsgOpenDispute) { m.Bond = math.Int{} }), types.ErrInvalidAmount},
		{"negative bond", with(inf, func(m *types.MsgOpenDispute) { m.Bond = math.NewInt(-1) }), types.ErrInvalidAmount},
		{"bond too small", with(inf, func(m *types.MsgOpenDispute) { m.Bond = math.NewInt(200*stream - 1) }), types.ErrBondTooSmall},
		{"an amount where there is none", with(inf, func(m *types.MsgOpenDispute) { m.Amount = math.NewInt(1) }), types.ErrInvalidAmount},
		{"an interim split", with(types.KIND_SPLIT, func(m *types.MsgOpenDispute) { m.Interim, m.Shares = true, shares }), types.ErrNoInterim},
		{"shares of an infringement", with(inf, func(m *types.MsgOpenDispute) { m.Shares = shares }), types.ErrInvalidShares},
		{"a split without shares", with(types.KIND_SPLIT, func(*types.MsgOpenDispute) {}), types.ErrInvalidShares},
		{"a split without the claimant", with(types.KIND_SPLIT, func(m *types.MsgOpenDispute) {
			m.Shares = []revenuetypes.Share{{Recipient: poor.String(), Bps: 10_000}}
		}), types.ErrInvalidShares},
		{"a split to another creator", with(types.KIND_SPLIT, func(m *types.MsgOpenDispute) {
			m.Shares = []revenuetypes.Share{{Recipient: f.alice.String(), Bps: 5000}, {Recipient: contenttypes.NewCreatorID(poor).String(), Bps: 5000}}
		}), revenuetypes.ErrForeignCreator},
		{"no such work", with(inf, func(m *types.MsgOpenDispute) { m.Subject = document("x") }), contenttypes.ErrInvalidWorkID},
		{"a creator is no work", with(inf, func(m *types.MsgOpenDispute) { m.Subject = f.creatorID() }), contenttypes.ErrInvalidWorkID},
		{"a work is no creator", with(types.KIND_IMPERSONATION, func(*types.MsgOpenDispute) {}), contenttypes.ErrInvalidCreatorID},
		{"a creator without a handle", with(types.KIND_IMPERSONATION, func(m *types.MsgOpenDispute) { m.Subject = contenttypes.NewCreatorID(poor).String() }), types.ErrNoHandle},
		{"a work is no provider", with(types.KIND_PROVIDER_FAULT, func(*types.MsgOpenDispute) {}), storagetypes.ErrProviderNotFound},
		{"one's own work", with(inf, func(m *types.MsgOpenDispute) { m.Claimant = f.creator.String() }), types.ErrOwnSubject},
		{"one's own fault", with(types.KIND_PROVIDER_FAULT, func(m *types.MsgOpenDispute) { m.Claimant, m.Subject = op.String(), op.String() }), types.ErrOwnSubject},
		{"the same claim again", f.open(types.KIND_ILLEGAL_CONTENT), types.ErrAlreadyOpen},
		{"no such hold", with(types.KIND_REFUND, func(m *types.MsgOpenDispute) { m.Subject = "none" }), revenuetypes.ErrHoldNotFound},
		{"another's payment", with(types.KIND_REFUND, func(m *types.MsgOpenDispute) { m.Subject = "theirs" }), types.ErrNotPayer},
		{"a bond under a tenth of the payment", with(types.KIND_REFUND, func(m *types.MsgOpenDispute) { m.Subject, m.Bond = "mine", math.NewInt(300*stream-1) }), types.ErrBondTooSmall},
	})
	require.Error(t, f.send(with(inf, func(m *types.MsgOpenDispute) { m.Claimant = poor.String() })), "the bank has not enough")
	f.must(with(types.KIND_REFUND, func(m *types.MsgOpenDispute) { m.Subject, m.Bond = "mine", math.NewInt(300*stream) }))
	require.ErrorIs(t, f.send(with(types.KIND_REFUND, func(m *types.MsgOpenDispute) { m.Subject, m.Bond = "mine", math.NewInt(300*stream) })),
		revenuetypes.ErrHoldNotFound, "a payment waits for one dispute")
}

func TestPartyRejects(t *testing.T) {
	f := newFixture(t)
	f.jurors(12)
	id := f.opened(f.open(types.KIND_INFRINGEMENT))
	imp := f.open(types.KIND_IMPERSONATION)
	imp.Subject = f.creatorID()
	other := f.opened(imp)
	f.pay(f.alice, "h1", 1000*stream)
	f.pay(f.alice, "h2", 3000*stream)
	foreign := f.hold(f.pay(f.alice, "h3", 10))
	foreign.Subject, foreign.Creator = "bafy", "nobody"
	require.NoError(t, f.revenue.set(f.Ctx, "h3", foreign))
	respond := func(edit func(*types.MsgRespond)) *types.MsgRespond {
		m := &types.MsgRespond{Responder: f.creator.String(), Dispute: id, Evidence: document("no")}
		edit(m)
		return m
	}
	evidence := func(edit func(*types.MsgAddEvidence)) *types.MsgAddEvidence {
		m := &types.MsgAddEvidence{Party: f.alice.String(), Dispute: id, Evidence: document("more")}
		edit(m)
		return m
	}
	contest := func(edit func(*types.MsgContestHold)) *types.MsgContestHold {
		m := &types.MsgContestHold{Claimant: f.alice.String(), Dispute: id, HoldId: "h1", Amount: math.ZeroInt(), AddBond: math.ZeroInt()}
		edit(m)
		return m
	}
	f.refuse([]rejection{
		{"no responder", respond(func(m *types.MsgRespond) { m.Responder = "x" }), types.ErrInvalidAddress},
		{"no document", respond(func(m *types.MsgRespond) { m.Evidence = "" }), types.ErrInvalidEvidence},
		{"no dispute", respond(func(m *types.MsgRespond) { m.Dispute = 99 }), types.ErrDisputeNotFound},
		{"a stranger answers", respond(func(m *types.MsgRespond) { m.Responder = f.alice.String() }), types.ErrNotRespondent},
		{"no party", evidence(func(m *types.MsgAddEvidence) { m.Party = "x" }), types.ErrInvalidAddress},
		{"no evidence", evidence(func(m *types.MsgAddEvidence) { m.Evidence = "x" }), types.ErrInvalidEvidence},
		{"evidence for nothing", evidence(func(m *types.MsgAddEvidence) { m.Dispute = 99 }), types.ErrDisputeNotFound},
		{"who has not answered adds", evidence(func(m *types.MsgAddEvidence) { m.Party = f.creator.String() }), types.ErrNotParty},
		{"no claimant", contest(func(m *types.MsgContestHold) { m.Claimant = "x" }), types.ErrInvalidAddress},
		{"negative part", contest(func(m *types.MsgContestHold) { m.Amount = math.NewInt(-1) }), types.ErrInvalidAmount},
		{"negative bond", contest(func(m *types.MsgContestHold) { m.AddBond = math.NewInt(-1) }), types.ErrInvalidAmount},
		{"contest of nothing", contest(func(m *types.MsgContestHold) { m.Dispute = 99 }), types.ErrDisputeNotFound},
		{"another contests", contest(func(m *types.MsgContestHold) { m.Claimant = f.creator.String() }), types.ErrNotClaimant},
		{"no money in it", contest(func(m *types.MsgContestHold) { m.Dispute = other }), types.ErrContestClosed},
		{"no such hold", contest(func(m *types.MsgContestHold) { m.HoldId = "none" }), revenuetypes.ErrHoldNotFound},
		{"about another work", contest(func(m *types.MsgContestHold) { m.HoldId = "h3" }), types.ErrForeignHold},
		{"more than the bond covers", contest(func(m *types.MsgContestHold) { m.HoldId = "h2" }), types.ErrBondTooSmall},
	})
	// the hold grows as the bond does
	f.must(contest(func(m *types.MsgContestHold) { m.HoldId, m.AddBond = "h2", math.NewInt(100*stream) }))
	require.ErrorIs(t, f.send(contest(func(*types.MsgContestHold) {})), types.ErrBondTooSmall, "a tenth of all together")
	f.must(contest(func(m *types.MsgContestHold) { m.AddBond = math.NewInt(100 * stream) }))
	require.EqualValues(t, 400*stream, f.get(id).Bond.Int64())

	f.must(respond(func(*types.MsgRespond) {}))
	f.refuse([]rejection{{"answers again", respond(func(*types.MsgRespond) {}), types.ErrAlreadyResponded}})
	for range types.MaxPartyEvidence {
		f.must(evidence(func(*types.MsgAddEvidence) {}))
		f.must(evidence(func(m *types.MsgAddEvidence) { m.Party = f.creator.String() }))
	}
	f.refuse([]rejection{{"too many", evidence(func(*types.MsgAddEvidence) {}), types.ErrTooMuchEvidence}})
	f.next(window + time.Second)
	f.refuse([]rejection{{"answers too late", respond(func(m *types.MsgRespond) { m.Dispute = other }), types.ErrEvidenceClosed}})
	f.periods(types.SeedLead)
	f.refuse([]rejection{
		{"evidence while votes are sealed", evidence(func(*types.MsgAddEvidence) {}), types.ErrEvidenceClosed},
		{"contest while votes are sealed", contest(func(*types.MsgContestHold) {}), types.ErrContestClosed},
	})
	appeal := func(edit func(*types.MsgAppeal)) *types.MsgAppeal {
		m := &types.MsgAppeal{Appellant: f.alice.String(), Dispute: id, Evidence: document("why"), MaxBond: math.NewInt(500 * stream)}
		edit(m)
		return m
	}
	f.refuse([]rejection{
		{"no appellant", appeal(func(m *types.MsgAppeal) { m.Appellant = "x" }), types.ErrInvalidAddress},
		{"no reasons", appeal(func(m *types.MsgAppeal) { m.Evidence = "" }), types.ErrInvalidEvidence},
		{"no bond", appeal(func(m *types.MsgAppeal) { m.MaxBond = math.Int{} }), types.ErrInvalidAmount},
		{"no dispute", appeal(func(m *types.MsgAppeal) { m.Dispute = 99 }), types.ErrDisputeNotFound},
		{"before the ruling", appeal(func(*types.MsgAppeal) {}), types.ErrNotAppealable},
	})
	f.vote(id, all(types.CHOICE_DISMISS))
	f.next(window + time.Second)
	f.refuse([]rejection{{"after the window", appeal(func(*types.MsgAppeal) {}), types.ErrNotAppealable}})
}

func TestJurorRejects(t *testing.T) {
	f := newFixture(t)
	j := f.Funded("juror", 10_000*stream)
	f.refuse([]rejection{
		{"no juror", &types.MsgStakeJuror{Juror: "x", Amount: math.NewInt(1)}, types.ErrInvalidAddress},
		{"no amount", &types.MsgStakeJuror{Juror: j.String()}, types.ErrInvalidAmount},
		{"zero", &types.MsgStakeJuror{Juror: j.String(), Amount: math.ZeroInt()}, types.ErrInvalidAmount},
		{"too little", &types.MsgStakeJuror{Juror: j.String(), Amount: math.NewInt(500*stream - 1)}, types.ErrStakeTooSmall},
		{"more than fits", &types.MsgStakeJuror{Juror: j.String(), Amount: math.NewIntFromUint64(1 << 63)}, types.ErrStakeTooLarge},
		{"unstake of nobody", &types.MsgUnstakeJuror{Juror: "x", Amount: math.NewInt(1)}, types.ErrInvalidAddress},
		{"unstake nothing", &types.MsgUnstakeJuror{Juror: j.String(), Amount: math.ZeroInt()}, types.ErrInvalidAmount},
		{"no stake", &types.MsgUnstakeJuror{Juror: j.String(), Amount: math.NewInt(1)}, types.ErrJurorNotFound},
		{"claim of nobody", &types.MsgClaimOwed{Account: "x"}, types.ErrInvalidAddress},
		{"nothing owed", &types.MsgClaimOwed{Account: j.String()}, types.ErrNothingOwed},
		{"params by nobody", &types.MsgUpdateParams{Authority: "x", Params: types.DefaultParams()}, types.ErrInvalidAddress},
		{"params by anybody", &types.MsgUpdateParams{Authority: j.String(), Params: types.DefaultParams()}, types.ErrNotAuthority},
		{"params out of bounds", &types.MsgUpdateParams{Authority: f.Authority, Params: types.DefaultParams().Shorten(5)}, types.ErrInvalidParams},
	})
	require.Error(t, f.send(&types.MsgStakeJuror{Juror: j.String(), Amount: math.NewInt(10_001 * stream)}), "the bank has not enough")
	f.must(&types.MsgStakeJuror{Juror: j.String(), Amount: math.NewInt(600 * stream)})
	f.refuse([]rejection{
		{"leaves too little", &types.MsgUnstakeJuror{Juror: j.String(), Amount: math.NewInt(101 * stream)}, types.ErrStakeTooSmall},
		{"more than there is", &types.MsgUnstakeJuror{Juror: j.String(), Amount: math.NewInt(601 * stream)}, types.ErrStakeLocked},
	})
	f.must(&types.MsgUnstakeJuror{Juror: j.String(), Amount: math.NewInt(100 * stream)})
	require.ErrorIs(t, f.send(&types.MsgClaimOwed{Account: j.String()}), types.ErrNothingOwed, "it waits")
	f.next(window)
	f.must(&types.MsgClaimOwed{Account: j.String()})
	require.EqualValues(t, 9500*stream, f.Balance(j))
	f.must(&types.MsgUnstakeJuror{Juror: j.String(), Amount: math.NewInt(500 * stream)})
	f.periods(types.SeedLead)
	f.next(window)
	f.must(&types.MsgClaimOwed{Account: j.String()})
	require.EqualValues(t, 10_000*stream, f.Balance(j))
	_, err := f.k.GetJuror(f.Ctx, j)
	require.ErrorIs(t, err, types.ErrJurorNotFound, "nothing is left behind")

	f.must(&types.MsgUpdateParams{Authority: f.Authority, Params: types.DefaultParams()})
}
