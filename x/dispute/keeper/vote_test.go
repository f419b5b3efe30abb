package keeper_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// Every misuse of sealing and revealing is refused by name and changes nothing.
func TestVoteMisuse(t *testing.T) {
	f := newFixture(t)
	f.jurors(12)
	id := f.opened(f.open(types.KIND_INFRINGEMENT))
	early := &types.MsgCommitVote{Juror: f.Addr("juror0").String(), Dispute: id, Commit: make([]byte, 32)}
	require.ErrorIs(t, f.send(early), types.ErrCommitClosed, "before there is a jury")
	ballots := f.drawn(id)
	require.GreaterOrEqual(t, len(ballots), 3)
	a, b, c := ballots[0], ballots[1], ballots[2]
	up := types.CHOICE_UPHOLD

	refused := func(msg sdk.Msg, want error, why string) {
		t.Helper()
		before := f.state()
		require.ErrorIs(t, f.send(msg), want, why)
		require.Equal(t, before, f.state(), why)
	}
	with := func(m *types.MsgCommitVote, edit func(*types.MsgCommitVote)) *types.MsgCommitVote {
		edit(m)
		return m
	}
	refused(revealMsg(a, up), types.ErrRevealClosed, "revealed before votes are sealed")
	refused(with(f.commitMsg(a, up), func(m *types.MsgCommitVote) { m.Commit = m.Commit[1:] }), types.ErrInvalidHash, "31 bytes")
	refused(with(f.commitMsg(a, up), func(m *types.MsgCommitVote) { m.Commit = nil }), types.ErrInvalidHash, "nothing")
	refused(with(f.commitMsg(a, up), func(m *types.MsgCommitVote) { m.Juror = f.alice.String() }), types.ErrNotJuror, "not on the jury")
	refused(with(f.commitMsg(a, up), func(m *types.MsgCommitVote) { m.Juror = "stream1" }), types.ErrInvalidAddress, "no address")
	refused(with(f.commitMsg(a, up), func(m *types.MsgCommitVote) { m.Dispute = 99 }), types.ErrDisputeNotFound, "another dispute")
	refused(with(f.commitMsg(a, up), func(m *types.MsgCommitVote) { m.Round = 1 }), types.ErrCommitClosed, "a later round")

	f.must(f.commitMsg(a, up))
	refused(f.commitMsg(a, types.CHOICE_DISMISS), types.ErrAlreadyCommitted, "twice")
	// b copies what a has sealed, and will not be able to open it even with a's salt
	f.must(&types.MsgCommitVote{Juror: b.Juror, Dispute: id, Commit: f.commitMsg(a, up).Commit})
	// c seals for another chain
	f.must(&types.MsgCommitVote{
		Juror: c.Juror, Dispute: id, Commit: types.VoteHash("otherchain-1", id, 0, sdk.MustAccAddressFromBech32(c.Juror), up, salt(c)),
	})
	f.next(window + time.Second)
	require.Equal(t, types.STATUS_REVEAL, f.get(id).Status)
	if len(ballots) > 3 {
		refused(f.commitMsg(ballots[3], up), types.ErrCommitClosed, "too late")
		refused(revealMsg(ballots[3], up), types.ErrNotCommitted, "sealed nothing")
	}
	change := func(edit func(*types.MsgRevealVote)) *types.MsgRevealVote {
		m := revealMsg(a, up)
		edit(m)
		return m
	}
	refused(change(func(m *types.MsgRevealVote) { m.Choice = types.CHOICE_DISMISS }), types.ErrWrongReveal, "another choice")
	refused(change(func(m *types.MsgRevealVote) { m.Choice = types.CHOICE_UNSPECIFIED }), types.ErrInvalidChoice, "no choice")
	refused(change(func(m *types.MsgRevealVote) { m.Choice = 3 }), types.ErrInvalidChoice, "no such choice")
	refused(change(func(m *types.MsgRevealVote) { m.Salt = bytes.Repeat([]byte{1}, 32) }), types.ErrWrongReveal, "wrong salt")
	refused(change(func(m *types.MsgRevealVote) { m.Salt = m.Salt[:16] }), types.ErrInvalidHash, "half a salt")
	refused(change(func(m *types.MsgRevealVote) { m.Juror = f.alice.String() }), types.ErrNotJuror, "not on the jury")
	refused(change(func(m *types.MsgRevealVote) { m.Round = 1 }), types.ErrRevealClosed, "a later round")
	refused(change(func(m *types.MsgRevealVote) { m.Juror = b.Juror }), types.ErrWrongReveal, "a copied seal with its owner's salt")
	refused(revealMsg(b, up), types.ErrWrongReveal, "a copied seal with one's own salt")
	refused(revealMsg(c, up), types.ErrWrongReveal, "sealed for another chain")
	f.must(revealMsg(a, up))
	refused(revealMsg(a, up), types.ErrAlreadyRevealed, "twice")
	f.next(window + time.Second)
	refused(revealMsg(b, up), types.ErrRevealClosed, "too late")
	require.Equal(t, types.CHOICE_UPHOLD, f.get(id).Standing)
	d := f.final(id)
	require.EqualValues(t, 1, d.Rounds[0].Revealed)
	for _, x := range ballots {
		j, err := f.k.GetJuror(f.Ctx, sdk.MustAccAddressFromBech32(x.Juror))
		require.NoError(t, err)
		want := int64(5000 * stream)
		if x.Juror != a.Juror {
			want -= int64(x.Seats) * 37_500_000
		}
		require.Equal(t, want, j.Stake.Int64(), "who has shown no vote loses one and a half")
	}
}

