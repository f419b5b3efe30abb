package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// CreatePlan makes a plan of creator. Emits EventPlanCreated. Errors: ErrInvalidTitle,
// ErrInvalidPrice, ErrWrongDenom, ErrInvalidPeriod, ErrInvalidCoverage, ErrForeignWork,
// ErrInvalidTerms, ErrWorkNotActive, ErrNotRoot, ErrTooManyPlans, and content's for creator and works.
func (k *Keeper) CreatePlan(ctx context.Context, controller sdk.AccAddress, msg *types.MsgCreatePlan) (types.Plan, error) {
	creator, err := k.content.RequireController(ctx, msg.Creator, controller)
	if err != nil {
		return types.Plan{}, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Plan{}, err
	}
	if err := types.ValidatePeriod(msg.PeriodSeconds, params.MinPeriodSeconds); err != nil {
		return types.Plan{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Plan{}, err
	}
	key, err := k.nextPlan(ctx, creator.Id)
	if err != nil {
		return types.Plan{}, err
	}
	record := types.PlanRecord{Works: msg.Works, Plan: types.Plan{
		Id: key.String(), Title: msg.Title, Price: msg.Price, PeriodSeconds: msg.PeriodSeconds,
		Coverage: msg.Coverage, Works: uint32(len(msg.Works)), CreatedAt: now,
		TrialSeconds: msg.TrialSeconds, MaxSubscribers: msg.MaxSubscribers, MinSeconds: msg.MinSeconds,
	}}
	// everything that a genesis must satisfy, so that an export is never refused
	if err := record.Validate(); err != nil {
		return types.Plan{}, err
	}
	if err := k.requireOwnWorks(ctx, creator.Id, msg.Works); err != nil {
		return types.Plan{}, err
	}
	if err := k.setPlanRecord(ctx, key, record); err != nil {
		return types.Plan{}, err
	}
	return record.Plan, emit(ctx, &types.EventPlanCreated{Creator: creator.Id, Plan: record.Plan, Works: msg.Works})
}

// nextPlan is the key of creator's next plan, where it may open one more.
func (k *Keeper) nextPlan(ctx context.Context, creator string) (types.PlanKey, error) {
	id, err := contenttypes.ParseCreatorID(creator)
	if err != nil {
		return types.PlanKey{}, err
	}
	if err := k.requireRoom(ctx, id); err != nil {
		return types.PlanKey{}, err
	}
	last, err := k.sequences.Get(ctx, id)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return types.PlanKey{}, err
	}
	return types.PlanKey{Creator: id, Number: last + 1}, nil
}

// requireRoom refuses a creator that cannot open one more plan.
func (k *Keeper) requireRoom(ctx context.Context, creator contenttypes.CreatorID) error {
	open, err := k.openPlansOf(ctx, creator)
	if err != nil {
		return err
	}
	if len(open) >= types.MaxOpenPlans {
		return errorsmod.Wrap(types.ErrTooManyPlans, creator.String())
	}
	return nil
}

// requireOwnWorks refuses works that are not active roots of creator.
func (k *Keeper) requireOwnWorks(ctx context.Context, creator string, works []string) error {
	for _, cid := range works {
		root, err := k.content.RootWork(ctx, cid)
		if err != nil {
			return err
		}
		switch {
		case root.Cid != cid:
			return errorsmod.Wrapf(types.ErrNotRoot, "the root of %s is %s", cid, root.Cid)
		case root.Creator != creator:
			return errorsmod.Wrap(types.ErrForeignWork, cid)
		case root.Status != contenttypes.WORK_STATUS_ACTIVE:
			return errorsmod.Wrap(types.ErrWorkNotActive, cid)
		}
	}
	return nil
}

