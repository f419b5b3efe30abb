package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// seek lets a dispute wait for a seed that nobody can know yet, and no longer than draw_seconds.
func (k *Keeper) seek(ctx context.Context, d *types.Dispute, now int64) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	period, err := k.newestPeriod(ctx)
	if err != nil {
		return err
	}
	r := d.Last()
	r.Period, r.DrawUntil = period+types.SeedLead, now+params.DrawSeconds
	d.Status = types.STATUS_DRAWING
	if err := k.waiting.Set(ctx, collections.Join(r.Period, d.Id)); err != nil {
		return err
	}
	return k.reschedule(ctx, d, r.DrawUntil)
}

// drawJuries draws the juries whose period has come, first due first, until MaxWork attempts are made.
func (k *Keeper) drawJuries(ctx context.Context, period uint64, seed [32]byte) error {
	var due []periodKey
	err := k.waiting.Walk(ctx, collections.NewPrefixUntilPairRange[uint64, uint64](period), func(key periodKey) (bool, error) {
		due = append(due, key)
		return len(due) == types.MaxSteps, nil
	})
	if err != nil {
		return err
	}
	work := uint32(0)
	for _, key := range due {
		if work >= types.MaxWork {
			break
		}
		err := safely(ctx, func(ctx sdk.Context) error {
			n, err := k.drawJury(ctx, key, period, seed)
			work += n
			return err
		})
		if err == nil {
			continue
		}
		work++
		if err := k.postponeDraw(ctx, key, period, err); err != nil {
			return err
		}
	}
	return nil
}

// postponeDraw leaves a jury that could not be drawn to the next period, so that it does not hold
// up the rest. It is void when its time is over.
func (k *Keeper) postponeDraw(ctx context.Context, key periodKey, period uint64, cause error) error {
	if err := k.waiting.Remove(ctx, key); err != nil {
		return err
	}
	d, err := k.GetDispute(ctx, key.K2())
	if err != nil {
		return err
	}
	d.Last().Period = period + 1
	if err := k.disputes.Set(ctx, d.Id, d); err != nil {
		return err
	}
	if err := k.waiting.Set(ctx, collections.Join(period+1, d.Id)); err != nil {
		return err
	}
	return k.stepFailed(ctx, d.Id, d.Last().DrawUntil, cause)
}

// drawJury takes seats of a round until there are enough, or so many draws have found nobody that
// the next period's seed shall try. It returns how many draws it made. Every draw uses the newest
// seed, and stakes that stood before anybody could know it.
func (k *Keeper) drawJury(ctx context.Context, key periodKey, period uint64, seed [32]byte) (uint32, error) {
	if err := k.waiting.Remove(ctx, key); err != nil {
		return 0, err
	}
	d, err := k.GetDispute(ctx, key.K2())
	if err != nil {
		return 0, err
	}
	shunned, err := k.parties(ctx, d)
	if err != nil {
		return 0, err
	}
	r := d.Last()
	first, most := r.Attempts, r.Attempts+3*r.Seats+8
	for r.Drawn < r.Seats && r.Attempts < most {
		drawn, err := k.drawSeat(ctx, &d, seed, shunned)
		if err != nil {
			return 0, err
		}
		if !drawn {
			break
		}
	}
	if r.Drawn == r.Seats {
		return r.Attempts - first, k.seated(ctx, &d, period)
	}
	r.Period = period + 1
	if err := k.waiting.Set(ctx, collections.Join(r.Period, d.Id)); err != nil {
		return 0, err
	}
	if err := k.disputes.Set(ctx, d.Id, d); err != nil {
		return 0, err
	}
	err = emit(ctx, &types.EventDrawPostponed{Dispute: d.Id, Round: d.LastIndex(), Drawn: r.Drawn, Period: r.Period})
	return r.Attempts - first + 1, err
}

// drawSeat makes one attempt. It passes over parties, and jurors whose free stake does not cover
// the seat. It reports false where there is no juror at all.
func (k *Keeper) drawSeat(ctx context.Context, d *types.Dispute, seed [32]byte, shunned []string) (bool, error) {
	n, err := k.treeSize(ctx)
	if err != nil || n == 0 {
		return false, err
	}
	total, err := k.treeTotal(ctx)
	if err != nil {
		return false, err
	}
	r := d.Last()
	x := types.DrawPoint(sdk.UnwrapSDKContext(ctx).ChainID(), seed, d.Id, d.LastIndex(), r.Attempts, total)
	r.Attempts++
	addr, err := k.findSlot(ctx, n, x)
	if err != nil {
		return false, err
	}
	j, err := k.jurors.Get(ctx, addr)
	if err != nil {
		return false, err
	}
	if j.Free().LT(r.Terms.Lock()) {
		return true, nil
	}
	for _, s := range shunned {
		if s == j.Address {
			return true, nil
		}
	}
	return true, k.seat(ctx, d, addr, j)
}

// seat gives a juror one seat more of the newest round, and locks its stake.
func (k *Keeper) seat(ctx context.Context, d *types.Dispute, addr sdk.AccAddress, j types.Juror) error {
	r, round := d.Last(), d.LastIndex()
	key := collections.Join3(d.Id, round, addr.Bytes())
	b, err := k.ballots.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		b = types.Ballot{Dispute: d.Id, Round: round, Juror: j.Address}
		r.Jurors++
		err = k.duties.Set(ctx, collections.Join3(addr.Bytes(), d.Id, round))
	}
	if err != nil {
		return err
	}
	b.Seats++
	r.Drawn++
	if err := k.ballots.Set(ctx, key, b); err != nil {
		return err
	}
	j.Locked = j.Locked.Add(r.Terms.Lock())
	if err := k.jurors.Set(ctx, addr, j); err != nil {
		return err
	}
	return emit(ctx, &types.EventSeatDrawn{Dispute: d.Id, Round: round, Juror: j.Address})
}

// seated lets a full jury begin to vote.
func (k *Keeper) seated(ctx context.Context, d *types.Dispute, period uint64) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	r := d.Last()
	r.Period, d.Status = period, types.STATUS_COMMIT
	if err := k.reschedule(ctx, d, now+r.Terms.CommitSeconds); err != nil {
		return err
	}
	return emit(ctx, &types.EventJuryDrawn{Dispute: d.Id, Round: d.LastIndex(), Seats: r.Seats, Period: period, CommitUntil: d.DueAt})
}

// parties are the accounts that cannot judge: who claimed, answered or appealed, and who would
// have to answer.
func (k *Keeper) parties(ctx context.Context, d types.Dispute) ([]string, error) {
	out := []string{d.Claimant, d.Responder}
	for _, r := range d.Rounds {
		out = append(out, r.Appellant)
	}
	account, err := k.respondentAccount(ctx, d)
	return append(out, account), err
}
