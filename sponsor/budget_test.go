package sponsor

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestGatesHaveHysteresis(t *testing.T) {
	m := newMeter(100, 1000, 80)
	for at := range int64(10) {
		require.NoError(t, m.check(at, 10))
		m.add(at, 10)
	}
	var p *Problem
	require.True(t, errors.As(m.check(10, 10), &p))
	require.True(t, p.Is(ErrBudget))
	require.EqualValues(t, 3590, p.RetryAfter, "until the first leaves the hour")
	require.ErrorIs(t, m.check(3600, 10), ErrBudget, "90 of 100: there would be room, but it was spent")
	require.NoError(t, m.check(3601, 10), "80 of 100")
	require.EqualValues(t, 80, m.load(3601))
}

func TestDayOutlastsHours(t *testing.T) {
	m := newMeter(100, 250, 100)
	sum := uint64(0)
	for at := int64(0); at < 86400; at += 60 {
		if m.check(at, 10) == nil {
			m.add(at, 10)
			sum += 10
		}
	}
	require.EqualValues(t, 250, sum)
	require.NoError(t, m.check(2*86400, 10))
	m.trim(2 * 86400)
	require.Empty(t, m.spends)
}

func TestCostBeyondTheLimitNeverFits(t *testing.T) {
	m := newMeter(100, 1000, 80)
	require.ErrorIs(t, m.check(0, 101), ErrBudget)
	require.ErrorIs(t, m.check(0, ^uint64(0)), ErrBudget)
}

// TestNoWindowIsOverspent: whatever the clock does, no window of an hour or a day holds more than its budget.
func TestNoWindowIsOverspent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hour := rapid.Uint64Range(10, 200).Draw(t, "hour")
		day := rapid.Uint64Range(hour, 1000).Draw(t, "day")
		m := newMeter(hour, day, rapid.Uint64Range(1, 100).Draw(t, "resume"))
		var spends []spend // by the time that counts, which never goes back
		at := int64(1000)
		for range 200 {
			at += rapid.Int64Range(-500, 4000).Draw(t, "step")
			cost := rapid.Uint64Range(1, 60).Draw(t, "cost")
			if m.check(at, cost) == nil {
				m.add(at, cost)
				spends = append(spends, spend{m.now(at), cost})
			}
			if rapid.IntRange(0, 20).Draw(t, "trim") == 0 {
				m.trim(at)
			}
		}
		for i := range spends {
			var inHour, inDay uint64
			for _, s := range spends[i:] {
				if s.at < spends[i].at+int64(time.Hour/time.Second) {
					inHour += s.cost
				}
				if s.at < spends[i].at+86400 {
					inDay += s.cost
				}
			}
			if inHour > hour || inDay > day {
				t.Fatalf("%d in an hour of %d, %d in a day of %d", inHour, hour, inDay, day)
			}
		}
	})
}
