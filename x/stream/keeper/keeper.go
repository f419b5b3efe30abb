package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// Deps is what the keeper is built from.
type Deps struct {
	Cdc     codec.BinaryCodec
	Store   store.KVStoreService
	Clock   types.ClockKeeper
	Content types.ContentKeeper
	Storage types.StorageKeeper
	Revenue types.RevenueKeeper
	Staking types.StakingKeeper
	Bank    types.BankKeeper
	// Authority is the bech32 address that may change parameters.
	Authority string
}

// Keeper keeps keys, escrows and lanes. Addresses are bytes in keys and text in rows.
type Keeper struct {
	clock     types.ClockKeeper
	content   types.ContentKeeper
	storage   types.StorageKeeper
	revenue   types.RevenueKeeper
	staking   types.StakingKeeper
	bank      types.BankKeeper
	authority string

	schema      collections.Schema
	params      collections.Item[types.Params]
	keys        collections.Map[collections.Pair[[]byte, []byte], types.SessionKey] // owner, pubkey
	escrows     collections.Map[collections.Pair[[]byte, string], types.Escrow]     // owner, denom
	lanes       collections.Map[laneKey, types.Lane]
	byProvider  collections.KeySet[collections.Triple[[]byte, []byte, string]] // provider, owner, denom
	laneQueue   collections.KeySet[queueKey]
	generations collections.Map[collections.Pair[[]byte, []byte], uint64] // owner, provider
	sessions    collections.Map[collections.Pair[[]byte, uint64], types.SessionRow]
	cleanups    collections.KeySet[cleanupKey]

	closing           collections.Map[[]byte, types.Lane] // by the lane's id
	closingLanes      collections.KeySet[closingKey]
	closingByProvider collections.KeySet[closingProviderKey]
	closingQueue      collections.KeySet[cleanupKey]

	use   useState
	hooks types.UseHooks

	flows         collections.Map[collections.Pair[[]byte, uint64], types.Flow]  // sender, sequence
	byRecipient   collections.KeySet[collections.Triple[[]byte, []byte, uint64]] // recipient, sender, sequence
	flowSequences collections.Map[[]byte, uint64]                                // sender -> its newest flow
	emission      collections.Item[types.Emission]
}

type (
	// laneKey is owner, denom, provider: a lane is found without knowing its generation, so
	// that there is one at a time.
	laneKey = collections.Triple[[]byte, string, []byte]
	// queueKey is ends_at, owner, denom, provider.
	queueKey = collections.Quad[int64, []byte, string, []byte]
	// cleanupKey is the time from which it is due, and the lane's id; so is an entry of the queue
	// of closing lanes.
	cleanupKey = collections.Pair[int64, []byte]
)

// NewKeeper opens the module on its store.
func NewKeeper(d Deps) *Keeper {
	sb := collections.NewSchemaBuilder(d.Store)
	bytesPair := collections.PairKeyCodec(collections.BytesKey, collections.BytesKey)
	k := &Keeper{
		clock: d.Clock, content: d.Content, storage: d.Storage, revenue: d.Revenue, staking: d.Staking, bank: d.Bank, authority: d.Authority,

		params: collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](d.Cdc)),
		keys:   collections.NewMap(sb, types.SessionKeysKey, "session_keys", bytesPair, codec.CollValue[types.SessionKey](d.Cdc)),
		escrows: collections.NewMap(sb, types.EscrowsKey, "escrows",
			collections.PairKeyCodec(collections.BytesKey, collections.StringKey), codec.CollValue[types.Escrow](d.Cdc)),
		lanes: collections.NewMap(sb, types.LanesKey, "lanes",
			collections.TripleKeyCodec(collections.BytesKey, collections.StringKey, collections.BytesKey), codec.CollValue[types.Lane](d.Cdc)),
		byProvider: collections.NewKeySet(sb, types.LanesByProviderKey, "lanes_by_provider",
			collections.TripleKeyCodec(collections.BytesKey, collections.BytesKey, collections.StringKey)),
		laneQueue: collections.NewKeySet(sb, types.LaneQueueKey, "lane_queue",
			collections.QuadKeyCodec(collections.Int64Key, collections.BytesKey, collections.StringKey, collections.BytesKey)),
		generations: collections.NewMap(sb, types.GenerationsKey, "generations", bytesPair, collections.Uint64Value),
		sessions: collections.NewMap(sb, types.SessionsKey, "sessions",
			collections.PairKeyCodec(collections.BytesKey, collections.Uint64Key), codec.CollValue[types.SessionRow](d.Cdc)),
		cleanups: collections.NewKeySet(sb, types.CleanupsKey, "cleanups",
			collections.PairKeyCodec(collections.Int64Key, collections.BytesKey)),
		closing: collections.NewMap(sb, types.ClosingKey, "closing", collections.BytesKey, codec.CollValue[types.Lane](d.Cdc)),
		closingLanes: collections.NewKeySet(sb, types.ClosingLanesKey, "closing_lanes",
			collections.QuadKeyCodec(collections.BytesKey, collections.StringKey, collections.BytesKey, collections.Uint64Key)),
		closingByProvider: collections.NewKeySet(sb, types.ClosingByProviderKey, "closing_by_provider",
			collections.QuadKeyCodec(collections.BytesKey, collections.BytesKey, collections.StringKey, collections.Uint64Key)),
		closingQueue: collections.NewKeySet(sb, types.ClosingQueueKey, "closing_queue",
			collections.PairKeyCodec(collections.Int64Key, collections.BytesKey)),

		flows: collections.NewMap(sb, types.FlowsKey, "flows",
			collections.PairKeyCodec(collections.BytesKey, collections.Uint64Key), codec.CollValue[types.Flow](d.Cdc)),
		byRecipient: collections.NewKeySet(sb, types.FlowsByRecipient, "flows_by_recipient",
			collections.TripleKeyCodec(collections.BytesKey, collections.BytesKey, collections.Uint64Key)),
		flowSequences: collections.NewMap(sb, types.FlowSequencesKey, "flow_sequences", collections.BytesKey, collections.Uint64Value),
		emission:      collections.NewItem(sb, types.EmissionKey, "emission", codec.CollValue[types.Emission](d.Cdc)),
	}
	k.use = newUseState(sb, d.Cdc)
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.schema = schema
	return k
}

// Authority is the bech32 address that may change parameters.
func (k *Keeper) Authority() string { return k.authority }

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) { return k.params.Get(ctx) }

// UpdateParams replaces the parameters. Open lanes keep the times that they were opened with.
// Emits EventParamsUpdated. Errors: ErrInvalidParams.
func (k *Keeper) UpdateParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, params); err != nil {
		return err
	}
	return emit(ctx, &types.EventParamsUpdated{Params: params})
}

// message is a generated event.
type message interface {
	Reset()
	String() string
	ProtoMessage()
}

func emit(ctx context.Context, event message) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}
