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
	// MaxReferenceLen bounds a payment's reference in bytes.
	MaxReferenceLen = 256
	// MaxGrossBits bounds one payment, so that no product or lifetime sum of payments can
	// pass the 256 bits of an amount.
	MaxGrossBits = 208

	// MaxReleases is the most holds that the end of one block releases.
	MaxReleases = 200
	// RetrySeconds is how much later a hold that could not be released is tried again, in
	// seconds of live time, so that it does not stand before the others for ever.
	RetrySeconds = 3600
	// PayoutGas is charged for each coin of a payout when it is booked: the transfer itself
	// runs at the end of the block, where nobody pays for gas. No bank send of one coin costs more.
	PayoutGas = 30_000
	// ReleaseGas is charged when a payment is held, for sharing it out later, where nobody pays
	// for gas either. It covers a sheet of few recipients.
	ReleaseGas = 50_000
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
)
