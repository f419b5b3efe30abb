package types

import errorsmod "cosmossdk.io/errors"

const (
	// MaxBondClaims is the most claims that wait for a decision about one provider: what they keep is added up when its bond is
	// withdrawn. Each is of a part of what the others leave, so a hundred of a twentieth keep all but a hundredth.
	MaxBondClaims = 100
	// MaxBondClaimSeconds is how long a claim keeps a part of a bond at most: no mistake of who decides locks coins for ever.
	MaxBondClaimSeconds = 365 * DaySeconds
	// MaxReferenceLen bounds what names a claim, in bytes.
	MaxReferenceLen = 64
)

// Claimable reports whether a part of the provider's bond can begin to wait for a decision: of one that leaves, until its
// unbonding time is over. Later claims would let an enemy keep a bond for as long as there are coins for one claim more.
func (p Provider) Claimable(now int64) bool {
	return p.Status == PROVIDER_STATUS_ACTIVE || p.Status == PROVIDER_STATUS_LEAVING && now < p.UnbondAt
}

// Live reports whether the claim keeps its amount at live time now.
func (c BondClaim) Live(now int64) bool { return now < c.Until }

// Validate checks one stored claim by itself.
func (c BondClaim) Validate() error {
	if _, err := ParseAddress(c.Operator); err != nil {
		return err
	}
	if c.Reference == "" || len(c.Reference) > MaxReferenceLen || c.Amount.IsNil() || !c.Amount.IsPositive() || c.Until <= 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "claim %.100q of the bond of %s", c.Reference, c.Operator)
	}
	return nil
}

// validateBondClaims checks claims against the providers. A claim can be of more than is left of a bond: it takes what is there.
func (gs GenesisState) validateBondClaims() error {
	if len(gs.BondClaims) == 0 {
		return nil
	}
	known := make(map[string]bool, len(gs.Providers))
	for _, p := range gs.Providers {
		known[p.Operator] = true
	}
	count := make(map[string]int, len(gs.BondClaims))
	seen := make(map[[2]string]bool, len(gs.BondClaims))
	for _, c := range gs.BondClaims {
		if err := c.Validate(); err != nil {
			return err
		}
		key := [2]string{c.Operator, c.Reference}
		if count[c.Operator]++; seen[key] || !known[c.Operator] || count[c.Operator] > MaxBondClaims {
			return errorsmod.Wrapf(ErrInvalidGenesis, "claim %s of the bond of %s: twice, one too many, or of nobody", c.Reference, c.Operator)
		}
		seen[key] = true
	}
	return nil
}
