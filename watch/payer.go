package watch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// ErrSpendLimit says that going on would cost more than the viewer allowed.
var ErrSpendLimit = errors.New("the spending limit is reached")

const (
	// proofSeconds is how long a proof of the session key is valid.
	proofSeconds = 240
	// submitSeconds is how long a node has to open a lane.
	submitSeconds = 120
	// slackSeconds is added to a lane's expected use.
	slackSeconds = 900
	// maxTicks is the longest session.
	maxTicks = 1_000_000
)

// escrows is what payers ask the chain.
type escrows interface {
	ChainID() string
	account() sdk.AccAddress // of the viewer; nil where nobody signs
	params(ctx context.Context) (streamtypes.Params, error)
	now(ctx context.Context) (int64, error)
	nextGeneration(ctx context.Context, provider string) (uint64, error)
	prepare(ctx context.Context, pubkey []byte, need uint64) error
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

// payer pays one node for one work. Requests that run beside each other share what the first of them pays.
type payer struct {
	chain    escrows
	device   *device
	node     nodeclient.Node
	budget   *budget
	root     string
	price    uint64
	tick     uint32
	operator string
	account  sdk.AccAddress // of the operator

	mu      sync.Mutex
	ticks   uint32 // what the rest of the work costs, to size a lane
	lane    *lane
	session *session
	terms   voucher.Session
	words   *voucher.Chain
	id      wire.SessionID
	used    uint32 // ticks whose bytes came
	through uint32 // the tick before which all are used, in this session
	acked   uint32 // newest n that the node has
}

// word is one payment as it was sent.
type word struct {
	header string
	id     wire.SessionID
	n      uint32
	ticks  uint32 // that it pays for the segment
}

// pay returns the word that pays the next ticks, starting a session where none fits.
func (p *payer) pay(ctx context.Context, ticks uint32) (word, error) {
	if p.session == nil || p.used+ticks > p.session.MaxTicks {
		if err := p.start(ctx, ticks); err != nil {
			return word{}, err
		}
	}
	want := max(p.used+ticks, p.session.N)
	if more := uint64(want-p.session.N) * p.price; more > p.budget.left() {
		return word{}, nodeclient.Final(fmt.Errorf("%w: %s more than %s", ErrSpendLimit, token.Format(token.Coin(int64(more-p.budget.left()))), token.Format(token.Coin(int64(p.budget.limit)))))
	}
	// on disk before it is sent: a word that a killed run has sent is never forgotten
	if err := p.record(want); err != nil {
		return word{}, nodeclient.Final(err)
	}
	for p.acked+voucher.MaxGap < want {
		step := p.acked + voucher.MaxGap
		w := p.words.Word(step)
		if err := p.send(ctx, wire.PayRequest{N: step, Word: w[:]}); err != nil {
			return word{}, err
		}
		p.acked = step
	}
	return word{wire.Payment{Session: p.id, N: want, Word: p.words.Word(want)}.String(), p.id, want, ticks}, nil
}

func (p *payer) send(ctx context.Context, req wire.PayRequest) error {
	ctx, cancel := context.WithTimeout(ctx, nodeclient.Stall)
	defer cancel()
	_, err := p.node.Pay(ctx, p.id, req)
	return err
}

// fetch pays for a segment and gets bytes of it. Where the node counts other ticks as used than this side does (after a
// run that was killed), its count stands as long as it asks for no more than the segment has. What waits for the chain
// or for another request runs in hold.
func (p *payer) fetch(ctx context.Context, hold func(func() error) error, s Segment, rest float64, get func(pay string) (string, error)) error {
	from, to := s.Ticks(p.tick)
	due := uint32(0) // by the node's count, where that counts
	for try := 0; ; try++ {
		var w word
		err := hold(func() (err error) {
			w, err = p.next(ctx, from, to, due, rest)
			return err
		})
		if err == nil {
			var paid string
			if paid, err = get(w.header); err == nil {
				p.got(w, paid, to)
				return nil
			}
		}
		var problem *wire.Problem
		if !errors.As(err, &problem) || try == 2 {
			return err
		}
		if due, err = p.refused(w, problem, to-from, err); err != nil {
			return err
		}
	}
}

// next is the word for the ticks of a segment that are not bought yet; due of them where it is not zero.
func (p *payer) next(ctx context.Context, from, to, due uint32, rest float64) (word, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		// the race was won while another request held the lock: nothing is paid for who came too late
		return word{}, ctx.Err()
	}
	// the first and the last tick may be begun only
	p.ticks = uint32(rest/float64(p.tick)) + 2
	ticks := due
	if due == 0 {
		ticks = to - min(max(from, p.through), to)
	}
	return p.pay(ctx, ticks)
}

