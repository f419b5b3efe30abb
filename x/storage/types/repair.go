package types

import (
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// Reopens reports whether an active deal that ended so leaves a copy wanted: whatever the
// creator did not end itself.
func (r DealEnd) Reopens() bool {
	switch r {
	case DEAL_END_PROVIDER, DEAL_END_LOST, DEAL_END_REFUSED, DEAL_END_TERMINATED:
		return true
	default:
		return false
	}
}

// ByProvider reports whether the provider ended the deal, or made it end: then it answers for
// the bytes until its set has changed.
func (r DealEnd) ByProvider() bool {
	return r == DEAL_END_PROVIDER || r == DEAL_END_LOST || r == DEAL_END_TERMINATED
}

// Pays reports whether the repair's bounty goes to p: neither the provider that had the copy
// nor its neighbour is paid for what was taken from it.
func (r Repair) Pays(p Provider) bool {
	return p.Operator != r.Operator && p.NetworkPrefix != r.NetworkPrefix
}

// Validate checks one stored repair by itself.
func (r Repair) Validate() error {
	for _, id := range []string{r.Work, r.Root} {
		if _, err := contenttypes.ParseWorkID(id); err != nil {
			return err
		}
	}
	if _, err := ParseAddress(r.Operator); err != nil {
		return err
	}
	for _, amount := range []math.Int{r.MaxRate, r.Bounty} {
		if amount.IsNil() || amount.IsNegative() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "repair %s of %s: max_rate or bounty", r.Work, r.Operator)
		}
	}
	if r.OpenedAt < 0 || r.PieceSize == 0 || !r.Reason.Reopens() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "repair %s of %s: opened_at, piece_size or reason", r.Work, r.Operator)
	}
	return nil
}

// ValidateDenylist refuses what does not name a denylist with ErrInvalidDenylist.
func ValidateDenylist(name string) error {
	if name == "" || len(name) > MaxDenylistLen || !utf8.ValidString(name) {
		return errorsmod.Wrapf(ErrInvalidDenylist, "%d bytes", len(name))
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgRefuseWork) Validate() error {
	if _, err := ParseAddress(m.Agent); err != nil {
		return err
	}
	if _, err := contenttypes.ParseWorkID(m.Work); err != nil {
		return err
	}
	return ValidateDenylist(m.Denylist)
}

// Validate checks every field by itself.
func (m *MsgRepairWork) Validate() error {
	for _, a := range []string{m.Agent, m.Operator} {
		if _, err := ParseAddress(a); err != nil {
			return err
		}
	}
	if _, err := contenttypes.ParseWorkID(m.Work); err != nil {
		return err
	}
	if len(m.PieceRoot) != HashLen {
		return errorsmod.Wrapf(ErrPieceMismatch, "piece_root has %d bytes, not 32", len(m.PieceRoot))
	}
	return nil
}

// validateRepairs checks the copies that are wanted, by themselves and against the others.
func (gs GenesisState) validateRepairs(escrows map[string]*escrowSum) error {
	providers := make(map[string]bool, len(gs.Providers))
	for _, p := range gs.Providers {
		providers[p.Operator] = true
	}
	versions, roots := make(map[string]int, len(gs.Deals)), make(map[string]int, len(gs.Repairs))
	for _, d := range gs.Deals {
		versions[d.Work]++
	}
	seen := make(map[[2]string]bool, len(gs.Repairs))
	for _, r := range gs.Repairs {
		if err := r.Validate(); err != nil {
			return err
		}
		key := [2]string{r.Work, r.Operator}
		versions[r.Work]++
		roots[r.Root]++
		if seen[key] || versions[r.Work] > MaxDealsPerWork || roots[r.Root] > MaxRepairsPerRoot {
			return errorsmod.Wrapf(ErrInvalidGenesis, "repair %s of %s: twice, or too many", r.Work, r.Operator)
		}
		seen[key] = true
		if escrows[r.Root] == nil || !providers[r.Operator] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "repair %s of %s: no escrow or no provider", r.Work, r.Operator)
		}
	}
	return nil
}
