package media

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

const (
	keyScheme = "streamchain-key:"
	keyTag    = "#EXT-X-KEY:"
	// maxKeyName is the longest name of a rendition, as keyshare has it.
	maxKeyName = 64
)

// KeyURI names a window's key in a playlist.
func KeyURI(rendition string, window uint32) string {
	return keyScheme + rendition + "/" + strconv.FormatUint(uint64(window), 10)
}

// ParseKeyURI reads what KeyURI wrote: a rendition of 1 to 64 letters, digits, `-` and `_`, and a window without leading zeros. ErrKeyTag.
func ParseKeyURI(uri string) (rendition string, window uint32, err error) {
	name, number, ok := strings.Cut(strings.TrimPrefix(uri, keyScheme), "/")
	n, parsed := strconv.ParseUint(number, 10, 32)
	if !ok || parsed != nil || !keyName(name) || KeyURI(name, uint32(n)) != uri {
		return "", 0, fmt.Errorf("%w: URI %q", ErrKeyTag, uri)
	}
	return name, uint32(n), nil
}

// keyName says whether a folder may be a rendition: nothing that ends a quoted text or a name, and nothing with which another file's name is taken for a
// rendition's.
func keyName(s string) bool {
	return len(s) >= 1 && len(s) <= maxKeyName && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// KeyTag is a playlist's EXT-X-KEY: how the segments after it are encrypted, until the next one.
type KeyTag struct {
	Rendition string
	Window    uint32
	IV        *[16]byte // of each of the segments; nil for SegmentIV of each
}

// IVOf is the initialisation vector of the segment with this media sequence number.
func (k KeyTag) IVOf(sequence uint64) [16]byte {
	if k.IV != nil {
		return *k.IV
	}
	return SegmentIV(sequence)
}

// String is the tag as it stands in a playlist.
func (k KeyTag) String() string {
	s := keyTag + `METHOD=AES-128,URI="` + KeyURI(k.Rendition, k.Window) + `"`
	if k.IV != nil {
		s += ",IV=0x" + hex.EncodeToString(k.IV[:])
	}
	return s
}

// IsKeyTag says whether a playlist's line is one that ParseKeyTag must read.
func IsKeyTag(line string) bool { return strings.HasPrefix(line, keyTag) }

// ParseKeyTag reads a playlist's line. METHOD=NONE gives nil: the segments after it are clear. Any other method than AES-128, any address that is not a
// KeyURI, an attribute twice or unknown: ErrKeyTag. What cannot be read must not be played as if it were clear.
func ParseKeyTag(line string) (*KeyTag, error) {
	attrs, ok := strings.CutPrefix(line, keyTag)
	if !ok {
		return nil, fmt.Errorf("%w: %.100q", ErrKeyTag, line)
	}
	seen := map[string]string{}
	for _, a := range strings.Split(attrs, ",") { // no value that we read holds a comma
		name, value, ok := strings.Cut(a, "=")
		if _, twice := seen[name]; !ok || twice {
			return nil, fmt.Errorf("%w: %.100q", ErrKeyTag, line)
		}
		seen[name] = value
	}
	method := seen["METHOD"]
	delete(seen, "METHOD")
	if method == "NONE" && len(seen) == 0 {
		return nil, nil
	}
	k := &KeyTag{}
	for name, value := range seen {
		switch name {
		case "URI":
			if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
				return nil, fmt.Errorf("%w: %.100q", ErrKeyTag, line)
			}
			var err error
			if k.Rendition, k.Window, err = ParseKeyURI(value[1 : len(value)-1]); err != nil {
				return nil, err
			}
		case "IV":
			b, err := hex.DecodeString(strings.TrimPrefix(strings.TrimPrefix(value, "0x"), "0X"))
			if err != nil || len(b) != 16 || len(value) != 34 {
				return nil, fmt.Errorf("%w: %.100q", ErrKeyTag, line)
			}
			k.IV = (*[16]byte)(b)
		case "KEYFORMAT":
			if value != `"identity"` {
				return nil, fmt.Errorf("%w: %.100q", ErrKeyTag, line)
			}
		case "KEYFORMATVERSIONS":
			if value != `"1"` {
				return nil, fmt.Errorf("%w: %.100q", ErrKeyTag, line)
			}
		default:
			return nil, fmt.Errorf("%w: %.100q", ErrKeyTag, line)
		}
	}
	if method != "AES-128" || k.Rendition == "" {
		return nil, fmt.Errorf("%w: %.100q", ErrKeyTag, line)
	}
	return k, nil
}
