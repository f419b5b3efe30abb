package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync"
)

// catalog has in memory what works are filtered, counted and sorted by: 32 bytes a work. To read that of 5,000 matches from the database
// takes ten times as long as to find them. It follows what is committed.
type catalog struct {
	mu    sync.RWMutex
	works []entry // by n
	names []string
	ids   map[string]uint32 // of names
}

// entry is a work; of texts the places in names.
type entry struct {
	score                   int64
	kind, language, licence uint32
	copies                  uint32
	prices                  uint16
	active                  bool
}

// priceKinds are the bits of works.prices.
var priceKinds = []string{"free", "metered", "purchase", "rental", "plan", "tier", "token", "pay-what-you-want", "template"}

// row is what is read of a work.
type row struct {
	n, score, prices, copies        int64
	status, kind, language, licence string
}

const rowColumns = "w.n, w.status, w.kind, w.language, w.licence, w.prices, w.score, w.copies"

// rows that were written are noted by the writer's connection itself, whoever writes them and why.
const noteRows = `CREATE TEMP TABLE IF NOT EXISTS written (n INTEGER PRIMARY KEY);
CREATE TEMP TRIGGER IF NOT EXISTS works_inserted AFTER INSERT ON works BEGIN INSERT OR IGNORE INTO written VALUES (NEW.n); END;
CREATE TEMP TRIGGER IF NOT EXISTS works_updated AFTER UPDATE OF status, kind, language, licence, prices, score, copies ON works BEGIN INSERT OR IGNORE INTO written VALUES (NEW.n); END`

// written are the works that the transaction wrote.
func (t *Tx) written() (out []row, err error) {
	if !t.store.noting {
		return nil, nil
	}
	if err := t.Each("SELECT "+rowColumns+" FROM written m CROSS JOIN works w ON w.n = m.n", nil, func(scan func(...any) error) error { return scanRow(scan, &out) }); err != nil {
		return nil, err
	}
	if len(out) > 0 {
		_, err = t.Exec("DELETE FROM written")
	}
	return out, err
}

// load reads all works.
func (c *catalog) load(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, "SELECT "+rowColumns+" FROM works w")
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	defer rows.Close()
	some := make([]row, 0, 1000)
	for rows.Next() {
		if err := scanRow(rows.Scan, &some); err != nil {
			return err
		}
		if len(some) == cap(some) {
			c.put(some)
			some = some[:0]
		}
	}
	c.put(some)
	return rows.Err()
}

func scanRow(scan func(...any) error, to *[]row) error {
	var r row
	if err := scan(&r.n, &r.status, &r.kind, &r.language, &r.licence, &r.prices, &r.score, &r.copies); err != nil {
		return err
	}
	*to = append(*to, r)
	return nil
}

// reset forgets all works.
func (c *catalog) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.works, c.names, c.ids = nil, nil, nil
}

func (c *catalog) put(rows []row) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range rows {
		for int64(len(c.works)) <= r.n {
			c.works = append(c.works, entry{})
		}
		c.works[r.n] = entry{r.score, c.id(r.kind), c.id(r.language), c.id(r.licence), uint32(r.copies), uint16(r.prices), r.status == "active"} //nolint:gosec // nine bits; fewer copies than operators
	}
}

func (c *catalog) id(name string) uint32 {
	id, ok := c.ids[name]
	if !ok {
		if c.ids == nil {
			c.ids = map[string]uint32{}
		}
		id = uint32(len(c.names)) //nolint:gosec // three names a work
		// the row's text may be part of a larger buffer
		name = strings.Clone(name)
		c.names = append(c.names, name)
		c.ids[name] = id
	}
	return id
}

// test is the part of a filter that the catalog knows: all but tag, creator and level.
func (c *catalog) test(f Filter) func(e *entry) bool {
	nothing, price := false, uint16(0)
	if f.Price != "" {
		i := slices.Index(priceKinds, f.Price)
		if nothing = i < 0; !nothing {
			price = 1 << i
		}
	}
	is := func(name string) (id uint32) {
		if name == "" {
			return 0
		}
		id, ok := c.ids[name]
		nothing = nothing || !ok
		return id
	}
	kind, licence := is(f.Kind), is(f.Licence)
	return func(e *entry) bool {
		return e.active && !nothing && (f.Kind == "" || e.kind == kind) && (f.Licence == "" || e.licence == licence) && (price == 0 || e.prices&price != 0) &&
			(f.Language == "" || speaks(c.names[e.language], f.Language))
	}
}

// speaks says whether a language is another or a form of it: en-GB is en.
func speaks(language, of string) bool {
	return strings.HasPrefix(language, of) && (len(language) == len(of) || language[len(of)] == '-')
}

func (c *catalog) each(ns []int64, f Filter, do func(n int64, e *entry)) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	in := c.test(f)
	for _, n := range ns {
		if n < int64(len(c.works)) && in(&c.works[n]) {
			do(n, &c.works[n])
		}
	}
}

// best sorts works by what people pay, those first.
func (c *catalog) best(ns []int64, f Filter, most int) []int64 {
	type scored struct{ n, score int64 }
	var found []scored
	c.each(ns, f, func(n int64, e *entry) { found = append(found, scored{n, e.score}) })
	slices.SortFunc(found, func(a, b scored) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.n, a.n)) })
	out := make([]int64, 0, min(len(found), most))
	for _, s := range found[:min(len(found), most)] {
		out = append(out, s.n)
	}
	return out
}

// maxFacet is how many values a facet lists, the commonest: creators choose languages and licences freely.
const maxFacet = 100

// facets counts works by their properties.
func (c *catalog) facets(ns []int64, f Filter) Facets {
	out := noFacets()
	c.each(ns, f, func(_ int64, e *entry) {
		out.Kind[c.names[e.kind]]++
		if l := c.names[e.language]; l != "" {
			out.Language[l]++
		}
		if l := c.names[e.licence]; l != "" {
			out.Licence[l]++
		}
		for left := e.prices; left != 0; left &= left - 1 {
			if i := bits.TrailingZeros16(left); i < len(priceKinds) {
				out.Price[priceKinds[i]]++
			}
		}
	})
	out.Language, out.Licence = out.Language.commonest(maxFacet), out.Licence.commonest(maxFacet)
	return out
}

// commonest are the values that occur most often, of equals the first by name.
func (c Counts) commonest(most int) Counts {
	if len(c) <= most {
		return c
	}
	names := slices.SortedFunc(maps.Keys(c), func(a, b string) int { return cmp.Or(cmp.Compare(c[b], c[a]), cmp.Compare(a, b)) })
	out := make(Counts, most)
	for _, name := range names[:most] {
		out[name] = c[name]
	}
	return out
}

// newest lists active works of a filter, newest first, below a number where that is not zero.
func (c *catalog) newest(f Filter, below int64, most int) []int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	in, out := c.test(f), []int64{}
	from := int64(len(c.works))
	if below > 0 {
		from = min(from, below)
	}
	for n := from - 1; n > 0 && len(out) < most; n-- {
		if in(&c.works[n]) {
			out = append(out, n)
		}
	}
	return out
}

// copies counts active works by how many copies they have.
func (c *catalog) copies() map[int64]int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := map[int64]int64{}
	for i := range c.works {
		if c.works[i].active {
			out[int64(c.works[i].copies)]++
		}
	}
	return out
}
