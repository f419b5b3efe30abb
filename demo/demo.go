package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config says where the demo runs and on what.
type Config struct {
	Home     string // folder for everything the demo makes
	Streamd  string // path of the streamd binary; storaged stands beside it
	Song     string // audio file
	Clip     string // film file
	BasePort int    // added to every port of the local network; negative: as last time, zero at first
	Nodes    int    // storage nodes
	Check    bool   // stop the network at the end and check the stopped chain too
	Out      io.Writer
}

// Receipt is the demo's result: every number was read back from the chain or measured.
type Receipt struct {
	Payments []Payment `json:"payments"`
	Works    []Work    `json:"works"`
	// Templates are the sales by templates.
	Templates []Template `json:"templates"`
	Nodes     int        `json:"nodes"`
	// Encryption is what was checked of bytes on disks.
	Encryption Encryption `json:"encryption"`
	// Indexed is what the discovery API says of the works: as the chain does.
	Indexed        []Indexed `json:"indexed"`
	Web            string    `json:"web"` // the web app's address
	Blocks         int64     `json:"blocks"`
	InvariantsOK   bool      `json:"invariants_ok"`
	SupplyOK       bool      `json:"supply_ok"`
	PurseOK        bool      `json:"purse_ok"`
	ElapsedSeconds float64   `json:"elapsed_seconds"`
}

// Payment is one payment as the chain distributed it. Amounts are in ustream.
type Payment struct {
	Rail        string             `json:"rail"`
	Subject     string             `json:"subject"`
	Title       string             `json:"title,omitempty"`
	Payer       string             `json:"payer"`
	Gross       ustream            `json:"gross"`   // the price
	Charged     ustream            `json:"charged"` // what was paid: the price less a discount
	CreatorPaid ustream            `json:"creator_paid"`
	CreatorBps  int64              `json:"creator_bps"`
	Parts       map[string]ustream `json:"parts"`
	RoyaltyTo   string             `json:"royalty_to,omitempty"` // author of the template that it was sold by
	Encrypted   bool               `json:"encrypted"`
}

// ustream is an amount, in JSON a string as on the chain.
type ustream int64

// MarshalJSON writes the amount as a string.
func (u ustream) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"%d"`, u), nil }

// UnmarshalJSON reads the amount from a string.
func (u *ustream) UnmarshalJSON(raw []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	*u = ustream(n)
	return err
}

// Work is one work as it was watched.
type Work struct {
	CID            string  `json:"cid"`
	Title          string  `json:"title"`
	Bytes          int64   `json:"bytes"`
	Verified       bool    `json:"verified"`
	SecondsWatched float64 `json:"seconds_watched"`
	Encrypted      bool    `json:"encrypted"`
	Windows        int     `json:"windows_opened"` // by keys that holders gave
	Threshold      int     `json:"threshold"`      // holders that a window takes
	Holders        int     `json:"holders"`        // of how many
}

// Template is one sale by a template, and what came of it.
type Template struct {
	Name      string  `json:"name"`
	ID        string  `json:"id"`
	Work      string  `json:"work"`
	Buyer     string  `json:"buyer"`
	Paid      ustream `json:"paid"`
	GrantedBy string  `json:"granted_by"` // what let the viewer in afterwards
	Royalty   ustream `json:"royalty"`    // to the template's author
	RoyaltyTo string  `json:"royalty_to"`
}

// Encryption is what was compared on disks.
type Encryption struct {
	// DecryptedOK says that what the viewer wrote has the SHA-256 of what was packaged before it was encrypted.
	DecryptedOK bool `json:"decrypted_ok"`
	// Blocks are those of encrypted segments at storage nodes. None has a clear one, and none plays.
	Blocks int `json:"ciphertext_blocks_at_nodes"`
}

// state is what earlier runs have finished, so that a killed run goes on.
type state struct {
	mu      sync.Mutex
	path    string
	Started time.Time                  `json:"started"`
	Done    map[string]json.RawMessage `json:"done"`
}

func loadState(home string) (*state, error) {
	s := &state{path: filepath.Join(home, "state.json"), Done: map[string]json.RawMessage{}}
	raw, err := os.ReadFile(s.path)
	if os.IsNotExist(err) {
		s.Started = time.Now()
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	return s, json.Unmarshal(raw, s)
}

func (s *state) done(name string) (json.RawMessage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, ok := s.Done[name]
	return raw, ok
}

func (s *state) finish(name string, raw json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Done[name] = raw
	return s.save()
}

func (s *state) save() error {
	raw, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	tmp := s.path + ".tmp"
	if err := os.WriteFile(tmp, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, s.path)
}

// run holds one run of the demo.
type run struct {
	Config
	cli   cli
	state *state
	mu    sync.Mutex // of what steps that run beside each other write
}

// step runs f unless an earlier run finished it, and keeps what it returns in out.
func (r *run) step(ctx context.Context, name, says string, out any, f func(context.Context) error) error {
	if raw, ok := r.state.done(name); ok {
		return json.Unmarshal(raw, out)
	}
	start := time.Now()
	if err := f(ctx); err != nil {
		return fmt.Errorf("%s: %w", says, err)
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return err
	}
	// a line at once: steps run beside each other
	fmt.Fprintf(r.Out, "· %s … %.1f s\n", says, time.Since(start).Seconds())
	return r.state.finish(name, raw)
}

// together runs steps beside each other, and returns their errors.
func together(steps ...func() error) error {
	errs := make([]error, len(steps))
	var wg sync.WaitGroup
	for i, step := range steps {
		wg.Go(func() { errs[i] = step() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Run runs the main job, or finishes a run that was stopped, and returns its receipt. It fails
// when any check of the receipt fails.
func Run(ctx context.Context, cfg Config) (*Receipt, error) {
	if err := os.MkdirAll(cfg.Home, 0o755); err != nil {
		return nil, err
	}
	for _, file := range []string{cfg.Song, cfg.Clip} {
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("the demo's media is missing (`make deps` fetches it): %w", err)
		}
	}
	st, err := loadState(cfg.Home)
	if err != nil {
		return nil, err
	}
	if err := st.save(); err != nil {
		return nil, err
	}
	r := &run{Config: cfg, state: st, cli: cli{bin: cfg.Streamd, net: filepath.Join(cfg.Home, "net")}}
	if err := r.up(ctx); err != nil {
		return nil, err
	}
	job, err := r.mainJob(ctx)
	if err != nil {
		return nil, err
	}
	return r.settleUp(ctx, job)
}

// up starts the local network, or what of it is down.
func (r *run) up(ctx context.Context) error {
	fmt.Fprintf(r.Out, "· local network with one validator and %d storage nodes … ", r.Nodes)
	start := time.Now()
	args := []string{"localnet", "up", "--home", r.cli.net, "--nodes", fmt.Sprint(r.Nodes)}
	if r.BasePort >= 0 {
		args = append(args, "--base-port", fmt.Sprint(r.BasePort))
	}
	_, err := r.cli.run(ctx, args...)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.Out, "%.1f s\n", time.Since(start).Seconds())
	return nil
}
