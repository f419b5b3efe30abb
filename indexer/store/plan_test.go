package store

import (
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
