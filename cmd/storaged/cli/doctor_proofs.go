package cli

import (
	"context"
	"strings"
	"time"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/storagenode"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// proofs checks what keeps a provider from proving: no beacon, a window that is too short for this clock or this node's
// chain, and misses that have happened.
func (d *doctor) proofs(ctx context.Context, client *chainclient.Client, signer chainclient.Signer) {
	chain, err := storagenode.NewChain(ctx, client, signer, d.cfg.Identity.Operator)
	var s *standing
	if err == nil {
		s, err = readStanding(ctx, chain, d.cfg.Identity.Operator)
	}
	if err != nil {
		d.bad("proofs", "check chain.grpc", "%v", err)
		return
	}
	if !s.Registered {
		return // said already
	}
	if s.Beacon {
		d.good("beacon", "set")
	} else {
		d.bad("beacon", "start the node with an agent that has STREAM for gas; it sets the beacon by itself", "not set: no proof is taken without")
	}
	d.window(ctx, chain)
	switch {
	case s.Misses >= storagetypes.MaxMisses:
		d.bad("proofs", "the deals have ended; find out why, then register again", "%d of the newest %d periods missed", s.Misses, storagetypes.MissMemory)
	case s.Misses > storagetypes.FreeMisses:
		d.bad("proofs", "see the node's log; each further miss costs bond, and at 7 all deals end", "%d of the newest %d periods missed", s.Misses, storagetypes.MissMemory)
	default:
		d.good("proofs", "%d proven, %d of the newest %d missed", s.Proven, s.Misses, storagetypes.MissMemory)
	}
}

// window compares the time for a proof with how far clock and newest block differ.
func (d *doctor) window(ctx context.Context, chain *storagenode.Chain) {
	p, err := chain.Period(ctx)
	if err != nil {
		d.bad("window", "check chain.grpc", "%v", err)
		return
	}
	length := time.Duration(p.ClosesAt-p.Period.OpenedAt) * time.Second
	skew := chain.Skew()
	if max(skew, -skew) > length/3 {
		d.bad("window", "set the clock with NTP, or use a node of the chain that keeps up", "proofs have %s, and clock and newest block differ by %s", length, skew.Round(time.Second))
		return
	}
	d.good("window", "proofs have %s; clock and newest block differ by %s", length, strings.TrimPrefix(skew.Round(100*time.Millisecond).String(), "-"))
}
