package ledger

import "errors"

var (
	// ErrNoLane says that no open lane of that owner, denom and generation is known.
	ErrNoLane = errors.New("the lane is not open at this node")
	// ErrNoSession says that no such session is known.
	ErrNoSession = errors.New("no such session")
	// ErrClosed says that the session is closed.
	ErrClosed = errors.New("the session is closed: open a new one")
	// ErrExpired says that the session or its lane is too near its end to be served.
	ErrExpired = errors.New("the session or its lane has expired: open a new one")
	// ErrExhausted says that the lane's cap does not cover the word.
	ErrExhausted = errors.New("the lane's cap is used up: open the next one")
	// ErrDue says that fewer ticks are paid than are needed; State.Due says how many are.
	ErrDue = errors.New("more ticks must be paid first")
	// ErrKnown says that the word shown may be known to everybody, or is none: ticks that are paid need a newer one.
	ErrKnown = errors.New("show the newest word that you have")
	// ErrNumber says that another session of the lane has the number.
	ErrNumber = errors.New("the lane has another session of this number: take the next")
	// ErrTooMany says that the lane has as many sessions as the chain settles.
	ErrTooMany = errors.New("the lane has as many sessions as it can have: open the next lane")
	// ErrFailed says that the journal could not be written. Nothing is accepted until the node restarts.
	ErrFailed = errors.New("the ledger cannot be written")
	// ErrDamaged says that the journal's beginning is not one of a ledger.
	ErrDamaged = errors.New("the file is not a ledger")
)
