package voucher_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamchain/streamchain/voucher"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("voucher test/" + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func lane() voucher.LaneIntent {
	return voucher.LaneIntent{
		ChainID: "streamchain-local-1", Escrow: voucher.EscrowID([]byte("viewer-account-bytes"), "ustream"),
		Provider: voucher.ProviderID([]byte("operator-acct-bytes!")), Generation: 3, Cap: 5_000_000,
		SubmitBy: 1_767_225_600, Expires: 1_767_229_200,
	}
}

func session() voucher.Session {
	l := lane()
	return voucher.Session{
		ChainID: l.ChainID, Escrow: l.Escrow, Provider: l.Provider, Generation: l.Generation, Session: 7,
		Work: sha256.Sum256([]byte("work")), Denom: voucher.DenomID("ustream"), PricePerTick: 100, TickSeconds: 1,
		MaxTicks: 300, Expires: l.Expires,
	}
}

type vectors struct {
	Escrow     string            `json:"escrow_id"`
	Provider   string            `json:"provider_id"`
	Denom      string            `json:"denom_id"`
	LaneBytes  string            `json:"lane_sign_bytes"`
	LaneSig    string            `json:"lane_signature"`
	Salt       string            `json:"session_salt"`
	SessBytes  string            `json:"session_sign_bytes"`
	SessSig    string            `json:"session_signature"`
	PublicKey  string            `json:"public_key"`
	Words      map[string]string `json:"words"`
	Seed       string            `json:"seed"`
	DerivedFor string            `json:"seed_of_generation_3_session_7"`
}

func TestVectors(t *testing.T) {
	l, s := lane(), session()
	seed := sha256.Sum256([]byte("seed"))
	c := voucher.NewChain(&s, seed)
	k := key("session")
	salt := s.Salt()
	derived := voucher.SeedOf(seed, 3, 7, l.Provider)
	got := vectors{
		Escrow: hex.EncodeToString(l.Escrow[:]), Provider: hex.EncodeToString(l.Provider[:]), Denom: hex.EncodeToString(s.Denom[:]),
		LaneBytes: hex.EncodeToString(l.SignBytes()), LaneSig: hex.EncodeToString(l.Sign(k)),
		Salt: hex.EncodeToString(salt[:]), SessBytes: hex.EncodeToString(s.SignBytes()), SessSig: hex.EncodeToString(s.Sign(k)),
		PublicKey: hex.EncodeToString(k.Public().(ed25519.PublicKey)), Seed: hex.EncodeToString(seed[:]),
		DerivedFor: hex.EncodeToString(derived[:]), Words: map[string]string{},
	}
	for n, name := range map[uint32]string{0: "0", 1: "1", 17: "17", 299: "299", 300: "300"} {
		w := c.Word(n)
		got.Words[name] = hex.EncodeToString(w[:])
	}
	const path = "testdata/vectors.json"
	if *update {
		raw, err := json.MarshalIndent(got, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, append(raw, '\n'), 0o644))
	}
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var want vectors
	require.NoError(t, json.Unmarshal(raw, &want))
	require.Equal(t, want, got)
}

func TestEveryFieldIsSigned(t *testing.T) {
	k := key("session")
	pub := k.Public().(ed25519.PublicKey)
	s := session()
	voucher.NewChain(&s, [32]byte{1})
	sig := s.Sign(k)
	require.True(t, s.Verify(pub, sig))
	for name, change := range map[string]func(*voucher.Session){
		"chain": func(s *voucher.Session) { s.ChainID += "x" }, "escrow": func(s *voucher.Session) { s.Escrow[0] ^= 1 },
		"provider": func(s *voucher.Session) { s.Provider[31] ^= 1 }, "generation": func(s *voucher.Session) { s.Generation++ },
		"session": func(s *voucher.Session) { s.Session++ }, "work": func(s *voucher.Session) { s.Work[5] ^= 1 },
		"denom": func(s *voucher.Session) { s.Denom[5] ^= 1 }, "price": func(s *voucher.Session) { s.PricePerTick++ },
		"tick": func(s *voucher.Session) { s.TickSeconds++ }, "max": func(s *voucher.Session) { s.MaxTicks++ },
		"expires": func(s *voucher.Session) { s.Expires++ },
	} {
		other := s
		change(&other)
		require.False(t, other.Verify(pub, sig), name)
		require.NotEqual(t, s.Salt(), other.Salt(), "%s is not in the salt", name)
	}
	other := s
	other.Root[0] ^= 1
	require.False(t, other.Verify(pub, sig))
	require.Equal(t, s.Salt(), other.Salt(), "the root comes from the salt")

	l := lane()
	sig = l.Sign(k)
	require.True(t, l.Verify(pub, sig))
	for name, change := range map[string]func(*voucher.LaneIntent){
		"chain": func(l *voucher.LaneIntent) { l.ChainID = "x" }, "escrow": func(l *voucher.LaneIntent) { l.Escrow[0] ^= 1 },
		"provider": func(l *voucher.LaneIntent) { l.Provider[0] ^= 1 }, "generation": func(l *voucher.LaneIntent) { l.Generation++ },
		"cap": func(l *voucher.LaneIntent) { l.Cap++ }, "submit": func(l *voucher.LaneIntent) { l.SubmitBy++ },
		"expires": func(l *voucher.LaneIntent) { l.Expires++ },
	} {
		other := l
		change(&other)
		require.False(t, other.Verify(pub, sig), name)
	}
	for i := range len(sig) * 8 {
		bad := append([]byte{}, sig...)
		bad[i/8] ^= 1 << (i % 8)
		require.False(t, l.Verify(pub, bad))
	}
	require.False(t, l.Verify(pub[:31], sig))
	require.False(t, l.Verify(pub, sig[:63]))
}

