package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/dispute/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// schedule lets a dispute's remedy be tried at a time.
func (k *Keeper) schedule(ctx context.Context, id uint64, at int64) error {
	d, err := k.GetDispute(ctx, id)
	if err != nil {
		return err
	}
	return k.setRemedy(ctx, &d, types.Remedy{NextAt: at, Done: d.Remedy.Done})
}

// setRemedy stores a dispute with another remedy, and its one place in the queue.
func (k *Keeper) setRemedy(ctx context.Context, d *types.Dispute, r types.Remedy) error {
	if d.Remedy.NextAt > 0 {
		if err := k.remedies.Remove(ctx, collections.Join(d.Remedy.NextAt, d.Id)); err != nil {
			return err
		}
	}
	d.Remedy = r
	if r.NextAt > 0 {
		if err := k.remedies.Set(ctx, collections.Join(r.NextAt, d.Id)); err != nil {
			return err
		}
	}
	return k.disputes.Set(ctx, d.Id, *d)
}

// executeDue carries out what is due, at most MaxRemedies, first due first. Where a lower module
// refuses, nothing of it is kept: the failure is written down and tried again, later each time,
// until it is done.
func (k *Keeper) executeDue(ctx context.Context, now int64) error {
	due, err := firstDue(ctx, k.remedies, now, types.MaxRemedies)
	if err != nil {
		return err
	}
	for _, key := range due {
		err := safely(ctx, func(ctx sdk.Context) error { return k.execute(ctx, key.K2()) })
		if err == nil {
			continue
		}
		if err := k.remedyFailed(ctx, key, now, err); err != nil {
			return err
		}
	}
	return nil
}

// remedyFailed writes a failure down and doubles the wait.
func (k *Keeper) remedyFailed(ctx context.Context, key timeKey, now int64, cause error) error {
	sdk.UnwrapSDKContext(ctx).Logger().Error("dispute: a ruling could not be carried out", "dispute", key.K2(), "error", cause)
	if err := k.remedies.Remove(ctx, key); err != nil {
		return err
	}
	d, err := k.GetDispute(ctx, key.K2())
	if err != nil {
		return err
	}
	r := d.Remedy
	r.NextAt = now + min(int64(types.RetrySeconds)<<min(r.Attempts, 16), types.MaxRetrySeconds)
	r.Attempts++
	codespace, code, _ := errorsmod.ABCIInfo(cause, false)
	r.Codespace, r.Code = codespace, code
	if err := k.setRemedy(ctx, &d, r); err != nil {
		return err
	}
	return emit(ctx, &types.EventRemedyFailed{Dispute: d.Id, Attempts: r.Attempts, RetryAt: r.NextAt, Codespace: codespace, Code: code})
}

