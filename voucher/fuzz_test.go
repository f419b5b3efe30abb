package voucher_test

import (
	"bytes"
	"testing"

	"github.com/streamchain/streamchain/voucher"
)

// Only the chain's own words pay.
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

// Whatever the texts, two sessions with the same sign bytes are the same session.
func FuzzSignBytesAreInjective(f *testing.F) {
	f.Add("streamchain-1", "streamchain-1", uint64(1), uint64(1), []byte{1}, []byte{2})
	f.Add("a", "a\x00", uint64(1), uint64(0x0100), []byte{}, []byte{0})
	f.Fuzz(func(t *testing.T, chainA, chainB string, genA, genB uint64, escrowA, escrowB []byte) {
		if len(chainA) > 1<<15 || len(chainB) > 1<<15 {
			return
		}
		a, b := voucher.Session{ChainID: chainA, Generation: genA}, voucher.Session{ChainID: chainB, Generation: genB}
		copy(a.Escrow[:], escrowA)
		copy(b.Escrow[:], escrowB)
		if same := bytes.Equal(a.SignBytes(), b.SignBytes()); same != (a == b) {
			t.Fatalf("%+v and %+v: same bytes %v", a, b, same)
		}
	})
}
