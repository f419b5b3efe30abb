package keeper

import (
	"context"
	"slices"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// grantTemplate grants by what the offers of now say, else by the terms that the viewer bought under: of the work itself first, then
// of collections that it is in, or was at the last purchase. An expression that fails denies.
func (k *Keeper) grantTemplate(ctx context.Context, s subject, d *types.AccessDecision) error {
	for _, list := range s.lists {
		o, offered := list.Find(types.OFFER_KIND_TEMPLATE)
		if !offered {
			continue
		}
		granted, err := k.accessByTerms(ctx, s, list.Work, o.GetTemplate().Terms)
		if err != nil {
			return err
		}
		if granted {
			d.Grant(types.ACCESS_BY_TEMPLATE, 0)
			d.Collection = through(list.Work)
			return nil
		}
	}
	if s.viewer == nil {
		return nil
	}
	return k.grantBoughtTerms(ctx, s, d)
}

func (k *Keeper) grantBoughtTerms(ctx context.Context, s subject, d *types.AccessDecision) error {
	ids := []string{s.root.Cid}
	versions := []func(uint64) bool{func(uint64) bool { return true }}
	for _, m := range s.memberships {
		ids, versions = append(ids, m.Collection), append(versions, m.Grants)
	}
	for n, id := range ids {
		key, err := itemKey(s.viewer.String(), id)
		if err != nil {
			return err
		}
		has, err := k.standings.Has(ctx, key)
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		standing, err := k.standings.Get(ctx, key)
		if err != nil {
			return err
		}
		if standing.Terms == nil || !versions[n](standing.CollectionVersion) || s.offersTerms(id, *standing.Terms) {
			continue
		}
		granted, err := k.accessByTerms(ctx, s, id, *standing.Terms)
		if err != nil {
			return err
		}
		if granted {
			d.Grant(types.ACCESS_BY_TEMPLATE, 0)
			d.Collection = through(id)
			return nil
		}
	}
	return nil
}

// offersTerms says whether an item offers these terms now: then they were asked already.
func (s subject) offersTerms(id string, terms types.TemplateTerms) bool {
	return slices.ContainsFunc(s.lists, func(l types.OfferList) bool {
		o, offered := l.Find(types.OFFER_KIND_TEMPLATE)
		return l.Work == id && offered && o.GetTemplate().Terms.String() == terms.String()
	})
}

// accessByTerms asks terms of an item whether the viewer may watch the work.
func (k *Keeper) accessByTerms(ctx context.Context, s subject, id string, terms types.TemplateTerms) (bool, error) {
	m, err := k.model(ctx, terms)
	if err != nil {
		return false, err
	}
	i, err := k.item(ctx, id)
	if err != nil {
		return false, err
	}
	q, err := k.ask(ctx, i, s.root, s.viewer, s.now)
	if err != nil {
		return false, err
	}
	chargeUnits(ctx, m.program.Cost().Access)
	facts, err := k.facts(ctx, m.program, q)
	if err != nil {
		return false, err
	}
	// an error denies
	granted, _ := m.Bound.Access(facts)
	return granted, nil
}

// quoteTemplate adds what a template offer costs this viewer now; nothing where it sells nothing.
func (k *Keeper) quoteTemplate(ctx context.Context, s subject, list types.OfferList, d *types.AccessDecision) error {
	o, offered := list.Find(types.OFFER_KIND_TEMPLATE)
	if !offered {
		return nil
	}
	m, err := k.model(ctx, o.GetTemplate().Terms)
	if err != nil {
		return err
	}
	i, err := k.item(ctx, list.Work)
	if err != nil {
		return err
	}
	q, err := k.ask(ctx, i, i.root, s.viewer, s.now)
	if err != nil {
		return err
	}
	price, _, err := k.askPrice(ctx, m, q)
	if errorsmod.IsOf(err, types.ErrNotSoldNow) {
		return nil
	}
	if err != nil {
		return err
	}
	d.Offers = append(d.Offers, types.OfferCost{Kind: types.OFFER_KIND_TEMPLATE, Price: price, Collection: through(list.Work)})
	return nil
}

// TemplatePreview answers what terms would say, and where the money would go, of real or of made-up facts. It changes no state.
// Errors: those of model, ErrInvalidFact, ErrNotForSale where neither terms nor an offer are there, content's for the id.
func (k *Keeper) TemplatePreview(ctx context.Context, req *types.QueryTemplatePreviewRequest) (types.TemplatePreview, error) {
	q, terms, err := k.previewed(ctx, req)
	if err != nil {
		return types.TemplatePreview{}, err
	}
	m, err := k.model(ctx, terms)
	if err != nil {
		return types.TemplatePreview{}, err
	}
	facts, err := k.facts(ctx, m.program, q)
	if err != nil {
		return types.TemplatePreview{}, err
	}
	for _, f := range req.Facts {
		v, err := f.Value.Value()
		if err != nil {
			return types.TemplatePreview{}, err
		}
		if err := facts.Set(f.Name, v); err != nil {
			return types.TemplatePreview{}, errorsmod.Wrap(types.ErrInvalidFact, err.Error())
		}
	}
	cost := m.program.Cost()
	chargeUnits(ctx, cost.Access+cost.Price+cost.Refund)
	out := types.NewTemplatePreview(m.program, m.Bound, facts)
	if q.item.id == "" || !out.Price.IsPositive() {
		return out, nil
	}
	// shared out on a branch of the state that is thrown away
	branch, _ := sdk.UnwrapSDKContext(ctx).CacheContext()
	p := paymentFor(m, q, "preview", out.Price)
	if req.Viewer != "" {
		if p.DiscountBps, err = k.discountOf(ctx, q.viewer); err != nil {
			return types.TemplatePreview{}, err
		}
	}
	distribution, err := k.revenue.Distribute(branch, p)
	out.Distribution = &distribution
	return out, err
}

// previewed finds what a preview is about: terms, and the facts of a work and a viewer where they are named.
func (k *Keeper) previewed(ctx context.Context, req *types.QueryTemplatePreviewRequest) (question, types.TemplateTerms, error) {
	var q question
	var terms types.TemplateTerms
	var err error
	if q.now, err = k.clock.Now(ctx); err != nil {
		return q, terms, err
	}
	if req.Viewer != "" {
		if q.viewer, err = types.ParseAddress(req.Viewer); err != nil {
			return q, terms, err
		}
	}
	if req.Work != "" {
		i, err := k.item(ctx, req.Work)
		if err != nil {
			return q, terms, err
		}
		if q, err = k.ask(ctx, i, i.root, q.viewer, q.now); err != nil {
			return q, terms, err
		}
		list, err := k.offersOf(ctx, i.id, i.key)
		if err != nil {
			return q, terms, err
		}
		if o, offered := list.Find(types.OFFER_KIND_TEMPLATE); offered {
			terms = o.GetTemplate().Terms
		}
	}
	if req.Terms != nil {
		terms = *req.Terms
	}
	if terms.Template == "" {
		return q, terms, errorsmod.Wrap(types.ErrNotForSale, req.Work)
	}
	if q.item.id == "" {
		// a viewer's facts are about something that was bought
		q.viewer = nil
	}
	return q, terms, terms.Validate()
}
