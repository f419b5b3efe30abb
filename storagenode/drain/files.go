package drain

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Stage is where a work stands.
type Stage string

// The stages of a work.
const (
	Kept   Stage = "kept"   // by a deal that is not ended yet
	Moving Stage = "moving" // its deal is over; it is served until it has its copies again
	Moved  Stage = "moved"
)

// Work is one work that the node had when it began to drain.
type Work struct {
	ID    string `json:"id"`
	State Stage  `json:"state"`
	// Until is when the chain lets the deal go at the latest, Since when it was ended: live time in Unix seconds.
	Until int64 `json:"until,omitempty"`
	Since int64 `json:"since,omitempty"`
	// Before is how many copies counted when the deal was ended, this node's included; Copies how many do now.
	Before uint32 `json:"before"`
	Copies uint32 `json:"copies"`
	Target uint32 `json:"target"`
}

// State is how a drain stands.
type State struct {
	Works    []Work `json:"works"`
	ProofSet uint64 `json:"proof_set"` // works that the chain may ask for proofs of
	At       int64  `json:"at"`        // Unix seconds of the last look; zero before the first
}

// Count is how many works are in a stage.
func (s State) Count(stage Stage) (n int) {
	for _, w := range s.Works {
		if w.State == stage {
			n++
		}
	}
	return n
}

// Moved says that no work needs this node any more.
func (s State) Moved() bool { return s.At > 0 && s.Count(Moved) == len(s.Works) }

// Ready says that the node may be switched off.
func (s State) Ready() bool { return s.Moved() && s.ProofSet == 0 }

// Files are where the operator's wish and the state lie.
type Files struct{ Dir string }

func (f Files) wish() string  { return filepath.Join(f.Dir, "drain") }
func (f Files) state() string { return filepath.Join(f.Dir, "drain.json") }

// Ask makes the node drain, and says whether it was not doing so already.
func (f Files) Ask() (bool, error) {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return false, err
	}
	w, err := os.OpenFile(f.wish(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, w.Close()
}

// Cancel makes the node take deals again. Deals that were ended stay so.
func (f Files) Cancel() error { return missingIsFine(os.Remove(f.wish())) }

// Asked says whether the node is to drain.
func (f Files) Asked() (bool, error) {
	_, err := os.Stat(f.wish())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Read returns the newest state; the zero one before the first step.
func (f Files) Read() (State, error) {
	var st State
	raw, err := os.ReadFile(f.state())
	if errors.Is(err, os.ErrNotExist) {
		return st, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &st)
	}
	if err != nil {
		return st, fmt.Errorf("%s: %w", f.state(), err)
	}
	return st, nil
}

// write replaces the state so that a crash leaves the old or the new one.
func (f Files) write(st State) error {
	raw, err := json.Marshal(st)
	if err != nil {
		return err
	}
	tmp := f.state() + ".new"
	w, err := os.Create(tmp)
	if err != nil {
		return err
	}
	_, err = w.Write(raw)
	if err == nil {
		err = w.Sync()
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, f.state())
}

func (f Files) forget() error { return missingIsFine(os.Remove(f.state())) }

func missingIsFine(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
