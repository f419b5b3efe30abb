package recommend

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Recommendation is one work with why.
type Recommendation struct {
	Work   Work
	Reason string
}

// pool is how many candidates are put in order; no list is longer.
const pool = 300

// Recommend returns up to limit works after skipping offset, best first. Without seeds that it knows it gives what is liked,
// new, or a first work. The language moves works of others down.
func (m *Model) Recommend(seeds []string, language string, offset, limit int) []Recommendation {
	order := m.order(seeds, language)
	order = order[min(offset, len(order)):]
	out := make([]Recommendation, 0, limit)
	for _, c := range order[:min(limit, len(order))] {
		out = append(out, Recommendation{Work: m.works[c.work], Reason: m.reason(c)})
	}
	return out
}

// candidate is a work that may be recommended, with the seed that speaks for it most.
type candidate struct {
	work     int
	score    float64
	seed     int // -1: without
	best     float64
	together int
}

func (m *Model) order(seeds []string, language string) []candidate {
	known := make([]int, 0, len(seeds))
	for _, s := range seeds {
		if i, ok := m.index[s]; ok && !slices.Contains(known, i) {
			known = append(known, i)
		}
	}
	if len(known) == 0 {
		return m.diverse(m.coldFor(language))
	}
	all, unsold := m.candidates(m.next, known, language), m.candidates(m.unsold, known, language)
	return m.withUnsold(m.diverse(all[:min(pool, len(all))]), m.diverse(unsold[:min(pool, len(unsold))]))
}

// withUnsold gives works that nobody bought yet their places of every ten: the last of each half, third and so on.
func (m *Model) withUnsold(all, unsold []candidate) []candidate {
	if m.opt.Unsold == 0 {
		return all
	}
	every, seen := 10/m.opt.Unsold, map[int]bool{}
	var out []candidate
	take := func(from *[]candidate) bool {
		for len(*from) > 0 {
			c := (*from)[0]
			*from = (*from)[1:]
			if !seen[c.work] {
				seen[c.work] = true
				out = append(out, c)
				return true
			}
		}
		return false
	}
	for len(out) < pool {
		if len(out)%every == every-1 && take(&unsold) {
			continue
		}
		if !take(&all) && !take(&unsold) {
			break
		}
	}
	return out
}

// candidates are all works that go with the seeds, best first.
func (m *Model) candidates(next [][]neighbour, seeds []int, language string) []candidate {
	at := map[int]*candidate{}
	for _, s := range seeds {
		for _, n := range next[s] {
			if slices.Contains(seeds, n.work) {
				continue
			}
			c := at[n.work]
			if c == nil {
				c = &candidate{work: n.work, seed: s}
				at[n.work] = c
			}
			c.score += n.score
			if n.score > c.best {
				c.best, c.seed, c.together = n.score, s, n.together
			}
		}
	}
	all := make([]candidate, 0, len(at))
	for _, c := range at {
		c.score *= m.inLanguage(c.work, language)
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.score, a.score), a.work-b.work) })
	return all
}

// inLanguage is 1 for works in a language or in none, and less for others.
func (m *Model) inLanguage(i int, language string) float64 {
	want, _, _ := strings.Cut(strings.ToLower(language), "-")
	has, _, _ := strings.Cut(strings.ToLower(m.works[i].Language), "-")
	if want == "" || has == "" || has == "zxx" || has == "und" || has == want {
		return 1
	}
	return 0.3
}

// diverse puts candidates in order again: the next is the best less what it is like one of the last ten above it. So a page has more than
// one creator's works, and the first stays the first.
func (m *Model) diverse(all []candidate) []candidate {
	if len(all) == 0 || m.opt.Diversity == 0 {
		return all
	}
	top := all[0].score
	left, out := slices.Clone(all), make([]candidate, 0, len(all))
	like := make([]float64, len(left))
	for len(left) > 0 {
		best, most := 0, math.Inf(-1)
		for k, c := range left {
			if v := (1-m.opt.Diversity)*c.score/top - m.opt.Diversity*like[k]; v > most {
				best, most = k, v
			}
		}
		chosen := left[best]
		out = append(out, chosen)
		left, like = slices.Delete(left, best, best+1), slices.Delete(like, best, best+1)
		for k := range left {
			like[k] = max(like[k]*0.9, m.likeness(chosen.work, left[k].work))
		}
	}
	return out
}

// coldOrder mixes what is liked, what is new and what comes from newcomers: of every ten places five, three and two.
func (m *Model) coldOrder() []int {
	liked, fresh := make([]int, len(m.works)), []int{}
	for i := range liked {
		liked[i] = i
	}
	trend := func(i int) int {
		if t := m.works[i].Trend; t > 0 {
			return t
		}
		return math.MaxInt
	}
	slices.SortFunc(liked, func(a, b int) int {
		return cmp.Or(cmp.Compare(trend(a), trend(b)), cmp.Compare(m.bought[b], m.bought[a]), a-b)
	})
	fresh = append(fresh, liked...)
	slices.SortFunc(fresh, func(a, b int) int { return cmp.Or(cmp.Compare(m.works[b].Published, m.works[a].Published), a-b) })
	var first []int
	for _, i := range fresh {
		if m.works1[m.works[i].Creator] == 1 {
			first = append(first, i)
		}
	}
	return mix(liked, fresh, first)
}

func mix(liked, fresh, first []int) []int {
	seen := map[int]bool{}
	var out []int
	take := func(from *[]int) {
		for len(*from) > 0 {
			i := (*from)[0]
			*from = (*from)[1:]
			if !seen[i] {
				seen[i] = true
				out = append(out, i)
				return
			}
		}
	}
	for len(liked)+len(fresh)+len(first) > 0 && len(out) < 10*pool {
		for _, from := range []*[]int{&liked, &fresh, &liked, &first, &liked, &fresh, &liked, &first, &liked, &fresh} {
			take(from)
		}
	}
	return out
}

// coldFor gives the mixed works in their order, those in other languages after the others.
func (m *Model) coldFor(language string) []candidate {
	out := make([]candidate, 0, len(m.cold))
	for place, i := range m.cold {
		out = append(out, candidate{work: i, seed: -1, score: m.inLanguage(i, language) / (1 + float64(place)/50)})
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return out[:min(pool, len(out))]
}
