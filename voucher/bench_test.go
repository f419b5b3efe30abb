package voucher_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/streamchain/streamchain/voucher"
)

// BenchmarkMeterAccept is a paid tick, one after the other.
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
