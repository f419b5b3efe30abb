package types

import (
	"encoding/binary"
	"strings"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// IsCollection tells a collection's id from a work's: only it has a slash.
func IsCollection(id string) bool { return strings.Contains(id, "/") }

// ItemKey returns the bytes that key what is offered or bought: the digest of a work's root (32), or
// creator and number of a collection (28). Errors: content's ErrInvalidWorkID, ErrInvalidCollectionID.
func ItemKey(id string) ([]byte, error) {
	if !IsCollection(id) {
		return contenttypes.ParseWorkID(id)
	}
	key, err := contenttypes.ParseCollectionID(id)
	if err != nil {
		return nil, err
	}
	return binary.BigEndian.AppendUint64(append([]byte(nil), key.Creator...), key.Number), nil
}

// ItemID is the text of the id with that key: the inverse of ItemKey.
func ItemID(key []byte) (string, error) {
	if len(key) != contenttypes.CreatorIDLen+8 {
		return contenttypes.WorkID(key)
	}
	creator, number := key[:contenttypes.CreatorIDLen], binary.BigEndian.Uint64(key[contenttypes.CreatorIDLen:])
	return contenttypes.CollectionKey{Creator: creator, Number: number}.String(), nil
}

// Reference is what the payment for an item is called in x/revenue: who gets the access, and of a
// collection also which, since its payment is to a creator.
func Reference(viewer, item string) string {
	if IsCollection(item) {
		return viewer + " " + item
	}
	return viewer
}

// ParseReference reads who got the access to what by a payment for subject. Other modules' payments
// give what no row has.
func ParseReference(reference, subject string) (viewer, item string) {
	viewer, item, found := strings.Cut(reference, " ")
	if !found {
		item = subject
	}
	return viewer, item
}
