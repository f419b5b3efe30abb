package recommend

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Options are the few knobs of the model. They were set once, by hand, on synthetic data of seed 100, which no result is
// reported on.
type Options struct {
	// Shrink is how many pairs are needed before half of what they say is believed.
	Shrink float64
	// Pull is how many co-purchases of a work are needed before they count as much as its content.
	Pull float64
	// CoWeight is the weight of co-purchases for a work that has many: 0 is content alone, 1 nothing but purchases.
	CoWeight float64
	// Diversity is how much likeness to what stands above costs a work, 0 to 1.
	Diversity float64
	// Neighbours is how many works are kept for each.
	Neighbours int
	// Unsold is how many of every ten places go to works that nobody bought yet, by content: without, a work that was
	// never shown would never be bought. 0 to 5.
	Unsold int
}

// DefaultOptions are those that recommendd uses.
func DefaultOptions() Options {
	return Options{Shrink: 3, Pull: 10, CoWeight: 0.85, Diversity: 0.25, Neighbours: 80, Unsold: 1}
}

// neighbour is a work that goes with another.
type neighbour struct {
	work     int
	score    float64
	together int // accounts that bought both
}

// Model is a trained recommender. It is safe for concurrent use.
type Model struct {
	opt      Options
	works    []Work
	index    map[string]int
	features [][]feature // by work, sorted by id
	next     [][]neighbour
	unsold   [][]neighbour // of them those that nobody bought
	bought   []float64     // by work: co-purchases, its only public count
	works1   map[string]int
	cold     []int
}

// feature is one of a work's, with its weight; weights of a work have the length 1.
type feature struct {
	id     int
	weight float64
}

// Train learns from data. Equal data gives an equal model.
func Train(d Dataset, opt Options) *Model {
	m := &Model{opt: opt, works: d.Works, index: make(map[string]int, len(d.Works)), works1: map[string]int{}, bought: make([]float64, len(d.Works))}
	for i, w := range d.Works {
		m.index[w.Root] = i
		m.works1[w.Creator]++
	}
	m.features = featuresOf(d.Works)
	for _, p := range d.Pairs {
		m.bought[p.A] += float64(p.N)
		m.bought[p.B] += float64(p.N)
	}
	m.next, m.unsold = make([][]neighbour, len(d.Works)), make([][]neighbour, len(d.Works))
	co := m.coPurchases(d.Pairs)
	content := m.contentIndex()
	for i := range d.Works {
		all := m.blend(i, co[i], content)
		m.next[i] = slices.Clone(all[:min(len(all), opt.Neighbours)])
		for _, n := range all {
			if len(m.unsold[i]) < opt.Neighbours/4 && m.bought[n.work] == 0 {
				m.unsold[i] = append(m.unsold[i], n)
			}
		}
	}
	m.cold = m.coldOrder()
	return m
}

// coPurchases is for each work the works that were bought together with it: the cosine of their counts, which takes back that
// popular works go with everything, shrunk where few pairs stand behind it.
func (m *Model) coPurchases(pairs []Pair) [][]neighbour {
	co := make([][]neighbour, len(m.works))
	for _, p := range pairs {
		n := float64(p.N)
		s := n / math.Sqrt(m.bought[p.A]*m.bought[p.B]) * n / (n + m.opt.Shrink)
		co[p.A] = append(co[p.A], neighbour{p.B, s, p.N})
		co[p.B] = append(co[p.B], neighbour{p.A, s, p.N})
	}
	for i := range co {
		most := 0.0
		for _, x := range co[i] {
			most = max(most, x.score)
		}
		for j := range co[i] {
			co[i][j].score /= most
		}
	}
	return co
}

// postings is for each feature the works that have it. A feature of more than maxPosting works says too little to be worth
// its cost.
type postings [][]int

const maxPosting = 4000

func (m *Model) contentIndex() postings {
	most := 0
	for _, fs := range m.features {
		for _, f := range fs {
			most = max(most, f.id+1)
		}
	}
	p := make(postings, most)
	for i, fs := range m.features {
		for _, f := range fs {
			p[f.id] = append(p[f.id], i)
		}
	}
	return p
}

// blend joins what purchases and content say of the works that go with i, best first.
func (m *Model) blend(i int, co []neighbour, content postings) []neighbour {
	w := m.opt.CoWeight * m.bought[i] / (m.bought[i] + m.opt.Pull)
	scores := map[int]*neighbour{}
	at := func(j int) *neighbour {
		if scores[j] == nil {
			scores[j] = &neighbour{work: j}
		}
		return scores[j]
	}
	for _, f := range m.features[i] {
		if len(content[f.id]) > maxPosting {
			continue
		}
		for _, j := range content[f.id] {
			if j != i {
				at(j).score += (1 - w) * f.weight * weightOf(m.features[j], f.id)
			}
		}
	}
	for _, c := range co {
		n := at(c.work)
		n.score, n.together = n.score+w*c.score, c.together
	}
	out := make([]neighbour, 0, len(scores))
	for _, n := range scores {
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b neighbour) int { return cmp.Or(cmp.Compare(b.score, a.score), a.work-b.work) })
	return out
}

func weightOf(fs []feature, id int) float64 {
	if k, ok := slices.BinarySearchFunc(fs, id, func(f feature, id int) int { return f.id - id }); ok {
		return fs[k].weight
	}
	return 0
}

// likeness of two works by their content, 0 to 1.
func (m *Model) likeness(i, j int) float64 {
	a, b, sum := m.features[i], m.features[j], 0.0
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].id < b[0].id:
			a = a[1:]
		case a[0].id > b[0].id:
			b = b[1:]
		default:
			sum += a[0].weight * b[0].weight
			a, b = a[1:], b[1:]
		}
	}
	return sum
}

// featuresOf weighs what works say of themselves: rare features say more (TF-IDF), and no work shouts by naming many.
func featuresOf(works []Work) [][]feature {
	ids, count := map[string]int{}, []int{}
	named := make([][]int, len(works))
	for i, w := range works {
		for _, name := range names(w) {
			id, known := ids[name]
			if !known {
				id = len(count)
				ids[name], count = id, append(count, 0)
			}
			if !slices.Contains(named[i], id) {
				named[i] = append(named[i], id)
				count[id]++
			}
		}
	}
	out := make([][]feature, len(works))
	for i := range works {
		slices.Sort(named[i])
		length := 0.0
		for _, id := range named[i] {
			w := math.Log(1 + float64(len(works))/float64(count[id]))
			out[i] = append(out[i], feature{id, w})
			length += w * w
		}
		for k := range out[i] {
			out[i][k].weight /= math.Sqrt(length)
		}
	}
	return out
}

// names are a work's features by name.
func names(w Work) []string {
	out := []string{"kind:" + w.Kind, "creator:" + w.Creator}
	if w.Language != "" {
		out = append(out, "language:"+strings.ToLower(w.Language))
	}
	for _, t := range w.Tags {
		// twice: a tag was chosen to say what the work is
		out = append(out, "tag:"+strings.ToLower(t), "word:"+strings.ToLower(t))
	}
	for word := range strings.FieldsFuncSeq(strings.ToLower(w.Title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		if len([]rune(word)) > 2 {
			out = append(out, "word:"+word)
		}
	}
	return out
}
