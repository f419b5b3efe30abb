package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// item is what is offered and bought: a work with all its versions, or a collection.
type item struct {
	id      string // root cid, or the collection's id
	key     []byte
	creator string
	root    contenttypes.Work       // of a work
	set     contenttypes.Collection // of a collection
}

// item finds a work by any version, or a collection. Errors: content's.
func (k *Keeper) item(ctx context.Context, id string) (item, error) {
	if !types.IsCollection(id) {
		root, digest, err := k.root(ctx, id)
		return item{id: root.Cid, key: digest, creator: root.Creator, root: root}, err
	}
	key, err := types.ItemKey(id)
	if err != nil {
		return item{}, err
	}
	set, err := k.content.GetCollection(ctx, id)
	if err != nil {
		return item{}, err
	}
	parsed, err := contenttypes.ParseCollectionID(id)
	return item{id: id, key: key, creator: parsed.Creator.String(), set: set}, err
}

// collection says whether it is one.
func (i item) collection() bool { return i.set.Id != "" }

// subject is who is paid in x/revenue: the work, or of a collection its creator. Its works change, and no
// sheet of one of them could say who made the whole.
func (i item) subject() string {
	if i.collection() {
		return i.creator
	}
	return i.id
}

// requireOnSale refuses a work that is retired or restricted, and a collection that has nothing in it.
func (i item) requireOnSale() error {
	switch {
	case i.collection() && i.set.Works == 0:
		return errorsmod.Wrapf(types.ErrNotForSale, "nothing is in %s yet", i.id)
	case !i.collection() && i.root.Status != contenttypes.WORK_STATUS_ACTIVE:
		return errorsmod.Wrap(types.ErrWorkNotActive, i.id)
	}
	return nil
}

// works are the roots that a price of the item is asked for.
func (k *Keeper) worksOf(ctx context.Context, i item) ([]contenttypes.Work, error) {
	if !i.collection() {
		return []contenttypes.Work{i.root}, nil
	}
	ids, err := k.content.CollectionWorks(ctx, i.id)
	if err != nil {
		return nil, err
	}
	works := make([]contenttypes.Work, 0, len(ids))
	for _, id := range ids {
		work, err := k.content.RootWork(ctx, id)
		if err != nil {
			return nil, err
		}
		works = append(works, work)
	}
	return works, nil
}