// refused takes the node's word for how many ticks are due, as far as that can be true, and leaves a session that the
// node has ended.
func (p *payer) refused(w word, problem *wire.Problem, most uint32, err error) (due uint32, _ error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ended := problem.Slug == wire.SessionUnknown || problem.Slug == wire.SessionClosed || problem.Slug == wire.LaneUnusable
	switch {
	case ended && p.session != nil && w.header != "" && w.id != p.id:
		// another request has begun the next session meanwhile
		return 0, nil
	case ended && p.lane != nil:
		// the node has ended it, for its own reasons: what was paid stays paid, the rest returns to the escrow
		p.lane.Expires = 0
		if err := p.device.saveLane(p.operator, p.lane); err != nil {
			return 0, nodeclient.Final(err)
		}
		p.session, p.through = nil, 0
		return 0, nil
	case problem.Slug == wire.PaymentRequired && problem.Terms != nil && p.session != nil && w.id == p.id &&
		problem.Terms.Used <= p.session.N && problem.Terms.Due-problem.Terms.Used <= most:
		// no node can have used more than was signed: one that says so asks for what it never gave
		p.used, p.acked = problem.Terms.Used, problem.Terms.Paid
		return problem.Terms.Due - problem.Terms.Used, nil
	}
	return 0, err
}

// got notes that the bytes of ticks came, by the node's count where it gives one.
func (p *payer) got(w word, paid string, to uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session == nil || p.id != w.id {
		return
	}
	p.acked = max(p.acked, w.n)
	var n, used uint32
	if _, err := fmt.Sscanf(paid, "%d:%d", &n, &used); err == nil && used <= p.session.N {
		p.used = max(p.used, used)
	} else if p.through < to {
		p.used += w.ticks
	}
	p.through = max(p.through, to)
}

func (p *payer) record(n uint32) error {
	if n == p.session.N {
		return nil
	}
	p.session.N = n
	if err := p.device.saveLane(p.operator, p.lane); err != nil {
		return err
	}
	return p.budget.change(func(v *view) { v.Paid[p.ref()], v.Ticks[p.ref()] = uint64(n)*p.price, n })
}

func (p *payer) ref() string {
	return fmt.Sprintf("%s/%d/%d", p.operator, p.lane.Generation, p.session.Number)
}

// start takes up the session that an earlier run left, or begins a new one, in a new lane where the old does not do.
func (p *payer) start(ctx context.Context, ticks uint32) error {
	// what the chain refuses for one node it refuses for all
	params, err := p.chain.params(ctx)
	if err != nil {
		return nodeclient.Final(err)
	}
	now, err := p.chain.now(ctx)
	if err != nil {
		return nodeclient.Final(err)
	}
	if p.lane == nil {
		if p.lane, err = p.device.loadLane(p.operator); err != nil {
			return nodeclient.Final(err)
		}
	}
	usable := p.lane.Generation > 0 && p.lane.Expires-params.ServeMarginSeconds > now+30
	if usable {
		if resumed, err := p.resume(ctx, ticks); resumed || err != nil {
			return err
		}
	}
	var intent *wire.LaneIntent
	if !usable || p.lane.Cap-p.lane.spent() < uint64(ticks)*p.price {
		if intent, err = p.newLane(ctx, params, now, ticks); err != nil {
			return nodeclient.Final(err)
		}
	}
	return p.newSession(ctx, intent)
}

