package admit_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// flip changes one bit of a header's binary fields, or one character of its text.
func flip(rng *rand.Rand, header string) string {
	fields := strings.Split(header, ".")
	i := 1 + rng.IntN(len(fields)-1)
	raw, err := base64.RawURLEncoding.DecodeString(fields[i])
	if err != nil || len(raw) < 16 || rng.IntN(4) == 0 {
		b := []byte(header)
		at := rng.IntN(len(b))
		for old := b[at]; b[at] == old; {
			b[at] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."[rng.IntN(65)]
		}
		return string(b)
	}
	raw[rng.IntN(len(raw))] ^= 1 << rng.IntN(8)
	fields[i] = base64.RawURLEncoding.EncodeToString(raw)
	return strings.Join(fields, ".")
}

// tokens are what other systems took for proof.
var tokens = []string{
	"none", "null", "Bearer none", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA", "v1", "v1.", "v1......", "v0.a.b.c.1.d.e", "v1.a.b.c.1.d.e",
	"v1,v1", " ", "\t", "0", "true", "*", "Basic eDp5",
}

// Ten thousand proofs that the viewer did not make for this node, work and method: none is taken.
func TestForgedProofs(t *testing.T) {
	f := setup(t)
	f.chain.Decide(f.viewer, f.root, subtypes.AccessDecision{Granted: true, Reason: subtypes.ReasonPurchased})
	rng := rand.New(rand.NewPCG(8, 8))
	good := f.proof()
	_, p := f.ask(f.seg(0, 2), wire.HeaderAuth, good.String())
	require.Nil(t, p, "the one that is genuine is taken")

	forged := map[string]string{}
	add := func(format string, header string, args ...any) { forged[header] = fmt.Sprintf(format, args...) }
	// genuine ones for elsewhere: every combination of chain, node, work, method, owner and time but the right one
	_, stranger := nodetest.Account("stranger")
	now := time.Now().Unix()
	for _, chain := range []string{nodetest.ChainID, "test-2", "", "test-1\x00"} {
		for _, node := range [][]byte{f.gate.Node.Bytes, stranger, nil, f.gate.Node.Bytes[:19]} {
			for _, work := range [][32]byte{good.Work, sha256.Sum256([]byte("another")), {}} {
				for _, method := range []string{"GET", "PUT", "HEAD", "get", "GETX", "", "DELETE"} {
					for _, owner := range [][]byte{good.Owner, stranger} {
						for _, expires := range []int64{now + 60, now, now - 1, 0, now + 400, now + 1<<40} {
							q := wire.Proof{Owner: owner, Work: work, Expires: expires, Nonce: [16]byte{byte(rng.Uint32())}}
							q.Sign(f.key, chain, node, method)
							right := chain == nodetest.ChainID && string(node) == string(f.gate.Node.Bytes) && work == good.Work && method == "GET" && string(owner) == string(good.Owner) && expires == now+60
							if !right {
								add("%q %x %x %q %x %d", q.String(), chain, node, work, method, owner, expires-now)
							}
						}
					}
				}
			}
		}
	}
	// by other keys, of other kinds, over other messages
	for i := range 300 {
		q := f.proof()
		q.Sign(nodetest.SessionKey(fmt.Sprint(i)), nodetest.ChainID, f.gate.Node.Bytes, "GET")
		add("key %d", q.String(), i)
		q.PubKey = good.PubKey
		add("key %d under the right one", q.String(), i)
	}
	secp, _ := nodetest.Account("viewer")
	for name, key := range map[string][]byte{"secp256k1": secp.PubKey().Bytes(), "its x": secp.PubKey().Bytes()[1:], "none": {}, "short": good.PubKey[:31], "long": append(append([]byte{}, good.PubKey...), 0), "identity": append([]byte{1}, make([]byte, 31)...), "zero": make([]byte, 32)} {
		for _, sig := range [][]byte{good.Signature, make([]byte, 64), append(append([]byte{1}, make([]byte, 31)...), make([]byte, 32)...), {}} {
			q := good
			q.PubKey, q.Signature = key, sig
			add("a key of kind %s", q.String(), name)
		}
	}
	digest := good.Work
	for name, msg := range map[string][]byte{
		"upload":  wire.Upload{Piece: digest, Size: 1, Expires: good.Expires}.SignBytes(nodetest.ChainID, f.gate.Node.Bytes),
		"replica": wire.Replica{Requester: good.Owner, Work: digest, Expires: good.Expires}.SignBytes(nodetest.ChainID, f.gate.Node.Bytes),
		"nothing": nil, "prefix": good.SignBytes(nodetest.ChainID, f.gate.Node.Bytes, "GET")[:100],
	} {
		q := good
		q.Signature = ed25519.Sign(f.key, msg)
		add("a signature of %s", q.String(), name)
	}
	// the other form of the same signature: S plus the group's order
	q := good
	q.Signature = malleate(good.Signature)
	add("another form of the signature", q.String())
	for _, tok := range tokens {
		add("token", tok)
	}
	for len(forged) < 10_000 {
		if h := flip(rng, good.String()); h != good.String() {
			add("flipped", h)
		}
	}
	accepted := 0
	for header, what := range forged {
		if header == "" {
			continue
		}
		if _, p := f.ask(f.seg(0, 2), wire.HeaderAuth, header); p == nil || p.Status < 400 {
			accepted++
			t.Errorf("taken: %s: %q", what, header)
		}
	}
	require.Zero(t, accepted)
}

// malleate adds the order of ed25519's group to S.
func malleate(sig []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	le := func(b []byte) []byte {
		out := make([]byte, 32)
		for i := range b {
			out[i] = b[len(b)-1-i]
		}
		return out
	}
	s := new(big.Int).Add(new(big.Int).SetBytes(le(sig[32:])), order)
	be := s.FillBytes(make([]byte, 32))
	return append(append([]byte{}, sig[:32]...), le(be)...)
}

