package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/clock/types"
)

// Keeper holds the chain's live time.
type Keeper struct {
	schema collections.Schema
	clock  collections.Item[types.Clock]
}

// NewKeeper opens the clock on its store.
func NewKeeper(cdc codec.BinaryCodec, storeService store.KVStoreService) Keeper {
	sb := collections.NewSchemaBuilder(storeService)
	k := Keeper{clock: collections.NewItem(sb, types.ClockKey, "clock", codec.CollValue[types.Clock](cdc))}
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.schema = schema
	return k
}

// Now returns live time in Unix seconds. Before the first block it is zero.
func (k Keeper) Now(ctx context.Context) (int64, error) {
	c, err := k.get(ctx)
	return c.LiveNanos / 1_000_000_000, err
}

// BeginBlock advances live time to the block's time, by at most a minute.
func (k Keeper) BeginBlock(ctx context.Context) error {
	c, err := k.get(ctx)
	if err != nil {
		return err
	}
	blockNanos := sdk.UnwrapSDKContext(ctx).BlockTime().UnixNano()
	if c.BlockNanos == 0 {
		return k.clock.Set(ctx, types.Clock{LiveNanos: blockNanos, BlockNanos: blockNanos})
	}
	return k.clock.Set(ctx, c.Advance(blockNanos))
}

// CheckInvariants returns an error when live time is ahead of the blocks.
func (k Keeper) CheckInvariants(ctx context.Context) error {
	c, err := k.get(ctx)
	if err != nil || c.BlockNanos == 0 {
		return err
	}
	return c.Validate()
}

func (k Keeper) get(ctx context.Context) (types.Clock, error) {
	c, err := k.clock.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Clock{}, nil
	}
	return c, err
}
