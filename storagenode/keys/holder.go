package keys

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/streamchain/streamchain/keyshare"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// EraseAfter is how long a replaced share is kept: viewers who ask by the set before must learn of the new one.
const EraseAfter = time.Minute

// Holder does what the chain asks of a holder. Its fields are set before the first step.
type Holder struct {
	Operator string
	Chain    Chain
	Store    *Store
	// Closed says that the node offers itself no more; shares that it has stay. nil for never.
	Closed func() bool
	// Clock is wall time; nil for time.Now.
	Clock func() time.Time

	step     sync.Mutex
	replaced map[Held]time.Time // since when a share is seen to be
}

// Report is what a step did.
type Report struct {
	Offered  int // times
	Accepted int // shares
	Reshared int
	Erased   int
	Held     int // shares that are kept
}

// Step offers the node, accepts what was dealt to it, hands over what is reshared, and erases what is replaced. What one work's set refuses does not
// keep the others waiting; the error joins all. It may be called again after any failure or kill.
func (h *Holder) Step(ctx context.Context) (Report, error) {
	h.step.Lock()
	defer h.step.Unlock()
	var r Report
	failed := h.offer(ctx, &r)
	sets, err := h.Chain.MyKeySets(ctx)
	if err != nil {
		return r, errors.Join(failed, fmt.Errorf("key sets: %w", err))
	}
	active := map[string]*storagetypes.KeySet{}
	for i := range sets {
		if sets[i].Status == storagetypes.KEY_SET_STATUS_ACTIVE {
			active[sets[i].Root] = &sets[i]
		}
	}
	for i := range sets {
		if sets[i].Status != storagetypes.KEY_SET_STATUS_ACTIVE {
			if err := h.prepare(ctx, &r, active[sets[i].Root], &sets[i]); err != nil {
				failed = errors.Join(failed, fmt.Errorf("keys of %s, version %d: %w", sets[i].Root, sets[i].Version, err))
			}
		}
	}
	return r, errors.Join(failed, h.erase(ctx, &r))
}

// offer makes the chain's entry say what the node wants.
func (h *Holder) offer(ctx context.Context, r *Report) error {
	p, err := h.Chain.Provider(ctx, h.Operator)
	if errors.Is(err, storagetypes.ErrProviderNotFound) {
		return nil // not registered yet
	}
	if err != nil {
		return err
	}
	var want []byte
	if h.Closed == nil || !h.Closed() {
		want = h.Store.SealKey()
	}
	if p.Status != storagetypes.PROVIDER_STATUS_ACTIVE || bytes.Equal(p.SealKey, want) {
		return nil
	}
	if err := h.Chain.OfferKeys(ctx, want); err != nil {
		return fmt.Errorf("offering to hold keys: %w", err)
	}
	r.Offered++
	return nil
}

// prepare does this holder's part in a set that is not active yet.
func (h *Holder) prepare(ctx context.Context, r *Report, active, pending *storagetypes.KeySet) error {
	mine, old := pending.Holder(h.Operator), active.Holder(h.Operator)
	switch {
	case pending.Status == storagetypes.KEY_SET_STATUS_DEALT && mine != nil && !mine.Accepted:
		return h.accept(ctx, r, active, pending, mine)
	case pending.Status == storagetypes.KEY_SET_STATUS_DRAWN && old != nil:
		return h.reshare(ctx, r, active, pending, old)
	}
	return nil
}

// accept keeps a dealt share and then says so: who is killed between the two does both again.
func (h *Holder) accept(ctx context.Context, r *Report, active, pending *storagetypes.KeySet, mine *storagetypes.KeyHolder) error {
	share, err := h.open(active, pending, mine)
	if err != nil {
		return err
	}
	if err := h.Store.Put(Held{pending.Root, pending.Version}, share); err != nil {
		return err
	}
	if err := h.Chain.AcceptShare(ctx, pending.Root, pending.Version); err != nil && !errors.Is(err, storagetypes.ErrKeySetStatus) {
		return err
	}
	r.Accepted++
	return nil
}

// open decrypts this holder's share and checks it against what is committed to.
func (h *Holder) open(active, pending *storagetypes.KeySet, mine *storagetypes.KeyHolder) (keyshare.Share, error) {
	commitments, err := keyshare.ParseCommitments(pending.Commitments)
	if err != nil {
		return keyshare.Share{}, err
	}
	var share keyshare.Share
	if len(pending.Dealings) == 0 {
		share, err = h.part(pending, mine, mine.Sealed, 0)
	} else {
		share, err = h.receive(active, pending, mine)
	}
	if err != nil {
		return keyshare.Share{}, err
	}
	return share, share.Verify(commitments)
}

