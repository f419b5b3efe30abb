package prove

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/blob"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const (
	// patience is for how many periods a work must have been unreadable, and tries how often it was tried to get it
	// back, before its loss is reported: the report ends the deal, and nodes come back.
	patience = 2
	tries    = 3
	// auditEvery bounds the time between audits, in a long period.
	auditEvery = 10 * time.Minute
	// repairTime bounds the time for one block.
	repairTime = 30 * time.Second
)

// losses are the works that could not be read and not be got back.
type losses struct {
	mu    sync.Mutex
	works map[string]*suspect
}

type suspect struct {
	block cid.Cid // undefined where the whole work is missing
	since int64   // live time
	tries int
}

func (l *losses) note(work string, block cid.Cid, now int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.works == nil {
		l.works = map[string]*suspect{}
	}
	s := l.works[work]
	if s == nil {
		s = &suspect{since: now}
		l.works[work] = s
	}
	s.block = block
	s.tries++
}

func (l *losses) clear(work string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.works, work)
}

func (l *losses) all() map[string]suspect {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[string]suspect, len(l.works))
	for w, s := range l.works {
		out[w] = *s
	}
	return out
}

// Suspect says that a block cannot be read and that no node gave it.
func (p *Prover) Suspect(c cid.Cid) {
	for _, e := range p.Catalog.Keepers(c) {
		p.losses.note(e.ID, c, p.Chain.Now())
	}
}

// audit looks now and then for works that are gone, tries to get them back, and reports those that stay lost.
func (p *Prover) audit(ctx context.Context, r *Report, period storagetypes.QueryPeriodResponse) error {
	length := max(period.NextAt-period.Period.OpenedAt, 1)
	if time.Since(p.audits) < min(time.Duration(length)*time.Second/4, auditEvery) {
		return nil
	}
	p.audits = time.Now()
	rows, err := p.Chain.Deals(ctx)
	if err != nil {
		return fmt.Errorf("deals: %w", err)
	}
	active := map[string]bool{}
	for _, d := range rows {
		if d.Status != storagetypes.DEAL_STATUS_ACTIVE {
			continue
		}
		active[d.Work] = true
		if _, ok := p.Catalog.Get(d.Work); !ok && p.Keeper.Unfetchable(d.Work) {
			p.losses.note(d.Work, cid.Undef, p.Chain.Now())
		}
	}
	var lost []string
	for work, s := range p.losses.all() {
		switch {
		case !active[work] || p.back(ctx, work, s):
			p.losses.clear(work)
		case s.tries >= tries && p.Chain.Now() >= s.since+patience*length:
			lost = append(lost, work)
		}
	}
	return p.report(ctx, r, lost)
}

// back says whether a work is whole again, as far as is known.
func (p *Prover) back(ctx context.Context, work string, s suspect) bool {
	if !s.block.Defined() {
		_, here := p.Catalog.Get(work)
		return here
	}
	_, err := p.Disk.Get(ctx, s.block)
	if err == nil {
		return true
	}
	if !errors.Is(err, blob.ErrNotFound) && !errors.Is(err, blob.ErrCorrupt) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, repairTime)
	defer cancel()
	if p.Keeper.Repair(ctx, s.block) == nil {
		return true
	}
	p.losses.note(work, s.block, p.Chain.Now())
	return false
}

func (p *Prover) report(ctx context.Context, r *Report, lost []string) error {
	if len(lost) == 0 {
		return nil
	}
	if err := p.Disk.Check(); err != nil {
		return fmt.Errorf("losses are not reported: %w", err)
	}
	slices.Sort(lost)
	lost = lost[:min(len(lost), storagetypes.MaxReport)]
	if err := p.Chain.ReportLoss(ctx, lost); err != nil {
		return fmt.Errorf("reporting the loss of %d works: %w", len(lost), err)
	}
	for _, work := range lost {
		p.losses.clear(work)
	}
	r.Reported = lost
	return nil
}
