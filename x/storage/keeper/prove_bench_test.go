package keeper_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/x/storage/types"
)

// BenchmarkProve is MsgProve through the message server, with the gas that it takes.
func BenchmarkProve(b *testing.B) {
	for _, deals := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(deals, " deals"), func(b *testing.B) {
			f := newProofFixture(b)
			f.node("a")
			for i := range deals {
				f.keep(f.film(fmt.Sprint("work ", i), 100_000), 1000, "a")
			}
			f.settled()
			msg := f.proveMsg("a")
			var gas storetypes.Gas
			b.ResetTimer()
			for range b.N {
				ctx, _ := f.Ctx.CacheContext()
				ctx = ctx.WithGasMeter(storetypes.NewGasMeter(1 << 40))
				_, err := f.msg.Prove(ctx, msg)
				require.NoError(b, err)
				gas = ctx.GasMeter().GasConsumed()
			}
			b.ReportMetric(float64(gas), "gas/op")
		})
	}
}

// BenchmarkProofOfABigPiece is one answer: making it reads 16 KiB, checking it hashes one KiB
// and a node for each doubling.
func BenchmarkProofOfABigPiece(b *testing.B) {
	data := make([]byte, 64<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	var builder piece.Builder
	_, err := builder.Write(data)
	require.NoError(b, err)
	root, outboard := builder.Root(), builder.Outboard()
	slice, err := piece.Prove(bytes.NewReader(data), uint64(len(data)), outboard, 40<<20)
	require.NoError(b, err)
	b.Run("make", func(b *testing.B) {
		for range b.N {
			_, err := piece.Prove(bytes.NewReader(data), uint64(len(data)), outboard, 40<<20)
			require.NoError(b, err)
		}
	})
	b.Run("check", func(b *testing.B) {
		for range b.N {
			_, err := piece.Verify(root, uint64(len(data)), 40<<20, slice)
			require.NoError(b, err)
		}
	})
}

// BenchmarkChallenges is the draw alone.
func BenchmarkChallenges(b *testing.B) {
	var set list
	for i := range 1000 {
		set = append(set, types.ProofSlot{Work: fmt.Sprint(i), Size_: 1 << 30})
	}
	d := types.Draw{ChainID: "chain", Seed: make([]byte, 32), Operator: make([]byte, 20)}
	for i := range b.N {
		d.Period = uint64(i)
		_, err := d.Challenges(set)
		require.NoError(b, err)
	}
}
