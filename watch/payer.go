package watch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
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

// budget is what the viewer allows for one work, fees included.
type budget struct {
	limit uint64
	view  *view
	save  func() error
}

func (b *budget) left() uint64 {
	paid, fees := b.view.sum()
	if paid+fees >= b.limit {
		return 0
	}
	return b.limit - paid - fees
}

// payer pays one node for one work.
type payer struct {
	chain    chain
	device   *device
	node     nodeclient.Node
	budget   *budget
	root     string
	price    uint64
	tick     uint32
	ticks    uint32 // what the rest of the work costs, to size a lane
	lane     *lane
	session  *session
	terms    voucher.Session
	words    *voucher.Chain
	id       wire.SessionID
	used     uint32 // ticks whose bytes came
	through  uint32 // the tick before which all are used, in this session
	acked    uint32 // newest n that the node has
	operator string
	account  sdk.AccAddress // of the operator
}

// pay returns the header that pays the next ticks, starting a session where none fits.
func (p *payer) pay(ctx context.Context, ticks uint32) (string, error) {
	if p.session == nil || p.used+ticks > p.session.MaxTicks {
		if err := p.start(ctx, ticks); err != nil {
			return "", err
		}
	}
	want := max(p.used+ticks, p.session.N)
	if more := uint64(want-p.session.N) * p.price; more > p.budget.left() {
		return "", fmt.Errorf("%w: %s more than %s", ErrSpendLimit, token.Format(token.Coin(int64(more-p.budget.left()))), token.Format(token.Coin(int64(p.budget.limit))))
	}
	// on disk before it is sent: a word that a killed run has sent is never forgotten
	if err := p.record(want); err != nil {
		return "", err
	}
	for p.acked+voucher.MaxGap < want {
		step := p.acked + voucher.MaxGap
		w := p.words.Word(step)
		if _, err := p.node.Pay(ctx, p.id, wire.PayRequest{N: step, Word: w[:]}); err != nil {
			return "", err
		}
		p.acked = step
	}
	return wire.Payment{Session: p.id, N: want, Word: p.words.Word(want)}.String(), nil
}

// fetch pays for a segment and gets it. Where the node counts other ticks as used than this side does (after a run that
// was killed), its count stands as long as it asks for no more than the segment has.
func (p *payer) fetch(ctx context.Context, s Segment, get func(pay string) ([]byte, string, error)) ([]byte, error) {
	from, to := s.Ticks(p.tick)
	ticks := to - min(max(from, p.through), to)
	for try := 0; ; try++ {
		var data []byte
		var paid string
		header, err := p.pay(ctx, ticks)
		if err == nil {
			if data, paid, err = get(header); err == nil {
				p.got(paid, ticks)
				p.through = max(p.through, to)
				return data, nil
			}
		}
		var problem *wire.Problem
		if !errors.As(err, &problem) || try == 2 {
			return nil, err
		}
		switch {
		case problem.Slug == wire.PaymentRequired && problem.Terms != nil && problem.Terms.Used <= p.session.N && problem.Terms.Due-problem.Terms.Used <= to-from:
			// no node can have used more than was signed: one that says so asks for what it never gave
			p.used, p.acked, ticks = problem.Terms.Used, problem.Terms.Paid, problem.Terms.Due-problem.Terms.Used
		case problem.Slug == wire.SessionUnknown || problem.Slug == wire.SessionClosed || problem.Slug == wire.LaneUnusable:
			// the node has ended it, for its own reasons: what was paid stays paid, the rest returns to the escrow
			p.lane.Expires = 0
			if err := p.device.saveLane(p.operator, p.lane); err != nil {
				return nil, err
			}
			p.session, p.through, ticks = nil, 0, to-from
		default:
			return nil, err
		}
	}
}

// got notes that the bytes of ticks came, by the node's count where it gives one.
func (p *payer) got(paid string, ticks uint32) {
	p.acked = p.session.N
	var n, used uint32
	if _, err := fmt.Sscanf(paid, "%d:%d", &n, &used); err == nil && used <= p.session.N {
		p.used = used
		return
	}
	p.used += ticks
}

func (p *payer) record(n uint32) error {
	if n == p.session.N {
		return nil
	}
	p.session.N = n
	if err := p.device.saveLane(p.operator, p.lane); err != nil {
		return err
	}
	p.budget.view.Paid[p.ref()], p.budget.view.Ticks[p.ref()] = uint64(n)*p.price, n
	return p.budget.save()
}

