package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// InitGenesis loads the state and derives indexes, sequences and queue. It checks everything
// before the first write, also that works and creators exist: x/content's genesis comes first.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.checkReferences(ctx, gs); err != nil {
		return err
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	for _, list := range gs.Offers {
		key, err := types.ItemKey(list.Work)
		if err != nil {
			return err
		}
		if err := k.offers.Set(ctx, key, list); err != nil {
			return err
		}
	}
	for _, record := range gs.Plans {
		key, err := types.ParsePlanID(record.Plan.Id)
		if err != nil {
			return err
		}
		if err := k.setPlanRecord(ctx, key, record); err != nil {
			return err
		}
	}
	if err := k.importTemplates(ctx, gs); err != nil {
		return err
	}
	if err := k.importPasses(ctx, gs); err != nil {
		return err
	}
	return k.importBought(ctx, gs)
}

func (k *Keeper) importBought(ctx context.Context, gs types.GenesisState) error {
	for _, e := range gs.Entitlements {
		key, err := itemKey(e.Viewer, e.Work)
		if err != nil {
			return err
		}
		if err := k.entitlements.Set(ctx, key, e); err != nil {
			return err
		}
	}
	for _, r := range gs.Rentals {
		key, err := itemKey(r.Viewer, r.Work)
		if err != nil {
			return err
		}
		if err := k.setRental(ctx, key, r); err != nil {
			return err
		}
	}
	for _, t := range gs.Trials {
		key, err := subscriptionKey(t.Viewer, t.Plan)
		if err != nil {
			return err
		}
		if err := k.trials.Set(ctx, key); err != nil {
			return err
		}
	}
	for _, s := range gs.Subscriptions {
		if err := k.importSubscription(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// importSubscription writes a subscription and counts its seat. A limit that was lowered below those who
// are there lets them stay.
func (k *Keeper) importSubscription(ctx context.Context, s types.Subscription) error {
	key, err := subscriptionKey(s.Viewer, s.Plan)
	if err != nil {
		return err
	}
	if err := k.setSubscription(ctx, key, s); err != nil {
		return err
	}
	id := types.PlanKey{Creator: key.K2(), Number: key.K3()}
	plan, err := k.getPlan(ctx, id)
	if err != nil || plan.MaxSubscribers == 0 {
		return err
	}
	taken, err := k.seatsOf(ctx, id)
	if err != nil {
		return err
	}
	return k.seats.Set(ctx, rowOf(id), taken+1)
}

func itemKey(viewer, item string) (viewerItem, error) {
	addr, err := types.ParseAddress(viewer)
	if err != nil {
		return viewerItem{}, err
	}
	key, err := types.ItemKey(item)
	return collections.Join([]byte(addr), key), err
}

func subscriptionKey(viewerText, planID string) (viewerPlan, error) {
	viewer, err := types.ParseAddress(viewerText)
	if err != nil {
		return viewerPlan{}, err
	}
	plan, err := types.ParsePlanID(planID)
	return collections.Join3([]byte(viewer), []byte(plan.Creator), plan.Number), err
}

// ExportGenesis returns the whole state in the order of its keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.params.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		params = types.DefaultParams()
	} else if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	if gs.Offers, err = values(ctx, k.offers); err != nil {
		return nil, err
	}
	plans, err := values(ctx, k.plans)
	if err != nil {
		return nil, err
	}
	for _, plan := range plans {
		works, err := k.planWorks(ctx, plan.Id)
		if err != nil {
			return nil, err
		}
		gs.Plans = append(gs.Plans, types.PlanRecord{Plan: plan, Works: works})
	}
	if gs.Entitlements, err = values(ctx, k.entitlements); err != nil {
		return nil, err
	}
	if gs.Rentals, err = values(ctx, k.rentals); err != nil {
		return nil, err
	}
	if gs.Subscriptions, err = values(ctx, k.subscriptions); err != nil {
		return nil, err
	}
	err = k.trials.Walk(ctx, nil, func(key viewerPlan) (bool, error) {
		plan := types.PlanKey{Creator: key.K2(), Number: key.K3()}
		gs.Trials = append(gs.Trials, types.Trial{Viewer: sdk.AccAddress(key.K1()).String(), Plan: plan.String()})
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if err := k.exportTemplates(ctx, gs); err != nil {
		return nil, err
	}
	return gs, k.exportPasses(ctx, gs)
}

// planWorks returns the works that a plan lists, in the order of their digests.
func (k *Keeper) planWorks(ctx context.Context, id string) ([]string, error) {
	key, err := types.ParsePlanID(id)
	if err != nil {
		return nil, err
	}
	var works []string
	rng := collections.NewSuperPrefixedTripleRange[[]byte, uint64, []byte](key.Creator, key.Number)
	err = k.coverage.Walk(ctx, rng, func(row planWork) (bool, error) {
		work, err := types.WorkID(row.K3())
		works = append(works, work)
		return false, err
	})
	return works, err
}

// values returns all rows of a map in the order of its keys; nil where there are none.
func values[K, V any](ctx context.Context, rows collections.Map[K, V]) ([]V, error) {
	var all []V
	err := rows.Walk(ctx, nil, func(_ K, v V) (bool, error) {
		all = append(all, v)
		return false, nil
	})
	return all, err
}
