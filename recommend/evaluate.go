package recommend

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
)

// top is how long the lists are that are judged.
const top = 10

// newest is how many of a buyer's works count as pairs, as in the index, and how many are told as seeds.
const (
	newest = 32
	told   = 20
)

// Score is how the lists of one method did.
type Score struct {
	Method string
	// Recall is the part of what a buyer bought next that is in the list; NDCG also counts how far up.
	Recall, NDCG float64
	// Low and High are the bounds of the recall's 95 % interval over buyers.
	Low, High float64
	// Coverage is the part of all works that is in anybody's list.
	Coverage float64
	// Novelty is the mean of -log2 of the part of buyers who had bought what is in the list: higher is less known.
	Novelty float64
	// Alike is the mean likeness of two works in a list by content.
	Alike float64
	// Cold is the recall of works that nobody had bought when the model was trained; NaN where there are none.
	Cold   float64
	Buyers int
}

// question is a buyer's past and what was bought next.
type question struct {
	past, next []int
}

// method gives a list for a past.
type method struct {
	name string
	list func(past []int) []int
}

// Split is how a world is divided into what is learned from and what is asked.
type Split string

// Splits.
const (
	// LeaveOneOut holds back each buyer's last purchase.
	LeaveOneOut Split = "leave-one-out"
	// TimeSplit learns from the first four fifths of the time, and asks for what buyers known by then bought after it.
	TimeSplit Split = "time-split"
)

// divide returns training baskets and questions.
func (w World) divide(split Split) (baskets [][]int, asked []question) {
	until := 0.8 * float64(w.Days)
	for _, purchases := range w.Users {
		var past, next []int
		for i, p := range purchases {
			held := split == LeaveOneOut && i == len(purchases)-1 && i > 0 || split == TimeSplit && p.Day > until
			if held {
				next = append(next, p.Work)
			} else {
				past = append(past, p.Work)
			}
		}
		if len(past) > 0 {
			baskets = append(baskets, past)
		}
		if len(past) > 0 && len(next) > 0 {
			asked = append(asked, question{past, next})
		}
	}
	return baskets, asked
}

// Evaluate trains on one part of a world and scores every method on the other. The models see pairs alone, as a recommender
// outside sees them; popularity sees true counts, which is more than the API tells.
func Evaluate(w World, split Split, opt Options, seed uint64) []Score {
	baskets, asked := w.divide(split)
	data := Dataset{Works: w.Works, Pairs: countPairs(baskets, newest)}
	buyers := make([]float64, len(w.Works))
	for _, b := range baskets {
		for _, i := range b {
			buyers[i]++
		}
	}
	with := func(change func(*Options)) *Model {
		o := opt
		change(&o)
		return Train(data, o)
	}
	full := with(func(*Options) {})
	methods := []method{
		{"random", random(len(w.Works), seed)},
		{"popularity", popular(buyers)},
		{"content alone", full.lister(with(func(o *Options) { o.CoWeight, o.Diversity, o.Unsold = 0, 0, 0 }))},
		{"co-purchases alone", full.lister(with(func(o *Options) { o.CoWeight, o.Pull, o.Diversity, o.Unsold = 1, 0, 0, 0 }))},
		{"blend", full.lister(with(func(o *Options) { o.Diversity, o.Unsold = 0, 0 }))},
		{"blend, diverse", full.lister(with(func(o *Options) { o.Unsold = 0 }))},
		{"blend, diverse, unsold (served)", full.lister(full)},
	}
	var out []Score
	for _, m := range methods {
		out = append(out, full.score(m, asked, buyers, len(baskets), seed))
	}
	return out
}

func (m *Model) lister(of *Model) func([]int) []int {
	return func(past []int) []int {
		var seeds []string
		for _, i := range past[max(0, len(past)-told):] {
			seeds = append(seeds, of.works[i].Root)
		}
		var out []int
		for _, c := range of.order(seeds, "") {
			if !slices.Contains(past, c.work) {
				out = append(out, c.work)
			}
		}
		return out[:min(top, len(out))]
	}
}

func random(n int, seed uint64) func([]int) []int {
	rng := rand.New(rand.NewPCG(seed, 5)) //nolint:gosec // repeatable by its seed
	return func(past []int) []int {
		var out []int
		for len(out) < top {
			if i := rng.IntN(n); !slices.Contains(past, i) && !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
		return out
	}
}

func popular(buyers []float64) func([]int) []int {
	order := make([]int, len(buyers))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(buyers[b], buyers[a]), a-b) })
	return func(past []int) []int {
		var out []int
		for _, i := range order {
			if len(out) == top {
				break
			}
			if !slices.Contains(past, i) {
				out = append(out, i)
			}
		}
		return out
	}
}

func (m *Model) score(by method, asked []question, buyers []float64, baskets int, seed uint64) Score {
	s := Score{Method: by.name, Buyers: len(asked)}
	covered := map[int]bool{}
	var recalls []float64
	cold, colds, listed, pairs := 0.0, 0.0, 0.0, 0.0
	for _, q := range asked {
		list := by.list(q.past)
		hits, gain, ideal := 0.0, 0.0, 0.0
		for k, i := range list {
			covered[i] = true
			listed++
			s.Novelty -= math.Log2((buyers[i] + 1) / float64(baskets+1))
			for _, j := range list[:k] {
				s.Alike += m.likeness(i, j)
				pairs++
			}
			if slices.Contains(q.next, i) {
				hits++
				gain += 1 / math.Log2(float64(k)+2)
			}
		}
		for k := range min(len(q.next), top) {
			ideal += 1 / math.Log2(float64(k)+2)
		}
		for _, i := range q.next {
			if buyers[i] == 0 {
				colds++
				if slices.Contains(list, i) {
					cold++
				}
			}
		}
		recalls = append(recalls, hits/float64(min(len(q.next), top)))
		s.NDCG += gain / ideal
	}
	s.Recall, s.NDCG = mean(recalls), s.NDCG/float64(len(asked))
	s.Low, s.High = interval(recalls, seed)
	s.Coverage = float64(len(covered)) / float64(len(m.works))
	s.Novelty /= max(listed, 1)
	s.Alike /= max(pairs, 1)
	s.Cold = cold / colds // NaN without any
	return s
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// interval is the bootstrap's middle 95 % of means.
func interval(v []float64, seed uint64) (low, high float64) {
	rng := rand.New(rand.NewPCG(seed, 9)) //nolint:gosec // repeatable by its seed
	means := make([]float64, 400)
	for k := range means {
		sum := 0.0
		for range v {
			sum += v[rng.IntN(len(v))]
		}
		means[k] = sum / float64(len(v))
	}
	slices.Sort(means)
	return means[10], means[389]
}

// WriteScores writes a table in Markdown.
func WriteScores(w io.Writer, scores []Score) error {
	_, err := fmt.Fprintf(w, "| method | recall@%d | 95 %% interval | NDCG@%d | coverage | novelty | alike | recall of unsold works |\n|---|---|---|---|---|---|---|---|\n", top, top)
	for _, s := range scores {
		cold := "n/a"
		if !math.IsNaN(s.Cold) {
			cold = fmt.Sprintf("%.4f", s.Cold)
		}
		if err == nil {
			_, err = fmt.Fprintf(w, "| %s | %.4f | %.4f to %.4f | %.4f | %.3f | %.2f | %.3f | %s |\n", s.Method, s.Recall, s.Low, s.High, s.NDCG, s.Coverage, s.Novelty, s.Alike, cold)
		}
	}
	return err
}
