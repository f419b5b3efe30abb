package planet_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// session is a payment session without the library's manners: its test says which word is sent when.
type session struct {
	p       *planet.Planet
	node    *nodeclient.Client
	media   cid.Cid
	voucher voucher.LaneIntent
	lane    wire.LaneIntent
	terms   wire.Session
	words   *voucher.Chain
	id      wire.SessionID
}

func sessionKey(viewer string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("session key of " + viewer))
	return ed25519.NewKeyFromSeed(seed[:])
}

// draft signs the viewer's first lane at node, for so many ticks, and a session that takes them all, and tells nobody.
func draft(p *planet.Planet, viewer string, node *planet.Node, work string, ticks uint32) *session {
	now, err := clocktypes.NewQueryClient(p.Chain.Client.Conn()).Now(p.T.Context(), &clocktypes.QueryNowRequest{})
	require.NoError(p.T, err)
	w, err := contenttypes.NewQueryClient(p.Chain.Client.Conn()).Work(p.T.Context(), &contenttypes.QueryWorkRequest{Work: work})
	require.NoError(p.T, err)
	s := &session{p: p, node: nodeclient.New(nodeclient.NewHTTP(true), node.URL)}
	s.media, err = cid.Decode(w.Work.Media)
	require.NoError(p.T, err)
	key, pub := sessionKey(viewer), []byte(sessionKey(viewer).Public().(ed25519.PublicKey))
	v := voucher.LaneIntent{
		ChainID: planet.ChainID, Escrow: voucher.EscrowID(p.Account(viewer).Address(), token.BaseDenom),
		Provider: voucher.ProviderID(p.Account(node.Operator).Address()), Generation: 1, Cap: uint64(ticks) * tick,
		SubmitBy: now.LiveSeconds + 60, Expires: now.LiveSeconds + 100,
	}
	s.lane = wire.LaneIntent{
		ChainID: planet.ChainID, EscrowOwner: p.Addr(viewer), Denom: token.BaseDenom, Provider: p.Addr(node.Operator), Generation: 1,
		Cap: v.Cap, SubmitBy: v.SubmitBy, Expires: v.Expires, PubKey: pub, Signature: v.Sign(key),
	}
	s.sign(v, viewer, work, 1, ticks)
	return s
}

// sign makes the session's terms and words.
func (s *session) sign(lane voucher.LaneIntent, viewer, work string, number uint64, maxTicks uint32) {
	digest, err := manifest.ParseWorkID(work)
	require.NoError(s.p.T, err)
	terms := voucher.Session{
		ChainID: lane.ChainID, Escrow: lane.Escrow, Provider: lane.Provider, Generation: lane.Generation, Session: number, Work: digest,
		Denom: voucher.DenomID(token.BaseDenom), PricePerTick: tick, TickSeconds: 1, MaxTicks: maxTicks, Expires: lane.Expires,
	}
	s.voucher = lane
	s.words = voucher.NewChain(&terms, sha256.Sum256([]byte(fmt.Sprint(viewer, number))))
	s.id = terms.Salt()
	s.terms = wire.Session{
		ChainID: lane.ChainID, EscrowOwner: s.lane.EscrowOwner, Denom: s.lane.Denom, Provider: s.lane.Provider, Generation: lane.Generation,
		Session: number, Work: work, PricePerTick: tick, TickSeconds: 1, MaxTicks: maxTicks, Root: terms.Root[:], Expires: lane.Expires,
		PubKey: s.lane.PubKey, Signature: terms.Sign(sessionKey(viewer)),
	}
}

// next opens another session in the same lane.
func (s *session) next(viewer string, number uint64, maxTicks uint32) *session {
	n := *s
	n.sign(s.voucher, viewer, s.terms.Work, number, maxTicks)
	require.NoError(s.p.T, n.open())
	return &n
}

