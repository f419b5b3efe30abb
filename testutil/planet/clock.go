package planet

import (
	"context"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	clocktypes "github.com/streamchain/streamchain/x/clock/types"
)

// leap is how far one block's time can be moved: live time goes on by no more, whatever a block says.
const leap = time.Minute

// clock tells the chain other times than the engine's, which are this machine's. It goes forward only, a leap a block, so that
// nothing that is due at a time is passed over.
type clock struct {
	mu     sync.Mutex
	ahead  map[int64]time.Duration // by height: what a block was told once it is told again, after a restart too
	newest int64
	owed   time.Duration // still to be moved
}

// at is the time that the application is told for the block at height.
func (c *clock) at(height int64, block time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if height > c.newest {
		step := min(c.owed, leap)
		c.owed -= step
		if c.ahead == nil {
			c.ahead = map[int64]time.Duration{}
		}
		c.ahead[height] = c.ahead[c.newest] + step
		c.newest = height
	}
	return block.Add(c.ahead[height])
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owed += d
}

func (c *clock) arrived() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.owed == 0
}

// timed is the application as the engine sees it, with the planet's clock between them.
type timed struct {
	abci.Application
	clock *clock
}

// PrepareProposal implements abci.Application.
func (a timed) PrepareProposal(ctx context.Context, req *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
	moved := *req
	moved.Time = a.clock.at(req.Height, req.Time)
	return a.Application.PrepareProposal(ctx, &moved)
}

// ProcessProposal implements abci.Application.
func (a timed) ProcessProposal(ctx context.Context, req *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	moved := *req
	moved.Time = a.clock.at(req.Height, req.Time)
	return a.Application.ProcessProposal(ctx, &moved)
}

// FinalizeBlock implements abci.Application.
func (a timed) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	moved := *req
	moved.Time = a.clock.at(req.Height, req.Time)
	return a.Application.FinalizeBlock(ctx, &moved)
}

// Now is live time in Unix seconds, as of the newest block.
func (c *Chain) Now(t testing.TB) int64 {
	t.Helper()
	res, err := clocktypes.NewQueryClient(c.Client.Conn()).Now(t.Context(), &clocktypes.QueryNowRequest{})
	require.NoError(t, err)
	return res.LiveSeconds
}

// Pass lets so much time pass, a minute a block, and returns when the blocks have it. What is due meanwhile happens: a planet that
// keeps works needs periods of proofs that are longer (Config.Period).
func (c *Chain) Pass(t testing.TB, d time.Duration) {
	t.Helper()
	until := c.Now(t) + int64(d/time.Second)
	c.clock.move(d)
	for !c.clock.arrived() || c.Now(t) < until {
		c.WaitBlocks(t, 1)
	}
}

// PassTo is Pass until live time is at least unix seconds.
func (c *Chain) PassTo(t testing.TB, unix int64) {
	t.Helper()
	if left := unix - c.Now(t); left > 0 {
		c.Pass(t, time.Duration(left)*time.Second)
	}
}
