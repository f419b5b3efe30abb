package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its account (bonds, stakes and what is owed) and its CLI group.
	ModuleName = "dispute"
	// StoreKey names the module's store.
	StoreKey = ModuleName

	// MaxRounds is the number of juries: the first and three appeals.
	MaxRounds = 4
	// FirstSeats is the size of the first jury; each later one has twice as many and one.
	FirstSeats = 7
	// LastSeats is the size of the last one, whose ruling is final.
	LastSeats = 63
	// SeedLead is how many periods after the newest seed the one lies that draws: it comes out of
	// reveals that nobody had seen when the round opened, or a stake changed.
	SeedLead = 2
	// FeeBonds is how much of a bond the fees of its jury can be at most: one half. So there is
	// always enough to pay a jury, even where nobody lost a bond.
	FeeBonds = 2
	// StakeSeats is how many seats the least stake of a juror covers: a small juror is as rarely
	// passed over for want of free stake as a large one.
	StakeSeats = 8

	// ContestParts is which part of what is contested the bond must be: a tenth.
	ContestParts = 10
	// ForeignBonds is how many of the kind's bonds a contested payment in another denom needs: the
	// chain knows no prices.
	ForeignBonds = 10
	// ContestSeconds is how long after it was paid a payment waits at most. A ruling ends it before.
	ContestSeconds = 365 * day
	// MaxContests is the most payments that one dispute can contest.
	MaxContests = 32
	// MaxPartyEvidence is the most documents that a party can add after its first.
	MaxPartyEvidence = 8
	// MaxCIDLen bounds a document's CID.
	MaxCIDLen = 128
	// InterimCooldownSeconds is how long after an interim measure has ended a work cannot be
	// restricted without a ruling again.
	InterimCooldownSeconds = 90 * day

	// MaxSteps is the most disputes that one block takes on to their next step.
	MaxSteps = 200
	// MaxChanges is the most stakes that one block begins to count.
	MaxChanges = 200
	// MaxWork bounds the seats that one block draws or settles, but for the last dispute it began.
	MaxWork = 512
	// MaxRemedies is the most rulings that one block carries out: each can touch all versions of a
	// work and MaxContests payments.
	MaxRemedies = 20
	// RetrySeconds is how much later a step that failed is tried again.
	RetrySeconds = 60
	// MaxRetrySeconds is the longest wait of a remedy that failed, which doubles each time.
	MaxRetrySeconds = day

	day = 24 * 3600
)

// Prefixes of the store. Never renumbered.
var (
	ParamsKey       = collections.NewPrefix(0)
	DisputesKey     = collections.NewPrefix(1)
	SequenceKey     = collections.NewPrefix(2)
	ByRespondentKey = collections.NewPrefix(3)
	OpenKey         = collections.NewPrefix(4)
	DueQueueKey     = collections.NewPrefix(5)
	WaitingKey      = collections.NewPrefix(6)
	RemedyQueueKey  = collections.NewPrefix(7)
	BallotsKey      = collections.NewPrefix(8)
	DutiesKey       = collections.NewPrefix(9)
	JurorsKey       = collections.NewPrefix(10)
	SlotsKey        = collections.NewPrefix(11)
	SumsKey         = collections.NewPrefix(12)
	SlotCountKey    = collections.NewPrefix(13)
	TotalKey        = collections.NewPrefix(14)
	ChangesKey      = collections.NewPrefix(15)
	OwedKey         = collections.NewPrefix(16)
	RestrictionsKey = collections.NewPrefix(17)
	InterimsKey     = collections.NewPrefix(18)
	NoticesKey      = collections.NewPrefix(19)
	NoticeSeqKey    = collections.NewPrefix(20)
)
