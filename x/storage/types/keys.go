package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its account, its store and its CLI group.
	ModuleName = "storage"
	// StoreKey names the module's store.
	StoreKey = ModuleName

	// NanoPerUstream is the number of nano-ustream in one ustream. Escrows count in them, so
	// that the second of a small work is worth a whole number.
	NanoPerUstream = 1_000_000_000
	// GiB is the unit of prices and bonds in bytes.
	GiB = 1 << 30
	// DaySeconds is the unit of prices in seconds.
	DaySeconds = 24 * 3600

	// MaxEndpoints and MaxEndpointLen bound what a provider's row holds.
	MaxEndpoints   = 4
	MaxEndpointLen = 256
	// MinRegionLen and MaxRegionLen bound a region's label in bytes.
	MinRegionLen = 2
	MaxRegionLen = 32
	// HashLen is the length of a piece root in bytes.
	HashLen = 32
	// MaxAmountBits bounds every amount in a message: far above the supply, and far enough below
	// 256 bits that counting in nano-ustream cannot overflow.
	MaxAmountBits = 128
	// MaxPricePerGiBDay is a million STREAM in ustream.
	MaxPricePerGiBDay = 1_000_000_000_000

	// MaxRequest is the most providers that one message asks.
	MaxRequest = 8
	// MaxDealsPerWork is the most live deals of one version of a work.
	MaxDealsPerWork = 32
	// MaxDealsPerRoot is the most live deals of all versions of a work: retiring it cancels its
	// requests in one transaction.
	MaxDealsPerRoot = 256
	// MaxClaim is the most deals that one claim settles.
	MaxClaim = 50

	// MaxExpire is the most expired requests that the end of one block removes.
	MaxExpire = 200
	// ExpireRetrySeconds is how much later a request that could not be removed is tried again,
	// so that it does not stand before the others for ever.
	ExpireRetrySeconds = 3600
)

// Prefixes of the store. Never renumbered.
var (
	ParamsKey          = collections.NewPrefix(0)
	ProvidersKey       = collections.NewPrefix(1)
	AgentsKey          = collections.NewPrefix(2)
	DealsKey           = collections.NewPrefix(3)
	DealsByRootKey     = collections.NewPrefix(4)
	DealsByProviderKey = collections.NewPrefix(5)
	RequestQueueKey    = collections.NewPrefix(6)
	EscrowsKey         = collections.NewPrefix(7)
	EarningsKey        = collections.NewPrefix(8)
	PoolKey            = collections.NewPrefix(9)
	PeriodKey          = collections.NewPrefix(10)
	ProofStatesKey     = collections.NewPrefix(11)
	ProofSlotsKey      = collections.NewPrefix(12)
	SlotsByDealKey     = collections.NewPrefix(13)
	SetSumsKey         = collections.NewPrefix(14)
	SetChangesKey      = collections.NewPrefix(15)
	CountedSetsKey     = collections.NewPrefix(16)
	TerminatingKey     = collections.NewPrefix(17)
)
