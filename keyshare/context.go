package keyshare

import (
	"crypto/sha256"
	"encoding/binary"
)

// ShareContext is what a share is sealed for, with purpose ForHolder: the set of which version of which root work (its id as text), the holder's
// index, and, for a part of a resharing, the index of the old holder who deals it; 0 for the creator's shares.
func ShareContext(root string, version uint64, index, dealer uint32) []byte {
	b := append([]byte("streamchain/share/v1"), root...)
	b = binary.BigEndian.AppendUint64(b, version)
	b = binary.BigEndian.AppendUint32(b, index)
	h := sha256.Sum256(binary.BigEndian.AppendUint32(b, dealer))
	return h[:]
}

// AnswerContext is what an answer is sealed for, with purpose ForViewer: a window of the work of keyID, and the version of the set that answers.
// Where the rendition's name is too long to be a window's, no answer exists that this could be the context of.
func AnswerContext(keyID [32]byte, rendition string, number uint32, version uint64) []byte {
	b := append([]byte("streamchain/answer-context/v1"), keyID[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(rendition)))
	b = append(b, rendition...)
	b = binary.BigEndian.AppendUint32(b, number)
	h := sha256.Sum256(binary.BigEndian.AppendUint64(b, version))
	return h[:]
}
