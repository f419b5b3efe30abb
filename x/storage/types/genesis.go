package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// DefaultGenesis has the default parameters and nothing else.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), Period: NoPeriod(), Pool: math.ZeroInt(), MedianPrice: math.ZeroInt()}
}

// Liabilities is what the module account must hold at least, in ustream: bonds, and what
// escrows, bounties, earnings and the pool come to, rounded up.
func (gs GenesisState) Liabilities() math.Int {
	bonds, nano := math.ZeroInt(), gs.Pool
	for _, p := range gs.Providers {
		bonds = bonds.Add(p.Bond)
	}
	for _, e := range gs.Escrows {
		nano = nano.Add(e.Balance).Add(e.Owed)
	}
	for _, d := range gs.Deals {
		nano = nano.Add(d.BountyLeft)
	}
	for _, r := range gs.Repairs {
		nano = nano.Add(r.Bounty)
	}
	for _, e := range gs.Earnings {
		nano = nano.Add(e.Amount)
	}
	for _, s := range gs.Servings {
		nano = nano.Add(s.Balance())
	}
	return bonds.Add(nano.AddRaw(NanoPerUstream - 1).QuoRaw(NanoPerUstream))
}

// Validate checks every record by itself and against the others: it is also the
// referential half of the keeper's CheckInvariants.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if gs.Pool.IsNil() || gs.Pool.IsNegative() {
		return errorsmod.Wrap(ErrInvalidGenesis, "the pool must be set and not negative")
	}
	escrows, err := gs.escrowsByRoot()
	if err != nil {
		return err
	}
	providers, err := gs.sumDeals(escrows)
	if err != nil {
		return err
	}
	if err := gs.validateEscrows(escrows); err != nil {
		return err
	}
	if err := gs.validateProviders(providers); err != nil {
		return err
	}
	if err := gs.validateProofs(); err != nil {
		return err
	}
	if err := gs.validateRepairs(escrows); err != nil {
		return err
	}
	if err := gs.validateMatches(); err != nil {
		return err
	}
	if err := gs.validateKeySets(); err != nil {
		return err
	}
	if err := gs.validateServings(); err != nil {
		return err
	}
	if err := gs.validateBondClaims(); err != nil {
		return err
	}
	seen := make(map[string]bool, len(gs.Earnings))
	for _, e := range gs.Earnings {
		if err := e.Validate(); err != nil {
			return err
		}
		if seen[e.Operator] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "earning of %s occurs twice", e.Operator)
		}
		seen[e.Operator] = true
	}
	return nil
}

// escrowSum is an escrow and what the deals imply for it.
type escrowSum struct {
	row        Escrow
	rate, owed math.Int
	deals      uint32
}

// providerSum is what the deals imply for a provider.
type providerSum struct {
	committed, active uint64
}

func (gs GenesisState) escrowsByRoot() (map[string]*escrowSum, error) {
	escrows := make(map[string]*escrowSum, len(gs.Escrows))
	for _, e := range gs.Escrows {
		if err := e.Validate(); err != nil {
			return nil, err
		}
		if escrows[e.Root] != nil {
			return nil, errorsmod.Wrapf(ErrInvalidGenesis, "escrow %s occurs twice", e.Root)
		}
		escrows[e.Root] = &escrowSum{row: e, rate: math.ZeroInt(), owed: math.ZeroInt()}
	}
	return escrows, nil
}

// sumDeals checks the deals and adds them up, into escrows and for each provider.
func (gs GenesisState) sumDeals(escrows map[string]*escrowSum) (map[string]*providerSum, error) {
	providers := make(map[string]*providerSum, len(gs.Providers))
	seen := make(map[[2]string]bool, len(gs.Deals))
	versions := make(map[string]int, len(gs.Deals))
	for _, d := range gs.Deals {
		if err := d.Validate(); err != nil {
			return nil, err
		}
		e, key := escrows[d.Root], [2]string{d.Work, d.Operator}
		versions[d.Work]++
		if seen[key] || versions[d.Work] > MaxDealsPerWork || e == nil || d.Index > e.row.Index {
			return nil, errorsmod.Wrapf(ErrInvalidGenesis, "deal %s of %s: twice, too many, or not of its escrow", d.Work, d.Operator)
		}
		seen[key] = true
		if providers[d.Operator] == nil {
			providers[d.Operator] = &providerSum{}
		}
		p := providers[d.Operator]
		e.deals++
		if d.Status != DEAL_STATUS_ACTIVE {
			continue
		}
		e.rate, e.owed = e.rate.Add(d.Rate), e.owed.Add(e.row.Accrued(d))
		p.active++
		if p.committed+d.PieceSize < p.committed {
			return nil, errorsmod.Wrapf(ErrInvalidGenesis, "deal %s of %s: size", d.Work, d.Operator)
		}
		p.committed += d.PieceSize
	}
	return providers, nil
}

// validateEscrows compares each escrow with the sum of its deals.
func (gs GenesisState) validateEscrows(escrows map[string]*escrowSum) error {
	for _, e := range gs.Escrows {
		sum := escrows[e.Root]
		if !e.Rate.Equal(sum.rate) || !e.Owed.Equal(sum.owed) || e.Deals != sum.deals {
			return errorsmod.Wrapf(ErrInvalidGenesis, "escrow %s: rate, owed or deals are not the sums of its deals", e.Root)
		}
	}
	return nil
}

// validateProviders compares each provider with the sum of its deals, and refuses an account
// that acts for two.
func (gs GenesisState) validateProviders(sums map[string]*providerSum) error {
	known := make(map[string]bool, len(gs.Providers))
	actors := make(map[string]bool, 2*len(gs.Providers))
	for _, p := range gs.Providers {
		if err := p.Validate(gs.Params.RelaxedNetworkRules); err != nil {
			return err
		}
		sum := sums[p.Operator]
		if sum == nil {
			sum = &providerSum{}
		}
		if known[p.Operator] || p.CommittedBytes != sum.committed || p.ActiveDeals != sum.active {
			return errorsmod.Wrapf(ErrInvalidGenesis, "provider %s: twice, or not the sums of its deals", p.Operator)
		}
		known[p.Operator] = true
		for _, a := range p.Actors() {
			if actors[a] {
				return errorsmod.Wrapf(ErrInvalidGenesis, "account %s acts for two providers", a)
			}
			actors[a] = true
		}
	}
	for _, d := range gs.Deals {
		if !known[d.Operator] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "deal %s: no provider %s", d.Work, d.Operator)
		}
	}
	return nil
}
