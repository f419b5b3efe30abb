package types

import (
	"strconv"
	"strings"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
)

const (
	// MinPlatformLevel is the verification that a platform pass asks of a creator, to join and for as long as it is covered.
	MinPlatformLevel = 2
	// MaxPassCreators is the most creators that a curator lists, those that have left included; verified ones join a platform pass by themselves, without a bound.
	MaxPassCreators = 256
	// MaxJoinedPasses is the most passes that a creator is in: an access decision quotes all of them.
	MaxJoinedPasses = 32
	// MaxViewerPasses is the most passes that a viewer has unclosed periods of: an access decision looks at all of them.
	MaxViewerPasses = 16
	// MaxGiftedPasses is the most of a viewer's passes that have a period which another account paid: no stranger's gifts leave a viewer
	// without a pass of its own choice.
	MaxGiftedPasses = MaxViewerPasses / 2
	// MaxPassPeriods is the most unclosed periods of one subscription to a pass.
	MaxPassPeriods = 24
	// MaxGiftedPeriods is the most of them that others paid, for the same reason.
	MaxGiftedPeriods = MaxPassPeriods / 2
	// MaxPassWorks is the most works that one fee is shared out to.
	MaxPassWorks = 64
	// MaxPassWatch is how often a whole work counts in a period, at most.
	MaxPassWatch = 2
	// MaxPassCreatorBps is the most of a fee that one creator gets, so that nobody can make a fee its own by one account.
	MaxPassCreatorBps = 5_000
	// MinPassPrice is the least price of a period in ustream: its parts must not vanish in rounding.
	MinPassPrice = 100_000
	// MaxPassSweep bounds what the end of one block does for passes: each entry of the queue counts one, and each
	// distribution another. The last entry may go over it by MaxPassWorks.
	MaxPassSweep = 200
	// PassPeriodGas is charged for each period of a pass that is paid or can be charged, for dealing with its end.
	PassPeriodGas = 100_000
	// PassWorkGas is charged for each work that counts in a period for the first time, for its distribution.
	PassWorkGas = 40_000

	passPrefix = "pass-"
)

// Prefixes of the store for passes. Never renumbered.
var (
	PassesKey            = collections.NewPrefix(48)
	PassMembersKey       = collections.NewPrefix(49)
	PassJoinedKey        = collections.NewPrefix(50)
	PassSubscriptionsKey = collections.NewPrefix(51)
	PassUsesKey          = collections.NewPrefix(52)
	PassQueueKey         = collections.NewPrefix(53)
)

// IsPass reports whether id is written like a pass's.
func IsPass(id string) bool { return strings.HasPrefix(id, passPrefix) }

// PassID is the id of the pass with a number: pass-7.
func PassID(number uint64) string { return passPrefix + strconv.FormatUint(number, 10) }

// ParsePassID reads an id. It refuses every other spelling with ErrInvalidPassID.
func ParsePassID(id string) (uint64, error) {
	number, err := strconv.ParseUint(strings.TrimPrefix(id, passPrefix), 10, 64)
	if err != nil || number == 0 || PassID(number) != id {
		return 0, errorsmod.Wrapf(ErrInvalidPassID, "%.150q", id)
	}
	return number, nil
}
