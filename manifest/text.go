package manifest

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// checkText holds text to its limit and to the rules that keep a line of it from looking like
// another or from reaching out of its place on a page.
func checkText(field, s string, limit int, lines bool) error {
	if len(s) > limit {
		return wrong(field, "%d bytes, the limit is %d", len(s), limit)
	}
	if !utf8.ValidString(s) {
		return wrong(field, "not valid UTF-8")
	}
	for _, r := range s {
		switch {
		case lines && (r == '\n' || r == '\t'):
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return wrong(field, "has the control character %U", r)
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return wrong(field, "has %U, which reorders text", r)
		case tooNew(r):
			return wrong(field, "has %U, which is newer than Unicode 15", r)
		}
	}
	if !norm.NFC.IsNormalString(s) {
		return wrong(field, "not in Unicode normal form C")
	}
	return nil
}

// consistsOf says whether s has only ASCII letters, digits and the characters of extra.
func consistsOf(s, extra string) bool {
	for i := range len(s) {
		c := s[i]
		ok := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		for j := 0; !ok && j < len(extra); j++ {
			ok = c == extra[j]
		}
		if !ok {
			return false
		}
	}
	return true
}

// clip shortens what is quoted in an error.
func clip(s string) string { return s[:min(len(s), 80)] }
