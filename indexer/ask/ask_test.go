package ask_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/ask"
)

func TestWords(t *testing.T) {
	for q, want := range map[string]string{
		"": "", "🎵 …!": "", "Die STRASSE im Café": "die|strasse|im|cafe", "Straße": "strasse", "ﬁlm": "film", "e\u0301te": "ete", "don't": "don|t", "a_b": "a|b", "第3章 Final": "第|3|章|final",
		"東京の夜": "東京の夜", "ｶﾀｶﾅ": "カタカナ", "مَرْحَبًا بالعالم": "مرحبا|بالعالم", "ὈΔΥΣΣΕΎΣ": "οδυσσευσ", "a\x00b": "a|b", "x\xffy": "x|y", "AND OR NOT": "and|or|not",
	} {
		require.Equal(t, want, strings.Join(ask.Words(q), "|"), "%q", q)
	}
	require.Len(t, ask.Words(strings.Repeat("a ", 100)), ask.MaxWords)
}

func TestMatch(t *testing.T) {
	for q, want := range map[string]string{
		"": "", "one two": `"one" "two"*`, "東京の夜": `"東京 京の の夜"`, "夜": `"夜"*`, "東京 night": `"東京" "night"*`, `x" OR "y`: `"x" "or" "y"*`, "title:x*": `"title" "x"*`,
	} {
		require.Equal(t, want, ask.Match(ask.Words(q)), "%q", q)
	}
	require.Equal(t, "東京 京の の夜 夜 live", ask.Text("東京の夜・Live!"))
	require.Equal(t, `"a ""b c"`, ask.Part("a \"b\tc"))
	require.Empty(t, ask.Part(" ab "))
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"night", "night", 0}, {"nihgt", "night", 1}, {"nigt", "night", 1}, {"nightt", "night", 1}, {"nixht", "night", 1}, {"mixht", "night", 2}, {"day", "night", 3}, {"", "ab", 2}} {
		require.Equal(t, c.want, ask.Edits([]rune(c.a), []rune(c.b), 2), "%s %s", c.a, c.b)
		require.Equal(t, c.want, ask.Edits([]rune(c.b), []rune(c.a), 2), "%s %s", c.b, c.a)
	}
	require.Equal(t, `"nig" OR "igh" OR "ght"`, ask.Trigrams("night"))
	require.Empty(t, ask.Trigrams("ab"))
}

func TestCursors(t *testing.T) {
	c := ask.EncodeCursor("works", int64(1)<<62, "tïtle")
	var n int64
	var s string
	ok, err := ask.DecodeCursor("works", c, &n, &s)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, int64(1)<<62, n)
	require.Equal(t, "tïtle", s)
	ok, err = ask.DecodeCursor("works", "", &n)
	require.NoError(t, err)
	require.False(t, ok)
	for _, bad := range []string{"x", c + "=", c[:len(c)-1], " " + c, strings.Repeat("A", 501), ask.EncodeCursor("plans", 1, "a"), ask.EncodeCursor("works", 1), ask.EncodeCursor("works", 1, "a", 2), ask.EncodeCursor("works", "a", "b"),
		ask.EncodeCursor("works", 1.5, "b"), ask.EncodeCursor("works", nil, nil), ask.EncodeCursor("works", []int{1}, "b")} {
		_, err := ask.DecodeCursor("works", bad, &n, &s)
		require.ErrorIs(t, err, ask.ErrCursor, bad)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("works", ask.EncodeCursor("works", 7, "a"))
	f.Add("works", "W10")
	f.Fuzz(func(t *testing.T, list, cursor string) {
		var n int64
		var s string
		ok, err := ask.DecodeCursor(list, cursor, &n, &s)
		if err != nil {
			require.ErrorIs(t, err, ask.ErrCursor)
			require.False(t, ok)
			return
		}
		require.Equal(t, cursor != "", ok)
		if !ok || !utf8.ValidString(list) {
			return
		}
		var m int64
		var u string
		again, err := ask.DecodeCursor(list, ask.EncodeCursor(list, n, s), &m, &u)
		if len(ask.EncodeCursor(list, n, s)) <= ask.MaxCursor {
			require.NoError(t, err)
			require.True(t, again)
			require.Equal(t, n, m)
			require.Equal(t, s, u)
		}
	})
}

// Whatever is searched, the question has nothing but quoted words of letters, digits and spaces, and stars after them.
func FuzzMatch(f *testing.F) {
	for _, q := range []string{`a" OR b:"c`, "東京 night*", "ﬁ\x00\xff", "((NEAR", "e\u0301"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		words := ask.Words(q)
		require.LessOrEqual(t, len(words), ask.MaxWords)
		expr := ask.Match(words)
		require.Equal(t, len(words) == 0, expr == "")
		require.True(t, utf8.ValidString(expr))
		rest := expr
		for rest != "" {
			require.Equal(t, byte('"'), rest[0], expr)
			word, after, closed := strings.Cut(rest[1:], `"`)
			require.True(t, closed, expr)
			require.NotEmpty(t, strings.TrimSpace(word))
			for _, r := range word {
				require.NotContains(t, `"*():^{}+-`+"\x00", string(r), expr)
			}
			rest = strings.TrimPrefix(strings.TrimPrefix(after, "*"), " ")
		}
		part := ask.Part(q)
		require.Zero(t, strings.Count(part, `"`)%2)
		require.NotContains(t, part, "\x00")
	})
}
