package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/template"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// question is what a template is asked about.
type question struct {
	item     item
	root     contenttypes.Work // the work that is watched; none where a collection is bought
	viewer   sdk.AccAddress    // nil without an account
	standing types.TemplateStanding
	totals   types.TemplateTotals
	offered  int64
	now      int64
}

// ask gathers what is known of an item and a viewer.
func (k *Keeper) ask(ctx context.Context, i item, root contenttypes.Work, viewer sdk.AccAddress, now int64) (question, error) {
	q := question{item: i, root: root, viewer: viewer, now: now}
	var err error
	if q.totals, err = k.totalsOf(ctx, i); err != nil || viewer == nil {
		return q, err
	}
	q.standing, err = k.standingOf(ctx, viewer, i)
	return q, err
}

func (k *Keeper) standingOf(ctx context.Context, viewer sdk.AccAddress, i item) (types.TemplateStanding, error) {
	s, err := k.standings.Get(ctx, collections.Join([]byte(viewer), i.key))
	if errors.Is(err, collections.ErrNotFound) {
		return types.TemplateStanding{Viewer: viewer.String(), Work: i.id}, nil
	}
	return s, err
}

func (k *Keeper) totalsOf(ctx context.Context, i item) (types.TemplateTotals, error) {
	t, err := k.totals.Get(ctx, i.key)
	if errors.Is(err, collections.ErrNotFound) {
		return types.TemplateTotals{Work: i.id}, nil
	}
	return t, err
}

// facts answers what a program can ask. What costs a further read is looked up only where the program names it.
func (k *Keeper) facts(ctx context.Context, p *template.Program, q question) (template.Facts, error) {
	f := template.Facts{BlockTime: q.now, Offered: q.offered, Viewer: q.standing.Facts(), Work: template.WorkFacts{
		PublishedAt: q.root.PublishedAt, Duration: int64(q.root.DurationSeconds),
		Buyers: template.Count(q.totals.Buyers), Sales: template.Count(q.totals.Sales), Gross: template.Count(q.totals.Gross),
	}}
	if q.root.Cid == "" {
		f.Work.PublishedAt = q.item.set.CreatedAt
	}
	if p.Uses("work.index") && q.item.collection() && q.root.Cid != "" {
		works, err := k.content.CollectionWorks(ctx, q.item.id)
		if err != nil {
			return f, err
		}
		// a work that was taken out keeps to be the first: it had a place once that nobody knows any more
		f.Work.Index = int64(max(0, slices.Index(works, q.root.Cid)))
	}
	if q.viewer == nil {
		return f, nil
	}
	return f, k.viewerFacts(ctx, p, q, &f.Viewer)
}

func (k *Keeper) viewerFacts(ctx context.Context, p *template.Program, q question, f *template.ViewerFacts) error {
	var err error
	if p.Uses("viewer.owns") {
		if f.Owns, err = k.entitlements.Has(ctx, collections.Join([]byte(q.viewer), q.item.key)); err != nil {
			return err
		}
	}
	if p.Uses("viewer.tier") {
		tier, err := k.stream.TierOf(ctx, q.viewer)
		if err != nil {
			return err
		}
		f.Tier = int64(tier - streamtypes.TIER_NONE)
	}
	if p.Uses("viewer.subscribed") || p.Uses("viewer.subscribed_since") {
		f.SubscribedSince, err = k.subscribedSince(ctx, q)
		f.Subscribed = f.SubscribedSince > 0
	}
	return err
}

// subscribedSince is the start of the viewer's oldest running subscription to a plan of the creator; zero without one.
func (k *Keeper) subscribedSince(ctx context.Context, q question) (int64, error) {
	creator, err := contenttypes.ParseCreatorID(q.item.creator)
	if err != nil {
		return 0, err
	}
	since := int64(0)
	rng := collections.NewSuperPrefixedTripleRange[[]byte, []byte, uint64](q.viewer, creator)
	err = k.subscriptions.Walk(ctx, rng, func(_ viewerPlan, s types.Subscription) (bool, error) {
		// without the grace: what is not paid counts for nothing here
		if s.Running(q.now, 0) && (since == 0 || s.StartedAt < since) {
			since = s.StartedAt
		}
		return false, nil
	})
	return since, err
}
