package chainclient

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ErrFeeTooHigh says that a transaction was not sent, because its fee is beyond the bounds.
var ErrFeeTooHigh = errors.New("the fee is higher than was allowed")

// Bounds limit a transaction. The zero value sets none.
type Bounds struct {
	// Until is the last height whose block may hold it: once that block is past, it never comes.
	Until uint64
	// MaxFee is the most that it may cost, in base units of the gas price's denom.
	MaxFee uint64
}

func (b Bounds) check(fee math.Int) error {
	if b.MaxFee > 0 && fee.GT(math.NewIntFromUint64(b.MaxFee)) {
		return fmt.Errorf("%w: %s, at most %d", ErrFeeTooHigh, fee, b.MaxFee)
	}
	return nil
}

// feeSource is who pays an account's fees. It is guarded by the account's lock.
type feeSource struct {
	find    func(context.Context) (sdk.AccAddress, error)
	granter sdk.AccAddress
}

// FeesFrom lets an allowance (x/feegrant) pay the fees of what account signs through this client.
//
// find is called once, right before the account's first transaction, so that whoever sends none asks for nothing.
// It returns who granted the allowance, or nil where the account pays for itself; after an error it is called again
// next time. It must not send transactions of the account.
func (c *Client) FeesFrom(account sdk.AccAddress, find func(context.Context) (sdk.AccAddress, error)) {
	acc := c.account(account.String())
	acc.mu.Lock()
	defer acc.mu.Unlock()
	acc.fees = feeSource{find: find}
}

func (f *feeSource) settle(ctx context.Context) error {
	if f.find == nil {
		return nil
	}
	granter, err := f.find(ctx)
	if err != nil {
		return err
	}
	f.find, f.granter = nil, granter
	return nil
}
