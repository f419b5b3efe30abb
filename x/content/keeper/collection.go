package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// CreateCollection makes a collection of creator. Emits EventCollectionCreated. Errors:
// ErrInvalidCollection, ErrInvalidTitle, ErrNotRoot, ErrForeignWork, ErrWorkNotOnSale,
// ErrTooManyCollections, and those of RequireController and RootWork.
func (k *Keeper) CreateCollection(ctx context.Context, controller sdk.AccAddress, msg *types.MsgCreateCollection) (types.Collection, error) {
	creator, err := k.RequireController(ctx, msg.Creator, controller)
	if err != nil {
		return types.Collection{}, err
	}
	id, err := types.ParseCreatorID(creator.Id)
	if err != nil {
		return types.Collection{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Collection{}, err
	}
	last, err := k.sequences.Get(ctx, id)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return types.Collection{}, err
	}
	key := types.CollectionKey{Creator: id, Number: last + 1}
	record := types.CollectionRecord{Works: msg.Works, Collection: types.Collection{
		Id: key.String(), Kind: msg.Kind, Title: msg.Title, Works: uint32(len(msg.Works)), Version: 1, CreatedAt: now, UpdatedAt: now,
	}}
	// everything that a genesis must satisfy, so that an export is never refused
	if err := record.Validate(); err != nil {
		return types.Collection{}, err
	}
	if err := k.sequences.Set(ctx, id, key.Number); err != nil {
		return types.Collection{}, err
	}
	if _, err := k.takeIn(ctx, key, msg.Works); err != nil {
		return types.Collection{}, err
	}
	if err := k.setCollection(ctx, key, record.Collection, msg.Works); err != nil {
		return types.Collection{}, err
	}
	return record.Collection, emit(ctx, &types.EventCollectionCreated{Creator: creator.Id, Collection: record.Collection, Works: msg.Works})
}

// UpdateCollection changes title, works and order. Its version counts, and says of works that go
// when they went: what was bought before stays whole. Emits EventCollectionUpdated and calls
// AfterCollectionUpdated where works came. Errors: ErrCollectionNotFound and those of CreateCollection.
func (k *Keeper) UpdateCollection(ctx context.Context, controller sdk.AccAddress, msg *types.MsgUpdateCollection) (types.Collection, error) {
	key, err := types.ParseCollectionID(msg.Collection)
	if err != nil {
		return types.Collection{}, err
	}
	c, err := k.getCollection(ctx, key)
	if err != nil {
		return types.Collection{}, err
	}
	if _, err := k.RequireController(ctx, key.Creator.String(), controller); err != nil {
		return types.Collection{}, err
	}
	works, err := k.worksIn(ctx, key)
	if err != nil {
		return types.Collection{}, err
	}
	if works, err = types.Rearrange(works, msg.Remove, msg.Add, msg.Order); err != nil {
		return types.Collection{}, err
	}
	if msg.Title != "" {
		c.Title = msg.Title
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Collection{}, err
	}
	c.Version, c.UpdatedAt, c.Works = c.Version+1, now, uint32(len(works))
	if err := k.letGo(ctx, key, msg.Remove, c.Version); err != nil {
		return types.Collection{}, err
	}
	added, err := k.takeIn(ctx, key, msg.Add)
	if err != nil {
		return types.Collection{}, err
	}
	if err := k.setCollection(ctx, key, c, works); err != nil {
		return types.Collection{}, err
	}
	err = emit(ctx, &types.EventCollectionUpdated{Creator: key.Creator.String(), Collection: c, Works: works, Added: msg.Add, Removed: msg.Remove})
	if err == nil && len(added) > 0 && k.collected != nil {
		err = k.collected.AfterCollectionUpdated(ctx, c, added)
	}
	return c, err
}

// takeIn makes works members, each an active root of the collection's creator, and returns them.
func (k *Keeper) takeIn(ctx context.Context, key types.CollectionKey, works []string) ([]types.Work, error) {
	roots := make([]types.Work, 0, len(works))
	for _, cid := range works {
		work, err := k.GetWork(ctx, cid)
		if err != nil {
			return nil, err
		}
		switch {
		case !work.IsRoot():
			return nil, errorsmod.Wrapf(types.ErrNotRoot, "the root of %s is %s", cid, work.Root)
		case work.Creator != key.Creator.String():
			return nil, errorsmod.Wrap(types.ErrForeignWork, cid)
		case work.Status != types.WORK_STATUS_ACTIVE:
			return nil, errorsmod.Wrap(types.ErrWorkNotOnSale, cid)
		}
		if err := k.setMember(ctx, key, cid, 0); err != nil {
			return nil, err
		}
		roots = append(roots, work)
	}
	return roots, nil
}

