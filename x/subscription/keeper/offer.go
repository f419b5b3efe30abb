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

// SetOffers replaces all that a work offers. What was bought before stays; viewers of a work
// that is no longer free, or no longer in a plan by its plan offer, lose that access. Emits
// EventOffersSet. Errors: those of ValidateOffers, ErrNotRoot, ErrWorkNotActive,
// ErrForeignPlan, ErrPlanNotFound, ErrPlanClosed, ErrNoKeySet, content's ErrWorkNotFound and
// ErrNotController.
func (k *Keeper) SetOffers(ctx context.Context, controller sdk.AccAddress, work string, offers []types.Offer) (types.OfferList, error) {
	if err := types.ValidateOffers(offers); err != nil {
		return types.OfferList{}, err
	}
	root, digest, err := k.root(ctx, work)
	if err != nil {
		return types.OfferList{}, err
	}
	if root.Cid != work {
		return types.OfferList{}, errorsmod.Wrapf(types.ErrNotRoot, "the root of %s is %s", work, root.Cid)
	}
	if _, err := k.content.RequireController(ctx, root.Creator, controller); err != nil {
		return types.OfferList{}, err
	}
	if root.Status != contenttypes.WORK_STATUS_ACTIVE {
		return types.OfferList{}, errorsmod.Wrap(types.ErrWorkNotActive, work)
	}
	if err := k.requireKeys(ctx, root, offers); err != nil {
		return types.OfferList{}, err
	}
	list, err := k.offersOf(ctx, root.Cid, digest)
	if err != nil {
		return types.OfferList{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.OfferList{}, err
	}
	list.Version, list.Offers, list.SetAt = list.Version+1, offers, now
	if err := k.requireOwnPlans(ctx, root.Creator, list.PlanIDs()); err != nil {
		return types.OfferList{}, err
	}
	if err := k.offers.Set(ctx, digest, list); err != nil {
		return types.OfferList{}, err
	}
	return list, emit(ctx, &types.EventOffersSet{Creator: root.Creator, List: list})
}

// requireKeys refuses prices on an encrypted work whose keys nobody could give to who pays them.
func (k *Keeper) requireKeys(ctx context.Context, root contenttypes.Work, offers []types.Offer) error {
	if root.Keys == nil || !slices.ContainsFunc(offers, func(o types.Offer) bool { return o.GetFree() == nil }) {
		return nil
	}
	held, err := k.storage.HasKeySet(ctx, root.Cid)
	if err == nil && !held {
		return errorsmod.Wrap(types.ErrNoKeySet, root.Cid)
	}
	return err
}

// requireOwnPlans refuses plans of another creator and plans that sell nothing.
func (k *Keeper) requireOwnPlans(ctx context.Context, creator string, ids []string) error {
	for _, id := range ids {
		key, err := types.ParsePlanID(id)
		if err != nil {
			return err
		}
		if key.Creator.String() != creator {
			return errorsmod.Wrap(types.ErrForeignPlan, id)
		}
		plan, err := k.getPlan(ctx, key)
		if err != nil {
			return err
		}
		if plan.Closed {
			return errorsmod.Wrap(types.ErrPlanClosed, id)
		}
	}
	return nil
}

// Offers returns what the work that has the version cid offers; a list of version zero where
// it never offered anything. Errors: content's ErrInvalidWorkID and ErrWorkNotFound.
func (k *Keeper) Offers(ctx context.Context, cid string) (types.OfferList, error) {
	root, digest, err := k.root(ctx, cid)
	if err != nil {
		return types.OfferList{}, err
	}
	return k.offersOf(ctx, root.Cid, digest)
}

func (k *Keeper) offersOf(ctx context.Context, root string, digest []byte) (types.OfferList, error) {
	list, err := k.offers.Get(ctx, digest)
	if errors.Is(err, collections.ErrNotFound) {
		return types.OfferList{Work: root}, nil
	}
	return list, err
}

// root returns the root of the work that has the version cid, and the root's digest.
func (k *Keeper) root(ctx context.Context, cid string) (contenttypes.Work, []byte, error) {
	root, err := k.content.RootWork(ctx, cid)
	if err != nil {
		return contenttypes.Work{}, nil, err
	}
	digest, err := contenttypes.ParseWorkID(root.Cid)
	return root, digest, err
}
