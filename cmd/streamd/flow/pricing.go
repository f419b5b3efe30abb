package flow

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// tiers are what delegators are called, lowest first.
var tiers = []string{"bronze", "silver", "gold", "platinum"}

// pricing is what a work or a collection costs, as flags.
type pricing struct {
	free      bool
	price     string
	perSecond string
	tick      uint32
	preview   uint32
	plans     []string
	rentals   []string
	choose    string
	tier      string
	tokens    []string
}

func (p *pricing) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&p.free, "free", false, "open to everybody")
	f.StringVar(&p.price, "price", "", "price to own it, for example 1.5stream")
	f.StringVar(&p.perSecond, "price-per-second", "", "price of each tick watched, for example 0.0001stream")
	f.Uint32Var(&p.tick, "tick-seconds", 1, "seconds of media that one tick buys")
	f.Uint32Var(&p.preview, "preview", 0, "seconds from the start that cost nothing, with --price-per-second")
	f.StringSliceVar(&p.plans, "plan", nil, "plans whose subscribers have it")
	f.StringSliceVar(&p.rentals, "rent", nil, "length and price of a rental, for example 48h=0.5stream; can be given again for other lengths")
	f.StringVar(&p.choose, "pay-what-you-want", "", "to own it for what one wants to pay: the least, for example 0.1stream")
	f.StringVar(&p.tier, "tier", "", "open to who has delegated enough: "+strings.Join(tiers, ", "))
	f.StringSliceVar(&p.tokens, "token", nil, "open to who holds so much of a denom, for example 100ufan")
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
	more, err := p.otherOffers()
	return append(out, more...), err
}

// otherOffers are those of rent, of one's own choice, and of what is held.
func (p *pricing) otherOffers() ([]subscriptiontypes.Offer, error) {
	var out []subscriptiontypes.Offer
	for _, text := range p.rentals {
		length, price, _ := strings.Cut(text, "=")
		d, err := time.ParseDuration(length)
		if err != nil {
			return nil, exit.With(exit.Usage, fmt.Errorf("--rent %q: write it as 48h=0.5stream", text))
		}
		c, err := amount(price)
		if err != nil {
			return nil, err
		}
		out = append(out, subscriptiontypes.NewRentalOffer(c, int64(d/time.Second)))
	}
	if p.choose != "" {
		c, err := amount(p.choose)
		if err != nil {
			return nil, err
		}
		out = append(out, subscriptiontypes.NewPayWhatYouWantOffer(c))
	}
	if p.tier != "" {
		i := slices.Index(tiers, p.tier)
		if i < 0 {
			return nil, exit.With(exit.Usage, fmt.Errorf("--tier is one of %s", strings.Join(tiers, ", ")))
		}
		out = append(out, subscriptiontypes.NewTierOffer(streamtypes.Tier(i+1)))
	}
	for _, text := range p.tokens {
		c, err := sdk.ParseCoinNormalized(text)
		if err != nil {
			return nil, exit.With(exit.Usage, fmt.Errorf("--token %q: %w", text, err))
		}
		out = append(out, subscriptiontypes.NewTokenOffer(c))
	}
	return out, nil
}
