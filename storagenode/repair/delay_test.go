package repair

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// The while that a node waits is its own, the same each time, and shorter where it is far from what is left.
func TestDelay(t *testing.T) {
	row := storagetypes.Repair{Work: "work", Operator: "dead", OpenedAt: 1000}
	seen := map[time.Duration]int{}
	for i := range 200 {
		r := &Repairer{Operator: fmt.Sprint("node", i), Spread: time.Minute}
		far, near := r.delay(row, false), r.delay(row, true)
		require.Equal(t, far, r.delay(row, false))
		require.Less(t, far, 31*time.Second)
		require.GreaterOrEqual(t, near, 30*time.Second)
		require.LessOrEqual(t, near, time.Minute)
		seen[far]++
	}
	require.Greater(t, len(seen), 20, "nodes are spread")
	r := &Repairer{Operator: "node", Spread: time.Minute}
	differs := 0
	for i := range 20 {
		again := row
		again.OpenedAt += int64(i)
		if r.delay(again, false) != r.delay(row, false) {
			differs++
		}
	}
	require.Greater(t, differs, 10, "the next time is drawn again")
	require.Zero(t, (&Repairer{Operator: "node"}).delay(row, true))
}
