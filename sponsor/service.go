package sponsor

import (
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/storagenode/serve"
)

const (
	// maxNetworkExtra is how many bits a network's grants of the day add at most.
	maxNetworkExtra = 4
	// maxQueue is how many may wait for a batch.
	maxQueue = 1000
)

// Service is a sponsor. Its handler may be called at any time; Run calls it, and grants.
type Service struct {
	cfg    Config
	chain  Chain
	log    *slog.Logger
	now    func() time.Time
	issuer *issuer
	ledger *ledger
	nets   networks
	salts  *salts
	rates  *rates
	queue  chan *request

	stopped   chan struct{} // closed when nothing is granted any more
	balance   atomic.Int64  // as last seen; negative: not yet
	reachable atomic.Bool
	metrics   *metrics
	handler   http.Handler
}

// New opens what lies in cfg.Home, which no other sponsor may have open. Close it, or Run it.
// Errors: ErrConfig, ErrLocked, ErrDamaged.
func New(cfg Config, chain Chain, log *slog.Logger) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if id := chain.ChainID(); cfg.Chain.ID != "" && cfg.Chain.ID != id {
		return nil, fmt.Errorf("%w: chain.id: %s, but the chain says %s", ErrConfig, cfg.Chain.ID, id)
	}
	proxies, err := cfg.proxies()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(cfg.Home, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	s := &Service{
		cfg: cfg, chain: chain, log: log, now: time.Now,
		issuer: newIssuer(chain.ChainID(), cfg.HTTP.URL, cfg.Work.Valid.Duration),
		nets:   networks{v4: cfg.Network.PrefixV4, v6: cfg.Network.PrefixV6, trusted: proxies},
		rates:  &rates{most: cfg.Network.RequestsPerMinute}, queue: make(chan *request, maxQueue), stopped: make(chan struct{}),
	}
	s.reachable.Store(true)
	s.balance.Store(-1)
	if s.salts, err = openSalts(filepath.Join(data, "salt.json")); err != nil {
		return nil, err
	}
	m := newMeter(uint64(cfg.Budget.Hour), uint64(cfg.Budget.Day), cfg.Budget.ResumePercent)
	if s.ledger, err = openLedger(data, m, s.now().Unix()); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(s)
	s.handler = s.routes()
	return s, nil
}

// Close closes the ledger. Run does it itself.
func (s *Service) Close() error { return s.ledger.close() }

// Run serves and grants until ctx ends, then sees through what is under way. ready is called once, with the address.
func (s *Service) Run(ctx context.Context, ready func(net.Addr)) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.cfg.HTTP.Listen)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	srv := serve.NewHTTPServer(s.handler)
	// what the server would log of its own names clients
	srv.ErrorLog = stdlog.New(io.Discard, "", 0)
	failed := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() { failed <- srv.Serve(serve.Limit(l, s.cfg.HTTP.ConnectionsPerClient)) })
	wg.Go(func() {
		defer close(s.stopped)
		s.maintain(ctx)
		s.run(ctx)
	})
	if ready != nil {
		ready(l.Addr())
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	cancel()
	graceful, done := context.WithTimeout(context.Background(), 10*time.Second)
	defer done()
	if e := srv.Shutdown(graceful); e != nil {
		_ = srv.Close()
	}
	wg.Wait()
	return errors.Join(err, s.Close())
}

// difficulty is what the next challenge asks of a network that had so many grants today: more as the budget is used up,
// so that whoever would use it up pays ever more for it, and more for who comes again.
func (s *Service) difficulty(percent uint64, ofNet int) int {
	return s.cfg.Work.Difficulty + int(uint64(s.cfg.Work.Extra)*percent/100) + min(ofNet, maxNetworkExtra)
}

// challenge is the answer to who asks for one. What would be refused anyhow is refused before anybody works for it.
func (s *Service) challenge(address, net string) (Challenge, error) {
	if _, err := sdk.AccAddressFromBech32(address); err != nil {
		return Challenge{}, ErrAddress
	}
	now := s.now()
	if e, ok := s.ledger.get(address); ok {
		if err := known(e); err != nil {
			return Challenge{}, err
		}
	}
	if err := s.open(now.Unix()); err != nil {
		return Challenge{}, err
	}
	percent, ofNet := s.ledger.load(net, now.Unix())
	if ofNet >= s.cfg.Network.GrantsPerDay {
		return Challenge{}, ErrNetworkLimit
	}
	return s.issuer.issue(address, s.difficulty(percent, ofNet), now), nil
}

// open says why nobody is granted anything now; nil where somebody may be.
func (s *Service) open(now int64) error {
	l := s.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.err != nil:
		return ErrBroken
	case len(s.queue) == cap(s.queue):
		return ErrBusy
	case !s.reachable.Load():
		return ErrChain
	}
	if balance := s.balance.Load(); balance >= 0 && l.held+s.cfg.Cost()+uint64(s.cfg.Budget.Reserve) > uint64(balance) {
		return ErrReserve
	}
	return l.meter.check(now, s.cfg.Cost())
}

// Answer is what proves a challenge.
type Answer struct {
	Address, Challenge string
	PubKey, Signature  []byte
	Work               uint64
}

// sponsor checks an answer, the cheapest first, and waits for the grant. Whatever comes of it, its challenge is used up
// once the work was right: one work buys one signature check and one look at the chain.
func (s *Service) sponsor(ctx context.Context, a Answer, net string) error {
	c, err := s.issuer.check(a.Challenge, a.Address, s.now())
	if err != nil {
		return err
	}
	if seed := workSeed(a.Challenge); workBits(&seed, a.Work) < c.Difficulty {
		return ErrWork
	}
	if err := s.issuer.spend(c, s.now()); err != nil {
		return err
	}
	if err := verifySignature(a.Address, a.Challenge, a.PubKey, a.Signature); err != nil {
		return err
	}
	if e, ok := s.ledger.get(a.Address); ok {
		if err := known(e); err != nil {
			return err
		}
	}
	st, err := s.chain.Standing(ctx, a.Address)
	switch {
	case err != nil:
		s.log.Warn("the chain does not answer", "err", err)
		return ErrChain
	case st.Allowance:
		// of a ledger that was lost: the chain remembers
		return ErrSponsored
	case st.Signed || st.Balance > uint64(s.cfg.Grant.MaxBalance):
		return ErrNotNewcomer
	}
	r := &request{address: a.Address, net: net, answer: make(chan error, 1)}
	select {
	case s.queue <- r:
	default:
		return ErrBusy
	}
	select {
	case err := <-r.answer:
		return err
	case <-s.stopped:
		// the last batch may have been this one's
		select {
		case err := <-r.answer:
			return err
		default:
			return ErrBusy
		}
	case <-ctx.Done():
		return ErrPending
	}
}
