package ask

import (
	"encoding/base64"
	"encoding/json"
	"errors"
)

// ErrCursor says that a cursor is none that this list gave.
var ErrCursor = errors.New("not a cursor of this list: pass it on as it came, or leave it out")

// MaxCursor is more bytes than any cursor has.
const MaxCursor = 500

// EncodeCursor makes a cursor out of a list's name and the keys of its last row, which are numbers and texts. It has letters, digits, -
// and _ only.
func EncodeCursor(list string, keys ...any) string {
	raw, err := json.Marshal(append([]any{list}, keys...))
	if err != nil {
		return "" // numbers and texts can be written
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// DecodeCursor reads the keys of a cursor into dest; false for an empty one. Errors: ErrCursor, and then dest may be partly filled.
func DecodeCursor(list, cursor string, dest ...any) (bool, error) {
	if cursor == "" {
		return false, nil
	}
	if len(cursor) > MaxCursor {
		return false, ErrCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return false, ErrCursor
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil || len(parts) != len(dest)+1 {
		return false, ErrCursor
	}
	var name string
	if err := json.Unmarshal(parts[0], &name); err != nil || name != list {
		return false, ErrCursor
	}
	for i, d := range dest {
		if string(parts[i+1]) == "null" || json.Unmarshal(parts[i+1], d) != nil {
			return false, ErrCursor
		}
	}
	return true, nil
}
