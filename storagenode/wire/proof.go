package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/streamchain/streamchain/voucher"
)

const (
	domainAuth    = "streamchain/auth/v1"
	domainOwner   = "streamchain/owner/v1"
	domainUpload  = "streamchain/upload/v1"
	domainReplica = "streamchain/replica/v1"
)

// maxAddress is the longest account address, in bytes.
const maxAddress = 64

// Proof says that the holder of a granted session key asks this node for this work by this
// method, now. Seen by another it can be replayed only to the same node, for the same work
// and method, until it expires.
type Proof struct {
	Owner     []byte // the viewer's account address, which granted the key
	Work      [32]byte
	Expires   int64 // unix seconds, at most MaxProofSeconds ahead
	Nonce     [16]byte
	PubKey    ed25519.PublicKey
	Signature []byte
}

// SignBytes is what the session key signs for the node of operator.
func (p Proof) SignBytes(chainID string, operator []byte, method string) []byte {
	provider := voucher.ProviderID(operator)
	owner := sha256.Sum256(append(binary.BigEndian.AppendUint16([]byte(domainOwner), uint16(len(p.Owner))), p.Owner...))
	var m [8]byte
	copy(m[:], method)
	b := signBytes(domainAuth, chainID)
	b = append(b, provider[:]...)
	b = append(b, owner[:]...)
	b = append(b, p.Work[:]...)
	b = append(b, m[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(p.Expires))
	return append(b, p.Nonce[:]...)
}

// Sign sets PubKey and Signature.
func (p *Proof) Sign(key ed25519.PrivateKey, chainID string, operator []byte, method string) {
	p.PubKey = key.Public().(ed25519.PublicKey)
	p.Signature = ed25519.Sign(key, p.SignBytes(chainID, operator, method))
}

// Verify checks expiry and signature. Whether Owner granted the key is the chain's to say.
func (p Proof) Verify(chainID string, operator []byte, method string, now int64) error {
	if err := checkExpiry(p.Expires, now, MaxProofSeconds); err != nil {
		return err
	}
	if len(p.PubKey) != ed25519.PublicKeySize || !ed25519.Verify(p.PubKey, p.SignBytes(chainID, operator, method), p.Signature) {
		return ErrSignature
	}
	return nil
}

// String is the value of Stream-Auth.
func (p Proof) String() string {
	return encode(p.Owner, []byte(p.PubKey), p.Work[:], p.Expires, p.Nonce[:], p.Signature)
}

// ParseProof reads the value of Stream-Auth.
func ParseProof(s string) (Proof, error) {
	var p Proof
	d := decode(s, 6)
	p.Owner = d.bytes(1, maxAddress)
	p.PubKey = d.bytes(ed25519.PublicKeySize, ed25519.PublicKeySize)
	d.into(p.Work[:])
	p.Expires = d.int()
	d.into(p.Nonce[:])
	p.Signature = d.bytes(ed25519.SignatureSize, ed25519.SignatureSize)
	return p, d.err
}

// Upload says that the account of PubKey uploads a piece to this node. The node takes it
// only from a creator, and uses it only for works of that creator.
type Upload struct {
	Piece     [32]byte // root of the piece
	Size      uint64   // bytes of the piece
	Expires   int64    // unix seconds, at most MaxProofSeconds ahead
	PubKey    []byte   // compressed secp256k1
	Signature []byte   // over SignBytes, as the account signs transactions; with Grant, its key's
	Grant     *UploadGrant
}

// SignBytes is what the account signs for the node of operator.
func (u Upload) SignBytes(chainID string, operator []byte) []byte {
	provider := voucher.ProviderID(operator)
	b := append(signBytes(domainUpload, chainID), provider[:]...)
	b = append(b, u.Piece[:]...)
	b = binary.BigEndian.AppendUint64(b, u.Size)
	return binary.BigEndian.AppendUint64(b, uint64(u.Expires))
}

// Check holds the proof to its expiry and its signature to verify, which checks one of PubKey. account is the address of PubKey.
func (u Upload) Check(chainID string, operator []byte, account string, now int64, verify func(pubkey, msg, sig []byte) bool) error {
	if err := checkExpiry(u.Expires, now, MaxProofSeconds); err != nil {
		return err
	}
	if u.Grant != nil {
		return u.checkGrant(chainID, operator, account, now, verify)
	}
	if !verify(u.PubKey, u.SignBytes(chainID, operator), u.Signature) {
		return ErrSignature
	}
	return nil
}

// String is the value of Stream-Upload.
func (u Upload) String() string {
	fields := []any{u.Piece[:], u.Size, u.Expires, u.PubKey, u.Signature}
	if g := u.Grant; g != nil {
		fields = append(fields, []byte(g.Key), g.Until, g.Signature)
	}
	return encode(fields...)
}

// ParseUpload reads the value of Stream-Upload.
func ParseUpload(s string) (Upload, error) {
	var u Upload
	fields := 5
	granted := strings.Count(s, ".") == 8
	if granted {
		fields = 8
	}
	d := decode(s, fields)
	d.into(u.Piece[:])
	u.Size = uint64(d.int())
	u.Expires = d.int()
	u.PubKey = d.bytes(33, 33)
	u.Signature = d.bytes(64, 64)
	if granted {
		u.Grant = &UploadGrant{Key: d.bytes(ed25519.PublicKeySize, ed25519.PublicKeySize), Until: d.int(), Signature: d.bytes(64, 64)}
	}
	return u, d.err
}

// Replica says that another node, whose operator has a deal for the work, asks for its bytes.
type Replica struct {
	Requester []byte   // operator address of the node that asks
	Work      [32]byte // the version that the deal is for
	Expires   int64    // unix seconds, at most MaxProofSeconds ahead
	PubKey    []byte   // the requester's agent or operator key, compressed secp256k1
	Signature []byte
}

// SignBytes is what the requester's key signs for the node of operator.
func (r Replica) SignBytes(chainID string, operator []byte) []byte {
	server, requester := voucher.ProviderID(operator), voucher.ProviderID(r.Requester)
	b := append(signBytes(domainReplica, chainID), server[:]...)
	b = append(b, requester[:]...)
	b = append(b, r.Work[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(r.Expires))
}

// Check holds the proof to its expiry and its signature to verify, which checks one of PubKey.
func (r Replica) Check(chainID string, operator []byte, now int64, verify func(pubkey, msg, sig []byte) bool) error {
	if err := checkExpiry(r.Expires, now, MaxProofSeconds); err != nil {
		return err
	}
	if !verify(r.PubKey, r.SignBytes(chainID, operator), r.Signature) {
		return ErrSignature
	}
	return nil
}

// String is the value of Stream-Replica.
func (r Replica) String() string {
	return encode(r.Requester, r.Work[:], r.Expires, r.PubKey, r.Signature)
}

// ParseReplica reads the value of Stream-Replica.
func ParseReplica(s string) (Replica, error) {
	var r Replica
	d := decode(s, 5)
	r.Requester = d.bytes(1, maxAddress)
	d.into(r.Work[:])
	r.Expires = d.int()
	r.PubKey = d.bytes(33, 33)
	r.Signature = d.bytes(64, 64)
	return r, d.err
}

// PieceText is how a piece root stands in a URL: 64 lower-case hexadecimal digits.
func PieceText(root [32]byte) string { return fmt.Sprintf("%x", root) }
