package recommend

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Work is what a work says of itself.
type Work struct {
	Root      string   `json:"root"`
	Title     string   `json:"title"`
	Creator   string   `json:"creator"`
	Kind      string   `json:"kind"`
	Language  string   `json:"language,omitempty"`
	Tags      []string `json:"tags,omitempty"`
	Published int64    `json:"published"` // Unix seconds
	// Trend is the work's place among the trending ones from 1, or 0.
	Trend int `json:"trend,omitempty"`
}

// Pair says how many accounts bought both of two works.
type Pair struct {
	A int `json:"a"` // place in Works
	B int `json:"b"`
	N int `json:"n"`
}

// Dataset is what a model is trained on. All of it is public.
type Dataset struct {
	ChainID string `json:"chain_id"`
	Works   []Work `json:"works"`
	// Pairs have A < B, each once.
	Pairs []Pair `json:"pairs"`
}

// maxDataset bounds a file that is read, in bytes unpacked.
const maxDataset = 1 << 30

// Write writes the data as compressed JSON.
func (d Dataset) Write(w io.Writer) error {
	z := gzip.NewWriter(w)
	if err := json.NewEncoder(z).Encode(d); err != nil {
		return err
	}
	return z.Close()
}

// ReadDataset reads what Write wrote, and checks it.
func ReadDataset(r io.Reader) (Dataset, error) {
	var d Dataset
	z, err := gzip.NewReader(r)
	if err != nil {
		return d, fmt.Errorf("not a file of recommendd: %w", err)
	}
	if err := json.NewDecoder(io.LimitReader(z, maxDataset)).Decode(&d); err != nil {
		return d, fmt.Errorf("not a file of recommendd: %w", err)
	}
	return d, d.validate()
}

func (d Dataset) validate() error {
	seen := make(map[string]bool, len(d.Works))
	for _, w := range d.Works {
		if w.Root == "" || seen[w.Root] {
			return fmt.Errorf("work %q occurs twice, or has no root", w.Root)
		}
		seen[w.Root] = true
	}
	for _, p := range d.Pairs {
		if p.A < 0 || p.A >= p.B || p.B >= len(d.Works) || p.N < 1 {
			return fmt.Errorf("pair %v is not of two works", p)
		}
	}
	return nil
}

// countPairs counts for each two works how many baskets hold both. Only the newest most of a basket count, as in the index: one
// account that buys everything says little, and would cost its square.
func countPairs(baskets [][]int, most int) []Pair {
	counts := map[[2]int]int{}
	for _, b := range baskets {
		b = b[max(0, len(b)-most):]
		for i, x := range b {
			for _, y := range b[:i] {
				if x != y {
					counts[[2]int{min(x, y), max(x, y)}]++
				}
			}
		}
	}
	return sorted(counts)
}

func sorted(counts map[[2]int]int) []Pair {
	pairs := make([]Pair, 0, len(counts))
	for k, n := range counts {
		pairs = append(pairs, Pair{A: k[0], B: k[1], N: n})
	}
	slices.SortFunc(pairs, func(p, q Pair) int { return cmp.Or(p.A-q.A, p.B-q.B) })
	return pairs
}