// letGo notes of works that a version of the collection took them out.
func (k *Keeper) letGo(ctx context.Context, key types.CollectionKey, works []string, version uint64) error {
	for _, cid := range works {
		if err := k.setMember(ctx, key, cid, version); err != nil {
			return err
		}
	}
	return nil
}

// setMember writes a work's row in a collection with its place in the index. A work that comes for
// the first time needs room among its collections.
func (k *Keeper) setMember(ctx context.Context, key types.CollectionKey, cid string, removed uint64) error {
	digest, err := types.ParseWorkID(cid)
	if err != nil {
		return err
	}
	row := collections.Join3([]byte(key.Creator), key.Number, digest)
	known, err := k.members.Has(ctx, row)
	if err != nil {
		return err
	}
	if !known {
		in, err := k.membershipsOf(ctx, digest)
		if err != nil {
			return err
		}
		if len(in) >= types.MaxCollectionsOfWork {
			return errorsmod.Wrap(types.ErrTooManyCollections, cid)
		}
		if err := k.memberships.Set(ctx, collections.Join3(digest, []byte(key.Creator), key.Number)); err != nil {
			return err
		}
	}
	return k.members.Set(ctx, row, removed)
}

// setCollection writes a collection and the order of its works.
func (k *Keeper) setCollection(ctx context.Context, key types.CollectionKey, c types.Collection, works []string) error {
	var order types.CollectionOrder
	for _, cid := range works {
		digest, err := types.ParseWorkID(cid)
		if err != nil {
			return err
		}
		order.Works = append(order.Works, digest)
	}
	if err := k.orders.Set(ctx, rowOf(key), order); err != nil {
		return err
	}
	return k.collections.Set(ctx, rowOf(key), c)
}

// GetCollection returns a collection by id. Errors: ErrInvalidCollectionID, ErrCollectionNotFound.
func (k *Keeper) GetCollection(ctx context.Context, id string) (types.Collection, error) {
	key, err := types.ParseCollectionID(id)
	if err != nil {
		return types.Collection{}, err
	}
	return k.getCollection(ctx, key)
}

func (k *Keeper) getCollection(ctx context.Context, key types.CollectionKey) (types.Collection, error) {
	c, err := k.collections.Get(ctx, rowOf(key))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Collection{}, errorsmod.Wrap(types.ErrCollectionNotFound, key.String())
	}
	return c, err
}

// CollectionWorks returns the roots in a collection, in order, at most MaxCollectionWorks.
// Errors: as GetCollection.
func (k *Keeper) CollectionWorks(ctx context.Context, id string) ([]string, error) {
	key, err := types.ParseCollectionID(id)
	if err != nil {
		return nil, err
	}
	if _, err := k.getCollection(ctx, key); err != nil {
		return nil, err
	}
	return k.worksIn(ctx, key)
}

func (k *Keeper) worksIn(ctx context.Context, key types.CollectionKey) ([]string, error) {
	order, err := k.orders.Get(ctx, rowOf(key))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, errorsmod.Wrapf(types.ErrInvariant, "collection %s has no order", key)
	}
	if err != nil {
		return nil, err
	}
	var works []string
	for _, digest := range order.Works {
		cid, err := types.WorkID(digest)
		if err != nil {
			return nil, err
		}
		works = append(works, cid)
	}
	return works, nil
}

// CollectionsOf returns the collections that a root is in, or was, at most MaxCollectionsOfWork,
// sorted by number. Errors: ErrInvalidWorkID.
func (k *Keeper) CollectionsOf(ctx context.Context, root string) ([]types.Membership, error) {
	digest, err := types.ParseWorkID(root)
	if err != nil {
		return nil, err
	}
	keys, err := k.membershipsOf(ctx, digest)
	if err != nil {
		return nil, err
	}
	out := make([]types.Membership, 0, len(keys))
	for _, key := range keys {
		removed, err := k.members.Get(ctx, collections.Join3([]byte(key.Creator), key.Number, digest))
		if err != nil {
			return nil, err
		}
		out = append(out, types.Membership{Collection: key.String(), RemovedVersion: removed})
	}
	return out, nil
}

func (k *Keeper) membershipsOf(ctx context.Context, digest []byte) ([]types.CollectionKey, error) {
	var keys []types.CollectionKey
	rng := collections.NewPrefixedTripleRange[[]byte, []byte, uint64](digest)
	err := k.memberships.Walk(ctx, rng, func(row collections.Triple[[]byte, []byte, uint64]) (bool, error) {
		keys = append(keys, types.CollectionKey{Creator: slices.Clone(row.K2()), Number: row.K3()})
		return false, nil
	})
	return keys, err
}

func rowOf(key types.CollectionKey) collectionKey {
	return collections.Join([]byte(key.Creator), key.Number)
}
