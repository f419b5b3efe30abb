package packager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/manifest"
)

// sweepAfter is how long a job lies untouched that nothing was paid for.
const sweepAfter = 7 * 24 * time.Hour

// Service is the helper.
type Service struct {
	cfg    Config
	client *chainclient.Client
	log    *slog.Logger
	pairs  *pairs
	life   context.Context // of what works; ends with the service
	end    context.CancelFunc
	runs   sync.WaitGroup
	slot   chan struct{}
	tool   tool

	mu   sync.Mutex
	addr string
	jobs map[string]*job
}

// New opens the helper's folder. said is told each code that pairs a page.
func New(cfg Config, client *chainclient.Client, log *slog.Logger, said func(code string)) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	for _, dir := range []string{cfg.Home, filepath.Join(cfg.Home, "jobs"), filepath.Join(cfg.Home, "secrets")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	p, err := openPairs(cfg.Home, said)
	if err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg, client: client, log: log, pairs: p, slot: make(chan struct{}, 1), addr: cfg.HTTP.Listen, jobs: map[string]*job{}}
	s.life, s.end = context.WithCancel(context.Background())
	return s, s.load()
}

// load reads the jobs of an earlier process, and removes those that nobody touched for long.
func (s *Service) load() error {
	dirs, err := os.ReadDir(filepath.Join(s.cfg.Home, "jobs"))
	if err != nil {
		return err
	}
	for _, d := range dirs {
		j := &job{s: s, dir: filepath.Join(s.cfg.Home, "jobs", d.Name()), changed: make(chan struct{})}
		raw, err := os.ReadFile(filepath.Join(j.dir, "job.json"))
		if err != nil || json.Unmarshal(raw, &j.rec) != nil || j.rec.ID != d.Name() {
			s.log.Warn("no job", "folder", j.dir, "err", err)
			continue
		}
		if j.rec.State != Done && !j.rec.Registers && time.Since(time.Unix(j.rec.Touched, 0)) > sweepAfter {
			if err := os.RemoveAll(j.dir); err != nil {
				return err
			}
			continue
		}
		// whoever waits for a later revision sees this one
		j.rec.Revision = max(j.rec.Revision, uint64(time.Now().UnixMilli()))
		if slices.Contains([]State{Packaging, Preparing, Publishing}, j.rec.State) {
			j.rec.State, j.rec.Queued = Stopped, false
		}
		s.jobs[j.rec.ID] = j
	}
	return nil
}

// turn waits until the job may work.
func (s *Service) turn(ctx context.Context) error {
	select {
	case s.slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) retake() { s.slot <- struct{}{} }

func (s *Service) leave() { <-s.slot }

// secret is where the secret of a work lies.
func (s *Service) secret(name string) string {
	return filepath.Join(s.cfg.Home, "secrets", safeName(name)+".secret")
}

func (s *Service) listening() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// Run serves until ctx ends; jobs at work then are stopped, and go on when a page says so. ready may be nil.
func (s *Service) Run(ctx context.Context, ready func(net.Addr)) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.cfg.HTTP.Listen)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.addr = l.Addr().String()
	s.mu.Unlock()
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	if ready != nil {
		ready(l.Addr())
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	s.Close()
	graceful, done := context.WithTimeout(context.Background(), 2*time.Second)
	defer done()
	if srv.Shutdown(graceful) != nil {
		_ = srv.Close()
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// Close stops what works, and returns when all of it is on the disk.
func (s *Service) Close() {
	s.end()
	s.runs.Wait()
}

func (s *Service) job(r *http.Request) (*job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.jobs[r.PathValue("id")]; j != nil {
		return j, nil
	}
	return nil, problem(http.StatusNotFound, "no-job", "there is no such job")
}

// create makes room for a file.
func (s *Service) create(name string, size int64) (*job, error) {
	free, err := freeBytes(s.cfg.Home)
	if err != nil {
		return nil, err
	}
	switch {
	case name == "" || len(name) > 1000:
		return nil, badRequest("name: the file's")
	case size < 1:
		return nil, badRequest("size: the file's bytes, at least one")
	case size > s.cfg.Limits.MaxBytes:
		return nil, problem(http.StatusRequestEntityTooLarge, "too-large", "a file has at most %d bytes here", s.cfg.Limits.MaxBytes)
	case size > free/3:
		return nil, problem(http.StatusInsufficientStorage, "disk-full", "%d bytes must be free, and %d are: make room in %s", 3*size, free, s.cfg.Home)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	open := 0
	for _, j := range s.jobs {
		if j.view().State != Done {
			open++
		}
	}
	if open >= s.cfg.Limits.MaxJobs {
		return nil, problem(http.StatusTooManyRequests, "too-many-jobs", "%d jobs are unfinished: finish or delete one", open)
	}
	now := time.Now()
	j := &job{s: s, changed: make(chan struct{}), rec: record{Job: Job{
		ID: newID(), Name: name, Size: size, State: Receiving, Revision: uint64(now.UnixMilli()), Created: now.Unix(), Cover: coverNone,
	}}}
	j.dir = filepath.Join(s.cfg.Home, "jobs", j.rec.ID)
	if err := os.Mkdir(j.dir, 0o700); err != nil {
		return nil, err
	}
	s.jobs[j.rec.ID] = j
	return j, j.save()
}

// remove forgets a job and its files.
func (s *Service) remove(j *job, force bool) error {
	j.mu.Lock()
	precious := j.rec.Registers && j.rec.State != Done
	j.mu.Unlock()
	if precious && !force {
		return problem(http.StatusConflict, "paid", "the work may be registered, and what is here may be needed to finish it: publish again, or give it up")
	}
	j.halt()
	s.mu.Lock()
	delete(s.jobs, j.rec.ID)
	s.mu.Unlock()
	return os.RemoveAll(j.dir)
}

// isField says whether the manifest refuses a field.
func isField(err error) bool {
	var field *manifest.FieldError
	return errors.As(err, &field)
}

// isChain says whether the chain did not answer.
func isChain(err error) bool {
	return status.Code(err) == codes.Unavailable || errors.Is(err, context.DeadlineExceeded)
}

// Dial connects to the chain of a configuration, with all that publishing sends.
func Dial(ctx context.Context, cfg Config, patience time.Duration) (*chainclient.Client, error) {
	client, err := chainclient.Dial(ctx, chainclient.Config{GRPC: cfg.Chain.GRPC, RPC: cfg.Chain.RPC, ChainID: cfg.Chain.ID, Patience: patience, Register: registered})
	if err != nil {
		return nil, fmt.Errorf("the chain at %s: %w", cfg.Chain.RPC, err)
	}
	return client, nil
}