// resume goes on with the newest session of this work, if the node still has it. It fails when the node does not answer.
func (p *payer) resume(ctx context.Context, ticks uint32) (bool, error) {
	for i := len(p.lane.Sessions) - 1; i >= 0; i-- {
		s := p.lane.Sessions[i]
		if s.Work != p.root || s.PricePerTick != p.price || s.TickSeconds != p.tick {
			continue
		}
		p.session = s
		if p.load() != nil {
			break
		}
		ask, cancel := context.WithTimeout(ctx, nodeclient.Silence)
		res, err := p.node.Session(ask, p.id)
		cancel()
		var problem *wire.Problem
		if err != nil && !errors.As(err, &problem) {
			p.session = nil
			return false, err
		}
		if err != nil || res.Session == nil || !res.Session.Open || res.Session.Used > s.N || res.Session.Used+ticks > s.MaxTicks {
			break
		}
		p.used, p.acked, p.through = res.Session.Used, res.Session.Paid, 0
		return true, nil
	}
	p.session = nil
	return false, nil
}

// newLane signs an intent for a lane that pays the rest of the work, within the budget.
func (p *payer) newLane(ctx context.Context, params streamtypes.Params, now int64, ticks uint32) (*wire.LaneIntent, error) {
	generation, err := p.chain.nextGeneration(ctx, p.operator)
	if err != nil {
		return nil, err
	}
	fee := params.OpenFee.Uint64()
	left := p.budget.left()
	if left <= fee || (left-fee) < uint64(ticks)*p.price {
		return nil, fmt.Errorf("%w: a lane costs %s and the next seconds %s", ErrSpendLimit, token.Format(token.Coin(int64(fee))), token.Format(token.Coin(int64(uint64(ticks)*p.price))))
	}
	limit := max(min(left-fee, uint64(max(p.ticks, ticks))*p.price), params.MinLaneCap.Uint64())
	if err := p.chain.prepare(ctx, p.device.pubkey(), limit+fee); err != nil {
		return nil, err
	}
	// the block that opens it comes later than now, which must not make it too short; nor may another clock make it too long
	seconds := max(int64(p.ticks)*int64(p.tick)+params.ServeMarginSeconds+slackSeconds, params.MinLaneSeconds+submitSeconds)
	seconds = min(seconds, max(params.MaxLaneSeconds-5, params.MinLaneSeconds))
	p.lane = &lane{Generation: generation, Cap: limit, Fee: fee, Expires: now + seconds}
	v := voucher.LaneIntent{
		ChainID: p.chain.ChainID(), Escrow: voucher.EscrowID(p.chain.account(), token.BaseDenom), Provider: p.providerID(),
		Generation: generation, Cap: limit, SubmitBy: now + submitSeconds, Expires: p.lane.Expires,
	}
	return &wire.LaneIntent{
		ChainID: v.ChainID, EscrowOwner: p.chain.account().String(), Denom: token.BaseDenom, Provider: p.operator, Generation: generation,
		Cap: limit, SubmitBy: v.SubmitBy, Expires: v.Expires, PubKey: p.device.pubkey(), Signature: v.Sign(p.device.key),
	}, nil
}

func (p *payer) providerID() [32]byte {
	return voucher.ProviderID(p.account)
}

