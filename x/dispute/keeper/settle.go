package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/dispute/types"
)

func zero() math.Int { return math.ZeroInt() }

// conclude makes the ruling that stands the final one, settles every bond and seat, and lets the
// ruling be carried out. It returns how many seats it settled, and one.
func (k *Keeper) conclude(ctx context.Context, d *types.Dispute, now int64) (uint32, error) {
	if err := k.tellRuling(ctx, *d, true); err != nil {
		return 1, err
	}
	ballots, err := k.allBallots(ctx, *d)
	if err != nil {
		return 1, err
	}
	if err := k.settle(ctx, *d, ballots); err != nil {
		return 1, err
	}
	if d.Kind != types.KIND_REFUND {
		if err := k.open.Remove(ctx, collections.Join3(uint32(d.Kind), d.Subject, d.Claimant)); err != nil {
			return 1, err
		}
	}
	d.Status, d.ClosedAt, d.InterimUntil = types.STATUS_CLOSED, now, 0
	if err := k.reschedule(ctx, d, 0); err != nil {
		return 1, err
	}
	return 1 + uint32(len(ballots)), k.schedule(ctx, d.Id, now)
}

// settle pays out every bond and seat of a dispute, and removes the ballots.
func (k *Keeper) settle(ctx context.Context, d types.Dispute, ballots []types.Ballot) error {
	c := d.Case(ballots)
	s := c.Settle()
	if !c.Conserved(s) {
		return errorsmod.Wrapf(types.ErrInvariant, "the settlement of dispute %d", d.Id)
	}
	for i, b := range ballots {
		locked := d.Rounds[b.Round].Terms.Lock().MulRaw(int64(b.Seats))
		if err := k.unseat(ctx, b, locked, s.Slashed[i], s.Paid[i]); err != nil {
			return err
		}
	}
	lost := zero()
	for i, b := range c.Bonds {
		if err := k.credit(ctx, b.Owner, s.Returned[i]); err != nil {
			return err
		}
		lost = lost.Add(b.Amount.Sub(s.Returned[i]))
	}
	if c.Winner {
		if err := k.credit(ctx, d.Winner(), s.Compensation); err != nil {
			return err
		}
	}
	if err := k.settleInterim(ctx, d); err != nil {
		return err
	}
	if err := k.pay(ctx, k.treasury, s.Treasury); err != nil {
		return err
	}
	return emit(ctx, &types.EventSettled{
		Dispute: d.Id, Returned: types.Sum(s.Returned), Lost: lost, Slashed: types.Sum(s.Slashed), Paid: types.Sum(s.Paid),
		Compensation: s.Compensation, Treasury: s.Treasury,
	})
}

// settleInterim returns the bond of an interim measure that was right, or that no jury has judged;
// else it compensates whose work was restricted, answered or not.
func (k *Keeper) settleInterim(ctx context.Context, d types.Dispute) error {
	to := d.Claimant
	if d.Standing == types.CHOICE_DISMISS && !d.Void && d.InterimBond.IsPositive() {
		account, err := k.respondentAccount(ctx, d)
		if err != nil {
			return err
		}
		to = account
	}
	return k.credit(ctx, to, d.InterimBond)
}

// unseat frees what a ballot has locked, books what it costs and earns, and removes it. What is
// lost leaves the juror's weight by the next change of its stake, which is queued here.
func (k *Keeper) unseat(ctx context.Context, b types.Ballot, locked, slashed, paid math.Int) error {
	addr, err := types.ParseAddress(b.Juror)
	if err != nil {
		return err
	}
	j, err := k.GetJuror(ctx, addr)
	if err != nil {
		return err
	}
	j.Locked, j.Stake = j.Locked.Sub(locked), j.Stake.Sub(slashed)
	if j.Locked.IsNegative() || j.Stake.LT(j.Locked) {
		return errorsmod.Wrapf(types.ErrInvariant, "juror %s has %s staked and %s locked", b.Juror, j.Stake, j.Locked)
	}
	if err := k.jurors.Set(ctx, addr, j); err != nil {
		return err
	}
	if slashed.IsPositive() {
		params, err := k.Params(ctx)
		if err != nil {
			return err
		}
		if _, err := k.queueWeight(ctx, addr, j, params); err != nil {
			return err
		}
	}
	if err := k.credit(ctx, b.Juror, paid); err != nil {
		return err
	}
	if err := k.ballots.Remove(ctx, collections.Join3(b.Dispute, b.Round, addr.Bytes())); err != nil {
		return err
	}
	if err := k.duties.Remove(ctx, collections.Join3(addr.Bytes(), b.Dispute, b.Round)); err != nil {
		return err
	}
	return emit(ctx, &types.EventSeatSettled{Dispute: b.Dispute, Round: b.Round, Juror: b.Juror, Seats: b.Seats, Paid: paid, Slashed: slashed})
}

// ballotsOf are those of one round, in the order of the jurors' addresses.
func (k *Keeper) ballotsOf(ctx context.Context, id uint64, round uint32) (out []types.Ballot, err error) {
	rng := collections.NewSuperPrefixedTripleRange[uint64, uint32, []byte](id, round)
	err = k.ballots.Walk(ctx, rng, func(_ ballotKey, b types.Ballot) (bool, error) {
		out = append(out, b)
		return false, nil
	})
	return out, err
}

// allBallots are those of every round, at most 116 seats.
func (k *Keeper) allBallots(ctx context.Context, d types.Dispute) (out []types.Ballot, err error) {
	for round := range d.Rounds {
		ballots, err := k.ballotsOf(ctx, d.Id, uint32(round))
		if err != nil {
			return nil, err
		}
		out = append(out, ballots...)
	}
	return out, nil
}
