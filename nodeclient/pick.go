package nodeclient

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/wire"
)

// Node is a node that answered.
type Node struct {
	*Client
	Info      wire.Info
	RoundTrip time.Duration
}

// Seek asks all endpoints at once and sends on each that answers within patience for its operator and this chain. The
// channel is closed when all have answered or patience is over. Endpoints maps each to its operator's address.
func Seek(ctx context.Context, hc *http.Client, chainID string, endpoints map[string]string, patience time.Duration) <-chan Node {
	ctx, cancel := context.WithTimeout(ctx, patience)
	// nobody has to listen to the end
	nodes := make(chan Node, len(endpoints))
	var wg sync.WaitGroup
	for endpoint, operator := range endpoints {
		wg.Go(func() {
			c := New(hc, endpoint)
			start := time.Now()
			info, err := c.Info(ctx)
			// a node that is somebody else's, or of another chain, is no answer
			if err == nil && info.Operator == operator && info.ChainID == chainID {
				nodes <- Node{Client: c, Info: info, RoundTrip: time.Since(start)}
			}
		})
	}
	go func() {
		wg.Wait()
		cancel()
		close(nodes)
	}()
	return nodes
}

// Pick returns all that Seek finds, nearest first.
func Pick(ctx context.Context, hc *http.Client, chainID string, endpoints map[string]string, patience time.Duration) []Node {
	var nodes []Node
	for n := range Seek(ctx, hc, chainID, endpoints, patience) {
		nodes = append(nodes, n)
	}
	slices.SortFunc(nodes, func(a, b Node) int {
		// what a node asks for storage is its creators' matter: whoever fetches pays the work's price, or nothing
		return cmp.Or(cmp.Compare(a.RoundTrip, b.RoundTrip), cmp.Compare(a.Info.Operator, b.Info.Operator))
	})
	return nodes
}
