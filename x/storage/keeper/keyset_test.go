package keeper_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyshare"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// keyring holds the sealing keys of providers, and what they were dealt.
type keyring struct {
	*fixture
	private map[string][32]byte // by operator
	shares  map[string]keyshare.Share
}

func newKeyring(t *testing.T, holders ...string) *keyring {
	f := newFixture(t)
	f.next(time.Second) // the clock of proofs begins
	r := &keyring{f, map[string][32]byte{}, map[string]keyshare.Share{}}
	for _, name := range holders {
		r.provider(name)
		r.offer(name)
	}
	f.setPeriod(10)
	return r
}

// setPeriod is what a draw sees of time.
func (f *fixture) setPeriod(number uint64) {
	require.NoError(f.T, f.k.SetPeriodNumber(f.Ctx, number))
}

func (r *keyring) offer(name string) {
	private, public, err := keyshare.NewSealKey(rand.Reader)
	require.NoError(r.T, err)
	r.private[r.Addr(name).String()] = private
	r.must(&types.MsgOfferKeys{Agent: r.agent(name).String(), SealKey: public[:]})
}

// secretWork publishes a work that is encrypted under the secret.
func (f *fixture) secretWork(controller sdk.AccAddress, name string, secret keyshare.Secret) string {
	f.T.Helper()
	c0, piece := secret.C0(), hash(name)
	res, err := f.publish.Publish(f.Ctx, &contenttypes.MsgPublish{
		Controller: controller.String(), Creator: contenttypes.NewCreatorID(controller).String(), Kind: "video", Title: name,
		DurationSeconds: 30, Media: cid.NewCidV1(cid.DagProtobuf, piece).String(), PieceRoot: piece[len(piece)-32:], PieceSize: 5, Licence: "CC-BY-4.0",
		Keys: &contenttypes.Keys{Suite: keyshare.Suite, C0: c0[:], WindowSeconds: 20},
	})
	require.NoError(f.T, err)
	return res.Cid
}

func (f *fixture) keySets(work string) (active, pending *types.KeySet) {
	f.T.Helper()
	res, err := f.q.KeySet(f.Ctx, &types.QueryKeySetRequest{Work: work})
	require.NoError(f.T, err)
	return res.Active, res.Pending
}

// dealMsg deals the secret to the set that is being prepared.
func (r *keyring) dealMsg(controller sdk.AccAddress, work string, secret keyshare.Secret) *types.MsgDealKeys {
	r.T.Helper()
	_, s := r.keySets(work)
	c, shares, err := secret.Deal(rand.Reader, int(s.Threshold), len(s.Holders))
	require.NoError(r.T, err)
	msg := &types.MsgDealKeys{Controller: controller.String(), Root: work, Commitments: c.Bytes()}
	for i, h := range s.Holders {
		b := shares[i].Bytes()
		sealed, err := keyshare.Seal(h.SealKey, keyshare.ForHolder, []byte(work), b[:])
		require.NoError(r.T, err)
		msg.Sealed = append(msg.Sealed, sealed)
	}
	return msg
}

// take opens the holder's share of a dealt set and checks it, as a node does.
func (r *keyring) take(work, operator string) {
	r.T.Helper()
	_, s := r.keySets(work)
	private, h := r.private[operator], s.Holder(operator)
	now, err := keyshare.ParseCommitments(s.Commitments)
	require.NoError(r.T, err)
	open := func(sealed []byte) keyshare.Share {
		raw, err := keyshare.Open(private[:], keyshare.ForHolder, []byte(work), sealed)
		require.NoError(r.T, err)
		share, err := keyshare.ParseShare(uint16(h.Index), raw)
		require.NoError(r.T, err)
		return share
	}
	if len(s.Dealings) == 0 {
		r.shares[operator] = open(h.Sealed)
	} else {
		active, _ := r.keySets(work)
		old, err := keyshare.ParseCommitments(active.Commitments)
		require.NoError(r.T, err)
		var dealings []keyshare.Dealing
		var parts []keyshare.Share
		for _, d := range s.Dealings {
			c, err := keyshare.ParseCommitments(d.Commitments)
			require.NoError(r.T, err)
			dealings = append(dealings, keyshare.Dealing{Dealer: uint16(d.Dealer), Commitments: c})
			parts = append(parts, open(d.Sealed[h.Index-1]))
		}
		if r.shares[operator], err = keyshare.Receive(old, dealings, parts); err != nil {
			require.NoError(r.T, err)
		}
	}
	require.NoError(r.T, r.shares[operator].Verify(now))
}

