package types

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
)

// Reasons of a decision: slugs for programs, never changed.
const (
	ReasonCreator    = "creator"
	ReasonFree       = "free"
	ReasonPurchased  = "purchased"
	ReasonSubscribed = "subscribed"
	ReasonRented     = "rented"
	ReasonTier       = "tier"
	ReasonToken      = "token"
	ReasonTemplate   = "template"
	ReasonPass       = "pass"
	// ReasonPaymentRequired: one of the offers would grant access.
	ReasonPaymentRequired = "payment-required"
	// ReasonNotOffered: nothing would; the creator offers nothing.
	ReasonNotOffered = "not-offered"
	// ReasonWorkRetired: only what was bought before, or is free, is still accessible.
	ReasonWorkRetired = "work-retired"
	// ReasonWorkRestricted: a ruling restricts the work for everybody.
	ReasonWorkRestricted = "work-restricted"
)

// Cost says in plain what an offer costs. A plan offer's cost is its plans' (PlanCost), and a
// template's is another for each viewer, so they have none of their own.
func (o Offer) Cost() (OfferCost, bool) {
	kind := o.KindOf()
	switch kind {
	case OFFER_KIND_FREE:
		return OfferCost{Kind: kind, Price: token.Coin(0)}, true
	case OFFER_KIND_PURCHASE:
		return OfferCost{Kind: kind, Price: o.GetPurchase().Price}, true
	case OFFER_KIND_METERED:
		m := o.GetMetered()
		return OfferCost{Kind: kind, Price: sdk.NewCoin(token.BaseDenom, m.PricePerTick), Seconds: int64(m.TickSeconds)}, true
	}
	return o.heldCost()
}

// heldCost is the cost of what is rented, held or chosen.
func (o Offer) heldCost() (OfferCost, bool) {
	kind := o.KindOf()
	switch kind {
	case OFFER_KIND_RENTAL:
		return OfferCost{Kind: kind, Price: o.GetRental().Price, Seconds: o.GetRental().DurationSeconds}, true
	case OFFER_KIND_TIER:
		return OfferCost{Kind: kind, Price: token.Coin(0), Tier: o.GetTier().Tier}, true
	case OFFER_KIND_TOKEN:
		return OfferCost{Kind: kind, Price: o.GetToken().Minimum}, true
	case OFFER_KIND_PAY_WHAT_YOU_WANT:
		return OfferCost{Kind: kind, Price: o.GetPayWhatYouWant().Minimum}, true
	}
	return OfferCost{}, false
}

// PlanCost says in plain what a plan costs.
func PlanCost(p Plan) OfferCost {
	return OfferCost{Kind: OFFER_KIND_PLAN, Price: p.Price, Seconds: p.PeriodSeconds, Plan: p.Id}
}

// Grant makes d a positive decision.
func (d *AccessDecision) Grant(by AccessBy, until int64) {
	d.Granted, d.By, d.Until = true, by, until
	switch by {
	case ACCESS_BY_CREATOR:
		d.Reason = ReasonCreator
	case ACCESS_BY_FREE:
		d.Reason = ReasonFree
	case ACCESS_BY_PURCHASE:
		d.Reason = ReasonPurchased
	case ACCESS_BY_PLAN:
		d.Reason = ReasonSubscribed
	case ACCESS_BY_RENTAL:
		d.Reason = ReasonRented
	case ACCESS_BY_TIER:
		d.Reason = ReasonTier
	case ACCESS_BY_TOKEN:
		d.Reason = ReasonToken
	case ACCESS_BY_TEMPLATE:
		d.Reason = ReasonTemplate
	case ACCESS_BY_PASS:
		d.Reason = ReasonPass
	}
}
