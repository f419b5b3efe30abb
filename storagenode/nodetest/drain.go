package nodetest

import (
	"context"

	"github.com/streamchain/streamchain/storagenode/drain"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// Copies answers like x/storage, with every copy in a network of its own.
func (c *Chain) Copies(_ context.Context, work string) (drain.Copies, error) {
	done, err := c.begin("copies")
	defer done()
	out := drain.Copies{Target: c.Storage.TargetCopies}
	for _, d := range c.DealRows {
		if d.Work == work && d.Status == storagetypes.DEAL_STATUS_ACTIVE {
			out.Have++
		}
	}
	return out, err
}
