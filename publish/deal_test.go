package publish

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyshare"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// chain draws sets of so many holders, and holds what is sent against the chain's rules.
type chain struct {
	t        *testing.T
	holders  []int // of each set that is drawn
	accepts  func(version uint64, seen int) bool
	now      int64
	active   *storagetypes.KeySet
	pending  *storagetypes.KeySet
	seen     int // looks at a dealt set
	sent     []string
	private  map[string][32]byte
	shares   []keyshare.Share
	c0       [32]byte
	sendFail error
}

func (c *chain) Now(context.Context) (int64, error) { return c.now, nil }

func (c *chain) KeySets(context.Context, string) (active, pending *storagetypes.KeySet, err error) {
	if p := c.pending; p != nil && p.Status == storagetypes.KEY_SET_STATUS_DEALT {
		if c.seen++; c.accepts(p.Version, c.seen) {
			done := p.Activate()
			done.Status = storagetypes.KEY_SET_STATUS_ACTIVE
			c.active, c.pending = &done, nil
		} else {
			c.now += 30
		}
	}
	return c.active, c.pending, nil
}

func (c *chain) Send(_ context.Context, _ Purpose, msg sdk.Msg) error {
	if c.sendFail != nil {
		return c.sendFail
	}
	switch m := msg.(type) {
	case *storagetypes.MsgDrawKeySet:
		c.sent = append(c.sent, "draw")
		require.Nil(c.t, c.active)
		if c.pending != nil {
			require.GreaterOrEqual(c.t, c.now, c.pending.Deadline, "the chain would refuse")
			require.Less(c.t, c.now, c.pending.Deadline+60, "as soon as the chain allows")
		}
		c.drawn()
	case *storagetypes.MsgDealKeys:
		c.sent = append(c.sent, "deal")
		c.dealt(m)
	default:
		require.Fail(c.t, "unexpected", "%T", msg)
	}
	return nil
}

func (c *chain) drawn() {
	version := uint64(1)
	if c.pending != nil {
		version = c.pending.Version + 1
	}
	n := c.holders[version-1]
	s := &storagetypes.KeySet{Root: "root", Version: version, Status: storagetypes.KEY_SET_STATUS_DRAWN, Threshold: storagetypes.KeyThreshold(n), Deadline: c.now + 120}
	for i := range n {
		private, public, err := keyshare.NewSealKey(rand.Reader)
		require.NoError(c.t, err)
		c.private[string(public[:])] = private
		s.Holders = append(s.Holders, storagetypes.KeyHolder{Operator: string(rune('a' + i)), Index: uint32(i + 1), SealKey: public[:]})
	}
	c.pending, c.seen = s, 0
}

// dealt opens every share as its holder does.
func (c *chain) dealt(m *storagetypes.MsgDealKeys) {
	s := c.pending
	require.Equal(c.t, storagetypes.KEY_SET_STATUS_DRAWN, s.Status)
	require.Equal(c.t, "me", m.Controller)
	require.Equal(c.t, "root", m.Root)
	require.Len(c.t, m.Commitments, int(s.Threshold))
	require.Len(c.t, m.Sealed, len(s.Holders))
	commitments, err := keyshare.ParseCommitments(m.Commitments)
	require.NoError(c.t, err)
	require.Equal(c.t, c.c0, commitments.C0())
	c.shares = nil
	for i, h := range s.Holders {
		private := c.private[string(h.SealKey)]
		raw, err := keyshare.Open(private[:], keyshare.ForHolder, keyshare.ShareContext("root", s.Version, h.Index, 0), m.Sealed[i])
		require.NoError(c.t, err)
		share, err := keyshare.ParseShare(uint16(h.Index), raw)
		require.NoError(c.t, err)
		require.NoError(c.t, share.Verify(commitments))
		c.shares = append(c.shares, share)
	}
	s.Commitments, s.Status = m.Commitments, storagetypes.KEY_SET_STATUS_DEALT
}

func newChain(t *testing.T, holders ...int) (*chain, *dealer) {
	secret := keyshare.NewSecret(rand.Reader)
	c := &chain{t: t, holders: holders, private: map[string][32]byte{}, c0: secret.C0(), accepts: func(_ uint64, seen int) bool { return seen > 1 }}
	return c, &dealer{chain: c, controller: "me", root: "root", secret: &secret, told: func(*storagetypes.KeySet) {}}
}

