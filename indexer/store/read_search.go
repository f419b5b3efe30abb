package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/streamchain/streamchain/indexer/ask"
)

const (
	// candidates is how many matches a search lists at most.
	candidates = 1000
	// broad is how many matches are ranked by their words. Of more, those in titles come first, the newest of them by what people pay.
	broad = 1000
	// enough is how many matches in titles do without those elsewhere, where there are so many.
	enough = 200
	// common is how many works have a word that is not weighed: to weigh it costs a walk over all of them, and it tells little.
	common = 2000
	// counted is how many matches facets count: all, or of more the newest.
	counted = 5000
	// spellings is how many known words are compared with a misspelt one.
	spellings = 2000
)

// weights of bm25 are of title, tags, handle, description: a title counts more than its creator's name, that more than tags, those more than a description.
const weights = "bm25(works_fts, 10.0, 4.0, 6.0, 1.0)"

// Counts are how often each value occurs.
type Counts map[string]int64

// Facets count what was found by its properties.
type Facets struct {
	Kind     Counts `json:"kind"`
	Language Counts `json:"language"`
	Licence  Counts `json:"licence"`
	Price    Counts `json:"price"`
}

func noFacets() Facets { return Facets{Counts{}, Counts{}, Counts{}, Counts{}} }

// Found is what a search found.
type Found struct {
	Items     []Work    `json:"items"`
	Creators  []Creator `json:"creators"`
	Facets    Facets    `json:"facets"`
	Corrected string    `json:"corrected,omitempty"`
	Cursor    string    `json:"cursor,omitempty"`
}

// Search finds active works by their words, the best first, and creators by their handles. Where nothing has the words, misspelt ones are
// corrected; where that finds nothing either, parts of titles are. Facets count the matches with the filter, up to five thousand of them, then
// the newest. A cursor's pages leave out what was published after the first page. Errors: ErrCursor.
func (s *Store) Search(ctx context.Context, q string, f Filter, p Page) (Found, error) {
	found := Found{Items: []Work{}, Creators: []Creator{}, Facets: noFacets()}
	var newest, offset, last int64
	more, err := decodeCursor("search", p.Cursor, &newest, &offset, &last)
	if err != nil || newest < 0 || offset < 0 || offset > candidates {
		return found, ErrCursor
	}
	height, err := s.Height(ctx)
	if err != nil {
		return found, err
	}
	if !more {
		if err := s.one(ctx, "SELECT COALESCE(MAX(n), 0) FROM works", nil, &newest); err != nil {
			return found, err
		}
		if found.Creators, err = s.creatorsLike(ctx, q); err != nil {
			return found, err
		}
	}
	m, err := s.matches(ctx, q, f, newest, height, more)
	if err != nil {
		return found, err
	}
	found.Facets, found.Corrected = m.facets, m.corrected
	return found, s.page(ctx, &found, m, newest, m.after(offset, last), p.Limit)
}

// page fills in what follows an offset. What was withdrawn meanwhile is left out.
func (s *Store) page(ctx context.Context, found *Found, m *matched, newest, offset int64, limit int) error {
	for len(found.Items) < limit && offset < int64(len(m.ids)) {
		end := min(offset+int64(limit-len(found.Items)), int64(len(m.ids)))
		works, err := s.worksByN(ctx, m.ids[offset:end])
		if err != nil {
			return err
		}
		found.Items = append(found.Items, works...)
		offset = end
	}
	if offset < int64(len(m.ids)) {
		found.Cursor = encodeCursor("search", newest, offset, m.ids[offset-1])
	}
	return nil
}

// worksByN returns the active ones of works, by their numbers and in their order.
func (s *Store) worksByN(ctx context.Context, ns []int64) ([]Work, error) {
	raw, err := json.Marshal(ns)
	if err != nil {
		return nil, err
	}
	return list(ctx, s, "SELECT "+workColumns+" FROM json_each(?) m CROSS JOIN works w ON w.n = m.value JOIN creators c ON c.id = w.creator WHERE w.status = 'active' ORDER BY m.key", []any{string(raw)}, scanWork)
}

// matched is what a search found, whole.
type matched struct {
	ids       []int64
	facets    Facets
	corrected string
	height    int64
}

// after is where a page begins: behind the last work of the page before, wherever that is now.
func (m *matched) after(offset, last int64) int64 {
	if offset == 0 {
		return 0
	}
	for i, id := range m.ids {
		if id == last {
			return int64(i) + 1
		}
	}
	return min(offset, int64(len(m.ids)))
}

