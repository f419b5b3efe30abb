package wire

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// Version is that of the protocol; it is in the path and in the tag that is signed too.
	Version = 1
	// Path is where a generator answers, below its endpoint.
	Path = "/v1/feed"
	// InfoPath is where it says who it is.
	InfoPath = "/v1/info"
	// SignatureHeader holds the signature in lower-case hexadecimal.
	SignatureHeader = "Stream-Feed-Signature"

	// MaxItems is the most items of an answer, and the most that are asked for.
	MaxItems = 100
	// MaxSeeds is the most works that a viewer tells a generator about.
	MaxSeeds = 20
	// MaxBody bounds an answer, and a request, in bytes.
	MaxBody = 256 << 10
	// MaxReason bounds a reason in characters.
	MaxReason = 200
	// MaxCursor bounds a cursor in bytes.
	MaxCursor = 256
	// MaxSkewSeconds is how far the clocks of both sides may differ.
	MaxSkewSeconds = 600
)

const tag = "streamchain/feed/v1"

// Why an answer does not hold. Errors wrap one of these.
var (
	// ErrResponse is an answer that is not as the specification says.
	ErrResponse = errors.New("not an answer as the specification says")
	// ErrSignature is an answer that the feed's key has not signed.
	ErrSignature = errors.New("not signed by the feed's key")
)

// Request is what an indexer asks. It says nothing of the viewer but what the viewer chose to tell.
type Request struct {
	Version int    `json:"version"`
	ChainID string `json:"chain_id"`
	// Feed is the feed's id on the chain: one service may answer for several.
	Feed string `json:"feed"`
	// Cursor is that of the page before; empty asks for the first.
	Cursor string `json:"cursor,omitempty"`
	// Limit is how many items are wanted at most, 1 to MaxItems.
	Limit int `json:"limit"`
	// Language is a BCP 47 tag that the viewer prefers, or empty.
	Language string `json:"language,omitempty"`
	// Seeds are roots of works that the viewer chose to tell about.
	Seeds []string `json:"seeds,omitempty"`
	// Nonce is 16 random bytes in hexadecimal.
	Nonce string `json:"nonce"`
	// Time is when it was asked, in Unix seconds.
	Time int64 `json:"time"`
}

// Item is one recommended work.
type Item struct {
	// Work is the root's CID.
	Work string `json:"work"`
	// Reason says in a line why, as plain text.
	Reason string `json:"reason"`
}

// Response is what a generator answers.
type Response struct {
	Feed  string `json:"feed"`
	Nonce string `json:"nonce"`
	// Time is when it was answered, in Unix seconds.
	Time  int64  `json:"time"`
	Items []Item `json:"items"`
	// Cursor asks for the next page; empty at the end.
	Cursor string `json:"cursor,omitempty"`
}

// Info is what a generator says of itself.
type Info struct {
	Version int    `json:"version"`
	ChainID string `json:"chain_id"`
	// Feeds are the ids that it answers for.
	Feeds []string `json:"feeds"`
	// Key is the ed25519 public key of its answers in hexadecimal.
	Key string `json:"key"`
	// About says what it recommends and from what data.
	About string `json:"about,omitempty"`
}

// SignBytes is what a feed's key signs: the tag, the chain, and both bodies by their hashes, so that an answer fits no other
// request, feed or chain.
func SignBytes(chainID string, request, response []byte) []byte {
	req, res := sha256.Sum256(request), sha256.Sum256(response)
	b := make([]byte, 0, len(tag)+2+len(chainID)+2*sha256.Size)
	b = append(b, tag...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(chainID))) //nolint:gosec // a chain's id has at most 50 characters
	b = append(b, chainID...)
	return append(append(b, req[:]...), res[:]...)
}

// Sign returns the signature header of an answer.
func Sign(key ed25519.PrivateKey, chainID string, request, response []byte) string {
	return hex.EncodeToString(ed25519.Sign(key, SignBytes(chainID, request, response)))
}

