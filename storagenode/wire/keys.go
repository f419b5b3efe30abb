package wire

import (
	"crypto/sha256"
	"encoding/binary"
)

// MaxKeyWindows is how many windows one request for keys may name.
const MaxKeyWindows = 16

// domainKeys begins what KeysRequest.Nonce hashes.
const domainKeys = "streamchain/keys-request/v1"

// KeyWindow names a window of a work's keys.
type KeyWindow struct {
	Rendition string `json:"rendition"` // 1 to 64 bytes
	Number    uint32 `json:"number"`
}

// KeyPay pays for windows by the tick: a session in an open lane with any provider, and the word that pays its first N ticks.
type KeyPay struct {
	Session Session `json:"session"`
	N       uint32  `json:"n"`
	Word    []byte  `json:"word"` // 32 bytes
}

// KeysRequest is the body of POST /v1/keys. Who asks is said by Stream-Auth, a Proof for method POST whose nonce is this request's Nonce; only what is
// open to all is answered without.
type KeysRequest struct {
	Work     string      `json:"work"`      // root work
	ReplyKey []byte      `json:"reply_key"` // X25519 key, made for this request, to which the answers are sealed
	Windows  []KeyWindow `json:"windows"`   // 1 to MaxKeyWindows, none twice
	Pay      *KeyPay     `json:"pay,omitempty"`
}

// Nonce is that of the Proof that goes with the request. It ties the proof to the reply key, so that who sees a request cannot repeat it with a key of
// its own, and to the windows and ticks, so that nobody on the way can change what is asked and paid for.
func (r KeysRequest) Nonce() [16]byte {
	b := append([]byte(domainKeys), byte(len(r.ReplyKey)))
	b = append(b, r.ReplyKey...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Windows)))
	for _, w := range r.Windows {
		b = binary.BigEndian.AppendUint32(b, uint32(len(w.Rendition)))
		b = append(b, w.Rendition...)
		b = binary.BigEndian.AppendUint32(b, w.Number)
	}
	if p := r.Pay; p != nil {
		b = append(b, p.Session.Signature...)
		b = binary.BigEndian.AppendUint32(b, p.N)
	}
	h := sha256.Sum256(b)
	return [16]byte(h[:16])
}

// KeysResponse answers a KeysRequest.
type KeysResponse struct {
	SetVersion uint64 `json:"set_version,string"`
	Index      uint32 `json:"index"` // the holder's
	// Sealed are keyshare answers, one for each window in the order asked, each sealed to the reply key under keyshare.AnswerContext.
	Sealed [][]byte `json:"sealed"`
}
