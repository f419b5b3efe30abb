package watch

import (
	"context"
	"sync"

	sdk "github.com/cosmos/cosmos-sdk/types"

	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// escrows is what payers ask the chain.
type escrows interface {
	ChainID() string
	account() sdk.AccAddress // of the viewer; nil where nobody signs
	params(ctx context.Context) (streamtypes.Params, error)
	now(ctx context.Context) (int64, error)
	nextGeneration(ctx context.Context, provider string) (uint64, error)
	prepare(ctx context.Context, pubkey []byte, need uint64) error
	// proving is how long the work's first version is, in seconds; zero where the key is not granted, so that it proves nothing.
	proving(ctx context.Context, root string, pubkey []byte) (uint64, error)
}

// budget is what the viewer allows for one work, fees included. It is safe for concurrent use.
type budget struct {
	limit uint64
	mu    sync.Mutex
	view  *view
	save  func() error
}

func (b *budget) spent() (paid, fees uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.view.sum()
}

// ticks counts what was signed for.
func (b *budget) ticks() (sum uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.view.Ticks {
		sum += uint64(n)
	}
	return sum
}

func (b *budget) left() uint64 {
	paid, fees := b.spent()
	if paid+fees >= b.limit {
		return 0
	}
	return b.limit - paid - fees
}

func (b *budget) change(f func(*view)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b.view)
	return b.save()
}
