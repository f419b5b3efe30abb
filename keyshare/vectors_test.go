package keyshare_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
)

var update = flag.Bool("write-golden", false, "write golden files")

// vectors are what every implementation must agree on. Polynomials and nonces are random, so answers stand as they once came out: they
// must verify and combine, not be made again.
type vectors struct {
	Suite       string         `json:"suite"`
	Secret      string         `json:"secret"`
	Commitments []string       `json:"commitments"`
	Shares      []string       `json:"shares"`
	Windows     []windowVector `json:"windows"`
	Sealed      struct {
		Private string `json:"private"`
		Purpose string `json:"purpose"`
		Context string `json:"context"`
		Plain   string `json:"plain"`
		Sealed  string `json:"sealed"`
	} `json:"sealed"`
}

type windowVector struct {
	Work      string   `json:"work"`
	Rendition string   `json:"rendition"`
	Number    uint32   `json:"number"`
	Answers   []string `json:"answers"`
	AES128    string   `json:"aes128"`
	AES256    string   `json:"aes256"`
}

const vectorFile = "testdata/vectors.json"

func bin(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	raw, err := os.ReadFile(vectorFile)
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(raw, &v))
	require.Equal(t, keyshare.Suite, v.Suite)
	secret, err := keyshare.ParseSecret(bin(t, v.Secret))
	require.NoError(t, err)
	var points [][]byte
	for _, p := range v.Commitments {
		points = append(points, bin(t, p))
	}
	c, err := keyshare.ParseCommitments(points)
	require.NoError(t, err)
	require.Equal(t, secret.C0(), c.C0())
	for i, s := range v.Shares {
		share, err := keyshare.ParseShare(uint16(i+1), bin(t, s))
		require.NoError(t, err)
		require.NoError(t, share.Verify(c))
	}
	require.Len(t, v.Windows, 3)
	for _, x := range v.Windows {
		w := keyshare.Window{Work: [32]byte(bin(t, x.Work)), Rendition: x.Rendition, Number: x.Number}
		var as []keyshare.Answer
		for _, a := range x.Answers {
			answer, err := keyshare.ParseAnswer(bin(t, a))
			require.NoError(t, err)
			as = append(as, answer)
		}
		combined, liars, err := keyshare.Combine(c, w, as)
		require.NoError(t, err)
		require.Empty(t, liars)
		direct, err := secret.Output(w)
		require.NoError(t, err)
		for _, out := range []keyshare.Output{combined, direct} {
			k16, k32 := out.AES128(), out.AES256()
			require.Equal(t, x.AES128, hex.EncodeToString(k16[:]))
			require.Equal(t, x.AES256, hex.EncodeToString(k32[:]))
		}
	}
	plain, err := keyshare.Open(bin(t, v.Sealed.Private), v.Sealed.Purpose, []byte(v.Sealed.Context), bin(t, v.Sealed.Sealed))
	require.NoError(t, err)
	require.Equal(t, v.Sealed.Plain, string(plain))
}

func writeVectors(t *testing.T) {
	var v vectors
	secret := keyshare.NewSecret(rand.Reader)
	c, shares, err := secret.Deal(rand.Reader, 3, 5)
	require.NoError(t, err)
	s := secret.Bytes()
	v.Suite, v.Secret = keyshare.Suite, hex.EncodeToString(s[:])
	for _, p := range c.Bytes() {
		v.Commitments = append(v.Commitments, hex.EncodeToString(p))
	}
	for _, sh := range shares {
		b := sh.Bytes()
		v.Shares = append(v.Shares, hex.EncodeToString(b[:]))
	}
	for _, w := range []keyshare.Window{window, {Work: window.Work, Rendition: "audio", Number: 0}, {Rendition: "Größe.pdf", Number: 1<<32 - 1}} {
		x := windowVector{Work: hex.EncodeToString(w.Work[:]), Rendition: w.Rendition, Number: w.Number}
		for _, a := range answers(t, w, shares[4], shares[0], shares[2]) {
			x.Answers = append(x.Answers, hex.EncodeToString(a.Bytes()))
		}
		out, err := secret.Output(w)
		require.NoError(t, err)
		k16, k32 := out.AES128(), out.AES256()
		x.AES128, x.AES256 = hex.EncodeToString(k16[:]), hex.EncodeToString(k32[:])
		v.Windows = append(v.Windows, x)
	}
	private, public, err := keyshare.NewSealKey(rand.Reader)
	require.NoError(t, err)
	sealed, err := keyshare.Seal(public[:], keyshare.ForHolder, []byte("context"), []byte("a share"))
	require.NoError(t, err)
	v.Sealed.Private, v.Sealed.Purpose, v.Sealed.Context = hex.EncodeToString(private[:]), keyshare.ForHolder, "context"
	v.Sealed.Plain, v.Sealed.Sealed = "a share", hex.EncodeToString(sealed)
	raw, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(vectorFile, append(raw, '\n'), 0o644))
}

func FuzzParseAnswer(f *testing.F) {
	c, shares, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, 1, 1)
	require.NoError(f, err)
	a, err := shares[0].Answer(rand.Reader, window)
	require.NoError(f, err)
	f.Add(a.Bytes())
	f.Add(make([]byte, keyshare.AnswerLen))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := keyshare.ParseAnswer(raw)
		if err != nil {
			return
		}
		require.Equal(t, raw, got.Bytes(), "one answer, one encoding")
		if got.Verify(c, window) == nil {
			want, err := shares[0].Answer(rand.Reader, window)
			require.NoError(t, err)
			require.Equal(t, want.Bytes()[:34], raw[:34], "a forged point")
		}
	})
}