// searches remembers what was found lately, so that the pages of a search are of one list, and a question that many ask is answered once
// a block.
type searches struct {
	mu    sync.Mutex
	by    map[string]*matched
	order []string
}

// maxSearches bounds what is remembered: at most 8 KB each.
const maxSearches = 1000

func (c *searches) get(key string) *matched {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[key]
}

// reset forgets all: an index that is made anew passes through the heights it was at before.
func (c *searches) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by, c.order = nil, nil
}

func (c *searches) put(key string, m *matched) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]*matched{}
	}
	if c.by[key] == nil {
		c.order = append(c.order, key)
	}
	c.by[key] = m
	for len(c.order) > maxSearches {
		delete(c.by, c.order[0])
		c.order = c.order[1:]
	}
}

// matches finds all, or remembers them: for a further page those of the first one, else those of this block.
func (s *Store) matches(ctx context.Context, q string, f Filter, newest, height int64, more bool) (*matched, error) {
	key := fmt.Sprintf("%d\x00%q\x00%q", newest, q, fmt.Sprint(f))
	if m := s.searches.get(key); m != nil && (more || m.height == height) {
		return m, nil
	}
	m := &matched{facets: noFacets(), height: height}
	words := ask.Words(q)
	for _, try := range []func() (question, error){
		func() (question, error) { return s.question(ctx, words) },
		func() (question, error) {
			better, err := s.correct(ctx, words)
			if err != nil || better == nil {
				return question{}, err
			}
			m.corrected = strings.Join(better, " ")
			return s.question(ctx, better)
		},
		func() (question, error) { return question{table: "titles_fts", expr: ask.Part(q)}, nil },
	} {
		asked, err := try()
		if err != nil {
			return nil, err
		}
		if asked.expr == "" {
			continue
		}
		all, err := s.newestOf(ctx, asked, newest, counted)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			m.corrected = ""
			continue
		}
		if m.ids, err = s.rank(ctx, asked, f, newest, all); err != nil {
			return nil, err
		}
		if m.facets, err = s.facets(ctx, f, all); err != nil {
			return nil, err
		}
		break
	}
	s.searches.put(key, m)
	return m, nil
}

// question is asked of one of the text indexes.
type question struct {
	table, expr string
	parts       []string // that expr consists of, where it is of words
}

// whole is how often a word was published that is taken as it is, where it is the last one: words that begin with it are not looked for.
const whole = 100

// question is the one for works that have all words. The last may be a beginning, unless it is a word that many have: to look for all that
// begin with it costs a walk over all works that have one of them.
func (s *Store) question(ctx context.Context, words []string) (question, error) {
	q := question{"works_fts", "", ask.Matches(words)}
	if len(words) > 0 && !ask.Spaceless(words[len(words)-1]) {
		known := false
		if err := s.each(ctx, "SELECT 1 FROM words WHERE word = ? AND n >= ?", []any{words[len(words)-1], whole}, func(row func(...any) error) error { return row(&known) }); err != nil {
			return q, err
		}
		if known {
			q.parts[len(q.parts)-1] = strings.TrimSuffix(q.parts[len(q.parts)-1], "*")
		}
	}
	q.expr = strings.Join(q.parts, " ")
	return q, nil
}

// newestOf lists the matches of a question, newest first.
func (s *Store) newestOf(ctx context.Context, q question, newest int64, most int) ([]int64, error) {
	return list(ctx, s, "SELECT rowid FROM "+q.table+" WHERE "+q.table+" MATCH ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?", []any{q.expr, newest, most}, func(row func(...any) error, n *int64) error { return row(n) })
}

// rank lists the best of all, which are the newest matches.
func (s *Store) rank(ctx context.Context, q question, f Filter, newest int64, all []int64) ([]int64, error) {
	if q.parts == nil {
		return s.byScore(ctx, f, all)
	}
	if len(all) <= broad {
		telling, err := s.telling(ctx, q, newest)
		if err != nil {
			return nil, err
		}
		if telling != "" {
			return s.byWords(ctx, q, f, newest, telling)
		}
	}
	titles, err := s.newestOf(ctx, question{table: q.table, expr: "{title} : (" + q.expr + ")"}, newest, broad)
	if err != nil {
		return nil, err
	}
	out, err := s.byScore(ctx, f, titles)
	if err != nil || len(out) >= enough {
		return out, err
	}
	seen := make(map[int64]bool, len(out))
	for _, n := range out {
		seen[n] = true
	}
	rest, err := s.byScore(ctx, f, all[:min(len(all), broad)])
	for _, n := range rest {
		if !seen[n] && len(out) < candidates {
			out = append(out, n)
		}
	}
	return out, err
}

