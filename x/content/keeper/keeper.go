package keeper

import (
	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/streamchain/streamchain/x/content/types"
)

// Deps is what the keeper is built from.
type Deps struct {
	Cdc     codec.BinaryCodec
	Store   store.KVStoreService
	Account types.AccountKeeper
	Bank    types.BankKeeper
	Clock   types.ClockKeeper
	// Authority is the bech32 address that may change parameters.
	Authority string
}

type (
	// collectionKey is creator id, number.
	collectionKey = collections.Pair[[]byte, uint64]
	// feedKey is owner, name.
	feedKey = collections.Pair[[]byte, string]
	// member is creator id, number, digest of the root.
	member = collections.Triple[[]byte, uint64, []byte]
)

// Keeper keeps the registry. Ids are bytes in keys and text in rows.
type Keeper struct {
	bank      types.BankKeeper
	clock     types.ClockKeeper
	hooks     types.ContentHooks
	collected types.CollectionHooks
	account   []byte // the module account's address
	authority string

	verification

	schema       collections.Schema
	params       collections.Item[types.Params]
	creators     collections.Map[[]byte, types.Creator]
	byController collections.Map[[]byte, []byte] // controller -> creator id
	bySkeleton   collections.Map[string, []byte] // look of a handle -> creator id
	works        collections.Map[[]byte, types.Work]
	byCreator    collections.KeySet[collections.Triple[[]byte, int64, []byte]] // creator id, published_at, digest
	versions     collections.Map[collections.Pair[[]byte, uint32], []byte]     // root digest, version -> digest
	commits      collections.Map[[]byte, types.Commit]
	commitQueue  collections.KeySet[collections.Pair[int64, []byte]] // due, hash

	collections collections.Map[collectionKey, types.Collection]
	orders      collections.Map[collectionKey, types.CollectionOrder]
	members     collections.Map[member, uint64]                                // version that took it out, 0: it is in
	memberships collections.KeySet[collections.Triple[[]byte, []byte, uint64]] // digest, creator id, number
	sequences   collections.Map[[]byte, uint64]                                // creator id -> number of its newest collection

	feeds        collections.Map[feedKey, types.Feed]
	reservations collections.Map[string, types.Reservation] // look of a handle
}

// NewKeeper opens the module on its store. It panics where the app gave the module no
// account: the first deposit would otherwise panic inside a transaction.
func NewKeeper(d Deps) *Keeper {
	account := d.Account.GetModuleAddress(types.ModuleName)
	if account == nil {
		panic("content: the module account is missing from the app's account permissions")
	}
	sb := collections.NewSchemaBuilder(d.Store)
	k := &Keeper{
		bank: d.Bank, clock: d.Clock, account: account, authority: d.Authority,

		params:       collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](d.Cdc)),
		creators:     collections.NewMap(sb, types.CreatorsKey, "creators", collections.BytesKey, codec.CollValue[types.Creator](d.Cdc)),
		byController: collections.NewMap(sb, types.CreatorsByControllerKey, "creators_by_controller", collections.BytesKey, collections.BytesValue),
		bySkeleton:   collections.NewMap(sb, types.CreatorsBySkeletonKey, "creators_by_skeleton", collections.StringKey, collections.BytesValue),
		works:        collections.NewMap(sb, types.WorksKey, "works", collections.BytesKey, codec.CollValue[types.Work](d.Cdc)),
		byCreator: collections.NewKeySet(sb, types.WorksByCreatorKey, "works_by_creator",
			collections.TripleKeyCodec(collections.BytesKey, collections.Int64Key, collections.BytesKey)),
		versions: collections.NewMap(sb, types.VersionsKey, "versions",
			collections.PairKeyCodec(collections.BytesKey, collections.Uint32Key), collections.BytesValue),
		commits: collections.NewMap(sb, types.CommitsKey, "commits", collections.BytesKey, codec.CollValue[types.Commit](d.Cdc)),
		commitQueue: collections.NewKeySet(sb, types.CommitQueueKey, "commit_queue",
			collections.PairKeyCodec(collections.Int64Key, collections.BytesKey)),
	}
	k.openCollections(sb, d.Cdc)
	k.feeds = collections.NewMap(sb, types.FeedsKey, "feeds", collections.PairKeyCodec(collections.BytesKey, collections.StringKey), codec.CollValue[types.Feed](d.Cdc))
	k.reservations = collections.NewMap(sb, types.ReservationsKey, "reservations", collections.StringKey, codec.CollValue[types.Reservation](d.Cdc))
	k.verification = openVerification(sb, d.Cdc)
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
func (k *Keeper) SetHooks(h types.ContentHooks) {
	if k.hooks != nil {
		panic("content: hooks are set already")
	}
	k.hooks = h
}

// SetCollectionHooks joins who listens to collections. It panics when called twice, as SetHooks.
func (k *Keeper) SetCollectionHooks(h types.CollectionHooks) {
	if k.collected != nil {
		panic("content: hooks of collections are set already")
	}
	k.collected = h
}

func (k *Keeper) openCollections(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) {
	key := collections.PairKeyCodec(collections.BytesKey, collections.Uint64Key)
	k.collections = collections.NewMap(sb, types.CollectionsKey, "collections", key, codec.CollValue[types.Collection](cdc))
	k.orders = collections.NewMap(sb, types.CollectionOrdersKey, "collection_orders", key, codec.CollValue[types.CollectionOrder](cdc))
	k.members = collections.NewMap(sb, types.MembersKey, "members",
		collections.TripleKeyCodec(collections.BytesKey, collections.Uint64Key, collections.BytesKey), collections.Uint64Value)
	k.memberships = collections.NewKeySet(sb, types.MembershipsKey, "memberships",
		collections.TripleKeyCodec(collections.BytesKey, collections.BytesKey, collections.Uint64Key))
	k.sequences = collections.NewMap(sb, types.CollectionSequencesKey, "collection_sequences", collections.BytesKey, collections.Uint64Value)
}
