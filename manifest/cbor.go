package manifest

import (
	"encoding/binary"
	"fmt"

	"github.com/ipfs/go-cid"
)

// The part of DAG-CBOR that a manifest needs. Written out by hand, since consensus rests on
// every bit of it; the tests hold it against a complete implementation.

// Major types of CBOR, in the upper three bits of a head.
const (
	majorUint  = 0 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorList  = 4 << 5
	majorMap   = 5 << 5
	majorTag   = 6 << 5
)

const (
	tagLink = 42
	sha2256 = 0x12
	cidLen  = 36 // version, codec, hash function, hash length, hash
)

func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= 0xff:
		return append(b, major|24, byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n <= 0xffff_ffff:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

func appendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

func appendBytes(b, p []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(p))), p...)
}

// appendLink writes a CID: its bytes behind a zero byte, tagged.
func appendLink(b []byte, c cid.Cid) []byte {
	raw := c.Bytes()
	b = appendHead(appendHead(b, majorTag, tagLink), majorBytes, uint64(len(raw)+1))
	return append(append(b, 0), raw...)
}

// reader reads the same back. After its first error it returns zero values. It does not insist on
// the shortest heads: who uses it encodes the result again and compares.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
	}
	r.b = nil
}

func (r *reader) head(major byte) uint64 {
	if len(r.b) == 0 {
		r.fail("it ends too early")
		return 0
	}
	first := r.b[0]
	if first&0xe0 != major {
		r.fail("a value of type %d where %d belongs", first>>5, major>>5)
		return 0
	}
	info := first & 0x1f
	if info < 24 {
		r.b = r.b[1:]
		return uint64(info)
	}
	if info > 27 {
		r.fail("a head of indefinite or reserved length")
		return 0
	}
	width := 1 << (info - 24)
	if len(r.b) < 1+width {
		r.fail("it ends too early")
		return 0
	}
	var n uint64
	for _, c := range r.b[1 : 1+width] {
		n = n<<8 | uint64(c)
	}
	r.b = r.b[1+width:]
	return n
}

func (r *reader) string(major byte) []byte {
	n := r.head(major)
	if n > uint64(len(r.b)) {
		r.fail("it ends too early")
		return nil
	}
	s := r.b[:n:n]
	r.b = r.b[n:]
	return s
}

func (r *reader) text() string  { return string(r.string(majorText)) }
func (r *reader) bytes() []byte { return append([]byte(nil), r.string(majorBytes)...) }
func (r *reader) uint() uint64  { return r.head(majorUint) }

// list reads the head of a list of at most limit items.
func (r *reader) list(limit int) int {
	n := r.head(majorList)
	if n > uint64(limit) {
		r.fail("a list of %d items, the limit is %d", n, limit)
		return 0
	}
	return int(n)
}

func (r *reader) link() cid.Cid {
	if tag := r.head(majorTag); r.err == nil && tag != tagLink {
		r.fail("tag %d where a link belongs", tag)
	}
	raw := r.string(majorBytes)
	if r.err != nil {
		return cid.Undef
	}
	if len(raw) == 0 || raw[0] != 0 {
		r.fail("a link without its leading zero")
		return cid.Undef
	}
	c, err := cid.Cast(raw[1:])
	if err != nil {
		r.fail("a link: %s", err)
		return cid.Undef
	}
	return c
}

// key reads the name of a map's entry, which must be name.
func (r *reader) key(name string) {
	if got := r.string(majorText); r.err == nil && string(got) != name {
		r.fail("the key %q where %q belongs", clip(string(got)), name)
	}
}

// has says whether the next entry of a map is called name, and reads the name if so.
func (r *reader) has(name string) bool {
	if r.err != nil {
		return false
	}
	ahead := reader{b: r.b}
	if string(ahead.string(majorText)) != name || ahead.err != nil {
		return false
	}
	r.b = ahead.b
	return true
}