// The hash is the document's, byte by byte, so that other programs can seal.
func TestVoteHashIsSpecified(t *testing.T) {
	juror := sdk.AccAddress(bytes.Repeat([]byte{7}, 20))
	h := types.VoteHash("c-1", 5, 2, juror, types.CHOICE_UPHOLD, bytes.Repeat([]byte{9}, 32))
	require.Equal(t, "2f1f26a851c7c32d", fmt.Sprintf("%x", h[:8]))
}

// Coherence is measured against the final ruling: who was with the first jury's majority loses
// where the appeals end otherwise, and every coin is accounted for.
func TestAppealsToTheEnd(t *testing.T) {
	f := newFixture(t)
	jurors := f.jurors(60)
	f.pay(f.Funded("buyer", 1), "h1", 300*stream)
	id := f.opened(f.open(types.KIND_INFRINGEMENT))
	f.must(&types.MsgRespond{Responder: f.creator.String(), Dispute: id, Evidence: document("no")})
	f.must(&types.MsgContestHold{Claimant: f.alice.String(), Dispute: id, HoldId: "h1"})
	f.drawn(id)
	appeal := &types.MsgAppeal{Appellant: f.creator.String(), Dispute: id, Evidence: document("why"), MaxBond: math.NewInt(2000 * stream)}
	require.ErrorIs(t, f.send(appeal), types.ErrNotAppealable)

	first := f.ballots(id)
	choices := []types.Choice{types.CHOICE_UPHOLD, types.CHOICE_DISMISS, types.CHOICE_UPHOLD, types.CHOICE_DISMISS}
	bonds := []int64{200 * stream, 428_571_429, 885_714_286, 1800 * stream}
	for round, c := range choices {
		if round > 0 {
			res, err := f.q.Dispute(f.Ctx, &types.QueryDisputeRequest{Id: id})
			require.NoError(t, err)
			require.Equal(t, bonds[round], res.AppealBond.Int64())
			appeal.MaxBond = math.NewInt(bonds[round] - 1)
			require.ErrorIs(t, f.send(appeal), types.ErrBondTooHigh)
			appeal.MaxBond = math.NewInt(bonds[round])
			f.must(appeal)
			d := f.get(id)
			require.Equal(t, c, d.Rounds[round].Side)
			f.periods(types.SeedLead)
		}
		d := f.get(id)
		require.Equal(t, types.STATUS_COMMIT, d.Status)
		require.Equal(t, types.SeatsOf(round), d.Rounds[round].Drawn)
		f.vote(id, all(c))
		require.Equal(t, c, f.get(id).Standing)
		f.check()
	}
	d := f.get(id)
	require.Equal(t, types.STATUS_CLOSED, d.Status, "the last jury's ruling is final")
	require.True(t, d.Remedy.Done)
	require.Equal(t, "released", f.hold("h1").State)
	require.ErrorIs(t, f.send(appeal), types.ErrNotAppealable)

	// the creator gets its bond and those of the appeals that the end agrees with, and compensation
	lost := int64(200*stream) + bonds[2] // alice's, and the appeal for her
	slashed := int64(7+31) * 25 * stream
	fees := int64(15+63) * 10 * stream
	rest := lost + slashed - fees
	require.Equal(t, 200*stream+bonds[1]+bonds[3]+rest/2, f.owed(f.creator))
	require.Zero(t, f.owed(f.alice))
	paid := int64(0)
	for _, addr := range jurors {
		paid += f.owed(addr)
	}
	each := (rest - rest/2) / (15 + 63)
	require.Equal(t, fees+each*(15+63), paid)
	for _, b := range first {
		j, err := f.k.GetJuror(f.Ctx, sdk.MustAccAddressFromBech32(b.Juror))
		require.NoError(t, err)
		require.Less(t, j.Stake.Int64(), int64(5000*stream), "with the first majority, against the last")
	}
	require.Empty(t, f.ballots(id))

	before := f.Balance(f.creator)
	owed := f.owed(f.creator)
	f.must(&types.MsgClaimOwed{Account: f.creator.String()})
	require.Equal(t, before+owed, f.Balance(f.creator))
	require.ErrorIs(t, f.send(&types.MsgClaimOwed{Account: f.creator.String()}), types.ErrNothingOwed)
}

