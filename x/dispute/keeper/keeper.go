package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
)

type (
	// timeKey is a place in a queue by time: live time, dispute.
	timeKey = collections.Pair[int64, uint64]
	// periodKey is a place in a queue by the beacon's period: period, dispute.
	periodKey = collections.Pair[uint64, uint64]
	// ballotKey is dispute, round, juror.
	ballotKey = collections.Triple[uint64, uint32, []byte]
	// dutyKey is juror, dispute, round.
	dutyKey = collections.Triple[[]byte, uint64, uint32]
	// claimKey is kind, subject, claimant.
	claimKey = collections.Triple[uint32, string, string]
	// changeKey is the beacon's period, juror.
	changeKey = collections.Pair[uint64, []byte]
	// workKey is a root, dispute.
	workKey = collections.Pair[string, uint64]
)

// Deps is what the keeper is built from.
type Deps struct {
	Cdc     codec.BinaryCodec
	Store   store.KVStoreService
	Account types.AccountKeeper
	Bank    types.BankKeeper
	Clock   types.ClockKeeper
	Content types.ContentKeeper
	Storage types.StorageKeeper
	Revenue types.RevenueKeeper
	// Authority is the bech32 address that may change parameters; it is the treasury too.
	Authority string
}

// Keeper keeps disputes, juries and stakes.
type Keeper struct {
	bank      types.BankKeeper
	clock     types.ClockKeeper
	content   types.ContentKeeper
	storage   types.StorageKeeper
	revenue   types.RevenueKeeper
	account   sdk.AccAddress // the module account's address
	treasury  sdk.AccAddress
	authority string

	schema       collections.Schema
	params       collections.Item[types.Params]
	disputes     collections.Map[uint64, types.Dispute]
	sequence     collections.Sequence
	byRespondent collections.KeySet[workKey] // respondent, dispute
	open         collections.Map[claimKey, uint64]
	due          collections.KeySet[timeKey]   // next steps
	waiting      collections.KeySet[periodKey] // juries to draw
	remedies     collections.KeySet[timeKey]   // rulings to carry out
	ballots      collections.Map[ballotKey, types.Ballot]
	duties       collections.KeySet[dutyKey]

	jurors    collections.Map[[]byte, types.Juror]
	slots     collections.Map[uint64, []byte] // slot, from 1 -> juror
	sums      collections.Map[uint64, uint64] // a Fenwick tree of weights by slot
	slotCount collections.Item[uint64]
	total     collections.Item[uint64] // of all weights
	changes   collections.Map[changeKey, uint64]
	owed      collections.Map[[]byte, math.Int]

	restrictions collections.Map[workKey, types.Restriction]
	interims     collections.Map[string, int64] // root -> until when there is no other
	notices      collections.Map[uint64, types.Notice]
	noticeSeq    collections.Sequence
}

// NewKeeper opens the module on its store. It panics where the app gave the module no account,
// or no treasury: the first bond, or settlement, would otherwise panic inside a block.
func NewKeeper(d Deps) *Keeper {
	account := d.Account.GetModuleAddress(types.ModuleName)
	if account == nil {
		panic("dispute: the module account is missing from the app's account permissions")
	}
	sb := collections.NewSchemaBuilder(d.Store)
	byTime := collections.PairKeyCodec(collections.Int64Key, collections.Uint64Key)
	byWork := collections.PairKeyCodec(collections.StringKey, collections.Uint64Key)
	k := &Keeper{
		bank: d.Bank, clock: d.Clock, content: d.Content, storage: d.Storage, revenue: d.Revenue,
		account: account, treasury: sdk.MustAccAddressFromBech32(d.Authority), authority: d.Authority,

		params:       collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](d.Cdc)),
		disputes:     collections.NewMap(sb, types.DisputesKey, "disputes", collections.Uint64Key, codec.CollValue[types.Dispute](d.Cdc)),
		sequence:     collections.NewSequence(sb, types.SequenceKey, "sequence"),
		byRespondent: collections.NewKeySet(sb, types.ByRespondentKey, "disputes_by_respondent", byWork),
		open: collections.NewMap(sb, types.OpenKey, "open_claims",
			collections.TripleKeyCodec(collections.Uint32Key, collections.StringKey, collections.StringKey), collections.Uint64Value),
		due:      collections.NewKeySet(sb, types.DueQueueKey, "due", byTime),
		waiting:  collections.NewKeySet(sb, types.WaitingKey, "waiting", collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key)),
		remedies: collections.NewKeySet(sb, types.RemedyQueueKey, "remedies", byTime),
		ballots: collections.NewMap(sb, types.BallotsKey, "ballots",
			collections.TripleKeyCodec(collections.Uint64Key, collections.Uint32Key, collections.BytesKey), codec.CollValue[types.Ballot](d.Cdc)),
		duties: collections.NewKeySet(sb, types.DutiesKey, "duties",
			collections.TripleKeyCodec(collections.BytesKey, collections.Uint64Key, collections.Uint32Key)),

		jurors:    collections.NewMap(sb, types.JurorsKey, "jurors", collections.BytesKey, codec.CollValue[types.Juror](d.Cdc)),
		slots:     collections.NewMap(sb, types.SlotsKey, "slots", collections.Uint64Key, collections.BytesValue),
		sums:      collections.NewMap(sb, types.SumsKey, "sums", collections.Uint64Key, collections.Uint64Value),
		slotCount: collections.NewItem(sb, types.SlotCountKey, "slot_count", collections.Uint64Value),
		total:     collections.NewItem(sb, types.TotalKey, "total", collections.Uint64Value),
		changes: collections.NewMap(sb, types.ChangesKey, "changes",
			collections.PairKeyCodec(collections.Uint64Key, collections.BytesKey), collections.Uint64Value),
		owed: collections.NewMap(sb, types.OwedKey, "owed", collections.BytesKey, sdk.IntValue),

		restrictions: collections.NewMap(sb, types.RestrictionsKey, "restrictions", byWork, codec.CollValue[types.Restriction](d.Cdc)),
		interims:     collections.NewMap(sb, types.InterimsKey, "interims", collections.StringKey, collections.Int64Value),
		notices:      collections.NewMap(sb, types.NoticesKey, "notices", collections.Uint64Key, codec.CollValue[types.Notice](d.Cdc)),
		noticeSeq:    collections.NewSequence(sb, types.NoticeSeqKey, "notice_sequence"),
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

// UpdateParams replaces the parameters. Rounds that are open keep the terms of their opening; a
// stake counts by the new least one from its next change on. Emits EventParamsUpdated.
// Errors: ErrInvalidParams.
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
