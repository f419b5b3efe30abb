package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// touch returns a work's escrow counted up to now, new and empty where there is none, and now.
// It writes nothing.
func (k *Keeper) touch(ctx context.Context, root string) (types.Escrow, int64, error) {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Escrow{}, 0, err
	}
	e, err := k.escrows.Get(ctx, root)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewEscrow(root, now), now, nil
	}
	return e.Accrue(now), now, err
}

// Endow adds ustream to the escrow of the work whose first version is root. It is a ledger
// entry: the coins follow from x/revenue at the end of the block. It is safe to book them
// before: the escrow is counted up to now first, so only time that is past, and that the old
// balance paid, has earned anything, and no payout of this block comes out of what is added.
// It emits nothing, for it runs in every payment, whose event names this part.
// Errors: content's ErrInvalidWorkID, ErrInvalidAmount.
func (k *Keeper) Endow(ctx context.Context, root string, amount math.Int) error {
	if _, err := contenttypes.ParseWorkID(root); err != nil {
		return err
	}
	if !amount.IsNil() && amount.IsZero() {
		return nil
	}
	if err := types.ValidateAmount(amount); err != nil {
		return err
	}
	_, err := k.credit(ctx, root, amount)
	return err
}

// FundPool adds ustream to the common pool. It is a ledger entry: the coins follow from
// x/revenue at the end of the block. Emits EventPoolFunded. Errors: ErrInvalidAmount.
func (k *Keeper) FundPool(ctx context.Context, amount math.Int) error {
	if !amount.IsNil() && amount.IsZero() {
		return nil
	}
	if err := types.ValidateAmount(amount); err != nil {
		return err
	}
	pool, err := k.Pool(ctx)
	if err != nil {
		return err
	}
	pool = pool.Add(types.Nano(amount))
	if err := k.pool.Set(ctx, pool); err != nil {
		return err
	}
	return emit(ctx, &types.EventPoolFunded{Amount: amount, Pool: pool})
}

// Pool is the common pool in nano-ustream.
func (k *Keeper) Pool(ctx context.Context) (math.Int, error) {
	return zeroWhereMissing(k.pool.Get(ctx))
}

// FundWork moves ustream from funder into the escrow of the work that has the version cid. It
// does not come back. Emits EventWorkFunded. Errors: content's ErrWorkNotFound,
// ErrWorkNotActive where nothing could ever earn it, and the bank's.
func (k *Keeper) FundWork(ctx context.Context, funder sdk.AccAddress, cid string, amount math.Int) error {
	root, err := k.content.RootWork(ctx, cid)
	if err != nil {
		return err
	}
	if root.Status != contenttypes.WORK_STATUS_ACTIVE {
		e, _, err := k.touch(ctx, root.Cid)
		if err != nil {
			return err
		}
		if e.Deals == 0 {
			return errorsmod.Wrap(types.ErrWorkNotActive, root.Cid)
		}
	}
	return k.fund(ctx, funder, root.Cid, amount)
}

// fund moves ustream from funder into the escrow of root.
func (k *Keeper) fund(ctx context.Context, funder sdk.AccAddress, root string, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	if err := k.lock(ctx, funder, amount, "prepayment"); err != nil {
		return err
	}
	e, err := k.credit(ctx, root, amount)
	if err != nil {
		return err
	}
	return emit(ctx, &types.EventWorkFunded{Root: root, Funder: funder.String(), Amount: amount, Balance: e.Balance})
}

// credit counts the escrow up to now and then adds ustream to its balance.
func (k *Keeper) credit(ctx context.Context, root string, amount math.Int) (types.Escrow, error) {
	e, _, err := k.touch(ctx, root)
	if err != nil {
		return types.Escrow{}, err
	}
	e.Balance = e.Balance.Add(types.Nano(amount))
	return e, k.escrows.Set(ctx, root, e)
}

// settle moves what a deal has earned from its escrow, which must be counted up to now, to
// its provider's earnings, and returns it. It writes the earnings; the caller writes the rest.
func (k *Keeper) settle(ctx context.Context, e *types.Escrow, d *types.Deal) (math.Int, error) {
	earned := e.Accrued(*d)
	if d.Status == types.DEAL_STATUS_ACTIVE {
		d.Index = e.Index
	}
	if !earned.IsPositive() {
		return earned, nil
	}
	e.Owed = e.Owed.Sub(earned)
	before, err := k.earned(ctx, d.Operator)
	if err != nil {
		return math.Int{}, err
	}
	return earned, k.earnings.Set(ctx, d.Operator, before.Add(earned))
}

// earned is what a provider has settled and not been paid, in nano-ustream.
func (k *Keeper) earned(ctx context.Context, operator string) (math.Int, error) {
	return zeroWhereMissing(k.earnings.Get(ctx, operator))
}

func zeroWhereMissing(amount math.Int, err error) (math.Int, error) {
	if errors.Is(err, collections.ErrNotFound) {
		return math.ZeroInt(), nil
	}
	return amount, err
}
