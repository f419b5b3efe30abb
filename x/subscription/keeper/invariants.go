package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// CheckInvariants walks the whole state and returns an error that names the first row which
// does not fit: records against each other (as a genesis must) and against x/content, and
// every index and the queue against its records.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return errorsmod.Wrap(types.ErrInvariant, err.Error())
	}
	if err := k.checkReferences(ctx, *gs); err != nil {
		return err
	}
	if err := k.checkPlanIndexes(ctx, gs.Plans); err != nil {
		return err
	}
	if err := k.checkKeys(ctx, *gs); err != nil {
		return err
	}
	if err := k.checkTemplateKeys(ctx, *gs); err != nil {
		return err
	}
	if err := k.checkPasses(ctx, *gs); err != nil {
		return err
	}
	if err := k.checkSeats(ctx, *gs); err != nil {
		return err
	}
	return k.checkQueues(ctx, *gs)
}

// checkReferences refuses rows that name works or creators which x/content does not have, and
// plans that sell another creator's works.
func (k *Keeper) checkReferences(ctx context.Context, gs types.GenesisState) error {
	if err := k.checkTemplateItems(ctx, gs); err != nil {
		return err
	}
	if err := k.checkPassReferences(ctx, gs); err != nil {
		return err
	}
	for _, list := range gs.Offers {
		i, err := k.requireItem(ctx, list.Work)
		if err != nil {
			return err
		}
		for _, id := range list.PlanIDs() {
			if key, err := types.ParsePlanID(id); err != nil || key.Creator.String() != i.creator {
				return errorsmod.Wrapf(types.ErrInvalidGenesis, "offers of %s: plan %s is not its creator's", list.Work, id)
			}
		}
	}
	for _, record := range gs.Plans {
		key, err := types.ParsePlanID(record.Plan.Id)
		if err != nil {
			return err
		}
		if _, err := k.content.GetCreator(ctx, key.Creator.String()); err != nil {
			return errorsmod.Wrapf(types.ErrInvalidGenesis, "plan %s: %s", record.Plan.Id, err)
		}
		for _, work := range record.Works {
			if root, err := k.requireRoot(ctx, work); err != nil || root.Creator != key.Creator.String() {
				return errorsmod.Wrapf(types.ErrInvalidGenesis, "plan %s: %s is not a work of its creator", record.Plan.Id, work)
			}
		}
	}
	return k.checkBoughtReferences(ctx, gs)
}

// checkBoughtReferences refuses what names nothing that x/content has, or a version of a collection that
// is yet to come.
func (k *Keeper) checkBoughtReferences(ctx context.Context, gs types.GenesisState) error {
	check := func(id string, version uint64) error {
		i, err := k.requireItem(ctx, id)
		if err == nil && version > i.set.Version {
			err = errorsmod.Wrapf(types.ErrInvalidGenesis, "%s has no version %d", id, version)
		}
		return err
	}
	for _, e := range gs.Entitlements {
		if err := check(e.Work, e.CollectionVersion); err != nil {
			return err
		}
	}
	for _, r := range gs.Rentals {
		if err := check(r.Work, r.CollectionVersion); err != nil {
			return err
		}
	}
	return nil
}

// requireItem finds a root or a collection.
func (k *Keeper) requireItem(ctx context.Context, id string) (item, error) {
	i, err := k.item(ctx, id)
	if err != nil || i.id != id {
		return item{}, errorsmod.Wrapf(types.ErrInvalidGenesis, "%s is not the first version of a work, nor a collection", id)
	}
	return i, nil
}

func (k *Keeper) requireRoot(ctx context.Context, cid string) (contenttypes.Work, error) {
	root, err := k.content.RootWork(ctx, cid)
	if err != nil || root.Cid != cid {
		return contenttypes.Work{}, errorsmod.Wrapf(types.ErrInvalidGenesis, "%s is not the first version of a work", cid)
	}
	return root, nil
}

// checkPlanIndexes checks sequences, open plans and coverage. That plans are numbered without
// a gap was checked before, so each creator's last plan must be its sequence.
func (k *Keeper) checkPlanIndexes(ctx context.Context, records []types.PlanRecord) error {
	open, creators, works := 0, 0, 0
	for i, r := range records {
		key, err := types.ParsePlanID(r.Plan.Id)
		if err != nil {
			return err
		}
		if stored, err := k.getPlan(ctx, key); err != nil || stored.Id != r.Plan.Id {
			return errorsmod.Wrapf(types.ErrInvariant, "plan %s is stored under another id", r.Plan.Id)
		}
		listed, err := k.openPlans.Has(ctx, rowOf(key))
		if err != nil || listed == r.Plan.Closed {
			return errorsmod.Wrapf(types.ErrInvariant, "plan %s: closed %t, yet among the open ones %t", r.Plan.Id, r.Plan.Closed, listed)
		}
		if listed {
			open++
		}
		works += len(r.Works)
		if i+1 < len(records) {
			if next, err := types.ParsePlanID(records[i+1].Plan.Id); err != nil || next.Number > 1 {
				continue
			}
		}
		creators++
		if last, err := k.sequences.Get(ctx, key.Creator); err != nil || last != key.Number {
			return errorsmod.Wrapf(types.ErrInvariant, "the sequence of %s is not at its last plan", key.Creator)
		}
	}
	if err := sameCount(ctx, "open plans", open, walkKeys(k.openPlans)); err != nil {
		return err
	}
	if err := sameCount(ctx, "covered works", works, walkKeys(k.coverage)); err != nil {
		return err
	}
	return sameCount(ctx, "sequences", creators, k.sequences.Walk)
}