func (h *Holder) part(pending *storagetypes.KeySet, mine *storagetypes.KeyHolder, sealed []byte, dealer uint32) (keyshare.Share, error) {
	plain, err := h.Store.open(keyshare.ShareContext(pending.Root, pending.Version, mine.Index, dealer), sealed)
	if err != nil {
		return keyshare.Share{}, err
	}
	defer clear(plain)
	return keyshare.ParseShare(uint16(mine.Index), plain)
}

// receive puts the parts of the old holders together.
func (h *Holder) receive(active, pending *storagetypes.KeySet, mine *storagetypes.KeyHolder) (keyshare.Share, error) {
	if active == nil {
		return keyshare.Share{}, fmt.Errorf("%w: dealt by holders that are not there", keyshare.ErrDealing)
	}
	old, err := keyshare.ParseCommitments(active.Commitments)
	if err != nil {
		return keyshare.Share{}, err
	}
	var dealings []keyshare.Dealing
	var parts []keyshare.Share
	for _, d := range pending.Dealings {
		c, err := keyshare.ParseCommitments(d.Commitments)
		if err != nil {
			return keyshare.Share{}, err
		}
		if int(mine.Index) > len(d.Sealed) {
			return keyshare.Share{}, fmt.Errorf("%w: dealer %d has no part for %d", keyshare.ErrDealing, d.Dealer, mine.Index)
		}
		part, err := h.part(pending, mine, d.Sealed[mine.Index-1], d.Dealer)
		if err != nil {
			return keyshare.Share{}, fmt.Errorf("the part of dealer %d: %w", d.Dealer, err)
		}
		dealings, parts = append(dealings, keyshare.Dealing{Dealer: uint16(d.Dealer), Commitments: c}), append(parts, part)
	}
	return keyshare.Receive(old, dealings, parts)
}

// reshare hands this holder's share over. Only as many as the old threshold are needed; who comes later is refused, which is no failure.
func (h *Holder) reshare(ctx context.Context, r *Report, active, pending *storagetypes.KeySet, old *storagetypes.KeyHolder) error {
	if slices.ContainsFunc(pending.Dealings, func(d storagetypes.ShareDealing) bool { return d.Dealer == old.Index }) {
		return nil
	}
	share, err := h.Store.Get(Held{active.Root, active.Version})
	if err != nil {
		return err
	}
	dealing, parts, err := share.Reshare(rand.Reader, int(pending.Threshold), len(pending.Holders))
	if err != nil {
		return err
	}
	sealed := make([][]byte, len(parts))
	for i, part := range parts {
		to, secret := pending.Holders[i], part.Bytes()
		sealed[i], err = keyshare.Seal(to.SealKey, keyshare.ForHolder, keyshare.ShareContext(pending.Root, pending.Version, to.Index, old.Index), secret[:])
		clear(secret[:])
		if err != nil {
			return fmt.Errorf("sealing for %s: %w", to.Operator, err)
		}
	}
	err = h.Chain.Reshare(ctx, pending.Root, pending.Version, dealing.Commitments.Bytes(), sealed)
	if errors.Is(err, storagetypes.ErrKeySetStatus) {
		return nil
	}
	if err == nil {
		r.Reshared++
	}
	return err
}

// erase removes shares that are replaced for EraseAfter.
func (h *Holder) erase(ctx context.Context, r *Report) error {
	kept, err := h.Store.List()
	if err != nil {
		return err
	}
	now, seen := time.Now, map[Held]time.Time{}
	if h.Clock != nil {
		now = h.Clock
	}
	var failed error
	for _, held := range kept {
		gone, err := h.over(ctx, held)
		if err != nil {
			failed = errors.Join(failed, err)
		}
		since, known := h.replaced[held]
		switch {
		case !gone || err != nil:
			r.Held++
			continue
		case !known:
			since = now()
		}
		if now().Sub(since) < EraseAfter {
			seen[held] = since
			r.Held++
			continue
		}
		if err := h.Store.Erase(held); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		r.Erased++
	}
	h.replaced = seen
	return failed
}

// over says whether a share can never be asked for again: a newer set is active, or a newer one was drawn in place of one that never became active.
// A chain that says nothing of the work says nothing against the share.
func (h *Holder) over(ctx context.Context, held Held) (bool, error) {
	active, pending, err := h.Chain.KeySets(ctx, held.Root)
	if err != nil {
		return false, err
	}
	if active != nil && active.Version == held.Version {
		return false, nil
	}
	return active != nil && active.Version > held.Version || pending != nil && pending.Version > held.Version, nil
}
