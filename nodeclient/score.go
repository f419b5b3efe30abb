package nodeclient

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Score is what is remembered of a node between runs.
type Score struct {
	Latency float64 `json:"latency_ms"`       // to the first byte of an answer
	Rate    float64 `json:"bytes_per_second"` // 0 where it was never measured
	Faults  float64 `json:"faults"`           // at the time Seen; they fade
	Seen    int64   `json:"seen"`             // unix seconds
}

const (
	// faultHalfLife is how long half of a node's faults count.
	faultHalfLife = 6 * time.Hour
	// distrust is from how many faults on a node comes after those without.
	distrust = 0.5
	// memory is how long a measurement counts; maxScores bounds the file.
	memory    = 7 * 24 * time.Hour
	maxScores = 1000
)

// faults is what failures count: wrong bytes are held against a node for two days instead of some hours, and who refuses
// once may be right.
var faults = map[failure]float64{broke: 1, stalled: 1, refused: 0.25, corrupt: 256}

// at is the score as it counts at a later time.
func (s Score) at(now time.Time) Score {
	// a clock that was set back makes nothing of what was seen undone
	age := max(now.Sub(time.Unix(s.Seen, 0)), 0)
	if age > memory {
		return Score{Seen: now.Unix()}
	}
	s.Faults *= math.Exp2(-float64(age) / float64(faultHalfLife))
	s.Seen = now.Unix()
	return s
}

// Book is a file of scores by operator. It is a hint: one that cannot be read is empty, and of two that write at once
// the later stands.
type Book struct{ path string }

// OpenBook names the file.
func OpenBook(path string) *Book { return &Book{path} }

// Scores are those that still count, as of now.
func (b *Book) Scores(now time.Time) map[string]Score {
	out := map[string]Score{}
	for operator, s := range b.read(now) {
		out[operator] = s.at(now)
	}
	return out
}

func (b *Book) read(now time.Time) map[string]Score {
	rows := map[string]Score{}
	raw, err := os.ReadFile(b.path)
	if err != nil || json.Unmarshal(raw, &rows) != nil {
		return map[string]Score{}
	}
	for operator, s := range rows {
		if now.Sub(time.Unix(s.Seen, 0)) > memory {
			delete(rows, operator)
		}
	}
	return rows
}

// Save adds what was seen to the file. Beyond maxScores the oldest are forgotten.
func (b *Book) Save(seen map[string]Score, now time.Time) error {
	rows := b.read(now)
	for operator, s := range seen {
		rows[operator] = s
	}
	if len(rows) > maxScores {
		oldest := make([]string, 0, len(rows))
		for operator := range rows {
			oldest = append(oldest, operator)
		}
		slices.SortFunc(oldest, func(x, y string) int { return int(rows[x].Seen - rows[y].Seen) })
		for _, operator := range oldest[:len(rows)-maxScores] {
			delete(rows, operator)
		}
	}
	raw, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(b.path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(b.path), "scores-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(raw)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), b.path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
