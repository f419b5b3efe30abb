package voucher_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/voucher"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

const vectorsPath = "testdata/vectors.json"

// vectors describe lane() and session(); the chain is made from Seed.
type vectors struct {
	Owner         string            `json:"owner"`
	Operator      string            `json:"operator"`
	DenomText     string            `json:"denom"`
	Escrow        string            `json:"escrow_id"`
	Provider      string            `json:"provider_id"`
	Denom         string            `json:"denom_id"`
	Lane          laneFields        `json:"lane"`
	LaneBytes     string            `json:"lane_sign_bytes"`
	LaneSig       string            `json:"lane_signature"`
	Session       sessionFields     `json:"session"`
	Salt          string            `json:"session_salt"`
	SessBytes     string            `json:"session_sign_bytes"`
	SessSig       string            `json:"session_signature"`
	PublicKey     string            `json:"public_key"`
	Seed          string            `json:"seed"`
	Words         map[string]string `json:"words"`
	Meter         []meterStep       `json:"meter"`
	BadSignatures []badSignature    `json:"bad_session_signatures"`
	Use           useVector         `json:"session_of_price_zero"`
}

// useVector is the session as one of price zero: without a lane, and by a subscription.
type useVector struct {
	Subscription string `json:"subscription"`
	Viewer       string `json:"viewer_id"`
	ViewerAlone  string `json:"viewer_id_without_subscription"`
	Denom        string `json:"denom_id"`
	Root         string `json:"root"`
	Salt         string `json:"salt"`
	SignBytes    string `json:"sign_bytes"`
	Signature    string `json:"signature"`
}

func makeUse(k ed25519.PrivateKey, seed [32]byte) useVector {
	const plan = "streamcreator1qyqszqgpqyqszqgpqyqszqgpqyqszqgp/7"
	s, alone := session(), voucher.ViewerID([]byte(owner), "")
	s.Escrow, s.Denom, s.Generation, s.PricePerTick = voucher.ViewerID([]byte(owner), plan), voucher.DenomID(""), 0, 0
	voucher.NewChain(&s, seed)
	salt := s.Salt()
	return useVector{plan, h(s.Escrow[:]), h(alone[:]), h(s.Denom[:]), h(s.Root[:]), h(salt[:]), h(s.SignBytes()), h(s.Sign(k))}
}

type laneFields struct {
	ChainID    string `json:"chain_id"`
	Generation uint64 `json:"generation"`
	Cap        uint64 `json:"cap"`
	SubmitBy   int64  `json:"submit_by"`
	Expires    int64  `json:"expires"`
}

type sessionFields struct {
	ChainID      string `json:"chain_id"`
	Generation   uint64 `json:"generation"`
	Session      uint64 `json:"session"`
	Work         string `json:"work"`
	PricePerTick uint64 `json:"price_per_tick"`
	TickSeconds  uint32 `json:"tick_seconds"`
	MaxTicks     uint32 `json:"max_ticks"`
	Root         string `json:"root"`
	Expires      int64  `json:"expires"`
}

// meterStep is one call of a meter that begins at the session's root.
type meterStep struct {
	N    uint32 `json:"n"`
	Word string `json:"word"`
	Want string `json:"want"` // ok, gap, word, stale, beyond, closed
}

type badSignature struct {
	Name      string `json:"name"`
	PublicKey string `json:"public_key"`
	SignBytes string `json:"sign_bytes"`
	Signature string `json:"signature"`
}

func h(b []byte) string { return hex.EncodeToString(b) }

func makeVectors() vectors {
	l, s := lane(), session()
	seed := sha256.Sum256([]byte("seed"))
	c := voucher.NewChain(&s, seed)
	k := key("session")
	salt := s.Salt()
	v := vectors{
		Owner: h([]byte(owner)), Operator: h([]byte(operator)), DenomText: denom,
		Escrow: h(l.Escrow[:]), Provider: h(l.Provider[:]), Denom: h(s.Denom[:]),
		Lane: laneFields{l.ChainID, l.Generation, l.Cap, l.SubmitBy, l.Expires}, LaneBytes: h(l.SignBytes()), LaneSig: h(l.Sign(k)),
		Session: sessionFields{s.ChainID, s.Generation, s.Session, h(s.Work[:]), s.PricePerTick, s.TickSeconds, s.MaxTicks, h(s.Root[:]), s.Expires},
		Salt:    h(salt[:]), SessBytes: h(s.SignBytes()), SessSig: h(s.Sign(k)),
		PublicKey: h(k.Public().(ed25519.PublicKey)), Seed: h(seed[:]), Words: map[string]string{},
	}
	for n, name := range map[uint32]string{0: "0", 1: "1", 17: "17", 299: "299", 300: "300"} {
		w := c.Word(n)
		v.Words[name] = h(w[:])
	}
	for _, call := range []struct {
		n, word uint32
		want    string
	}{{1, 1, "ok"}, {1, 1, "ok"}, {65, 65, "ok"}, {130, 130, "gap"}, {64, 64, "stale"}, {301, 300, "beyond"}, {70, 71, "word"}, {70, 70, "closed"}} {
		w := c.Word(call.word)
		v.Meter = append(v.Meter, meterStep{call.n, h(w[:]), call.want})
	}
	v.BadSignatures = badSignatures(k, l, s)
	v.Use = makeUse(k, seed)
	return v
}

func badSignatures(k ed25519.PrivateKey, l voucher.LaneIntent, s voucher.Session) []badSignature {
	other := s
	other.PricePerTick++
	pub, stranger := k.Public().(ed25519.PublicKey), key("stranger").Public().(ed25519.PublicKey)
	flipped := s.Sign(k)
	flipped[0] ^= 1
	return []badSignature{
		{"of another price", h(pub), h(s.SignBytes()), h(other.Sign(k))},
		{"of a lane", h(pub), h(s.SignBytes()), h(l.Sign(k))},
		{"by another key", h(stranger), h(s.SignBytes()), h(s.Sign(k))},
		{"with a bit flipped", h(pub), h(s.SignBytes()), h(flipped)},
		{"cut short", h(pub), h(s.SignBytes()), h(s.Sign(k)[:63])},
	}
}

func slug(err error) string {
	for text, want := range map[string]error{
		"gap": voucher.ErrGap, "word": voucher.ErrWord, "stale": voucher.ErrStale, "beyond": voucher.ErrBeyond, "closed": voucher.ErrClosed,
	} {
		if errors.Is(err, want) {
			return text
		}
	}
	return "ok"
}

func TestVectors(t *testing.T) {
	if *update {
		raw, err := json.MarshalIndent(makeVectors(), "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(vectorsPath, append(raw, '\n'), 0o644))
	}
	raw, err := os.ReadFile(vectorsPath)
	require.NoError(t, err)
	var want vectors
	require.NoError(t, json.Unmarshal(raw, &want))
	require.Equal(t, want, makeVectors())

	s := session()
	voucher.NewChain(&s, sha256.Sum256([]byte("seed")))
	m := voucher.NewMeter(s)
	for _, step := range want.Meter {
		w, err := hex.DecodeString(step.Word)
		require.NoError(t, err)
		require.Equal(t, step.Want, slug(m.Accept(step.N, voucher.Word(w))), "%d", step.N)
	}
	for _, bad := range want.BadSignatures {
		pub, err := hex.DecodeString(bad.PublicKey)
		require.NoError(t, err)
		sig, err := hex.DecodeString(bad.Signature)
		require.NoError(t, err)
		require.Equal(t, bad.SignBytes, h(s.SignBytes()))
		require.False(t, s.Verify(pub, sig), bad.Name)
	}
}
