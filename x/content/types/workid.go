package types

import (
	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
)

// WorkID is the text of the work id with that digest: the inverse of ParseWorkID.
func WorkID(digest []byte) (string, error) {
	hash, err := mh.Encode(digest, mh.SHA2_256)
	if err != nil {
		return "", err
	}
	return cid.NewCidV1(cid.DagCBOR, hash).String(), nil
}
