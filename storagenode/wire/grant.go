package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/streamchain/streamchain/voucher"
)

const domainUploadKey = "streamchain/upload-key/v1"

// MaxGrantSeconds is how far ahead a grant of an upload may end.
const MaxGrantSeconds = 24 * 3600

// UploadGrant lets a key bring one piece in the name of an account, whose wallet signs text and not the bytes of a proof.
type UploadGrant struct {
	Key       ed25519.PublicKey
	Until     int64  // unix seconds, at most MaxGrantSeconds ahead
	Signature []byte // of Upload.PubKey, over ArbitraryBytes of GrantText
}

// GrantText is what the account's wallet shows and signs. account is the address of Upload.PubKey.
func GrantText(chainID, account string, piece [32]byte, size uint64, key ed25519.PublicKey, until int64) string {
	return fmt.Sprintf("StreamChain upload\nThis signature lets the key named below bring one piece to storage nodes. It moves no coins.\n"+
		"chain: %s\naccount: %s\npiece: %s\nsize: %d\nkey: %s\nuntil: %d", chainID, account, PieceText(piece), size, b64.EncodeToString(key), until)
}

// ArbitraryBytes are the bytes that a wallet signs for a text: the sign document of ADR-036, which no chain takes for a transaction.
func ArbitraryBytes(account, text string) []byte {
	return fmt.Appendf(nil, `{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"sign/MsgSignData","value":{"data":"%s","signer":"%s"}}],"sequence":"0"}`,
		base64.StdEncoding.EncodeToString([]byte(text)), account)
}

// SignGranted sets Signature by the key that Grant names.
func (u *Upload) SignGranted(key ed25519.PrivateKey, chainID string, operator []byte) {
	u.Signature = ed25519.Sign(key, u.keyBytes(chainID, operator))
}

// keyBytes is what a granted key signs for the node of operator.
func (u Upload) keyBytes(chainID string, operator []byte) []byte {
	provider := voucher.ProviderID(operator)
	b := append(signBytes(domainUploadKey, chainID), provider[:]...)
	b = append(b, u.Piece[:]...)
	b = binary.BigEndian.AppendUint64(b, u.Size)
	b = binary.BigEndian.AppendUint64(b, uint64(u.Expires))
	return append(b, u.PubKey...)
}

// checkGrant holds a granted upload to what the account granted.
func (u Upload) checkGrant(chainID string, operator []byte, account string, now int64, verify func(pubkey, msg, sig []byte) bool) error {
	g := u.Grant
	if err := checkExpiry(g.Until, now, MaxGrantSeconds); err != nil {
		return err
	}
	if u.Expires > g.Until {
		return ErrTooLong
	}
	text := GrantText(chainID, account, u.Piece, u.Size, g.Key, g.Until)
	if len(g.Key) != ed25519.PublicKeySize || !verify(u.PubKey, ArbitraryBytes(account, text), g.Signature) ||
		!ed25519.Verify(g.Key, u.keyBytes(chainID, operator), u.Signature) {
		return ErrSignature
	}
	return nil
}