// checkKeys checks that each row is where it is looked for.
func (k *Keeper) checkKeys(ctx context.Context, gs types.GenesisState) error {
	for _, l := range gs.Offers {
		key, err := types.ItemKey(l.Work)
		if err != nil {
			return err
		}
		if stored, err := k.offers.Get(ctx, key); err != nil || stored.Work != l.Work {
			return errorsmod.Wrapf(types.ErrInvariant, "offers of %s are stored under another work", l.Work)
		}
	}
	for _, e := range gs.Entitlements {
		key, err := itemKey(e.Viewer, e.Work)
		if err != nil {
			return err
		}
		if stored, err := k.entitlements.Get(ctx, key); err != nil || stored.Viewer != e.Viewer || stored.Work != e.Work {
			return errorsmod.Wrapf(types.ErrInvariant, "purchase of %s by %s is stored under another key", e.Work, e.Viewer)
		}
	}
	for _, r := range gs.Rentals {
		key, err := itemKey(r.Viewer, r.Work)
		if err != nil {
			return err
		}
		if stored, err := k.rentals.Get(ctx, key); err != nil || stored.Viewer != r.Viewer || stored.Work != r.Work {
			return errorsmod.Wrapf(types.ErrInvariant, "rental of %s by %s is stored under another key", r.Work, r.Viewer)
		}
	}
	for _, s := range gs.Subscriptions {
		key, err := subscriptionKey(s.Viewer, s.Plan)
		if err != nil {
			return err
		}
		if stored, err := k.subscriptions.Get(ctx, key); err != nil || stored.Viewer != s.Viewer || stored.Plan != s.Plan {
			return errorsmod.Wrapf(types.ErrInvariant, "subscription of %s to %s is stored under another key", s.Viewer, s.Plan)
		}
	}
	return nil
}

// checkQueues checks that every subscription and every rental has exactly its own place in its queue.
func (k *Keeper) checkQueues(ctx context.Context, gs types.GenesisState) error {
	for _, s := range gs.Subscriptions {
		key, err := subscriptionKey(s.Viewer, s.Plan)
		if err != nil {
			return err
		}
		if queued, err := k.expiries.Has(ctx, collections.Join(s.DueAt, key)); err != nil || !queued {
			return errorsmod.Wrapf(types.ErrInvariant, "subscription of %s to %s is not queued for %d", s.Viewer, s.Plan, s.DueAt)
		}
	}
	for _, r := range gs.Rentals {
		key, err := itemKey(r.Viewer, r.Work)
		if err != nil {
			return err
		}
		if queued, err := k.rentalEnds.Has(ctx, collections.Join(r.DueAt, key)); err != nil || !queued {
			return errorsmod.Wrapf(types.ErrInvariant, "rental of %s by %s is not queued for %d", r.Work, r.Viewer, r.DueAt)
		}
	}
	if err := sameCount(ctx, "queued subscriptions", len(gs.Subscriptions), walkKeys(k.expiries)); err != nil {
		return err
	}
	return sameCount(ctx, "queued rentals", len(gs.Rentals), walkKeys(k.rentalEnds))
}

// checkSeats checks that each plan with a limit counts exactly its subscribers.
func (k *Keeper) checkSeats(ctx context.Context, gs types.GenesisState) error {
	taken := make(map[string]uint32)
	for _, s := range gs.Subscriptions {
		taken[s.Plan]++
	}
	counters := 0
	for _, r := range gs.Plans {
		if r.Plan.MaxSubscribers == 0 || taken[r.Plan.Id] == 0 {
			continue
		}
		key, err := types.ParsePlanID(r.Plan.Id)
		if err != nil {
			return err
		}
		counters++
		if n, err := k.seatsOf(ctx, key); err != nil || n != taken[r.Plan.Id] {
			return errorsmod.Wrapf(types.ErrInvariant, "plan %s counts %d subscribers of %d", r.Plan.Id, n, taken[r.Plan.Id])
		}
	}
	return sameCount(ctx, "counts of subscribers", counters, k.seats.Walk)
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
