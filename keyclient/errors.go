package keyclient

import (
	"errors"
	"fmt"
	"strings"

	"github.com/streamchain/streamchain/storagenode/wire"
)

var (
	// ErrNotEncrypted says that the work has no keys.
	ErrNotEncrypted = errors.New("the work is not encrypted")
	// ErrNoKeySet says that nobody holds the work's keys yet.
	ErrNoKeySet = errors.New("nobody holds the work's keys yet: wait until its key set is active")
	// ErrNotEntitled says that the viewer has no right to the windows, and that they are not paid by the tick.
	ErrNotEntitled = errors.New("no right to these keys: buy the work, or pay by the tick")
	// ErrPayMore says that the session's word pays for too few ticks. PayMoreError comes with it.
	ErrPayMore = errors.New("the keys take more ticks")
	// ErrTooFewHolders says that too few holders gave a right answer. HoldersError comes with it.
	ErrTooFewHolders = errors.New("too few holders gave a right answer: try again later")
)

// PayMoreError is ErrPayMore with what it takes.
type PayMoreError struct {
	Due   uint32      // ticks that the session must pay in all; 0 where there is no session yet
	Terms *wire.Terms // may be nil
}

func (e *PayMoreError) Error() string {
	return fmt.Sprintf("%s: the session must pay %d in all", ErrPayMore, e.Due)
}

// Is makes it ErrPayMore.
func (e *PayMoreError) Is(target error) bool { return target == ErrPayMore }

// HoldersError is ErrTooFewHolders with what each holder did, by operator. An error that wraps keyshare.LiarsError is proof of a lie.
type HoldersError struct {
	Holders map[string]error
}

func (e *HoldersError) Error() string {
	var b strings.Builder
	b.WriteString(ErrTooFewHolders.Error())
	for _, operator := range sorted(e.Holders) {
		fmt.Fprintf(&b, "; %s: %v", operator, e.Holders[operator])
	}
	return b.String()
}

// Is makes it ErrTooFewHolders.
func (e *HoldersError) Is(target error) bool { return target == ErrTooFewHolders }

// Unwrap returns what each holder did.
func (e *HoldersError) Unwrap() []error {
	var out []error
	for _, operator := range sorted(e.Holders) {
		out = append(out, e.Holders[operator])
	}
	return out
}
