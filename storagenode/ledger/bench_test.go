package ledger

import (
	"crypto/ed25519"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

func benchLedger(b *testing.B) *Ledger {
	l, err := Open(filepath.Join(b.TempDir(), "ledger"), margin)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	if err := l.AddLane(testLane(1 << 62)); err != nil {
		b.Fatal(err)
	}
	return l
}

const benchTicks = 1 << 16

// BenchmarkPaidTick is one paid tick: hash, cap, ticks used, record in the journal.
func BenchmarkPaidTick(b *testing.B) {
	l := benchLedger(b)
	number, n := uint64(0), uint32(benchTicks)
	words := make([]voucher.Word, benchTicks+1)
	id, _ := begin(b, l, 1<<32, 1, 1)
	b.ReportAllocs()
	for b.Loop() {
		if n == benchTicks {
			b.StopTimer()
			if number%200 == 0 {
				_ = l.EndLane(testLane(0).LaneID)
				_ = l.AddLane(testLane(1 << 62))
			}
			s, chain := terms(b, number, 1, benchTicks)
			st, _, err := l.OpenSession(s, now)
			if err != nil {
				b.Fatal(err)
			}
			for i := range words {
				words[i] = chain.Word(uint32(i))
			}
			id, number, n = st.ID, number+1, 0
			b.StartTimer()
		}
		n++
		if _, _, err := l.use(id, Payment{n, words[n]}, Ticks{0, n - 1, n}, now); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPaidTickDurable is the same for 64 viewers at once, each waiting for stable storage.
func BenchmarkPaidTickDurable(b *testing.B) {
	l := benchLedger(b)
	var number atomic.Uint64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		var st State
		var chain *voucher.Chain
		for n := uint32(4096); pb.Next(); n++ {
			if n == 4096 {
				var s streamtypes.Session
				var err error
				s, chain = terms(b, number.Add(1), 1, 4096)
				if st, _, err = l.OpenSession(s, now); err != nil {
					b.Error(err)
					return
				}
				n = 1
			}
			if _, err := l.Use(st.ID, pay(chain, n), Ticks{0, n - 1, n}, now); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkEd25519 is the peer: checking a signature per tick.
func BenchmarkEd25519(b *testing.B) {
	msg := make([]byte, 200)
	sig, pub := ed25519.Sign(key, msg), key.Public().(ed25519.PublicKey)
	for b.Loop() {
		if !ed25519.Verify(pub, msg, sig) {
			b.Fatal()
		}
	}
}
