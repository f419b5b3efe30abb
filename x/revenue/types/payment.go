package types

import (
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// maxPayerLen bounds the payer of an event: modules may name others than accounts.
const maxPayerLen = 128

// Validate checks a payment by itself. It reads the server's address, because coins credited
// to anything else could never be claimed; the payer's only names who paid.
func (p Payment) Validate() error {
	if err := ValidateCoin(p.Gross); err != nil {
		return err
	}
	if p.Payer == "" || len(p.Payer) > maxPayerLen || !utf8.ValidString(p.Payer) {
		return errorsmod.Wrap(ErrInvalidPayment, "payer")
	}
	if len(p.Reference) > MaxReferenceLen || !utf8.ValidString(p.Reference) {
		return errorsmod.Wrapf(ErrInvalidPayment, "reference must be at most %d bytes of UTF-8", MaxReferenceLen)
	}
	if err := p.validateReductions(); err != nil || p.Server == "" {
		return err
	}
	_, err := ParseAddress(p.Server)
	return err
}

// validateReductions checks what lowers the discountable parts.
func (p Payment) validateReductions() error {
	if p.DiscountBps > MaxDiscountBps {
		return errorsmod.Wrapf(ErrInvalidPayment, "discount of %d bps, the most is %d", p.DiscountBps, MaxDiscountBps)
	}
	if p.RoyaltyBps > MaxRoyaltyBps {
		return errorsmod.Wrapf(ErrInvalidPayment, "royalty of %d bps, the most is %d", p.RoyaltyBps, MaxRoyaltyBps)
	}
	if (p.RoyaltyTo == "") != (p.RoyaltyBps == 0) {
		return errorsmod.Wrap(ErrInvalidPayment, "a royalty needs an account and basis points")
	}
	if p.RoyaltyTo == "" {
		return nil
	}
	_, err := ParseAddress(p.RoyaltyTo)
	return err
}

// Cut cuts p, paid for subject, into its parts. Every part but the creator's rounds down and
// the creator takes the rest, so that the parts sum to the gross. What nobody is entitled to
// falls to the creator: the key holders' part of a work whose keys nobody holds, the server's without
// a server, the endowment of a creator, and the storage parts of denoms that x/storage does
// not pay in. Only STREAM is burned; of other denoms the treasury gets that part.
//
// The creator's part is of the undiscounted gross. What the payer did not pay, and after that
// the royalty of a template's author, come out of treasury, burn, stakers and participation, in
// this order; a royalty that is more than what is left of them gets that.
func (s RailShares) Cut(p Payment, subject contenttypes.Subject, keyHolders bool) Distribution {
	return s.CutCharged(p, subject, keyHolders, s.Charged(p))
}

// Charged is what the payer pays of gross: less the discount.
func (s RailShares) Charged(p Payment) math.Int {
	if p.DiscountBps == 0 {
		return p.Gross.Amount
	}
	discountable := math.ZeroInt()
	for _, bps := range [4]uint32{s.StakersBps, s.TreasuryBps, s.ParticipationBps, s.BurnBps} {
		discountable = discountable.Add(p.Gross.Amount.MulRaw(int64(bps)).QuoRaw(Bps))
	}
	return p.Gross.Amount.Sub(discountable.MulRaw(int64(p.DiscountBps)).QuoRaw(Bps))
}

// CutCharged is Cut where charged was paid. The discount must not be more than the discountable
// parts, or the sum of the parts is more than what was paid.
func (s RailShares) CutCharged(p Payment, subject contenttypes.Subject, keyHolders bool, charged math.Int) Distribution {
	gross, zero := p.Gross.Amount, math.ZeroInt()
	part := func(bps uint32, entitled bool) math.Int {
		if bps == 0 || !entitled {
			return zero
		}
		return gross.MulRaw(int64(bps)).QuoRaw(Bps)
	}
	stream, isWork := p.Gross.Denom == token.BaseDenom, subject.Work != ""
	d := Distribution{
		Subject: subject.Creator, Creator: subject.Creator, Payer: p.Payer, Rail: p.Rail, Gross: p.Gross,
		Server: p.Server, Reference: p.Reference, Discount: gross.Sub(charged), RoyaltyTo: p.RoyaltyTo, RoyaltyPart: zero, ParentsPart: zero,
		ServerPart:        part(s.ServerBps, p.Server != ""),
		KeyHoldersPart:    part(s.KeyHoldersBps, stream && isWork && keyHolders),
		EndowmentPart:     part(s.EndowmentBps, stream && isWork),
		StoragePoolPart:   part(s.StoragePoolBps, stream),
		StakersPart:       part(s.StakersBps, true),
		TreasuryPart:      part(s.TreasuryBps, true),
		ParticipationPart: part(s.ParticipationBps, true),
		BurnPart:          part(s.BurnBps, true),
	}
	if isWork {
		d.Subject = subject.Work
	}
	if !stream {
		d.TreasuryPart, d.BurnPart = d.TreasuryPart.Add(d.BurnPart), zero
	}
	d.CreatorPart = gross
	for _, other := range d.others() {
		if !other.IsZero() {
			d.CreatorPart = d.CreatorPart.Sub(other)
		}
	}
	d.reduce(d.Discount)
	if p.RoyaltyTo != "" {
		d.RoyaltyPart = d.reduce(gross.MulRaw(int64(p.RoyaltyBps)).QuoRaw(Bps))
	}
	return d
}

// reduce takes amount out of the discountable parts as far as they go, and returns what it took.
func (d *Distribution) reduce(amount math.Int) math.Int {
	left := amount
	for _, part := range [4]*math.Int{&d.TreasuryPart, &d.BurnPart, &d.StakersPart, &d.ParticipationPart} {
		if !left.IsPositive() {
			break
		}
		take := math.MinInt(left, *part)
		*part, left = part.Sub(take), left.Sub(take)
	}
	return amount.Sub(left)
}

// Left is what the payment left to burn and treasury.
func (d Distribution) Left() math.Int { return d.BurnPart.Add(d.TreasuryPart) }

// Charged is what was paid: the sum of the parts.
func (d Distribution) Charged() math.Int { return d.Gross.Amount.Sub(d.Discount) }

// Countable is how much of the endowment may count towards what the common storage pool gives
// the work, which is twice as much. Whoever sells his own work to himself gets back his endowment,
// half of what was left as emission, rebateBps of it as a rebate, and as a staker his share of
// the stakers' part: with a third of all stake (with more he could stop the chain) the grants
// of the pool must not be more than all else that he paid.
func (d Distribution) Countable(rebateBps uint32) math.Int {
	gone := d.Left().MulRaw(int64(Bps - MatchedBps - rebateBps)).QuoRaw(Bps)
	gone = gone.Add(d.StoragePoolPart).Add(d.ParticipationPart).Add(d.StakersPart.MulRaw(2).QuoRaw(3))
	return math.MinInt(d.EndowmentPart, gone.QuoRaw(2))
}

// others are all parts but the creator's.
func (d Distribution) others() [9]math.Int {
	return [9]math.Int{
		d.ServerPart, d.KeyHoldersPart, d.EndowmentPart, d.StoragePoolPart,
		d.StakersPart, d.TreasuryPart, d.ParticipationPart, d.BurnPart,
		d.RoyaltyPart,
	}
}

// Sum is the sum of all parts. It equals what was charged.
func (d Distribution) Sum() math.Int {
	sum := d.CreatorPart
	for _, other := range d.others() {
		sum = sum.Add(other)
	}
	return sum
}

// Event is the distribution as it is announced.
func (d Distribution) Event() *EventDistributed {
	e := EventDistributed(d)
	return &e
}
