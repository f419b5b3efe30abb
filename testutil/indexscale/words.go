package indexscale

import (
	"math"
	"math/rand/v2"
	"strings"
)

// vocabulary is how many different words titles and descriptions are made of.
const vocabulary = 30_000

var syllables = []string{
	"ba", "be", "bi", "bo", "ca", "ce", "co", "da", "de", "di", "do", "fa", "fe", "fi", "ga", "ge", "go", "ha", "he", "ho", "ja", "jo", "ka", "ke", "ki", "ko", "la", "le", "li", "lo", "lu",
	"ma", "me", "mi", "mo", "mu", "na", "ne", "ni", "no", "nu", "pa", "pe", "pi", "po", "ra", "re", "ri", "ro", "ru", "sa", "se", "si", "so", "su", "ta", "te", "ti", "to", "tu", "va", "ve", "vi", "wa", "we", "ya", "yo", "za", "zo",
}

// Word is the n-th word of the vocabulary, the commonest first.
func Word(n int) string {
	r := rand.New(rand.NewPCG(uint64(n), 0x5eed)) //nolint:gosec // test data
	var b strings.Builder
	for range 2 + n%3 {
		b.WriteString(syllables[r.IntN(len(syllables))])
	}
	if n%4 == 0 {
		b.WriteByte("nrst"[r.IntN(4)])
	}
	return b.String()
}

// words draws n words as languages do: the k-th is about k times as rare as the first.
func words(r *rand.Rand, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = Word(int(math.Exp(r.Float64()*math.Log(vocabulary))) - 1)
	}
	return strings.Join(out, " ")
}
