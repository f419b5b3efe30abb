package ask

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// MaxWords bounds the words of a search; more are left out.
const MaxWords = 12

// Fold is how texts are compared: lower case, without diacritics, compatible forms made one.
func Fold(s string) string {
	out, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), cases.Fold(), norm.NFKC), s)
	if err != nil {
		return strings.ToLower(s)
	}
	return out
}

// spaceless are the scripts in which words are not told apart by spaces.
var spaceless = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// class tells the letters of words from those of spaceless scripts and from what parts words.
func class(r rune) int {
	switch {
	case r == utf8.RuneError:
		return 0
	case unicode.In(r, spaceless...) || r == 'ー':
		return 2
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mc, r):
		return 1
	}
	return 0
}

// run is a piece of a text of one class.
type run struct {
	text      string
	spaceless bool
}

func runsOf(s string) []run {
	var out []run
	folded := Fold(s)
	start, last := 0, 0
	for i, r := range folded {
		c := class(r)
		if c == last {
			continue
		}
		if last != 0 {
			out = append(out, run{folded[start:i], last == 2})
		}
		start, last = i, c
	}
	if last != 0 {
		out = append(out, run{folded[start:], last == 2})
	}
	return out
}

// grams are every two characters that stand together, and the last one alone: so that any piece of the run begins a gram.
func grams(s string) []string {
	letters := []rune(s)
	var out []string
	for i := 0; i+1 < len(letters); i++ {
		out = append(out, string(letters[i:i+2]))
	}
	return append(out, string(letters[len(letters)-1]))
}

// Text is a text as the index keeps it: its words, parted by spaces.
func Text(s string) string {
	var b strings.Builder
	for _, r := range runsOf(s) {
		words := []string{r.text}
		if r.spaceless {
			words = grams(r.text)
		}
		for _, w := range words {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w)
		}
	}
	return b.String()
}

// Words are the words of a search, folded, in their order. A run of a spaceless script is one word.
func Words(q string) []string {
	var out []string
	for _, r := range runsOf(q) {
		if len(out) < MaxWords {
			out = append(out, r.text)
		}
	}
	return out
}

// Spaceless says whether a word is of a script without spaces: it is found within others, and never corrected.
func Spaceless(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return class(r) == 2
}

// Match is the question to FTS5 for works that have all words, the last of them as a beginning. Empty without words.
func Match(words []string) string { return strings.Join(Matches(words), " ") }

// Matches are the questions for each of the words by itself.
func Matches(words []string) []string {
	var out []string
	for i, w := range words {
		letters := []rune(w)
		switch {
		case !Spaceless(w) && i < len(words)-1:
			out = append(out, Quote(w))
		case !Spaceless(w), len(letters) == 1:
			out = append(out, Quote(w)+"*")
		default: // a phrase of what stands together, without the last character alone
			all := grams(w)
			out = append(out, Quote(strings.Join(all[:len(all)-1], " ")))
		}
	}
	return out
}

// Part is the question to the index of titles by three characters, for what stands within words. Empty where it is too short.
func Part(q string) string {
	s := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, q)), " ")
	if utf8.RuneCountInString(s) < 3 {
		return ""
	}
	return Quote(s)
}

// Quote makes an FTS5 string of anything: nothing in it is syntax.
func Quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
