package receipt

import (
	"context"
	"maps"
	"slices"
	"strings"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/chainclient"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Payment is one payment as it was shared out. Amounts are in base units of Denom. Parts and Discount sum to Gross.
type Payment struct {
	Rail        string              `json:"rail"`
	Subject     string              `json:"subject"`
	Title       string              `json:"title,omitempty"`
	Payer       string              `json:"payer"`
	Denom       string              `json:"denom"`
	Gross       math.Int            `json:"gross"`    // the price
	Discount    math.Int            `json:"discount"` // by the payer's tier
	Charged     math.Int            `json:"charged"`  // what was paid: the price less the discount
	CreatorPaid math.Int            `json:"creator_paid"`
	CreatorBps  int64               `json:"creator_bps"`
	Parts       map[string]math.Int `json:"parts"`
	RoyaltyTo   string              `json:"royalty_to,omitempty"` // author of the template that the work is sold by
	Encrypted   bool                `json:"encrypted"`            // the paid work opens with keys of holders only
	Server      string              `json:"server,omitempty"`
	Reference   string              `json:"reference,omitempty"`
	Height      int64               `json:"height"`
}

// Pending is a payment that was not shared out yet: one inside its refund window, or periods of a plan, which are
// shared out one by one when they have ended. Hold is empty of the latter, and ReleaseAt the end of the last one.
type Pending struct {
	Hold      string   `json:"hold"`
	Subject   string   `json:"subject"`
	Payer     string   `json:"payer"`
	Gross     math.Int `json:"gross"`   // the price
	Charged   math.Int `json:"charged"` // what was paid, and waits
	Denom     string   `json:"denom"`
	ReleaseAt int64    `json:"release_at"`
}

// Receipt is what one transaction paid.
type Receipt struct {
	TX       string    `json:"tx"`
	Height   int64     `json:"height"`
	Payments []Payment `json:"payments"`
	Pending  []Pending `json:"pending"`
	Serving  []Serving `json:"serving,omitempty"` // earned by storage nodes out of serving budgets
}

// OfTx reads a transaction's payments. What it put on hold is followed to where it was shared out, if that was so
// already; until then it is pending. chainclient.TxError when the transaction failed.
func OfTx(ctx context.Context, c *chainclient.Client, hash string) (*Receipt, error) {
	tx, err := c.Tx(ctx, hash)
	if err != nil {
		return nil, err
	}
	r := &Receipt{TX: tx.Hash, Height: tx.Height, Payments: []Payment{}, Pending: []Pending{}}
	open := holds{}
	var periods []*ahead
	for _, e := range tx.Events {
		switch e := e.(type) {
		case *revenuetypes.EventDistributed:
			r.Payments = append(r.Payments, payment(e, tx.Height))
		case *revenuetypes.EventHeld:
			open.held(e)
		case *streamtypes.EventUseProved:
			r.Serving = append(r.Serving, served(e))
		case *subscriptiontypes.EventSubscribed:
			periods = append(periods, newAhead(e))
		}
	}
	if len(open)+len(periods) > 0 {
		if err := r.follow(ctx, c, open, periods); err != nil {
			return nil, err
		}
	}
	return r, encrypted(ctx, c, r.Payments)
}

// follow reads what became of holds and periods.
func (r *Receipt) follow(ctx context.Context, c *chainclient.Client, open holds, periods []*ahead) error {
	st, err := c.Status(ctx)
	if err != nil {
		return err
	}
	for h := r.Height; h <= st.Height && (len(open) > 0 || slices.ContainsFunc(periods, (*ahead).follows)); h++ {
		b, err := c.Block(ctx, h)
		if err != nil {
			return err
		}
		r.Payments = append(r.Payments, released(b, open)...)
		for _, a := range periods {
			r.Payments = append(r.Payments, a.ended(b)...)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(open)) {
		r.Pending = append(r.Pending, open[id])
	}
	for _, a := range periods {
		if a.Charged.IsPositive() {
			r.Pending = append(r.Pending, a.Pending)
		}
	}
	return nil
}

// released takes from open the holds that ended in the block, and returns those that were shared out.
func released(b chainclient.Block, open holds) []Payment {
	var out []Payment
	var last *revenuetypes.EventDistributed
	events := slices.Clone(b.Events)
	for _, tx := range b.Txs {
		events = append(events, tx.Events...)
	}
	for _, e := range events {
		switch e := e.(type) {
		case *revenuetypes.EventDistributed:
			last = e
		case *revenuetypes.EventReleased:
			// the distribution of a released hold comes right before it
			if _, ok := open[e.HoldId]; ok && last != nil {
				out = append(out, payment(last, b.Height))
				delete(open, e.HoldId)
			}
		default:
			open.changed(e)
		}
	}
	return out
}

func payment(e *revenuetypes.EventDistributed, height int64) Payment {
	p := Payment{
		Rail: strings.ToLower(strings.TrimPrefix(e.Rail.String(), "RAIL_")), Subject: e.Subject, Payer: e.Payer, Denom: e.Gross.Denom,
		Gross: e.Gross.Amount, CreatorPaid: e.CreatorPart, Server: e.Server, Reference: e.Reference, Height: height,
		Discount: e.Discount, Charged: e.Gross.Amount.Sub(e.Discount), Parts: map[string]math.Int{}, RoyaltyTo: e.RoyaltyTo,
	}
	for name, part := range map[string]math.Int{
		"creator": e.CreatorPart, "server": e.ServerPart, "key_holders": e.KeyHoldersPart, "endowment": e.EndowmentPart,
		"storage_pool": e.StoragePoolPart, "stakers": e.StakersPart, "treasury": e.TreasuryPart,
		"participation": e.ParticipationPart, "burn": e.BurnPart, "royalty": e.RoyaltyPart,
	} {
		if part.IsPositive() {
			p.Parts[name] = part
		}
	}
	if e.Gross.Amount.IsPositive() {
		p.CreatorBps = e.CreatorPart.MulRaw(10_000).Quo(e.Gross.Amount).Int64()
	}
	return p
}
