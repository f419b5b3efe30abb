package flow

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// pricing is what a work costs, as flags.
type pricing struct {
	free      bool
	price     string
	perSecond string
	tick      uint32
	preview   uint32
	plans     []string
}

func (p *pricing) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&p.free, "free", false, "open to everybody")
	f.StringVar(&p.price, "price", "", "price to own it, for example 1.5stream")
	f.StringVar(&p.perSecond, "price-per-second", "", "price of each tick watched, for example 0.0001stream")
	f.Uint32Var(&p.tick, "tick-seconds", 1, "seconds of media that one tick buys")
	f.Uint32Var(&p.preview, "preview", 0, "seconds from the start that cost nothing, with --price-per-second")
	f.StringSliceVar(&p.plans, "plan", nil, "plans whose subscribers have it")
}

// offers turns the flags into what the chain registers; none where no flag was given.
func (p *pricing) offers() ([]subscriptiontypes.Offer, error) {
	var out []subscriptiontypes.Offer
	if p.free {
		out = append(out, subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Free{Free: &subscriptiontypes.FreeOffer{}}})
	}
	if p.price != "" {
		c, err := amount(p.price)
		if err != nil {
			return nil, err
		}
		out = append(out, subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Purchase{Purchase: &subscriptiontypes.PurchaseOffer{Price: c}}})
	}
	if p.perSecond != "" {
		c, err := amount(p.perSecond)
		if err != nil {
			return nil, err
		}
		if c.Denom != token.BaseDenom {
			return nil, exit.With(exit.Usage, errors.New("--price-per-second is in STREAM"))
		}
		out = append(out, subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Metered{Metered: &subscriptiontypes.MeteredOffer{
			PricePerTick: c.Amount, TickSeconds: p.tick, PreviewSeconds: p.preview,
		}}})
	}
	if len(p.plans) > 0 {
		out = append(out, subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Plan{Plan: &subscriptiontypes.PlanOffer{PlanIds: p.plans}}})
	}
	return out, nil
}
