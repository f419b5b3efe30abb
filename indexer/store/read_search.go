package store

import (
	"context"
	"encoding/json"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

const (
	// candidates is how many of the best matches are ranked, filtered and counted.
	candidates = 1000
	maxWords   = 12
)

// Counts are how often each value occurs.
type Counts map[string]int64

// Facets count what was found by its properties.
type Facets struct {
	Kind     Counts `json:"kind"`
	Language Counts `json:"language"`
	Licence  Counts `json:"licence"`
	Price    Counts `json:"price"`
}

// Found is what a search found.
type Found struct {
	Items     []Work    `json:"items"`
	Creators  []Creator `json:"creators"`
	Facets    Facets    `json:"facets"`
	Corrected string    `json:"corrected,omitempty"`
	Cursor    string    `json:"cursor,omitempty"`
}

// Search finds active works by their words, the best first, and creators by their handles. Where nothing has the words, misspelt ones are
// corrected. Facets count the best thousand matches before filters. Errors: ErrCursor.
func (s *Store) Search(ctx context.Context, q string, f Filter, p Page) (Found, error) {
	found := Found{Items: []Work{}, Creators: []Creator{}, Facets: Facets{Counts{}, Counts{}, Counts{}, Counts{}}}
	offset := 0
	if _, err := decodeCursor("search", p.Cursor, &offset); err != nil || offset < 0 || offset > candidates {
		return found, ErrCursor
	}
	ids, words, err := s.match(ctx, q)
	if err != nil {
		return found, err
	}
	if len(ids) == 0 && len(words) > 0 {
		better, changed, err := s.correct(ctx, words)
		if err != nil {
			return found, err
		}
		if changed {
			found.Corrected = strings.Join(better, " ")
			if ids, err = s.words(ctx, better); err != nil {
				return found, err
			}
		}
	}
	if offset == 0 {
		if found.Creators, err = s.creatorsLike(ctx, q); err != nil {
			return found, err
		}
	}
	if len(ids) == 0 {
		return found, nil
	}
	return s.show(ctx, found, ids, f, offset, p.Limit)
}

// show fills in the page of matches, and the facets.
func (s *Store) show(ctx context.Context, found Found, ids []int64, f Filter, offset, limit int) (Found, error) {
	raw, err := json.Marshal(ids)
	if err != nil {
		return found, err
	}
	cond, args := f.where()
	found.Items, err = list(ctx, s, "SELECT "+workColumns+" FROM json_each(?) m JOIN works w ON w.n = m.value JOIN creators c ON c.id = w.creator WHERE "+cond+" ORDER BY m.key LIMIT ? OFFSET ?",
		append(append([]any{string(raw)}, args...), limit+1, offset), scanWork)
	if err != nil {
		return found, err
	}
	if len(found.Items) > limit {
		found.Items = found.Items[:limit]
		found.Cursor = encodeCursor("search", offset+limit)
	}
	err = s.each(ctx, `SELECT w.kind, w.language, w.licence, w.prices, count(*) FROM json_each(?) m JOIN works w ON w.n = m.value WHERE w.status = 'active' GROUP BY 1, 2, 3, 4`,
		[]any{string(raw)}, func(row func(...any) error) error {
			var kind, language, licence string
			var prices, n int64
			if err := row(&kind, &language, &licence, &prices, &n); err != nil {
				return err
			}
			found.Facets.Kind[kind] += n
			if language != "" {
				found.Facets.Language[language] += n
			}
			if licence != "" {
				found.Facets.Licence[licence] += n
			}
			for i, name := range priceKinds {
				if prices&(1<<i) != 0 {
					found.Facets.Price[name] += n
				}
			}
			return nil
		})
	return found, err
}

// priceKinds are the bits of works.prices.
var priceKinds = []string{"free", "metered", "purchase", "rental", "plan", "tier", "token", "pay-what-you-want", "template"}

// match finds works by the words of q, or by a part of a title in languages that have no spaces.
func (s *Store) match(ctx context.Context, q string) (ids []int64, words []string, err error) {
	words = fold(q)
	if len(words) == 0 {
		return nil, nil, nil
	}
	if ids, err = s.words(ctx, words); err != nil || len(ids) > 0 {
		return ids, words, err
	}
	whole := strings.TrimSpace(strings.Map(printable, q))
	if len([]rune(whole)) < 3 {
		return nil, words, nil
	}
	ids, err = s.fts(ctx, "titles_fts", quote(whole))
	return ids, words, err
}

// words finds works that have all words, the last of them as a beginning.
func (s *Store) words(ctx context.Context, words []string) ([]int64, error) {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quote(w))
		if i == len(words)-1 {
			b.WriteByte('*')
		}
	}
	return s.fts(ctx, "works_fts", b.String())
}

// weights are of title, tags, handle, description.
const weights = "bm25(10.0, 6.0, 6.0, 1.0)"

func (s *Store) fts(ctx context.Context, table, query string) ([]int64, error) {
	rank := " AND rank MATCH '" + weights + "'"
	if table == "titles_fts" {
		rank = ""
	}
	return list(ctx, s, "SELECT rowid FROM "+table+" WHERE "+table+" MATCH ?"+rank+" ORDER BY rank LIMIT ?", []any{query, candidates},
		func(row func(...any) error, n *int64) error { return row(n) })
}

// quote makes an FTS5 string of anything: nothing in it is syntax.
func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func printable(r rune) rune {
	if unicode.IsControl(r) || r == utf8Error {
		return ' '
	}
	return r
}

const utf8Error = '\uFFFD'

// fold is the words of a text as the index has them: lower case, without diacritics.
func fold(s string) []string {
	folded, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), cases.Fold(), norm.NFC), s)
	if err != nil {
		folded = strings.ToLower(s)
	}
	words := strings.FieldsFunc(folded, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) || r == utf8Error
	})
	return words[:min(len(words), maxWords)]
}

// correct replaces words that no title, tag or handle has by the nearest that one has.
func (s *Store) correct(ctx context.Context, words []string) (out []string, changed bool, err error) {
	for _, w := range words {
		better, err := s.nearest(ctx, w)
		if err != nil {
			return nil, false, err
		}
		changed = changed || better != w
		out = append(out, better)
	}
	return out, changed, nil
}

// nearest is the known word at the least edit distance, of equals the most frequent; the word itself where none is near enough.
func (s *Store) nearest(ctx context.Context, word string) (string, error) {
	letters := []rune(word)
	if len(letters) < 3 || len(letters) > 32 {
		return word, nil
	}
	var grams []string
	for i := 0; i+3 <= len(letters); i++ {
		grams = append(grams, quote(string(letters[i:i+3])))
	}
	most := 1
	if len(letters) > 4 {
		most = 2
	}
	best, distance, count := word, most+1, int64(0)
	err := s.each(ctx, "SELECT w.word, w.n FROM words_fts f JOIN words w ON w.id = f.rowid WHERE words_fts MATCH ? AND length(w.word) BETWEEN ? AND ? LIMIT 3000",
		[]any{strings.Join(grams, " OR "), len(letters) - most, len(letters) + most}, func(row func(...any) error) error {
			var w string
			var n int64
			if err := row(&w, &n); err != nil {
				return err
			}
			if d := edits(letters, []rune(w), most); d < distance || d == distance && d <= most && n > count {
				best, distance, count = w, d, n
			}
			return nil
		})
	if distance > most {
		best = word
	}
	return best, err
}

// edits is the optimal string alignment distance of two words, or most+1 where it is more.
func edits(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(last[j]+1, next[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, last, next = last, next, before
	}
	return min(last[len(b)], most+1)
}
