package feeds

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What is kept is bounded in number and bytes, and what is awaited is never thrown away.
func TestRoom(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	for name, c := range map[string]struct {
		answers, size int
		age           time.Duration
		awaited       bool
		left          int
	}{
		"few":               {10, 100, time.Hour, false, 10},
		"many old ones":     {maxAnswers, 100, Fresh + 1, false, 0},
		"many fresh ones":   {maxAnswers, 100, 0, false, 0},
		"large ones":        {maxKept/(256<<10) + 1, 256 << 10, 0, false, 0},
		"awaited, but many": {maxAnswers, 0, 0, true, maxAnswers},
	} {
		a := newAsker(Config{Now: func() time.Time { return now }})
		for i := range c.answers {
			ans := &answer{done: make(chan struct{}), size: c.size, at: now.Add(-c.age)}
			if !c.awaited {
				close(ans.done)
			}
			a.answers[question{byte(i), byte(i >> 8)}] = ans
			a.kept += c.size
		}
		a.makeRoom(now)
		require.Len(t, a.answers, c.left, name)
		require.Equal(t, c.left*c.size, a.kept, name)
	}
}

func TestStatesAreForgotten(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	a := newAsker(Config{Now: func() time.Time { return now }})
	resting := a.state(Registered{ID: "resting"})
	resting.rest = now.Add(time.Hour)
	for i := range maxStates - 1 {
		a.state(Registered{ID: string(rune('a' + i))})
	}
	now = now.Add(Recent + time.Second)
	a.state(Registered{ID: "new"})
	require.Len(t, a.states, 2)
	require.Same(t, resting, a.state(Registered{ID: "resting"}))
}
