package storagenode

import (
	"context"
	"errors"
	"time"

	"github.com/streamchain/streamchain/storagenode/keys"
	"github.com/streamchain/streamchain/storagenode/ledger"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

const (
	// keysEvery is how often the node looks after its shares, beside following the blocks.
	keysEvery = 30 * time.Second
	// keysRetry is when it tries again after a failure: holders of a set act at the same time, and one whose transaction ran out of what it had
	// estimated, because another's came first, must not keep a whole set waiting.
	keysRetry = 2 * time.Second
	// keyPatience is how old ticks are that a holder settles.
	keyPatience = 3 * time.Minute
)

// holding is what makes a node a holder of keys.
type holding struct {
	store   *keys.Store
	book    *keys.Book
	holder  *keys.Holder
	settler *keys.Settler
	server  *keys.Server
}

func (n *Node) openKeys() (err error) {
	if n.holding.store, err = keys.OpenStore(n.path("keys")); err != nil {
		return err
	}
	n.holding.book, err = keys.OpenBook(n.path("keys/sessions"))
	return err
}

func (n *Node) assembleKeys() {
	h := &n.holding
	h.holder = &keys.Holder{
		Operator: n.id.Operator, Chain: n.chain, Store: h.store,
		Closed: func() bool { return !n.cfg.Keys.Enabled || n.drainer.Draining() },
	}
	h.settler = &keys.Settler{Chain: n.chain, Book: h.book, Min: n.cfg.Payment.SettleAtLeast, Patience: keyPatience, Margin: streamtypes.DefaultServeMarginSeconds / 2}
	h.server = keys.NewServer(keys.DefaultPerKey, keys.DefaultPerAddress)
	h.server.Node, h.server.Reader, h.server.Chain, h.server.Store, h.server.Book, h.server.Log = n.id, n.reader, n.chain, h.store, h.book, n.log
	h.server.Denied, h.server.Counted = n.sessionDenied, n.metrics.keys
}

// laneClosing hears that a lane was closed: who holds words of it has minutes to settle them. One of this node's own that somebody else closed, with
// the operator's account, is served no more.
func (n *Node) laneClosing(e *streamtypes.EventLaneClosing) {
	if n.holding.book.Has(e.Owner, e.Remaining.Denom, e.Provider, e.Generation) {
		poke(n.keysNow)
	}
	if e.Provider != n.id.Operator {
		return
	}
	id := ledger.LaneID{Owner: e.Owner, Denom: e.Remaining.Denom, Generation: e.Generation}
	if _, _, ours := n.ledger.Lane(id); ours {
		_ = n.stepped("lane closing", n.ledger.ShutLane(id))
		poke(n.settleNow)
	}
}

// HoldKeys looks after the node's shares, and settles what servers left.
func (n *Node) HoldKeys(ctx context.Context) error {
	r, err := n.holding.holder.Step(ctx)
	n.metrics.shares.Set(float64(r.Held))
	if r.Offered+r.Accepted+r.Reshared+r.Erased > 0 {
		n.log.Info("keys held", "offered", r.Offered, "accepted", r.Accepted, "reshared", r.Reshared, "erased", r.Erased, "held", r.Held)
	}
	s, failed := n.holding.settler.Step(ctx)
	if s != (keys.Settled{}) {
		n.log.Info("keys settled", "sessions", s.Sessions, "paid", s.Paid, "refused", s.Refused, "lost", s.Lost)
	}
	return n.stepped("keys", errors.Join(err, failed))
}
