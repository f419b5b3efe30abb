package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/governance/types"
)

// house is the creators' house: a seat a creator.
type house struct {
	seats     collections.Map[[]byte, types.Seat]                 // by creator id
	seatQueue collections.KeySet[collections.Pair[int64, []byte]] // time to remove, creator id
	seatCount collections.Item[uint64]
}

func openHouse(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) house {
	return house{
		seats:     collections.NewMap(sb, types.SeatsKey, "seats", collections.BytesKey, codec.CollValue[types.Seat](cdc)),
		seatQueue: collections.NewKeySet(sb, types.SeatQueueKey, "seat_queue", collections.PairKeyCodec(collections.Int64Key, collections.BytesKey)),
		seatCount: collections.NewItem(sb, types.SeatCountKey, "seat_count", collections.Uint64Value),
	}
}

// TakeSeat takes a creator's seat in the creators' house, or renews it for SeatSeconds from now. Emits EventSeatTaken.
// Errors: ErrNotEligible and those of x/content's RequireController.
func (k *Keeper) TakeSeat(ctx context.Context, controller sdk.AccAddress, creatorID string) (types.Seat, error) {
	if _, err := k.content.RequireController(ctx, creatorID, controller); err != nil {
		return types.Seat{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Seat{}, err
	}
	why, err := k.unfit(ctx, creatorID, now)
	if err != nil {
		return types.Seat{}, err
	}
	if why != "" {
		return types.Seat{}, errorsmod.Wrapf(types.ErrNotEligible, "%s: %s", creatorID, why)
	}
	s := types.Seat{Creator: creatorID, TakenAt: now, ExpiresAt: now + types.SeatSeconds}
	old, err := k.GetSeat(ctx, creatorID)
	if err == nil {
		if old.Live(now) {
			s.TakenAt = old.TakenAt
		}
		err = k.dropSeat(ctx, old)
	} else if errors.Is(err, types.ErrSeatNotFound) {
		err = nil
	}
	if err != nil {
		return types.Seat{}, err
	}
	if err := k.setSeat(ctx, s); err != nil {
		return types.Seat{}, err
	}
	return s, emit(ctx, &types.EventSeatTaken{Seat: s})
}

// unfit says why a creator cannot have a seat now, or nothing: it is of level 2 at least, its first work is 90 days old, and it has
// earned. x/revenue keeps lifetime totals and not since when, so the work's age stands for the revenue's.
func (k *Keeper) unfit(ctx context.Context, creatorID string, now int64) (string, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return "", err
	}
	first, err := k.content.FirstWorkAt(ctx, creatorID)
	if err != nil {
		return "", err
	}
	if first == 0 || now-first < params.SeatAge() {
		return "its first work is not old enough", nil
	}
	earned, err := k.revenue.HasEarned(ctx, creatorID)
	if err != nil {
		return "", err
	}
	if !earned {
		return "it has earned nothing", nil
	}
	level, err := k.content.Level(ctx, creatorID)
	if err != nil {
		return "", err
	}
	if level < types.SeatLevel {
		return "it is not verified at level 2", nil
	}
	return "", nil
}

// GetSeat returns a creator's seat, an expired one too until it is removed. Errors: ErrSeatNotFound, x/content's ErrInvalidCreatorID.
func (k *Keeper) GetSeat(ctx context.Context, creatorID string) (types.Seat, error) {
	id, err := contenttypes.ParseCreatorID(creatorID)
	if err != nil {
		return types.Seat{}, err
	}
	s, err := k.seats.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Seat{}, errorsmod.Wrap(types.ErrSeatNotFound, creatorID)
	}
	return s, err
}

