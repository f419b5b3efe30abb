package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

type (
	// dealKey is work, operator.
	dealKey = collections.Pair[string, string]
	// rootKey is root, work, operator.
	rootKey = collections.Triple[string, string, string]
	// queueKey is due, work, operator.
	queueKey = collections.Triple[int64, string, string]
	// slotKey is operator, slot; in the sums of a set it is operator, node.
	slotKey = collections.Pair[string, uint64]
	// changeKey is period, operator, work.
	changeKey = collections.Triple[uint64, string, string]
)

// Keeper keeps providers, deals and escrows. Rows key on texts as they are: each account and
// work has one spelling, so no row is ever keyed twice and no key needs decoding.
type Keeper struct {
	bank      types.BankKeeper
	clock     types.ClockKeeper
	content   types.ContentKeeper
	account   sdk.AccAddress // the module account's address
	authority string

	schema     collections.Schema
	params     collections.Item[types.Params]
	providers  collections.Map[string, types.Provider]
	agents     collections.Map[string, string] // agent or operator -> operator
	deals      collections.Map[dealKey, types.Deal]
	byRoot     collections.KeySet[rootKey]
	byProvider collections.KeySet[dealKey] // operator, work
	requests   collections.KeySet[queueKey]
	escrows    collections.Map[string, types.Escrow]
	earnings   collections.Map[string, math.Int] // operator -> nano-ustream
	pool       collections.Item[math.Int]        // nano-ustream

	repairs     collections.Map[dealKey, types.Repair] // work, operator
	repairsOf   collections.KeySet[rootKey]
	dryQueue    collections.KeySet[collections.Pair[int64, string]]  // check_at, root
	prices      collections.KeySet[collections.Pair[uint64, string]] // price, operator; active ones
	priceCount  collections.Item[uint64]
	medianPrice collections.Item[math.Int]
	matches     collections.Map[string, types.Match] // root

	period      collections.Item[types.Period]
	proofs      collections.Map[string, types.ProofState]
	slots       collections.Map[slotKey, types.ProofSlot]
	slotOf      collections.Map[dealKey, uint64]            // operator, work -> slot
	setSums     collections.Map[slotKey, uint64]            // a Fenwick tree of each set's sizes
	changes     collections.Map[changeKey, types.SetChange] // what waits for its period
	counted     collections.KeySet[string]                  // operators whose set is not empty
	terminating collections.KeySet[string]

	keySets      collections.Map[string, types.KeySet] // root; those that answer
	pendingSets  collections.Map[string, types.KeySet] // root; those that are being prepared
	seats        collections.KeySet[dealKey]           // operator, root
	willing      collections.Map[uint64, string]       // slot -> operator
	willingSlot  collections.Map[string, uint64]
	willingCount collections.Item[uint64]

	servings    collections.Map[string, types.Serving]     // root
	servingDays collections.Map[dealKey, types.ServingDay] // root, operator

	bondClaims collections.Map[dealKey, types.BondClaim] // operator, reference
}

