package recommend

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Synth says how made-up buyers and works are drawn. docs/bench/recommend.md describes it in words.
type Synth struct {
	Seed                   uint64
	Users, Works, Creators int
	Genres, TagsOfGenre    int
	Languages              int
	MeanPurchases          float64
	// Taste is how often a purchase follows the buyer's taste; the others are drawn by popularity alone. 0 is a world without
	// tastes, in which nothing can be learned but what is popular.
	Taste float64
	// TagNoise is how often a tag is another genre's.
	TagNoise float64
	Days     int
}

// DefaultSynth is the world that is reported on.
func DefaultSynth(seed uint64) Synth {
	return Synth{
		Seed: seed, Users: 3000, Works: 2000, Creators: 400, Genres: 24, TagsOfGenre: 12, Languages: 4, MeanPurchases: 9, Taste: 0.75, TagNoise: 0.25, Days: 365,
	}
}

// Purchase is one of a user's, in order of time.
type Purchase struct {
	Work int
	Day  float64
}

// World is works with who bought them when.
type World struct {
	Works []Work
	Users [][]Purchase
	Days  int
}

// draw has all that is drawn while a world is made.
type draw struct {
	Synth
	rng     *rand.Rand
	genre   []int     // of works
	appeal  []float64 // of works: how popular a work is within its genre
	day     []float64 // of works
	byGenre [][]int
	all     []int
}

// Make draws the world of the seed.
func (s Synth) Make() World {
	d := &draw{Synth: s, rng: rand.New(rand.NewPCG(s.Seed, 11)), byGenre: make([][]int, s.Genres)} //nolint:gosec // repeatable by its seed
	w := World{Days: s.Days}
	styles := make([]int, s.Creators) // the genre that most of a creator's works are of
	for c := range styles {
		styles[c] = d.rng.IntN(s.Genres)
	}
	for i := range s.Works {
		creator := int(float64(s.Creators) * math.Pow(d.rng.Float64(), 2)) // some publish much
		genre := styles[creator]
		if d.rng.Float64() < 0.2 {
			genre = d.rng.IntN(s.Genres)
		}
		day := d.rng.Float64() * float64(s.Days)
		d.genre, d.day = append(d.genre, genre), append(d.day, day)
		d.appeal = append(d.appeal, math.Exp(1.2*d.rng.NormFloat64()))
		d.byGenre[genre], d.all = append(d.byGenre[genre], i), append(d.all, i)
		w.Works = append(w.Works, Work{
			Root: fmt.Sprintf("work%d", i), Title: fmt.Sprintf("Title %d", i), Creator: fmt.Sprintf("creator%d", creator), Kind: []string{"audio", "video"}[genre%2],
			Language: language(d.rng.IntN(s.Languages)), Tags: d.tags(genre), Published: int64(day * 86400),
		})
	}
	for range s.Users {
		w.Users = append(w.Users, d.user(w.Works))
	}
	return w
}

func language(n int) string { return []string{"en", "de", "ar", "zh", "es", "hi"}[n%6] }

// tags are one to three, most of the genre.
func (d *draw) tags(genre int) []string {
	var out []string
	for range 1 + d.rng.IntN(3) {
		g := genre
		if d.rng.Float64() < d.TagNoise {
			g = d.rng.IntN(d.Genres)
		}
		if t := fmt.Sprintf("tag%d-%d", g, d.rng.IntN(d.TagsOfGenre)); !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// user buys works that are there on the day, mostly of one to three genres and of a language or two.
func (d *draw) user(works []Work) []Purchase {
	var tastes []int
	for range 1 + d.rng.IntN(3) {
		tastes = append(tastes, d.rng.IntN(d.Genres))
	}
	speaks := []string{language(d.rng.IntN(d.Languages)), language(d.rng.IntN(d.Languages))}
	// a few buy much, most buy little
	n := 2 + int(d.rng.ExpFloat64()*(d.MeanPurchases-2))
	var days []float64
	for range n {
		days = append(days, d.rng.Float64()*float64(d.Days))
	}
	slices.Sort(days)
	var out []Purchase
	for _, day := range days {
		from, taste := d.all, d.rng.Float64() < d.Taste
		if taste {
			from = d.byGenre[tastes[d.rng.IntN(len(tastes))]]
		}
		for range 50 { // tries: nothing may fit on an early day
			i := d.pick(from)
			if i < 0 {
				break // a genre without works
			}
			had := slices.ContainsFunc(out, func(p Purchase) bool { return p.Work == i })
			understood := !taste || slices.Contains(speaks, works[i].Language) || d.rng.Float64() < 0.1
			if d.day[i] <= day && !had && understood {
				out = append(out, Purchase{i, day})
				break
			}
		}
	}
	return out
}

// pick draws a work by its appeal: the best of a few at random, weighed.
func (d *draw) pick(from []int) int {
	if len(from) == 0 {
		return -1
	}
	total := 0.0
	var few [24]int
	for k := range few {
		few[k] = from[d.rng.IntN(len(from))]
		total += d.appeal[few[k]]
	}
	at := d.rng.Float64() * total
	for _, i := range few {
		if at -= d.appeal[i]; at < 0 {
			return i
		}
	}
	return few[0]
}
