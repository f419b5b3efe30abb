package chainclient

import (
	"errors"
	"fmt"
	"strings"

	errorsmod "cosmossdk.io/errors"
)

var (
	// ErrNoAccount says that the signer's account has never received coins.
	ErrNoAccount = errors.New("the account does not exist on the chain yet: send it some STREAM first")
	// ErrUnconfirmed says that no block held the transaction in time; it may still be included.
	ErrUnconfirmed = errors.New("the transaction is not in a block yet; look for its hash before sending again")
)

// TxError is the chain's refusal of a transaction. It unwraps to the module's sentinel
// error, so errors.Is(err, contenttypes.ErrWorkExists) works.
type TxError struct {
	Hash      string
	Codespace string
	Code      uint32
	Log       string
	err       error
}

func newTxError(hash, codespace string, code uint32, log string) *TxError {
	return &TxError{Hash: hash, Codespace: codespace, Code: code, Log: log, err: errorsmod.ABCIError(codespace, code, log)}
}

func (e *TxError) Error() string {
	log, _, _ := strings.Cut(e.Log, " [")
	return fmt.Sprintf("refused by the chain: %s", log)
}

func (e *TxError) Unwrap() error { return e.err }

// sentinels are the modules' errors, which a simulation names only by text.
var sentinels []*errorsmod.Error

// RegisterErrors makes failed simulations unwrap to these sentinel errors. Call it while
// the program starts.
func RegisterErrors(errs ...*errorsmod.Error) { sentinels = append(sentinels, errs...) }

// sentinelIn returns the registered error whose text msg contains, the longest first.
func sentinelIn(msg string) *errorsmod.Error {
	var best *errorsmod.Error
	for _, e := range sentinels {
		if strings.Contains(msg, e.Error()) && (best == nil || len(e.Error()) > len(best.Error())) {
			best = e
		}
	}
	return best
}
