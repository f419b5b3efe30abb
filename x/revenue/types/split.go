package types

import (
	"cmp"
	"slices"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// DefaultSplit is the sheet of a creator that has none: all to the creator.
func DefaultSplit(creator string) Split {
	return Split{Subject: creator, Shares: []Share{{Recipient: creator, Bps: Bps}}}
}

// ValidateShares refuses with ErrInvalidSplit what is not 1 to MaxShares different
// recipients with positive shares that sum to the whole. Whether a creator's id in it is the
// right one, and an account can receive coins, only the keeper can tell.
func ValidateShares(shares []Share) error {
	if len(shares) == 0 || len(shares) > MaxShares {
		return errorsmod.Wrapf(ErrInvalidSplit, "%d recipients", len(shares))
	}
	sum := uint64(0)
	for i, s := range shares {
		if err := ValidateRecipient(s.Recipient); err != nil {
			return err
		}
		if s.Bps == 0 || s.Bps > Bps {
			return errorsmod.Wrapf(ErrInvalidSplit, "%s: %d bps", s.Recipient, s.Bps)
		}
		if bpsOf(shares[:i], s.Recipient) > 0 {
			return errorsmod.Wrapf(ErrInvalidSplit, "%s occurs twice", s.Recipient)
		}
		sum += uint64(s.Bps)
	}
	if sum != Bps {
		return errorsmod.Wrapf(ErrInvalidSplit, "the shares sum to %d", sum)
	}
	return nil
}

// Divide shares amount out by valid shares, in their order: everybody's share rounded down,
// and the units left over one each to the largest remainders, of equals to the first. The
// credits sum to amount. Zero credits stay in the list, so that it matches the sheet.
func Divide(amount math.Int, shares []Share) []Credit {
	credits := make([]Credit, len(shares))
	if len(shares) == 1 {
		credits[0] = Credit{Recipient: shares[0].Recipient, Amount: amount}
		return credits
	}
	order, remainders, left := make([]int, len(shares)), make([]int64, len(shares)), amount
	whole := math.NewInt(Bps)
	for i, s := range shares {
		product := amount.MulRaw(int64(s.Bps))
		credits[i] = Credit{Recipient: s.Recipient, Amount: product.Quo(whole)}
		remainders[i], order[i] = product.Mod(whole).Int64(), i
		left = left.Sub(credits[i].Amount)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	for _, i := range order[:left.Int64()] {
		credits[i].Amount = credits[i].Amount.AddRaw(1)
	}
	return credits
}

// Missing returns whose consent p still needs against the sheet in force, in that sheet's
// order: everybody whose share shrinks, but not the creator, for whom the proposer acts, nor
// the proposer, nor who has accepted.
func (p PendingSplit) Missing(inForce Split, creator string) []string {
	var missing []string
	for _, s := range inForce.Shares {
		if p.Consents(s.Recipient, creator) || bpsOf(p.Shares, s.Recipient) >= s.Bps {
			continue
		}
		missing = append(missing, s.Recipient)
	}
	return missing
}

// Consents reports whether recipient is known to agree to p.
func (p PendingSplit) Consents(recipient, creator string) bool {
	return recipient == creator || recipient == p.Proposer || slices.Contains(p.Accepted, recipient)
}

// BasedOn reports whether inForce is the sheet that p was proposed against.
func (p PendingSplit) BasedOn(inForce Split) bool {
	return p.BaseSubject == inForce.Subject && p.BaseVersion == inForce.Version
}

// bpsOf is recipient's share, zero without one.
func bpsOf(shares []Share, recipient string) uint32 {
	for _, s := range shares {
		if s.Recipient == recipient {
			return s.Bps
		}
	}
	return 0
}

// Validate checks one stored sheet by itself.
func (s Split) Validate() error {
	if err := validateSheet(s.Subject, s.Version, s.Shares); err != nil {
		return err
	}
	if s.EffectiveAt <= 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "split %s: effective_at must be set", s.Subject)
	}
	return nil
}

// Validate checks one stored proposal by itself.
func (p PendingSplit) Validate() error {
	if err := validateSheet(p.Subject, p.Version, p.Shares); err != nil {
		return err
	}
	if _, err := ParseAddress(p.Proposer); err != nil {
		return err
	}
	for i, a := range p.Accepted {
		if _, err := ParseAddress(a); err != nil {
			return err
		}
		if slices.Contains(p.Accepted[:i], a) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "pending split %s: %s accepted twice", p.Subject, a)
		}
	}
	if p.ProposedAt <= 0 || len(p.Accepted) > MaxShares {
		return errorsmod.Wrapf(ErrInvalidGenesis, "pending split %s: proposed_at or accepted", p.Subject)
	}
	return ValidateSubject(p.BaseSubject)
}

func validateSheet(subject string, version uint64, shares []Share) error {
	if err := ValidateSubject(subject); err != nil {
		return err
	}
	if version == 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "split %s: version 0 is the default, which is not stored", subject)
	}
	return ValidateShares(shares)
}
