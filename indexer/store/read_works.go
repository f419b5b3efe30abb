package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// CreatorRef names a creator beside a work.
type CreatorRef struct {
	ID     string `json:"id"`
	Handle string `json:"handle,omitempty"`
	Level  int64  `json:"level"`
}

// Work is a work as lists show it; its fields are those of the newest version.
type Work struct {
	Root            string     `json:"root"`
	Head            string     `json:"head"`
	Kind            string     `json:"kind"`
	Title           string     `json:"title"`
	Creator         CreatorRef `json:"creator"`
	Cover           string     `json:"cover,omitempty"`
	CoverURL        string     `json:"cover_url,omitempty"`
	PublishedAt     int64      `json:"published_at"`
	DurationSeconds int64      `json:"duration_seconds"`
	Language        string     `json:"language,omitempty"`
	Licence         string     `json:"licence,omitempty"`
	Tags            JSON       `json:"tags"`
	Status          string     `json:"status"`
	Encrypted       bool       `json:"encrypted"`
	Offers          JSON       `json:"offers"`

	n, score, payers int64
	titleKey         string
}

// workColumns are what scanWork reads; w is works, c its creator.
const workColumns = `w.n, w.root, w.head, w.kind, w.title, w.creator, c.handle, c.level, w.cover, w.published_at, w.duration, w.language, w.licence, w.tags,
	w.status, w.encrypted, COALESCE((SELECT o.offers FROM offers o WHERE o.subject = w.root), '[]'), w.score, w.payers, w.title_key,
	COALESCE((SELECT p.endpoints FROM deals d JOIN providers p ON p.operator = d.operator WHERE d.root = w.root AND d.status = 'active' ORDER BY d.operator LIMIT 1), '')`

const workTables = ` FROM works w JOIN creators c ON c.id = w.creator `

func scanWork(row func(...any) error, w *Work) error { return scanWorkAnd(row, w) }

// scanWorkAnd reads a work, and what a query has after it.
func scanWorkAnd(row func(...any) error, w *Work, more ...any) error {
	var endpoints string
	err := row(append([]any{&w.n, &w.Root, &w.Head, &w.Kind, &w.Title, &w.Creator.ID, &w.Creator.Handle, &w.Creator.Level, &w.Cover, &w.PublishedAt, &w.DurationSeconds,
		&w.Language, &w.Licence, &w.Tags, &w.Status, &w.Encrypted, &w.Offers, &w.score, &w.payers, &w.titleKey, &endpoints}, more...)...)
	if err != nil {
		return err
	}
	if first := firstOf(endpoints); first != "" && w.Cover != "" {
		w.CoverURL = first + "/ipfs/" + w.Cover
	}
	return nil
}

// firstOf is the first string of a JSON array, without a slash at its end.
func firstOf(array string) string {
	var all []string
	if array == "" || json.Unmarshal([]byte(array), &all) != nil || len(all) == 0 {
		return ""
	}
	return strings.TrimSuffix(all[0], "/")
}

// Filter limits lists of works; empty fields do not.
type Filter struct {
	Kind, Language, Licence, Tag, Price string
	Creator                             string // id, handle or controller
	Level                               int64  // of the creator, at least
}

// creators joins a work's creator where the condition needs it.
func (f Filter) creators() string {
	if f.Level > 0 {
		return " CROSS JOIN creators c ON c.id = w.creator"
	}
	return ""
}

// where is the condition that a filter makes of active works, and its arguments.
func (f Filter) where() (string, []any) {
	cond, args := "w.status = 'active'", []any{}
	add := func(c string, a any) {
		cond += " AND " + c
		args = append(args, a)
	}
	if f.Kind != "" {
		add("w.kind = ?", f.Kind)
	}
	if f.Language != "" { // en is also en-GB
		cond += " AND (w.language = ? OR w.language >= ? AND w.language < ?)"
		args = append(args, f.Language, f.Language+"-", f.Language+".")
	}
	if f.Licence != "" {
		add("w.licence = ?", f.Licence)
	}
	if f.Tag != "" {
		add("EXISTS (SELECT 1 FROM work_tags t WHERE t.tag = ? AND t.work = w.n)", strings.ToLower(f.Tag))
	}
	if f.Price != "" {
		add("EXISTS (SELECT 1 FROM work_prices p WHERE p.kind = ? AND p.work = w.n)", f.Price)
	}
	if f.Creator != "" {
		cond += " AND w.creator IN (SELECT id FROM creators WHERE id = ? UNION SELECT id FROM creators WHERE handle = ? AND handle <> '' UNION SELECT id FROM creators WHERE controller = ?)"
		args = append(args, f.Creator, f.Creator, f.Creator)
	}
	if f.Level > 0 {
		add("c.level >= ?", f.Level)
	}
	return cond, args
}

// Sorts of works.
const (
	Newest      = "newest"
	Trending    = "trending"
	Underground = "underground"
	ByTitle     = "title"
)

