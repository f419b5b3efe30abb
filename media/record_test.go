package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// keyOf gives each window another key.
func keyOf(base [32]byte) FileKey {
	return func(window uint32) ([32]byte, error) {
		k := base
		binary.BigEndian.PutUint32(k[28:], binary.BigEndian.Uint32(k[28:])^window)
		return k, nil
	}
}

func sealed(t require.TestingT, plain []byte, key FileKey) []byte {
	var out bytes.Buffer
	require.NoError(t, EncryptFile(&out, bytes.NewReader(plain), uint64(len(plain)), key))
	return out.Bytes()
}

// open decrypts a range, written in pieces of so many bytes.
func open(data []byte, size, from, to uint64, key FileKey, step int) ([]byte, error) {
	var out bytes.Buffer
	d, err := NewFileDecrypter(&out, size, from, to, key)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(data, step) {
		if _, err := d.Write(part); err != nil {
			return out.Bytes(), err
		}
	}
	return out.Bytes(), d.Close()
}

func TestFileVectors(t *testing.T) {
	list := vectorsOf(t).Files
	require.NotEmpty(t, list)
	for _, v := range list {
		key, plain := keyOf([32]byte(unhex(t, v.Key))), counted(v.Size)
		data := sealed(t, plain, key)
		require.Len(t, data, v.Encrypted)
		require.Equal(t, v.SHA256, hash(data), "%d bytes", v.Size)
		require.EqualValues(t, v.Encrypted, CipherSize(uint64(v.Size)))
		size, err := PlainSize(uint64(v.Encrypted))
		require.NoError(t, err)
		require.EqualValues(t, v.Size, size)
		got, err := open(data, size, 0, size, key, 9999)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got))
	}
}

func TestFileSizes(t *testing.T) {
	for plain, want := range map[uint64]uint64{0: 16, 1: 17, RecordSize: RecordSize + 16, RecordSize + 1: RecordSize + 33, 10 << 20: 10<<20 + 160*16, 1 << 40: 1<<40 + 16<<24} {
		require.Equal(t, want, CipherSize(plain))
		got, err := PlainSize(want)
		require.NoError(t, err)
		require.Equal(t, plain, got)
	}
	// no file has these: too few bytes for a tag, or a last record that holds nothing
	for _, bad := range []uint64{0, 1, 15, RecordSize + 17, RecordSize + 32, 2*(RecordSize+16) + 16} {
		_, err := PlainSize(bad)
		require.ErrorIs(t, err, ErrCiphertext, "%d", bad)
	}
}

func TestFileRanges(t *testing.T) {
	plain, key := counted(18*RecordSize+77), keyOf([32]byte{1})
	size := uint64(len(plain))
	data := sealed(t, plain, key)
	for _, r := range [][2]uint64{{0, size}, {0, 1}, {size - 1, size}, {RecordSize - 1, RecordSize + 1}, {RecordSize, 2 * RecordSize}, {15 * RecordSize, 17*RecordSize + 5}, {18*RecordSize + 3, size}} {
		begin, end := CipherRange(size, r[0], r[1])
		require.Zero(t, begin%(RecordSize+RecordOverhead))
		got, err := open(data[begin:end], size, r[0], r[1], key, 70_001)
		require.NoError(t, err, "%v", r)
		require.True(t, bytes.Equal(plain[r[0]:r[1]], got), "%v", r)
		_, err = open(data[begin:end-1], size, r[0], r[1], key, 1<<20)
		require.ErrorIs(t, err, ErrCiphertext)
	}
	for _, r := range [][2]uint64{{0, size + 1}, {5, 4}, {5, 5}, {size, size}} {
		_, err := NewFileDecrypter(io.Discard, size, r[0], r[1], key)
		require.ErrorIs(t, err, ErrRange, "%v", r)
	}
	require.EqualValues(t, 15, RecordOf(1<<20-1))
	require.EqualValues(t, WindowRecords, RecordOf(1<<20), "a window is a MiB")
}

// A file cannot be changed, cut, mixed or put together from parts of others without being noticed, and nothing of a bad record goes on.
func TestFilesThatAreRefused(t *testing.T) {
	const whole = RecordSize + RecordOverhead
	plain, key := counted(18*RecordSize+77), keyOf([32]byte{1})
	size := uint64(len(plain))
	good := sealed(t, plain, key)
	same := sealed(t, append(plain, 0), key)      // a byte longer: the same keys and nonces
	other := sealed(t, plain, keyOf([32]byte{2})) // the same under other keys
	swap := func(a, b int) []byte {
		d := slices.Clone(good)
		copy(d[a*whole:], good[b*whole:(b+1)*whole])
		copy(d[b*whole:], good[a*whole:(a+1)*whole])
		return d
	}
	flip := func(at int) []byte { d := slices.Clone(good); d[at] ^= 1; return d }
	for name, c := range map[string]struct {
		data []byte
		size uint64
		left int // bytes that go on before it is noticed
	}{
		"a bit of a record":       {flip(5 * whole), size, 5 * RecordSize},
		"a bit of a tag":          {flip(whole - 1), size, 0},
		"a bit of the last tag":   {flip(len(good) - 1), size, 18 * RecordSize},
		"two records exchanged":   {swap(3, 4), size, 3 * RecordSize},
		"exchanged by a window":   {swap(1, 17), size, RecordSize},
		"a record twice":          {slices.Concat(good[:2*whole], good[whole:]), size, 2 * RecordSize},
		"a record left out":       {slices.Concat(good[:2*whole], good[3*whole:]), size, 2 * RecordSize},
		"the end cut off":         {good[:18*whole], size, 18 * RecordSize},
		"the end in a record":     {good[:len(good)-1], size, 18 * RecordSize},
		"the end cut off, hidden": {good[:18*whole], 18 * RecordSize, 0},
		"more after the end":      {append(slices.Clone(good), 0), size, len(plain)},
		"a record of another":     {slices.Concat(good[:whole], same[whole:2*whole], good[2*whole:]), size, RecordSize},
		"other keys":              {other, size, 0},
		"nothing":                 {nil, size, 0},
	} {
		got, err := open(c.data, c.size, 0, c.size, key, 33_333)
		require.ErrorIs(t, err, ErrCiphertext, name)
		require.True(t, bytes.Equal(plain[:c.left], got), "%s: %d bytes went on", name, len(got))
	}
	d, err := NewFileDecrypter(io.Discard, size, 0, size, key)
	require.NoError(t, err)
	_, err = d.Write(flip(0))
	require.ErrorIs(t, err, ErrCiphertext)
	_, err = d.Write(good)
	require.ErrorIs(t, err, ErrCiphertext, "after an error it takes nothing")
	require.ErrorIs(t, d.Close(), ErrCiphertext)
}

func TestFileErrorsOfOthers(t *testing.T) {
	none := errors.New("no key")
	refuse := func(uint32) ([32]byte, error) { return [32]byte{}, none }
	require.ErrorIs(t, EncryptFile(io.Discard, bytes.NewReader([]byte{1}), 1, refuse), none)
	data := sealed(t, []byte{1}, keyOf([32]byte{}))
	_, err := open(data, 1, 0, 1, refuse, 100)
	require.ErrorIs(t, err, none)
	require.ErrorIs(t, EncryptFile(io.Discard, bytes.NewReader([]byte{1}), 2, keyOf([32]byte{})), ErrChanged)
	require.ErrorIs(t, EncryptFile(io.Discard, bytes.NewReader([]byte{1, 2}), 1, keyOf([32]byte{})), ErrChanged)
}
