package media

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// ciphertexts are the golden vectors of both formats. Byte i of what is encrypted is i mod 251.
type ciphertexts struct {
	Segments []struct {
		Key, IV   string
		Size      int
		Encrypted int
		SHA256    string
	}
	Files []struct {
		Key       string // of each window, XOR the window's number in the last four bytes
		Size      int
		Encrypted int
		SHA256    string
	}
}

func vectorsOf(t require.TestingT) (v ciphertexts) {
	data, err := os.ReadFile("testdata/ciphertexts.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &v))
	return v
}

func counted(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

func unhex(t require.TestingT, s string) []byte {
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

func hash(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func TestSegmentVectors(t *testing.T) {
	list := vectorsOf(t).Segments
	require.NotEmpty(t, list)
	for _, v := range list {
		key, iv, plain := [16]byte(unhex(t, v.Key)), [16]byte(unhex(t, v.IV)), counted(v.Size)
		var out bytes.Buffer
		// a reader that gives little at a time changes nothing
		n, err := EncryptSegment(&out, io.MultiReader(bytes.NewReader(plain[:v.Size/3]), bytes.NewReader(plain[v.Size/3:])), key, iv)
		require.NoError(t, err)
		require.EqualValues(t, v.Encrypted, n)
		require.Equal(t, v.Encrypted, out.Len())
		require.Equal(t, v.SHA256, hash(out.Bytes()), "%d bytes", v.Size)
		got, err := DecryptSegment(out.Bytes(), key, iv)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got))
	}
}

func TestSegmentIV(t *testing.T) {
	require.Equal(t, "00000000000000000000000000010203", hex.EncodeToString(func() []byte { iv := SegmentIV(0x010203); return iv[:] }()))
}

// raw is CBC without padding, in place: what a hostile publisher could write.
func raw(plain []byte) []byte {
	block, _ := aes.NewCipher(make([]byte, 16))
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(plain, plain)
	return plain
}

func TestSegmentsThatAreRefused(t *testing.T) {
	pad := func(tail ...byte) []byte { return raw(append(bytes.Repeat([]byte{7}, 32-len(tail)), tail...)) }
	for name, data := range map[string][]byte{
		"empty":             nil,
		"half a block":      pad(1)[:24],
		"one byte over":     append(pad(1), 0),
		"padding of 0":      pad(0),
		"padding of 17":     pad(bytes.Repeat([]byte{17}, 17)...),
		"padding of 255":    pad(255),
		"padding not equal": pad(3, 2, 3),
		"padding too short": pad(3, 3),
	} {
		_, err := DecryptSegment(data, [16]byte{}, [16]byte{})
		require.ErrorIs(t, err, ErrCiphertext, name)
	}
	got, err := DecryptSegment(raw(bytes.Repeat([]byte{16}, 16)), [16]byte{}, [16]byte{})
	require.NoError(t, err, "a block of padding alone is an empty segment")
	require.Empty(t, got)
	got, err = DecryptSegment(pad(2, 2), [16]byte{}, [16]byte{})
	require.NoError(t, err)
	require.Len(t, got, 30)
}
