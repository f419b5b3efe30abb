package receipt

import (
	"context"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/manifest"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Serving is what a storage node earned out of a work's serving budget by giving it to a viewer who paid nothing by the tick.
type Serving struct {
	Work    string   `json:"work"`
	Viewer  string   `json:"viewer"`
	Server  string   `json:"server"`
	Seconds uint64   `json:"seconds"` // of media time, that the viewer has signed for
	Paid    math.Int `json:"paid"`    // in nano-ustream
}

func served(e *streamtypes.EventUseProved) Serving {
	return Serving{Work: e.Work, Viewer: e.Viewer, Server: e.Provider, Seconds: e.Seconds, Paid: e.Paid}
}

// encrypted notes which payments were for works that are encrypted.
func encrypted(ctx context.Context, c *chainclient.Client, payments []Payment) error {
	known := map[string]bool{}
	for i := range payments {
		id := payments[i].Subject
		if _, err := manifest.ParseWorkID(id); err != nil {
			continue // a creator, a plan or a collection
		}
		if _, ok := known[id]; !ok {
			res, err := contenttypes.NewQueryClient(c.Conn()).Work(ctx, &contenttypes.QueryWorkRequest{Work: id})
			if err != nil {
				return err
			}
			known[id] = res.Work.Keys != nil
		}
		payments[i].Encrypted = known[id]
	}
	return nil
}
