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

// Endow adds ustream of the work's own revenue to the escrow of the work whose first version is
// root. What its deals could not earn in EndowedDays goes to the work's serving budget and to the
// common pool instead, half each. It is a
// ledger entry: the coins follow from x/revenue at the end of the block. It is safe to book them
// before: the escrow is counted up to now first, so only time that is past, and that the old
// balance paid, has earned anything, and no payout of this block comes out of what is added.
// It emits nothing, for it runs in every payment, whose event names this part; EventPoolFunded
// where the pool gets some. Errors: content's ErrInvalidWorkID, ErrInvalidAmount.
func (k *Keeper) Endow(ctx context.Context, root string, amount math.Int) error {
	return k.EndowCounted(ctx, root, amount, amount)
}

// EndowCounted is Endow where only counted of the amount counts as paid in, by which the pool
// measures its grants: a payment whose discount or royalty left little to others brings less.
// Errors: those of Endow, and ErrInvalidAmount where counted is negative or above the amount.
func (k *Keeper) EndowCounted(ctx context.Context, root string, amount, counted math.Int) error {
	if _, err := contenttypes.ParseWorkID(root); err != nil {
		return err
	}
	if !amount.IsNil() && amount.IsZero() {
		return nil
	}
	if err := types.ValidateAmount(amount); err != nil {
		return err
	}
	if counted.IsNil() || counted.IsNegative() || counted.GT(amount) {
		return errorsmod.Wrap(types.ErrInvalidAmount, "counted")
	}
	e, _, err := k.touch(ctx, root)
	if err != nil {
		return err
	}
	e.PaidIn = e.PaidIn.Add(types.Nano(counted))
	excess := math.MinInt(amount, e.Excess(types.Nano(amount)).QuoRaw(types.NanoPerUstream))
	e.Balance = e.Balance.Add(types.Nano(amount.Sub(excess)))
	if err := k.putEscrow(ctx, e); err != nil {
		return err
	}
	serving := excess.QuoRaw(types.ServingDivisor)
	if err := k.endowServing(ctx, root, serving); err != nil {
		return err
	}
	return k.FundPool(ctx, excess.Sub(serving))
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
	return e, k.putEscrow(ctx, e)
}

// putEscrow writes an escrow, which must be counted up to now, and has the pool look after it no
// later than when it will be dry.
func (k *Keeper) putEscrow(ctx context.Context, e types.Escrow) error {
	dryAt := e.DryAt()
	if dryAt == 0 || (e.CheckAt > 0 && e.CheckAt <= dryAt) {
		return k.escrows.Set(ctx, e.Root, e)
	}
	return k.checkAt(ctx, e, dryAt)
}

// settle moves what a deal has earned from its escrow, which must be counted up to now, to
// its provider's earnings, and returns it. What missed proofs have voided goes back to the
// balance. It writes the earnings; the caller writes the rest.
func (k *Keeper) settle(ctx context.Context, e *types.Escrow, d *types.Deal) (math.Int, error) {
	if d.Status != types.DEAL_STATUS_ACTIVE {
		return math.ZeroInt(), nil
	}
	pay, missed, err := k.payOf(ctx, *e, *d)
	if err != nil {
		return math.Int{}, err
	}
	d.Index, d.MissedSeconds, d.BountyLeft = e.Index, missed, d.BountyLeft.Sub(pay.Bounty)
	e.Owed, e.Balance = e.Owed.Sub(pay.Earned).Sub(pay.Voided), e.Balance.Add(pay.Voided)
	total := pay.Total()
	return total, k.addEarned(ctx, d.Operator, total)
}

// payOf is what an active deal gets since it was last settled, and its provider's count of
// missed seconds. The escrow must be counted up to now.
func (k *Keeper) payOf(ctx context.Context, e types.Escrow, d types.Deal) (types.Pay, uint64, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return types.Pay{}, 0, err
	}
	missed, err := k.missedSeconds(ctx, d.Operator)
	if err != nil {
		return types.Pay{}, 0, err
	}
	return e.PayOf(d, missed, params.PeriodSeconds), missed, nil
}

// addEarned adds nano-ustream to what a provider has settled and not been paid.
func (k *Keeper) addEarned(ctx context.Context, operator string, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	before, err := k.earned(ctx, operator)
	if err != nil {
		return err
	}
	return k.earnings.Set(ctx, operator, before.Add(amount))
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
