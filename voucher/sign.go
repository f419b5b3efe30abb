package voucher

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

const (
	domainLane     = "streamchain/lane/v1"
	domainSession  = "streamchain/session/v1"
	domainEscrow   = "streamchain/escrow/v1"
	domainProvider = "streamchain/provider/v1"
	domainDenom    = "streamchain/denom/v1"
	domainViewer   = "streamchain/viewer/v1"
)

// EscrowID names the escrow of an account in a denomination, in signed bytes.
func EscrowID(owner []byte, denom string) [32]byte {
	return hash(domainEscrow, owner, []byte(denom))
}

// ViewerID stands in a session of price zero where EscrowID stands in others: it names who watches, and the
// subscription by which, empty for none. Such a session has no lane: its generation is zero, its denomination empty.
func ViewerID(owner []byte, subscription string) [32]byte {
	return hash(domainViewer, owner, []byte(subscription))
}

// ProviderID names a storage provider by its operator's account, in signed bytes.
func ProviderID(operator []byte) [32]byte { return hash(domainProvider, operator) }

// DenomID names a denomination in signed bytes.
func DenomID(denom string) [32]byte { return hash(domainDenom, []byte(denom)) }

// hash is SHA-256 of the domain and each part with its length as 16-bit big-endian in front. Parts are
// shorter than 64 KiB: accounts and denominations are bounded by the chain long before.
func hash(domain string, parts ...[]byte) [32]byte {
	b := append(make([]byte, 0, 128), domain...)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}

// LaneIntent lets a provider reserve a part of an escrow for itself. Times are Unix seconds,
// Cap is in base units of the escrow's denomination.
type LaneIntent struct {
	ChainID          string
	Escrow, Provider [32]byte
	Generation, Cap  uint64
	SubmitBy         int64
	Expires          int64
}

// SignBytes is what the session key signs: the domain tag, the length-prefixed chain id, then
// the fields in order, fixed-width and big-endian.
func (l LaneIntent) SignBytes() []byte {
	b := start(domainLane, l.ChainID)
	b = append(b, l.Escrow[:]...)
	b = append(b, l.Provider[:]...)
	b = binary.BigEndian.AppendUint64(b, l.Generation)
	b = binary.BigEndian.AppendUint64(b, l.Cap)
	b = binary.BigEndian.AppendUint64(b, uint64(l.SubmitBy))
	return binary.BigEndian.AppendUint64(b, uint64(l.Expires))
}

// Sign returns the session key's signature.
func (l LaneIntent) Sign(key ed25519.PrivateKey) []byte { return ed25519.Sign(key, l.SignBytes()) }

// Verify checks a signature of SignBytes.
func (l LaneIntent) Verify(pub ed25519.PublicKey, sig []byte) bool {
	return verify(pub, l.SignBytes(), sig)
}

// Session is the terms of one payment session. Expires is Unix seconds. Work is the 32-byte digest of the root work's
// CID, PricePerTick is in base units, TickSeconds is media time.
type Session struct {
	ChainID             string
	Escrow, Provider    [32]byte
	Generation, Session uint64
	Work, Denom         [32]byte
	PricePerTick        uint64
	TickSeconds         uint32
	MaxTicks            uint32
	Root                Word
	Expires             int64
}

// terms are the sign bytes up to and after Root; Root comes last but one in them.
func (s Session) terms() []byte {
	b := start(domainSession, s.ChainID)
	b = append(b, s.Escrow[:]...)
	b = append(b, s.Provider[:]...)
	b = binary.BigEndian.AppendUint64(b, s.Generation)
	b = binary.BigEndian.AppendUint64(b, s.Session)
	b = append(b, s.Work[:]...)
	b = append(b, s.Denom[:]...)
	b = binary.BigEndian.AppendUint64(b, s.PricePerTick)
	b = binary.BigEndian.AppendUint32(b, s.TickSeconds)
	return binary.BigEndian.AppendUint32(b, s.MaxTicks)
}

// SignBytes is what the session key signs, laid out like LaneIntent's.
func (s Session) SignBytes() []byte {
	b := append(s.terms(), s.Root[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(s.Expires))
}

// Salt binds a hash chain to its session: the first 16 bytes of the SHA-256 of all fields but Root.
func (s Session) Salt() [16]byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(s.terms(), uint64(s.Expires)))
	return [16]byte(sum[:16])
}

// Sign returns the session key's signature.
func (s Session) Sign(key ed25519.PrivateKey) []byte { return ed25519.Sign(key, s.SignBytes()) }

// Verify checks a signature of SignBytes.
func (s Session) Verify(pub ed25519.PublicKey, sig []byte) bool {
	return verify(pub, s.SignBytes(), sig)
}

// start begins sign bytes. A chain id has at most 50 bytes (CometBFT).
func start(domain, chainID string) []byte {
	b := append(make([]byte, 0, 320), domain...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(chainID)))
	return append(b, chainID...)
}

func verify(pub ed25519.PublicKey, msg, sig []byte) bool {
	return len(pub) == ed25519.PublicKeySize && len(sig) == ed25519.SignatureSize && ed25519.Verify(pub, msg, sig)
}

// Amount is what n ticks cost, in base units; false when it does not fit.
func Amount(n uint32, price uint64) (uint64, bool) {
	hi, lo := bits.Mul64(uint64(n), price)
	return lo, hi == 0
}
