package piece_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/piece"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

const vectorsPath = "testdata/vectors.json"

// vectors are over the first bytes of the sequence 0, 1, … 250, 0, 1, ….
type vectors struct {
	Roots  []rootVector  `json:"roots"`
	Proofs []proofVector `json:"proofs"`
	// Bad proofs are refused.
	Bad []proofVector `json:"bad"`
}

type rootVector struct {
	Size     uint64 `json:"size"`
	Root     string `json:"root"`
	Outboard string `json:"outboard"`
}

type proofVector struct {
	Name   string `json:"name"`
	Root   string `json:"root"`
	Size   uint64 `json:"size"`
	Offset uint64 `json:"offset"`
	Proof  string `json:"proof"`
}

func makeVectors(t *testing.T) (v vectors) {
	for _, n := range []int{1, 1023, 1024, 1025, 2048, 16384, 16385, 49152, 100_000} {
		b := build(pattern(n))
		root := b.Root()
		v.Roots = append(v.Roots, rootVector{b.Size(), hex.EncodeToString(root[:]), hex.EncodeToString(b.Outboard())})
	}
	for _, c := range []struct {
		size   int
		offset uint64
	}{{1, 0}, {1024, 1023}, {1025, 0}, {1025, 1024}, {16385, 16384}, {100_000, 50_000}, {100_000, 99_999}} {
		v.Proofs = append(v.Proofs, prove(t, c.size, c.offset))
	}
	bad := func(name string, change func(*proofVector, []byte) []byte) {
		p := prove(t, 1025, 1024)
		raw, err := hex.DecodeString(p.Proof)
		require.NoError(t, err)
		p.Name = name
		p.Proof = hex.EncodeToString(change(&p, raw))
		v.Bad = append(v.Bad, p)
	}
	bad("a bit of the leaf", func(_ *proofVector, b []byte) []byte { b[len(b)-1] ^= 1; return b })
	bad("a bit of a node", func(_ *proofVector, b []byte) []byte { b[8] ^= 1; return b })
	bad("a bit of the size", func(_ *proofVector, b []byte) []byte { b[0] ^= 1; return b })
	bad("a byte too many", func(_ *proofVector, b []byte) []byte { return append(b, 0) })
	bad("a byte too few", func(_ *proofVector, b []byte) []byte { return b[:len(b)-1] })
	bad("another leaf", func(p *proofVector, b []byte) []byte { p.Offset = 0; return b })
	bad("another size", func(p *proofVector, b []byte) []byte { p.Size++; return b })
	bad("beyond the end", func(p *proofVector, b []byte) []byte { p.Offset = 1025; return b })
	return v
}

func prove(t *testing.T, size int, offset uint64) proofVector {
	data := pattern(size)
	b := build(data)
	proof, err := piece.Prove(bytes.NewReader(data), b.Size(), b.Outboard(), offset)
	require.NoError(t, err)
	root := b.Root()
	return proofVector{"", hex.EncodeToString(root[:]), b.Size(), offset, hex.EncodeToString(proof)}
}

func TestVectors(t *testing.T) {
	if *update {
		raw, err := json.MarshalIndent(makeVectors(t), "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(vectorsPath, append(raw, '\n'), 0o644))
	}
	raw, err := os.ReadFile(vectorsPath)
	require.NoError(t, err)
	var want vectors
	require.NoError(t, json.Unmarshal(raw, &want))
	require.Equal(t, want, makeVectors(t))
	check := func(p proofVector) error {
		root, err := hex.DecodeString(p.Root)
		require.NoError(t, err)
		proof, err := hex.DecodeString(p.Proof)
		require.NoError(t, err)
		_, err = piece.Verify([32]byte(root), p.Size, p.Offset, proof)
		return err
	}
	for _, p := range want.Proofs {
		require.NoError(t, check(p))
	}
	for _, p := range want.Bad {
		require.Error(t, check(p), p.Name)
	}
}
