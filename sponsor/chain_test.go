package sponsor

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/streamchain/streamchain/chainclient"
)

// TestSendErrorNeverGuesses: only what certainly was not sent is tried again.
func TestSendErrorNeverGuesses(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want error // nil: the outcome is open
	}{
		"simulation":       {fmt.Errorf("x: %w", &chainclient.TxError{Log: "no"}), errNotSent},
		"fee":              {chainclient.ErrFeeTooHigh, errNotSent},
		"no funds":         {sdkerrors.ErrInsufficientFunds.Wrap("x"), errNotSent},
		"no account":       {chainclient.ErrNoAccount, errNotSent},
		"in a block":       {&chainclient.TxError{Hash: "ab", Log: "no"}, errReverted},
		"unconfirmed":      {chainclient.ErrUnconfirmed, nil},
		"connection":       {errors.New("EOF"), nil},
		"wrong sequence":   {sdkerrors.ErrWrongSequence, nil},
		"both, to be safe": {errors.Join(chainclient.ErrUnconfirmed, errLost), nil},
	} {
		err := sendError(c.err)
		require.ErrorIs(t, err, c.err, name)
		for _, of := range []error{errNotSent, errReverted} {
			require.Equal(t, errors.Is(c.want, of), errors.Is(err, of), name)
		}
	}
}
