package types

import (
	"cosmossdk.io/math"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// TierTable is what each tier needs and gives, the lowest first.
func TierTable() []TierTerms {
	var table []TierTerms
	for t := TIER_BRONZE; t.Known(); t++ {
		table = append(table, TierTerms{Tier: t, Least: t.Least(), DiscountBps: t.DiscountBps()})
	}
	return table
}

// Constants are the numbers of money that no vote can change.
func Constants() []Constant {
	constant := func(name, unit string, value int64) Constant {
		return Constant{Name: name, Value: math.NewInt(value), Unit: unit}
	}
	return []Constant{
		constant("least part of a creator on every rail", "basis points of the price", revenuetypes.FloorBps),
		constant("most that the parents of a work get", "basis points of the creator part", revenuetypes.MaxParentBps),
		constant("most that the author of a template gets", "basis points of the price", revenuetypes.MaxRoyaltyBps),
		constant("most that a tier takes off", "basis points of the discountable parts", revenuetypes.MaxDiscountBps),
		constant("longest refund window", "seconds", revenuetypes.MaxRefundWindowSeconds),
		constant("least threshold of an automatic payout", "base units", revenuetypes.MinPayout),
		constant("most that a viewer gets back as a rebate", "basis points of burn and treasury of its own payments", revenuetypes.MaxRebateBps),
		constant("most of the participation pool that one period's rebates share", "basis points", revenuetypes.RebateBudgetBps),
		constant("emission for keeping a work is matched with", "basis points of burn and treasury of its own revenue", revenuetypes.MatchedBps),
		constant("what the storage pool gives a work at most", "times what its own revenue endowed", storagetypes.PoolMultiple),
		constant("genesis supply", "ustream", GenesisSupply),
		constant("emission of each of the first 8 years", "basis points of the genesis supply", EmissionBps),
		constant("emission for stakers", "basis points", EmissionStakersBps),
		constant("emission for keeping works, at most", "basis points", EmissionStorageBps),
		constant("emission for participation", "basis points", EmissionParticipationBps),
		constant("years until the first halving", "years of live time", FirstEraYears),
		constant("years between halvings after it", "years of live time", EraYears),
		constant("most that opening a lane can cost", "base units", MostOpenFee),
		constant("delegations that are counted for a tier", "delegations", MaxTierDelegations),
	}
}

// Formulas say how amounts come about. `floor` rounds down to a base unit.
func Formulas() []Formula {
	return []Formula{
		{Name: "part of a payment", Text: "floor(price × bps ÷ 10,000), for each part but the creator's"},
		{Name: "creator part", Text: "price − all other parts before any discount; what nobody is entitled to is in it; at least 90 % of the price"},
		{Name: "discountable parts", Text: "treasury + burn + stakers + participation"},
		{Name: "discount", Text: "floor(discountable parts × the tier's bps ÷ 10,000)"},
		{Name: "charged", Text: "price − discount: what the payer pays"},
		{Name: "template royalty", Text: "floor(price × royalty bps ÷ 10,000), at most what the discount has left of the discountable parts"},
		{Name: "order of reductions", Text: "discount, then royalty, out of treasury, then burn, then stakers, then participation; never out of creator, server, key holders, endowment or storage pool"},
		{Name: "part of a parent", Text: "floor(creator part × the parent's bps ÷ 10,000), shared by the parent's own sheet and not further up"},
		{Name: "share of a split sheet", Text: "floor((creator part − parents) × bps ÷ 10,000); units left over go one each to the largest remainders"},
		{Name: "burn", Text: "in ustream the burn part leaves the supply; in other denoms it goes to the treasury"},
		{Name: "left", Text: "treasury part + burn part of a payment in ustream, after reductions"},
		{Name: "rebate of a period", Text: "floor(own left × R ÷ all left), where R = min(floor(all left × rebate bps ÷ 10,000), half of the participation pool)"},
		{Name: "storage match of a work", Text: "at most half of what its own revenue left in the last epoch of 30 days; what is not matched is not minted"},
		{Name: "scheduled emission", Text: "2,000,000 STREAM a year of live time for 8 years; then halved, and halved again every 4 years; counted to the second, and a halt counts at most 60 seconds a block"},
		{Name: "minted in a block", Text: "S(now) − S(last block), where S is the schedule: 10 % participation, at most 10 % storage, the rest stakers"},
		{Name: "burned so far", Text: "genesis supply + minted − supply"},
	}
}
