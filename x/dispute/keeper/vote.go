package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// GetBallot returns a juror's place on a jury. Errors: ErrNotJuror.
func (k *Keeper) GetBallot(ctx context.Context, id uint64, round uint32, juror sdk.AccAddress) (types.Ballot, error) {
	b, err := k.ballots.Get(ctx, collections.Join3(id, round, juror.Bytes()))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Ballot{}, errorsmod.Wrapf(types.ErrNotJuror, "%s, dispute %d, round %d", juror, id, round)
	}
	return b, err
}

// CommitVote seals a juror's vote. With the last one votes can be revealed at once. Emits
// EventVoteCommitted, and EventRevealOpened. Errors: ErrDisputeNotFound, ErrCommitClosed,
// ErrNotJuror, ErrAlreadyCommitted.
func (k *Keeper) CommitVote(ctx context.Context, juror sdk.AccAddress, id uint64, round uint32, commit []byte) error {
	d, err := k.GetDispute(ctx, id)
	if err != nil {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	// the block that ends the window may come late
	if d.Status != types.STATUS_COMMIT || round != d.LastIndex() || now >= d.DueAt {
		return errorsmod.Wrapf(types.ErrCommitClosed, "round %d of %d, %s", round, len(d.Rounds), d.Status)
	}
	b, err := k.GetBallot(ctx, id, round, juror)
	if err != nil {
		return err
	}
	if len(b.Commit) > 0 {
		return errorsmod.Wrap(types.ErrAlreadyCommitted, b.Juror)
	}
	b.Commit = commit
	if err := k.ballots.Set(ctx, collections.Join3(id, round, juror.Bytes()), b); err != nil {
		return err
	}
	if err := emit(ctx, &types.EventVoteCommitted{Dispute: id, Round: round, Juror: b.Juror}); err != nil {
		return err
	}
	r := d.Last()
	if r.Committed++; r.Committed == r.Jurors {
		return k.openReveal(ctx, &d, now)
	}
	return k.disputes.Set(ctx, id, d)
}

// openReveal lets jurors show the votes that they have sealed.
func (k *Keeper) openReveal(ctx context.Context, d *types.Dispute, now int64) error {
	d.Status = types.STATUS_REVEAL
	if err := k.reschedule(ctx, d, now+d.Last().Terms.RevealSeconds); err != nil {
		return err
	}
	return emit(ctx, &types.EventRevealOpened{Dispute: d.Id, Round: d.LastIndex(), RevealUntil: d.DueAt})
}

// RevealVote shows a sealed vote; it counts for all seats of the juror. With the last one the
// round is counted at the end of the block. Emits EventVoteRevealed. Errors:
// ErrDisputeNotFound, ErrRevealClosed, ErrNotJuror, ErrNotCommitted, ErrAlreadyRevealed, ErrWrongReveal.
func (k *Keeper) RevealVote(ctx context.Context, juror sdk.AccAddress, m *types.MsgRevealVote) error {
	d, err := k.GetDispute(ctx, m.Dispute)
	if err != nil {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if d.Status != types.STATUS_REVEAL || m.Round != d.LastIndex() || now >= d.DueAt {
		return errorsmod.Wrapf(types.ErrRevealClosed, "round %d of %d, %s", m.Round, len(d.Rounds), d.Status)
	}
	b, err := k.GetBallot(ctx, m.Dispute, m.Round, juror)
	if err != nil {
		return err
	}
	switch chain := sdk.UnwrapSDKContext(ctx).ChainID(); {
	case len(b.Commit) == 0:
		return errorsmod.Wrap(types.ErrNotCommitted, b.Juror)
	case b.Choice != types.CHOICE_UNSPECIFIED:
		return errorsmod.Wrap(types.ErrAlreadyRevealed, b.Juror)
	case !bytes.Equal(b.Commit, types.VoteHash(chain, m.Dispute, m.Round, juror, m.Choice, m.Salt)):
		return errorsmod.Wrap(types.ErrWrongReveal, b.Juror)
	}
	b.Choice = m.Choice
	if err := k.ballots.Set(ctx, collections.Join3(m.Dispute, m.Round, juror.Bytes()), b); err != nil {
		return err
	}
	r := d.Last()
	if m.Choice == types.CHOICE_UPHOLD {
		r.Uphold += b.Seats
	} else {
		r.Dismiss += b.Seats
	}
	err = emit(ctx, &types.EventVoteRevealed{Dispute: d.Id, Round: m.Round, Juror: b.Juror, Choice: b.Choice, Seats: b.Seats})
	if err != nil {
		return err
	}
	if r.Revealed++; r.Revealed == r.Committed {
		return k.reschedule(ctx, &d, now)
	}
	return k.disputes.Set(ctx, d.Id, d)
}

// Appeal asks for a jury of twice the seats and one, with a bond in proportion, against the
// ruling that stands. Anybody can: a party may not have the coins. It returns the round's number
// and its bond. Emits EventAppealed. Errors: ErrDisputeNotFound, ErrNotAppealable, ErrBondTooHigh, the bank's.
func (k *Keeper) Appeal(ctx context.Context, appellant sdk.AccAddress, m *types.MsgAppeal) (uint32, math.Int, error) {
	d, err := k.GetDispute(ctx, m.Dispute)
	if err != nil {
		return 0, math.Int{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return 0, math.Int{}, err
	}
	if d.Status != types.STATUS_APPEAL || now >= d.DueAt {
		return 0, math.Int{}, errorsmod.Wrapf(types.ErrNotAppealable, "%s", d.Status)
	}
	r, err := k.nextRound(ctx, d)
	if err != nil {
		return 0, math.Int{}, err
	}
	if r.Bond.GT(m.MaxBond) {
		return 0, math.Int{}, errorsmod.Wrapf(types.ErrBondTooHigh, "%sustream", r.Bond)
	}
	if err := k.lock(ctx, appellant, r.Bond, "bond"); err != nil {
		return 0, math.Int{}, err
	}
	r.Appellant = appellant.String()
	d.Rounds = append(d.Rounds, r)
	d.Evidence = append(d.Evidence, types.Evidence{By: r.Appellant, Cid: m.Evidence, At: now})
	if err := k.seek(ctx, &d, now); err != nil {
		return 0, math.Int{}, err
	}
	return d.LastIndex(), r.Bond, emit(ctx, &types.EventAppealed{
		Dispute: d.Id, Round: d.LastIndex(), Appellant: r.Appellant, Side: r.Side, Bond: r.Bond, Seats: r.Seats,
	})
}

// nextRound is the round that an appeal would open now, with the terms of today.
func (k *Keeper) nextRound(ctx context.Context, d types.Dispute) (types.Round, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return types.Round{}, err
	}
	terms, err := params.Of(d.Kind)
	if err != nil {
		return types.Round{}, err
	}
	r := types.NewRound(len(d.Rounds), terms)
	r.Bond, r.Side = terms.RoundBond(r.Seats), d.Standing.Opposite()
	return r, nil
}
