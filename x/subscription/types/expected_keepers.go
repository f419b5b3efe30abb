package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// ClockKeeper is what the module needs of x/clock.
type ClockKeeper interface {
	// Now returns live time in Unix seconds.
	Now(ctx context.Context) (int64, error)
}

// ContentKeeper is what the module needs of x/content: what is sold, and who may sell it.
type ContentKeeper interface {
	// RootWork returns the first version of the work that has the version cid.
	RootWork(ctx context.Context, cid string) (contenttypes.Work, error)
	// GetCollection returns a collection by id.
	GetCollection(ctx context.Context, id string) (contenttypes.Collection, error)
	// CollectionWorks returns the roots in a collection.
	CollectionWorks(ctx context.Context, id string) ([]string, error)
	// CollectionsOf returns the collections that a root is in, or was.
	CollectionsOf(ctx context.Context, root string) ([]contenttypes.Membership, error)
	// GetCreator returns a creator by id.
	GetCreator(ctx context.Context, id string) (contenttypes.Creator, error)
	// RequireController returns the creator where signer controls it now.
	RequireController(ctx context.Context, creatorID string, signer sdk.AccAddress) (contenttypes.Creator, error)
	// Level returns how far a creator is verified now.
	Level(ctx context.Context, creatorID string) (uint32, error)
}

// StorageKeeper is what the module needs of x/storage.
type StorageKeeper interface {
	// HasKeySet says whether somebody holds the keys of the work whose first version is root.
	HasKeySet(ctx context.Context, root string) (bool, error)
	// PayServing pays a provider for seconds of a work out of the work's serving budget, and
	// returns what it earned in nano-ustream: zero where nothing pays.
	PayServing(ctx context.Context, root, operator string, seconds uint64) (math.Int, error)
}

// StreamKeeper is what the module needs of x/stream: who may have what is for delegators.
type StreamKeeper interface {
	// TierOf returns the tier of an account by what it has delegated.
	TierOf(ctx context.Context, addr sdk.AccAddress) (streamtypes.Tier, error)
}

// BankKeeper is what the module needs of x/bank: who may have what is for holders of a denom.
type BankKeeper interface {
	// SpendableCoin is what an account holds of a denom and can spend: locked vesting coins are not.
	SpendableCoin(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
}

// RevenueKeeper is what the module needs of x/revenue: every coin goes through it.
type RevenueKeeper interface {
	// Collect takes coin into custody.
	Collect(ctx context.Context, from sdk.AccAddress, coin sdk.Coin) error
	// Hold keeps a collected payment until its refund window ends, and returns its id (empty
	// where there is no window) and when that is.
	Hold(ctx context.Context, p revenuetypes.Payment) (holdID string, releaseAt int64, err error)
	// Distribute shares out a collected payment now.
	Distribute(ctx context.Context, p revenuetypes.Payment) (revenuetypes.Distribution, error)
	// Release gives collected coins to an account at the end of the block.
	Release(ctx context.Context, to sdk.AccAddress, coin sdk.Coin) error
	// Quote is what the payer of a payment pays of its gross, less the discount.
	Quote(ctx context.Context, p revenuetypes.Payment) (sdk.Coin, error)
	// GetHold returns a payment in its refund window.
	GetHold(ctx context.Context, id string) (revenuetypes.Hold, error)
	// ContestHold splits an amount off a held payment and returns the id of that part, or of the whole.
	ContestHold(ctx context.Context, id string, amount math.Int, until int64) (string, error)
	// RefundHold gives a held payment back to its payer.
	RefundHold(ctx context.Context, id string) (revenuetypes.Hold, error)
}
