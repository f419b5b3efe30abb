package piece

import "errors"

var (
	// ErrOffset says that a challenge lies outside of the piece.
	ErrOffset = errors.New("the offset is not inside the piece")
	// ErrProof says that a proof is not the one of this root, size and offset.
	ErrProof = errors.New("the proof does not lead from the leaf to the piece's root")
	// ErrCorrupt says that the stored bytes or the stored outboard have changed: fetch the piece again.
	ErrCorrupt = errors.New("the stored piece and its outboard do not match: fetch the piece again")
)
