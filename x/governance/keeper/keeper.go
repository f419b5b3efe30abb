package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"

	"github.com/streamchain/streamchain/x/governance/types"
)

// Deps is what the keeper is built from.
type Deps struct {
	Cdc     codec.Codec
	Store   store.KVStoreService
	Account types.AccountKeeper
	Clock   types.ClockKeeper
	Router  types.MessageRouter
	Bank    types.BankKeeper
	Staking types.StakingKeeper
	Content types.ContentKeeper
	Revenue types.RevenueKeeper
	// Proposals is x/gov's keeper, of which votes are read.
	Proposals *govkeeper.Keeper
	// Modules are the accounts that no person has; what they stake does not vote.
	Modules []sdk.AccAddress
	// Gov is the bech32 address of x/gov's module account, which signs what proposals run.
	Gov string
}

// Keeper keeps the timelock, counts votes, and keeps who votes for whom and what is paused.
type Keeper struct {
	cdc     codec.Codec
	clock   types.ClockKeeper
	router  types.MessageRouter
	bank    types.BankKeeper
	staking types.StakingKeeper
	content types.ContentKeeper
	revenue types.RevenueKeeper
	votes   *govkeeper.Keeper
	modules []sdk.AccAddress
	gov     string
	account sdk.AccAddress

	schema     collections.Schema
	params     collections.Item[types.Params]
	enactments collections.Map[uint64, types.Enactment]
	sequence   collections.Sequence
	due        collections.KeySet[collections.Pair[int64, uint64]] // time to run, id
	prunes     collections.KeySet[collections.Pair[int64, uint64]] // time to remove, id

	delegations collections.Map[lent, string] // to the delegate
	delegators  collections.KeySet[seat]
	council     collections.Item[types.Council]
	pauses      collections.Map[string, types.Pause]

	house
}

// NewKeeper opens the module on its store. It panics where the app gave the module no
// account: coins sent to the treasury would otherwise reach an account that nobody controls.
func NewKeeper(d Deps) *Keeper {
	account := d.Account.GetModuleAddress(types.ModuleName)
	if account == nil {
		panic("governance: the module account is missing from the app's account permissions")
	}
	sb := collections.NewSchemaBuilder(d.Store)
	queue := collections.PairKeyCodec(collections.Int64Key, collections.Uint64Key)
	k := &Keeper{
		cdc: d.Cdc, clock: d.Clock, router: d.Router, gov: d.Gov, account: account,
		bank: d.Bank, staking: d.Staking, content: d.Content, revenue: d.Revenue, votes: d.Proposals, modules: d.Modules,

		params:     collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](d.Cdc)),
		enactments: collections.NewMap(sb, types.EnactmentsKey, "enactments", collections.Uint64Key, codec.CollValue[types.Enactment](d.Cdc)),
		sequence:   collections.NewSequence(sb, types.SequenceKey, "sequence"),
		due:        collections.NewKeySet(sb, types.DueQueueKey, "due", queue),
		prunes:     collections.NewKeySet(sb, types.PruneQueueKey, "prunes", queue),

		delegations: collections.NewMap(sb, types.DelegationsKey, "delegations", collections.PairKeyCodec(collections.BytesKey, collections.Uint32Key), collections.StringValue),
		delegators:  collections.NewKeySet(sb, types.DelegatorsKey, "delegators", collections.TripleKeyCodec(collections.BytesKey, collections.Uint32Key, collections.BytesKey)),
		council:     collections.NewItem(sb, types.CouncilKey, "council", codec.CollValue[types.Council](d.Cdc)),
		pauses:      collections.NewMap(sb, types.PausesKey, "pauses", collections.StringKey, codec.CollValue[types.Pause](d.Cdc)),
	}
	k.house = openHouse(sb, d.Cdc)
	schema, err := sb.Build()
	if err != nil {
		panic(err)
	}
	k.schema = schema
	return k
}

// Authority is the module's own account: the authority of every module, and the treasury.
func (k *Keeper) Authority() string { return k.account.String() }

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) { return k.params.Get(ctx) }

// UpdateParams replaces the parameters. What is queued keeps its time. Emits
// EventParamsUpdated. Errors: ErrInvalidParams, ErrTimelockTooShort.
func (k *Keeper) UpdateParams(ctx context.Context, params types.Params) error {
	if err := params.ValidateVoted(); err != nil {
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
