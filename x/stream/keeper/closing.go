package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

type (
	// closingKey is owner, denom, provider, generation; in the index of providers it is provider,
	// owner, denom, generation.
	closingKey         = collections.Quad[[]byte, string, []byte, uint64]
	closingProviderKey = collections.Quad[[]byte, []byte, string, uint64]
)

func (p place) closing(generation uint64) closingKey {
	return collections.Join4(p.owner.Bytes(), p.denom, p.provider.Bytes(), generation)
}

func (p place) closingIndex(generation uint64) closingProviderKey {
	return collections.Join4(p.provider.Bytes(), p.owner.Bytes(), p.denom, generation)
}

// CloseLane closes the lane that owner opened with the agent's provider, before its time. Only
// the provider may: the owner could take back what was served and is not settled yet. Nor does
// the provider rob others by it: whoever was shown words, such as those who hold a work's keys,
// settles them until closesAt, and only then does the rest return. The place is free for the next
// generation at once. A lane that can pay nothing more ends at once: returned became free then, and
// closesAt is zero. Emits EventLaneClosing, or EventLaneEnded. Errors: ErrNotProvider,
// ErrLaneNotFound, ErrLaneEnded, ErrLaneClosing, ErrTooManyClosing.
func (k *Keeper) CloseLane(ctx context.Context, agent, owner sdk.AccAddress, denom string, generation uint64) (returned uint64, closesAt int64, err error) {
	operator, err := k.operatorOf(ctx, agent)
	if err != nil {
		return 0, 0, err
	}
	at := place{owner: owner, denom: denom, provider: operator}
	lane, err := k.laneOf(ctx, at, generation)
	if err != nil {
		return 0, 0, err
	}
	if lane.Closing() {
		return 0, 0, errorsmod.Wrapf(types.ErrLaneClosing, "generation %d, at %d", generation, lane.ClosesAt)
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return 0, 0, err
	}
	if lane.Remaining() == 0 || now > lane.ClosesAt {
		return lane.Remaining(), 0, k.endLane(ctx, at, lane, types.LANE_END_CLOSED)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return 0, 0, err
	}
	if err := k.requireRoomToClose(ctx, at); err != nil {
		return 0, 0, err
	}
	if err := k.dropLane(ctx, at, lane); err != nil {
		return 0, 0, err
	}
	lane.ClosingSince, lane.ClosesAt = now, min(lane.ClosesAt, now+params.CloseGraceSeconds)
	lane.EndsAt = lane.ClosesAt
	if err := k.setClosing(ctx, at, lane); err != nil {
		return 0, 0, err
	}
	return 0, lane.ClosesAt, emit(ctx, &types.EventLaneClosing{
		Owner: lane.Owner, Provider: lane.Provider, Generation: lane.Generation, Remaining: lane.Coin(lane.Remaining()), ClosesAt: lane.ClosesAt,
	})
}

// requireRoomToClose bounds the lanes that wait for their end at a place: else one escrow's coins
// could be made many rows by opening and closing.
func (k *Keeper) requireRoomToClose(ctx context.Context, at place) error {
	n := 0
	here := collections.NewSuperPrefixedQuadRange3[[]byte, string, []byte, uint64](at.owner, at.denom, at.provider)
	if err := k.closingLanes.Walk(ctx, here, func(closingKey) (bool, error) { n++; return n >= types.MaxClosing, nil }); err != nil {
		return err
	}
	if n >= types.MaxClosing {
		return errorsmod.Wrapf(types.ErrTooManyClosing, "%s with %s", at.owner, at.provider)
	}
	return nil
}

// setClosing stores a closing lane with its indexes and queue entry.
func (k *Keeper) setClosing(ctx context.Context, at place, lane types.Lane) error {
	id := at.lane(lane.Generation)
	if err := k.closing.Set(ctx, id, lane); err != nil {
		return err
	}
	if err := k.closingLanes.Set(ctx, at.closing(lane.Generation)); err != nil {
		return err
	}
	if err := k.closingByProvider.Set(ctx, at.closingIndex(lane.Generation)); err != nil {
		return err
	}
	return k.closingQueue.Set(ctx, collections.Join(lane.EndsAt, id))
}

// endClosing frees what a closing lane has not paid and removes it.
func (k *Keeper) endClosing(ctx context.Context, due cleanupKey) error {
	lane, err := k.closing.Get(ctx, due.K2())
	if err != nil {
		return err
	}
	at, err := placeOf(lane.Owner, lane.Denom, lane.Provider)
	if err != nil {
		return err
	}
	if err := k.closing.Remove(ctx, due.K2()); err != nil {
		return err
	}
	if err := k.closingLanes.Remove(ctx, at.closing(lane.Generation)); err != nil {
		return err
	}
	if err := k.closingByProvider.Remove(ctx, at.closingIndex(lane.Generation)); err != nil {
		return err
	}
	if err := k.closingQueue.Remove(ctx, due); err != nil {
		return err
	}
	return k.laneEnded(ctx, at, lane, types.LANE_END_CLOSED)
}

// expireClosing ends the closing lane of a queue entry, or queues it again.
func (k *Keeper) expireClosing(ctx context.Context, due cleanupKey, now int64) {
	err := safely(ctx, func(ctx sdk.Context) error { return k.endClosing(ctx, due) })
	if err == nil {
		return
	}
	retry := now + types.RetrySeconds
	failed := &types.EventLaneEndFailed{RetryAt: retry}
	err = safely(ctx, func(ctx sdk.Context) error {
		if err := k.closingQueue.Remove(ctx, due); err != nil {
			return err
		}
		if err := k.closingQueue.Set(ctx, collections.Join(retry, due.K2())); err != nil {
			return err
		}
		// the entry moves even where the lane cannot be read: it must not stand before others
		lane, err := k.closing.Get(ctx, due.K2())
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		lane.EndsAt = retry
		failed.Owner, failed.Denom, failed.Provider = lane.Owner, lane.Denom, lane.Provider
		return k.closing.Set(ctx, due.K2(), lane)
	})
	k.report(ctx, err, failed)
}

// checkClosing refuses indexes or a queue that are not exactly one entry for each closing lane.
func (k *Keeper) checkClosing(ctx context.Context, lanes []types.Lane) error {
	for _, lane := range lanes {
		at, err := placeOf(lane.Owner, lane.Denom, lane.Provider)
		if err != nil {
			return err
		}
		id := at.lane(lane.Generation)
		wrong := func(what string) error {
			return errorsmod.Wrapf(types.ErrInvariant, "closing lane %d of %s at %s: %s", lane.Generation, lane.Owner, lane.Provider, what)
		}
		if _, err := k.closing.Get(ctx, id); err != nil {
			return wrong("lies under another key")
		}
		if ok, err := k.closingLanes.Has(ctx, at.closing(lane.Generation)); err != nil || !ok {
			return wrong("not in its owner's list")
		}
		if ok, err := k.closingByProvider.Has(ctx, at.closingIndex(lane.Generation)); err != nil || !ok {
			return wrong("not in its provider's list")
		}
		if ok, err := k.closingQueue.Has(ctx, collections.Join(lane.EndsAt, id)); err != nil || !ok {
			return wrong("not queued for its end")
		}
	}
	if err := requireCount(ctx, "closing_lanes", k.closingLanes, len(lanes)); err != nil {
		return err
	}
	if err := requireCount(ctx, "closing_by_provider", k.closingByProvider, len(lanes)); err != nil {
		return err
	}
	return requireCount(ctx, "closing_queue", k.closingQueue, len(lanes))
}
