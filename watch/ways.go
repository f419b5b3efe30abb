package watch

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamchain/streamchain/token"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// whatItTakes says in plain words how the viewer gets the work, or why nobody does.
func whatItTakes(d subscriptiontypes.AccessDecision) string {
	var ways []string
	for _, o := range d.Offers {
		if w := way(o); w != "" {
			ways = append(ways, w)
		}
	}
	if len(ways) == 0 {
		return "it is not for sale (" + d.Reason + ")"
	}
	return strings.Join(ways, ", or ")
}

// way is one of them; empty of a kind that this program does not know.
func way(o subscriptiontypes.OfferCost) string {
	price := token.Format(o.Price)
	of := ""
	if o.Collection != "" {
		of = " of the collection " + o.Collection
	}
	switch o.Kind {
	case subscriptiontypes.OFFER_KIND_FREE:
		return "it is free" + of
	case subscriptiontypes.OFFER_KIND_PURCHASE:
		return fmt.Sprintf("buy it%s for %s", of, price)
	case subscriptiontypes.OFFER_KIND_PAY_WHAT_YOU_WANT:
		return fmt.Sprintf("buy it%s for what you want, from %s", of, price)
	case subscriptiontypes.OFFER_KIND_METERED:
		return fmt.Sprintf("pay %s for every %s watched%s (--max-spend)", price, span(o.Seconds), of)
	case subscriptiontypes.OFFER_KIND_PLAN:
		return fmt.Sprintf("subscribe to the plan %s for %s every %s", o.Plan, price, span(o.Seconds))
	case subscriptiontypes.OFFER_KIND_PASS:
		return fmt.Sprintf("subscribe to the pass %s, of many creators, for %s (streamd pass subscribe)", o.Pass, price)
	case subscriptiontypes.OFFER_KIND_RENTAL:
		return fmt.Sprintf("rent it%s for %s, for %s", of, span(o.Seconds), price)
	case subscriptiontypes.OFFER_KIND_TIER:
		return fmt.Sprintf("delegate %s to validators, which makes you %s", token.Format(token.Coin(o.Tier.Least().Int64())), strings.ToLower(strings.TrimPrefix(o.Tier.String(), "TIER_")))
	case subscriptiontypes.OFFER_KIND_TOKEN:
		return "hold " + price
	case subscriptiontypes.OFFER_KIND_TEMPLATE:
		return fmt.Sprintf("buy it%s by its template, now for %s (streamd template buy)", of, price)
	}
	return ""
}

// span is a time as people say it.
func span(seconds int64) string {
	if seconds == 1 {
		return "second"
	}
	if seconds < 120 {
		return fmt.Sprintf("%d seconds", seconds)
	}
	d := time.Duration(seconds) * time.Second
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}} {
		if d >= 2*u.unit && d%u.unit == 0 {
			return fmt.Sprintf("%d %s", d/u.unit, u.name)
		}
	}
	return d.String()
}
