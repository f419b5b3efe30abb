package types

import (
	"strings"

	errorsmod "cosmossdk.io/errors"
)

// ValidateHandle refuses what is not a handle with ErrInvalidHandle. Only ASCII is
// allowed, so confusable letters of other scripts cannot occur at all.
func ValidateHandle(handle string) error {
	if len(handle) < MinHandleLen || len(handle) > MaxHandleLen {
		return errorsmod.Wrapf(ErrInvalidHandle, "%d bytes", len(handle))
	}
	for i := range len(handle) {
		c := handle[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return errorsmod.Wrapf(ErrInvalidHandle, "%q", handle)
		}
	}
	if Skeleton(handle) == "" {
		return errorsmod.Wrapf(ErrInvalidHandle, "%q", handle)
	}
	return nil
}

// Skeleton is what a handle looks like: two handles that a hurried reader takes for one
// another have the same skeleton, and only one of them can be held. It is stored, so
// changing the table needs a migration.
func Skeleton(handle string) string {
	var b strings.Builder
	b.Grow(2 * len(handle))
	for i := range len(handle) {
		if s := shape(handle[i]); s != "" {
			b.WriteString(s)
		} else if handle[i] != '_' {
			b.WriteByte(handle[i])
		}
	}
	return b.String()
}

// shape is the replacement of one character; empty where there is none. Letters that
// look like two are spelled out (m as rn, not rn as m): then no order of replacement
// matters, and vvv, wv and vw are one.
func shape(c byte) string {
	switch c {
	case '0':
		return "o"
	case '1', 'i':
		return "l"
	case '2':
		return "z"
	case '3':
		return "e"
	case '4':
		return "a"
	case '5':
		return "s"
	case '6', '8':
		return "b"
	case '7':
		return "t"
	case '9', 'q':
		return "g"
	case 'd':
		return "cl"
	case 'm':
		return "rn"
	case 'w':
		return "vv"
	}
	return ""
}
