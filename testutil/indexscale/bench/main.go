// Command bench measures an index of a made-up chain: how fast a genesis and blocks go in, and how long questions take. It prints JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/streamchain/streamchain/indexer/follow"
	"github.com/streamchain/streamchain/indexer/project"
	"github.com/streamchain/streamchain/indexer/store"
	"github.com/streamchain/streamchain/testutil/indexscale"
)

// result is what was measured.
type result struct {
	Works          int                `json:"works"`
	Blocks         int                `json:"blocks"`
	Events         int64              `json:"events"`
	GenesisSeconds float64            `json:"genesis_seconds"`
	GenesisCPU     float64            `json:"genesis_cpu_seconds"`
	WorksPerSecond float64            `json:"works_per_second"`
	BlocksSeconds  float64            `json:"blocks_seconds"`
	BlocksCPU      float64            `json:"blocks_cpu_seconds"`
	BlocksPerSec   float64            `json:"blocks_per_second"`
	EventsPerSec   float64            `json:"events_per_second"`
	Bytes          int64              `json:"database_bytes"`
	Digest         string             `json:"digest"`
	Questions      map[string]latency `json:"questions_ms"`
}

type latency struct {
	N   int     `json:"n"`
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
	CPU float64 `json:"cpu"` // p99 of the processor's time
}

