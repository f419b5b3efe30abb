package watch

import (
	"context"
	"sync"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

const (
	// useTick is the tick of sessions of price zero, in seconds.
	useTick = 1
	// useMargin is added to what a session needs at most, for pauses, in seconds.
	useMargin = 3600
	// useWait is how long a request waits for the session that pays for it.
	useWait = 500 * time.Millisecond
	// useSkew is kept from the longest life of a session: the node's clock may be behind.
	useSkew = 60
)

// proofsOfUse proves to nodes what a viewer watches who pays nothing by the tick, so that the work's serving budget pays them.
// It costs the viewer nothing, and where it does not work the watch goes on without it.
type proofsOfUse struct {
	chain   escrows
	device  *device
	root    string
	pass    string // that sessions name, so that it counts for its fee; empty for none
	seconds uint64 // of the work's first version

	mu      sync.Mutex
	of      map[string]*use
	over    bool
	through uint32 // the tick before which all was watched
}

// newUses is nil for who proves nothing: a viewer without an account or a granted key, who pays by the tick, or wants
// not to be seen on the chain. Nothing is granted or paid for it.
func (p *player) newUses(ctx context.Context) *proofsOfUse {
	if p.Private || p.metered != nil || p.chain.account() == nil || p.result.GrantedBy == "creator" {
		return nil
	}
	seconds, err := p.chain.proving(ctx, p.root, p.device.pubkey())
	if err != nil || seconds == 0 {
		return nil
	}
	return &proofsOfUse{chain: p.chain, device: p.device, root: p.root, pass: p.pass, seconds: seconds, of: map[string]*use{}}
}

// use is a session of price zero with one node.
type use struct {
	node  nodeclient.Node
	id    wire.SessionID
	words *voucher.Chain
	most  uint32

	mu     sync.Mutex
	opened bool
	want   uint32 // ticks that were watched
	acked  uint32 // of them proved to the node
	wake   chan struct{}
	ready  chan struct{} // closed when the node has answered
	done   chan struct{}
}

// header is the Stream-Pay of a request to the node: its newest word says whose the request is. The first request begins
// the session and waits for the node's answer, but not for long.
func (u *proofsOfUse) header(ctx context.Context, node nodeclient.Node) string {
	if u == nil {
		return ""
	}
	u.mu.Lock()
	s := u.of[node.Info.Operator]
	if s == nil && u.over {
		u.mu.Unlock()
		return ""
	}
	if s == nil {
		s = &use{node: node, wake: make(chan struct{}, 1), ready: make(chan struct{}), done: make(chan struct{})}
		u.of[node.Info.Operator] = s
		go u.run(context.WithoutCancel(ctx), s)
	}
	u.mu.Unlock()
	select {
	case <-s.ready:
	case <-ctx.Done():
	case <-time.After(useWait):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.opened {
		return ""
	}
	return wire.Payment{Session: s.id, N: s.acked, Word: s.words.Word(s.acked)}.String()
}

// watched notes that a segment was written out, and who gave most of it.
func (u *proofsOfUse) watched(seg *Segment, from map[string]int) {
	if u == nil || seg == nil {
		return
	}
	start, end := seg.Ticks(useTick)
	best := ""
	for operator, n := range from {
		if best == "" || n > from[best] || n == from[best] && operator < best {
			best = operator
		}
	}
	u.mu.Lock()
	ticks := end - min(max(start, u.through), end)
	u.through = max(u.through, end)
	s := u.of[best]
	u.mu.Unlock()
	if s == nil {
		return
	}
	s.mu.Lock()
	s.want += ticks
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run opens a session and proves what is watched, until wake is closed or the node wants no more.
func (u *proofsOfUse) run(ctx context.Context, s *use) {
	defer close(s.done)
	err := u.open(ctx, s)
	close(s.ready)
	if err != nil {
		return
	}
	for range s.wake {
		if s.prove(ctx) != nil {
			return
		}
	}
	_ = s.prove(ctx) // what came since the last
}

func (u *proofsOfUse) open(ctx context.Context, s *use) error {
	ctx, cancel := context.WithTimeout(ctx, nodeclient.Stall)
	defer cancel()
	now, err := u.chain.now(ctx)
	if err != nil {
		return err
	}
	work, err := manifest.ParseWorkID(u.root)
	if err != nil {
		return err
	}
	operator, err := sdk.AccAddressFromBech32(s.node.Info.Operator)
	if err != nil {
		return err
	}
	v := voucher.Session{
		ChainID: u.chain.ChainID(), Escrow: voucher.ViewerID(u.chain.account(), u.pass), Provider: voucher.ProviderID(operator),
		// the terms of two sessions differ by the time at which they began
		Session: uint64(time.Now().UnixNano()), Work: work, Denom: voucher.DenomID(""), TickSeconds: useTick,
		MaxTicks: uint32(min(streamtypes.MostUseTicks(u.seconds, useTick), streamtypes.MaxTicks)),
		Expires:  now + min(int64(streamtypes.UsePerDay*u.seconds)+useMargin, streamtypes.MaxUseSeconds-useSkew),
	}
	words := voucher.NewChain(&v, u.device.secret)
	_, err = s.node.Open(ctx, wire.OpenRequest{Session: &wire.Session{
		ChainID: v.ChainID, EscrowOwner: u.chain.account().String(), Provider: s.node.Info.Operator, Session: v.Session, Work: u.root,
		TickSeconds: v.TickSeconds, MaxTicks: v.MaxTicks, Root: v.Root[:], Expires: v.Expires, PubKey: u.device.pubkey(), Signature: v.Sign(u.device.key),
		Subscription: u.pass,
	}})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.words, s.most, s.opened = v.Salt(), words, v.MaxTicks, true
	return nil
}

// prove sends the word of all that was watched.
func (s *use) prove(ctx context.Context) error {
	for {
		s.mu.Lock()
		n := min(s.want, s.most, s.acked+voucher.MaxGap)
		if n <= s.acked {
			s.mu.Unlock()
			return nil
		}
		w := s.words.Word(n)
		s.mu.Unlock()
		ask, cancel := context.WithTimeout(ctx, nodeclient.Stall)
		_, err := s.node.Pay(ask, s.id, wire.PayRequest{N: n, Word: w[:]})
		cancel()
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.acked = n
		s.mu.Unlock()
	}
}

// finish proves the rest, ends the sessions and returns how many seconds were proved.
func (u *proofsOfUse) finish(ctx context.Context) (seconds uint64) {
	if u == nil {
		return 0
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, s := range u.of {
		close(s.wake)
	}
	for _, s := range u.of {
		select {
		case <-s.done:
		case <-ctx.Done():
			continue
		}
		if s.acked > 0 {
			w := s.words.Word(s.acked)
			// where it fails the node ends it by itself later
			_ = s.node.CloseSession(ctx, s.id, &wire.PayRequest{N: s.acked, Word: w[:]})
		}
		seconds += uint64(s.acked) * useTick
	}
	u.of, u.over = map[string]*use{}, true
	return seconds
}
