// Package manifest stands in for the pure package of that name until it lands.
package manifest

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
)

const Version = 1

type Parent struct {
	Work cid.Cid
	Bps  uint64
}
type Keys struct {
	Suite         string
	C0            []byte
	WindowSeconds uint64
}
type Manifest struct {
	Version                            uint64
	Creator                            []byte
	Kind, Title, Language, Description string
	Tags                               []string
	DurationSeconds                    uint64
	Media, Cover                       cid.Cid
	Piece                              struct {
		Root [32]byte
		Size uint64
	}
	Licence  string
	Parents  []Parent
	Previous cid.Cid
	Keys     *Keys
}

func (m Manifest) Validate() error {
	if m.Title == "" || len(m.Title) > 140 || m.Kind != "video" {
		return errors.New("title or kind")
	}
	return nil
}
func (m Manifest) CID() (cid.Cid, error) {
	bz := []byte(fmt.Sprintf("%+v", m))
	s := sha256.Sum256(bz)
	d, _ := mh.Encode(s[:], mh.SHA2_256)
	return cid.NewCidV1(cid.DagCBOR, d), nil
}
func ParseWorkID(s string) (d [32]byte, err error) {
	c, err := cid.Decode(s)
	if err != nil {
		return d, err
	}
	if c.Version() != 1 || c.Type() != cid.DagCBOR || c.String() != s || len(c.Hash()) != 34 {
		return d, errors.New("not a work id")
	}
	copy(d[:], c.Hash()[2:])
	return d, nil
}
func Commitment(creator []byte, media cid.Cid, salt []byte) [32]byte {
	h := sha256.New()
	for _, p := range [][]byte{creator, media.Bytes(), salt} {
		_ = binary.Write(h, binary.BigEndian, uint16(len(p)))
		h.Write(p)
	}
	return [32]byte(h.Sum(nil))
}
