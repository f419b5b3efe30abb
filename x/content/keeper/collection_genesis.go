package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/content/types"
)

func (k *Keeper) importCollection(ctx context.Context, r types.CollectionRecord) error {
	key, err := types.ParseCollectionID(r.Collection.Id)
	if err != nil {
		return err
	}
	for _, cid := range r.Works {
		if err := k.setMember(ctx, key, cid, 0); err != nil {
			return err
		}
	}
	for _, f := range r.Former {
		if err := k.setMember(ctx, key, f.Work, f.RemovedVersion); err != nil {
			return err
		}
	}
	if err := k.sequences.Set(ctx, key.Creator, key.Number); err != nil {
		return err
	}
	return k.setCollection(ctx, key, r.Collection, r.Works)
}

// exportCollections returns all collections with their works, in the order of their keys.
func (k *Keeper) exportCollections(ctx context.Context) ([]types.CollectionRecord, error) {
	var records []types.CollectionRecord
	err := k.collections.Walk(ctx, nil, func(row collectionKey, c types.Collection) (bool, error) {
		key := types.CollectionKey{Creator: row.K1(), Number: row.K2()}
		works, err := k.worksIn(ctx, key)
		if err != nil {
			return true, err
		}
		former, err := k.formerOf(ctx, key)
		records = append(records, types.CollectionRecord{Collection: c, Works: works, Former: former})
		return false, err
	})
	return records, err
}

func (k *Keeper) formerOf(ctx context.Context, key types.CollectionKey) ([]types.FormerWork, error) {
	var former []types.FormerWork
	rng := collections.NewSuperPrefixedTripleRange[[]byte, uint64, []byte](key.Creator, key.Number)
	err := k.members.Walk(ctx, rng, func(row member, removed uint64) (bool, error) {
		if removed == 0 {
			return false, nil
		}
		cid, err := types.WorkID(row.K3())
		former = append(former, types.FormerWork{Work: cid, RemovedVersion: removed})
		return false, err
	})
	return former, err
}

// checkCollections checks that rows of works, their index and the sequences are exactly those of the
// collections. That ids have no gap was checked before, so each creator's last must be its sequence.
func (k *Keeper) checkCollections(ctx context.Context, records []types.CollectionRecord) error {
	rows, creators := 0, 0
	for i, r := range records {
		key, err := types.ParseCollectionID(r.Collection.Id)
		if err != nil {
			return err
		}
		if stored, err := k.getCollection(ctx, key); err != nil || stored.Id != r.Collection.Id {
			return errorsmod.Wrapf(types.ErrInvariant, "collection %s is stored under another id", r.Collection.Id)
		}
		for _, cid := range r.Works {
			if err := k.checkMember(ctx, key, cid, 0); err != nil {
				return err
			}
		}
		for _, f := range r.Former {
			if err := k.checkMember(ctx, key, f.Work, f.RemovedVersion); err != nil {
				return err
			}
		}
		rows += len(r.Works) + len(r.Former)
		if i+1 < len(records) {
			if next, err := types.ParseCollectionID(records[i+1].Collection.Id); err != nil || next.Number > 1 {
				continue
			}
		}
		creators++
		if last, err := k.sequences.Get(ctx, key.Creator); err != nil || last != key.Number {
			return errorsmod.Wrapf(types.ErrInvariant, "the sequence of %s is not at its last collection", key.Creator)
		}
	}
	if err := sameCount(ctx, "members", rows, k.members.Walk); err != nil {
		return err
	}
	if err := sameCount(ctx, "memberships", rows, walkKeys(k.memberships)); err != nil {
		return err
	}
	if err := sameCount(ctx, "orders", len(records), k.orders.Walk); err != nil {
		return err
	}
	return sameCount(ctx, "sequences of collections", creators, k.sequences.Walk)
}

func (k *Keeper) checkMember(ctx context.Context, key types.CollectionKey, cid string, removed uint64) error {
	digest, err := types.ParseWorkID(cid)
	if err != nil {
		return err
	}
	stored, err := k.members.Get(ctx, collections.Join3([]byte(key.Creator), key.Number, digest))
	if err != nil || stored != removed {
		return errorsmod.Wrapf(types.ErrInvariant, "%s has no fitting row in %s", cid, key)
	}
	indexed, err := k.memberships.Has(ctx, collections.Join3(digest, []byte(key.Creator), key.Number))
	if err != nil || !indexed {
		return errorsmod.Wrapf(types.ErrInvariant, "%s does not lead to %s", cid, key)
	}
	return nil
}
