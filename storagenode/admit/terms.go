package admit

import (
	"context"

	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

var kinds = map[subtypes.OfferKind]string{
	subtypes.OFFER_KIND_FREE: "free", subtypes.OFFER_KIND_PURCHASE: "purchase", subtypes.OFFER_KIND_METERED: "metered", subtypes.OFFER_KIND_PLAN: "plan",
	subtypes.OFFER_KIND_RENTAL: "rental", subtypes.OFFER_KIND_TIER: "tier", subtypes.OFFER_KIND_TOKEN: "token",
	subtypes.OFFER_KIND_PAY_WHAT_YOU_WANT: "pay-what-you-want", subtypes.OFFER_KIND_TEMPLATE: "template", subtypes.OFFER_KIND_PASS: "pass",
}

// Lanes are the chain's limits as clients read them.
func Lanes(p streamtypes.Params) wire.Lanes {
	return wire.Lanes{
		MinCap: p.MinLaneCap.String(), OpenFee: p.OpenFee.String(),
		MinSeconds: p.MinLaneSeconds, MaxSeconds: p.MaxLaneSeconds, MarginSeconds: p.ServeMarginSeconds,
	}
}

// Terms say what the work takes. viewer may be empty.
func (g *Gate) Terms(ctx context.Context, d subtypes.AccessDecision, viewer string) *wire.Terms {
	t := &wire.Terms{ChainID: g.Node.ChainID, Provider: g.Node.Operator, Work: d.Work, Offers: []wire.Offer{}}
	for _, o := range d.Offers {
		kind, ok := kinds[o.Kind]
		if !ok {
			continue
		}
		offer := wire.Offer{ID: kind, Kind: kind, Price: o.Price.Amount.String(), Denom: o.Price.Denom, Plan: o.Plan}
		if o.Plan != "" {
			offer.ID = kind + "/" + o.Plan
		}
		if o.Kind == subtypes.OFFER_KIND_METERED && d.Metered != nil && d.Metered.PricePerTick.IsUint64() {
			offer.PricePerTick, offer.TickSeconds, offer.PreviewSeconds = d.Metered.PricePerTick.Uint64(), d.Metered.TickSeconds, d.Metered.PreviewSeconds
		}
		t.Offers = append(t.Offers, offer)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// terms without these are still terms: what fails here fails again when a lane is asked for
	if p, err := g.Reader.Params(ctx); err == nil {
		t.Lanes = Lanes(p)
	}
	if viewer != "" {
		if n, err := g.Reader.NextGeneration(ctx, viewer); err == nil {
			t.LaneGeneration = n
		}
	}
	return t
}