func (p *payer) ref() string {
	return fmt.Sprintf("%s/%d/%d", p.operator, p.lane.Generation, p.session.Number)
}

// start takes up the session that an earlier run left, or begins a new one, in a new lane where the old does not do.
func (p *payer) start(ctx context.Context, ticks uint32) error {
	params, err := p.chain.params(ctx)
	if err != nil {
		return err
	}
	now, err := p.chain.now(ctx)
	if err != nil {
		return err
	}
	if p.lane == nil {
		if p.lane, err = p.device.loadLane(p.operator); err != nil {
			return err
		}
	}
	usable := p.lane.Generation > 0 && p.lane.Expires-params.ServeMarginSeconds > now+30
	if usable && p.resume(ctx, ticks) {
		return nil
	}
	var intent *wire.LaneIntent
	if !usable || p.lane.Cap-p.lane.spent() < uint64(ticks)*p.price {
		if intent, err = p.newLane(ctx, now, ticks); err != nil {
			return err
		}
	}
	return p.newSession(ctx, intent)
}

// resume goes on with the newest session of this work, if the node still has it.
func (p *payer) resume(ctx context.Context, ticks uint32) bool {
	for i := len(p.lane.Sessions) - 1; i >= 0; i-- {
		s := p.lane.Sessions[i]
		if s.Work != p.root || s.PricePerTick != p.price || s.TickSeconds != p.tick {
			continue
		}
		p.session = s
		if p.load() != nil {
			break
		}
		res, err := p.node.Session(ctx, p.id)
		if err != nil || res.Session == nil || !res.Session.Open || res.Session.Used+ticks > s.MaxTicks {
			break
		}
		p.used, p.acked = res.Session.Used, res.Session.Paid
		return true
	}
	p.session = nil
	return false
}

// newLane signs an intent for a lane that pays the rest of the work, within the budget.
func (p *payer) newLane(ctx context.Context, now int64, ticks uint32) (*wire.LaneIntent, error) {
	params, err := p.chain.params(ctx)
	if err != nil {
		return nil, err
	}
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
	seconds := min(max(int64(p.ticks)*int64(p.tick)+params.ServeMarginSeconds+slackSeconds, params.MinLaneSeconds), params.MaxLaneSeconds)
	p.lane = &lane{Generation: generation, Cap: limit, Fee: fee, Expires: now + seconds - 5}
	v := voucher.LaneIntent{
		ChainID: p.chain.ChainID(), Escrow: voucher.EscrowID(p.chain.signer.Address(), token.BaseDenom), Provider: p.providerID(),
		Generation: generation, Cap: limit, SubmitBy: now + submitSeconds, Expires: p.lane.Expires,
	}
	return &wire.LaneIntent{
		ChainID: v.ChainID, EscrowOwner: p.chain.viewer(), Denom: token.BaseDenom, Provider: p.operator, Generation: generation,
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
		p.budget.view.Fees[fmt.Sprintf("%s/%d", p.operator, p.lane.Generation)] = p.lane.Fee
		if err := p.budget.save(); err != nil {
			return err
		}
	}
	p.used, p.acked, p.through = 0, 0, 0
	req := wire.OpenRequest{Lane: intent, Session: &wire.Session{
		ChainID: p.terms.ChainID, EscrowOwner: p.chain.viewer(), Denom: token.BaseDenom, Provider: p.operator,
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
		res, err := p.node.Open(ctx, req)
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

// load makes the session's signed terms and its words from the device's secret.
func (p *payer) load() error {
	work, err := manifest.ParseWorkID(p.root)
	if err != nil {
		return err
	}
	s := p.session
	p.terms = voucher.Session{
		ChainID: p.chain.ChainID(), Escrow: voucher.EscrowID(p.chain.signer.Address(), token.BaseDenom), Provider: p.providerID(),
		Generation: p.lane.Generation, Session: s.Number, Work: work, Denom: voucher.DenomID(token.BaseDenom),
		PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds, MaxTicks: s.MaxTicks, Expires: s.Expires,
	}
	p.words = voucher.NewChain(&p.terms, p.device.secret)
	p.id = p.terms.Salt()
	return nil
}

// finish tells the node that nothing more comes, so that it settles.
func (p *payer) finish(ctx context.Context) error {
	if p.session == nil || p.session.N == 0 {
		return nil
	}
	// not the newest word: that one may have paid for bytes that never came
	w := p.words.Word(p.used)
	return p.node.CloseSession(ctx, p.id, &wire.PayRequest{N: p.used, Word: w[:]})
}