func (r *keyring) agentOf(operator string) string {
	r.T.Helper()
	p, err := r.k.GetProvider(r.Ctx, operator)
	require.NoError(r.T, err)
	return p.Agent
}

func (r *keyring) acceptAll(work string) {
	r.T.Helper()
	_, s := r.keySets(work)
	for i, h := range s.Holders {
		r.take(work, h.Operator)
		res, err := r.msg.AcceptShare(r.Ctx, &types.MsgAcceptShare{Agent: r.agentOf(h.Operator), Root: work, Version: s.Version})
		require.NoError(r.T, err)
		require.Equal(r.T, i == len(s.Holders)-1, res.Active)
	}
}

// opens requires that the holders of the active set give the key that the secret gives.
func (r *keyring) opens(work string, secret keyshare.Secret) {
	r.T.Helper()
	active, _ := r.keySets(work)
	w := keyshare.Window{Work: keyshare.KeyID(secret.C0()), Rendition: "v", Number: 3}
	c, err := keyshare.ParseCommitments(active.Commitments)
	require.NoError(r.T, err)
	var answers []keyshare.Answer
	for _, h := range active.Holders[len(active.Holders)-int(active.Threshold):] {
		a, err := r.shares[h.Operator].Answer(rand.Reader, w)
		require.NoError(r.T, err)
		answers = append(answers, a)
	}
	got, liars, err := keyshare.Combine(c, w, answers)
	require.NoError(r.T, err)
	require.Empty(r.T, liars)
	want, err := secret.Output(w)
	require.NoError(r.T, err)
	require.Equal(r.T, want.AES128(), got.AES128())
}

// TestKeySet follows a secret from its dealing through a resharing after a holder has gone.
func TestKeySet(t *testing.T) {
	names := []string{"p0", "p1", "p2", "p3", "p4", "p5", "p6"}
	r := newKeyring(t, names...)
	alice := r.creator("alice")
	secret := keyshare.NewSecret(rand.Reader)
	work := r.secretWork(alice, "film", secret)
	r.must(&types.MsgDrawKeySet{Signer: alice.String(), Work: work})
	_, s := r.keySets(work)
	require.Len(t, s.Holders, types.MaxKeyHolders)
	require.EqualValues(t, 4, s.Threshold)
	r.must(r.dealMsg(alice, work, secret))
	r.acceptAll(work)
	active, pending := r.keySets(work)
	require.Nil(t, pending)
	require.Equal(t, types.KEY_SET_STATUS_ACTIVE, active.Status)
	for _, h := range active.Holders {
		require.Empty(t, h.Sealed, "the chain forgets what was sealed")
	}
	r.opens(work, secret)

	// nobody but the controller changes a whole set; with one gone, anybody does
	other := r.Funded("other", stream).String()
	require.ErrorIs(t, r.send(&types.MsgDrawKeySet{Signer: other, Work: work}), contenttypes.ErrNotController)
	gone := active.Holders[2].Operator
	r.must(&types.MsgLeave{Operator: gone})
	r.must(&types.MsgDrawKeySet{Signer: other, Work: work})
	_, s = r.keySets(work)
	require.EqualValues(t, 2, s.Version)
	require.Nil(t, s.Holder(gone))
	require.Len(t, s.Holders, 5, "of six")
	still, _ := r.keySets(work)
	require.Equal(t, active, still, "the old set answers until the new one does")
	require.NoError(t, r.k.CheckInvariants(r.Ctx), "some have a seat in both")
	requireRoundTrip(t, r.fixture)

	_, foreign, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, 4, 7)
	require.NoError(t, err)
	lie := r.reshareMsg(work, active.Holders[0], foreign[0])
	require.ErrorIs(t, r.send(lie), types.ErrInvalidDealing, "a lie holds nobody up")
	for i, at := range []int{4, 0, 2, 6} { // one that is leaving still hands over
		_, s = r.keySets(work)
		require.Equal(t, types.KEY_SET_STATUS_DRAWN, s.Status)
		require.Len(t, s.Dealings, i)
		msg := r.reshareMsg(work, active.Holders[at], r.shares[active.Holders[at].Operator])
		r.must(msg)
		require.ErrorIs(t, r.send(msg), types.ErrKeySetStatus, "once")
	}
	_, s = r.keySets(work)
	require.Equal(t, types.KEY_SET_STATUS_DEALT, s.Status)
	require.Equal(t, active.Commitments[0], s.Commitments[0], "C0 stays")
	r.acceptAll(work)
	r.opens(work, secret)

	res, err := r.q.KeySetsByHolder(r.Ctx, &types.QueryKeySetsByHolderRequest{Operator: gone})
	require.NoError(t, err)
	require.Empty(t, res.KeySets)
	holder := s.Holders[0].Operator
	res, err = r.q.KeySetsByHolder(r.Ctx, &types.QueryKeySetsByHolderRequest{Operator: holder})
	require.NoError(t, err)
	require.Len(t, res.KeySets, 1)
	requireRoundTrip(t, r.fixture)
}

