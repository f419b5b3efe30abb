package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

// entry is a place in a queue: time, id.
type entry = collections.Pair[int64, uint64]

// BeginBlock runs due enactments, at most MaxExecutions a block, and removes the records of
// those that were closed RetentionSeconds ago, at most MaxPrunes a block, and expired seats of the creators' house; the earliest first.
// What cannot be done is put off by RetrySeconds and kept. It fails only where the queues
// themselves cannot be read or written.
//
// It runs at the beginning of a block and not at its end: messages may book coins that the
// bank and x/revenue settle when the block ends, and after that it would be too late.
func (k *Keeper) BeginBlock(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.work(ctx, k.due, now, types.MaxExecutions, k.execute); err != nil {
		return err
	}
	if err := k.work(ctx, k.prunes, now, types.MaxPrunes, k.prune); err != nil {
		return err
	}
	return k.sweepSeats(ctx, now)
}

// work does the due entries of a queue, each in its own cache of the state. It collects them
// first, because removing under an open iterator is undefined.
func (k *Keeper) work(ctx context.Context, queue collections.KeySet[entry], now int64, most int, do func(context.Context, entry) error) error {
	var due []entry
	err := queue.Walk(ctx, collections.NewPrefixUntilPairRange[int64, uint64](now), func(at entry) (bool, error) {
		due = append(due, at)
		return len(due) >= most, nil
	})
	if err != nil {
		return err
	}
	for _, at := range due {
		err := safely(ctx, func(ctx sdk.Context) error { return do(ctx, at) })
		if err == nil {
			continue
		}
		sdk.UnwrapSDKContext(ctx).Logger().Error("governance: put off", "enactment", at.K2(), "error", err)
		if err := k.putOff(ctx, queue, at, now+types.RetrySeconds); err != nil {
			return err
		}
	}
	return nil
}

// execute runs one enactment and closes it as done, or as failed with nothing changed.
func (k *Keeper) execute(ctx context.Context, at entry) error {
	if err := k.due.Remove(ctx, at); err != nil {
		return err
	}
	e, err := k.enactments.Get(ctx, at.K2())
	if err != nil {
		return err
	}
	if !e.Queued() {
		// a stray entry must not run anything a second time, or what was cancelled
		return nil
	}
	if failure := k.run(ctx, e); failure != nil {
		if err := k.close(ctx, e, types.ENACTMENT_STATUS_FAILED, failure); err != nil {
			return err
		}
		return emit(ctx, &types.EventEnactmentFailed{Id: e.Id, Failure: *failure})
	}
	if err := k.close(ctx, e, types.ENACTMENT_STATUS_DONE, nil); err != nil {
		return err
	}
	return emit(ctx, &types.EventEnactmentExecuted{Id: e.Id})
}

// run runs all messages of e, or none where one fails, with gas of their own.
func (k *Keeper) run(ctx context.Context, e types.Enactment) *types.Failure {
	at := uint32(0)
	err := safely(ctx, func(ctx sdk.Context) error {
		msgs, err := e.Msgs()
		if err != nil {
			return err
		}
		ctx = ctx.WithGasMeter(storetypes.NewGasMeter(types.ExecutionGas))
		for i, msg := range msgs {
			at = uint32(i)
			// an upgrade may have narrowed them since it was voted
			if err := types.RequireBounds(msg); err != nil {
				return err
			}
			handler := k.router.Handler(msg)
			if handler == nil {
				return types.ErrUnroutable
			}
			res, err := handler(ctx, msg)
			if err != nil {
				return err
			}
			ctx.EventManager().EmitEvents(res.GetEvents())
		}
		return nil
	})
	if err == nil {
		return nil
	}
	// the text may differ between nodes, so only the log has it
	sdk.UnwrapSDKContext(ctx).Logger().Error("governance: an enactment failed", "enactment", e.Id, "message", at, "error", err)
	codespace, code, _ := errorsmod.ABCIInfo(err, false)
	return &types.Failure{Message: at, Codespace: codespace, Code: code}
}

// prune removes the record of a closed enactment.
func (k *Keeper) prune(ctx context.Context, at entry) error {
	if err := k.prunes.Remove(ctx, at); err != nil {
		return err
	}
	if err := k.enactments.Remove(ctx, at.K2()); err != nil {
		return err
	}
	return emit(ctx, &types.EventEnactmentPruned{Id: at.K2()})
}

// putOff moves an entry to a later time, so that it does not hold up the rest.
func (k *Keeper) putOff(ctx context.Context, queue collections.KeySet[entry], at entry, retryAt int64) error {
	if err := queue.Remove(ctx, at); err != nil {
		return err
	}
	if err := queue.Set(ctx, collections.Join(retryAt, at.K2())); err != nil {
		return err
	}
	return emit(ctx, &types.EventEnactmentPutOff{Id: at.K2(), RetryAt: retryAt})
}

// safely runs f on a cache of the state and keeps its writes and events only where it
// succeeds. A panic becomes an error: it must not halt the chain.
func safely(ctx context.Context, f func(sdk.Context) error) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case storetypes.ErrorOutOfGas:
			err = errorsmod.Wrap(types.ErrOutOfGas, r.Descriptor)
		default:
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
