package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// reschedule stores a dispute with its next step at a time; zero is no step.
func (k *Keeper) reschedule(ctx context.Context, d *types.Dispute, at int64) error {
	if d.DueAt > 0 {
		if err := k.due.Remove(ctx, collections.Join(d.DueAt, d.Id)); err != nil {
			return err
		}
	}
	d.DueAt = at
	if at > 0 {
		if err := k.due.Set(ctx, collections.Join(at, d.Id)); err != nil {
			return err
		}
	}
	return k.disputes.Set(ctx, d.Id, *d)
}

// stepDue takes due disputes on to their next step, at most MaxSteps, first due first, until
// MaxWork seats are settled. One that fails is kept and tried again RetrySeconds later.
func (k *Keeper) stepDue(ctx context.Context, now int64) error {
	due, err := firstDue(ctx, k.due, now, types.MaxSteps)
	if err != nil {
		return err
	}
	work := uint32(0)
	for _, key := range due {
		if work >= types.MaxWork {
			break
		}
		err := safely(ctx, func(ctx sdk.Context) error {
			n, err := k.step(ctx, key, now)
			work += n
			return err
		})
		if err == nil {
			continue
		}
		if err := k.putOffStep(ctx, key, now+types.RetrySeconds, err); err != nil {
			return err
		}
	}
	return nil
}

// firstDue collects first, because removing under an open iterator is undefined.
func firstDue(ctx context.Context, queue collections.KeySet[timeKey], now int64, most int) ([]timeKey, error) {
	var due []timeKey
	err := queue.Walk(ctx, collections.NewPrefixUntilPairRange[int64, uint64](now), func(key timeKey) (bool, error) {
		due = append(due, key)
		return len(due) >= most, nil
	})
	return due, err
}

// putOffStep moves a step to a later time, so that it does not hold up the rest.
func (k *Keeper) putOffStep(ctx context.Context, key timeKey, retryAt int64, cause error) error {
	if err := k.due.Remove(ctx, key); err != nil {
		return err
	}
	d, err := k.GetDispute(ctx, key.K2())
	if err != nil {
		return err
	}
	if err := k.reschedule(ctx, &d, retryAt); err != nil {
		return err
	}
	return k.stepFailed(ctx, d.Id, retryAt, cause)
}

func (k *Keeper) stepFailed(ctx context.Context, id uint64, retryAt int64, cause error) error {
	// the text may differ between nodes, so only the log has it
	sdk.UnwrapSDKContext(ctx).Logger().Error("dispute: a step failed", "dispute", id, "error", cause)
	codespace, code, _ := errorsmod.ABCIInfo(cause, false)
	return emit(ctx, &types.EventStepFailed{Dispute: id, RetryAt: retryAt, Codespace: codespace, Code: code})
}

// step ends what a dispute waited for. It returns how many seats it settled, and one.
func (k *Keeper) step(ctx context.Context, key timeKey, now int64) (uint32, error) {
	d, err := k.GetDispute(ctx, key.K2())
	if err != nil {
		return 1, err
	}
	if d.DueAt != key.K1() {
		// a stray entry must not end anything before its time
		return 1, k.due.Remove(ctx, key)
	}
	switch d.Status {
	case types.STATUS_EVIDENCE:
		return 1, k.seek(ctx, &d, now)
	case types.STATUS_DRAWING:
		return k.voidRound(ctx, &d, now)
	case types.STATUS_COMMIT:
		if d.Last().Committed > 0 {
			return 1, k.openReveal(ctx, &d, now)
		}
		return k.count(ctx, &d, now)
	case types.STATUS_REVEAL:
		return k.count(ctx, &d, now)
	}
	return k.conclude(ctx, &d, now)
}

// count is the ruling of a round: the majority of the seats that voted, and what stood before
// where there is none. It can be appealed, but for the last one.
func (k *Keeper) count(ctx context.Context, d *types.Dispute, now int64) (uint32, error) {
	r := d.Last()
	switch {
	case r.Uphold > r.Dismiss:
		r.Ruling = types.CHOICE_UPHOLD
	case r.Dismiss > r.Uphold:
		r.Ruling = types.CHOICE_DISMISS
	default:
		r.Ruling = d.Standing
	}
	// a ruling takes the place of the interim measure
	d.Standing, d.InterimUntil = r.Ruling, 0
	if len(d.Rounds) == types.MaxRounds {
		return k.conclude(ctx, d, now)
	}
	d.Status = types.STATUS_APPEAL
	if err := k.reschedule(ctx, d, now+r.Terms.AppealSeconds); err != nil {
		return 1, err
	}
	if err := k.tellRuling(ctx, *d, false); err != nil || !d.Kind.Restricts() {
		return 1, err
	}
	return 1, k.schedule(ctx, d.Id, now)
}

// tellRuling announces what stands.
func (k *Keeper) tellRuling(ctx context.Context, d types.Dispute, final bool) error {
	r, until := d.Last(), d.DueAt
	if final {
		until = 0
	}
	action := types.ACTION_DISMISSED
	if d.Standing == types.CHOICE_UPHOLD {
		action = types.ACTION_UPHELD
	}
	if err := k.note(ctx, d, action, final, until); err != nil {
		return err
	}
	return emit(ctx, &types.EventRuled{
		Dispute: d.Id, Kind: d.Kind, Subject: d.Subject, Round: d.LastIndex(), Ruling: d.Standing,
		Uphold: r.Uphold, Dismiss: r.Dismiss, Final: final, AppealUntil: until,
	})
}

// voidRound ends a round whose jury was not found in time. What stood stands and the appellant's
// bond returns; without any ruling nobody loses anything.
func (k *Keeper) voidRound(ctx context.Context, d *types.Dispute, now int64) (uint32, error) {
	r, round := d.Last(), d.LastIndex()
	if err := k.waiting.Remove(ctx, collections.Join(r.Period, d.Id)); err != nil {
		return 1, err
	}
	ballots, err := k.ballotsOf(ctx, d.Id, round)
	if err != nil {
		return 1, err
	}
	for _, b := range ballots {
		if err := k.unseat(ctx, b, r.Terms.Lock().MulRaw(int64(b.Seats)), zero(), zero()); err != nil {
			return 1, err
		}
	}
	r.Drawn, r.Jurors, r.Side, d.Void = 0, 0, types.CHOICE_UNSPECIFIED, round == 0
	if err := emit(ctx, &types.EventRoundVoid{Dispute: d.Id, Round: round}); err != nil {
		return 1, err
	}
	return k.conclude(ctx, d, now)
}