// reshareMsg hands a share of the active set over to the set that is drawn.
func (r *keyring) reshareMsg(work string, h types.KeyHolder, share keyshare.Share) *types.MsgReshare {
	r.T.Helper()
	_, s := r.keySets(work)
	d, parts, err := share.Reshare(rand.Reader, int(s.Threshold), len(s.Holders))
	require.NoError(r.T, err)
	msg := &types.MsgReshare{Agent: r.agentOf(h.Operator), Root: work, Version: s.Version, Commitments: d.Commitments.Bytes()}
	for i, p := range parts {
		b := p.Bytes()
		sealed, err := keyshare.Seal(s.Holders[i].SealKey, keyshare.ForHolder, []byte(work), b[:])
		require.NoError(r.T, err)
		msg.Sealed = append(msg.Sealed, sealed)
	}
	return msg
}

// TestSetsGrowAndShrink: a secret goes from three holders to seven and back, and opens the same windows each time.
func TestSetsGrowAndShrink(t *testing.T) {
	r := newKeyring(t, "p0", "p1", "p2")
	alice := r.creator("alice")
	secret := keyshare.NewSecret(rand.Reader)
	work := r.secretWork(alice, "film", secret)
	draw := &types.MsgDrawKeySet{Signer: alice.String(), Work: work}
	r.must(draw)
	r.must(r.dealMsg(alice, work, secret))
	r.acceptAll(work)
	r.opens(work, secret)
	next := func(holders int) {
		active, _ := r.keySets(work)
		r.must(draw)
		_, s := r.keySets(work)
		require.Len(t, s.Holders, holders)
		for _, h := range active.Holders[:active.Threshold] {
			r.must(r.reshareMsg(work, h, r.shares[h.Operator]))
		}
		r.acceptAll(work)
		r.opens(work, secret)
		requireRoundTrip(t, r.fixture)
	}
	more := []string{"p3", "p4", "p5", "p6", "p7"}
	for _, name := range more {
		r.provider(name)
		r.offer(name)
	}
	r.setPeriod(13)
	next(7)
	for _, name := range more[:4] {
		r.must(&types.MsgOfferKeys{Agent: r.agent(name).String()})
	}
	next(3) // of four
}