func TestIDsAreInjective(t *testing.T) {
	require.NotEqual(t, voucher.EscrowID([]byte("ab"), "c"), voucher.EscrowID([]byte("a"), "bc"))
	require.NotEqual(t, voucher.EscrowID([]byte("a"), ""), voucher.ProviderID([]byte("a")))
}

func TestChainReveals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := session()
		s.MaxTicks = rapid.Uint32Range(1, 3000).Draw(t, "max")
		c := voucher.NewChain(&s, [32]byte{byte(s.MaxTicks)})
		salt := s.Salt()
		require.Equal(t, s.Root, c.Word(0))
		for _, n := range rapid.SliceOfN(rapid.Uint32Range(0, s.MaxTicks), 1, 20).Draw(t, "ns") {
			require.True(t, voucher.Check(&salt, s.Root, c.Word(n), n))
			if n > 0 {
				w := c.Word(n)
				require.Equal(t, c.Word(n-1), voucher.Step(&salt, &w))
			}
		}
		require.Equal(t, c.Word(s.MaxTicks), c.Word(math.MaxUint32))
	})
}

func TestMeter(t *testing.T) {
	s := session()
	c := voucher.NewChain(&s, [32]byte{9})
	m := voucher.NewMeter(s)
	require.NoError(t, m.Accept(1, c.Word(1)))
	require.NoError(t, m.Accept(1, c.Word(1)), "the same word again is no error")
	require.NoError(t, m.Accept(1+voucher.MaxGap, c.Word(1+voucher.MaxGap)))
	require.ErrorIs(t, m.Accept(2+2*voucher.MaxGap, c.Word(2+2*voucher.MaxGap)), voucher.ErrGap)
	require.ErrorIs(t, m.Accept(3, c.Word(3)), voucher.ErrStale)
	require.ErrorIs(t, m.Accept(301, c.Word(300)), voucher.ErrBeyond)
	require.EqualValues(t, 1+voucher.MaxGap, m.N(), "refused words change nothing")

	again := voucher.NewMeter(s)
	require.NoError(t, again.Restore(m.N(), m.Last()))
	require.Equal(t, m.Last(), again.Last())
	require.ErrorIs(t, voucher.NewMeter(s).Restore(5, c.Word(6)), voucher.ErrWord)
	require.ErrorIs(t, voucher.NewMeter(s).Restore(301, c.Word(300)), voucher.ErrBeyond)

	require.ErrorIs(t, m.Accept(70, c.Word(71)), voucher.ErrWord)
	require.ErrorIs(t, m.Accept(70, c.Word(70)), voucher.ErrClosed, "one bad word closes the session")
	require.True(t, m.Closed())
}

func TestWordsOfAnotherSessionAreRefused(t *testing.T) {
	s, other := session(), session()
	other.Session++
	seed := [32]byte{3}
	voucher.NewChain(&s, seed)
	c := voucher.NewChain(&other, seed)
	for n := uint32(1); n <= 20; n++ {
		require.ErrorIs(t, voucher.NewMeter(s).Accept(n, c.Word(n)), voucher.ErrWord)
	}
}

func TestAmount(t *testing.T) {
	n, ok := voucher.Amount(3, 5)
	require.True(t, ok)
	require.EqualValues(t, 15, n)
	_, ok = voucher.Amount(2, math.MaxUint64)
	require.False(t, ok)
}

func FuzzMeter(f *testing.F) {
	s := session()
	c := voucher.NewChain(&s, [32]byte{4})
	w := c.Word(5)
	f.Add(uint32(5), w[:])
	f.Add(uint32(6), w[:])
	f.Fuzz(func(t *testing.T, n uint32, raw []byte) {
		var word voucher.Word
		copy(word[:], raw)
		m := voucher.NewMeter(s)
		if m.Accept(n, word) == nil && word != c.Word(n) {
			t.Fatalf("a forged word paid %d ticks", n)
		}
	})
}

func BenchmarkMeterAccept(b *testing.B) {
	s := session()
	s.MaxTicks = 1 << 16
	c := voucher.NewChain(&s, [32]byte{4})
	words := make([]voucher.Word, s.MaxTicks+1)
	for i := range words {
		words[i] = c.Word(uint32(i))
	}
	m := voucher.NewMeter(s)
	n := uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		if n == s.MaxTicks {
			m, n = voucher.NewMeter(s), 0
		}
		n++
		if err := m.Accept(n, words[n]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEd25519Verify is the peer: a signature per tick.
func BenchmarkEd25519Verify(b *testing.B) {
	k := key("session")
	s := session()
	msg, sig, pub := s.SignBytes(), s.Sign(k), k.Public().(ed25519.PublicKey)
	for b.Loop() {
		if !ed25519.Verify(pub, msg, sig) {
			b.Fatal()
		}
	}
}
