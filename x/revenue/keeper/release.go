package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// releaseDue shares out holds whose window has ended, at most MaxReleases a block, first due
// first. One that fails is kept, can still be refunded, and is tried again RetrySeconds later.
func (k *Keeper) releaseDue(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	due, err := k.dueHolds(ctx, now)
	if err != nil {
		return err
	}
	credits := 0
	for _, key := range due {
		// a sheet and four parents can have 160 recipients; they take their turn like others
		if credits >= types.MaxReleaseCredits {
			break
		}
		err := safely(ctx, func(ctx sdk.Context) error {
			n, err := k.release(ctx, params, key)
			credits += n
			return err
		})
		if err != nil {
			k.putOff(ctx, key, now+types.RetrySeconds, err)
		}
	}
	return nil
}

// dueHolds collects first, because removing under an open iterator is undefined.
func (k *Keeper) dueHolds(ctx context.Context, now int64) ([]queueKey, error) {
	var due []queueKey
	err := k.holdQueue.Walk(ctx, collections.NewPrefixUntilTripleRange[int64, string, uint64](now), func(key queueKey) (bool, error) {
		due = append(due, key)
		return len(due) == types.MaxReleases, nil
	})
	return due, err
}

// ReleaseHold shares out a hold before its time, by the ruling of a module above: its window,
// or a dispute, is over. Errors: those of GetHold and Distribute.
func (k *Keeper) ReleaseHold(ctx context.Context, id string) error {
	h, err := k.GetHold(ctx, id)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	_, err = k.release(ctx, params, queueKeyOf(h))
	return err
}

// release shares out one hold by the parts of the day on which it was paid, and returns to how
// many. An entry of the queue without a hold is removed.
func (k *Keeper) release(ctx context.Context, params types.Params, key queueKey) (int, error) {
	h, err := k.holds.Get(ctx, collections.Join(key.K2(), key.K3()))
	if errors.Is(err, collections.ErrNotFound) {
		return 0, k.holdQueue.Remove(ctx, key)
	}
	if err != nil {
		return 0, err
	}
	subject, err := k.content.ResolveSubject(ctx, h.Payment.Subject)
	if err != nil {
		return 0, err
	}
	d, err := k.cut(ctx, h.Shares, h.Payment, subject, h.Charged)
	if err != nil {
		return 0, err
	}
	if err := k.book(ctx, params, d, subject); err != nil {
		return 0, err
	}
	if err := k.removeHold(ctx, h); err != nil {
		return 0, err
	}
	return len(d.Credits), emit(ctx, &types.EventReleased{
		HoldId: h.Id, Payer: h.Payment.Payer, Subject: h.Payment.Subject, Gross: h.Coin(),
	})
}

// putOff moves one hold to a later time, so that it does not hold up the rest. Where even
// that fails, it stays first in the queue and is tried again in the next block.
func (k *Keeper) putOff(ctx context.Context, key queueKey, retryAt int64, cause error) {
	err := safely(ctx, func(ctx sdk.Context) error {
		if err := k.holdQueue.Remove(ctx, key); err != nil {
			return err
		}
		h, err := k.holds.Get(ctx, collections.Join(key.K2(), key.K3()))
		if err != nil {
			// the row cannot be read now; keep its place
			return k.holdQueue.Set(ctx, collections.Join3(retryAt, key.K2(), key.K3()))
		}
		h.DueAt = retryAt
		return k.setHold(ctx, h)
	})
	if err != nil {
		k.report(ctx, &types.EventBlockStepFailed{Step: "release"})
		return
	}
	codespace, code, _ := errorsmod.ABCIInfo(cause, false)
	k.report(ctx, &types.EventReleaseFailed{
		HoldId: types.HoldID(key.K2(), key.K3()), RetryAt: retryAt, Codespace: codespace, Code: code,
	})
}