// requireRoundTrip exports, imports elsewhere and exports again.
func requireRoundTrip(t *testing.T, f *fixture) {
	t.Helper()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.NoError(t, gs.Validate())
	bad := *gs
	bad.Willing = bad.Willing[1:]
	require.ErrorIs(t, bad.Validate(), types.ErrInvalidGenesis)
	bad = *gs
	bad.KeySets = append(bad.KeySets[:1:1], bad.KeySets...)
	require.ErrorIs(t, bad.Validate(), types.ErrInvalidGenesis)
	g := bareFixture(t)
	g.fund(gs.Liabilities().Int64())
	require.NoError(t, g.k.InitGenesis(g.Ctx, *gs))
	again, err := g.k.ExportGenesis(g.Ctx)
	require.NoError(t, err)
	require.Equal(t, string(f.Cdc.MustMarshalJSON(gs)), string(f.Cdc.MustMarshalJSON(again)))
	require.NoError(t, g.k.CheckInvariants(g.Ctx))
}

// TestFailedKeySet: who does not accept in time is not asked again for the next try; its version is another.
func TestFailedKeySet(t *testing.T) {
	r := newKeyring(t, "p0", "p1", "p2", "p3")
	alice := r.creator("alice")
	secret := keyshare.NewSecret(rand.Reader)
	work := r.secretWork(alice, "film", secret)
	draw := &types.MsgDrawKeySet{Signer: alice.String(), Work: work}
	r.must(draw)
	require.ErrorIs(t, r.send(draw), types.ErrKeySetPending)
	r.must(r.dealMsg(alice, work, secret))
	_, s := r.keySets(work)
	require.Len(t, s.Holders, 3, "of four")
	require.EqualValues(t, 2, s.Threshold)
	silent := s.Holders[2].Operator
	for _, h := range s.Holders[:2] {
		r.must(&types.MsgAcceptShare{Agent: r.agentOf(h.Operator), Root: work, Version: 1})
	}
	late := &types.MsgAcceptShare{Agent: r.agentOf(silent), Root: work, Version: 1}
	r.jump(time.Hour)
	r.must(draw)
	_, s = r.keySets(work)
	require.EqualValues(t, 2, s.Version)
	require.Len(t, s.Holders, 3)
	require.Nil(t, s.Holder(silent))
	require.Error(t, r.send(late))
	r.must(r.dealMsg(alice, work, secret))
	r.acceptAll(work)
	r.opens(work, secret)
}

// TestFailedDrawsKeepWhoAccepted: a holder who lets set after set fail gets other draws of his own seat only, however often he tries.
func TestFailedDrawsKeepWhoAccepted(t *testing.T) {
	names := []string{"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11"}
	r := newKeyring(t, names...)
	alice := r.creator("alice")
	secret := keyshare.NewSecret(rand.Reader)
	work := r.secretWork(alice, "film", secret)
	draw := &types.MsgDrawKeySet{Signer: alice.String(), Work: work}
	r.must(draw)
	_, s := r.keySets(work)
	require.Len(t, s.Holders, types.MaxKeyHolders)
	var honest []string
	for _, h := range s.Holders[1:] {
		honest = append(honest, h.Operator)
	}
	for version := uint64(1); version < 6; version++ {
		r.must(r.dealMsg(alice, work, secret))
		for _, operator := range honest {
			r.must(&types.MsgAcceptShare{Agent: r.agentOf(operator), Root: work, Version: version})
		}
		r.jump(time.Hour)
		r.must(draw)
		_, s = r.keySets(work)
		require.Len(t, s.Holders, types.MaxKeyHolders)
		for i, operator := range honest {
			require.Equal(t, operator, s.Holders[i].Operator)
			require.EqualValues(t, i+1, s.Holders[i].Index)
		}
	}
	// one that takes its offer back meanwhile keeps none
	r.must(r.dealMsg(alice, work, secret))
	for _, operator := range honest {
		r.must(&types.MsgAcceptShare{Agent: r.agentOf(operator), Root: work, Version: 6})
	}
	r.must(&types.MsgOfferKeys{Agent: r.agentOf(honest[0])})
	r.jump(time.Hour)
	r.must(draw)
	_, s = r.keySets(work)
	require.Nil(t, s.Holder(honest[0]))
	require.NotNil(t, s.Holder(honest[1]))
	r.must(r.dealMsg(alice, work, secret))
	r.acceptAll(work)
	r.opens(work, secret)
}

