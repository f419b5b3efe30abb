package keeper

import (
	"context"
	"errors"
	"fmt"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// EndBlock takes due disputes a step on, lets stakes count whose period has come, draws juries,
// and carries rulings out, each within a cap, first due first. It must run after x/storage's,
// which moves the beacon: no transaction can come between a seed and the juries that it draws.
// Each item goes in its own cache of the state; one that fails is put off and kept.
func (k *Keeper) EndBlock(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.stepDue(ctx, now); err != nil {
		return err
	}
	period, seed, err := k.storage.Seed(ctx)
	switch {
	case errors.Is(err, storagetypes.ErrNotBegun):
	case err != nil:
		return err
	default:
		if err := k.applyChanges(ctx, period); err != nil {
			return err
		}
		if err := k.drawJuries(ctx, period, seed); err != nil {
			return err
		}
	}
	return k.executeDue(ctx, now)
}

// safely runs f on a cache of the state and keeps its writes and events only where it
// succeeds. A panic becomes an error: it must not halt the chain.
func safely(ctx context.Context, f func(sdk.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errorsmod.Wrap(types.ErrPanicked, fmt.Sprint(r))
		}
	}()
	cache, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	if err := f(cache); err != nil {
		return err
	}
	write()
	return nil
}
