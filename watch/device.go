package watch

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrBusy says that another watch of the same account is running: two would sign the same session.
var ErrBusy = errors.New("another watch of this account is running: wait for it to end")

// device is what this machine keeps for one account: its session key, and what it has paid.
type device struct {
	dir    string
	key    ed25519.PrivateKey
	secret [32]byte
	lock   *os.File
}

// openDevice makes or opens the account's folder below home and locks it.
func openDevice(ctx context.Context, home, owner string) (*device, error) {
	dir := filepath.Join(home, owner)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	// a watch that was just killed may need a moment to be gone
	for deadline := time.Now().Add(5 * time.Second); ; {
		if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			break
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return nil, errors.Join(ErrBusy, lock.Close())
		}
		time.Sleep(100 * time.Millisecond)
	}
	seed, err := loadSeed(filepath.Join(dir, "session.key"))
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &device{
		dir: dir, lock: lock, key: ed25519.NewKeyFromSeed(seed),
		secret: sha256.Sum256(append([]byte("streamchain/device/v1"), seed...)),
	}, nil
}

func (d *device) close() error { return d.lock.Close() }

func (d *device) pubkey() []byte { return d.key.Public().(ed25519.PublicKey) }

func loadSeed(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		seed := make([]byte, ed25519.SeedSize)
		if _, err := rand.Read(seed); err != nil {
			return nil, err
		}
		return seed, writeFile(path, []byte(hex.EncodeToString(seed)+"\n"))
	}
	if err != nil {
		return nil, err
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s is no session key: remove it and a new one is made", path)
	}
	return seed, nil
}

// lane is the newest lane to one provider, and its sessions.
type lane struct {
	Generation uint64     `json:"generation"`
	Cap        uint64     `json:"cap"`
	Fee        uint64     `json:"fee"`
	Expires    int64      `json:"expires"`
	Sessions   []*session `json:"sessions"`
}

// session is one payment session. N is written before the word that pays N ticks is sent, to whomever.
type session struct {
	Number       uint64 `json:"number"`
	Work         string `json:"work"` // root cid
	PricePerTick uint64 `json:"price_per_tick"`
	TickSeconds  uint32 `json:"tick_seconds"`
	MaxTicks     uint32 `json:"max_ticks"`
	Expires      int64  `json:"expires"`
	N            uint32 `json:"n"`
	// Keyed are the windows whose keys were asked for under the session, as <rendition>/<number>, and the ticks of each.
	Keyed map[string]uint32 `json:"keyed,omitempty"`
}

// keyed is what holders count as used.
func (s *session) keyed() (ticks uint32) {
	for _, t := range s.Keyed {
		ticks += t
	}
	return ticks
}

// spent is what the lane's sessions have paid at most, in base units.
func (l *lane) spent() uint64 {
	var sum uint64
	for _, s := range l.Sessions {
		sum += uint64(s.N) * s.PricePerTick
	}
	return sum
}

func (d *device) loadLane(provider string) (*lane, error) {
	var l lane
	err := readJSON(filepath.Join(d.dir, "lanes", provider+".json"), &l)
	return &l, err
}

func (d *device) saveLane(provider string, l *lane) error {
	return writeJSON(filepath.Join(d.dir, "lanes", provider+".json"), l)
}

// view is what watching one work has cost, over all runs and nodes.
type view struct {
	Paid map[string]uint64 `json:"paid"` // by provider/generation/session, in base units
	Fees map[string]uint64 `json:"fees"` // by provider/generation, in base units
	// Ticks counts what Paid paid for, by the same keys.
	Ticks map[string]uint32 `json:"ticks"`
}

func (v *view) sum() (paid, fees uint64) {
	for _, p := range v.Paid {
		paid += p
	}
	for _, f := range v.Fees {
		fees += f
	}
	return paid, fees
}

func (d *device) workDir(root string) string { return filepath.Join(d.dir, "works", root) }

func (d *device) loadView(root string) (*view, error) {
	v := &view{Paid: map[string]uint64{}, Fees: map[string]uint64{}, Ticks: map[string]uint32{}}
	return v, readJSON(filepath.Join(d.workDir(root), "view.json"), v)
}

func (d *device) saveView(root string, v *view) error {
	return writeJSON(filepath.Join(d.workDir(root), "view.json"), v)
}

// readJSON leaves out as it is when the file does not exist.
func readJSON(path string, out any) error {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func writeJSON(path string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeFile(path, raw)
}

// writeFile replaces the file whole: it is on disk, old or new, whenever the machine stops.
func writeFile(path string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