// TestWhoIsDrawn: only who offered two periods before, one of a network, and whoever still offers.
func TestWhoIsDrawn(t *testing.T) {
	r := newKeyring(t, "p0", "p1", "p2")
	alice := r.creator("alice")
	drawn := func(name string) []string {
		work := r.secretWork(alice, name, keyshare.NewSecret(rand.Reader))
		err := r.send(&types.MsgDrawKeySet{Signer: alice.String(), Work: work})
		if errors.Is(err, types.ErrNoHolders) {
			return nil
		}
		require.NoError(t, err)
		_, s := r.keySets(work)
		var out []string
		for _, h := range s.Holders {
			out = append(out, h.Operator)
		}
		return out
	}
	b := r.Addr("p1").String()
	first := []string{r.Addr("p0").String(), b, r.Addr("p2").String()}
	require.ElementsMatch(t, first, drawn("one"))
	for _, name := range []string{"late", "later"} {
		r.provider(name)
		r.offer(name)
	}
	require.ElementsMatch(t, first, drawn("two"), "they could have chosen the moment")
	r.setPeriod(13)
	require.Len(t, drawn("three"), 5)
	for _, name := range []string{"p0", "p1"} {
		near := r.registerMsg("near " + name)
		near.Endpoints = []string{"https://other." + name + ".com"}
		r.must(near)
		r.offer("near " + name)
	}
	r.setPeriod(16)
	require.Len(t, drawn("four"), 5, "one of a network")
	r.must(&types.MsgOfferKeys{Agent: r.agent("p1").String()})
	require.NotContains(t, drawn("five"), b)
	for _, name := range []string{"p0", "p2", "late", "later", "near p0", "near p1"} {
		r.must(&types.MsgLeave{Operator: r.Addr(name).String()})
	}
	require.Nil(t, drawn("six"))
	gs, err := r.k.ExportGenesis(r.Ctx)
	require.NoError(t, err)
	require.Empty(t, gs.Willing)
}

