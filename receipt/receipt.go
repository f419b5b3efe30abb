package receipt

import (
	"context"
	"slices"
	"strings"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/chainclient"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Payment is one payment as it was shared out. Amounts are in base units of Denom.
type Payment struct {
	Rail        string              `json:"rail"`
	Subject     string              `json:"subject"`
	Title       string              `json:"title,omitempty"`
	Payer       string              `json:"payer"`
	Denom       string              `json:"denom"`
	Gross       math.Int            `json:"gross"`
	CreatorPaid math.Int            `json:"creator_paid"`
	CreatorBps  int64               `json:"creator_bps"`
	Parts       map[string]math.Int `json:"parts"`
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
	Gross     math.Int `json:"gross"`
	Denom     string   `json:"denom"`
	ReleaseAt int64    `json:"release_at"`
}

// Receipt is what one transaction paid.
type Receipt struct {
	TX       string    `json:"tx"`
	Height   int64     `json:"height"`
	Payments []Payment `json:"payments"`
	Pending  []Pending `json:"pending"`
}

// OfTx reads a transaction's payments. What it put on hold is followed to where it was shared out, if that was so
// already; until then it is pending. chainclient.TxError when the transaction failed.
func OfTx(ctx context.Context, c *chainclient.Client, hash string) (*Receipt, error) {
	tx, err := c.Tx(ctx, hash)
	if err != nil {
		return nil, err
	}
	r := &Receipt{TX: tx.Hash, Height: tx.Height, Payments: []Payment{}, Pending: []Pending{}}
	open := map[string]Pending{}
	var periods []*ahead
	for _, e := range tx.Events {
		switch e := e.(type) {
		case *revenuetypes.EventDistributed:
			r.Payments = append(r.Payments, payment(e, tx.Height))
		case *revenuetypes.EventHeld:
			open[e.HoldId] = pending(e)
		case *subscriptiontypes.EventSubscribed:
			periods = append(periods, newAhead(e))
		}
	}
	if len(open)+len(periods) == 0 {
		return r, nil
	}
	st, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	for h := tx.Height; h <= st.Height && (len(open) > 0 || slices.ContainsFunc(periods, (*ahead).follows)); h++ {
		b, err := c.Block(ctx, h)
		if err != nil {
			return nil, err
		}
		r.Payments = append(r.Payments, released(b, open)...)
		for _, a := range periods {
			r.Payments = append(r.Payments, a.ended(b)...)
		}
	}
	for _, id := range sortedKeys(open) {
		r.Pending = append(r.Pending, open[id])
	}
	for _, a := range periods {
		if a.Gross.IsPositive() {
			r.Pending = append(r.Pending, a.Pending)
		}
	}
	return r, nil
}

// released takes from open the holds that ended in the block, and returns those that were shared out.
func released(b chainclient.Block, open map[string]Pending) []Payment {
	var out []Payment
	var last *revenuetypes.EventDistributed
	events := b.Events
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
		case *revenuetypes.EventRefunded:
			delete(open, e.HoldId)
		}
	}
	return out
}

func pending(e *revenuetypes.EventHeld) Pending {
	return Pending{Hold: e.HoldId, Subject: e.Subject, Payer: e.Payer, Gross: e.Gross.Amount, Denom: e.Gross.Denom, ReleaseAt: e.ReleaseAt}
}

func payment(e *revenuetypes.EventDistributed, height int64) Payment {
	p := Payment{
		Rail: strings.ToLower(strings.TrimPrefix(e.Rail.String(), "RAIL_")), Subject: e.Subject, Payer: e.Payer, Denom: e.Gross.Denom,
		Gross: e.Gross.Amount, CreatorPaid: e.CreatorPart, Server: e.Server, Reference: e.Reference, Height: height,
		Parts: map[string]math.Int{},
	}
	for name, part := range map[string]math.Int{
		"creator": e.CreatorPart, "server": e.ServerPart, "key_holders": e.KeyHoldersPart, "endowment": e.EndowmentPart,
		"storage_pool": e.StoragePoolPart, "stakers": e.StakersPart, "treasury": e.TreasuryPart,
		"participation": e.ParticipationPart, "burn": e.BurnPart,
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
