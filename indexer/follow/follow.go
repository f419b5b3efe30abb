package follow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/project"
	"github.com/streamchain/streamchain/indexer/store"
)

// Source is a chain.
type Source interface {
	Status(ctx context.Context) (chainclient.Status, error)
	RawBlock(ctx context.Context, height int64) (chainclient.RawBlock, error)
	Genesis(ctx context.Context, w io.Writer) error
}

// Config says what follows what. Fields without a default are needed.
type Config struct {
	Store     *store.Store
	Source    Source
	Projector *project.Projector
	Log       *slog.Logger
	// Temp is a folder for the genesis document while it is read.
	Temp string
	// Batch is how many blocks one transaction takes at most while it catches up; zero: 100.
	Batch int
	// Fetch is how many blocks are asked for at a time while it catches up; zero: 8.
	Fetch int
	// Poll is how long it waits before it asks for a new block; zero: 200 ms.
	Poll time.Duration
	// Until ends Run once that block is in; zero: never.
	Until int64
}

// Follower writes one index.
type Follower struct {
	cfg Config

	mu    sync.Mutex
	state State
	wake  chan struct{} // closed when state changes
}

// State is how far the index is.
type State struct {
	Height      int64 // newest block that is in
	Time        int64 // of it, Unix seconds
	ChainHeight int64 // newest block of the chain as the node last said
	Blocks      int64 // that this process put in
	Failed      error // of the node since it last answered
}

// New makes a follower.
func New(cfg Config) *Follower {
	if cfg.Batch == 0 {
		cfg.Batch = 100
	}
	if cfg.Fetch == 0 {
		cfg.Fetch = 8
	}
	if cfg.Poll == 0 {
		cfg.Poll = 200 * time.Millisecond
	}
	return &Follower{cfg: cfg, wake: make(chan struct{})}
}

// State is how far the index is now.
func (f *Follower) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// Changed returns a channel that is closed when a block has gone in after the call: whoever serves events waits on it, reads what is
// new from the store, and asks again.
func (f *Follower) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wake
}

// set changes the state; woken says that rows changed.
func (f *Follower) set(woken bool, change func(*State)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
	if woken {
		close(f.wake)
		f.wake = make(chan struct{})
	}
}

// Run follows until ctx ends, or something does not fit. Errors: those of project.Projector, store.ErrChain.
func (f *Follower) Run(ctx context.Context) error {
	at, err := f.begin(ctx)
	for err == nil {
		if f.cfg.Until > 0 && at >= f.cfg.Until {
			return nil
		}
		at, err = f.advance(ctx, at)
	}
	return err
}

// begin binds the index to the chain, checks that both have one past, and puts the genesis in where the index is empty.
func (f *Follower) begin(ctx context.Context) (int64, error) {
	st, err := f.status(ctx)
	if err != nil {
		return 0, err
	}
	if err := f.cfg.Store.SetChain(ctx, st.ChainID); err != nil {
		return 0, err
	}
	at, err := f.cfg.Store.Height(ctx)
	if err != nil {
		return 0, err
	}
	if at < 0 {
		if err := f.genesis(ctx); err != nil {
			return 0, err
		}
		if at, err = f.cfg.Store.Height(ctx); err != nil {
			return 0, err
		}
	}
	f.set(true, func(s *State) { s.Height = at })
	return at, f.samePast(ctx, at, st.Height)
}

// samePast compares the newest block that is in with the node's.
func (f *Follower) samePast(ctx context.Context, at, tip int64) error {
	var hash string
	var when int64
	if err := f.cfg.Store.Read().QueryRowContext(ctx, "SELECT hash, time FROM blocks WHERE height = ?", at).Scan(&hash, &when); err != nil {
		return fmt.Errorf("the index has no block %d, its cursor; rebuild it with `indexerd reindex`: %w", at, err)
	}
	f.set(false, func(s *State) { s.Time = when })
	if hash == "" || tip < at {
		return nil // the genesis; or a node that is behind: the next block says which past it has
	}
	b, err := f.cfg.Source.RawBlock(ctx, at)
	if err != nil {
		return fmt.Errorf("the node does not say which block %d it has: %w", at, err)
	}
	if b.Hash != hash {
		return fmt.Errorf("%w: block %d is %s, the index has %s", project.ErrFork, at, b.Hash, hash)
	}
	return nil
}