// fund grants the session key and deposits.
func fund(p *planet.Planet, viewer string, amount int64) {
	now, err := clocktypes.NewQueryClient(p.Chain.Client.Conn()).Now(p.T.Context(), &clocktypes.QueryNowRequest{})
	require.NoError(p.T, err)
	p.Send(viewer, &streamtypes.MsgGrantSessionKey{
		Owner: p.Addr(viewer), Pubkey: sessionKey(viewer).Public().(ed25519.PublicKey), Limit: token.Coin(amount), Expires: now.LiveSeconds + 3600,
		Scope: streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
	}, &streamtypes.MsgDeposit{Owner: p.Addr(viewer), Amount: token.Coin(amount)})
}

func (s *session) open() error {
	res, err := s.node.Open(context.Background(), wire.OpenRequest{Lane: &s.lane, Session: &s.terms})
	if err == nil && (res.Session == nil || !res.Session.Open) {
		return errors.New("no session was opened")
	}
	return err
}

// due is how many ticks the segments 0 to i touch: with a tick of a second, the seconds until the end of the last, rounded up.
func (s *session) due(i uint32) uint32 {
	playlist, _, err := s.node.File(s.p.T.Context(), s.media, []string{"audio", "index.m3u8"}, 1<<20, nodeclient.Credentials{})
	require.NoError(s.p.T, err)
	end := 0.0
	for _, m := range regexp.MustCompile(`#EXTINF:([0-9.]+)`).FindAllStringSubmatch(string(playlist), int(i)+1) {
		seconds, err := strconv.ParseFloat(m[1], 64)
		require.NoError(s.p.T, err)
		end += math.Round(seconds*1000) / 1000
	}
	return uint32(math.Ceil(end - 1e-9))
}

// segment asks for a segment of the song with the word that pays n ticks.
func (s *session) segment(i, n uint32) ([]byte, error) { return s.segmentFor(i, n, s.words.Word(n)) }

func (s *session) segmentFor(i, n uint32, word voucher.Word) ([]byte, error) {
	return s.get(i, nodeclient.Credentials{Pay: wire.Payment{Session: s.id, N: n, Word: word}.String()})
}

func (s *session) get(i uint32, cred nodeclient.Credentials) ([]byte, error) {
	data, _, err := s.node.File(context.Background(), s.media, []string{"audio", fmt.Sprintf("seg%05d.m4s", i)}, 1<<20, cred)
	return data, err
}

// settlement is what the node submits for n ticks.
func (s *session) settlement(n uint32, word voucher.Word) streamtypes.Settlement {
	t := s.terms
	return streamtypes.Settlement{N: n, Word: word[:], Session: streamtypes.Session{
		ChainId: t.ChainID, EscrowOwner: t.EscrowOwner, Denom: t.Denom, Provider: t.Provider, Generation: t.Generation, Session: t.Session,
		Work: t.Work, PricePerTick: t.PricePerTick, TickSeconds: t.TickSeconds, MaxTicks: t.MaxTicks, Root: t.Root, Expires: t.Expires,
		Pubkey: t.PubKey, Signature: t.Signature,
	}}
}

func (s *session) intent() streamtypes.LaneIntent {
	i := s.lane
	return streamtypes.LaneIntent{
		ChainId: i.ChainID, EscrowOwner: i.EscrowOwner, Denom: i.Denom, Provider: i.Provider, Generation: i.Generation, Cap: i.Cap,
		SubmitBy: i.SubmitBy, Expires: i.Expires, Pubkey: i.PubKey, Signature: i.Signature,
	}
}

// slug is what a node's refusal is called; empty where it was none.
func slug(err error) string {
	var p *wire.Problem
	if errors.As(err, &p) {
		return p.Slug
	}
	return ""
}

// refused requires a refusal with that slug and no bytes.
func refused(p *planet.Planet, want string, data []byte, err error) {
	p.T.Helper()
	require.Equal(p.T, want, slug(err), "%v", err)
	require.Empty(p.T, data)
}
