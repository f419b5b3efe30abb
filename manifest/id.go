package manifest

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/ipfs/go-cid"
)

const domainCommit = "streamchain/commit/v1"

// CID is the id of the work that a valid manifest describes. Its errors are those of Validate.
func (m Manifest) CID() (cid.Cid, error) {
	b, err := m.Encode()
	if err != nil {
		return cid.Undef, err
	}
	return WorkID(sha256.Sum256(b)), nil
}

// WorkID is the id of the work whose manifest has the digest.
func WorkID(digest [32]byte) cid.Cid {
	return cid.NewCidV1(cid.DagCBOR, append([]byte{sha2256, 32}, digest[:]...))
}

// ParseWorkID returns the digest in a work's id. It accepts one text of each id only. ErrWorkID.
func ParseWorkID(s string) (digest [32]byte, err error) {
	// the length is checked first: what does not have it is not worth decoding
	if len(s) != workIDLen {
		return digest, ErrWorkID
	}
	c, err := cid.Decode(s)
	if err != nil || checkLink("work", c, cid.DagCBOR) != nil || c.String() != s {
		return digest, ErrWorkID
	}
	return [32]byte(c.Hash()[2:]), nil
}

// workIDLen is the length of a work id as text: the base's letter and 36 bytes of 5 bits a letter.
const workIDLen = 1 + (cidLen*8+4)/5

// Commitment is the hash that dates a media CID before it is published: SHA-256 of a domain tag and
// creator, media and salt, each with its length as 16-bit big-endian in front. Salt, at least 16 random bytes, hides
// what is committed to. Each part is shorter than 64 KiB.
func Commitment(creator []byte, media cid.Cid, salt []byte) [32]byte {
	b := append(make([]byte, 0, 192), domainCommit...)
	for _, p := range [][]byte{creator, media.Bytes(), salt} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}