// status asks until the node answers.
func (f *Follower) status(ctx context.Context) (chainclient.Status, error) {
	for {
		st, err := f.cfg.Source.Status(ctx)
		if err == nil {
			f.set(false, func(s *State) { s.ChainHeight, s.Failed = max(st.Height, s.ChainHeight), nil })
			return st, nil
		}
		if err := f.lost(ctx, err); err != nil {
			return st, err
		}
	}
}

// lost notes that the node does not answer, and waits.
func (f *Follower) lost(ctx context.Context, err error) error {
	if f.State().Failed == nil && ctx.Err() == nil {
		f.cfg.Log.Warn("the node does not answer; trying again", "err", err)
	}
	f.set(false, func(s *State) { s.Failed = err })
	return sleep(ctx, max(f.cfg.Poll, 200*time.Millisecond))
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// genesis reads the chain's beginning.
func (f *Follower) genesis(ctx context.Context) error {
	start := time.Now()
	if err := f.cfg.Store.Reset(ctx); err != nil { // what a kill left of an earlier try
		return err
	}
	file, err := os.CreateTemp(f.cfg.Temp, "genesis-*.json")
	if err != nil {
		return err
	}
	defer func() { _ = errors.Join(file.Close(), os.Remove(file.Name())) }()
	for {
		err := f.cfg.Source.Genesis(ctx, file)
		if err == nil {
			break
		}
		if err := f.lost(ctx, err); err != nil {
			return err
		}
		if err := errors.Join(file.Truncate(0), rewind(file)); err != nil {
			return err
		}
	}
	if err := rewind(file); err != nil {
		return err
	}
	if err := f.cfg.Projector.Genesis(ctx, f.cfg.Store, file); err != nil {
		return err
	}
	f.cfg.Log.Info("the genesis is in", "seconds", time.Since(start).Seconds())
	return nil
}

func rewind(file *os.File) error {
	_, err := file.Seek(0, io.SeekStart)
	return err
}

// advance puts in what is new after block at: a batch of blocks at most. It returns the newest that is in.
func (f *Follower) advance(ctx context.Context, at int64) (int64, error) {
	st, err := f.status(ctx)
	if err != nil {
		return at, err
	}
	if st.Height <= at {
		return at, sleep(ctx, f.cfg.Poll)
	}
	last := min(st.Height, at+int64(f.cfg.Batch))
	if f.cfg.Until > 0 {
		last = min(last, f.cfg.Until)
	}
	blocks, err := f.fetch(ctx, at+1, last)
	if err != nil {
		if ctx.Err() != nil {
			return at, ctx.Err()
		}
		// a node that is starting knows heights before it has their results
		return at, f.lost(ctx, err)
	}
	if err := f.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		for _, b := range blocks {
			if err := f.cfg.Projector.Block(tx, b); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return at, err
	}
	newest := blocks[len(blocks)-1]
	f.set(true, func(s *State) {
		s.Height, s.Time, s.Blocks = newest.Height, newest.Time.Unix(), s.Blocks+int64(len(blocks))
		s.ChainHeight = max(s.ChainHeight, newest.Height)
	})
	if behind := st.Height - newest.Height; behind > int64(f.cfg.Batch) && newest.Height/1000 != at/1000 {
		f.cfg.Log.Info("catching up", "height", newest.Height, "behind", behind)
	}
	return newest.Height, nil
}

// fetch reads blocks, some at a time, and returns them in order.
func (f *Follower) fetch(ctx context.Context, from, to int64) ([]chainclient.RawBlock, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	blocks := make([]chainclient.RawBlock, to-from+1)
	next := make(chan int)
	var once sync.Once
	var failed error
	var wait sync.WaitGroup
	for range min(f.cfg.Fetch, len(blocks)) {
		wait.Go(func() {
			for i := range next {
				b, err := f.cfg.Source.RawBlock(ctx, from+int64(i))
				if err != nil {
					once.Do(func() { failed = err; cancel() })
					continue
				}
				blocks[i] = b
			}
		})
	}
	for i := range blocks {
		next <- i
	}
	close(next)
	wait.Wait()
	return blocks, failed
}
