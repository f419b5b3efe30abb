package watch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

const (
	// submitSeconds is how long a node has to open a lane.
	submitSeconds = 120
	// slackSeconds is added to a lane's expected use.
	slackSeconds = 900
	// maxTicks is the longest session.
	maxTicks = 1_000_000
)

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
		if err != nil || res.Session == nil || !res.Session.Open || res.Session.Used > s.N || max(res.Session.Used, s.keyed())+ticks > s.MaxTicks {
			break
		}
		p.used, p.acked, p.shown, p.bought = res.Session.Used, res.Session.Paid, res.Session.Paid, nil
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
	p.used, p.acked, p.shown, p.bought = 0, 0, 0, nil
	err := p.open(ctx, wire.OpenRequest{Lane: intent, Session: p.signed()})
	if err != nil {
		p.session = nil
	}
	return err
}

// signed are the session's signed terms.
func (p *payer) signed() *wire.Session {
	s := p.session
	return &wire.Session{
		ChainID: p.terms.ChainID, EscrowOwner: p.chain.account().String(), Denom: token.BaseDenom, Provider: p.operator,
		Generation: p.lane.Generation, Session: s.Number, Work: p.root, PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds,
		MaxTicks: s.MaxTicks, Root: p.terms.Root[:], Expires: s.Expires, PubKey: p.device.pubkey(), Signature: p.terms.Sign(p.device.key),
	}
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
