package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	testKinds     = []string{"video", "audio", "text"}
	testLanguages = []string{"", "en", "en-GB", "eng", "ar", "e"}
	testLicences  = []string{"", "CC0", "CC-BY-4.0"}
	testStatuses  = []string{"active", "active", "active", "retired", "restricted"}
)

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// publish writes works with random properties, in one transaction that fails with end.
func publish(ctx context.Context, s *Store, r *rand.Rand, from, to int64, end error) error {
	return s.Write(ctx, func(tx *Tx) error {
		for n := from; n < to; n++ {
			prices := int64(r.IntN(1 << len(priceKinds)))
			title := fmt.Sprintf("song %d", r.IntN(50))
			if _, err := tx.Exec(`INSERT INTO works VALUES (?1, 'root' || ?1, 'head' || ?1, 1, ?2, ?3, ?4, ?4, '', ?5, ?6, '[]', 1, 'm', '', '', '1', 0, '', ?7, 0, 1, 1, 0, ?8, ?9, ?10, ?11)`,
				n, fmt.Sprintf("creator%d", r.IntN(9)), pick(r, testKinds), title, pick(r, testLanguages), pick(r, testLicences), pick(r, testStatuses), prices, r.IntN(4), r.IntN(9), r.IntN(60)); err != nil {
				return err
			}
			for i, kind := range priceKinds {
				if prices&(1<<i) != 0 {
					if _, err := tx.Exec("INSERT INTO work_prices VALUES (?, ?)", kind, n); err != nil {
						return err
					}
				}
			}
			if _, err := tx.Exec("INSERT INTO work_tags VALUES (?, ?)", fmt.Sprintf("tag%d", r.IntN(3)), n); err != nil {
				return err
			}
			if _, err := tx.Exec("INSERT INTO works_fts (rowid, title) VALUES (?, ?)", n, title); err != nil {
				return err
			}
		}
		return end
	})
}

func creators(t *testing.T, s *Store) {
	t.Helper()
	require.NoError(t, s.Write(t.Context(), func(tx *Tx) error {
		for i := range 9 {
			if _, err := tx.Exec("INSERT INTO creators VALUES (?1 + 1, 'creator' || ?1, 'stream' || ?1, 'handle' || ?1, 1, ?1 % 4, 100, 0, ?1 * 30)", i); err != nil {
				return err
			}
		}
		return nil
	}))
}

// edit changes random works in each way in which blocks do.
func edit(ctx context.Context, s *Store, r *rand.Rand, upTo int64, end error) error {
	return s.Write(ctx, func(tx *Tx) error {
		for range 60 {
			n := 1 + r.Int64N(upTo)
			var err error
			switch r.IntN(7) {
			case 0:
				_, err = tx.Exec("UPDATE works SET status = ? WHERE n = ?", pick(r, testStatuses), n)
			case 1:
				_, err = tx.Exec("UPDATE works SET kind = ? WHERE n = ?", pick(r, testKinds), n)
			case 2:
				_, err = tx.Exec("UPDATE works SET language = ? WHERE n = ?", pick(r, testLanguages), n)
			case 3:
				_, err = tx.Exec("UPDATE works SET licence = ? WHERE n = ?", pick(r, testLicences), n)
			case 4:
				_, err = tx.Exec("UPDATE works SET score = ? WHERE n = ?", r.IntN(9), n)
			case 5:
				_, err = tx.Exec("UPDATE works SET copies = ? WHERE n = ?", r.IntN(4), n)
			case 6:
				if _, err = tx.Exec("UPDATE works SET prices = 4 WHERE n = ?", n); err == nil {
					if _, err = tx.Exec("DELETE FROM work_prices WHERE work = ?", n); err == nil {
						_, err = tx.Exec("INSERT INTO work_prices VALUES ('purchase', ?)", n)
					}
				}
			}
			if err != nil {
				return err
			}
		}
		return end
	})
}

// What is read from memory is what the tables say, whatever was written, rolled back, emptied or opened again.
func TestCatalogEqualsTables(t *testing.T) {
	dir, r := t.TempDir(), rand.New(rand.NewPCG(7, 11))
	s, err := Open(t.Context(), dir)
	require.NoError(t, err)
	no := errors.New("no")
	creators(t, s)
	compare(t, s, r, "empty")
	require.NoError(t, publish(t.Context(), s, r, 1, 300, nil))
	compare(t, s, r, "published")
	for range 4 {
		require.NoError(t, edit(t.Context(), s, r, 299, nil))
	}
	compare(t, s, r, "edited")
	require.ErrorIs(t, edit(t.Context(), s, r, 299, no), no)
	require.ErrorIs(t, publish(t.Context(), s, r, 300, 310, no), no)
	compare(t, s, r, "rolled back")
	require.NoError(t, edit(t.Context(), s, r, 299, nil))
	compare(t, s, r, "edited after that")
	require.NoError(t, s.Close())

	s, err = Open(t.Context(), dir)
	require.NoError(t, err)
	compare(t, s, r, "opened again")
	found, err := s.Search(t.Context(), "song", Filter{}, Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, found.Items, 10)
	require.NoError(t, s.Reset(t.Context()))
	compare(t, s, r, "emptied")
	creators(t, s)
	require.NoError(t, publish(t.Context(), s, r, 1, 40, nil))
	require.NoError(t, edit(t.Context(), s, r, 39, nil))
	compare(t, s, r, "another chain")
	require.NoError(t, s.Close())

	s, err = Rebuild(t.Context(), dir)
	require.NoError(t, err)
	defer s.Close()
	compare(t, s, r, "rebuilt")
	creators(t, s)
	require.NoError(t, publish(t.Context(), s, r, 1, 20, nil))
	compare(t, s, r, "published after that")
}

