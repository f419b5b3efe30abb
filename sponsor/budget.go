package sponsor

import "time"

// spend is what one grant may cost at most, and when it was promised.
type spend struct {
	at   int64 // Unix seconds
	cost uint64
}

// gate closes when the next cost would go beyond its limit in the last window, and opens again when what was spent
// there has fallen to resume percent: it does not open for one grant at a time, which would only reward who asks oftenest.
type gate struct {
	window time.Duration
	limit  uint64 // ustream
	resume uint64 // percent
	closed bool
}

// meter keeps what was spent in the last day. The caller locks.
type meter struct {
	gates  [2]gate // hour, day
	spends []spend // by time
	last   int64   // time of the newest ever
}

func newMeter(hour, day, resume uint64) *meter {
	return &meter{gates: [2]gate{{window: time.Hour, limit: hour, resume: resume}, {window: 24 * time.Hour, limit: day, resume: resume}}}
}

// add notes a cost. A clock that went back does not make it older than what came before.
func (m *meter) add(at int64, cost uint64) {
	m.last = m.now(at)
	m.spends = append(m.spends, spend{m.last, cost})
}

// now is at, or the newest spend's time where that is later.
func (m *meter) now(at int64) int64 { return max(at, m.last) }

// spent is what the window before at holds, and when its oldest leaves it.
func (m *meter) spent(window time.Duration, at int64) (sum uint64, oldest int64) {
	at = m.now(at)
	from := at - int64(window/time.Second)
	oldest = at
	for i := len(m.spends) - 1; i >= 0 && m.spends[i].at > from; i-- {
		sum += m.spends[i].cost
		oldest = m.spends[i].at
	}
	return sum, oldest
}

// check says whether cost fits every window now. ErrBudget, with the wait until the first spend leaves its window.
func (m *meter) check(at int64, cost uint64) error {
	at = m.now(at)
	var refused error
	for i := range m.gates {
		g := &m.gates[i]
		sum, oldest := m.spent(g.window, at)
		if g.closed && sum <= g.limit/100*g.resume {
			g.closed = false
		}
		// the difference, because a sum could overflow
		if cost > g.limit || sum > g.limit-cost {
			g.closed = true
		}
		if g.closed {
			refused = ErrBudget.after(time.Duration(oldest-at)*time.Second + g.window)
		}
	}
	return refused
}

// load is how much of the fuller window is spent, in percent, at most 100.
func (m *meter) load(at int64) uint64 {
	var most uint64
	for _, g := range m.gates {
		sum, _ := m.spent(g.window, at)
		if g.limit == 0 || sum >= g.limit {
			return 100
		}
		most = max(most, sum*100/g.limit)
	}
	return most
}

// trim forgets what no window holds any more.
func (m *meter) trim(at int64) {
	from := m.now(at) - int64(m.gates[1].window/time.Second)
	i := 0
	for i < len(m.spends) && m.spends[i].at <= from {
		i++
	}
	m.spends = append([]spend(nil), m.spends[i:]...)
}
