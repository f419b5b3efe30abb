package wire

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Request and response headers of a node.
const (
	HeaderAuth    = "Stream-Auth"    // Proof: who is asking
	HeaderPay     = "Stream-Pay"     // Payment: the newest word of a session
	HeaderUpload  = "Stream-Upload"  // Upload: who uploads what
	HeaderReplica = "Stream-Replica" // Replica: a node asks another for a work's bytes
	HeaderPaid    = "Stream-Paid"    // response: ticks paid and ticks used, "<paid>:<used>"
	HeaderOffset  = "Upload-Offset"  // response of an upload: bytes that the node has
)

// MaxProofSeconds is how far ahead a proof of whatever kind may expire. It is looked at when a request begins: how long an
// upload takes does not matter.
const MaxProofSeconds = 300

// skew forgives a client's clock that runs ahead of the node's, in seconds.
const skew = 5

var (
	// ErrMalformed says that a header does not parse.
	ErrMalformed = errors.New("the header is malformed")
	// ErrExpired says that a proof is past its expiry.
	ErrExpired = errors.New("the proof has expired: sign a new one")
	// ErrTooLong says that a proof would be valid for longer than allowed.
	ErrTooLong = errors.New("the proof's expiry is too far ahead")
	// ErrSignature says that a proof's signature does not fit this chain, node, work, method and expiry.
	ErrSignature = errors.New("the proof's signature is wrong for this chain, node, work and method")
)

var b64 = base64.RawURLEncoding.Strict()

// version begins every proof header.
const version = "v1"

// encode joins fields as text: byte slices in base64url, integers in decimal.
func encode(fields ...any) string {
	parts := []string{version}
	for _, f := range fields {
		switch f := f.(type) {
		case []byte:
			parts = append(parts, b64.EncodeToString(f))
		case uint64:
			parts = append(parts, strconv.FormatUint(f, 10))
		case int64:
			parts = append(parts, strconv.FormatInt(f, 10))
		default:
			panic(fmt.Sprintf("wire: a field of type %T", f))
		}
	}
	return strings.Join(parts, ".")
}

// decoder reads the fields of a header; the first error stays.
type decoder struct {
	parts []string
	err   error
}

// maxHeader bounds a proof header's length in bytes.
const maxHeader = 1024

func decode(s string, fields int) *decoder {
	d := &decoder{}
	if len(s) > maxHeader {
		d.err = fmt.Errorf("%w: longer than %d bytes", ErrMalformed, maxHeader)
		return d
	}
	d.parts = strings.Split(s, ".")
	if len(d.parts) != fields+1 || d.parts[0] != version {
		d.err = fmt.Errorf("%w: wanted %s and %d fields", ErrMalformed, version, fields)
	}
	return d
}

func (d *decoder) next() (string, bool) {
	if d.err != nil {
		return "", false
	}
	d.parts = d.parts[1:]
	return d.parts[0], true
}

// bytes reads a field of at least lo and at most hi bytes.
func (d *decoder) bytes(lo, hi int) []byte {
	s, ok := d.next()
	if !ok {
		return nil
	}
	out, err := b64.DecodeString(s)
	if err != nil || len(out) < lo || len(out) > hi {
		d.err = fmt.Errorf("%w: a field is not base64url of %d to %d bytes", ErrMalformed, lo, hi)
		return nil
	}
	return out
}

func (d *decoder) into(out []byte) { copy(out, d.bytes(len(out), len(out))) }

// int reads a canonical decimal.
func (d *decoder) int() int64 {
	s, ok := d.next()
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		d.err = fmt.Errorf("%w: %q is not a number", ErrMalformed, s)
	}
	return n
}

// signBytes starts what a proof signs: domain tag, length-prefixed chain id.
func signBytes(domain, chainID string) []byte {
	b := append(make([]byte, 0, 256), domain...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(chainID)))
	return append(b, chainID...)
}

// checkExpiry holds a proof's expiry to now < expires <= now + most.
func checkExpiry(expires, now, most int64) error {
	switch {
	case expires <= now:
		return ErrExpired
	case expires > now+most+skew:
		return ErrTooLong
	}
	return nil
}

// SessionID names a session at its node: the salt of its signed terms.
type SessionID [16]byte

// String is the id as it stands in URLs and headers: 32 hexadecimal digits.
func (id SessionID) String() string { return hex.EncodeToString(id[:]) }

// ParseSessionID reads SessionID.String.
func ParseSessionID(s string) (id SessionID, err error) {
	if len(s) != 2*len(id) || strings.ToLower(s) != s {
		return id, fmt.Errorf("%w: a session id has 32 lower-case hexadecimal digits", ErrMalformed)
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return id, fmt.Errorf("%w: a session id has 32 lower-case hexadecimal digits", ErrMalformed)
	}
	return id, nil
}

// Payment is the value of Stream-Pay: the newest word of a session. N is the number of
// ticks that the word pays, counted from the session's start.
type Payment struct {
	Session SessionID
	N       uint32
	Word    [32]byte
}

// String is the header's text, `<session>:<n>:<word in base64url>`.
func (p Payment) String() string {
	return p.Session.String() + ":" + strconv.FormatUint(uint64(p.N), 10) + ":" + b64.EncodeToString(p.Word[:])
}

// ParsePayment reads the value of Stream-Pay.
func ParsePayment(s string) (p Payment, err error) {
	bad := fmt.Errorf("%w: wanted <session>:<n>:<word>", ErrMalformed)
	if len(s) > 128 {
		return p, bad
	}
	id, rest, ok := strings.Cut(s, ":")
	if !ok {
		return p, bad
	}
	num, word, ok := strings.Cut(rest, ":")
	if !ok {
		return p, bad
	}
	if p.Session, err = ParseSessionID(id); err != nil {
		return p, err
	}
	n, err := strconv.ParseUint(num, 10, 32)
	if err != nil || strconv.FormatUint(n, 10) != num {
		return p, bad
	}
	p.N = uint32(n)
	raw, err := b64.DecodeString(word)
	if err != nil || len(raw) != len(p.Word) {
		return p, bad
	}
	copy(p.Word[:], raw)
	return p, nil
}