// execute makes the modules below agree with what stands: the work's restriction at any time, and
// after the last appeal window payments, sheets, handles and slashes too. Whatever is done already
// is left alone, so that doing it twice changes nothing.
func (k *Keeper) execute(ctx context.Context, id uint64) error {
	d, err := k.GetDispute(ctx, id)
	if err != nil {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.restrict(ctx, d, d.WantsRestriction(now)); err != nil {
		return err
	}
	done := d.Remedy.Done
	if !d.Open() && !done {
		if err := k.carryOut(ctx, d); err != nil {
			return err
		}
		done = true
	}
	next := int64(0)
	if d.InterimUntil > now {
		next = d.InterimUntil
	} else {
		d.InterimUntil = 0
	}
	return k.setRemedy(ctx, &d, types.Remedy{NextAt: next, Done: done})
}

// carryOut does what a final ruling does once.
func (k *Keeper) carryOut(ctx context.Context, d types.Dispute) error {
	refund := false
	if d.Standing == types.CHOICE_UPHOLD {
		var err error
		switch d.Kind {
		case types.KIND_INFRINGEMENT, types.KIND_ILLEGAL_CONTENT, types.KIND_REFUND:
			refund = true
		case types.KIND_IMPERSONATION:
			if err = k.content.RevokeHandle(ctx, d.Subject, d.Handle, types.Reference(d.Id)); err == nil {
				_, err = k.content.RevokeAttestations(ctx, d.Subject, types.Reference(d.Id))
			}
		case types.KIND_SPLIT:
			// before the payments: they are shared out by it
			err = k.revenue.ImposeSplit(ctx, d.Subject, d.Shares)
		case types.KIND_PROVIDER_FAULT:
			_, err = k.storage.SlashBond(ctx, d.Subject, types.Reference(d.Id))
		}
		if err != nil {
			return err
		}
	} else if d.Kind == types.KIND_PROVIDER_FAULT {
		if err := k.storage.ReleaseBond(ctx, d.Subject, types.Reference(d.Id)); err != nil {
			return err
		}
	}
	for _, c := range d.Contests {
		var err error
		if refund {
			_, err = k.revenue.RefundHold(ctx, c.HoldId)
		} else {
			err = k.revenue.ReleaseHold(ctx, c.HoldId)
		}
		// the creator may have given it back meanwhile
		if err != nil && !errors.Is(err, revenuetypes.ErrHoldNotFound) {
			return err
		}
	}
	if err := k.note(ctx, d, types.ACTION_EXECUTED, true, 0); err != nil {
		return err
	}
	return emit(ctx, &types.EventRemedyExecuted{Dispute: d.Id, Kind: d.Kind, Subject: d.Subject, Ruling: d.Standing})
}

// restrictors are the restrictions of a work: it is restricted while there is one.
func (k *Keeper) restrictors(ctx context.Context, root string) (out []types.Restriction, err error) {
	err = k.restrictions.Walk(ctx, collections.NewPrefixedPairRange[string, uint64](root), func(_ workKey, r types.Restriction) (bool, error) {
		out = append(out, r)
		return len(out) == 2, nil // whether there is another is all that anybody asks
	})
	return out, err
}

// restrict adds a dispute's restriction of its work, or takes it away. Only the last one that goes
// restores the work: another dispute's must outlive this one's dismissal.
func (k *Keeper) restrict(ctx context.Context, d types.Dispute, want bool) error {
	key := collections.Join(d.Subject, d.Id)
	have, err := k.restrictions.Has(ctx, key)
	if err != nil || have == want {
		return err
	}
	others, err := k.restrictors(ctx, d.Subject)
	if err != nil {
		return err
	}
	if !want {
		return k.unrestrict(ctx, d, len(others) == 1)
	}
	before, err := k.content.RestrictWork(ctx, d.Subject, types.Reference(d.Id))
	if err != nil {
		return err
	}
	row := types.Restriction{Work: d.Subject, Dispute: d.Id, Retired: before == contenttypes.WORK_STATUS_RETIRED}
	if len(others) > 0 {
		row.Retired = others[0].Retired
	}
	if err := k.restrictions.Set(ctx, key, row); err != nil {
		return err
	}
	if err := k.note(ctx, d, types.ACTION_RESTRICTED, !d.Open(), d.InterimUntil); err != nil {
		return err
	}
	return emit(ctx, &types.EventRestricted{Dispute: d.Id, Work: d.Subject})
}

func (k *Keeper) unrestrict(ctx context.Context, d types.Dispute, last bool) error {
	key := collections.Join(d.Subject, d.Id)
	row, err := k.restrictions.Get(ctx, key)
	if err != nil {
		return err
	}
	if err := k.restrictions.Remove(ctx, key); err != nil {
		return err
	}
	if last {
		status := contenttypes.WORK_STATUS_ACTIVE
		if row.Retired {
			status = contenttypes.WORK_STATUS_RETIRED
		}
		if err := k.content.RestoreWork(ctx, d.Subject, status, types.Reference(d.Id)); err != nil {
			return err
		}
		if err := k.note(ctx, d, types.ACTION_RESTORED, !d.Open(), 0); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventRestored{Dispute: d.Id, Work: d.Subject})
}
