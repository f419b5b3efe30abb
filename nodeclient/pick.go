package nodeclient

import (
	"cmp"
	"context"
	"math/big"
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

// Pick asks all endpoints at once and returns those that answer within patience for operator and chain,
// nearest first, cheaper first among equals. Endpoints maps each to its operator's address.
func Pick(ctx context.Context, hc *http.Client, chainID string, endpoints map[string]string, patience time.Duration) []Node {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var (
		mu    sync.Mutex
		nodes []Node
		wg    sync.WaitGroup
	)
	for endpoint, operator := range endpoints {
		wg.Go(func() {
			c := New(hc, endpoint)
			start := time.Now()
			info, err := c.Info(ctx)
			// a node that is somebody else's, or of another chain, is no answer
			if err != nil || info.Operator != operator || info.ChainID != chainID {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			nodes = append(nodes, Node{Client: c, Info: info, RoundTrip: time.Since(start)})
		})
	}
	wg.Wait()
	slices.SortFunc(nodes, func(a, b Node) int {
		// within ten milliseconds nobody hears a difference: there the price decides
		return cmp.Or(cmp.Compare(a.RoundTrip/(10*time.Millisecond), b.RoundTrip/(10*time.Millisecond)),
			price(a).Cmp(price(b)), cmp.Compare(a.Info.Operator, b.Info.Operator))
	})
	return nodes
}

func price(n Node) *big.Int {
	p, ok := new(big.Int).SetString(n.Info.PricePerGiBDay, 10)
	if !ok {
		return new(big.Int)
	}
	return p
}