// A search that was answered before an index was emptied is not the answer at the same height after it.
func TestSearchesAreForgottenWithTheRows(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer s.Close()
	var found [2]Found
	for i := range found {
		creators(t, s)
		require.NoError(t, publish(t.Context(), s, rand.New(rand.NewPCG(1, uint64(i))), 1, 30, nil)) //nolint:gosec // two chains
		found[i], err = s.Search(t.Context(), "song", Filter{}, Page{Limit: 10})
		require.NoError(t, err)
		require.NoError(t, s.Reset(t.Context()))
	}
	require.NotEqual(t, found[0].Facets, found[1].Facets)
}

// Who publishes works under ever new licences makes answers, and what is remembered of them, no larger.
func TestFacetsAreBounded(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer s.Close()
	creators(t, s)
	require.NoError(t, publish(t.Context(), s, rand.New(rand.NewPCG(1, 2)), 1, 400, nil)) //nolint:gosec // which works
	require.NoError(t, s.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec("UPDATE works SET status = 'active', language = 'x-' || n, licence = CASE WHEN n > 380 THEN 'CC0' ELSE 'own ' || n END")
		return err
	}))
	found, err := s.Search(t.Context(), "song", Filter{}, Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, found.Facets.Language, 100)
	require.Len(t, found.Facets.Licence, 100)
	require.EqualValues(t, 19, found.Facets.Licence["CC0"], "the commonest stay")
}

func compare(t *testing.T, s *Store, r *rand.Rand, when string) {
	t.Helper()
	number := func(row func(...any) error, n *int64) error { return row(n) }
	all, err := list(t.Context(), s, "SELECT n FROM works", nil, number)
	require.NoError(t, err)
	raw, err := json.Marshal(all)
	require.NoError(t, err)
	for range 80 {
		var f Filter
		for _, field := range []struct {
			to *string
			of []string
		}{
			{&f.Kind, testKinds}, {&f.Language, append([]string{"en-", "fr"}, testLanguages...)}, {&f.Licence, testLicences}, {&f.Price, append([]string{"gift"}, priceKinds...)},
			{&f.Tag, []string{"tag0", "TAG1"}}, {&f.Creator, []string{"creator1", "handle2", "nobody"}},
		} {
			if r.IntN(4) == 0 {
				*field.to = pick(r, field.of)
			}
		}
		if r.IntN(5) == 0 {
			f.Level = 2
		}
		what := fmt.Sprintf("%s: %+v", when, f)
		cond, args := f.where()
		of := " FROM json_each(?) m CROSS JOIN works w ON w.n = m.value" + f.creators() + " WHERE " + cond

		got, err := s.facets(t.Context(), f, all)
		require.NoError(t, err)
		want := noFacets()
		require.NoError(t, s.each(t.Context(), "SELECT w.kind, w.language, w.licence, w.prices"+of, append([]any{string(raw)}, args...), func(row func(...any) error) error {
			var kind, language, licence string
			var prices int64
			if err := row(&kind, &language, &licence, &prices); err != nil {
				return err
			}
			want.Kind[kind]++
			if language != "" {
				want.Language[language]++
			}
			if licence != "" {
				want.Licence[licence]++
			}
			for i, name := range priceKinds {
				if prices&(1<<i) != 0 {
					want.Price[name]++
				}
			}
			return nil
		}))
		require.Equal(t, want, got, what)

		best, err := s.byScore(t.Context(), f, all)
		require.NoError(t, err)
		sorted, err := list(t.Context(), s, "SELECT w.n"+of+" ORDER BY w.score DESC, w.n DESC", append([]any{string(raw)}, args...), number)
		require.NoError(t, err)
		require.Equal(t, sorted, best, what)

		for sort, o := range orders {
			rows, err := list(t.Context(), s, "SELECT w.n FROM works w JOIN creators c ON c.id = w.creator WHERE "+cond+o.extra+" ORDER BY "+o.by, args, number)
			require.NoError(t, err)
			pages, cursor := []int64{}, ""
			for {
				works, next, err := s.Works(t.Context(), f, sort, Page{Cursor: cursor, Limit: 37})
				require.NoError(t, err)
				for _, w := range works {
					pages = append(pages, w.n)
				}
				if cursor = next; cursor == "" {
					break
				}
			}
			require.Equal(t, rows, pages, "%s by %s", what, sort)
		}
	}
	copies := map[int64]int64{}
	require.NoError(t, s.each(t.Context(), "SELECT copies, count(*) FROM works WHERE status = 'active' GROUP BY copies", nil, func(row func(...any) error) error {
		var n, works int64
		defer func() { copies[n] = works }()
		return row(&n, &works)
	}))
	require.Equal(t, copies, s.catalog.copies(), when)
	found, err := s.Search(t.Context(), "song", Filter{}, Page{Limit: 10})
	require.NoError(t, err)
	for _, w := range found.Items {
		require.True(t, slices.Contains(all, w.n), when)
	}
	var active int64
	for _, works := range copies {
		active += works
	}
	require.EqualValues(t, min(active, 10), len(found.Items), when)
}