// TestKeySetRejections: every message that must change nothing.
func TestKeySetRejections(t *testing.T) {
	r := newKeyring(t, "p0", "p1", "p2")
	alice, bob := r.creator("alice"), r.creator("bob")
	secret := keyshare.NewSecret(rand.Reader)
	work := r.secretWork(alice, "film", secret)
	clear := r.work(alice, "clear", 5, "")
	agent := r.agent("p0").String()
	ok := make([][]byte, 3)
	for i := range ok {
		ok[i] = make([]byte, 80)
	}
	c0 := secret.C0()
	r.reject([]rejection{
		{"offer: no provider", &types.MsgOfferKeys{Agent: bob.String(), SealKey: make([]byte, 32)}, types.ErrInvalidSealKey},
		{"offer: short", &types.MsgOfferKeys{Agent: agent, SealKey: make([]byte, 31)}, types.ErrInvalidSealKey},
		{"offer: of low order", &types.MsgOfferKeys{Agent: agent, SealKey: append([]byte{1}, make([]byte, 31)...)}, types.ErrInvalidSealKey},
		{"offer: stranger", &types.MsgOfferKeys{Agent: bob.String()}, types.ErrProviderNotFound},
		{"draw: not encrypted", &types.MsgDrawKeySet{Signer: alice.String(), Work: clear}, types.ErrNotEncrypted},
		{"draw: not the controller", &types.MsgDrawKeySet{Signer: bob.String(), Work: work}, contenttypes.ErrNotController},
		{"draw: no work", &types.MsgDrawKeySet{Signer: alice.String(), Work: nowhere("x")}, contenttypes.ErrWorkNotFound},
		{"deal: nothing drawn", &types.MsgDealKeys{Controller: alice.String(), Root: work, Commitments: [][]byte{c0[:]}, Sealed: ok}, types.ErrNoKeySet},
		{"reshare: nothing drawn", &types.MsgReshare{Agent: agent, Root: work, Version: 1, Commitments: [][]byte{c0[:]}, Sealed: ok}, types.ErrNoKeySet},
		{"accept: nothing drawn", &types.MsgAcceptShare{Agent: agent, Root: work, Version: 1}, types.ErrNoKeySet},
	})
	r.must(&types.MsgDrawKeySet{Signer: alice.String(), Work: work})
	good := func(change func(*types.MsgDealKeys)) *types.MsgDealKeys {
		msg := r.dealMsg(alice, work, secret)
		change(msg)
		return msg
	}
	foreign := r.dealMsg(alice, work, keyshare.NewSecret(rand.Reader))
	r.reject([]rejection{
		{"deal: another secret", foreign, types.ErrInvalidDealing},
		{"deal: by another", good(func(m *types.MsgDealKeys) { m.Controller = bob.String() }), contenttypes.ErrNotController},
		{"deal: a commitment less", good(func(m *types.MsgDealKeys) { m.Commitments = m.Commitments[:1] }), types.ErrInvalidDealing},
		{"deal: a share less", good(func(m *types.MsgDealKeys) { m.Sealed = m.Sealed[:2] }), types.ErrInvalidDealing},
		{"deal: no point", good(func(m *types.MsgDealKeys) { m.Commitments[1] = make([]byte, 32) }), types.ErrInvalidDealing},
		{"deal: a long share", good(func(m *types.MsgDealKeys) { m.Sealed[0] = make([]byte, 257) }), types.ErrInvalidDealing},
		{"accept: not dealt", &types.MsgAcceptShare{Agent: agent, Root: work, Version: 1}, types.ErrKeySetStatus},
		{"reshare: none before", &types.MsgReshare{Agent: agent, Root: work, Version: 1, Commitments: foreign.Commitments, Sealed: ok}, types.ErrNoKeySet},
	})
	r.must(good(func(*types.MsgDealKeys) {}))
	r.provider("p9")
	r.reject([]rejection{
		{"deal: twice", r.dealMsg(alice, work, secret), types.ErrKeySetStatus},
		{"accept: not a holder", &types.MsgAcceptShare{Agent: r.agent("p9").String(), Root: work, Version: 1}, types.ErrNotHolder},
		{"accept: another version", &types.MsgAcceptShare{Agent: agent, Root: work, Version: 2}, types.ErrKeySetStatus},
		{"accept: a stranger", &types.MsgAcceptShare{Agent: bob.String(), Root: work, Version: 1}, types.ErrProviderNotFound},
	})
	r.must(&types.MsgAcceptShare{Agent: agent, Root: work, Version: 1})
	r.reject([]rejection{{"accept: twice", &types.MsgAcceptShare{Agent: agent, Root: work, Version: 1}, types.ErrKeySetStatus}})
}

// TestPayHolders: equal parts to the holders, to the nano, what does not divide to the pool; nothing without a set.
func TestPayHolders(t *testing.T) {
	r := newKeyring(t, "p0", "p1", "p2")
	alice := r.creator("alice")
	secret := keyshare.NewSecret(rand.Reader)
	work := r.secretWork(alice, "film", secret)
	paid, err := r.k.PayHolders(r.Ctx, work, math.NewInt(100))
	require.NoError(t, err)
	require.False(t, paid)
	r.must(&types.MsgDrawKeySet{Signer: alice.String(), Work: work})
	r.must(r.dealMsg(alice, work, secret))
	r.acceptAll(work)
	r.fund(100)
	paid, err = r.k.PayHolders(r.Ctx, work, math.NewInt(100))
	require.NoError(t, err)
	require.True(t, paid)
	gs, err := r.k.ExportGenesis(r.Ctx)
	require.NoError(t, err)
	require.Len(t, gs.Earnings, 3)
	sum := gs.Pool
	for _, e := range gs.Earnings {
		require.EqualValues(t, 33_333_333_333, e.Amount.Int64())
		sum = sum.Add(e.Amount)
	}
	require.EqualValues(t, 100*types.NanoPerUstream, sum.Int64())
}
