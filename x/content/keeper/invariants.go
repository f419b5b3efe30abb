package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/content/types"
)

// CheckInvariants walks the whole state and returns an error that names the first row which
// does not fit: records against each other (as a genesis must), every index against its
// records, and the module account against the deposits.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return errorsmod.Wrap(types.ErrInvariant, err.Error())
	}
	if err := k.requireCovered(ctx, *gs); err != nil {
		return err
	}
	if err := k.checkCreatorIndexes(ctx, gs.Creators); err != nil {
		return err
	}
	if err := k.checkWorkIndexes(ctx, gs.Works); err != nil {
		return err
	}
	if err := k.checkCollections(ctx, gs.Collections); err != nil {
		return err
	}
	if err := k.checkFeeds(ctx); err != nil {
		return err
	}
	if err := k.checkCommitQueue(ctx, gs.Commits); err != nil {
		return err
	}
	return k.checkVerification(ctx, *gs)
}

// requireCovered refuses a module account that holds less than the deposits. It may hold
// more: anybody can send coins to it.
func (k *Keeper) requireCovered(ctx context.Context, gs types.GenesisState) error {
	held, owed := k.bank.GetBalance(ctx, k.account, token.BaseDenom).Amount, gs.Deposits()
	if held.LT(owed) {
		return errorsmod.Wrapf(types.ErrInvariant, "the module account holds %s ustream, deposits are %s", held, owed)
	}
	return nil
}

func (k *Keeper) checkCreatorIndexes(ctx context.Context, creators []types.Creator) error {
	handles := 0
	for _, c := range creators {
		id, err := types.ParseCreatorID(c.Id)
		if err != nil {
			return err
		}
		if stored, err := k.getCreator(ctx, id); err != nil || stored.Id != c.Id {
			return errorsmod.Wrapf(types.ErrInvariant, "creator %s is stored under another id", c.Id)
		}
		controller, err := types.ParseAddress(c.Controller)
		if err != nil {
			return err
		}
		if indexed, err := k.byController.Get(ctx, controller); err != nil || !bytes.Equal(indexed, id) {
			return errorsmod.Wrapf(types.ErrInvariant, "controller %s does not lead to %s", c.Controller, c.Id)
		}
		if c.Handle == "" {
			continue
		}
		handles++
		if held, err := k.holdsSkeleton(ctx, c.Handle, id); err != nil || !held {
			return errorsmod.Wrapf(types.ErrInvariant, "handle %s does not lead to %s", c.Handle, c.Id)
		}
	}
	if err := sameCount(ctx, "controllers", len(creators), k.byController.Walk); err != nil {
		return err
	}
	return sameCount(ctx, "handles", handles, k.bySkeleton.Walk)
}

func (k *Keeper) checkWorkIndexes(ctx context.Context, works []types.Work) error {
	for _, w := range works {
		digest, err := types.ParseWorkID(w.Cid)
		if err != nil {
			return err
		}
		if stored, err := k.works.Get(ctx, digest); err != nil || stored.Cid != w.Cid {
			return errorsmod.Wrapf(types.ErrInvariant, "work %s is stored under another id", w.Cid)
		}
		root, err := types.ParseWorkID(w.Root)
		if err != nil {
			return err
		}
		if version, err := k.versions.Get(ctx, collections.Join(root, w.Version)); err != nil || !bytes.Equal(version, digest) {
			return errorsmod.Wrapf(types.ErrInvariant, "work %s is not version %d of its root", w.Cid, w.Version)
		}
		creator, err := types.ParseCreatorID(w.Creator)
		if err != nil {
			return err
		}
		if indexed, err := k.byCreator.Has(ctx, collections.Join3([]byte(creator), w.PublishedAt, digest)); err != nil || !indexed {
			return errorsmod.Wrapf(types.ErrInvariant, "work %s is not among its creator's", w.Cid)
		}
	}
	if err := sameCount(ctx, "versions", len(works), k.versions.Walk); err != nil {
		return err
	}
	return sameCount(ctx, "works by creator", len(works), walkKeys(k.byCreator))
}

func (k *Keeper) checkCommitQueue(ctx context.Context, commits []types.Commit) error {
	// one that could not be removed waits at a later time than its own
	queued := map[string]bool{}
	err := k.commitQueue.Walk(ctx, nil, func(key collections.Pair[int64, []byte]) (bool, error) {
		queued[string(key.K2())] = true
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, c := range commits {
		if !queued[string(c.Hash)] {
			return errorsmod.Wrapf(types.ErrInvariant, "commit %x is not queued for its end", c.Hash)
		}
	}
	return sameCount(ctx, "queued commits", len(commits), walkKeys(k.commitQueue))
}

// errTooMany ends a walk early.
var errTooMany = errors.New("too many rows")

// sameCount refuses an index with more rows than its records imply: with each record found
// in it, equal counts mean that nothing else is in it.
func sameCount[K, V any](ctx context.Context, name string, want int, walk func(context.Context, collections.Ranger[K], func(K, V) (bool, error)) error) error {
	got := 0
	err := walk(ctx, nil, func(K, V) (bool, error) {
		got++
		if got > want {
			return true, errTooMany
		}
		return false, nil
	})
	if errors.Is(err, errTooMany) || (err == nil && got != want) {
		return errorsmod.Wrapf(types.ErrInvariant, "%s: the index does not have %d rows", name, want)
	}
	return err
}

// walkKeys gives a key set the walk of a map.
func walkKeys[K any](set collections.KeySet[K]) func(context.Context, collections.Ranger[K], func(K, collections.NoValue) (bool, error)) error {
	return func(ctx context.Context, r collections.Ranger[K], f func(K, collections.NoValue) (bool, error)) error {
		return set.Walk(ctx, r, func(key K) (bool, error) { return f(key, collections.NoValue{}) })
	}
}
