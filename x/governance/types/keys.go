package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its account (authority of every module, and treasury) and
	// its CLI group.
	ModuleName = "governance"
	// StoreKey names the module's store. It is not the module's name, because x/gov's is a
	// prefix of that, which the SDK refuses.
	StoreKey = "timelock"

	// MaxMessages is the most messages of one enactment.
	MaxMessages = 16
	// MaxMessageBytes bounds all messages of one enactment.
	MaxMessageBytes = 64 * 1024
	// MaxExecutions is the most enactments that one block runs.
	MaxExecutions = 20
	// ExecutionGas is the most gas that one enactment may use. Nobody pays for it: it bounds
	// the time of the block, a tenth of what its transactions may use.
	ExecutionGas = 10_000_000
	// RetentionSeconds is how long a closed enactment can still be queried: 30 days.
	RetentionSeconds = 30 * 24 * 3600
	// MaxPrunes is the most closed enactments that one block removes.
	MaxPrunes = 200
	// RetrySeconds is how much later an enactment that could neither run nor be closed is
	// tried again, so that it does not stand before the others for ever.
	RetrySeconds = 3600
)

// Prefixes of the store. Never renumbered.
var (
	ParamsKey      = collections.NewPrefix(0)
	EnactmentsKey  = collections.NewPrefix(1)
	SequenceKey    = collections.NewPrefix(2)
	DueQueueKey    = collections.NewPrefix(3)
	PruneQueueKey  = collections.NewPrefix(4)
	DelegationsKey = collections.NewPrefix(5)
	DelegatorsKey  = collections.NewPrefix(6)
	CouncilKey     = collections.NewPrefix(7)
	PausesKey      = collections.NewPrefix(8)
	SeatsKey       = collections.NewPrefix(20)
	SeatQueueKey   = collections.NewPrefix(21)
	SeatCountKey   = collections.NewPrefix(22)
)