const (
	// UndergroundPayers is the most payers of the last 7 days that an underground work has.
	UndergroundPayers = 25
	// UndergroundCreatorPayers is the most that its creator has.
	UndergroundCreatorPayers = 100
)

// order is how a list of works goes on after a row.
type order struct {
	extra, by, after string
	keys             func(w Work) []any
}

var orders = map[string]order{
	Newest:   {"", "w.n DESC", "w.n < ?", func(w Work) []any { return []any{w.n} }},
	Trending: {"", "w.score DESC, w.n DESC", "(w.score, w.n) < (?, ?)", func(w Work) []any { return []any{w.score, w.n} }},
	// what is paid for by few comes before what nobody has paid for yet, and that newest first
	Underground: {fmt.Sprintf(" AND w.payers <= %d AND c.payers <= %d", UndergroundPayers, UndergroundCreatorPayers), "w.score DESC, w.n DESC", "(w.score, w.n) < (?, ?)",
		func(w Work) []any { return []any{w.score, w.n} }},
	ByTitle: {"", "w.title_key, w.n", "(w.title_key, w.n) > (?, ?)", func(w Work) []any { return []any{w.titleKey, w.n} }},
}

// Works lists active works by a sort. Errors: ErrCursor.
func (s *Store) Works(ctx context.Context, f Filter, sort string, p Page) ([]Work, string, error) {
	o, ok := orders[sort]
	if !ok {
		return nil, "", fmt.Errorf("index: no sort %q", sort)
	}
	cond, args := f.where()
	cond += o.extra
	after, err := o.read(sort, p.Cursor)
	if err != nil {
		return nil, "", err
	}
	if after != nil {
		cond += " AND " + o.after
		args = append(args, after...)
	}
	from, err := s.source(ctx, f, sort, after, p.Limit+1)
	if err != nil {
		return nil, "", err
	}
	works, err := list(ctx, s, "SELECT "+workColumns+" FROM (SELECT w.n FROM "+from.tables+" CROSS JOIN creators c ON c.id = w.creator WHERE "+from.cond+cond+" ORDER BY "+o.by+" LIMIT ?) m CROSS JOIN works w ON w.n = m.n CROSS JOIN creators c ON c.id = w.creator ORDER BY "+o.by,
		append(append(from.args, args...), p.Limit+1), scanWork)
	if err != nil {
		return nil, "", err
	}
	if len(works) <= p.Limit {
		return works, "", nil
	}
	works = works[:p.Limit]
	return works, encodeCursor("works/"+sort, o.keys(works[p.Limit-1])...), nil
}

// source is what a list of works walks.
type source struct {
	tables, cond string
	args         []any
}

// few is how many works a filter may leave to be sorted by themselves; with more the sort's index is walked.
const few = 2000

// source chooses the few works of a filter, or the sort's index: so that a page costs little however many works there are.
func (s *Store) source(ctx context.Context, f Filter, sort string, after []any, page int) (source, error) {
	if f.Creator != "" {
		return source{tables: "works w INDEXED BY works_creator"}, nil
	}
	for _, d := range []struct {
		on    bool
		count string
		from  source
	}{
		{f.Tag != "", "SELECT COUNT(*) FROM (SELECT 1 FROM work_tags WHERE tag = ? LIMIT ?)", source{"work_tags d CROSS JOIN works w ON w.n = d.work", "d.tag = ? AND ", []any{strings.ToLower(f.Tag)}}},
		{f.Level > 0, "SELECT COALESCE(SUM(works), 0) FROM (SELECT works FROM creators WHERE level >= ? AND works > 0 LIMIT ?)",
			source{"creators d CROSS JOIN works w INDEXED BY works_creator ON w.creator = d.id", "d.level >= ? AND ", []any{f.Level}}},
	} {
		if !d.on {
			continue
		}
		var n int64
		if err := s.one(ctx, d.count, []any{d.from.args[0], few + 1}, &n); err != nil {
			return source{}, err
		}
		if n <= few {
			return d.from, nil
		}
	}
	if f.Kind != "" || f.Language != "" || f.Licence != "" || f.Price != "" {
		below, most := int64(0), few+1
		// the newest are a page of the newest where nothing else leaves some of them out
		whole := sort == Newest && f.Tag == "" && f.Level == 0
		if whole {
			most = page
			if after != nil {
				below = after[0].(int64)
			}
		}
		if ns := s.catalog.newest(f, below, most); whole || len(ns) <= few {
			raw, err := json.Marshal(ns)
			return source{"json_each(?) d CROSS JOIN works w ON w.n = d.value", "", []any{string(raw)}}, err
		}
	}
	switch sort {
	case Trending, Underground:
		return source{tables: "works w INDEXED BY works_score"}, nil
	case ByTitle:
		return source{tables: "works w INDEXED BY works_title"}, nil
	}
	return source{tables: "works w INDEXED BY works_status"}, nil
}

