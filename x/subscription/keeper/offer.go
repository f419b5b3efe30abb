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

// SetOffers replaces all that a work or a collection offers. What was bought before stays; viewers of a work
// that is no longer free, or no longer in a plan by its plan offer, lose that access. Emits
// EventOffersSet. Errors: those of ValidateOffers, ErrNotRoot, ErrWorkNotActive,
// ErrForeignPlan, ErrPlanNotFound, ErrPlanClosed, ErrNoKeySet, content's ErrWorkNotFound,
// ErrCollectionNotFound and ErrNotController.
func (k *Keeper) SetOffers(ctx context.Context, controller sdk.AccAddress, work string, offers []types.Offer) (types.OfferList, error) {
	if err := types.ValidateOffers(offers); err != nil {
		return types.OfferList{}, err
	}
	i, err := k.item(ctx, work)
	if err != nil {
		return types.OfferList{}, err
	}
	if i.id != work {
		return types.OfferList{}, errorsmod.Wrapf(types.ErrNotRoot, "the root of %s is %s", work, i.id)
	}
	if _, err := k.content.RequireController(ctx, i.creator, controller); err != nil {
		return types.OfferList{}, err
	}
	if !i.collection() {
		if err := i.requireOnSale(); err != nil {
			return types.OfferList{}, err
		}
	}
	if err := k.requireKeysOf(ctx, i, offers); err != nil {
		return types.OfferList{}, err
	}
	list, err := k.offersOf(ctx, i.id, i.key)
	if err != nil {
		return types.OfferList{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.OfferList{}, err
	}
	list.Version, list.Offers, list.SetAt = list.Version+1, offers, now
	if err := k.requireOwnPlans(ctx, i.creator, list.PlanIDs()); err != nil {
		return types.OfferList{}, err
	}
	if err := k.useTemplates(ctx, offers); err != nil {
		return types.OfferList{}, err
	}
	if err := k.offers.Set(ctx, i.key, list); err != nil {
		return types.OfferList{}, err
	}
	return list, emit(ctx, &types.EventOffersSet{Creator: i.creator, List: list})
}

// requireKeysOf refuses prices on works whose keys nobody could give to who pays them.
func (k *Keeper) requireKeysOf(ctx context.Context, i item, offers []types.Offer) error {
	if !priced(offers) {
		return nil
	}
	works, err := k.worksOf(ctx, i)
	if err != nil {
		return err
	}
	for _, root := range works {
		if err := k.requireKeys(ctx, root); err != nil {
			return err
		}
	}
	return nil
}

// RequireCollectedKeys refuses encrypted works that come into a collection which asks for a price,
// before anybody holds their keys. Errors: ErrNoKeySet.
func (k *Keeper) RequireCollectedKeys(ctx context.Context, c contenttypes.Collection, added []contenttypes.Work) error {
	list, err := k.Offers(ctx, c.Id)
	if err != nil || !priced(list.Offers) {
		return err
	}
	for _, root := range added {
		if err := k.requireKeys(ctx, root); err != nil {
			return err
		}
	}
	return nil
}

// priced says whether anything but a free offer is among them.
func priced(offers []types.Offer) bool {
	return slices.ContainsFunc(offers, func(o types.Offer) bool { return o.GetFree() == nil })
}

// requireKeys refuses an encrypted work whose keys nobody holds.
func (k *Keeper) requireKeys(ctx context.Context, root contenttypes.Work) error {
	if root.Keys == nil {
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

// Offers returns what a collection offers, or the work that has the version id; a list of version
// zero where it never offered anything. Errors: content's for the id.
func (k *Keeper) Offers(ctx context.Context, id string) (types.OfferList, error) {
	i, err := k.item(ctx, id)
	if err != nil {
		return types.OfferList{}, err
	}
	return k.offersOf(ctx, i.id, i.key)
}

func (k *Keeper) offersOf(ctx context.Context, id string, key []byte) (types.OfferList, error) {
	list, err := k.offers.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return types.OfferList{Work: id}, nil
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
