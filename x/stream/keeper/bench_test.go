package keeper_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/voucher"
	"github.com/streamchain/streamchain/x/stream/types"
)

// sessions are many of one lane, with the words of the first settlement and of a later one.
func sessions(b *testing.B, count int, step uint32) (f *fixture, first, later []types.Settlement) {
	f = newFixture(b)
	f.viewer("alice", 2000*stream)
	lane := f.lane("alice", f.provider("node"), 1, 900*stream)
	for i := range count {
		s, words := f.session("alice", lane, uint64(i))
		first, later = append(first, claim(s, words, step)), append(later, claim(s, words, 2*step))
	}
	return f, first, later
}

// BenchmarkSettle is a message of 200 sessions of 10 ticks each: settled first, with a
// signature each, and again, by their words alone. BenchmarkVerify is what a signature for each
// voucher would cost instead.
func BenchmarkSettle(b *testing.B) {
	f, first, later := sessions(b, types.MaxItems, 10)
	for name, round := range map[string][]types.Settlement{"first": first, "later": later} {
		b.Run(name, func(b *testing.B) {
			base := f.Ctx
			defer func() { f.Ctx = base }()
			if name == "later" {
				f.Ctx, _ = base.CacheContext()
				f.settle(f.Addr("node"), first...)
			}
			from := f.Ctx
			b.ReportAllocs()
			for b.Loop() {
				f.Ctx, _ = from.CacheContext()
				for _, r := range f.settle(f.Addr("node"), round...) {
					if r.Paid != 10*price {
						b.Fatal(r)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*types.MaxItems), "µs/session")
		})
	}
}

// BenchmarkVerify is 200 signature checks alone, and the 2,000 of a signature for each tick.
func BenchmarkVerify(b *testing.B) {
	_, first, _ := sessions(b, 1, 10)
	v, err := first[0].Session.Voucher()
	require.NoError(b, err)
	msg, key, sig := v.SignBytes(), ed25519.PublicKey(first[0].Session.Pubkey), first[0].Session.Signature
	for name, count := range map[string]int{"200": types.MaxItems, "2000": 10 * types.MaxItems} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for range count {
					if !ed25519.Verify(key, msg, sig) {
						b.Fatal("not verified")
					}
				}
			}
		})
	}
}

// BenchmarkHashes is what MaxHashes cost.
func BenchmarkHashes(b *testing.B) {
	var salt [16]byte
	for b.Loop() {
		voucher.Forward(&salt, voucher.Word{}, types.MaxHashes)
	}
}
