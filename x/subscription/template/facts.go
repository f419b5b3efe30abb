package template

import (
	"fmt"
	"math"
)

// Facts are what an expression can know: what the chain has at hand for one viewer, one work and one moment, each by one read of
// its state. Times are seconds of live time since 1970, amounts ustream; a zero means never, none or unknown.
//
// A purchase here is one by a template offer of the work, or of the collection where that makes the offer: counts, sums and times
// are then the collection's. What was refunded does not count.
type Facts struct {
	// BlockTime is now: block_time.
	BlockTime int64
	// Offered is the most that the buyer allows to be charged, in a purchase or a preview of one; else 0: offered.
	Offered int64

	// Viewer is who watches or gets the purchase; all zero for somebody without an account.
	Viewer ViewerFacts
	// Work is what is sold.
	Work WorkFacts
}

// ViewerFacts are about one viewer and the work.
type ViewerFacts struct {
	// Purchases counts what was bought for the viewer: viewer.purchases.
	Purchases int64
	// FirstAt and LastAt are the times of the first and the last purchase: viewer.first_at, viewer.last_at.
	FirstAt, LastAt int64
	// Paid and LastPaid are the sum of all purchases and the last one: viewer.paid, viewer.last_paid.
	Paid, LastPaid int64
	// RunAt, RunPurchases and RunPaid are about the run of purchases that goes on: one made while the viewer had access
	// belongs to the run before it, any other begins a new one: viewer.run_at, viewer.run_purchases, viewer.run_paid.
	RunAt, RunPurchases, RunPaid int64
	// Referred says that another buyer is named as having brought the viewer: viewer.referred.
	Referred bool
	// Referrals counts the buyers that the viewer has brought: viewer.referrals.
	Referrals int64
	// Owns says that the viewer has the work by a purchase offer: viewer.owns.
	Owns bool
	// Subscribed says that a plan of the creator runs, since SubscribedSince: viewer.subscribed, viewer.subscribed_since.
	Subscribed      bool
	SubscribedSince int64
	// Tier is 0 without one, then bronze 1, silver 2, gold 3, platinum 4: viewer.tier.
	Tier int64
}

// WorkFacts are about the work.
type WorkFacts struct {
	// PublishedAt is when its first version was published, or the collection was made: work.published_at.
	PublishedAt int64
	// Duration is its length in seconds; 0 for a collection: work.duration.
	Duration int64
	// Index is the place of the work in the collection that makes the offer, from 0; 0 for the collection itself: work.index.
	Index int64
	// Buyers counts the viewers who have at least one purchase: work.buyers.
	Buyers int64
	// Sales and Gross are the number and the sum of all purchases: work.sales, work.gross.
	Sales, Gross int64
}

// fact is one name and where it is kept.
type fact struct {
	name string
	at   func(*Facts) any // *int64 or *bool
}

// facts is the table of all names, in the order of their slots. New ones are added at the end: a template that was checked stays
// good.
var facts = []fact{
	{"block_time", func(f *Facts) any { return &f.BlockTime }},
	{"offered", func(f *Facts) any { return &f.Offered }},
	{"viewer.purchases", func(f *Facts) any { return &f.Viewer.Purchases }},
	{"viewer.first_at", func(f *Facts) any { return &f.Viewer.FirstAt }},
	{"viewer.last_at", func(f *Facts) any { return &f.Viewer.LastAt }},
	{"viewer.paid", func(f *Facts) any { return &f.Viewer.Paid }},
	{"viewer.last_paid", func(f *Facts) any { return &f.Viewer.LastPaid }},
	{"viewer.run_at", func(f *Facts) any { return &f.Viewer.RunAt }},
	{"viewer.run_purchases", func(f *Facts) any { return &f.Viewer.RunPurchases }},
	{"viewer.run_paid", func(f *Facts) any { return &f.Viewer.RunPaid }},
	{"viewer.referred", func(f *Facts) any { return &f.Viewer.Referred }},
	{"viewer.referrals", func(f *Facts) any { return &f.Viewer.Referrals }},
	{"viewer.owns", func(f *Facts) any { return &f.Viewer.Owns }},
	{"viewer.subscribed", func(f *Facts) any { return &f.Viewer.Subscribed }},
	{"viewer.subscribed_since", func(f *Facts) any { return &f.Viewer.SubscribedSince }},
	{"viewer.tier", func(f *Facts) any { return &f.Viewer.Tier }},
	{"work.published_at", func(f *Facts) any { return &f.Work.PublishedAt }},
	{"work.duration", func(f *Facts) any { return &f.Work.Duration }},
	{"work.buyers", func(f *Facts) any { return &f.Work.Buyers }},
	{"work.sales", func(f *Facts) any { return &f.Work.Sales }},
	{"work.gross", func(f *Facts) any { return &f.Work.Gross }},
	{"work.index", func(f *Facts) any { return &f.Work.Index }},
}

// FactNames are the names of all facts, as expressions write them.
func FactNames() []string {
	names := make([]string, len(facts))
	for i, f := range facts {
		names[i] = f.name
	}
	return names
}

// FactType is the type of the fact of that name; false where there is none.
func FactType(name string) (Type, bool) {
	var zero Facts
	for _, f := range facts {
		if f.name == name {
			return valueAt(f.at(&zero)).Type, true
		}
	}
	return 0, false
}

// Set sets one fact by its name. It is for previews and tests.
func (f *Facts) Set(name string, v Value) error {
	for _, known := range facts {
		if known.name != name {
			continue
		}
		switch at := known.at(f).(type) {
		case *int64:
			if v.Type == Int {
				*at = v.Int
				return nil
			}
		case *bool:
			if v.Type == Bool {
				*at = v.Bool
				return nil
			}
		}
		return fmt.Errorf("fact %s is not a %s", name, v.Type)
	}
	return fmt.Errorf("no fact is named %.40q", name)
}

// values are the facts in the order of the table.
func (f Facts) values() []Value {
	out := make([]Value, len(facts), len(facts)+MaxParams)
	for i, known := range facts {
		out[i] = valueAt(known.at(&f))
	}
	return out
}

func valueAt(at any) Value {
	if b, ok := at.(*bool); ok {
		return BoolValue(*b)
	}
	if i, ok := at.(*int64); ok {
		return IntValue(*i)
	}
	return Value{}
}

// Count makes a counter of the state a fact: one that is higher than a fact can be is the highest.
func Count(n uint64) int64 {
	if n > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(n)
}
