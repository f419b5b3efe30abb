// Package exit gives the programs one table of exit codes, so that scripts can tell a refusal
// from a lost connection. It knows the errors of the chain and of the network; a package with
// errors of its own wraps them with With. Start at Code.
package exit

import (
	"context"
	"errors"
	"net"
	"regexp"
	"syscall"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/streamchain/streamchain/chainclient"
)

// The exit codes of every program.
const (
	OK         = 0
	Other      = 1
	Usage      = 2
	NotFound   = 3
	Refused    = 4 // by the chain
	Payment    = 5 // empty wallet, limit reached, declined
	Content    = 6 // corrupt, unreadable, unsupported
	Network    = 7
	Unfinished = 8 // nothing lost: run it again
)

type coded struct {
	code int
	err  error
}

func (c *coded) Error() string { return c.err.Error() }
func (c *coded) Unwrap() error { return c.err }

// With gives err an exit code; nil stays nil.
func With(code int, err error) error {
	if err == nil {
		return nil
	}
	return &coded{code, err}
}

// noise is what the SDK adds to the errors of its own: lines of its source, the message's place in a transaction, gas.
var noise = regexp.MustCompile(` \[[^][ ]+\.go:\d+\]| with gas used: '\d+'|failed to execute message; message index: \d+: `)

// Text is err for a person to read.
func Text(err error) string { return noise.ReplaceAllString(err.Error(), "") }

// Code is the exit code for err: the one of With, or what the error says by itself.
func Code(err error) int {
	var c *coded
	switch {
	case err == nil:
		return OK
	case errors.As(err, &c):
		return c.code
	case errors.Is(err, sdkerrors.ErrInsufficientFunds), errors.Is(err, sdkerrors.ErrInsufficientFee), errors.Is(err, chainclient.ErrNoAccount):
		return Payment
	case errors.Is(err, sdkerrors.ErrKeyNotFound), errors.Is(err, sdkerrors.ErrNotFound):
		return NotFound
	case errors.Is(err, chainclient.ErrUnconfirmed), errors.Is(err, context.Canceled):
		return Unfinished
	}
	var refused *chainclient.TxError
	if errors.As(err, &refused) {
		return Refused
	}
	if unreachable(err) {
		return Network
	}
	if s, ok := status.FromError(err); ok {
		return ofStatus(s.Code())
	}
	return Other
}

func ofStatus(c codes.Code) int {
	switch c {
	case codes.NotFound:
		return NotFound
	case codes.Unavailable, codes.DeadlineExceeded:
		return Network
	case codes.InvalidArgument:
		return Usage
	case codes.FailedPrecondition, codes.PermissionDenied:
		return Refused
	}
	return Other
}

func unreachable(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) || errors.As(err, &dns) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, context.DeadlineExceeded)
}
