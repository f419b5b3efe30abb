package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// Deps is what the keeper is built from.
type Deps struct {
	Cdc     codec.BinaryCodec
	Store   store.KVStoreService
	Clock   types.ClockKeeper
	Content types.ContentKeeper
	Storage types.StorageKeeper
	Revenue types.RevenueKeeper
	Stream  types.StreamKeeper
	Bank    types.BankKeeper
	// Authority is the bech32 address that may change parameters.
	Authority string
}

type (
	// planKey is creator id, number.
	planKey = collections.Pair[[]byte, uint64]
	// viewerItem is viewer, item key: the digest of a root, or creator and number of a collection.
	viewerItem = collections.Pair[[]byte, []byte]
	// viewerPlan is viewer, creator id, number.
	viewerPlan = collections.Triple[[]byte, []byte, uint64]
	// planWork is creator id, number, digest of the root.
	planWork = collections.Triple[[]byte, uint64, []byte]
	// expiry is when the end of a block deals with it, subscription.
	expiry = collections.Pair[int64, viewerPlan]
	// rentalExpiry is when the end of a block removes it, rental.
	rentalExpiry = collections.Pair[int64, viewerItem]
)

// Keeper keeps what is offered and what was bought. Ids are bytes in keys and text in rows.
type Keeper struct {
	clock     types.ClockKeeper
	content   types.ContentKeeper
	storage   types.StorageKeeper
	revenue   types.RevenueKeeper
	stream    types.StreamKeeper
	bank      types.BankKeeper
	authority string

	templateState
	passState

	schema        collections.Schema
	params        collections.Item[types.Params]
	offers        collections.Map[[]byte, types.OfferList] // by item key
	plans         collections.Map[planKey, types.Plan]
	openPlans     collections.KeySet[planKey]
	sequences     collections.Map[[]byte, uint64] // creator id -> number of its newest plan
	coverage      collections.KeySet[planWork]
	entitlements  collections.Map[viewerItem, types.Entitlement]
	rentals       collections.Map[viewerItem, types.Rental]
	rentalEnds    collections.KeySet[rentalExpiry]
	subscriptions collections.Map[viewerPlan, types.Subscription]
	expiries      collections.KeySet[expiry]
	trials        collections.KeySet[viewerPlan]
	seats         collections.Map[planKey, uint32] // subscribers of a plan with a limit
}

// NewKeeper opens the module on its store.
func NewKeeper(d Deps) *Keeper {
	sb := collections.NewSchemaBuilder(d.Store)
	plan := collections.PairKeyCodec(collections.BytesKey, collections.Uint64Key)
	viewed := collections.TripleKeyCodec(collections.BytesKey, collections.BytesKey, collections.Uint64Key)
	bought := collections.PairKeyCodec(collections.BytesKey, collections.BytesKey)
	k := &Keeper{
		clock: d.Clock, content: d.Content, storage: d.Storage, revenue: d.Revenue, stream: d.Stream, bank: d.Bank,
		authority: d.Authority,

		params:    collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](d.Cdc)),
		offers:    collections.NewMap(sb, types.OffersKey, "offers", collections.BytesKey, codec.CollValue[types.OfferList](d.Cdc)),
		plans:     collections.NewMap(sb, types.PlansKey, "plans", plan, codec.CollValue[types.Plan](d.Cdc)),
		openPlans: collections.NewKeySet(sb, types.OpenPlansKey, "open_plans", plan),
		sequences: collections.NewMap(sb, types.SequencesKey, "sequences", collections.BytesKey, collections.Uint64Value),
		coverage: collections.NewKeySet(sb, types.CoverageKey, "coverage",
			collections.TripleKeyCodec(collections.BytesKey, collections.Uint64Key, collections.BytesKey)),
		entitlements: collections.NewMap(sb, types.EntitlementsKey, "entitlements", bought, codec.CollValue[types.Entitlement](d.Cdc)),
		rentals:      collections.NewMap(sb, types.RentalsKey, "rentals", bought, codec.CollValue[types.Rental](d.Cdc)),
		rentalEnds: collections.NewKeySet(sb, types.RentalQueueKey, "rental_ends",
			collections.PairKeyCodec(collections.Int64Key, bought)),
		subscriptions: collections.NewMap(sb, types.SubscriptionsKey, "subscriptions", viewed, codec.CollValue[types.Subscription](d.Cdc)),
		expiries: collections.NewKeySet(sb, types.ExpiryQueueKey, "expiries",
			collections.PairKeyCodec(collections.Int64Key, viewed)),
		trials: collections.NewKeySet(sb, types.TrialsKey, "trials", viewed),
		seats:  collections.NewMap(sb, types.SeatsKey, "seats", plan, collections.Uint32Value),
	}
	k.templateState = newTemplateState(sb, d.Cdc)
	k.passState = newPassState(sb, d.Cdc)
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

// UpdateParams replaces the parameters. Plans keep the period that they were made with.
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

func emit(ctx context.Context, event interface {
	Reset()
	String() string
	ProtoMessage()
}) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

// safely runs f on a cache of the state and keeps its writes and events only where it
// succeeds. A panic becomes an error: it must not halt the chain.
func safely(ctx context.Context, f func(sdk.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	cache, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	if err := f(cache); err != nil {
		return err
	}
	write()
	return nil
}
