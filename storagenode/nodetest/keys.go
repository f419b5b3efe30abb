package nodetest

import (
	"context"
	"sync"

	"github.com/streamchain/streamchain/keyshare"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// KeySets are the key sets of all works, as x/storage keeps them; the chains of several providers may share them. Who is drawn is the test's to say.
type KeySets struct {
	Mu      sync.Mutex
	Active  map[string]storagetypes.KeySet
	Pending map[string]storagetypes.KeySet
}

// NewKeySets returns none.
func NewKeySets() *KeySets {
	return &KeySets{Active: map[string]storagetypes.KeySet{}, Pending: map[string]storagetypes.KeySet{}}
}

// Draw begins the next set of a root work with these providers and their seal keys.
func (k *KeySets) Draw(root string, operators []string, sealKeys [][]byte) {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	s := storagetypes.KeySet{
		Root: root, Version: max(k.Active[root].Version, k.Pending[root].Version) + 1, Status: storagetypes.KEY_SET_STATUS_DRAWN, Threshold: storagetypes.KeyThreshold(len(operators)),
	}
	for i, o := range operators {
		s.Holders = append(s.Holders, storagetypes.KeyHolder{Operator: o, Index: uint32(i + 1), SealKey: sealKeys[i]})
	}
	k.Pending[root] = s
}

// Deal gives the holders of the drawn set sealed shares.
func (k *KeySets) Deal(root string, commitments, sealed [][]byte) {
	k.Mu.Lock()
	defer k.Mu.Unlock()
	s := k.Pending[root]
	s.Status, s.Commitments = storagetypes.KEY_SET_STATUS_DEALT, commitments
	for i := range s.Holders {
		s.Holders[i].Sealed = sealed[i]
	}
	k.Pending[root] = s
}

func (k *KeySets) accept(operator, root string, version uint64) error {
	s := k.Pending[root]
	h := s.Holder(operator)
	switch {
	case s.Version == 0:
		return storagetypes.ErrNoKeySet
	case h == nil:
		return storagetypes.ErrNotHolder
	case s.Version != version || s.Status != storagetypes.KEY_SET_STATUS_DEALT || h.Accepted:
		return storagetypes.ErrKeySetStatus
	}
	h.Accepted = true
	if !s.Complete() {
		return nil
	}
	delete(k.Pending, root)
	k.Active[root] = s.Activate()
	return nil
}

func (k *KeySets) reshare(operator, root string, version uint64, commitments, sealed [][]byte) error {
	s, active := k.Pending[root], k.Active[root]
	dealer := active.Holder(operator)
	switch {
	case dealer == nil:
		return storagetypes.ErrNotHolder
	case s.Version != version || s.Status != storagetypes.KEY_SET_STATUS_DRAWN:
		return storagetypes.ErrKeySetStatus
	}
	for _, d := range s.Dealings {
		if d.Dealer == dealer.Index {
			return storagetypes.ErrKeySetStatus
		}
	}
	old, err := keyshare.ParseCommitments(active.Commitments)
	if err != nil {
		return err
	}
	s.Dealings = append(s.Dealings, storagetypes.ShareDealing{Dealer: dealer.Index, Commitments: commitments, Sealed: sealed})
	if len(s.Dealings) == int(active.Threshold) {
		var dealings []keyshare.Dealing
		for _, d := range s.Dealings {
			c, err := keyshare.ParseCommitments(d.Commitments)
			if err != nil {
				return storagetypes.ErrInvalidDealing
			}
			dealings = append(dealings, keyshare.Dealing{Dealer: uint16(d.Dealer), Commitments: c})
		}
		c, err := keyshare.Reshared(old, dealings)
		if err != nil {
			return storagetypes.ErrInvalidDealing
		}
		s.Status, s.Commitments = storagetypes.KEY_SET_STATUS_DEALT, c.Bytes()
	}
	k.Pending[root] = s
	return nil
}

// MyKeySets answers like x/storage.
func (c *Chain) MyKeySets(context.Context) ([]storagetypes.KeySet, error) {
	done, err := c.begin("my key sets")
	defer done()
	k := c.Sets
	k.Mu.Lock()
	defer k.Mu.Unlock()
	roots := map[string]bool{}
	for _, sets := range []map[string]storagetypes.KeySet{k.Active, k.Pending} {
		for root, s := range sets {
			roots[root] = roots[root] || s.Holder(c.Operator) != nil
		}
	}
	var out []storagetypes.KeySet
	for root, mine := range roots {
		for _, sets := range []map[string]storagetypes.KeySet{k.Active, k.Pending} {
			if s, ok := sets[root]; ok && mine {
				out = append(out, cloned(s))
			}
		}
	}
	return out, err
}

// cloned is a set whose holders do not change under who reads it.
func cloned(s storagetypes.KeySet) storagetypes.KeySet {
	s.Holders = append([]storagetypes.KeyHolder(nil), s.Holders...)
	s.Dealings = append([]storagetypes.ShareDealing(nil), s.Dealings...)
	return s
}

// KeySets answers like x/storage.
func (c *Chain) KeySets(_ context.Context, root string) (active, pending *storagetypes.KeySet, err error) {
	done, err := c.begin("key sets")
	defer done()
	c.Sets.Mu.Lock()
	defer c.Sets.Mu.Unlock()
	if s, ok := c.Sets.Active[root]; ok {
		s = cloned(s)
		active = &s
	}
	if s, ok := c.Sets.Pending[root]; ok {
		s = cloned(s)
		pending = &s
	}
	return active, pending, err
}

// OfferKeys takes the offer like x/storage.
func (c *Chain) OfferKeys(_ context.Context, sealKey []byte) error {
	done, err := c.begin("offer keys")
	defer done()
	if err != nil {
		return err
	}
	p := c.Providers[c.Operator]
	p.SealKey = sealKey
	c.Providers[c.Operator] = p
	c.Txs++
	return nil
}

// AcceptShare takes it like x/storage.
func (c *Chain) AcceptShare(_ context.Context, root string, version uint64) error {
	done, err := c.begin("accept share")
	defer done()
	if err != nil {
		return err
	}
	c.Sets.Mu.Lock()
	defer c.Sets.Mu.Unlock()
	return c.Sets.accept(c.Operator, root, version)
}

// Reshare takes it like x/storage.
func (c *Chain) Reshare(_ context.Context, root string, version uint64, commitments, sealed [][]byte) error {
	done, err := c.begin("reshare")
	defer done()
	if err != nil {
		return err
	}
	c.Sets.Mu.Lock()
	defer c.Sets.Mu.Unlock()
	return c.Sets.reshare(c.Operator, root, version, commitments, sealed)
}

// LaneOf answers like x/stream, of the one lane that an owner has here.
func (c *Chain) LaneOf(_ context.Context, owner, denom, provider string, generation uint64) (streamtypes.Lane, error) {
	done, err := c.begin("lane of")
	defer done()
	l, ok := c.Lanes[owner+"/"+denom]
	if err == nil && (!ok || l.Provider != provider || l.Generation != generation) {
		err = streamtypes.ErrLaneNotFound
	}
	return l, err
}

// Close closes an owner's lane, which still takes settlements for some time.
func (c *Chain) Close(owner, denom string) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	l := c.Lanes[owner+"/"+denom]
	l.ClosingSince, l.ClosesAt = c.Live, min(l.ClosesAt, c.Live+c.Params.CloseGraceSeconds)
	l.EndsAt = l.ClosesAt
	c.Lanes[owner+"/"+denom] = l
}

// SettledTicks answers like x/stream.
func (c *Chain) SettledTicks(_ context.Context, s streamtypes.Session) (uint32, error) {
	done, err := c.begin("settled")
	defer done()
	return c.Settled[SettledKey(s)], err
}

// SettledKey is the key of a session in Chain.Settled.
func SettledKey(s streamtypes.Session) string { return settledKey(s.EscrowOwner+"/"+s.Denom, s) }
