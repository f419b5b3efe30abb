package recommend

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/streamchain/streamchain/indexer/feeds/wire"
)

// reason says in plain words why a candidate is there. It says only what is so.
func (m *Model) reason(c candidate) string {
	w := m.works[c.work]
	if c.seed < 0 {
		switch {
		case w.Trend > 0 && w.Trend <= 100:
			return "people pay for it now"
		case m.works1[w.Creator] == 1:
			return "the first work of its creator"
		case m.bought[c.work] > 0:
			return "bought together with other works"
		}
		return "among the newest works"
	}
	s := m.works[c.seed]
	why := "because you chose " + quote(s.Title)
	var shared []string
	for _, t := range w.Tags {
		if slices.Contains(s.Tags, t) && len(shared) < 3 && wire.IsReason(t) {
			shared = append(shared, t)
		}
	}
	switch {
	case c.together > 1:
		return fmt.Sprintf("%s: %d people bought both", why, c.together)
	case w.Creator == s.Creator:
		return why + ": by the same creator"
	case len(shared) > 0:
		return why + ": also " + strings.Join(shared, ", ")
	case c.together == 1:
		return why + ": bought together once"
	}
	return why + ": something like it"
}

// maxTitle keeps a reason short whatever a title is, in characters.
const maxTitle = 60

// quote writes a stranger's title so that a reason stays one.
func quote(title string) string {
	var b strings.Builder
	n := 0
	for _, r := range norm.NFC.String(title) {
		if n == maxTitle {
			b.WriteString("…")
			break
		}
		if r == ' ' || wire.IsReason("a"+string(r)) {
			b.WriteRune(r)
			n++
		}
	}
	if s := strings.TrimSpace(b.String()); s != "" {
		if q := norm.NFC.String("“" + s + "”"); wire.IsReason(q) {
			return q
		}
	}
	return "a work"
}