// byScore sorts works by what people pay.
func (s *Store) byScore(ctx context.Context, f Filter, ns []int64) ([]int64, error) {
	ns, err := s.narrowed(ctx, f, ns)
	return s.catalog.best(ns, f, candidates), err
}

// narrowed leaves those works that a filter does which the catalog does not know.
func (s *Store) narrowed(ctx context.Context, f Filter, ns []int64) ([]int64, error) {
	if f.Tag == "" && f.Creator == "" && f.Level == 0 {
		return ns, nil
	}
	raw, err := json.Marshal(ns)
	if err != nil {
		return nil, err
	}
	cond, args := f.where()
	return list(ctx, s, "SELECT w.n FROM json_each(?) m CROSS JOIN works w ON w.n = m.value"+f.creators()+" WHERE "+cond, append([]any{string(raw)}, args...),
		func(row func(...any) error, n *int64) error { return row(n) })
}

// telling is the question for those words that not very many works have.
func (s *Store) telling(ctx context.Context, q question, newest int64) (string, error) {
	var out []string
	for _, part := range q.parts {
		many := false
		if err := s.each(ctx, "SELECT 1 FROM works_fts WHERE works_fts MATCH ? AND rowid <= ? LIMIT 1 OFFSET ?", []any{part, newest, common - 1}, func(row func(...any) error) error { return row(&many) }); err != nil {
			return "", err
		}
		if !many {
			out = append(out, part)
		}
	}
	return strings.Join(out, " "), nil
}

// byWords sorts matches by how well they have the words of telling.
func (s *Store) byWords(ctx context.Context, q question, f Filter, newest int64, telling string) ([]int64, error) {
	cond, args := f.where()
	first := []any{telling, newest}
	if telling != q.expr {
		cond = "w.n IN (SELECT rowid FROM works_fts WHERE works_fts MATCH ? AND rowid <= ?) AND " + cond
		first = append(first, q.expr, newest)
	}
	return list(ctx, s, "SELECT w.n FROM works_fts CROSS JOIN works w ON w.n = works_fts.rowid"+f.creators()+" WHERE works_fts MATCH ? AND works_fts.rowid <= ? AND "+cond+" ORDER BY "+weights+", w.score DESC, w.n DESC LIMIT ?",
		append(append(first, args...), candidates), func(row func(...any) error, n *int64) error { return row(n) })
}

// facets counts works.
func (s *Store) facets(ctx context.Context, f Filter, ns []int64) (Facets, error) {
	ns, err := s.narrowed(ctx, f, ns)
	return s.catalog.facets(ns, f), err
}

// correct replaces words that the index does not have by the nearest that it has; nil where there is nothing better. The last word may be
// the beginning of a known one.
func (s *Store) correct(ctx context.Context, words []string) ([]string, error) {
	out, changed := make([]string, len(words)), false
	for i, w := range words {
		out[i] = w
		if ask.Spaceless(w) {
			continue
		}
		upTo := w
		if i == len(words)-1 {
			upTo += "\U0010FFFF"
		}
		known := false
		if err := s.each(ctx, "SELECT 1 FROM words WHERE word >= ? AND word <= ? LIMIT 1", []any{w, upTo}, func(row func(...any) error) error { return row(&known) }); err != nil {
			return nil, err
		}
		if known {
			continue
		}
		better, err := s.nearest(ctx, w)
		if err != nil {
			return nil, err
		}
		out[i], changed = better, changed || better != w
	}
	if !changed {
		return nil, nil
	}
	return out, nil
}

// nearest is the known word at the least edit distance, of equals the most frequent; the word itself where none is near enough.
func (s *Store) nearest(ctx context.Context, word string) (string, error) {
	letters, most := []rune(word), ask.MaxEdits(word)
	trigrams := ask.Trigrams(word)
	if most == 0 || trigrams == "" {
		return word, nil
	}
	best, distance, count := word, most+1, int64(0)
	err := s.each(ctx, "SELECT w.word, w.n FROM words_fts CROSS JOIN words w ON w.id = words_fts.rowid WHERE words_fts MATCH ? AND length(w.word) BETWEEN ? AND ? LIMIT ?",
		[]any{trigrams, len(letters) - most, len(letters) + most, spellings}, func(row func(...any) error) error {
			var w string
			var n int64
			if err := row(&w, &n); err != nil {
				return err
			}
			if d := ask.Edits(letters, []rune(w), most); d < distance || d == distance && d <= most && n > count {
				best, distance, count = w, d, n
			}
			return nil
		})
	return best, err
}
