package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its account (the custody), its store and its CLI group.
	ModuleName = "revenue"
	// StoreKey names the module's store.
	StoreKey = ModuleName
	// ObjectStoreKey names the store of what a block has in flight.
	ObjectStoreKey = "object:revenue"

	// Bps is the whole in basis points.
	Bps = 10_000
	// FloorBps is the least that a creator gets of any payment. No vote can lower it.
	FloorBps = 9_000
	// MaxShares is the most recipients of a split sheet.
	MaxShares = 32
	// MaxDenoms is the most denoms that payments can be made in, and that one claim pays out.
	MaxDenoms = 16
	// MaxDiscountBps is the most that a discount takes off the discountable parts.
	MaxDiscountBps = 3_000
	// MaxRoyaltyBps is the most that a template's author gets of gross.
	MaxRoyaltyBps = 200
	// MaxParentBps is the most that the parents of a work get of the creator part in all.
	MaxParentBps = 3_000
	// MatchedBps is what x/storage matches of what a work's payments left (its MatchDivisor).
	MatchedBps = 5_000
	// RebateBudgetBps is the most of the participation pool that one period's rebates share; the
	// rest is for jurors and voters.
	RebateBudgetBps = 5_000
	// MaxReferenceLen bounds a payment's reference in bytes.
	MaxReferenceLen = 256
	// MaxGrossBits bounds one payment, so that no product or lifetime sum of payments can
	// pass the 256 bits of an amount.
	MaxGrossBits = 208

	// MaxReleases is the most holds that the end of one block releases.
	MaxReleases = 200
	// MaxReleaseCredits is the number of credits after which a block releases no more holds.
	MaxReleaseCredits = 2_000
	// MaxPayouts is the most automatic payouts of one block.
	MaxPayouts = 200
	// MinPayout is the least threshold of an automatic payout, in base units: blocks pay no dust.
	MinPayout = 1_000_000
	// MaxSpendingSweep is the most rows of past rebate periods that one block removes.
	MaxSpendingSweep = 200
	// MinContest is the least of a held payment that goes its own way, in base units.
	MinContest = 1_000
	// MaxContestSeconds is how long after it was paid a payment can be held back by disputes.
	MaxContestSeconds = 365 * 24 * 3600
	// RetrySeconds is how much later a hold that could not be released is tried again, in
	// seconds of live time, so that it does not stand before the others for ever.
	RetrySeconds = 3600
	// PayoutGas is charged for each coin of a payout when it is booked: the transfer itself
	// runs at the end of the block, where nobody pays for gas. No bank send of one coin costs more.
	PayoutGas = 30_000
	// ReleaseGas is charged when a payment is held, for sharing it out later, where nobody pays
	// for gas either. It covers a sheet of few recipients.
	ReleaseGas = 65_000
	// FewRecipients is what ReleaseGas covers.
	FewRecipients = 4
	// ReleaseCreditGas is charged for each recipient beyond.
	ReleaseCreditGas = 6_000
)

// Prefixes of the store. Never renumbered.
var (
	ParamsKey     = collections.NewPrefix(0)
	ClaimablesKey = collections.NewPrefix(1)
	HoldsKey      = collections.NewPrefix(2)
	HoldQueueKey  = collections.NewPrefix(3)
	SequencesKey  = collections.NewPrefix(4)
	SplitsKey     = collections.NewPrefix(5)
	PendingKey    = collections.NewPrefix(6)
	TotalsKey     = collections.NewPrefix(7)
	PoolsKey      = collections.NewPrefix(8)
	UnsweptKey    = collections.NewPrefix(9)
	SweptKey      = collections.NewPrefix(10)

	PayoutsKey      = collections.NewPrefix(11)
	PayoutQueueKey  = collections.NewPrefix(12)
	TermsKey        = collections.NewPrefix(13)
	AcceptancesKey  = collections.NewPrefix(14)
	OpenPeriodKey   = collections.NewPrefix(15)
	ClosedPeriodKey = collections.NewPrefix(16)
	SpendingKey     = collections.NewPrefix(17)
)
