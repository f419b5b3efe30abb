package media

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A file that is no part of a playlist is encrypted by records, so that any part of it can be read and none can be moved, left out or cut off.
const (
	// RecordSize is how many bytes of the file a record holds; the last one may hold less, and holds none only where the file is empty.
	RecordSize = 64 << 10
	// RecordOverhead is by how many bytes a record grows.
	RecordOverhead = 16
	// WindowRecords is how many records one key opens.
	WindowRecords = 16

	recordDomain = "streamchain/file/v1"
)

// FileKey gives the key of a window of a file: keyshare.Output.AES256.
type FileKey func(window uint32) ([32]byte, error)

// RecordOf is the record that holds the file's byte at an offset. Its window is this over WindowRecords.
func RecordOf(offset uint64) uint64 { return offset / RecordSize }

func records(size uint64) uint64 { return max(1, (size+RecordSize-1)/RecordSize) }

// CipherSize is how many bytes a file of this size has when it is encrypted.
func CipherSize(size uint64) uint64 { return size + RecordOverhead*records(size) }

// PlainSize is the size of the file that was encrypted to so many bytes. ErrCiphertext where no file is.
func PlainSize(cipherSize uint64) (uint64, error) {
	const whole = RecordSize + RecordOverhead
	n := (cipherSize + whole - 1) / whole
	size := cipherSize - n*RecordOverhead
	if n == 0 || cipherSize < n*RecordOverhead || CipherSize(size) != cipherSize {
		return 0, fmt.Errorf("%w: a file of %d bytes", ErrCiphertext, cipherSize)
	}
	return size, nil
}

// CipherRange says which bytes of an encrypted file hold the file's bytes from (included) to to (not included); from < to.
func CipherRange(size, from, to uint64) (begin, end uint64) {
	const whole = RecordSize + RecordOverhead
	return RecordOf(from) * whole, min((RecordOf(to-1)+1)*whole, CipherSize(size))
}

// recordCipher seals and opens the records of one file in any order; neighbours under one key cost least.
type recordCipher struct {
	key    FileKey
	aad    []byte
	window uint64
	aead   cipher.AEAD // of window; nil before the first
}

func newRecordCipher(size uint64, key FileKey) *recordCipher {
	return &recordCipher{key: key, aad: binary.BigEndian.AppendUint64([]byte(recordDomain), size)}
}

func (c *recordCipher) at(record uint64) (cipher.AEAD, []byte, error) {
	if w := record / WindowRecords; c.aead == nil || w != c.window {
		if w > 1<<32-1 {
			return nil, nil, fmt.Errorf("%w: record %d", ErrCiphertext, record)
		}
		key, err := c.key(uint32(w))
		if err != nil {
			return nil, nil, err
		}
		block, err := aes.NewCipher(key[:])
		if err != nil {
			return nil, nil, err
		}
		if c.aead, err = cipher.NewGCM(block); err != nil {
			return nil, nil, err
		}
		c.window = w
	}
	return c.aead, binary.BigEndian.AppendUint64(make([]byte, 4, 12), record), nil
}

// EncryptFile writes the file read from r, of exactly size bytes, to w in records. ErrChanged where r has more or fewer bytes.
func EncryptFile(w io.Writer, r io.Reader, size uint64, key FileKey) error {
	c, buf := newRecordCipher(size, key), make([]byte, RecordSize, RecordSize+RecordOverhead)
	for i := range records(size) {
		part := buf[:min(RecordSize, size-i*RecordSize)]
		if _, err := io.ReadFull(r, part); err != nil {
			return shorter(err)
		}
		aead, nonce, err := c.at(i)
		if err != nil {
			return err
		}
		if _, err := w.Write(aead.Seal(part[:0], nonce, part, c.aad)); err != nil {
			return err
		}
	}
	if n, err := io.ReadFull(r, buf[:1]); n > 0 || !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it is longer than it was", ErrChanged)
	}
	return nil
}

func shorter(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it is shorter than it was", ErrChanged)
	}
	return err
}

// FileDecrypter is the writer of an encrypted file's bytes, in order, that writes on what they hold. No byte goes on before its record is known to be whole
// and in its place.
type FileDecrypter struct {
	w        io.Writer
	c        *recordCipher
	from, to uint64 // what is still to be written of the file
	end      uint64 // the file's size
	buf      []byte // of the record RecordOf(from)
	err      error
}

// NewFileDecrypter writes to w the bytes from (included) to to (not included) of a file that has size bytes when it is not encrypted (PlainSize). What is
// written to it must begin where CipherRange says; from = 0 and to = size take the whole file. ErrRange.
func NewFileDecrypter(w io.Writer, size, from, to uint64, key FileKey) (*FileDecrypter, error) {
	if from > to || to > size || from == to && size > 0 {
		return nil, fmt.Errorf("%w: %d to %d of %d", ErrRange, from, to, size)
	}
	return &FileDecrypter{w: w, c: newRecordCipher(size, key), from: from, to: to, end: size, buf: make([]byte, 0, RecordSize+RecordOverhead)}, nil
}

// over says that no more bytes are expected; an empty file is over after its one record.
func (d *FileDecrypter) over() bool { return d.from == d.to && d.c.aead != nil }

// Write takes the next bytes of the encrypted file. ErrCiphertext where a record is damaged, in another's place or of another file, and where more bytes come
// than were asked for; after an error nothing is taken any more.
func (d *FileDecrypter) Write(b []byte) (int, error) {
	for taken := 0; ; {
		if d.err != nil || taken == len(b) {
			return taken, d.err
		}
		if d.over() {
			d.err = fmt.Errorf("%w: it goes on after its end", ErrCiphertext)
			continue
		}
		record := RecordOf(d.from)
		length := int(min(RecordSize, d.end-record*RecordSize)) + RecordOverhead
		n := min(length-len(d.buf), len(b)-taken)
		d.buf, taken = append(d.buf, b[taken:taken+n]...), taken+n
		if len(d.buf) == length {
			d.err = d.open(record)
		}
	}
}

// open writes on what the full buffer holds.
func (d *FileDecrypter) open(record uint64) error {
	aead, nonce, err := d.c.at(record)
	if err != nil {
		return err
	}
	plain, err := aead.Open(d.buf[:0], nonce, d.buf, d.c.aad)
	if err != nil {
		return fmt.Errorf("%w: record %d", ErrCiphertext, record)
	}
	start := record * RecordSize
	end := min(d.to, start+uint64(len(plain)))
	part := plain[d.from-start : end-start]
	d.from, d.buf = end, d.buf[:0]
	_, err = d.w.Write(part)
	return err
}

// Close says whether all that was asked for has been written. ErrCiphertext where bytes are missing, or what Write said.
func (d *FileDecrypter) Close() error {
	if d.err == nil && !d.over() {
		d.err = fmt.Errorf("%w: it ends %d bytes early", ErrCiphertext, d.to-d.from)
	}
	return d.err
}