func main() {
	works := flag.Int("works", 100_000, "works in the genesis")
	blocks := flag.Int("blocks", 1000, "blocks after it")
	questions := flag.Int("questions", 1000, "how often each kind of question is asked")
	dir := flag.String("dir", "", "folder of the index (a temporary one); one that is there is only asked")
	profile := flag.String("cpuprofile", "", "file for a profile of the processor")
	flag.Parse()
	if *profile != "" {
		file, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(file)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	if err := run(*works, *blocks, *questions, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(works, blocks, questions int, dir string) error {
	if dir == "" {
		tmp, err := os.MkdirTemp("", "indexscale")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ctx := context.Background()
	c, err := indexscale.New(indexscale.Config{Works: works, Blocks: blocks})
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer s.Close()
	r := result{Works: works, Blocks: blocks, Questions: map[string]latency{}}
	height, err := s.Height(ctx)
	if err != nil {
		return err
	}
	if height < 0 { // else the index of an earlier run is asked
		manifests, err := writeManifests(c, filepath.Join(dir, "manifests.car"))
		if err != nil {
			return err
		}
		defer manifests.Close()
		if err := r.fill(ctx, c, s, manifests, dir); err != nil {
			return err
		}
	}
	if questions > 0 {
		if err := r.ask(ctx, c, s, questions); err != nil {
			return err
		}
	}
	if r.Digest, err = s.Digest(ctx); err != nil {
		return err
	}
	for _, name := range []string{"index.db", "index.db-wal"} {
		if st, err := os.Stat(filepath.Join(dir, name)); err == nil {
			r.Bytes += st.Size()
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(r)
}

func writeManifests(c *indexscale.Chain, path string) (*follow.Manifests, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := c.WriteManifests(file); err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	return follow.OpenManifests(path)
}

// fill puts the genesis in, from a file as a node's would be, and then the blocks.
func (r *result) fill(ctx context.Context, c *indexscale.Chain, s *store.Store, texts project.Texts, dir string) error {
	p, err := project.New(texts)
	if err != nil {
		return err
	}
	doc, err := os.Create(filepath.Join(dir, "genesis.json"))
	if err != nil {
		return err
	}
	defer doc.Close()
	if err := c.Genesis(ctx, doc); err != nil {
		return err
	}
	if _, err := doc.Seek(0, 0); err != nil {
		return err
	}
	if err := s.SetChain(ctx, indexscale.ChainID); err != nil {
		return err
	}
	start, cpu := time.Now(), processor()
	if err := p.Genesis(ctx, s, doc); err != nil {
		return err
	}
	r.GenesisSeconds, r.GenesisCPU = time.Since(start).Seconds(), processor()-cpu
	r.WorksPerSecond = float64(r.Works) / r.GenesisSeconds
	if r.Blocks == 0 {
		return nil
	}
	start, cpu = time.Now(), processor()
	f := follow.New(follow.Config{Store: s, Source: c, Projector: p, Log: slog.New(slog.DiscardHandler), Temp: dir, Until: int64(r.Blocks)})
	if err := f.Run(ctx); err != nil {
		return err
	}
	r.BlocksSeconds, r.BlocksCPU = time.Since(start).Seconds(), processor()-cpu
	if err := s.Read().QueryRowContext(ctx, "SELECT SUM(events) FROM blocks").Scan(&r.Events); err != nil {
		return err
	}
	r.BlocksPerSec, r.EventsPerSec = float64(r.Blocks)/r.BlocksSeconds, float64(r.Events)/r.BlocksSeconds
	return nil
}

// processor is how many seconds of processor this program has used.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// ask asks each kind of question n times.
func (r *result) ask(ctx context.Context, c *indexscale.Chain, s *store.Store, n int) error {
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // which questions
	title := func() []string { return strings.Fields(c.Title(rng.IntN(r.Works))) }
	page := store.Page{Limit: 24}
	search := func(q string, f store.Filter) error {
		_, err := s.Search(ctx, q, f, page)
		return err
	}
	list := func(sort string, f store.Filter) error {
		_, _, err := s.Works(ctx, f, sort, page)
		return err
	}
	for _, q := range []struct {
		name string
		do   func() error
	}{
		{"search: a word", func() error { return search(title()[0], store.Filter{}) }},
		{"search: two words", func() error { return search(strings.Join(title()[:2], " "), store.Filter{}) }},
		{"search: the commonest word", func() error { return search(indexscale.Word(0), store.Filter{}) }},
		{"search: a beginning", func() error { w := title()[0]; return search(w[:min(3, len(w))], store.Filter{}) }},
		{"search: misspelt", func() error { return search(misspelt(rng, title()), store.Filter{}) }},
		{"search: a word, by language and price", func() error { return search(title()[0], store.Filter{Language: "en", Price: "purchase"}) }},
		{"list: newest", func() error { return list(store.Newest, store.Filter{}) }},
		{"list: trending", func() error { return list(store.Trending, store.Filter{}) }},
		{"list: newest of a kind, language and price", func() error { return list(store.Newest, store.Filter{Kind: "video", Language: "hi", Price: "rental"}) }},
		{"list: trending of a language that no work has", func() error { return list(store.Trending, store.Filter{Language: "xx"}) }},
		{"network", func() error { _, err := s.Network(ctx); return err }},
		{"a work", func() error { _, err := s.Work(ctx, c.Root(rng.IntN(r.Works))); return err }},
	} {
		l, err := measure(n, q.do)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		r.Questions[q.name] = l
	}
	return nil
}

// misspelt swaps, drops or changes a letter of the longest word.
func misspelt(rng *rand.Rand, words []string) string {
	w := []byte(slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) }))
	i := rng.IntN(len(w) - 1)
	switch rng.IntN(3) {
	case 0:
		w[i], w[i+1] = w[i+1], w[i]
	case 1:
		w = slices.Delete(w, i, i+1)
	default:
		w[i] = 'x'
	}
	return string(w)
}

func measure(n int, do func() error) (latency, error) {
	took, cpu := make([]float64, n), make([]float64, n)
	for i := range took {
		start, used := time.Now(), processor()
		if err := do(); err != nil {
			return latency{}, err
		}
		took[i], cpu[i] = float64(time.Since(start).Microseconds())/1000, 1000*(processor()-used)
	}
	slices.Sort(took)
	slices.Sort(cpu)
	return latency{N: n, P50: took[n/2], P99: took[n*99/100], Max: took[n-1], CPU: cpu[n*99/100]}, nil
}
