package keyshare

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"

	"github.com/cloudflare/circl/group"
)

// maxRendition is the longest name of a rendition in bytes.
const maxRendition = 64

// KeyID names the windows of all works under a secret by its public side. It is known before the work is, whose id commits to it.
func KeyID(c0 [PointLen]byte) [32]byte {
	return sha256.Sum256(append([]byte("streamchain/keys/v1"), c0[:]...))
}

// Window is what one key opens: some seconds of one rendition, or a MiB of another file.
type Window struct {
	Work      [32]byte // KeyID of the work's C0
	Rendition string   // the rendition's folder, or the file's name; 1 to 64 bytes
	Number    uint32
}

// bytes are the window's name: digest, u16 length, rendition, u32 number, big-endian.
func (w Window) bytes() ([]byte, error) {
	if len(w.Rendition) < 1 || len(w.Rendition) > maxRendition {
		return nil, ErrWindow
	}
	out := append([]byte(nil), w.Work[:]...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(w.Rendition)))
	out = append(out, w.Rendition...)
	return binary.BigEndian.AppendUint32(out, w.Number), nil
}

// point hashes the window to the group (RFC 9380, ristretto255_XMD:SHA-512_R255MAP_RO_).
func (w Window) point() (group.Element, []byte, error) {
	name, err := w.bytes()
	if err != nil {
		return nil, nil, err
	}
	return ristretto.HashToElement(name, []byte(windowDomain)), name, nil
}

// Output is the function's value at a window, from which its keys come.
type Output struct {
	value [PointLen]byte
	name  []byte
}

// AES128 is the key of a window of HLS segments.
func (o Output) AES128() [16]byte { return [16]byte(o.derive("aes-128-cbc", 16)) }

// AES256 is the key of a window of another file.
func (o Output) AES256() [32]byte { return [32]byte(o.derive("aes-256-gcm", 32)) }

func (o Output) derive(purpose string, n int) []byte {
	key, err := hkdf.Key(sha256.New, o.value[:], []byte("streamchain/key/v1"), purpose+string(o.name), n)
	if err != nil {
		panic(err) // the lengths are constants that HKDF allows
	}
	return key
}

// Output is the function's value at the window, for who has the secret. ErrWindow.
func (s Secret) Output(w Window) (Output, error) {
	h, name, err := w.point()
	if err != nil {
		return Output{}, err
	}
	return Output{encodePoint(h.Mul(h, s.scalar)), name}, nil
}