// The same of the two proofs that accounts sign: nothing but the genuine one counts.
func TestForgedAccountProofs(t *testing.T) {
	f := setup(t)
	rng := rand.New(rand.NewPCG(9, 9))
	key, other := nodetest.Account("other node")
	_, op := nodetest.Account("op")
	f.chain.Mu.Lock()
	f.chain.Providers[other.String()] = storagetypes.Provider{Operator: other.String(), Agent: other.String()}
	f.chain.DealRows[f.root+"/"+other.String()] = storagetypes.Deal{Work: f.root, Operator: other.String(), Status: storagetypes.DEAL_STATUS_ACTIVE}
	f.chain.Mu.Unlock()
	replica := func(change ...func(*wire.Replica)) wire.Replica {
		r := wire.Replica{Requester: other, Work: f.proof().Work, Expires: time.Now().Unix() + 60, PubKey: key.PubKey().Bytes()}
		for _, c := range change {
			c(&r)
		}
		sig, err := key.Sign(r.SignBytes(nodetest.ChainID, op))
		require.NoError(t, err)
		r.Signature = sig
		return r
	}
	whole := serve.Ask{Method: "GET", Refs: []catalog.Ref{{Entry: f.entry}}, Whole: true}
	good := replica()
	_, p := f.askAll(whole, wire.HeaderReplica, good.String())
	require.Nil(t, p)
	forged := []string{replica(func(r *wire.Replica) { r.Work[3]++ }).String(), replica(func(r *wire.Replica) { r.Requester = op }).String(), replica(func(r *wire.Replica) { r.Expires += 1000 }).String()}
	high := good
	high.Signature = highS(good.Signature)
	forged = append(append(forged, high.String()), tokens...)
	for len(forged) < 3000 {
		if h := flip(rng, good.String()); h != good.String() {
			forged = append(forged, h)
		}
	}
	for _, h := range forged {
		_, p := f.askAll(whole, wire.HeaderReplica, h)
		require.NotNil(t, p, h)
		require.GreaterOrEqual(t, p.Status, 400, h)
	}

	u := wire.Upload{Piece: [32]byte{1}, Size: 10, Expires: time.Now().Unix() + 60, PubKey: key.PubKey().Bytes()}
	sig, err := key.Sign(u.SignBytes(nodetest.ChainID, op))
	require.NoError(t, err)
	u.Signature = sig
	takes := func(header string) bool {
		got, err := wire.ParseUpload(header)
		return err == nil && got.Check(nodetest.ChainID, op, "", time.Now().Unix(), admit.VerifyAccount) == nil
	}
	require.True(t, takes(u.String()))
	high2 := u
	high2.Signature = highS(sig)
	require.False(t, takes(high2.String()), "the other form of the signature")
	for range 3000 {
		if h := flip(rng, u.String()); h != u.String() {
			require.False(t, takes(h), h)
		}
	}
	for _, tok := range tokens {
		require.False(t, takes(tok), tok)
	}
}

// highS is the other form of a secp256k1 signature.
func highS(sig []byte) []byte {
	order, _ := new(big.Int).SetString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)
	s := new(big.Int).Sub(order, new(big.Int).SetBytes(sig[32:]))
	return append(append([]byte{}, sig[:32]...), s.FillBytes(make([]byte, 32))...)
}

// Who overhears a proof gets, until it ends, what its owner gets at this node for this work by this method; then nothing.
func TestWhatAReplayGets(t *testing.T) {
	f := setup(t)
	clock := time.Now()
	f.gate.Clock = func() time.Time { return clock }
	f.chain.Decide(f.viewer, f.root, subtypes.AccessDecision{Granted: true, Reason: subtypes.ReasonPurchased})
	longest := f.proof(func(p *wire.Proof) { p.Expires = clock.Unix() + wire.MaxProofSeconds }).String()
	for range 3 {
		_, p := f.ask(f.seg(0, 2), wire.HeaderAuth, longest)
		require.Nil(t, p, "a player sends it with many requests")
	}
	another := &catalog.Entry{ID: "another", Work: nodetest.WorkID("another"), Root: nodetest.WorkID("another")}
	f.chain.Decide("", another.Root, nodetest.Metered(10, 0))
	f.chain.Decide(f.viewer, another.Root, subtypes.AccessDecision{Granted: true})
	_, p := f.ask(catalog.Ref{Entry: another, Item: &catalog.Item{Class: catalog.Timed}}, wire.HeaderAuth, longest)
	require.Equal(t, wire.AuthSignature, slug(p), "no other work, though its owner has it as well")
	clock = clock.Add(wire.MaxProofSeconds * time.Second)
	_, p = f.ask(f.seg(0, 2), wire.HeaderAuth, longest)
	require.Equal(t, wire.AuthExpired, slug(p), "five minutes at most")

	// a revoked key ends all proofs by it at the chain's next answer
	clock = time.Now()
	f.chain.Mu.Lock()
	id := f.viewer + "/" + string(f.key.Public().(ed25519.PublicKey))
	f.chain.Keys[id] = streamtypes.SessionKey{Owner: f.viewer, Pubkey: f.chain.Keys[id].Pubkey, Scope: f.chain.Keys[id].Scope, Expires: f.chain.Keys[id].Expires, Revoked: true}
	f.chain.Mu.Unlock()
	f.gate.Reader = admit.NewReader(f.chain)
	_, p = f.ask(f.seg(0, 2), wire.HeaderAuth, f.proof().String())
	require.Equal(t, wire.KeyNotGranted, slug(p))
}