// Silence forfeits nothing but the bond that was never put up: jurors judge all the same. A jury
// that does not vote leaves what stood, and pays for it.
func TestSilence(t *testing.T) {
	f := newFixture(t)
	f.jurors(12)
	treasury := f.ModuleBalance("governance")
	id := f.opened(f.open(types.KIND_INFRINGEMENT))
	res, err := f.q.DisputesOf(f.Ctx, &types.QueryDisputesOfRequest{Respondent: f.creatorID()})
	require.NoError(t, err)
	require.Len(t, res.Disputes, 1, "the respondent can know")
	notices, err := f.k.Notices(f.Ctx, 0, 10)
	require.NoError(t, err)
	require.Equal(t, types.ACTION_OPENED, notices[0].Action)
	require.Equal(t, f.creatorID(), notices[0].Respondent)

	f.drawn(id)
	f.vote(id, all(types.CHOICE_UNSPECIFIED))
	require.Equal(t, types.STATUS_APPEAL, f.get(id).Status)
	require.Equal(t, types.CHOICE_DISMISS, f.get(id).Standing)
	f.final(id)
	slashed := int64(7 * 37.5 * stream)
	require.Zero(t, f.owed(f.alice))
	require.Equal(t, treasury+200*stream+slashed, f.ModuleBalance("governance"), "nobody else is there to be paid")
}

// A tie leaves what stood before.
func TestTie(t *testing.T) {
	f := newFixture(t)
	f.jurors(40)
	id := f.opened(f.open(types.KIND_INFRINGEMENT))
	f.drawn(id)
	ballots := f.ballots(id)
	up, down := uint32(0), uint32(0)
	votes := make([]types.Choice, len(ballots))
	for i, b := range ballots {
		switch {
		case up == 0 || up+b.Seats <= down:
			up, votes[i] = up+b.Seats, types.CHOICE_UPHOLD
		case down+b.Seats <= up:
			down, votes[i] = down+b.Seats, types.CHOICE_DISMISS
		}
	}
	f.vote(id, func(i int, _ types.Ballot) types.Choice { return votes[i] })
	require.NotEmpty(t, ballots)
	d := f.get(id)
	require.Equal(t, up, down, "the fixture's seeds allow for a tie")
	require.Equal(t, types.CHOICE_DISMISS, d.Rounds[0].Ruling)
	require.Equal(t, up, d.Rounds[0].Uphold)
	require.Equal(t, down, d.Rounds[0].Dismiss)
}
