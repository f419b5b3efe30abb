package receipt

import (
	"context"
	"slices"

	"cosmossdk.io/math"

	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Statement is all that an account's STREAM did, in ustream.
type Statement struct {
	Payer    string    `json:"payer"`
	Payments []Payment `json:"payments"`
	Pending  math.Int  `json:"pending"` // inside refund windows, and paid for periods that have not ended
	Fees     math.Int  `json:"fees"`    // of transactions and lanes
	Burned   math.Int  `json:"burned"`  // by all payments of the chain
	Balance  math.Int  `json:"balance"`
	Escrow   math.Int  `json:"escrow"`            // deposited and not spent
	Minted   math.Int  `json:"minted"`            // by the chain's schedule
	Supply   math.Int  `json:"supply"`            // of the whole chain
	Serving  []Serving `json:"serving,omitempty"` // what nodes earned out of serving budgets by giving bytes to this account
	Funded   math.Int  `json:"serving_funded"`    // put into serving budgets
	Height   int64     `json:"height"`
}

// OfPayer reads every block up to now. The balances are those right after the last block read.
func OfPayer(ctx context.Context, c *chainclient.Client, payer string) (*Statement, error) {
	st, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	s := &Statement{Payer: payer, Payments: []Payment{}, Pending: math.ZeroInt(), Fees: math.ZeroInt(), Burned: math.ZeroInt(), Height: st.Height,
		Minted: math.ZeroInt(), Funded: math.ZeroInt()}
	open, titles := holds{}, map[string]string{}
	for h := int64(1); h <= st.Height; h++ {
		b, err := c.Block(ctx, h)
		if err != nil {
			return nil, err
		}
		s.read(b, open, titles)
	}
	for _, p := range open {
		if p.Denom == token.BaseDenom {
			s.Pending = s.Pending.Add(p.Charged)
		}
	}
	for i := range s.Payments {
		s.Payments[i].Title = titles[s.Payments[i].Subject]
	}
	if err := encrypted(ctx, c, s.Payments); err != nil {
		return nil, err
	}
	return s, s.balances(chainclient.AtHeight(ctx, s.Height), c)
}

func (s *Statement) read(b chainclient.Block, open holds, titles map[string]string) {
	events := slices.Clone(b.Events)
	for _, tx := range b.Txs {
		events = append(events, tx.Events...)
		if tx.FeePayer == s.Payer {
			s.Fees = s.Fees.Add(tx.Fee.AmountOf(token.BaseDenom))
		}
	}
	for _, e := range events {
		switch e := e.(type) {
		case *contenttypes.EventWorkPublished:
			titles[e.Root] = e.Title
		case *subscriptiontypes.EventPlanCreated:
			titles[e.Plan.Id] = e.Plan.Title
		case *streamtypes.EventLaneOpened:
			if e.Owner == s.Payer {
				s.Fees = s.Fees.Add(e.Fee.Amount)
			}
		case *streamtypes.EventEmitted:
			s.Minted = s.Minted.Add(e.Stakers).Add(e.Storage).Add(e.Participation)
		case *streamtypes.EventUseProved:
			if e.Viewer == s.Payer {
				s.Serving = append(s.Serving, served(e))
			}
		case *storagetypes.EventServingFunded:
			if e.Funder == s.Payer {
				s.Funded = s.Funded.Add(e.Amount)
			}
		case *revenuetypes.EventHeld:
			if e.Payer == s.Payer {
				open.held(e)
			}
		case *subscriptiontypes.EventSubscribed, *subscriptiontypes.EventRenewed, *subscriptiontypes.EventCancelled:
			s.Pending = s.Pending.Add(s.paidAhead(e))
		case *revenuetypes.EventDistributed:
			s.distributed(e, b.Height)
		default:
			open.changed(e)
		}
	}
}

func (s *Statement) distributed(e *revenuetypes.EventDistributed, height int64) {
	p := payment(e, height)
	if e.Gross.Denom == token.BaseDenom {
		s.Burned = s.Burned.Add(e.BurnPart)
		if e.Payer == s.Payer && e.Rail == revenuetypes.RAIL_PLAN {
			s.Pending = s.Pending.Sub(p.Charged)
		}
	}
	if e.Payer == s.Payer {
		s.Payments = append(s.Payments, p)
	}
}

// paidAhead is what an event adds to the periods that the payer has paid and that have not ended.
func (s *Statement) paidAhead(e any) math.Int {
	sum := math.ZeroInt()
	switch e := e.(type) {
	case *subscriptiontypes.EventSubscribed:
		if e.Subscriber == s.Payer {
			return e.Paid.Amount
		}
	case *subscriptiontypes.EventRenewed:
		// a period that was just charged is the only one
		if p := e.Subscription.Prepaid; len(p) > 0 && p[0].Payer == s.Payer {
			return e.Paid.Amount
		}
	case *subscriptiontypes.EventCancelled:
		for _, r := range e.Refunds {
			if r.Payer == s.Payer {
				sum = sum.Sub(r.Amount.Amount)
			}
		}
	}
	return sum
}

func (s *Statement) balances(ctx context.Context, c *chainclient.Client) error {
	bank := banktypes.NewQueryClient(c.Conn())
	balance, err := bank.Balance(ctx, &banktypes.QueryBalanceRequest{Address: s.Payer, Denom: token.BaseDenom})
	if err != nil {
		return err
	}
	supply, err := bank.SupplyOf(ctx, &banktypes.QuerySupplyOfRequest{Denom: token.BaseDenom})
	if err != nil {
		return err
	}
	escrow, err := streamtypes.NewQueryClient(c.Conn()).Escrow(ctx, &streamtypes.QueryEscrowRequest{Owner: s.Payer, Denom: token.BaseDenom})
	if err != nil {
		return err
	}
	s.Balance, s.Supply, s.Escrow = balance.Balance.Amount, supply.Amount.Amount, escrow.Escrow.Balance
	return nil
}
