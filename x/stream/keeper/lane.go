package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// place is where a lane lies: there is at most one open lane at each.
type place struct {
	owner    sdk.AccAddress
	denom    string
	provider sdk.AccAddress
}

func placeOf(owner, denom, provider string) (p place, err error) {
	p.denom = denom
	if p.owner, err = types.ParseAddress(owner); err != nil {
		return p, err
	}
	p.provider, err = types.ParseAddress(provider)
	return p, err
}

func (p place) key() laneKey { return collections.Join3(p.owner.Bytes(), p.denom, p.provider.Bytes()) }

func (p place) index() collections.Triple[[]byte, []byte, string] {
	return collections.Join3(p.provider.Bytes(), p.owner.Bytes(), p.denom)
}

func (p place) due(at int64) queueKey {
	return collections.Join4(at, p.owner.Bytes(), p.denom, p.provider.Bytes())
}

// lane is the id of a generation's lane.
func (p place) lane(generation uint64) []byte {
	return types.LaneID(p.owner, p.denom, p.provider, generation)
}

func (p place) pair() collections.Pair[[]byte, []byte] {
	return collections.Join(p.owner.Bytes(), p.provider.Bytes())
}

// operatorOf returns the operator of the provider that the account acts for.
func (k *Keeper) operatorOf(ctx context.Context, agent sdk.AccAddress) (sdk.AccAddress, error) {
	operator, err := k.storage.OperatorOf(ctx, agent)
	if err != nil {
		return nil, errorsmod.Wrapf(types.ErrNotProvider, "%s: %s", agent, err)
	}
	return types.ParseAddress(operator)
}

// laneOf returns the lane of a generation, open or closing: ErrLaneNotFound, or ErrLaneEnded
// where there was one.
func (k *Keeper) laneOf(ctx context.Context, at place, generation uint64) (types.Lane, error) {
	lane, err := k.lanes.Get(ctx, at.key())
	if err == nil && lane.Generation == generation {
		return lane, nil
	}
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return lane, err
	}
	lane, err = k.closing.Get(ctx, at.lane(generation))
	if !errors.Is(err, collections.ErrNotFound) {
		return lane, err
	}
	last, err := k.lastGeneration(ctx, at)
	if err != nil {
		return lane, err
	}
	if generation > 0 && generation <= last {
		return lane, errorsmod.Wrapf(types.ErrLaneEnded, "generation %d", generation)
	}
	return lane, errorsmod.Wrapf(types.ErrLaneNotFound, "%s with %s, generation %d", at.owner, at.provider, generation)
}

// lastGeneration is the last generation that the owner opened with the provider, in any denom;
// zero before the first. It outlives lanes: a replayed intent opens nothing.
func (k *Keeper) lastGeneration(ctx context.Context, at place) (uint64, error) {
	last, err := k.generations.Get(ctx, at.pair())
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return last, err
}

// setNewLane stores a lane with its index, queue entry and generation.
func (k *Keeper) setNewLane(ctx context.Context, at place, lane types.Lane) error {
	if err := k.lanes.Set(ctx, at.key(), lane); err != nil {
		return err
	}
	if err := k.byProvider.Set(ctx, at.index()); err != nil {
		return err
	}
	return k.laneQueue.Set(ctx, at.due(lane.EndsAt))
}

// storeLane stores a lane that has paid, wherever it lies.
func (k *Keeper) storeLane(ctx context.Context, at place, lane types.Lane) error {
	if lane.Closing() {
		return k.closing.Set(ctx, at.lane(lane.Generation), lane)
	}
	return k.lanes.Set(ctx, at.key(), lane)
}

// dropLane removes an open lane with its index and queue entry.
func (k *Keeper) dropLane(ctx context.Context, at place, lane types.Lane) error {
	if err := k.lanes.Remove(ctx, at.key()); err != nil {
		return err
	}
	if err := k.byProvider.Remove(ctx, at.index()); err != nil {
		return err
	}
	return k.laneQueue.Remove(ctx, at.due(lane.EndsAt))
}

// endLane frees what an open lane has not paid and removes it.
func (k *Keeper) endLane(ctx context.Context, at place, lane types.Lane, reason types.LaneEnd) error {
	if err := k.dropLane(ctx, at, lane); err != nil {
		return err
	}
	return k.laneEnded(ctx, at, lane, reason)
}

// laneEnded frees what a removed lane has not paid. Its session rows go later, in bounded steps.
func (k *Keeper) laneEnded(ctx context.Context, at place, lane types.Lane, reason types.LaneEnd) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	returned := lane.Remaining()
	if err := k.unreserve(ctx, at, lane, returned, 0, now); err != nil {
		return err
	}
	if lane.Sessions > 0 {
		if err := k.cleanups.Set(ctx, collections.Join(now, at.lane(lane.Generation))); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventLaneEnded{
		Owner: lane.Owner, Provider: lane.Provider, Generation: lane.Generation,
		Spent: lane.Coin(lane.Spent), Returned: lane.Coin(returned), Reason: reason,
	})
}

// unreserve lowers what the lane's escrow and key have reserved by amount, of which paid
// leaves the escrow and counts against the key's limit.
func (k *Keeper) unreserve(ctx context.Context, at place, lane types.Lane, amount, paid uint64, now int64) error {
	// a lane that has paid all may outlive the rows of its escrow and key
	if amount == 0 {
		return nil
	}
	freed, spent := math.NewIntFromUint64(amount), math.NewIntFromUint64(paid)
	escrow, err := k.getEscrow(ctx, at.owner, at.denom)
	if err != nil {
		return err
	}
	escrow.Reserved, escrow.Balance = escrow.Reserved.Sub(freed), escrow.Balance.Sub(spent)
	if err := k.setEscrow(ctx, at.owner, escrow); err != nil {
		return err
	}
	key, err := k.getKey(ctx, at.owner, lane.Pubkey)
	if err != nil {
		return err
	}
	if key.Reserved = key.Reserved.Sub(freed); key.Reserved.IsNegative() {
		return errorsmod.Wrapf(types.ErrInvariant, "key %x: reserved %s", key.Pubkey, key.Reserved)
	}
	if paid > 0 {
		key.Pay(spent, now)
	}
	return k.setKey(ctx, at.owner, key)
}
