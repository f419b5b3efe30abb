package types

import "cosmossdk.io/math"

// MaxTierDelegations is the most delegations that are counted for a tier: each is a read of a
// validator, and tiers are asked for in payments. The first ones in the order of validators count.
const MaxTierDelegations = 32

// tiers are what each tier needs in ustream, and what it takes off the discountable parts.
var tiers = [...]struct {
	tier     Tier
	least    int64
	discount uint32
}{
	{TIER_PLATINUM, 100_000_000_000, 3000},
	{TIER_GOLD, 10_000_000_000, 2000},
	{TIER_SILVER, 1_000_000_000, 1000},
	{TIER_BRONZE, 100_000_000, 500},
}

// TierFor is the tier of who has delegated this many ustream.
func TierFor(bonded math.Int) Tier {
	for _, t := range tiers {
		if bonded.GTE(math.NewInt(t.least)) {
			return t.tier
		}
	}
	return TIER_NONE
}

// Least is what the tier needs, in ustream.
func (t Tier) Least() math.Int {
	for _, row := range tiers {
		if row.tier == t {
			return math.NewInt(row.least)
		}
	}
	return math.ZeroInt()
}

// DiscountBps is what the tier takes off the discountable parts of a payment, in basis points
// of those parts.
func (t Tier) DiscountBps() uint32 {
	for _, row := range tiers {
		if row.tier == t {
			return row.discount
		}
	}
	return 0
}

// Known reports whether t is one of the tiers.
func (t Tier) Known() bool { return t >= TIER_NONE && t <= TIER_PLATINUM }
