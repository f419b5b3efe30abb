package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// Deps is what the keeper is built from.
type Deps struct {
	Cdc   codec.BinaryCodec
	Store store.KVStoreService
	// Objects is the object store called types.ObjectStoreKey.
	Objects storetypes.StoreKey
	Account types.AccountKeeper
	Bank    types.BankKeeper
	Clock   types.ClockKeeper
	Content types.ContentKeeper
	Storage types.StorageKeeper
	// Authority is the bech32 address that may change parameters.
	Authority string
	// StakersModule, TreasuryModule and StorageModule name the module accounts that get the
	// parts of stakers (the fee collector), the treasury (governance) and storage.
	StakersModule, TreasuryModule, StorageModule string
}

// Keeper keeps custody. Ledgers key on texts as they are: each recipient, subject and payer
// has one spelling, so no row is ever keyed twice and no key needs decoding.
type Keeper struct {
	objects storetypes.StoreKey
	account types.AccountKeeper
	bank    types.BankKeeper
	clock   types.ClockKeeper
	content types.ContentKeeper
	storage types.StorageKeeper
	hooks   types.RevenueHooks

	custody   sdk.AccAddress
	authority string
	stakers   string
	treasury  string
	storing   string

	schema     collections.Schema
	params     collections.Item[types.Params]
	claimables collections.Map[collections.Pair[string, string], math.Int] // recipient, denom
	holds      collections.Map[collections.Pair[string, uint64], types.Hold]
	holdQueue  collections.KeySet[queueKey]
	sequences  collections.Map[string, uint64] // payer -> its newest hold
	splits     collections.Map[string, types.Split]
	pending    collections.Map[string, types.PendingSplit]
	totals     collections.Map[collections.Pair[string, string], types.Earned] // subject, denom
	pools      collections.Map[string, math.Int]                               // participation, by denom
	unswept    collections.Map[partKey, math.Int]
	swept      collections.Map[partKey, math.Int]

	payouts     collections.Map[collections.Pair[string, string], types.Payout] // recipient, denom
	payoutQueue collections.KeySet[collections.Triple[int64, string, string]]   // queued at, recipient, denom
	terms       collections.Map[string, types.DerivationTerms]                  // root
	acceptances collections.Map[collections.Pair[string, string], int64]        // derived root, parent root -> when
	open        collections.Item[types.RebatePeriod]
	closed      collections.Item[types.RebatePeriod]
	spending    collections.Map[collections.Pair[uint64, string], math.Int] // period, payer
}

type (
	// queueKey is due, payer, sequence.
	queueKey = collections.Triple[int64, string, uint64]
	// partKey is denom, kind.
	partKey = collections.Pair[string, uint32]
)

// NewKeeper opens the module on its stores. It panics where the app gave one of the accounts
// that it pays no permissions: the first block would otherwise leave coins unswept for ever.
func NewKeeper(d Deps) *Keeper {
	for _, name := range []string{types.ModuleName, d.StakersModule, d.TreasuryModule, d.StorageModule} {
		if d.Account.GetModuleAddress(name) == nil {
			panic("revenue: module account " + name + " is missing from the app's account permissions")
		}
	}
	sb := collections.NewSchemaBuilder(d.Store)
	pair := collections.PairKeyCodec(collections.StringKey, collections.StringKey)
	part := collections.PairKeyCodec(collections.StringKey, collections.Uint32Key)
	k := &Keeper{
		objects: d.Objects, account: d.Account, bank: d.Bank, clock: d.Clock, content: d.Content, storage: d.Storage,
		custody: d.Account.GetModuleAddress(types.ModuleName), authority: d.Authority,
		stakers: d.StakersModule, treasury: d.TreasuryModule, storing: d.StorageModule,

		params:     collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](d.Cdc)),
		claimables: collections.NewMap(sb, types.ClaimablesKey, "claimables", pair, sdk.IntValue),
		holds: collections.NewMap(sb, types.HoldsKey, "holds",
			collections.PairKeyCodec(collections.StringKey, collections.Uint64Key), codec.CollValue[types.Hold](d.Cdc)),
		holdQueue: collections.NewKeySet(sb, types.HoldQueueKey, "hold_queue",
			collections.TripleKeyCodec(collections.Int64Key, collections.StringKey, collections.Uint64Key)),
		sequences: collections.NewMap(sb, types.SequencesKey, "sequences", collections.StringKey, collections.Uint64Value),
		splits:    collections.NewMap(sb, types.SplitsKey, "splits", collections.StringKey, codec.CollValue[types.Split](d.Cdc)),
		pending:   collections.NewMap(sb, types.PendingKey, "pending_splits", collections.StringKey, codec.CollValue[types.PendingSplit](d.Cdc)),
		totals:    collections.NewMap(sb, types.TotalsKey, "totals", pair, codec.CollValue[types.Earned](d.Cdc)),
		pools:     collections.NewMap(sb, types.PoolsKey, "pools", collections.StringKey, sdk.IntValue),
		unswept:   collections.NewMap(sb, types.UnsweptKey, "unswept", part, sdk.IntValue),
		swept:     collections.NewMap(sb, types.SweptKey, "swept", part, sdk.IntValue),

		payouts: collections.NewMap(sb, types.PayoutsKey, "payouts", pair, codec.CollValue[types.Payout](d.Cdc)),
		payoutQueue: collections.NewKeySet(sb, types.PayoutQueueKey, "payout_queue",
			collections.TripleKeyCodec(collections.Int64Key, collections.StringKey, collections.StringKey)),
		terms:       collections.NewMap(sb, types.TermsKey, "derivation_terms", collections.StringKey, codec.CollValue[types.DerivationTerms](d.Cdc)),
		acceptances: collections.NewMap(sb, types.AcceptancesKey, "acceptances", pair, collections.Int64Value),
		open:        collections.NewItem(sb, types.OpenPeriodKey, "open_period", codec.CollValue[types.RebatePeriod](d.Cdc)),
		closed:      collections.NewItem(sb, types.ClosedPeriodKey, "closed_period", codec.CollValue[types.RebatePeriod](d.Cdc)),
		spending: collections.NewMap(sb, types.SpendingKey, "spending",
			collections.PairKeyCodec(collections.Uint64Key, collections.StringKey), sdk.IntValue),
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

// SetHooks joins the modules above. It panics when called twice: a second call would
// silently cut off whoever listened first.
func (k *Keeper) SetHooks(h types.RevenueHooks) {
	if k.hooks != nil {
		panic("revenue: hooks are set already")
	}
	k.hooks = h
}

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) { return k.params.Get(ctx) }

// UpdateParams replaces the parameters. Holds keep the window that they were made under; a
// denom that is taken off the list takes no new payments, and what is in custody still moves.
// Emits EventParamsUpdated. Errors: ErrInvalidParams, ErrCreatorFloor.
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
