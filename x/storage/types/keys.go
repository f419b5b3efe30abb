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

	// MaxEndpoints bounds what a provider's row holds.
	MaxEndpoints = 4
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
	// MaxRepairsPerRoot is the most copies of all versions of a work that are wanted at a time:
	// retiring it closes them in one transaction.
	MaxRepairsPerRoot = 256
	// BountyPeriods is how many proven periods a bounty is spread over.
	BountyPeriods = 90
	// RefusalDays is for how many days a provider that refuses a work pays the next copy.
	RefusalDays = 30
	// MaxDenylistLen bounds a denylist's name in bytes.
	MaxDenylistLen = 128

	// MaxDry is the most escrows that the end of one block looks after.
	MaxDry = 200
	// GrantSeconds is for how long the pool pays at a time.
	GrantSeconds = 30 * DaySeconds
	// DryRetrySeconds is when the pool looks again after an escrow that it gave nothing.
	DryRetrySeconds = DaySeconds
	// PoolMultiple bounds what the pool ever gives a work by what the work's revenue endowed. Who
	// buys his own work has the creator's part back and, as its provider, the endowment, the pool's
	// grants, and half of what was left as emission: of a sale 9,050 + 200 + 2 × 200 + 150 bps, of
	// metered watching 9,400 + 100 + 2 × 100 + 125. So nobody earns by buying from himself, and would
	// with 5 × the endowment, or with any multiple of prepayments, which come back whole.
	PoolMultiple = 2
	// EndowedDays is for how many days the deals' price is endowed; more goes to the pool.
	EndowedDays = 3650
	// ServingDivisor is the part of what an endowment has too much that goes to the work's own
	// serving budget; the rest goes to the pool. The escrow, which then pays for EndowedDays, gives
	// nothing of it, and who buys from himself gets no more back than the endowment, as ever.
	ServingDivisor = 2
	// MaxMedianSteps bounds the walk to the median price. With more than twice as many
	// providers it ends below the median, never above.
	MaxMedianSteps = 4096
	// MatchEpochSeconds is how long revenue adds up before emission is matched against it.
	MatchEpochSeconds = 30 * DaySeconds
	// MatchDivisor says what part of it is matched.
	MatchDivisor = 2

	// MaxClaim is the most deals that one claim settles.
	MaxClaim = 50

	// MaxExpire is the most expired requests that the end of one block removes.
	MaxExpire = 200
	// Challenges is how many leaves a provider must show in a period, ChallengesBySize of them
	// drawn by size and the others over deals. Who lost a part p misses with 1 − (1 − p)⁸.
	Challenges       = 8
	ChallengesBySize = 4
	// MaxRedraws bounds how often a challenge that falls on a void slot is drawn again.
	MaxRedraws = 15
	// LeafSize is what one challenge shows, in bytes.
	LeafSize = 1024
	// MinWindowBlocks is the least number of blocks of a window.
	MinWindowBlocks = 10
	// MissMemory is how many periods of a provider are remembered. Of them FreeMisses cost no
	// bond, as an honest node may be offline; at MaxMisses it is terminated.
	MissMemory = 14
	FreeMisses = 2
	MaxMisses  = 7
	// SlashDivisor is the part of its bond that a miss costs: one per cent of what is left.
	SlashDivisor = 100
	// MaxCount is the most providers that the end of one block counts, and the most changes of
	// sets that it applies.
	MaxCount = 200
	// MaxTerminate is the most deals of terminated providers that the end of one block ends.
	MaxTerminate = 50
	// MaxReport is the most works that one report of loss names.
	MaxReport = 50
	// GasPerSlice and GasPerSliceByte are what checking a proof costs: hashing 1 KiB and a node
	// for each doubling of the piece takes a twentieth of the time of a signature.
	GasPerSlice     = 1_000
	GasPerSliceByte = 2

	// MaxKeyHolders is how many providers hold the keys of a work, where so many are willing. With
	// seven, any three may be gone or lie.
	MaxKeyHolders = 7
	// MaxKeyTries bounds how many willing providers a draw asks.
	MaxKeyTries = 64
	// MinSealed and MaxSealed bound a sealed share in bytes.
	MinSealed = 64
	MaxSealed = 256
	// GasPerMultiplication is what a scalar multiplication in ristretto255 costs: as long as a signature check.
	GasPerMultiplication = 1_000

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

	RepairsKey       = collections.NewPrefix(20)
	RepairsByRootKey = collections.NewPrefix(21)
	DryQueueKey      = collections.NewPrefix(22)
	PricesKey        = collections.NewPrefix(23)
	PriceCountKey    = collections.NewPrefix(24)
	MedianPriceKey   = collections.NewPrefix(25)
	MatchesKey       = collections.NewPrefix(26)
	PeriodKey        = collections.NewPrefix(10)
	ProofStatesKey   = collections.NewPrefix(11)
	ProofSlotsKey    = collections.NewPrefix(12)
	SlotsByDealKey   = collections.NewPrefix(13)
	SetSumsKey       = collections.NewPrefix(14)
	SetChangesKey    = collections.NewPrefix(15)
	CountedSetsKey   = collections.NewPrefix(16)
	TerminatingKey   = collections.NewPrefix(17)

	KeySetsKey      = collections.NewPrefix(30)
	PendingSetsKey  = collections.NewPrefix(31)
	KeySeatsKey     = collections.NewPrefix(32)
	WillingKey      = collections.NewPrefix(33)
	WillingSlotKey  = collections.NewPrefix(34)
	WillingCountKey = collections.NewPrefix(35)

	ServingsKey    = collections.NewPrefix(40)
	ServingDaysKey = collections.NewPrefix(41)

	BondClaimsKey = collections.NewPrefix(60)
)
