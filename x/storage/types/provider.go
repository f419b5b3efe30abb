package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// Terms are what a provider offers and can change.
type Terms struct {
	// Agent is the hot account, as text.
	Agent string
	// Endpoints are normalised.
	Endpoints []string
	Region    string
	Capacity  uint64
	// Price is for a GiB-day, in ustream.
	Price math.Int
}

// Apply puts the terms into the provider's row.
func (t Terms) Apply(p Provider) Provider {
	p.Agent, p.Endpoints, p.Region, p.CapacityBytes, p.PricePerGibDay = t.Agent, t.Endpoints, t.Region, t.Capacity, t.Price
	p.NetworkPrefix = NetworkPrefix(t.Endpoints[0])
	return p
}

// Actors are the accounts that act for the provider: the operator and, where it is another
// account, the agent. Nobody acts for one that is gone.
func (p Provider) Actors() []string {
	if p.Status == PROVIDER_STATUS_GONE {
		return nil
	}
	if p.Agent == p.Operator {
		return []string{p.Operator}
	}
	return []string{p.Operator, p.Agent}
}

// Known reports whether s is a status that a provider can have.
func (s ProviderStatus) Known() bool {
	return s == PROVIDER_STATUS_ACTIVE || s == PROVIDER_STATUS_LEAVING || s == PROVIDER_STATUS_GONE
}

// ValidateRegion refuses what is not a region's label with ErrInvalidRegion.
func ValidateRegion(region string) error {
	if len(region) < MinRegionLen || len(region) > MaxRegionLen {
		return errorsmod.Wrapf(ErrInvalidRegion, "%d bytes", len(region))
	}
	for i := range len(region) {
		c := region[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return errorsmod.Wrapf(ErrInvalidRegion, "%q", region)
		}
	}
	return nil
}

// ParseTerms checks what a message offers and normalises its endpoints. The operator acts as
// its own agent where none is named.
func ParseTerms(operator, agent string, endpoints []string, region string, capacity uint64, price math.Int, relaxed bool) (Terms, error) {
	if agent == "" {
		agent = operator
	}
	if _, err := ParseAddress(agent); err != nil {
		return Terms{}, err
	}
	normal, err := ParseEndpoints(endpoints, relaxed)
	if err != nil {
		return Terms{}, err
	}
	if err := ValidateRegion(region); err != nil {
		return Terms{}, err
	}
	if capacity == 0 {
		return Terms{}, ErrInvalidCapacity
	}
	if outside(price, 0, MaxPricePerGiBDay) {
		return Terms{}, ErrInvalidPrice
	}
	return Terms{Agent: agent, Endpoints: normal, Region: region, Capacity: capacity, Price: price}, nil
}

// Validate checks one stored provider by itself.
func (p Provider) Validate(relaxed bool) error {
	if _, err := ParseAddress(p.Operator); err != nil {
		return err
	}
	terms, err := ParseTerms(p.Operator, p.Agent, p.Endpoints, p.Region, p.CapacityBytes, p.PricePerGibDay, relaxed)
	if err != nil {
		return errorsmod.Wrapf(err, "provider %s", p.Operator)
	}
	for i, e := range terms.Endpoints {
		if p.Endpoints[i] != e {
			return errorsmod.Wrapf(ErrInvalidEndpoint, "provider %s: %q is not normalised", p.Operator, p.Endpoints[i])
		}
	}
	if p.Agent == "" || p.NetworkPrefix != NetworkPrefix(p.Endpoints[0]) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "provider %s: agent or network_prefix", p.Operator)
	}
	if p.Bond.IsNil() || p.Bond.IsNegative() || p.CommittedBytes > p.CapacityBytes || p.RegisteredAt < 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "provider %s: bond, committed_bytes or registered_at", p.Operator)
	}
	return p.validateStatus()
}

func (p Provider) validateStatus() error {
	ok := false
	switch p.Status {
	case PROVIDER_STATUS_ACTIVE:
		ok = p.UnbondAt == 0
	case PROVIDER_STATUS_LEAVING:
		// one that is terminated has deals until they are all ended
		ok = p.UnbondAt > 0
	case PROVIDER_STATUS_GONE:
		ok = p.UnbondAt == 0 && p.Bond.IsZero() && p.ActiveDeals == 0
	}
	if !ok {
		return errorsmod.Wrapf(ErrInvalidGenesis, "provider %s: bond, unbond_at and active_deals do not fit status %d", p.Operator, p.Status)
	}
	return nil
}
