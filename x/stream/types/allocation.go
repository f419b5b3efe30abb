package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// The parts of the genesis supply.
const (
	Treasury  = "treasury"
	Team      = "team"
	Ecosystem = "ecosystem"
	Public    = "public"
	Liquidity = "liquidity"

	// TeamCliffSeconds is how long after the genesis the team's flow begins.
	TeamCliffSeconds = YearSeconds
	// TeamSeconds is how long it lasts.
	TeamSeconds = 4 * YearSeconds
)

// GenesisParts are who gets what of the genesis supply, in ustream.
func GenesisParts() []AllocationPart {
	part := func(name string, percent int64) AllocationPart {
		return AllocationPart{Name: name, Amount: math.NewInt(GenesisSupply).MulRaw(percent).QuoRaw(100)}
	}
	return []AllocationPart{part(Treasury, 30), part(Team, 25), part(Ecosystem, 20), part(Public, 15), part(Liquidity, 10)}
}

// TeamFlow is how the team is paid: out of what the treasury deposited, by the second, over four
// years after one. What has not accrued lies in custody, where nobody can delegate or vote with
// it. The amount is the team's part, or one member's part of it.
func TeamFlow(treasury, recipient, denom string, sequence uint64, amount math.Int, genesis int64) Flow {
	return Flow{
		Id: FlowID(treasury, sequence), Sender: treasury, Sequence: sequence, Recipient: recipient, Denom: denom,
		RateAmount: amount, RateSeconds: TeamSeconds, Balance: amount, Accrued: math.ZeroInt(),
		UpdatedAt: genesis, StartsAt: genesis + TeamCliffSeconds,
	}
}

// Validate checks that the shares are the parts of the supply to the unit, and that no account
// but the treasury's is in two parts.
func (a Allocation) Validate(treasury string) error {
	parts := GenesisParts()
	names := map[string]string{}
	for _, s := range a.Shares {
		if _, err := ParseAddress(s.Address); err != nil {
			return err
		}
		at := slices.IndexFunc(parts, func(p AllocationPart) bool { return p.Name == s.Name })
		if at < 0 || s.Amount.IsNil() || !s.Amount.IsPositive() || s.Amount.GT(parts[at].Amount) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "allocation: %q to %s", s.Name, s.Address)
		}
		parts[at].Amount = parts[at].Amount.Sub(s.Amount)
		if (s.Name == Treasury) != (s.Address == treasury) || names[s.Address] != "" {
			return errorsmod.Wrapf(ErrInvalidGenesis, "allocation: %s twice, or not the treasury's account", s.Address)
		}
		names[s.Address] = s.Name
	}
	for _, p := range parts {
		if !p.Amount.IsZero() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "allocation: %s of %s has no account", p.Amount, p.Name)
		}
	}
	return nil
}
