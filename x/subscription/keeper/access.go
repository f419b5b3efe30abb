package keeper

import (
	"context"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// subject is what one decision is about.
type subject struct {
	viewer sdk.AccAddress // nil without an account
	root   contenttypes.Work
	digest []byte
	list   types.OfferList
	now    int64
}

// Access decides whether viewer may have the bytes of the work that has the version cid, and
// says what each way to get them costs. The default is to deny. An empty viewer has no
// account, so that only a free offer grants access. A restricted work is denied to everybody,
// its creator included. It changes no state.
// Errors: ErrInvalidAddress, content's ErrInvalidWorkID and ErrWorkNotFound.
func (k *Keeper) Access(ctx context.Context, viewer, cid string) (types.AccessDecision, error) {
	s, err := k.subjectOf(ctx, viewer, cid)
	if err != nil {
		return types.AccessDecision{}, err
	}
	d := types.AccessDecision{Work: s.root.Cid, OffersVersion: s.list.Version}
	switch s.root.Status {
	case contenttypes.WORK_STATUS_ACTIVE:
		d.Reason = types.ReasonNotOffered
		if err := k.quote(ctx, s, &d); err != nil {
			return types.AccessDecision{}, err
		}
		if len(d.Offers) > 0 {
			d.Reason = types.ReasonPaymentRequired
		}
	case contenttypes.WORK_STATUS_RETIRED:
		d.Reason = types.ReasonWorkRetired
	default:
		// a status that this code does not know is treated as a restriction
		d.Reason = types.ReasonWorkRestricted
		return d, nil
	}
	// the first rule that grants decides; those without an end come first
	for _, rule := range []func(context.Context, subject, *types.AccessDecision) error{
		k.grantCreator, grantFree, k.grantPurchased, k.grantSubscribed,
	} {
		if err := rule(ctx, s, &d); err != nil {
			return types.AccessDecision{}, err
		}
		if d.Granted {
			break
		}
	}
	return d, nil
}

func (k *Keeper) subjectOf(ctx context.Context, viewer, cid string) (subject, error) {
	var s subject
	var err error
	if viewer != "" {
		if s.viewer, err = types.ParseAddress(viewer); err != nil {
			return subject{}, err
		}
	}
	if s.root, s.digest, err = k.root(ctx, cid); err != nil {
		return subject{}, err
	}
	if s.list, err = k.offersOf(ctx, s.root.Cid, s.digest); err != nil {
		return subject{}, err
	}
	s.now, err = k.clock.Now(ctx)
	return s, err
}

func (k *Keeper) grantCreator(ctx context.Context, s subject, d *types.AccessDecision) error {
	creator, err := k.content.GetCreator(ctx, s.root.Creator)
	if err != nil {
		return err
	}
	if s.viewer != nil && creator.Controller == s.viewer.String() {
		d.Grant(types.ACCESS_BY_CREATOR, 0)
	}
	return nil
}

func grantFree(_ context.Context, s subject, d *types.AccessDecision) error {
	if _, free := s.list.Find(types.OFFER_KIND_FREE); free {
		d.Grant(types.ACCESS_BY_FREE, 0)
	}
	return nil
}

func (k *Keeper) grantPurchased(ctx context.Context, s subject, d *types.AccessDecision) error {
	if s.viewer == nil {
		return nil
	}
	owned, err := k.entitlements.Has(ctx, collections.Join([]byte(s.viewer), s.digest))
	if owned {
		d.Grant(types.ACCESS_BY_PURCHASE, 0)
	}
	return err
}

// grantSubscribed grants by the running subscription that lasts longest.
func (k *Keeper) grantSubscribed(ctx context.Context, s subject, d *types.AccessDecision) error {
	if s.viewer == nil {
		return nil
	}
	creator, err := contenttypes.ParseCreatorID(s.root.Creator)
	if err != nil {
		return err
	}
	rng := collections.NewSuperPrefixedTripleRange[[]byte, []byte, uint64](s.viewer, creator)
	return k.subscriptions.Walk(ctx, rng, func(key viewerPlan, sub types.Subscription) (bool, error) {
		if !sub.Running(s.now) || sub.ExpiresAt <= d.Until {
			return false, nil
		}
		plan := types.PlanKey{Creator: creator, Number: key.K3()}
		row, err := k.getPlan(ctx, plan)
		if err != nil {
			return true, err
		}
		covered, err := k.covers(ctx, plan, row, s.list, s.digest)
		if covered {
			d.Grant(types.ACCESS_BY_PLAN, sub.ExpiresAt)
		}
		return false, err
	})
}

// quote lists what each way to get access costs.
func (k *Keeper) quote(ctx context.Context, s subject, d *types.AccessDecision) error {
	for _, o := range s.list.Offers {
		if cost, ok := o.Cost(); ok {
			d.Offers = append(d.Offers, cost)
		}
		if m := o.GetMetered(); m != nil {
			d.Metered = m
		}
	}
	creator, err := contenttypes.ParseCreatorID(s.root.Creator)
	if err != nil {
		return err
	}
	open, err := k.openPlansOf(ctx, creator)
	if err != nil {
		return err
	}
	for _, key := range open {
		plan, err := k.getPlan(ctx, key)
		if err != nil {
			return err
		}
		covered, err := k.covers(ctx, key, plan, s.list, s.digest)
		if err != nil {
			return err
		}
		if covered {
			d.Offers = append(d.Offers, types.PlanCost(plan))
		}
	}
	return nil
}
