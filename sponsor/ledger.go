package sponsor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
)

// ErrDamaged says that the ledger cannot be read. Nothing is granted on a guess of what it said.
var ErrDamaged = errors.New("the ledger is damaged: restore it, or move it away and lose who was sponsored before")

// ErrLocked says that another process holds the ledger.
var ErrLocked = errors.New("another sponsor uses this home")

// State is how far a grant is.
type State string

const (
	// Intent: its transaction may have been sent.
	Intent State = "intent"
	// Granted: a block holds it.
	Granted State = "granted"
	// Failed: no block ever will. The address may ask again; what was counted stays counted.
	Failed State = "failed"
)

// Entry is a line of the ledger, and the newest line of an address what is known of it.
type Entry struct {
	State   State  `json:"state"`
	Address string `json:"address"`
	At      int64  `json:"at"`      // when it was promised, Unix seconds
	Cost    uint64 `json:"cost"`    // the most that it costs the sponsor, in ustream: Held and the sponsor's own fee
	Held    uint64 `json:"held"`    // what may still leave the sponsor's account until it expires, in ustream
	Limit   uint64 `json:"limit"`   // of that, what the allowance pays; the rest leaves with the grant
	Expires int64  `json:"expires"` // of the allowance, Unix seconds
	Until   int64  `json:"until"`   // the last height whose block can hold the transaction
	Net     string `json:"net,omitempty"`
	TX      string `json:"tx,omitempty"`
}

// ledger is the file grants.jsonl: one line for each change, appended and synced before anybody acts on it. It is safe
// for concurrent use.
type ledger struct {
	lock *os.File

	mu      sync.Mutex
	f       *os.File
	err     error // after a failed write nobody knows what is on the disk: nothing more is written
	entries map[string]Entry
	counts  map[State]int
	nets    map[string]int // grants of a network, by its name of the day
	netsDay int64
	held    uint64 // of all entries that are not over
	expiry  []string
	meter   *meter
}

// openLedger reads the ledger of dir and locks it. Errors: ErrLocked, ErrDamaged.
func openLedger(dir string, m *meter, now int64) (*ledger, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrLocked, dir), lock.Close())
	}
	l := &ledger{lock: lock, entries: map[string]Entry{}, counts: map[State]int{}, nets: map[string]int{}, netsDay: now / 86400, meter: m}
	if l.f, err = os.OpenFile(filepath.Join(dir, "grants.jsonl"), os.O_CREATE|os.O_RDWR, 0o600); err == nil {
		if err = l.read(); err == nil {
			err = syncDir(dir)
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	l.expire(now)
	m.trim(now)
	return l, nil
}

// read applies every line. A crash leaves at most a last line without its end, which nobody has acted on: it is cut off.
func (l *ledger) read() error {
	raw, err := io.ReadAll(l.f)
	if err != nil {
		return err
	}
	end := bytes.LastIndexByte(raw, '\n') + 1
	for n, line := range bytes.Split(bytes.TrimSuffix(raw[:end], []byte("\n")), []byte("\n")) {
		if end == 0 {
			break
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil || e.Address == "" || !slices.Contains([]State{Intent, Granted, Failed}, e.State) {
			return fmt.Errorf("%w: %s, line %d", ErrDamaged, l.f.Name(), n+1)
		}
		l.apply(e)
	}
	if end < len(raw) {
		if err := errors.Join(l.f.Truncate(int64(end)), l.f.Sync()); err != nil {
			return err
		}
	}
	_, err = l.f.Seek(int64(end), io.SeekStart)
	return err
}

// apply changes what is known. The caller locks.
func (l *ledger) apply(e Entry) {
	old, known := l.entries[e.Address]
	if known && old.State != Failed {
		l.held -= old.Held
	}
	if known {
		l.counts[old.State]--
	}
	l.counts[e.State]++
	if e.State == Intent {
		l.meter.add(e.At, e.Cost)
		day := e.At / 86400
		if day > l.netsDay {
			l.nets, l.netsDay = map[string]int{}, day
		}
		if day == l.netsDay {
			l.nets[e.Net]++
		}
	}
	if e.State != Failed {
		l.held += e.Held
	}
	l.entries[e.Address] = e
	if e.State == Granted {
		l.expiry = append(l.expiry, e.Address)
	}
}

// write puts entries on stable storage, then makes them count. After an error none of them may be acted on.
func (l *ledger) write(entries ...Entry) error {
	var buf bytes.Buffer
	for _, e := range entries {
		raw, err := json.Marshal(e)
		if err != nil {
			return err
		}
		buf.Write(append(raw, '\n'))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	_, err := l.f.Write(buf.Bytes())
	if err == nil {
		err = l.f.Sync()
	}
	if err != nil {
		l.err = fmt.Errorf("%w: %w", ErrBroken, err)
		return l.err
	}
	for _, e := range entries {
		l.apply(e)
	}
	return nil
}

// expire gives back what allowances that are over have held: the chain has removed them.
func (l *ledger) expire(now int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.expiry[:0]
	for _, a := range l.expiry {
		e := l.entries[a]
		if e.Expires > now {
			kept = append(kept, a)
			continue
		}
		l.held -= e.Held
		e.Held = 0
		l.entries[a] = e
	}
	l.expiry = kept
}

func (l *ledger) get(address string) (Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[address]
	return e, ok
}

// intents are the entries whose outcome is open, the oldest first, at most most of them.
func (l *ledger) intents(most int) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts[Intent] == 0 {
		return nil
	}
	var out []Entry
	for _, e := range l.entries {
		if e.State == Intent {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return int(a.At - b.At) })
	return out[:min(most, len(out))]
}

// totals is what the limits are measured by.
type totals struct {
	Granted, Pending, Failed int
	Held                     uint64
	Hour, Day                uint64 // spent
	Load                     uint64 // percent
	Broken                   bool
}

func (l *ledger) totals(now int64) totals {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := totals{
		Granted: l.counts[Granted], Pending: l.counts[Intent], Failed: l.counts[Failed],
		Held: l.held, Load: l.meter.load(now), Broken: l.err != nil,
	}
	t.Hour, _ = l.meter.spent(l.meter.gates[0].window, now)
	t.Day, _ = l.meter.spent(l.meter.gates[1].window, now)
	return t
}

// load is the budget's, and of the network net alone how many grants it had today.
func (l *ledger) load(net string, now int64) (percent uint64, ofNet int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meter.load(now), l.nets[net]
}

func (l *ledger) close() error {
	var err error
	if l.f != nil {
		err = l.f.Close()
	}
	return errors.Join(err, l.lock.Close())
}
