package keeper

import (
	"context"
	"errors"

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
	now    int64
	params types.Params
	// lists are what is offered now: of the work itself first, then of the collections that it is in,
	// by number.
	lists []types.OfferList
	// memberships are the collections that it is in, or was, by number.
	memberships []contenttypes.Membership
}

// rule grants access or leaves the decision as it is.
type rule func(ctx context.Context, s subject, d *types.AccessDecision) error

// rules decide in this order, and the first that grants ends it. Those that have no end come first, then what
// the viewer holds, then what ends, then what a template says. A further kind of offer is one more rule, and one more case of Offer.Cost.
func (k *Keeper) rules() []rule {
	return []rule{k.grantCreator, grantFree, k.grantPurchased, k.grantTier, k.grantToken, k.grantEnding, k.grantPass, k.grantTemplate}
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
	d := types.AccessDecision{Work: s.root.Cid, OffersVersion: s.lists[0].Version}
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
	for _, grant := range k.rules() {
		if err := grant(ctx, s, &d); err != nil {
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
	own, err := k.offersOf(ctx, s.root.Cid, s.digest)
	if err != nil {
		return subject{}, err
	}
	s.lists = []types.OfferList{own}
	if s.memberships, err = k.content.CollectionsOf(ctx, s.root.Cid); err != nil {
		return subject{}, err
	}
	for _, m := range s.memberships {
		if m.RemovedVersion > 0 {
			continue
		}
		list, err := k.Offers(ctx, m.Collection)
		if err != nil {
			return subject{}, err
		}
		s.lists = append(s.lists, list)
	}
	if s.params, err = k.params.Get(ctx); err != nil {
		return subject{}, err
	}
	s.now, err = k.clock.Now(ctx)
	return s, err
}

// through names the collection of a list; empty where the work itself offers it.
func through(id string) string {
	if types.IsCollection(id) {
		return id
	}
	return ""
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
	for _, list := range s.lists {
		if _, free := list.Find(types.OFFER_KIND_FREE); free {
			d.Grant(types.ACCESS_BY_FREE, 0)
			d.Collection = through(list.Work)
			return nil
		}
	}
	return nil
}

// grantPurchased grants by the work's own purchase, else by that of a collection that the work was in when
// it was bought, or later.
func (k *Keeper) grantPurchased(ctx context.Context, s subject, d *types.AccessDecision) error {
	if s.viewer == nil {
		return nil
	}
	owned, err := k.entitlements.Has(ctx, collections.Join([]byte(s.viewer), s.digest))
	if err != nil {
		return err
	}
	if owned {
		d.Grant(types.ACCESS_BY_PURCHASE, 0)
		return nil
	}
	for _, m := range s.memberships {
		e, found, err := rowOfCollection(ctx, k.entitlements, s.viewer, m)
		if err != nil {
			return err
		}
		if found && m.Grants(e.CollectionVersion) {
			d.Grant(types.ACCESS_BY_PURCHASE, 0)
			d.Collection = m.Collection
			return nil
		}
	}
	return nil
}

// rowOfCollection reads what viewer bought of a collection.
func rowOfCollection[V any](ctx context.Context, rows collections.Map[viewerItem, V], viewer sdk.AccAddress, m contenttypes.Membership) (V, bool, error) {
	var none V
	key, err := types.ItemKey(m.Collection)
	if err != nil {
		return none, false, err
	}
	row, err := rows.Get(ctx, collections.Join([]byte(viewer), key))
	if errors.Is(err, collections.ErrNotFound) {
		return none, false, nil
	}
	return row, err == nil, err
}

// grantTier grants to who has delegated enough now.
func (k *Keeper) grantTier(ctx context.Context, s subject, d *types.AccessDecision) error {
	if s.viewer == nil {
		return nil
	}
	for _, list := range s.lists {
		o, offered := list.Find(types.OFFER_KIND_TIER)
		if !offered {
			continue
		}
		tier, err := k.stream.TierOf(ctx, s.viewer)
		if err != nil {
			return err
		}
		if tier >= o.GetTier().Tier {
			d.Grant(types.ACCESS_BY_TIER, 0)
			d.Collection = through(list.Work)
			return nil
		}
	}
	return nil
}

// grantToken grants to who can spend enough now. An account that holds none of the denom is denied,
// whatever the offer says.
func (k *Keeper) grantToken(ctx context.Context, s subject, d *types.AccessDecision) error {
	if s.viewer == nil {
		return nil
	}
	for _, list := range s.lists {
		for _, o := range list.Offers {
			t := o.GetToken()
			if t == nil {
				continue
			}
			if has := k.bank.SpendableCoin(ctx, s.viewer, t.Minimum.Denom).Amount; has.IsPositive() && has.GTE(t.Minimum.Amount) {
				d.Grant(types.ACCESS_BY_TOKEN, 0)
				d.Collection = through(list.Work)
				return nil
			}
		}
	}
	return nil
}

// grantEnding grants by the running subscription or rental that lasts longest; of equals by the
// subscription, and the one with the lower number.
func (k *Keeper) grantEnding(ctx context.Context, s subject, d *types.AccessDecision) error {
	if s.viewer == nil {
		return nil
	}
	if err := k.grantSubscribed(ctx, s, d); err != nil {
		return err
	}
	r, err := k.rentals.Get(ctx, collections.Join([]byte(s.viewer), s.digest))
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	if err == nil && r.Running(s.now) && r.ExpiresAt > d.Until {
		d.Grant(types.ACCESS_BY_RENTAL, r.ExpiresAt)
		d.Plan = ""
	}
	for _, m := range s.memberships {
		r, found, err := rowOfCollection(ctx, k.rentals, s.viewer, m)
		if err != nil {
			return err
		}
		if found && r.Running(s.now) && m.Grants(r.CollectionVersion) && r.ExpiresAt > d.Until {
			d.Grant(types.ACCESS_BY_RENTAL, r.ExpiresAt)
			d.Plan, d.Collection = "", m.Collection
		}
	}
	return nil
}

func (k *Keeper) grantSubscribed(ctx context.Context, s subject, d *types.AccessDecision) error {
	creator, err := contenttypes.ParseCreatorID(s.root.Creator)
	if err != nil {
		return err
	}
	rng := collections.NewSuperPrefixedTripleRange[[]byte, []byte, uint64](s.viewer, creator)
	return k.subscriptions.Walk(ctx, rng, func(key viewerPlan, sub types.Subscription) (bool, error) {
		plan := types.PlanKey{Creator: creator, Number: key.K3()}
		row, err := k.getPlan(ctx, plan)
		if err != nil {
			return true, err
		}
		grace := s.params.GraceOf(row)
		until := sub.Until(grace)
		if !sub.Running(s.now, grace) || until <= d.Until {
			return false, nil
		}
		covered, err := k.covers(ctx, plan, row, s)
		if covered {
			d.Grant(types.ACCESS_BY_PLAN, until)
			d.Plan = row.Id
		}
		return false, err
	})
}

// quote lists what each way to get access costs: the work's own offers, plans that cover it, then offers of
// collections that it is in.
func (k *Keeper) quote(ctx context.Context, s subject, d *types.AccessDecision) error {
	quoteList(s.lists[0], d)
	if err := k.quotePlans(ctx, s, d); err != nil {
		return err
	}
	if err := k.quotePasses(ctx, s, d); err != nil {
		return err
	}
	for _, list := range s.lists[1:] {
		quoteList(list, d)
	}
	for _, list := range s.lists {
		if err := k.quoteTemplate(ctx, s, list, d); err != nil {
			return err
		}
	}
	return nil
}

func quoteList(list types.OfferList, d *types.AccessDecision) {
	for _, o := range list.Offers {
		if cost, ok := o.Cost(); ok {
			cost.Collection = through(list.Work)
			d.Offers = append(d.Offers, cost)
		}
		if m := o.GetMetered(); m != nil && d.Metered == nil {
			d.Metered = m
		}
	}
}

func (k *Keeper) quotePlans(ctx context.Context, s subject, d *types.AccessDecision) error {
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
		covered, err := k.covers(ctx, key, plan, s)
		if err != nil {
			return err
		}
		if covered {
			d.Offers = append(d.Offers, types.PlanCost(plan))
		}
	}
	return nil
}
