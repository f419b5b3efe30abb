package types

import (
	"strconv"
	"strings"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Bounds of flows. No vote can move them.
const (
	// MaxRateSeconds is ten years.
	MaxRateSeconds = 3650 * 24 * hourSeconds
	// MaxFlowDelay is how far ahead a flow can start.
	MaxFlowDelay = 3650 * 24 * hourSeconds
	// maxFlowBits bounds rates and deposits, so that no product passes the 256 bits of an amount.
	maxFlowBits = 128
)

// FlowID is the id of a sender's n-th flow. It needs no counter that all senders share.
func FlowID(sender string, sequence uint64) string {
	return sender + "-" + strconv.FormatUint(sequence, 10)
}

// ParseFlowID reads an id. It refuses every other spelling with ErrInvalidFlowID.
func ParseFlowID(id string) (sdk.AccAddress, uint64, error) {
	sender, digits, _ := strings.Cut(id, "-")
	sequence, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || sequence == 0 || FlowID(sender, sequence) != id {
		return nil, 0, errorsmod.Wrapf(ErrInvalidFlowID, "%.150q", id)
	}
	addr, err := ParseAddress(sender)
	if err != nil {
		return nil, 0, errorsmod.Wrapf(ErrInvalidFlowID, "%.150q", id)
	}
	return addr, sequence, nil
}

// ValidateRate refuses with ErrInvalidRate what is not a positive amount below 2^128 in 1 to
// MaxRateSeconds.
func ValidateRate(amount math.Int, seconds int64) error {
	if amount.IsNil() || !amount.IsPositive() || amount.BigIntMut().BitLen() > maxFlowBits || seconds < 1 || seconds > MaxRateSeconds {
		return errorsmod.Wrapf(ErrInvalidRate, "in %d s", seconds)
	}
	return nil
}

// ValidateFlowAmount refuses a coin that is not valid, positive and below 2^128.
func ValidateFlowAmount(c sdk.Coin) error {
	if err := ValidateAmount(c); err != nil {
		return err
	}
	if c.Amount.BigIntMut().BitLen() > maxFlowBits {
		return errorsmod.Wrapf(ErrInvalidAmount, "%.100s", c.Denom)
	}
	return nil
}

// At is the flow counted up to now: what its rate gives for the time since, and never more than
// there is. Parts of a unit are kept, so that counting often gives what counting once does. A flow
// that has run dry owes nothing for the time after.
func (f Flow) At(now int64) Flow {
	from := max(f.UpdatedAt, f.StartsAt)
	f.UpdatedAt = max(f.UpdatedAt, now)
	if f.Paused || now <= from {
		return f
	}
	parts := f.RateAmount.MulRaw(now - from).AddRaw(f.Remainder)
	earned := parts.QuoRaw(f.RateSeconds)
	f.Remainder = parts.ModRaw(f.RateSeconds).Int64()
	if earned.GTE(f.Balance) {
		earned, f.Remainder = f.Balance, 0
	}
	f.Balance, f.Accrued = f.Balance.Sub(earned), f.Accrued.Add(earned)
	return f
}

// Coin is amount in the flow's denom.
func (f Flow) Coin(amount math.Int) sdk.Coin { return sdk.Coin{Denom: f.Denom, Amount: amount} }

// Validate checks a stored flow by itself.
func (f Flow) Validate() error {
	sender, sequence, err := ParseFlowID(f.Id)
	if err != nil {
		return err
	}
	if sender.String() != f.Sender || sequence != f.Sequence || f.Sender == f.Recipient {
		return errorsmod.Wrapf(ErrInvalidGenesis, "flow %s: sender, sequence or recipient do not fit", f.Id)
	}
	if _, err := ParseAddress(f.Recipient); err != nil {
		return err
	}
	if err := ValidateDenom(f.Denom); err != nil {
		return err
	}
	if err := ValidateRate(f.RateAmount, f.RateSeconds); err != nil {
		return err
	}
	for _, amount := range [2]math.Int{f.Balance, f.Accrued} {
		if amount.IsNil() || amount.IsNegative() || amount.BigIntMut().BitLen() > maxFlowBits+1 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "flow %s: balance or accrued", f.Id)
		}
	}
	if f.Balance.Add(f.Accrued).IsZero() || f.Remainder < 0 || f.Remainder >= f.RateSeconds || f.UpdatedAt <= 0 || f.StartsAt <= 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "flow %s: empty, or remainder and times do not fit", f.Id)
	}
	return nil
}
