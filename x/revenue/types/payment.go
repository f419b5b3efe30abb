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
	if p.Server == "" {
		return nil
	}
	_, err := ParseAddress(p.Server)
	return err
}

// Cut cuts p, paid for subject, into its parts. Every part but the creator's rounds down and
// the creator takes the rest, so that the parts sum to the gross. What nobody is entitled to
// falls to the creator: the key holders' part of a work whose keys nobody holds, the server's without
// a server, the endowment of a creator, and the storage parts of denoms that x/storage does
// not pay in. Only STREAM is burned; of other denoms the treasury gets that part.
func (s RailShares) Cut(p Payment, subject contenttypes.Subject, keyHolders bool) Distribution {
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
		Server: p.Server, Reference: p.Reference,
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
	return d
}

// others are all parts but the creator's.
func (d Distribution) others() [8]math.Int {
	return [8]math.Int{
		d.ServerPart, d.KeyHoldersPart, d.EndowmentPart, d.StoragePoolPart,
		d.StakersPart, d.TreasuryPart, d.ParticipationPart, d.BurnPart,
	}
}

// Sum is the sum of all parts. It equals the gross.
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
