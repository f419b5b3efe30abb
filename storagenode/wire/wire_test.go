package wire_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/wire"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

const (
	chain = "streamchain-local-1"
	now   = int64(1_767_225_600)
)

var operator, owner = []byte("operator-acct-bytes!"), []byte("viewer-account-bytes")

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("wire test/" + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func proof() wire.Proof {
	p := wire.Proof{Owner: owner, Work: sha256.Sum256([]byte("work")), Expires: now + 60, Nonce: [16]byte{1, 2, 3}}
	p.Sign(key("session"), chain, operator, "GET")
	return p
}

// Accounts sign with secp256k1 elsewhere; what these vectors fix is the bytes.
func upload() wire.Upload {
	return wire.Upload{Piece: sha256.Sum256([]byte("piece")), Size: 12345, Expires: now + 240, PubKey: make([]byte, 33), Signature: make([]byte, 64)}
}

func replica() wire.Replica {
	return wire.Replica{Requester: owner, Work: sha256.Sum256([]byte("work")), Expires: now + 240, PubKey: make([]byte, 33), Signature: make([]byte, 64)}
}

func payment() wire.Payment {
	return wire.Payment{Session: wire.SessionID{0xab, 0xcd}, N: 17, Word: sha256.Sum256([]byte("word"))}
}

func granted() wire.Upload {
	u, k := upload(), key("upload")
	u.Grant = &wire.UploadGrant{Key: k.Public().(ed25519.PublicKey), Until: now + 3600, Signature: make([]byte, 64)}
	u.SignGranted(k, chain, operator)
	return u
}

func vectors() map[string]string {
	p, u, r := proof(), upload(), replica()
	return map[string]string{
		"chain_id": chain, "operator": hex.EncodeToString(operator), "owner": hex.EncodeToString(owner),
		"auth_sign_bytes": hex.EncodeToString(p.SignBytes(chain, operator, "GET")), "auth_header": p.String(),
		"upload_sign_bytes": hex.EncodeToString(u.SignBytes(chain, operator)), "upload_header": u.String(),
		"replica_sign_bytes": hex.EncodeToString(r.SignBytes(chain, operator)), "replica_header": r.String(),
		"pay_header": payment().String(),
		"grant_text": wire.GrantText(chain, "stream1account", u.Piece, u.Size, granted().Grant.Key, now+3600), "granted_header": granted().String(),
	}
}

func TestVectors(t *testing.T) {
	const path = "testdata/vectors.json"
	if *update {
		raw, err := json.MarshalIndent(vectors(), "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, append(raw, '\n'), 0o644))
	}
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var want map[string]string
	require.NoError(t, json.Unmarshal(raw, &want))
	require.Equal(t, want, vectors())
}

func TestProof(t *testing.T) {
	p, err := wire.ParseProof(proof().String())
	require.NoError(t, err)
	require.Equal(t, proof(), p)
	require.NoError(t, p.Verify(chain, operator, "GET", now))
	require.ErrorIs(t, p.Verify(chain, operator, "GET", now+60), wire.ErrExpired)
	require.ErrorIs(t, p.Verify(chain, operator, "GET", now-wire.MaxProofSeconds), wire.ErrTooLong)
	require.ErrorIs(t, p.Verify("other", operator, "GET", now), wire.ErrSignature)
	require.ErrorIs(t, p.Verify(chain, owner, "GET", now), wire.ErrSignature)
	require.ErrorIs(t, p.Verify(chain, operator, "PUT", now), wire.ErrSignature)
	for name, change := range map[string]func(*wire.Proof){
		"owner": func(p *wire.Proof) { p.Owner = operator }, "work": func(p *wire.Proof) { p.Work[0] ^= 1 }, "expires": func(p *wire.Proof) { p.Expires++ },
		"nonce": func(p *wire.Proof) { p.Nonce[15] ^= 1 }, "key": func(p *wire.Proof) { p.PubKey = key("other").Public().(ed25519.PublicKey) },
	} {
		p := proof()
		change(&p)
		require.ErrorIs(t, p.Verify(chain, operator, "GET", now), wire.ErrSignature, name)
	}
}

func TestOtherProofs(t *testing.T) {
	yes := func(_, _, _ []byte) bool { return true }
	no := func(_, _, _ []byte) bool { return false }
	u, err := wire.ParseUpload(upload().String())
	require.NoError(t, err)
	require.Equal(t, upload(), u)
	require.NoError(t, u.Check(chain, operator, "", now, yes))
	require.ErrorIs(t, u.Check(chain, operator, "", now, no), wire.ErrSignature)
	require.ErrorIs(t, u.Check(chain, operator, "", now+240, yes), wire.ErrExpired)
	u, err = wire.ParseUpload(granted().String())
	require.NoError(t, err)
	require.Equal(t, granted(), u)
	require.NoError(t, u.Check(chain, operator, "stream1account", now, yes))
	require.ErrorIs(t, u.Check(chain, operator, "stream1account", now, no), wire.ErrSignature)
	r, err := wire.ParseReplica(replica().String())
	require.NoError(t, err)
	require.Equal(t, replica(), r)
	require.NoError(t, r.Check(chain, operator, now, yes))
	require.ErrorIs(t, r.Check(chain, operator, now-66, yes), wire.ErrTooLong)
	pay, err := wire.ParsePayment(payment().String())
	require.NoError(t, err)
	require.Equal(t, payment(), pay)
}

// Each text stands for one value, and the other way round.
func TestMalformed(t *testing.T) {
	good := proof().String()
	for _, bad := range []string{
		"", "v1", "v2" + good[2:], good + ".", good + "=", strings.Replace(good, ".1767225660.", ".01767225660.", 1),
		strings.Replace(good, ".1767225660.", ".+1767225660.", 1), strings.Replace(good, ".1767225660.", ".-1.", 1), good[:len(good)-1], strings.Repeat("a", 2000),
	} {
		_, err := wire.ParseProof(bad)
		require.ErrorIs(t, err, wire.ErrMalformed, bad)
	}
	pay := payment().String()
	for _, bad := range []string{"", ":", "::", strings.ToUpper(pay), pay + "=", strings.Replace(pay, ":17:", ":017:", 1), strings.Replace(pay, ":17:", ":4294967296:", 1), strings.Replace(pay, ":17:", ":-1:", 1), pay[1:]} {
		_, err := wire.ParsePayment(bad)
		require.ErrorIs(t, err, wire.ErrMalformed, bad)
	}
}

func FuzzHeaders(f *testing.F) {
	f.Add(proof().String())
	f.Add(payment().String())
	f.Add(upload().String())
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := wire.ParseProof(s); err == nil && p.String() != s {
			t.Fatalf("%q is %q", s, p.String())
		}
		if p, err := wire.ParsePayment(s); err == nil && p.String() != s {
			t.Fatalf("%q is %q", s, p.String())
		}
		if u, err := wire.ParseUpload(s); err == nil && u.String() != s {
			t.Fatalf("%q is %q", s, u.String())
		}
		if r, err := wire.ParseReplica(s); err == nil && r.String() != s {
			t.Fatalf("%q is %q", s, r.String())
		}
	})
}

func TestProblems(t *testing.T) {
	p := wire.NewProblem(402, wire.PaymentRequired, "pay %d", 3)
	p.Terms = &wire.Terms{Work: "w", Due: 4, LaneGeneration: 1 << 60}
	rec := httptest.NewRecorder()
	p.Write(rec)
	require.Equal(t, 402, rec.Code)
	require.Equal(t, wire.ContentTypeProblem, rec.Header().Get("Content-Type"))
	require.Contains(t, rec.Body.String(), `"lane_generation":"1152921504606846976"`)
	got := wire.ReadProblem(402, rec.Body.Bytes())
	require.Equal(t, wire.PaymentRequired, got.Slug)
	require.Equal(t, "pay 3", got.Detail)
	require.EqualValues(t, 4, got.Terms.Due)
	require.Equal(t, wire.Internal, wire.ReadProblem(502, []byte("<html>")).Slug)
}