// newSession asks the node to open the session, and the lane when there is an intent.
func (p *payer) newSession(ctx context.Context, intent *wire.LaneIntent) error {
	number := uint64(1)
	for _, s := range p.lane.Sessions {
		number = max(number, s.Number+1)
	}
	most := min((p.lane.Cap-p.lane.spent())/p.price, maxTicks)
	p.session = &session{
		Number: number, Work: p.root, PricePerTick: p.price, TickSeconds: p.tick, MaxTicks: uint32(most), Expires: p.lane.Expires,
	}
	if err := p.load(); err != nil {
		return err
	}
	p.lane.Sessions = append(p.lane.Sessions, p.session)
	if err := p.device.saveLane(p.operator, p.lane); err != nil {
		return err
	}
	if intent != nil {
		err := p.budget.change(func(v *view) { v.Fees[fmt.Sprintf("%s/%d", p.operator, p.lane.Generation)] = p.lane.Fee })
		if err != nil {
			return nodeclient.Final(err)
		}
	}
	p.used, p.acked, p.through = 0, 0, 0
	req := wire.OpenRequest{Lane: intent, Session: &wire.Session{
		ChainID: p.terms.ChainID, EscrowOwner: p.chain.account().String(), Denom: token.BaseDenom, Provider: p.operator,
		Generation: p.lane.Generation, Session: number, Work: p.root, PricePerTick: p.price, TickSeconds: p.tick,
		MaxTicks: p.session.MaxTicks, Root: p.terms.Root[:], Expires: p.session.Expires,
		PubKey: p.device.pubkey(), Signature: p.terms.Sign(p.device.key),
	}}
	err := p.open(ctx, req)
	if err != nil {
		p.session = nil
	}
	return err
}

// open repeats the request while the lane's transaction is on its way.
func (p *payer) open(ctx context.Context, req wire.OpenRequest) error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		res, err := p.ask(ctx, req)
		var problem *wire.Problem
		switch {
		case err == nil && res.Session != nil && res.Session.Open:
			return nil
		case err == nil:
			err = fmt.Errorf("%s opened no session", p.node.Endpoint())
		case !errors.As(err, &problem) || problem.Slug != wire.LanePending && problem.Status != http.StatusServiceUnavailable:
			return err
		}
		if time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// ask sends the request. A block may take long to come, a node that lives answers meanwhile that it does: one that does
// not is dead, and not waited for.
func (p *payer) ask(ctx context.Context, req wire.OpenRequest) (wire.OpenResponse, error) {
	type answer struct {
		res wire.OpenResponse
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan answer, 1)
	go func() {
		res, err := p.node.Open(ctx, req)
		done <- answer{res, err}
	}()
	for {
		select {
		case a := <-done:
			return a.res, a.err
		case <-time.After(nodeclient.Silence):
		}
		probe, stop := context.WithTimeout(ctx, nodeclient.Silence)
		_, err := p.node.Client.Info(probe)
		stop()
		if err != nil {
			select {
			case a := <-done:
				return a.res, a.err
			default:
				return wire.OpenResponse{}, fmt.Errorf("%s: %w", p.node.Endpoint(), nodeclient.ErrStalled)
			}
		}
	}
}

// load makes the session's signed terms and its words from the device's secret.
func (p *payer) load() error {
	work, err := manifest.ParseWorkID(p.root)
	if err != nil {
		return err
	}
	s := p.session
	p.terms = voucher.Session{
		ChainID: p.chain.ChainID(), Escrow: voucher.EscrowID(p.chain.account(), token.BaseDenom), Provider: p.providerID(),
		Generation: p.lane.Generation, Session: s.Number, Work: work, Denom: voucher.DenomID(token.BaseDenom),
		PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds, MaxTicks: s.MaxTicks, Expires: s.Expires,
	}
	p.words = voucher.NewChain(&p.terms, p.device.secret)
	p.id = p.terms.Salt()
	return nil
}

// finish tells the node that nothing more comes, so that it settles.
func (p *payer) finish(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session == nil || p.session.N == 0 {
		return nil
	}
	// not the newest word: that one may have paid for bytes that never came
	w := p.words.Word(p.used)
	return p.node.CloseSession(ctx, p.id, &wire.PayRequest{N: p.used, Word: w[:]})
}
