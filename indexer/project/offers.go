package project

import (
	"encoding/json"
	"fmt"
	"strings"

	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var offerEvents = table{}.add(on((*run).offersSet))

// offer is the API's Offer.
type offer struct {
	Kind            string         `json:"kind"`
	Price           *coin          `json:"price,omitempty"`
	TickSeconds     uint32         `json:"tick_seconds,omitempty"`
	PreviewSeconds  uint32         `json:"preview_seconds,omitempty"`
	DurationSeconds int64          `json:"duration_seconds,omitempty"`
	Plans           []string       `json:"plans,omitempty"`
	Tier            string         `json:"tier,omitempty"`
	Template        string         `json:"template,omitempty"`
	Args            map[string]any `json:"args,omitempty"`
}

// kinds are the bits of works.prices, in their order.
var kinds = []string{"free", "metered", "purchase", "rental", "plan", "tier", "token", "pay-what-you-want", "template"}

func (r *run) offersSet(e *subscriptiontypes.EventOffersSet) error {
	return r.putOffers(e.Creator, e.List)
}

func (r *run) putOffers(creator string, l subscriptiontypes.OfferList) error {
	offers := []offer{}
	templates := set{}
	for _, o := range l.Offers {
		flat, err := flatten(o)
		if err != nil {
			return err
		}
		if flat.Template != "" {
			templates.add(flat.Template)
		}
		offers = append(offers, flat)
	}
	raw, err := marshal(offers)
	if err != nil {
		return err
	}
	if _, err := r.tx.Exec(`INSERT INTO offers (subject, creator, version, set_at, offers) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (subject) DO UPDATE SET version = excluded.version, set_at = excluded.set_at, offers = excluded.offers`,
		l.Work, creator, seconds(l.Version), l.SetAt, raw); err != nil {
		return err
	}
	if isWork(l.Work) {
		r.changed.prices.add(l.Work)
	} else {
		works, err := r.tx.Strings("SELECT work FROM collection_works WHERE collection = ?", l.Work)
		if err != nil {
			return err
		}
		r.changed.prices.add(works...)
	}
	return r.sellBy(l.Work, templates)
}

// sellBy says by which templates a subject is sold from now on.
func (r *run) sellBy(subject string, templates set) error {
	before, err := r.tx.Strings("SELECT template FROM template_offers WHERE subject = ?", subject)
	if err != nil {
		return err
	}
	if _, err := r.tx.Exec("DELETE FROM template_offers WHERE subject = ?", subject); err != nil {
		return err
	}
	all := set{}
	all.add(before...)
	for _, t := range templates.sorted() {
		all.add(t)
		if _, err := r.tx.Exec("INSERT INTO template_offers (template, subject) VALUES (?, ?)", t, subject); err != nil {
			return err
		}
	}
	for _, t := range all.sorted() {
		if _, err := r.tx.Exec("UPDATE templates SET works = (SELECT COUNT(*) FROM template_offers WHERE template = ?1) WHERE id = ?1", t); err != nil {
			return err
		}
	}
	return nil
}

func flatten(o subscriptiontypes.Offer) (offer, error) {
	switch k := o.Kind.(type) {
	case *subscriptiontypes.Offer_Free:
		return offer{Kind: "free"}, nil
	case *subscriptiontypes.Offer_Purchase:
		return offer{Kind: "purchase", Price: coinOf(k.Purchase.Price)}, nil
	case *subscriptiontypes.Offer_Metered:
		return offer{
			Kind: "metered", Price: &coin{Denom: "ustream", Amount: amount(k.Metered.PricePerTick)},
			TickSeconds: k.Metered.TickSeconds, PreviewSeconds: k.Metered.PreviewSeconds,
		}, nil
	case *subscriptiontypes.Offer_Plan:
		return offer{Kind: "plan", Plans: k.Plan.PlanIds}, nil
	case *subscriptiontypes.Offer_Rental:
		return offer{Kind: "rental", Price: coinOf(k.Rental.Price), DurationSeconds: k.Rental.DurationSeconds}, nil
	case *subscriptiontypes.Offer_Tier:
		return offer{Kind: "tier", Tier: word(k.Tier.Tier, "TIER_")}, nil
	case *subscriptiontypes.Offer_Token:
		return offer{Kind: "token", Price: coinOf(k.Token.Minimum)}, nil
	case *subscriptiontypes.Offer_PayWhatYouWant:
		return offer{Kind: "pay-what-you-want", Price: coinOf(k.PayWhatYouWant.Minimum)}, nil
	case *subscriptiontypes.Offer_Template:
		args := map[string]any{}
		for _, a := range k.Template.Terms.Args {
			args[a.Name] = argument(a.Value)
		}
		return offer{Kind: "template", Template: k.Template.Terms.Template, Args: args}, nil
	}
	return offer{}, fmt.Errorf("an offer of a kind that this program does not know (%T)", o.Kind)
}

// argument is a value as JSON; integers are texts, as everywhere where they can exceed what JavaScript counts exactly.
func argument(v subscriptiontypes.TemplateValue) any {
	switch v.Type {
	case subscriptiontypes.TEMPLATE_TYPE_INT:
		return fmt.Sprint(v.Number)
	case subscriptiontypes.TEMPLATE_TYPE_BOOL:
		return v.Truth
	case subscriptiontypes.TEMPLATE_TYPE_LIST:
		out := []string{}
		for _, n := range v.Numbers {
			out = append(out, fmt.Sprint(n))
		}
		return out
	}
	return v.Text
}

// price computes in which ways a work can be had: its own offers, those of the collections that it is in, and open plans and
// passes that cover it.
func (r *run) price(root string) error {
	var n int64
	var creator string
	found, err := r.tx.Row("SELECT n, creator FROM works WHERE root = ?", []any{root}, &n, &creator)
	if err != nil || !found {
		return err
	}
	lists, err := r.tx.Strings(`SELECT offers FROM offers WHERE subject = ?1 OR subject IN (SELECT collection FROM collection_works WHERE work = ?1)`, root)
	if err != nil {
		return err
	}
	have := set{}
	for _, l := range lists {
		var offers []offer
		if err := json.Unmarshal([]byte(l), &offers); err != nil {
			return err
		}
		for _, o := range offers {
			have.add(o.Kind)
		}
	}
	plans, err := r.tx.Ints(`SELECT EXISTS (SELECT 1 FROM plans WHERE creator = ?2 AND kind = 'plan' AND coverage = 'all' AND closed = 0)
		OR EXISTS (SELECT 1 FROM plan_works w JOIN plans p ON p.id = w.plan WHERE w.work = ?1 AND p.closed = 0)
		OR EXISTS (SELECT 1 FROM pass_creators m JOIN plans p ON p.id = m.pass WHERE m.creator = ?2 AND m.joined = 1 AND p.closed = 0)`, root, creator)
	if err != nil {
		return err
	}
	if plans[0] != 0 {
		have.add("plan")
	}
	return r.setPrices(n, have)
}

func (r *run) setPrices(n int64, have set) error {
	bits := 0
	for i, k := range kinds {
		if _, ok := have[k]; ok {
			bits |= 1 << i
		}
	}
	changed, err := r.tx.Exec("UPDATE works SET prices = ?1 WHERE n = ?2 AND prices <> ?1", bits, n)
	if err != nil || changed == 0 {
		return err
	}
	if _, err := r.tx.Exec("DELETE FROM work_prices WHERE work = ?", n); err != nil {
		return err
	}
	for i, k := range kinds {
		if bits&(1<<i) == 0 {
			continue
		}
		if _, err := r.tx.Exec("INSERT INTO work_prices (kind, work) VALUES (?, ?)", k, n); err != nil {
			return err
		}
	}
	return nil
}

// creatorOfID is the creator in an id of a plan or a collection.
func creatorOfID(id string) string {
	creator, _, _ := strings.Cut(id, "/")
	return creator
}