// read is what a cursor says comes after, nil for none.
func (o order) read(sort, cursor string) ([]any, error) {
	var number, second int64
	var text string
	switch sort {
	case Newest:
		ok, err := decodeCursor("works/"+sort, cursor, &number)
		if !ok {
			return nil, err
		}
		return []any{number}, nil
	case ByTitle:
		ok, err := decodeCursor("works/"+sort, cursor, &text, &number)
		if !ok {
			return nil, err
		}
		return []any{text, number}, nil
	}
	ok, err := decodeCursor("works/"+sort, cursor, &number, &second)
	if !ok {
		return nil, err
	}
	return []any{number, second}, nil
}

// WorksOf returns the active works among roots, in the order of roots, each once.
func (s *Store) WorksOf(ctx context.Context, roots []string) ([]Work, error) {
	if len(roots) == 0 {
		return []Work{}, nil
	}
	raw, err := json.Marshal(roots)
	if err != nil {
		return nil, err
	}
	found, err := list(ctx, s, "SELECT "+workColumns+workTables+"WHERE w.root IN (SELECT value FROM json_each(?)) AND w.status = 'active'", []any{string(raw)}, scanWork)
	if err != nil {
		return nil, err
	}
	by := make(map[string]Work, len(found))
	for _, w := range found {
		by[w.Root] = w
	}
	out := []Work{}
	for _, r := range roots {
		if w, ok := by[r]; ok {
			out = append(out, w)
			delete(by, r)
		}
	}
	return out, nil
}

// Related is a work that is like another, and why.
type Related struct {
	Work     Work   `json:"work"`
	Reason   string `json:"reason"`
	Together int64  `json:"together,omitempty"`
}

// Works like another, from that one outwards: left to itself, the planner begins with all that are active.
const (
	byCollection = "SELECT " + workColumns + `, 0 FROM collection_works a CROSS JOIN collection_works b ON b.collection = a.collection
		CROSS JOIN works w ON w.root = b.work CROSS JOIN creators c ON c.id = w.creator
		WHERE a.work = ? AND w.status = 'active' GROUP BY w.n ORDER BY min(abs(a.idx - b.idx)), w.n LIMIT ?`
	byTags = `WITH own AS MATERIALIZED (SELECT t.tag FROM work_tags t WHERE t.work = ? AND (SELECT count(*) FROM (SELECT 1 FROM work_tags x WHERE x.tag = t.tag LIMIT 2000)) < 2000),
		alike AS MATERIALIZED (SELECT b.work, count(*) AS shared FROM own CROSS JOIN work_tags b ON b.tag = own.tag GROUP BY b.work)
		SELECT ` + workColumns + `, m.shared FROM alike m CROSS JOIN works w ON w.n = m.work CROSS JOIN creators c ON c.id = w.creator
		WHERE w.status = 'active' ORDER BY m.shared DESC, w.n DESC LIMIT ?`
)

// RelatedTo lists works like the one with a root: bought by the same people first, then of the same collection, creator, and tags.
func (s *Store) RelatedTo(ctx context.Context, root string, limit int) ([]Related, error) {
	var n int64
	var creator string
	if err := s.one(ctx, "SELECT n, creator FROM works WHERE root = ?", []any{root}, &n, &creator); err != nil {
		return nil, err
	}
	out, seen := []Related{}, map[string]bool{root: true}
	for _, q := range []struct {
		query  string
		args   []any
		reason func(together int64) string
	}{
		{"SELECT " + workColumns + ", cp.n" + workTables + "JOIN copurchases cp ON cp.b = w.root WHERE cp.a = ? AND w.status = 'active' ORDER BY cp.n DESC, w.n DESC LIMIT ?", []any{root},
			func(t int64) string {
				if t == 1 {
					return "one person bought both"
				}
				return fmt.Sprintf("%d people bought both", t)
			}},
		{byCollection, []any{root}, func(int64) string { return "in the same collection" }},
		{byTags, []any{n}, func(int64) string { return "shares its tags" }},
		{"SELECT " + workColumns + ", 0" + workTables + "WHERE w.creator = ? AND w.status = 'active' ORDER BY w.n DESC LIMIT ?", []any{creator},
			func(int64) string { return "by the same creator" }},
	} {
		if len(out) >= limit {
			break
		}
		bought := q.args[0] == root && strings.Contains(q.query, "copurchases")
		err := s.each(ctx, q.query, append(q.args, limit+1), func(row func(...any) error) error {
			var r Related
			var count int64
			if err := scanWorkAnd(row, &r.Work, &count); err != nil {
				return err
			}
			if seen[r.Work.Root] || len(out) >= limit {
				return nil
			}
			seen[r.Work.Root], r.Reason = true, q.reason(count)
			if bought {
				r.Together = count
			}
			out = append(out, r)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
