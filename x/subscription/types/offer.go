package types

import (
	"slices"
	"strconv"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// NewFreeOffer opens a work to everybody.
func NewFreeOffer() Offer { return Offer{Kind: &Offer_Free{Free: &FreeOffer{}}} }

// NewPurchaseOffer sells lasting access for price.
func NewPurchaseOffer(price sdk.Coin) Offer {
	return Offer{Kind: &Offer_Purchase{Purchase: &PurchaseOffer{Price: price}}}
}

// NewMeteredOffer sells ticks of tickSeconds for pricePerTick ustream each, after an unpaid preview.
func NewMeteredOffer(pricePerTick math.Int, tickSeconds, previewSeconds uint32) Offer {
	return Offer{Kind: &Offer_Metered{Metered: &MeteredOffer{
		PricePerTick: pricePerTick, TickSeconds: tickSeconds, PreviewSeconds: previewSeconds,
	}}}
}

// NewRentalOffer sells access of seconds for price.
func NewRentalOffer(price sdk.Coin, seconds int64) Offer {
	return Offer{Kind: &Offer_Rental{Rental: &RentalOffer{Price: price, DurationSeconds: seconds}}}
}

// NewTierOffer opens a work to who has at least tier.
func NewTierOffer(tier streamtypes.Tier) Offer {
	return Offer{Kind: &Offer_Tier{Tier: &TierOffer{Tier: tier}}}
}

// NewTokenOffer opens a work to who can spend at least minimum.
func NewTokenOffer(minimum sdk.Coin) Offer {
	return Offer{Kind: &Offer_Token{Token: &TokenOffer{Minimum: minimum}}}
}

// NewPayWhatYouWantOffer sells lasting access for minimum or more.
func NewPayWhatYouWantOffer(minimum sdk.Coin) Offer {
	return Offer{Kind: &Offer_PayWhatYouWant{PayWhatYouWant: &PayWhatYouWantOffer{Minimum: minimum}}}
}

// NewPlanOffer adds a work to plans of its creator.
func NewPlanOffer(planIDs ...string) Offer {
	return Offer{Kind: &Offer_Plan{Plan: &PlanOffer{PlanIds: planIDs}}}
}

// KindOf names the offer's kind: OFFER_KIND_UNSPECIFIED where none is set.
func (o Offer) KindOf() OfferKind {
	switch {
	case o.GetFree() != nil:
		return OFFER_KIND_FREE
	case o.GetPurchase() != nil:
		return OFFER_KIND_PURCHASE
	case o.GetMetered() != nil:
		return OFFER_KIND_METERED
	case o.GetPlan() != nil:
		return OFFER_KIND_PLAN
	case o.GetRental() != nil:
		return OFFER_KIND_RENTAL
	case o.GetTier() != nil:
		return OFFER_KIND_TIER
	case o.GetToken() != nil:
		return OFFER_KIND_TOKEN
	case o.GetPayWhatYouWant() != nil:
		return OFFER_KIND_PAY_WHAT_YOU_WANT
	case o.GetTemplate() != nil:
		return OFFER_KIND_TEMPLATE
	}
	return OFFER_KIND_UNSPECIFIED
}

// variant tells offers of one kind apart where there can be several.
func (o Offer) variant() string {
	switch {
	case o.GetRental() != nil:
		return strconv.FormatInt(o.GetRental().DurationSeconds, 10)
	case o.GetToken() != nil:
		return o.GetToken().Minimum.Denom
	}
	return ""
}

// Validate checks one offer by itself. Errors: ErrInvalidOffer, ErrInvalidPrice,
// ErrWrongDenom, ErrInvalidPlanID.
func (o Offer) Validate() error {
	switch o.KindOf() {
	case OFFER_KIND_FREE:
		return nil
	case OFFER_KIND_PURCHASE:
		return ValidatePrice(o.GetPurchase().Price)
	case OFFER_KIND_METERED:
		return o.GetMetered().Validate()
	case OFFER_KIND_PLAN:
		return o.GetPlan().Validate()
	case OFFER_KIND_RENTAL:
		return o.GetRental().Validate()
	case OFFER_KIND_TIER:
		if t := o.GetTier().Tier; t < streamtypes.TIER_BRONZE || t > streamtypes.TIER_PLATINUM {
			return errorsmod.Wrapf(ErrInvalidOffer, "tier %d; choose bronze to platinum", t)
		}
		return nil
	case OFFER_KIND_TOKEN:
		return o.GetToken().Validate()
	case OFFER_KIND_PAY_WHAT_YOU_WANT:
		return ValidatePrice(o.GetPayWhatYouWant().Minimum)
	case OFFER_KIND_TEMPLATE:
		return o.GetTemplate().Validate()
	}
	return errorsmod.Wrap(ErrInvalidOffer, "no kind is set")
}

// Validate checks price and length. Errors: ErrInvalidOffer, ErrInvalidPrice, ErrWrongDenom.
func (r *RentalOffer) Validate() error {
	if r.DurationSeconds < 1 || r.DurationSeconds > MaxPeriodSeconds {
		return errorsmod.Wrapf(ErrInvalidOffer, "duration_seconds must be 1 to %d", MaxPeriodSeconds)
	}
	return ValidatePrice(r.Price)
}

// Validate checks denom and amount: of any denom, since nothing is paid. Errors: ErrInvalidOffer.
func (t *TokenOffer) Validate() error {
	if t.Minimum.Amount.IsNil() || t.Minimum.Validate() != nil || !t.Minimum.Amount.IsPositive() {
		return errorsmod.Wrap(ErrInvalidOffer, "minimum must be a positive amount of a valid denom")
	}
	return nil
}

// Validate checks the terms of paying by the tick. Errors: ErrInvalidOffer, ErrInvalidPrice.
func (m *MeteredOffer) Validate() error {
	// vouchers carry the price in 64 bits
	if m.PricePerTick.IsNil() || !m.PricePerTick.IsPositive() || !m.PricePerTick.IsUint64() {
		return errorsmod.Wrap(ErrInvalidPrice, "price_per_tick must be at least 1 and below 2^64")
	}
	if m.TickSeconds == 0 || m.TickSeconds > MaxTickSeconds {
		return errorsmod.Wrapf(ErrInvalidOffer, "tick_seconds must be 1 to %d", MaxTickSeconds)
	}
	if m.PreviewSeconds > MaxPreviewSeconds {
		return errorsmod.Wrapf(ErrInvalidOffer, "preview_seconds must be at most %d", MaxPreviewSeconds)
	}
	return nil
}

// Validate checks the list of plans. Errors: ErrInvalidOffer, ErrInvalidPlanID.
func (p *PlanOffer) Validate() error {
	if n := len(p.PlanIds); n == 0 || n > MaxPlanOffers {
		return errorsmod.Wrapf(ErrInvalidOffer, "plan_ids must name 1 to %d plans", MaxPlanOffers)
	}
	for i, id := range p.PlanIds {
		if _, err := ParsePlanID(id); err != nil {
			return err
		}
		if slices.Contains(p.PlanIds[:i], id) {
			return errorsmod.Wrapf(ErrInvalidOffer, "plan_ids names %s twice", id)
		}
	}
	return nil
}

// ValidateOffers checks all that a work or a collection offers, each by itself and against the others.
// Errors: ErrTooManyOffers, ErrDuplicateOffer and those of an offer.
func ValidateOffers(offers []Offer) error {
	if len(offers) > MaxOffers {
		return errorsmod.Wrapf(ErrTooManyOffers, "%d offers", len(offers))
	}
	for i, o := range offers {
		if err := o.Validate(); err != nil {
			return errorsmod.Wrapf(err, "offer %d", i)
		}
		same := func(other Offer) bool { return other.KindOf() == o.KindOf() && other.variant() == o.variant() }
		if slices.ContainsFunc(offers[:i], same) {
			return errorsmod.Wrapf(ErrDuplicateOffer, "offer %d", i)
		}
	}
	return nil
}

// Rental returns the offer of a rental of that length.
func (l OfferList) Rental(seconds int64) (*RentalOffer, bool) {
	for _, o := range l.Offers {
		if r := o.GetRental(); r != nil && r.DurationSeconds == seconds {
			return r, true
		}
	}
	return nil, false
}

// Find returns the first offer of one kind.
func (l OfferList) Find(kind OfferKind) (Offer, bool) {
	i := slices.IndexFunc(l.Offers, func(o Offer) bool { return o.KindOf() == kind })
	if i < 0 {
		return Offer{}, false
	}
	return l.Offers[i], true
}

// PlanIDs returns the plans that the work's plan offer names.
func (l OfferList) PlanIDs() []string {
	o, _ := l.Find(OFFER_KIND_PLAN)
	return o.GetPlan().GetPlanIds()
}

// Validate checks one stored list by itself.
func (l OfferList) Validate() error {
	if _, err := ItemKey(l.Work); err != nil {
		return err
	}
	if l.Version == 0 || l.SetAt <= 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "offers of %s: version and set_at must be set", l.Work)
	}
	if err := ValidateOffers(l.Offers); err != nil {
		return errorsmod.Wrapf(err, "offers of %s", l.Work)
	}
	return nil
}

// ValidatePrice refuses what is not 1 to MaxPrice ustream. Errors: ErrInvalidPrice, ErrWrongDenom.
func ValidatePrice(c sdk.Coin) error {
	if err := validateDenom(c); err != nil {
		return err
	}
	if c.Amount.IsNil() || !c.Amount.IsPositive() || c.Amount.GT(math.NewInt(MaxPrice)) {
		return errorsmod.Wrap(ErrInvalidPrice, "price")
	}
	return nil
}

// ValidateMaxPrice refuses a limit that is not an amount of ustream. Any amount is a limit: a
// buyer may allow more than any price. Errors: ErrInvalidPrice, ErrWrongDenom.
func ValidateMaxPrice(c sdk.Coin) error {
	if err := validateDenom(c); err != nil {
		return err
	}
	if c.Amount.IsNil() || c.Amount.IsNegative() {
		return errorsmod.Wrap(ErrInvalidPrice, "max_price must be set and not negative")
	}
	return nil
}

func validateDenom(c sdk.Coin) error {
	if c.Denom != token.BaseDenom {
		return errorsmod.Wrapf(ErrWrongDenom, "%.100q", c.Denom)
	}
	return nil
}
