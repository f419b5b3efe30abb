package manifest

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed says that bytes are not the canonical encoding of a manifest.
	ErrMalformed = errors.New("not a manifest in canonical DAG-CBOR")
	// ErrWorkID says that a text is not the id of a work.
	ErrWorkID = errors.New("not a work id: it is a CIDv1 of dag-cbor and sha2-256 in lower-case base32, as bafyrei…")
)

// FieldError says which field of a manifest breaks which rule. Field is its name in the encoding, with an
// index where it is one of a list: "title", "tags[3]", "parents[0].work".
type FieldError struct {
	Field   string
	Problem string
}

// Error names the field and what to do about it.
func (e *FieldError) Error() string { return "manifest: " + e.Field + ": " + e.Problem }

func wrong(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
}