// The shares that were dealt open the windows that the secret opens, for any number of holders that the chain draws.
func TestDeal(t *testing.T) {
	for _, n := range []int{1, 3, 5, 7} {
		c, d := newChain(t, n)
		require.NoError(t, d.hold(t.Context(), false))
		require.Equal(t, []string{"draw", "deal"}, c.sent)
		require.Nil(t, c.active, "it did not wait")
		require.NoError(t, d.hold(t.Context(), true))
		require.Equal(t, []string{"draw", "deal"}, c.sent, "nothing twice")
		require.NoError(t, d.hold(t.Context(), true), "what is done is done")

		w := keyshare.Window{Work: keyshare.KeyID(c.c0), Rendition: "v0-89abcdef", Number: 2}
		commitments, err := keyshare.ParseCommitments(c.active.Commitments)
		require.NoError(t, err)
		var answers []keyshare.Answer
		for _, s := range c.shares[:c.active.Threshold] {
			a, err := s.Answer(rand.Reader, w)
			require.NoError(t, err)
			answers = append(answers, a)
		}
		got, _, err := keyshare.Combine(commitments, w, answers)
		require.NoError(t, err)
		want, err := d.secret.Output(w)
		require.NoError(t, err)
		require.Equal(t, want.AES128(), got.AES128())
	}
}

// Holders who do not accept in time are drawn anew, and the next ones are dealt other shares of the same secret.
func TestDealAgain(t *testing.T) {
	c, d := newChain(t, 5, 3)
	c.accepts = func(version uint64, seen int) bool { return version == 2 && seen > 1 }
	require.NoError(t, d.hold(t.Context(), true))
	require.Equal(t, []string{"draw", "deal", "draw", "deal"}, c.sent)
	require.EqualValues(t, 2, c.active.Version)
	require.Len(t, c.active.Holders, 3)

	c, d = newChain(t, 3, 3, 3, 3)
	c.accepts = func(uint64, int) bool { return false }
	require.ErrorIs(t, d.hold(t.Context(), true), ErrUnfinished)
	require.Equal(t, []string{"draw", "deal", "draw", "deal", "draw", "deal"}, c.sent)
	c.accepts = func(uint64, int) bool { return true }
	require.NoError(t, d.hold(t.Context(), true), "the next run goes on")
}

func TestDealFails(t *testing.T) {
	c, d := newChain(t, 3)
	secret := d.secret
	d.secret = nil
	require.ErrorIs(t, d.hold(t.Context(), true), ErrSecretErased)
	require.Empty(t, c.sent, "nobody is drawn for nothing")
	c.drawn()
	require.ErrorIs(t, d.hold(t.Context(), true), ErrSecretErased)
	d.secret = secret

	c.sendFail = errors.New("refused")
	require.ErrorIs(t, d.hold(t.Context(), true), c.sendFail)
	c.pending, c.sendFail = nil, storagetypes.ErrNoHolders
	err := d.hold(t.Context(), true)
	require.ErrorIs(t, err, ErrNoHolders)
	require.ErrorIs(t, err, ErrUnfinished, "the work is there: the same command finishes it later")
	c.sendFail = nil

	ctx, cancel := context.WithCancel(t.Context())
	c.accepts = func(uint64, int) bool { cancel(); return false }
	err = d.hold(ctx, true)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, ErrUnfinished)
}

func TestAwaitHolders(t *testing.T) {
	c, d := newChain(t, 3)
	require.ErrorIs(t, d.await(t.Context()), ErrUnfinished, "none are being prepared")
	c.drawn()
	require.ErrorIs(t, d.await(t.Context()), ErrUnfinished, "they wait for the shares")
	require.NoError(t, d.hold(t.Context(), false))
	require.NoError(t, d.await(t.Context()))
	require.NotNil(t, c.active)

	c, d = newChain(t, 3)
	require.NoError(t, d.hold(t.Context(), false))
	c.accepts = func(uint64, int) bool { return false }
	require.ErrorIs(t, d.await(t.Context()), ErrUnfinished, "they did not accept in time")
	require.Equal(t, []string{"draw", "deal"}, c.sent, "who waits draws nobody")
}