// EligibleSeats is how many seats there are. A creator that was eligible when it took its seat counts here until the seat expires,
// and its vote only while it still is.
func (k *Keeper) EligibleSeats(ctx context.Context) (uint64, error) {
	n, err := k.seatCount.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

// seatOf reports whether the vote of an account counts in the house: it is the controller now of a creator whose seat has not expired
// and that is still eligible.
func (k *Keeper) seatOf(ctx context.Context, voter sdk.AccAddress, now int64) (bool, error) {
	creator, err := k.content.CreatorOf(ctx, voter)
	if errors.Is(err, contenttypes.ErrCreatorNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s, err := k.GetSeat(ctx, creator.Id)
	if errors.Is(err, types.ErrSeatNotFound) || err == nil && !s.Live(now) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	why, err := k.unfit(ctx, creator.Id, now)
	return why == "", err
}

// addSeats changes how many seats there are.
func (k *Keeper) addSeats(ctx context.Context, more bool) error {
	n, err := k.EligibleSeats(ctx)
	switch {
	case err != nil:
		return err
	case more:
		n++
	case n > 0:
		n--
	}
	if n == 0 {
		return k.seatCount.Remove(ctx)
	}
	return k.seatCount.Set(ctx, n)
}

func (k *Keeper) setSeat(ctx context.Context, s types.Seat) error {
	id, err := contenttypes.ParseCreatorID(s.Creator)
	if err != nil {
		return err
	}
	if err := k.seats.Set(ctx, id, s); err != nil {
		return err
	}
	if err := k.seatQueue.Set(ctx, collections.Join(s.ExpiresAt, []byte(id))); err != nil {
		return err
	}
	return k.addSeats(ctx, true)
}

func (k *Keeper) dropSeat(ctx context.Context, s types.Seat) error {
	id, err := contenttypes.ParseCreatorID(s.Creator)
	if err != nil {
		return err
	}
	if err := k.seats.Remove(ctx, id); err != nil {
		return err
	}
	if err := k.seatQueue.Remove(ctx, collections.Join(s.ExpiresAt, []byte(id))); err != nil {
		return err
	}
	return k.addSeats(ctx, false)
}

// sweepSeats removes expired seats, at most MaxSeatSweep, first due first. What fails is put off and kept; its vote does not count.
func (k *Keeper) sweepSeats(ctx context.Context, now int64) error {
	var due []collections.Pair[int64, []byte]
	err := k.seatQueue.Walk(ctx, collections.NewPrefixUntilPairRange[int64, []byte](now), func(at collections.Pair[int64, []byte]) (bool, error) {
		due = append(due, at)
		return len(due) >= types.MaxSeatSweep, nil
	})
	if err != nil {
		return err
	}
	for _, at := range due {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.expireSeat(ctx, at, now) }); err == nil {
			continue
		}
		retryAt := now + types.RetrySeconds
		if err := k.seatQueue.Remove(ctx, at); err != nil {
			return err
		}
		if err := k.seatQueue.Set(ctx, collections.Join(retryAt, at.K2())); err != nil {
			return err
		}
		if err := emit(ctx, &types.EventSeatPutOff{Creator: at.K2(), RetryAt: retryAt}); err != nil {
			return err
		}
	}
	return nil
}

// expireSeat removes one entry of the queue and its seat. A seat that was renewed has an entry of its own.
func (k *Keeper) expireSeat(ctx context.Context, at collections.Pair[int64, []byte], now int64) error {
	if err := k.seatQueue.Remove(ctx, at); err != nil {
		return err
	}
	s, err := k.seats.Get(ctx, at.K2())
	if errors.Is(err, collections.ErrNotFound) || err == nil && s.Live(now) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := k.dropSeat(ctx, s); err != nil {
		return err
	}
	return emit(ctx, &types.EventSeatExpired{Creator: s.Creator})
}

// checkHouse checks that each seat lies under its own creator and in the queue, never before its time, and that their number is right.
func (k *Keeper) checkHouse(ctx context.Context, seats []types.Seat) error {
	queued := map[string]int64{}
	rows := 0
	err := k.seatQueue.Walk(ctx, nil, func(at collections.Pair[int64, []byte]) (bool, error) {
		rows++
		queued[string(at.K2())] = at.K1()
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, s := range seats {
		id, err := contenttypes.ParseCreatorID(s.Creator)
		if err != nil {
			return err
		}
		has, err := k.seats.Has(ctx, id)
		if at, ok := queued[string(id)]; err != nil || !has || !ok || at < s.ExpiresAt {
			return errorsmod.Wrapf(types.ErrInvariant, "the seat of %s lies elsewhere, or is not queued for its end", s.Creator)
		}
	}
	count, err := k.EligibleSeats(ctx)
	if err == nil && (rows != len(seats) || count != uint64(len(seats))) {
		err = errorsmod.Wrapf(types.ErrInvariant, "%d seats, %d counted, %d queued", len(seats), count, rows)
	}
	return err
}