// Check reads the answer to a request that was sent as body, with its signature header, at now in Unix seconds.
// Errors: ErrSignature, ErrResponse. The items are as signed: whether the works exist is the caller's to look up.
func Check(key ed25519.PublicKey, req Request, body []byte, signature string, answer []byte, now int64) (Response, error) {
	sig, err := hex.DecodeString(signature)
	if err != nil || len(sig) != ed25519.SignatureSize || signature != strings.ToLower(signature) {
		return Response{}, fmt.Errorf("%w: the header %s is not 128 lower-case hexadecimal digits", ErrSignature, SignatureHeader)
	}
	if !ed25519.Verify(key, SignBytes(req.ChainID, body, answer), sig) {
		return Response{}, fmt.Errorf("%w %x", ErrSignature, []byte(key))
	}
	res, err := decode(answer)
	if err != nil {
		return Response{}, err
	}
	switch {
	case res.Feed != req.Feed:
		return Response{}, fmt.Errorf("%w: feed is not %s", ErrResponse, req.Feed)
	case res.Nonce != req.Nonce:
		return Response{}, fmt.Errorf("%w: nonce is not the request's", ErrResponse)
	case res.Time < now-MaxSkewSeconds || res.Time > now+MaxSkewSeconds:
		return Response{}, fmt.Errorf("%w: time is %d, and now is %d", ErrResponse, res.Time, now)
	case len(res.Items) > req.Limit:
		return Response{}, fmt.Errorf("%w: more than the %d items asked for", ErrResponse, req.Limit)
	case !isCursor(res.Cursor):
		return Response{}, fmt.Errorf("%w: cursor is not at most %d bytes of printable ASCII", ErrResponse, MaxCursor)
	}
	for i, item := range res.Items {
		if !IsReason(item.Reason) {
			return Response{}, fmt.Errorf("%w: items[%d].reason is not a line of 1 to %d characters in NFC without < and >", ErrResponse, i, MaxReason)
		}
	}
	return res, nil
}

// decode reads one JSON object of at most MaxItems items. It stops at the first item too many: an answer within MaxBody can
// still name tens of thousands.
func decode(answer []byte) (Response, error) {
	if !utf8.Valid(answer) {
		// the decoder would put replacement characters where the signed bytes have something else
		return Response{}, fmt.Errorf("%w: not UTF-8", ErrResponse)
	}
	var raw struct {
		Response
		Items items `json:"items"`
	}
	if err := json.Unmarshal(answer, &raw); err != nil {
		return Response{}, fmt.Errorf("%w: %w", ErrResponse, err)
	}
	if raw.Items == nil {
		return Response{}, fmt.Errorf("%w: items is missing", ErrResponse)
	}
	raw.Response.Items = raw.Items
	return raw.Response, nil
}

type items []Item

// UnmarshalJSON implements json.Unmarshaler.
func (l *items) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.New("items is not a list")
	}
	*l = items{}
	for d.More() {
		if len(*l) == MaxItems {
			return fmt.Errorf("more than %d items", MaxItems)
		}
		var item Item
		if err := d.Decode(&item); err != nil {
			return err
		}
		*l = append(*l, item)
	}
	return nil
}

// IsReason reports whether s can be shown to people as it is: 1 to MaxReason characters in NFC on one line, without control,
// bidi and invisible characters, and without < and >, which no page should have to trust itself to escape.
func IsReason(s string) bool {
	if strings.TrimSpace(s) == "" || len(s) > MaxReason*utf8.UTFMax || !utf8.ValidString(s) || utf8.RuneCountInString(s) > MaxReason || !norm.NFC.IsNormalString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == '<' || r == '>' || r == '\u2028' || r == '\u2029' || r == utf8.RuneError || unicode.IsControl(r) ||
			// formats: bidi controls, invisible characters. Zero-width joiners stay: emoji and several scripts are written with them
			unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
	})
}

func isCursor(s string) bool {
	return len(s) <= MaxCursor && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