// NewKeeper opens the module on its store. authority is the bech32 address that may change
// parameters. The app must give the module an account called types.ModuleName.
func NewKeeper(cdc codec.BinaryCodec, storeService store.KVStoreService, authority string,
	bank types.BankKeeper, clock types.ClockKeeper, content types.ContentKeeper,
) *Keeper {
	sb := collections.NewSchemaBuilder(storeService)
	pair := collections.PairKeyCodec(collections.StringKey, collections.StringKey)
	slotPair := collections.PairKeyCodec(collections.StringKey, collections.Uint64Key)
	k := &Keeper{
		bank: bank, clock: clock, content: content,
		account: authtypes.NewModuleAddress(types.ModuleName), authority: authority,

		params:    collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		providers: collections.NewMap(sb, types.ProvidersKey, "providers", collections.StringKey, codec.CollValue[types.Provider](cdc)),
		agents:    collections.NewMap(sb, types.AgentsKey, "agents", collections.StringKey, collections.StringValue),
		deals:     collections.NewMap(sb, types.DealsKey, "deals", pair, codec.CollValue[types.Deal](cdc)),
		byRoot: collections.NewKeySet(sb, types.DealsByRootKey, "deals_by_root",
			collections.TripleKeyCodec(collections.StringKey, collections.StringKey, collections.StringKey)),
		byProvider: collections.NewKeySet(sb, types.DealsByProviderKey, "deals_by_provider", pair),
		requests: collections.NewKeySet(sb, types.RequestQueueKey, "request_queue",
			collections.TripleKeyCodec(collections.Int64Key, collections.StringKey, collections.StringKey)),
		escrows:  collections.NewMap(sb, types.EscrowsKey, "escrows", collections.StringKey, codec.CollValue[types.Escrow](cdc)),
		earnings: collections.NewMap(sb, types.EarningsKey, "earnings", collections.StringKey, sdk.IntValue),
		pool:     collections.NewItem(sb, types.PoolKey, "pool", sdk.IntValue),

		repairs: collections.NewMap(sb, types.RepairsKey, "repairs", pair, codec.CollValue[types.Repair](cdc)),
		repairsOf: collections.NewKeySet(sb, types.RepairsByRootKey, "repairs_by_root",
			collections.TripleKeyCodec(collections.StringKey, collections.StringKey, collections.StringKey)),
		dryQueue: collections.NewKeySet(sb, types.DryQueueKey, "dry_queue",
			collections.PairKeyCodec(collections.Int64Key, collections.StringKey)),
		prices: collections.NewKeySet(sb, types.PricesKey, "prices",
			collections.PairKeyCodec(collections.Uint64Key, collections.StringKey)),
		priceCount:  collections.NewItem(sb, types.PriceCountKey, "price_count", collections.Uint64Value),
		medianPrice: collections.NewItem(sb, types.MedianPriceKey, "median_price", sdk.IntValue),
		matches:     collections.NewMap(sb, types.MatchesKey, "matches", collections.StringKey, codec.CollValue[types.Match](cdc)),

		period:  collections.NewItem(sb, types.PeriodKey, "period", codec.CollValue[types.Period](cdc)),
		proofs:  collections.NewMap(sb, types.ProofStatesKey, "proof_states", collections.StringKey, codec.CollValue[types.ProofState](cdc)),
		slots:   collections.NewMap(sb, types.ProofSlotsKey, "proof_slots", slotPair, codec.CollValue[types.ProofSlot](cdc)),
		slotOf:  collections.NewMap(sb, types.SlotsByDealKey, "slots_by_deal", pair, collections.Uint64Value),
		setSums: collections.NewMap(sb, types.SetSumsKey, "set_sums", slotPair, collections.Uint64Value),
		changes: collections.NewMap(sb, types.SetChangesKey, "set_changes",
			collections.TripleKeyCodec(collections.Uint64Key, collections.StringKey, collections.StringKey), codec.CollValue[types.SetChange](cdc)),
		counted:     collections.NewKeySet(sb, types.CountedSetsKey, "counted_sets", collections.StringKey),
		terminating: collections.NewKeySet(sb, types.TerminatingKey, "terminating", collections.StringKey),

		keySets:      collections.NewMap(sb, types.KeySetsKey, "key_sets", collections.StringKey, codec.CollValue[types.KeySet](cdc)),
		pendingSets:  collections.NewMap(sb, types.PendingSetsKey, "pending_key_sets", collections.StringKey, codec.CollValue[types.KeySet](cdc)),
		seats:        collections.NewKeySet(sb, types.KeySeatsKey, "key_seats", pair),
		willing:      collections.NewMap(sb, types.WillingKey, "willing_holders", collections.Uint64Key, collections.StringValue),
		willingSlot:  collections.NewMap(sb, types.WillingSlotKey, "willing_slots", collections.StringKey, collections.Uint64Value),
		willingCount: collections.NewItem(sb, types.WillingCountKey, "willing_count", collections.Uint64Value),

		servings:    collections.NewMap(sb, types.ServingsKey, "servings", collections.StringKey, codec.CollValue[types.Serving](cdc)),
		servingDays: collections.NewMap(sb, types.ServingDaysKey, "serving_days", pair, codec.CollValue[types.ServingDay](cdc)),

		bondClaims: collections.NewMap(sb, types.BondClaimsKey, "bond_claims", pair, codec.CollValue[types.BondClaim](cdc)),
	}
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

// UpdateParams replaces the parameters. Bonds, requests and leave-takings keep the terms they
// were made under; the least time of a deal holds for all. Emits EventParamsUpdated.
// Errors: ErrInvalidParams, ErrRulesFixed.
func (k *Keeper) UpdateParams(ctx context.Context, params types.Params) error {
	if err := params.Validate(); err != nil {
		return err
	}
	current, err := k.Params(ctx)
	if err != nil {
		return err
	}
	if params.RelaxedNetworkRules != current.RelaxedNetworkRules {
		// a test network's rules on a public one would let providers aim viewers at private hosts
		return types.ErrRulesFixed
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
