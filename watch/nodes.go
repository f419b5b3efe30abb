package watch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
)

const (
	// patience is how long nodes may take to say who they are, and to close a session.
	patience = 3 * time.Second
	// grace is how long the others have once the first node has answered; who is later joins later.
	grace = 250 * time.Millisecond
)

// findNodes asks the endpoints who is there, and begins with those that answer at about the time of the first.
func (p *player) findNodes(ctx context.Context, endpoints map[string]string) error {
	hc := p.http
	pool := p.fetch.Pool
	if p.metered != nil {
		pool.Prefer(p.lastPaid(ctx, endpoints))
	}
	p.fetch.Refresh = func(ctx context.Context) {
		missing := map[string]string{}
		for endpoint, operator := range endpoints {
			if !pool.Has(operator) {
				missing[endpoint] = operator
			}
		}
		for n := range nodeclient.Seek(ctx, hc, p.chain.ChainID(), missing, patience) {
			pool.Add(n)
		}
	}
	found := nodeclient.Seek(ctx, hc, p.chain.ChainID(), endpoints, patience)
	first, ok := <-found
	if !ok {
		return fmt.Errorf("%w (%d deals)", ErrNoNode, len(endpoints))
	}
	pool.Add(first)
	wait := time.After(grace)
	for {
		select {
		case n, ok := <-found:
			if !ok {
				return nil
			}
			pool.Add(n)
		case <-wait:
			go func() {
				for n := range found {
					pool.Add(n)
				}
			}()
			return nil
		}
	}
}

// lastPaid is the operator with a lane that is open and a session of this work in it; empty where there is none.
func (p *player) lastPaid(ctx context.Context, endpoints map[string]string) (operator string) {
	now, err := p.chain.now(ctx)
	if err != nil {
		return ""
	}
	latest := now
	for _, o := range endpoints {
		l, err := p.device.loadLane(o)
		if err != nil || l.Expires <= latest || !slices.ContainsFunc(l.Sessions, func(s *session) bool { return s.Work == p.root }) {
			continue
		}
		operator, latest = o, l.Expires
	}
	return operator
}

// proof is a signed proof of the session key for one node, and until when it is used.
type proof struct {
	header string
	until  time.Time
}

// granted is the nodeclient.Admit of who has a right to the work, or needs none.
func (p *player) granted(ctx context.Context, leg *nodeclient.Leg, get func(nodeclient.Credentials) (string, error)) error {
	if !p.proof {
		_, err := get(nodeclient.Credentials{Pay: p.uses.header(ctx, leg.Node)})
		return err
	}
	for again := false; ; again = true {
		header, err := p.proofFor(leg.Info.Operator, again)
		if err != nil {
			return nodeclient.Final(err)
		}
		_, err = get(nodeclient.Credentials{Proof: header, Pay: p.uses.header(ctx, leg.Node)})
		var problem *wire.Problem
		if again || !errors.As(err, &problem) || problem.Slug != wire.AuthExpired {
			return err
		}
	}
}

// proofFor signs a proof, or returns one that is not half expired.
func (p *player) proofFor(operator string, anew bool) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.proofs[operator]; !anew && time.Now().Before(old.until) {
		return old.header, nil
	}
	account, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return "", err
	}
	header, err := p.sign(account, http.MethodGet)
	if err == nil {
		p.proofs[operator] = proof{header, time.Now().Add(proofSeconds * time.Second / 2)}
	}
	return header, err
}

// paid is the nodeclient.Admit of a segment that is paid by the tick; rest is how many seconds of media still come.
func (p *player) paid(s Segment, rest float64) nodeclient.Admit {
	return func(ctx context.Context, leg *nodeclient.Leg, get func(nodeclient.Credentials) (string, error)) error {
		pay, err := p.payer(leg.Node)
		if err != nil {
			return err
		}
		return pay.fetch(ctx, leg.Hold, s, rest, func(header string) (string, error) { return get(nodeclient.Credentials{Pay: header}) })
	}
}

func (p *player) payer(node nodeclient.Node) (*payer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	operator := node.Info.Operator
	if pay := p.payers[operator]; pay != nil {
		return pay, nil
	}
	account, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return nil, err
	}
	p.payers[operator] = &payer{
		chain: p.chain, device: p.device, node: node, budget: p.budget, root: p.root, operator: operator, account: account,
		price: p.metered.PricePerTick.Uint64(), tick: p.metered.TickSeconds,
	}
	return p.payers[operator], nil
}
