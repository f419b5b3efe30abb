package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// magic begins the file and names its format.
const magic = "streamchain/ledger/v1\n"

// maxRecord bounds a record, in bytes.
const maxRecord = 64 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// journal is an append-only file. Writers append to a buffer and wait for the one goroutine that writes and
// syncs; all that came meanwhile share its next sync.
type journal struct {
	path string

	mu      sync.Mutex // after Ledger.mu
	wake    *sync.Cond // the flusher waits here for work
	synced  *sync.Cond // writers wait here for the flusher
	f       *os.File
	buf     []byte
	spare   []byte
	seq     uint64 // records appended
	flushed uint64 // of them on stable storage
	size    int64
	busy    bool
	err     error
	closing bool
	done    chan struct{}
}

// append adds a record; payload begins with its kind. It returns what wait waits for.
func (j *journal) append(payload []byte) uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.buf = appendRecord(j.buf, payload)
	j.seq++
	j.wake.Signal()
	return j.seq
}

func appendRecord(b, payload []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	at := len(b)
	b = append(append(b, 0, 0, 0, 0), payload...)
	// over the copy: what is passed to crc32 escapes, and a paid tick must allocate nothing
	binary.BigEndian.PutUint32(b[at:], crc32.Checksum(b[at+4:], castagnoli))
	return b
}

// wait returns when the record is on stable storage.
func (j *journal) wait(seq uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.flushed < seq && j.err == nil {
		j.synced.Wait()
	}
	if j.flushed >= seq {
		return nil
	}
	return j.err
}

// failed says why nothing can be written any more. After a failed sync nobody knows what is on disk,
// so the journal accepts nothing until it is read again.
func (j *journal) failed() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

func (j *journal) run() {
	defer close(j.done)
	j.mu.Lock()
	defer j.mu.Unlock()
	for {
		for len(j.buf) == 0 && !j.closing {
			j.wake.Wait()
		}
		if len(j.buf) == 0 {
			return
		}
		buf, seq, f := j.buf, j.seq, j.f
		j.buf, j.spare, j.busy = j.spare[:0], nil, true
		j.mu.Unlock()
		_, err := f.Write(buf)
		if err == nil {
			err = f.Sync()
		}
		j.mu.Lock()
		j.spare, j.busy = buf, false
		j.size += int64(len(buf))
		if err != nil {
			j.err = fmt.Errorf("%w: %w", ErrFailed, err)
		} else {
			j.flushed = seq
		}
		j.synced.Broadcast()
		if j.err != nil {
			return
		}
	}
}

// replace makes records, which stand for all that was appended so far, the whole file.
func (j *journal) replace(records []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.busy {
		j.synced.Wait()
	}
	if j.err != nil {
		return j.err
	}
	f, err := create(j.path, records)
	if err != nil {
		return err // the old file stands and goes on
	}
	old := j.f
	j.f, j.size, j.buf, j.flushed = f, int64(len(magic)+len(records)), j.buf[:0], j.seq
	j.synced.Broadcast()
	if old != nil {
		return old.Close()
	}
	return nil
}

func (j *journal) close() error {
	j.mu.Lock()
	j.closing = true
	j.wake.Signal()
	j.mu.Unlock()
	<-j.done
	return errors.Join(j.failed(), j.f.Close())
}

// create writes a new file beside path and moves it there, all on stable storage.
func create(path string, records []byte) (*os.File, error) {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(append([]byte(magic), records...))
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// read calls f with each record of the file. A crash leaves at most a torn tail; whole is false when there was one.
func read(path string, f func(payload []byte) error) (whole bool, err error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if len(raw) < len(magic) || string(raw[:len(magic)]) != magic {
		return false, fmt.Errorf("%w: %s", ErrDamaged, path)
	}
	for raw = raw[len(magic):]; len(raw) > 0; {
		payload, rest, err := nextRecord(raw)
		if err != nil {
			return false, nil
		}
		if err := f(payload); err != nil {
			return false, fmt.Errorf("%s: %w", path, err)
		}
		raw = rest
	}
	return true, nil
}

func nextRecord(raw []byte) (payload, rest []byte, err error) {
	if len(raw) < 8 {
		return nil, nil, io.ErrUnexpectedEOF
	}
	n := binary.BigEndian.Uint32(raw)
	if n == 0 || n > maxRecord || uint64(len(raw)) < 8+uint64(n) {
		return nil, nil, io.ErrUnexpectedEOF
	}
	payload = raw[8 : 8+n]
	if crc32.Checksum(payload, castagnoli) != binary.BigEndian.Uint32(raw[4:]) {
		return nil, nil, io.ErrUnexpectedEOF
	}
	return payload, raw[8+n:], nil
}
