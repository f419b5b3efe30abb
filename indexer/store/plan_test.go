package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is like a work is found from that work, by keys: no step goes through all works.
func TestRelatedReadsNoWholeTable(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer s.Close()
	for name, query := range map[string]string{"by collection": byCollection, "by tags": byTags} {
		steps := 0
		require.NoError(t, s.each(t.Context(), "EXPLAIN QUERY PLAN "+query, []any{"x", 10}, func(row func(...any) error) error {
			var id, parent, unused int
			var step string
			if err := row(&id, &parent, &unused, &step); err != nil {
				return err
			}
			steps++
			// all works have one status, or nearly
			require.NotContains(t, step, "(status=?)", "%s", name)
			// own and m hold what was found for one work; the subquery has its own limit
			if table, ok := strings.CutPrefix(step, "SCAN "); ok && !strings.HasPrefix(table, "(subquery") {
				require.Contains(t, []string{"own", "m"}, table, "%s: %s", name, step)
			}
			return nil
		}))
		require.Greater(t, steps, 3, name)
	}
}

// Events of popular types are not all read for the first few of them, and what is found is what the table has, in order.
func TestEventsOfTypesAreBounded(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Write(t.Context(), func(tx *Tx) error {
		for h := range 40 {
			if _, err := tx.Exec("INSERT INTO blocks VALUES (?, '', '', 0, 0, 0, 0, 0, 0)", h); err != nil {
				return err
			}
			for i := range 9 {
				if _, err := tx.Exec("INSERT INTO events VALUES (?, ?, '', ?, '{}')", h, i, fmt.Sprintf("t%d", (h+i)%5)); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	for _, types := range [][]string{{"t1"}, {"t3", "t1", "t3"}, {"none"}, {"t0", "none", "t1", "t2", "t3", "t4"}} {
		raw, err := json.Marshal(types)
		require.NoError(t, err)
		for _, after := range [][2]int64{{-1, -1}, {7, 3}, {39, 8}} {
			want, err := list(t.Context(), s, "SELECT height, idx FROM events WHERE (height, idx) > (?, ?) AND type IN (SELECT value FROM json_each(?)) ORDER BY height, idx LIMIT 20", []any{after[0], after[1], string(raw)},
				func(row func(...any) error, at *[2]int64) error { return row(&at[0], &at[1]) })
			require.NoError(t, err)
			found, err := s.Events(t.Context(), after[0], after[1], slices.Clone(types), 20)
			require.NoError(t, err)
			got := [][2]int64{}
			for _, e := range found {
				got = append(got, [2]int64{e.Height, e.Idx})
			}
			require.Equal(t, want, got, "%v after %v", types, after)
		}
	}
	// the limit of a type ends the reading: nothing is sorted before it but the few of each type
	args := []any{}
	for _, name := range []string{"t1", "t2"} {
		args = append(args, name, -1, -1, 20)
	}
	steps := []string{}
	require.NoError(t, s.each(t.Context(), "EXPLAIN QUERY PLAN "+eventsOf(2), append(args, 20), func(row func(...any) error) error {
		var id, parent, unused int
		var step string
		err := row(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	}))
	all := strings.Join(steps, "; ")
	require.Equal(t, 2, strings.Count(all, "SEARCH e USING INDEX events_type (type=? AND (height,idx)>(?,?))"), all)
	require.NotContains(t, all, "(rowid=?); USE TEMP B-TREE", "what is sorted is cut to the limit before")
}
