package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its account, its store and its CLI group.
	ModuleName = "content"
	// StoreKey names the module's store.
	StoreKey = ModuleName

	// CreatorPrefix is the bech32 prefix of creator ids. It differs from an account's,
	// so that nobody can send coins to an id as if to an account.
	CreatorPrefix = "streamcreator"
	// CreatorIDLen is the length of a creator id in bytes.
	CreatorIDLen = 20
	// HashLen is the length of work digests, piece roots and commits in bytes.
	HashLen = 32

	// MinHandleLen is the shortest handle in bytes.
	MinHandleLen = 3
	// MaxHandleLen is the longest handle in bytes.
	MaxHandleLen = 30
	// MinSaltLen keeps the media CID behind a commit from being guessed.
	MinSaltLen = 16
	// MaxSaltLen keeps what a publisher sends small.
	MaxSaltLen = 64
	// MaxVersions bounds the versions of one root, so that retiring them all fits in a block.
	MaxVersions = 256
	// MaxWorkBytes bounds the stored row of one version.
	MaxWorkBytes = 600
	// MaxParentBytes is what each parent may add to it.
	MaxParentBytes = 72

	// MaxCollectionWorks is the most works in one collection.
	MaxCollectionWorks = 256
	// MaxCollectionsOfWork is the most collections that one work is in or was in: an access
	// decision looks at all of them.
	MaxCollectionsOfWork = 64
	// MaxTitleLen bounds a collection's title in bytes.
	MaxTitleLen = 140

	// MaxFeedNameLen bounds a feed's name in bytes.
	MaxFeedNameLen = 32
	// MaxFeedTitle bounds a feed's title in characters.
	MaxFeedTitle = 64
	// MaxFeedDescription bounds a feed's description in characters.
	MaxFeedDescription = 280

	// MaxSweep is the most expired commits that the end of one block removes.
	MaxSweep = 200
	// SweepRetrySeconds is how much later a commit that could not be removed is tried
	// again, so that it does not stand before the others for ever.
	SweepRetrySeconds = 3600
)

// Prefixes of the store. Never renumbered.
var (
	ParamsKey               = collections.NewPrefix(0)
	CreatorsKey             = collections.NewPrefix(1)
	CreatorsByControllerKey = collections.NewPrefix(2)
	CreatorsBySkeletonKey   = collections.NewPrefix(3)
	WorksKey                = collections.NewPrefix(4)
	WorksByCreatorKey       = collections.NewPrefix(5)
	VersionsKey             = collections.NewPrefix(6)
	CommitsKey              = collections.NewPrefix(7)
	CommitQueueKey          = collections.NewPrefix(8)
	CollectionsKey          = collections.NewPrefix(9)
	CollectionOrdersKey     = collections.NewPrefix(10)
	MembersKey              = collections.NewPrefix(11)
	MembershipsKey          = collections.NewPrefix(12)
	CollectionSequencesKey  = collections.NewPrefix(13)
	FeedsKey                = collections.NewPrefix(14)
	ReservationsKey         = collections.NewPrefix(15)
	AttestersKey            = collections.NewPrefix(40)
	AttestationsKey         = collections.NewPrefix(41)
	RotationsKey            = collections.NewPrefix(42)
	RotationsToKey          = collections.NewPrefix(43)
	ExpiriesKey             = collections.NewPrefix(44)
)
