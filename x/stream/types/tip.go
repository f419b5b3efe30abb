package types

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	errorsmod "cosmossdk.io/errors"
)

// ValidateMemo refuses with ErrInvalidMemo what is not one line of at most MaxMemoBytes of
// NFC text. Control and direction characters could show a reader another text than the one
// that was signed.
func ValidateMemo(memo string) error {
	if len(memo) > MaxMemoBytes {
		return errorsmod.Wrapf(ErrInvalidMemo, "%d bytes", len(memo))
	}
	if !utf8.ValidString(memo) || !norm.NFC.IsNormalString(memo) {
		return errorsmod.Wrap(ErrInvalidMemo, "not NFC text in UTF-8")
	}
	for _, r := range memo {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return errorsmod.Wrapf(ErrInvalidMemo, "has %U", r)
		}
	}
	return nil
}
