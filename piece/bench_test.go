package piece_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/streamchain/streamchain/piece"
)

const benchSize = 64 << 20

func BenchmarkSum(b *testing.B) {
	data := pattern(benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		if _, _, err := piece.Sum(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSHA256 is the peer of BenchmarkSum.
func BenchmarkSHA256(b *testing.B) {
	data := pattern(benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		sha256.Sum256(data)
	}
}

func BenchmarkProve(b *testing.B) {
	data := pattern(benchSize)
	built := build(data)
	outboard, r, at := built.Outboard(), bytes.NewReader(data), uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := piece.Prove(r, benchSize, outboard, at%benchSize); err != nil {
			b.Fatal(err)
		}
		at += 1_000_003
	}
}

func BenchmarkVerify(b *testing.B) {
	data := pattern(benchSize)
	built := build(data)
	root, outboard := built.Root(), built.Outboard()
	slice, err := piece.Prove(bytes.NewReader(data), benchSize, outboard, 40_000_000)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := piece.Verify(root, benchSize, 40_000_000, slice); err != nil {
			b.Fatal(err)
		}
	}
}