// UpdatePlan replaces price, title and closed, and a limit of subscribers where there is one. It touches no subscription: what is paid for
// keeps its end. Emits EventPlanUpdated. Errors: ErrInvalidPlanID, ErrPlanNotFound,
// ErrInvalidTitle, ErrInvalidPrice, ErrWrongDenom, ErrInvalidTerms, ErrTooManyPlans, content's ErrNotController.
func (k *Keeper) UpdatePlan(ctx context.Context, controller sdk.AccAddress, msg *types.MsgUpdatePlan) (types.Plan, error) {
	key, err := types.ParsePlanID(msg.Plan)
	if err != nil {
		return types.Plan{}, err
	}
	plan, err := k.getPlan(ctx, key)
	if err != nil {
		return types.Plan{}, err
	}
	if _, err := k.content.RequireController(ctx, key.Creator.String(), controller); err != nil {
		return types.Plan{}, err
	}
	if plan.Closed && !msg.Closed {
		if err := k.requireRoom(ctx, key.Creator); err != nil {
			return types.Plan{}, err
		}
	}
	plan.Price, plan.Title, plan.Closed = msg.Price, msg.Title, msg.Closed
	if msg.MaxSubscribers > 0 {
		if plan.MaxSubscribers == 0 {
			// nobody counted those who are there
			return types.Plan{}, errorsmod.Wrap(types.ErrInvalidTerms, "max_subscribers of a plan without a limit")
		}
		plan.MaxSubscribers = msg.MaxSubscribers
	}
	if err := plan.Validate(); err != nil {
		return types.Plan{}, err
	}
	if err := k.setPlan(ctx, key, plan); err != nil {
		return types.Plan{}, err
	}
	return plan, emit(ctx, &types.EventPlanUpdated{Plan: plan})
}

// GetPlan returns a plan by id. Errors: ErrInvalidPlanID, ErrPlanNotFound.
func (k *Keeper) GetPlan(ctx context.Context, id string) (types.Plan, error) {
	key, err := types.ParsePlanID(id)
	if err != nil {
		return types.Plan{}, err
	}
	return k.getPlan(ctx, key)
}

func (k *Keeper) getPlan(ctx context.Context, key types.PlanKey) (types.Plan, error) {
	plan, err := k.plans.Get(ctx, rowOf(key))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Plan{}, errorsmod.Wrap(types.ErrPlanNotFound, key.String())
	}
	return plan, err
}

// setPlanRecord writes a new plan, its works and its creator's sequence.
func (k *Keeper) setPlanRecord(ctx context.Context, key types.PlanKey, record types.PlanRecord) error {
	for _, work := range record.Works {
		digest, err := contenttypes.ParseWorkID(work)
		if err != nil {
			return err
		}
		if err := k.coverage.Set(ctx, collections.Join3([]byte(key.Creator), key.Number, digest)); err != nil {
			return err
		}
	}
	if err := k.sequences.Set(ctx, key.Creator, key.Number); err != nil {
		return err
	}
	return k.setPlan(ctx, key, record.Plan)
}

// setPlan writes a plan and its place among the open ones.
func (k *Keeper) setPlan(ctx context.Context, key types.PlanKey, plan types.Plan) error {
	if err := k.plans.Set(ctx, rowOf(key), plan); err != nil {
		return err
	}
	if plan.Closed {
		return k.openPlans.Remove(ctx, rowOf(key))
	}
	return k.openPlans.Set(ctx, rowOf(key))
}

// openPlansOf returns the plans that creator sells, oldest first, at most MaxOpenPlans.
func (k *Keeper) openPlansOf(ctx context.Context, creator contenttypes.CreatorID) ([]types.PlanKey, error) {
	var keys []types.PlanKey
	err := k.openPlans.Walk(ctx, collections.NewPrefixedPairRange[[]byte, uint64](creator), func(row planKey) (bool, error) {
		keys = append(keys, types.PlanKey{Creator: row.K1(), Number: row.K2()})
		return false, nil
	})
	return keys, err
}

// covers reports whether plan promises the work of s, or lists it by a plan offer of the work or of a
// collection that it is in. The caller knows that plan and work are of the same creator.
func (k *Keeper) covers(ctx context.Context, key types.PlanKey, plan types.Plan, s subject) (bool, error) {
	if plan.Coverage == types.COVERAGE_ALL {
		return true, nil
	}
	for _, list := range s.lists {
		if slices.Contains(list.PlanIDs(), plan.Id) {
			return true, nil
		}
	}
	return k.coverage.Has(ctx, collections.Join3([]byte(key.Creator), key.Number, s.digest))
}

func rowOf(key types.PlanKey) planKey { return collections.Join([]byte(key.Creator), key.Number) }
