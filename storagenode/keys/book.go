package keys

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

var (
	// ErrDue says that the word pays for too few ticks.
	ErrDue = errors.New("the word pays for too few ticks")
	// ErrOverCap says that the lane's cap does not cover what its sessions have shown.
	ErrOverCap = errors.New("the lane's cap does not cover it")
	// ErrClosed says that a wrong word has closed the session here.
	ErrClosed = errors.New("a wrong word has closed the session here")
	// ErrFull says that no more sessions are taken.
	ErrFull = errors.New("too many sessions: settle and begin a new lane")
)

const (
	// maxSessions bounds the sessions that are remembered, maxOfLane those of one lane.
	maxSessions = 1 << 16
	maxOfLane   = 64
	// maxLine bounds a record's length in bytes: its windows have names of at most 64 bytes.
	maxLine = 16 << 10
)

// Book remembers, for each session, the newest word, and the windows that it has paid for. A file for each session holds a line for each
// release, synced before the windows are answered.
type Book struct {
	dir string

	mu       sync.Mutex
	sessions map[wire.SessionID]*account
	lanes    map[lane][]*account
}

type lane struct {
	owner, denom, provider string
	generation             uint64
}

func laneOf(t streamtypes.Session) lane {
	return lane{t.EscrowOwner, t.Denom, t.Provider, t.Generation}
}

// account is one session as the holder knows it.
type account struct {
	id    wire.SessionID
	terms streamtypes.Session
	root  voucher.Word
	salt  [16]byte
	path  string

	n        uint32
	word     voucher.Word
	released map[wire.KeyWindow]bool
	ticks    uint32 // of released windows
	closed   bool
	settled  uint32 // what the chain was last seen to have paid
	// refreshed is when the chain was last asked for its lane, in the lane's first session
	refreshed time.Time

	marked   uint32 // n as it was at markedAt: what is old enough to be settled
	before   uint32
	markedAt time.Time
}

// entry is a line of a session's file: its first holds the terms.
type entry struct {
	Terms   *wire.Session    `json:"terms,omitempty"`
	N       uint32           `json:"n,omitempty"`
	Word    []byte           `json:"word,omitempty"`
	Windows []wire.KeyWindow `json:"windows,omitempty"`
	Ticks   uint32           `json:"ticks,omitempty"`
}

// OpenBook reads what is in dir.
func OpenBook(dir string) (*Book, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	b := &Book{dir: dir, sessions: map[wire.SessionID]*account{}, lanes: map[lane][]*account{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.session"))
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		a, err := load(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		if a != nil {
			b.add(a)
		}
	}
	return b, nil
}

func (b *Book) add(a *account) {
	b.sessions[a.id] = a
	l := laneOf(a.terms)
	b.lanes[l] = append(b.lanes[l], a)
}

// load reads a session. A last line that is not whole was never answered; a file without its first line is removed.
func load(path string) (*account, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	whole := bytes.LastIndexByte(raw, '\n') + 1
	if whole < len(raw) {
		if err := os.Truncate(path, int64(whole)); err != nil {
			return nil, err
		}
	}
	if whole == 0 {
		return nil, os.Remove(path)
	}
	var a *account
	lines := bufio.NewScanner(bytes.NewReader(raw[:whole]))
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, err
		}
		if a == nil {
			if e.Terms == nil {
				return nil, errors.New("the first line has no terms")
			}
			if a, err = newAccount(path, *e.Terms); err != nil {
				return nil, err
			}
			continue
		}
		if len(e.Word) != len(a.word) {
			return nil, errors.New("a line without a word")
		}
		a.apply(e.N, voucher.Word(e.Word), e.Windows, e.Ticks)
	}
	return a, lines.Err()
}

func (a *account) apply(n uint32, word voucher.Word, windows []wire.KeyWindow, ticks uint32) {
	if n > a.n {
		a.n, a.word = n, word
	}
	for _, w := range windows {
		a.released[w] = true
	}
	a.ticks += ticks
}

// append writes a line and syncs it.
func (a *account) append(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, statErr := os.Stat(a.path)
	f, err := os.OpenFile(a.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	at, err := f.Seek(0, 2)
	if err == nil {
		_, err = f.Write(append(line, '\n'))
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		// half a line must not stand before the next
		err = errors.Join(err, f.Truncate(at))
	}
	err = errors.Join(err, f.Close())
	if err == nil && statErr != nil {
		err = syncDir(filepath.Dir(a.path))
	}
	return err
}

// drop forgets a session.
func (b *Book) drop(a *account) error {
	delete(b.sessions, a.id)
	l := laneOf(a.terms)
	rest := b.lanes[l][:0]
	for _, other := range b.lanes[l] {
		if other != a {
			rest = append(rest, other)
		}
	}
	if b.lanes[l] = rest; len(rest) == 0 {
		delete(b.lanes, l)
	}
	return os.Remove(a.path)
}

// Has says whether a session of the lane is remembered.
func (b *Book) Has(owner, denom, provider string, generation uint64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.lanes[lane{owner, denom, provider, generation}]) > 0
}

// Len is how many sessions are remembered.
func (b *Book) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.sessions)
}
