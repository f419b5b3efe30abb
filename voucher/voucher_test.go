package voucher_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamchain/streamchain/voucher"
)

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("voucher test/" + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

const (
	owner    = "viewer-account-bytes"
	operator = "operator-acct-bytes!"
	denom    = "ustream"
)

func lane() voucher.LaneIntent {
	return voucher.LaneIntent{
		ChainID: "streamchain-local-1", Escrow: voucher.EscrowID([]byte(owner), denom),
		Provider: voucher.ProviderID([]byte(operator)), Generation: 3, Cap: 5_000_000,
		SubmitBy: 1_767_225_600, Expires: 1_767_229_200,
	}
}

func session() voucher.Session {
	l := lane()
	return voucher.Session{
		ChainID: l.ChainID, Escrow: l.Escrow, Provider: l.Provider, Generation: l.Generation, Session: 7,
		Work: sha256.Sum256([]byte("work")), Denom: voucher.DenomID(denom), PricePerTick: 100, TickSeconds: 1,
		MaxTicks: 300, Expires: l.Expires,
	}
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

// A voucher is good in one place only: of all chains, escrows, providers, generations and sessions, its own.
func TestSignaturesHoldAtOnePlaceOnly(t *testing.T) {
	k := key("session")
	pub := k.Public().(ed25519.PublicKey)
	type place struct {
		s   voucher.Session
		sig []byte
	}
	var places []place
	for _, chain := range []string{"streamchain-1", "streamchain-2"} {
		for escrow := range 3 {
			for generation := range uint64(3) {
				for number := range uint64(2) {
					s := session()
					s.ChainID, s.Escrow[0], s.Generation, s.Session = chain, byte(escrow), generation, number
					voucher.NewChain(&s, [32]byte{1})
					places = append(places, place{s, s.Sign(k)})
				}
			}
		}
	}
	for i, a := range places {
		for j, b := range places {
			require.Equal(t, i == j, a.s.Verify(pub, b.sig))
			require.Equal(t, i == j, a.s.Salt() == b.s.Salt())
		}
	}
}

func TestEveryBitOfTheSignBytesCounts(t *testing.T) {
	k := key("session")
	pub := k.Public().(ed25519.PublicKey)
	for _, msg := range [][]byte{lane().SignBytes(), session().SignBytes()} {
		sig := ed25519.Sign(k, msg)
		for i := range len(msg) * 8 {
			msg[i/8] ^= 1 << (i % 8)
			require.False(t, ed25519.Verify(pub, msg, sig), "bit %d", i)
			msg[i/8] ^= 1 << (i % 8)
		}
	}
	require.False(t, session().Verify(pub, lane().Sign(k)), "a lane's signature opens no session")
	require.False(t, lane().Verify(pub, session().Sign(k)))
}

// The layout is what other languages write: its length says that no field is missing.
func TestSignBytesLayout(t *testing.T) {
	l, s := lane(), session()
	require.Len(t, l.SignBytes(), len("streamchain/lane/v1")+2+len(l.ChainID)+32+32+8+8+8+8)
	require.Len(t, s.SignBytes(), len("streamchain/session/v1")+2+len(s.ChainID)+32+32+8+8+32+32+8+4+4+32+8)
}

func TestStepIsOneCompressionWithoutAllocation(t *testing.T) {
	salt, w := [16]byte{1}, voucher.Word{2}
	in := append(append([]byte{}, salt[:]...), w[:]...)
	require.Equal(t, voucher.Word(sha256.Sum256(in)), voucher.Step(&salt, &w))
	require.LessOrEqual(t, len(in), sha256.BlockSize-9, "with padding it fits one block")
	require.Zero(t, testing.AllocsPerRun(100, func() { w = voucher.Step(&salt, &w) }))

	s := session()
	c := voucher.NewChain(&s, [32]byte{9})
	words := make([]voucher.Word, s.MaxTicks+1)
	for i := range words {
		words[i] = c.Word(uint32(i))
	}
	m, n := voucher.NewMeter(s), uint32(0)
	require.Zero(t, testing.AllocsPerRun(20, func() {
		n += 10
		if err := m.Accept(n, words[n]); err != nil {
			t.Fatal(err)
		}
	}))
}
