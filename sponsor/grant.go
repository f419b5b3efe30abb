package sponsor

import (
	"context"
	"errors"
	"time"
)

// lifetime is how many blocks a grant's transaction has until it can never be included.
const lifetime = 60

// patience is how long one transaction is waited for. Longer, and its outcome is found out later.
const patience = 75 * time.Second

// resolveEvery is the time between two looks at grants whose outcome is open.
const resolveEvery = 5 * time.Second

// request is an address that has proved all that can be proved without a lock.
type request struct {
	address, net string
	answer       chan error // of room for one
}

// run is the one goroutine that grants: what it decides about an address, a network and the budget is true until it
// decides the next. It ends with ctx, after the batch that it is at.
func (s *Service) run(ctx context.Context) {
	tick := time.NewTicker(resolveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.queue:
			s.grant(ctx, s.collect(ctx, r))
		case <-tick.C:
			s.maintain(ctx)
		}
	}
}

// collect waits a moment for others who can share the transaction.
func (s *Service) collect(ctx context.Context, first *request) []*request {
	batch := []*request{first}
	wait := time.NewTimer(s.cfg.Grant.BatchWait.Duration)
	defer wait.Stop()
	for len(batch) < s.cfg.Grant.Batch {
		select {
		case r := <-s.queue:
			batch = append(batch, r)
		case <-wait.C:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}

// grant decides who of the batch gets an allowance, writes that down, and only then sends it.
func (s *Service) grant(ctx context.Context, batch []*request) {
	// a transaction that is on its way is seen through, also when the service is told to stop
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	height, err := s.chain.Height(ctx)
	var balance uint64
	if err == nil {
		balance, err = s.chain.Balance(ctx)
	}
	if err != nil {
		s.log.Error("the chain does not answer", "err", err)
		answer(batch, ErrChain)
		return
	}
	s.balance.Store(int64(balance))
	now := s.now()
	var taken []*request
	var intents []Entry
	for _, r := range batch {
		if err := s.admit(r, balance, now.Unix(), intents); err != nil {
			r.answer <- err
			continue
		}
		taken = append(taken, r)
		intents = append(intents, Entry{
			State: Intent, Address: r.address, At: now.Unix(), Cost: s.cfg.Cost(), Held: s.cfg.held(), Limit: uint64(s.cfg.Grant.SpendLimit),
			Expires: now.Add(s.cfg.Grant.Expiry.Duration).Unix(), Until: height + lifetime, Net: r.net,
		})
	}
	if len(intents) == 0 {
		return
	}
	if err := s.ledger.write(intents...); err != nil {
		s.log.Error("the ledger cannot be written; nothing is granted any more", "err", err)
		answer(taken, ErrBroken)
		return
	}
	s.send(ctx, taken, intents)
}

// admit says whether r may be granted on top of the ledger and of the batch's other intents.
func (s *Service) admit(r *request, balance uint64, now int64, batch []Entry) error {
	l := s.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return ErrBroken
	}
	if err := known(l.entries[r.address]); err != nil {
		return err
	}
	ofNet := l.nets[r.net]
	for _, e := range batch {
		if e.Address == r.address {
			return ErrPending
		}
		if e.Net == r.net {
			ofNet++
		}
	}
	if ofNet >= s.cfg.Network.GrantsPerDay {
		return ErrNetworkLimit
	}
	cost, ahead := s.cfg.Cost(), uint64(len(batch))*s.cfg.Cost()
	if err := l.meter.check(now, ahead+cost); err != nil {
		return err
	}
	// what was promised may be asked for at any time, so it is not there any more
	if l.held+ahead+cost+uint64(s.cfg.Budget.Reserve) > balance {
		return ErrReserve
	}
	return nil
}

// known says why an address of the ledger is not granted again.
func known(e Entry) error {
	switch e.State {
	case Granted:
		return ErrSponsored
	case Intent:
		return ErrPending
	}
	return nil
}

// send broadcasts intents, which are on the disk, and tells everybody the outcome.
func (s *Service) send(ctx context.Context, taken []*request, intents []Entry) {
	addresses := make([]string, len(intents))
	for i, e := range intents {
		addresses[i] = e.Address
	}
	tx, err := s.chain.Grant(ctx, addresses, Terms{
		SpendLimit: uint64(s.cfg.Grant.SpendLimit), Credit: uint64(s.cfg.Grant.StarterCredit), Expires: time.Unix(intents[0].Expires, 0).UTC(),
		Until: intents[0].Until, MaxFee: uint64(s.cfg.Grant.MaxFee) * uint64(len(intents)),
	})
	if errors.Is(err, errNotSent) && len(intents) > 1 {
		// one that the chain does not take must not keep it from the others
		for i := range intents {
			s.send(ctx, taken[i:i+1], intents[i:i+1])
		}
		return
	}
	state, reply := Granted, error(nil)
	switch {
	case errors.Is(err, errNotSent), errors.Is(err, errReverted):
		state, reply = Failed, ErrRefused
		s.log.Error("the chain refused a grant", "addresses", addresses, "err", err)
	case err != nil:
		s.log.Warn("whether a block holds a grant is not known yet", "addresses", addresses, "until", intents[0].Until, "err", err)
		s.metrics.grants.WithLabelValues(string(Intent)).Add(float64(len(intents)))
		answer(taken, ErrPending)
		return
	}
	s.settle(state, tx, intents)
	answer(taken, reply)
}

// settle notes an outcome. Where that cannot be written, the intent stands, which is never less safe.
func (s *Service) settle(state State, tx string, intents []Entry) {
	for i := range intents {
		intents[i].State, intents[i].TX = state, tx
		intents[i].Held = intents[i].Limit
		if state == Failed {
			intents[i].Held = 0
		}
		s.log.Info("grant", "state", state, "address", intents[i].Address, "tx", tx)
	}
	if err := s.ledger.write(intents...); err != nil {
		s.log.Error("the ledger cannot be written; nothing is granted any more", "err", err)
	}
	s.metrics.grants.WithLabelValues(string(state)).Add(float64(len(intents)))
}

func answer(batch []*request, err error) {
	for _, r := range batch {
		r.answer <- err
	}
}

// maintain finds out what became of intents of before, and forgets what is over.
func (s *Service) maintain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	now := s.now()
	s.issuer.sweep(now)
	s.ledger.expire(now.Unix())
	if err := s.salts.rotate(now); err != nil {
		s.log.Error("the day's salt cannot be kept", "err", err)
	}
	height, err := s.chain.Height(ctx)
	if err == nil {
		var balance uint64
		if balance, err = s.chain.Balance(ctx); err == nil {
			s.balance.Store(int64(balance))
		}
	}
	s.reachable.Store(err == nil)
	if err != nil {
		s.log.Warn("the chain does not answer", "err", err)
		return
	}
	for _, e := range s.ledger.intents(50) {
		// asked after the height: past it, no block can change the answer
		st, err := s.chain.Standing(ctx, e.Address)
		switch {
		case err != nil:
			s.log.Warn("the chain does not answer", "err", err)
			return
		case st.Allowance, st.Signed:
			// who has signed has had it, even where nothing of it is left
			s.settle(Granted, "", []Entry{e})
		case height > e.Until:
			s.settle(Failed, "", []Entry{e})
		}
	}
}
