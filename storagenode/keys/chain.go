package keys

import (
	"context"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Chain is what a holder takes, beside what package admit asks. Where something is not there, it returns the module's sentinel error.
type Chain interface {
	// MyKeySets lists the sets of all works in whose active or pending set this provider has a seat.
	MyKeySets(ctx context.Context) ([]storagetypes.KeySet, error)
	// KeySets returns a root work's active and pending set, nil where there is none.
	KeySets(ctx context.Context, root string) (active, pending *storagetypes.KeySet, err error)
	// OfferKeys offers this provider as a holder with a seal key, or takes that back without one.
	OfferKeys(ctx context.Context, sealKey []byte) error
	Reshare(ctx context.Context, root string, version uint64, commitments, sealed [][]byte) error
	AcceptShare(ctx context.Context, root string, version uint64) error

	// Work returns a version. content's ErrWorkNotFound.
	Work(ctx context.Context, id string) (contenttypes.Work, error)
	// Provider is a provider. ErrProviderNotFound.
	Provider(ctx context.Context, operator string) (storagetypes.Provider, error)
	// LaneOf is the lane of a generation with any provider, open or closing. streamtypes.ErrLaneNotFound, also of one that has ended.
	LaneOf(ctx context.Context, owner, denom, provider string, generation uint64) (streamtypes.Lane, error)
	// SettledTicks are those that the chain has paid out of a session; 0 of one that it does not know.
	SettledTicks(ctx context.Context, s streamtypes.Session) (uint32, error)
	// Settle submits settlements, of any provider's lanes, and returns a result for each.
	Settle(ctx context.Context, items []streamtypes.Settlement) ([]streamtypes.ItemResult, error)
	// Height is that of the newest block that the node knows.
	Height() int64
	// Now is live time in Unix seconds.
	Now() int64
}
