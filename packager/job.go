package packager

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// State is where a job stands.
type State string

// The states, in their order; Stopped and Failed may follow any that works.
const (
	Receiving  State = "receiving"
	Received   State = "received"
	Packaging  State = "packaging"
	Packaged   State = "packaged"
	Preparing  State = "preparing"
	Prepared   State = "prepared"
	Publishing State = "publishing"
	Done       State = "done"
	Stopped    State = "stopped"
	Failed     State = "failed"
)

// Failure says why a job failed.
type Failure struct {
	Slug   string `json:"slug"`
	Detail string `json:"detail"`
}

// Stage is one step of a run.
type Stage struct {
	Stage string `json:"stage"`
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
}

// Job is what a page sees of one.
type Job struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Size     int64    `json:"size"`
	Received int64    `json:"received"`
	State    State    `json:"state"`
	Queued   bool     `json:"queued"`
	Revision uint64   `json:"revision,string"`
	Created  int64    `json:"created"`
	Error    *Failure `json:"error,omitempty"`
	Terms    *Terms   `json:"terms,omitempty"`
	Cover    string   `json:"cover"` // own, file or none
	Captions []string `json:"captions"`
	Probe    *Probe   `json:"probe,omitempty"`
	Quote    *Quote   `json:"quote,omitempty"`
	Progress []Stage  `json:"progress"`
	Ask      *Ask     `json:"ask,omitempty"`
	Result   *Result  `json:"result,omitempty"`
}

// record is a job as the disk has it.
type record struct {
	Job
	Touched   int64  `json:"touched"`
	FileCover string `json:"file_cover"` // of the packaged file, inside the job's folder
	Registers bool   `json:"registers"`  // its registration was asked for: the work may be on the chain
}

// job is one with what works on it.
type job struct {
	s   *Service
	dir string

	mu      sync.Mutex
	rec     record
	changed chan struct{} // closed when rec changes
	busy    bool          // bytes are being received
	stop    context.CancelFunc
	ended   chan struct{} // closed when the run that stop ends has ended
	reply   chan Answer
}

func newID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// view is a copy that does not change any more.
func (j *job) view() Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.copied()
}

func (j *job) copied() Job {
	v := j.rec.Job
	v.Progress = slices.Clone(v.Progress)
	if v.Progress == nil {
		v.Progress = []Stage{}
	}
	v.Captions = slices.Clone(v.Captions)
	if v.Captions == nil {
		v.Captions = []string{}
	}
	return v
}

// change changes the record, tells who waits, and keeps it.
func (j *job) change(f func(*record)) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tell(f)
	return j.save()
}

// tell is change of what needs not be kept. The lock is held.
func (j *job) tell(f func(*record)) {
	f(&j.rec)
	j.rec.Revision++
	close(j.changed)
	j.changed = make(chan struct{})
}

// save writes the record. What is asked dies with the process.
func (j *job) save() error {
	rec := j.rec
	rec.Ask, rec.Touched = nil, time.Now().Unix()
	raw, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	path := filepath.Join(j.dir, "job.json")
	if err := os.WriteFile(path+".tmp", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// wait returns the job as soon as its revision is larger than after.
func (j *job) wait(ctx context.Context, after uint64) Job {
	for {
		j.mu.Lock()
		v, changed := j.copied(), j.changed
		j.mu.Unlock()
		if v.Revision > after {
			return v
		}
		select {
		case <-ctx.Done():
			return v
		case <-changed:
		}
	}
}

// progress reports a stage of the run, at most once a percent.
func (j *job) progress(stage string, done, total int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := slices.IndexFunc(j.rec.Progress, func(s Stage) bool { return s.Stage == stage })
	if i < 0 {
		j.tell(func(r *record) { r.Progress = append(r.Progress, Stage{stage, done, total}) })
		return
	}
	old := j.rec.Progress[i]
	if old.Total == total && total > 0 && done*100/total == old.Done*100/total {
		return
	}
	j.tell(func(r *record) { r.Progress[i] = Stage{stage, done, total} })
}

// idle refuses while something works on the job. The lock is held.
func (j *job) idle() error {
	switch {
	case j.busy || j.stop != nil:
		return problem(http.StatusConflict, "busy", "the job is at work: wait, or stop it first")
	case j.rec.State == Done:
		return problem(http.StatusConflict, "done", "the job is done")
	}
	return nil
}

// run works on the job, in its turn, and leaves it in the state end, stopped or failed. ready is asked under the lock whether it may.
func (j *job) run(state, end State, ready func(*record) error, work func(ctx context.Context) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.idle(); err != nil {
		return err
	}
	if j.rec.Received < j.rec.Size {
		return problem(http.StatusConflict, "too-early", "%d of %d bytes are here", j.rec.Received, j.rec.Size)
	}
	if err := ready(&j.rec); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(j.s.life)
	j.stop, j.ended = cancel, make(chan struct{})
	j.tell(func(r *record) { r.State, r.Error, r.Progress, r.Queued = state, nil, nil, true })
	if err := j.save(); err != nil {
		cancel()
		j.stop = nil
		return err
	}
	j.s.runs.Go(func() {
		defer cancel()
		err := j.s.turn(ctx)
		if err == nil {
			j.mu.Lock()
			j.tell(func(r *record) { r.Queued = false })
			j.mu.Unlock()
			err = work(ctx)
			j.s.leave()
		}
		j.end(ctx, end, err)
	})
	return nil
}

// end writes down how a run ended.
func (j *job) end(ctx context.Context, end State, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.tell(func(r *record) {
		r.Ask, r.Queued = nil, false
		switch {
		case err == nil:
			r.State = end
		case ctx.Err() != nil || errors.Is(err, errCancelled):
			r.State = Stopped
		default:
			r.State, r.Error = Failed, j.s.failure(err)
		}
	})
	if err := j.save(); err != nil {
		j.s.log.Error("a job cannot be kept", "job", j.rec.ID, "err", err)
	}
	j.stop = nil
	close(j.ended)
}

// halt ends the run, and returns when it has ended.
func (j *job) halt() {
	j.mu.Lock()
	stop, ended := j.stop, j.ended
	j.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
	}
}
