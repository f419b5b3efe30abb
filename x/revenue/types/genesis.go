package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
)

// DefaultGenesis has the default parameters and nothing else.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks every record by itself and against the others: it is also the
// referential half of the keeper's CheckInvariants.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	for _, check := range []func() error{gs.validateClaimables, gs.validateHolds, gs.validateSplits, gs.validateTotals, gs.validateParts,
		gs.validatePayouts, gs.validateDerivations, gs.validateRebates} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// Liabilities is the sum of all that custody owes by this state.
func (gs GenesisState) Liabilities() sdk.Coins {
	sum := gs.Pools
	for _, c := range gs.Claimables {
		sum = sum.Add(c.Coin)
	}
	for _, h := range gs.Holds {
		sum = sum.Add(h.Coin())
	}
	for _, p := range gs.Unswept {
		sum = sum.Add(p.Coin)
	}
	if gs.ClosedPeriod != nil {
		sum = sum.Add(sdk.Coin{Denom: token.BaseDenom, Amount: gs.ClosedPeriod.Reserved.Sub(gs.ClosedPeriod.Claimed)})
	}
	return sum
}

// once remembers keys and refuses one that occurs twice.
type once map[string]bool

func (o once) add(what string, key ...string) error {
	whole := ""
	for _, k := range key {
		whole += k + "\x00"
	}
	if o[whole] {
		return errorsmod.Wrapf(ErrInvalidGenesis, "%s %q occurs twice", what, key)
	}
	o[whole] = true
	return nil
}

func (gs GenesisState) validateClaimables() error {
	seen := once{}
	for _, c := range gs.Claimables {
		if err := ValidateRecipient(c.Recipient); err != nil {
			return err
		}
		if err := validateStored("claimable", c.Coin); err != nil {
			return err
		}
		if err := seen.add("claimable", c.Recipient, c.Coin.Denom); err != nil {
			return err
		}
	}
	return nil
}

func (gs GenesisState) validateHolds() error {
	last, seen := make(map[string]uint64, len(gs.Sequences)), once{}
	for _, s := range gs.Sequences {
		if _, err := ParseAddress(s.Payer); err != nil {
			return err
		}
		if _, twice := last[s.Payer]; twice || s.Last == 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "sequence of %s is zero or occurs twice", s.Payer)
		}
		last[s.Payer] = s.Last
	}
	for _, h := range gs.Holds {
		if err := h.Validate(); err != nil {
			return err
		}
		if h.Sequence > last[h.Payment.Payer] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "hold %s: its payer has had fewer", h.Id)
		}
		if err := seen.add("hold", h.Id); err != nil {
			return err
		}
	}
	return nil
}

func (gs GenesisState) validateSplits() error {
	versions := make(map[string]uint64, len(gs.Splits))
	for _, s := range gs.Splits {
		if err := s.Validate(); err != nil {
			return err
		}
		if versions[s.Subject] != 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "split %s occurs twice", s.Subject)
		}
		versions[s.Subject] = s.Version
	}
	seen := once{}
	for _, p := range gs.PendingSplits {
		if err := p.Validate(); err != nil {
			return err
		}
		if p.Version <= versions[p.Subject] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "pending split %s is older than the sheet in force", p.Subject)
		}
		if err := seen.add("pending split", p.Subject); err != nil {
			return err
		}
	}
	return nil
}

func (gs GenesisState) validateTotals() error {
	seen := once{}
	for _, t := range gs.Totals {
		if err := ValidateSubject(t.Subject); err != nil {
			return err
		}
		if t.Gross.IsNil() || t.Royalties.IsNil() || t.Gross.IsNegative() || t.Royalties.IsNegative() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "total %s: gross or royalties", t.Subject)
		}
		if err := validateStored("total", sdk.Coin{Denom: t.Denom, Amount: t.Gross.Add(t.Royalties)}); err != nil {
			return err
		}
		// in products, because a rounded share could hide a unit
		if t.CreatorPart.IsNil() || t.CreatorPart.GT(t.Gross) || below(t.CreatorPart, t.Gross) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "total %s: the creator part is below the floor or above gross", t.Subject)
		}
		if err := seen.add("total", t.Subject, t.Denom); err != nil {
			return err
		}
	}
	return nil
}

// below reports whether part is less than FloorBps of gross.
func below(part, gross math.Int) bool {
	left, err := part.SafeMul(math.NewInt(Bps))
	if err != nil {
		return true
	}
	right, err := gross.SafeMul(math.NewInt(FloorBps))
	return err != nil || left.LT(right)
}

func (gs GenesisState) validateParts() error {
	if err := gs.Pools.Validate(); err != nil {
		return errorsmod.Wrapf(ErrInvalidGenesis, "pools: %s", err)
	}
	for _, list := range [][]Part{gs.Unswept, gs.Swept} {
		seen := once{}
		for _, p := range list {
			if !p.Kind.Known() {
				return errorsmod.Wrapf(ErrInvalidGenesis, "part of kind %d", p.Kind)
			}
			if err := validateStored("part", p.Coin); err != nil {
				return err
			}
			if err := seen.add("part", p.Coin.Denom, p.Kind.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

func validateStored(what string, c sdk.Coin) error {
	if c.Amount.IsNil() || !c.IsValid() || !c.IsPositive() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "%s: not a positive coin", what)
	}
	return nil
}

// Known reports whether k is a kind that a part can have.
func (k PartKind) Known() bool { return k >= PART_KIND_STAKERS && k <= PART_KIND_STORAGE_POOL }
