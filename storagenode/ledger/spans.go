package ledger

import "sort"

// Whole is the rendition of works that are bought as a whole.
const Whole uint16 = 1<<16 - 1

// Ticks are the ticks [From, To) of a rendition.
type Ticks struct {
	Rendition uint16
	From, To  uint32
}

// spans are ticks without overlap or touch, in order. A tick costs its buyer, so their number is
// bounded by what was paid.
type spans []Ticks

// first is the first span that reaches t.From or lies behind it.
func (s spans) first(t Ticks) int {
	return sort.Search(len(s), func(i int) bool {
		return s[i].Rendition > t.Rendition || s[i].Rendition == t.Rendition && s[i].To >= t.From
	})
}

// missing is how many of t are not in s.
func (s spans) missing(t Ticks) uint32 {
	n := t.To - t.From
	for i := s.first(t); i < len(s) && s[i].Rendition == t.Rendition && s[i].From < t.To; i++ {
		if lo, hi := max(s[i].From, t.From), min(s[i].To, t.To); hi > lo {
			n -= hi - lo
		}
	}
	return n
}

func (s *spans) add(t Ticks) {
	if t.From >= t.To {
		return
	}
	i := s.first(t)
	j := i
	for ; j < len(*s) && (*s)[j].Rendition == t.Rendition && (*s)[j].From <= t.To; j++ {
		t.From, t.To = min(t.From, (*s)[j].From), max(t.To, (*s)[j].To)
	}
	if i == j {
		*s = append(*s, Ticks{})
		copy((*s)[i+1:], (*s)[i:])
		(*s)[i] = t
		return
	}
	(*s)[i] = t
	*s = append((*s)[:i+1], (*s)[j:]...)
}
