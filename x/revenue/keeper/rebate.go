package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// recordSpending counts what an account's payment left to burn and treasury towards its rebate,
// and returns it. Payments in other denoms, and of who is no account, give none.
func (k *Keeper) recordSpending(ctx context.Context, d types.Distribution) (math.Int, error) {
	left := d.Left()
	if d.Gross.Denom != token.BaseDenom || !left.IsPositive() {
		return math.ZeroInt(), nil
	}
	if _, err := types.ParseAddress(d.Payer); err != nil {
		return math.ZeroInt(), nil
	}
	period, err := k.openPeriod(ctx)
	if err != nil {
		return math.Int{}, err
	}
	return left, addTo(ctx, k.spending, collections.Join(period.Number, d.Payer), left)
}

// openPeriod is the period that payments now count in: the first one before there is any.
func (k *Keeper) openPeriod(ctx context.Context) (types.RebatePeriod, error) {
	p, err := k.open.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return newPeriod(1), nil
	}
	return p, err
}

func newPeriod(number uint64) types.RebatePeriod {
	return types.RebatePeriod{Number: number, Left: math.ZeroInt(), Reserved: math.ZeroInt(), Claimed: math.ZeroInt()}
}

// closedPeriod is the last closed period. Errors: ErrNoRebate before there is one.
func (k *Keeper) closedPeriod(ctx context.Context) (types.RebatePeriod, error) {
	p, err := k.closed.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.RebatePeriod{}, errorsmod.Wrap(types.ErrNoRebate, "no period has closed yet")
	}
	return p, err
}

// rebateOf is what a viewer can claim now, and the period that it is for.
func (k *Keeper) rebateOf(ctx context.Context, viewer string) (math.Int, math.Int, types.RebatePeriod, error) {
	closed, err := k.closedPeriod(ctx)
	if err != nil {
		return math.Int{}, math.Int{}, closed, err
	}
	left, err := amountAt(ctx, k.spending, collections.Join(closed.Number, viewer))
	if err != nil {
		return math.Int{}, math.Int{}, closed, err
	}
	return closed.Share(left), left, closed, nil
}

// ClaimRebate pays out what the participation pool gives back for the viewer's own payments of
// the last closed period: at most rebate_bps of what they left to burn and treasury, and less
// where the pool has less. Emits EventRebateClaimed. Errors: ErrNoRebate.
func (k *Keeper) ClaimRebate(ctx context.Context, viewer sdk.AccAddress) (sdk.Coin, error) {
	amount, left, closed, err := k.rebateOf(ctx, viewer.String())
	if err != nil {
		return sdk.Coin{}, err
	}
	if !amount.IsPositive() {
		return sdk.Coin{}, errorsmod.Wrap(types.ErrNoRebate, viewer.String())
	}
	if err := k.spending.Remove(ctx, collections.Join(closed.Number, viewer.String())); err != nil {
		return sdk.Coin{}, err
	}
	// the period's own row is written at the end of the block: claims share no row
	var claimed amounts
	claimed[claimedSlot] = amount
	if err := k.addAmounts(ctx, token.BaseDenom, claimed); err != nil {
		return sdk.Coin{}, err
	}
	coin := sdk.Coin{Denom: token.BaseDenom, Amount: amount}
	k.addPayout(ctx, payout{to: viewer, recipient: viewer.String(), coins: sdk.Coins{coin}})
	return coin, emit(ctx, &types.EventRebateClaimed{Viewer: viewer.String(), Period: closed.Number, Left: left, Amount: coin})
}

// rebates counts what the block's payments left and what was claimed, closes the open period
// when its time has come, and removes rows of periods that nobody can claim for any more.
func (k *Keeper) rebates(ctx context.Context) error {
	return safely(ctx, func(ctx sdk.Context) error {
		for _, s := range k.blockAmounts(ctx) {
			if err := k.countRebates(ctx, s.denom, s.amounts); err != nil {
				return err
			}
		}
		if err := k.turnPeriod(ctx); err != nil {
			return err
		}
		return k.sweepSpending(ctx)
	})
}

// countRebates adds to the rows of the open and the closed period.
func (k *Keeper) countRebates(ctx context.Context, denom string, a amounts) error {
	if denom != token.BaseDenom {
		return nil
	}
	if left := a[spentSlot]; !left.IsNil() && left.IsPositive() {
		open, err := k.openPeriod(ctx)
		if err != nil {
			return err
		}
		open.Left = open.Left.Add(left)
		if err := k.open.Set(ctx, open); err != nil {
			return err
		}
	}
	claimed := a[claimedSlot]
	if claimed.IsNil() || !claimed.IsPositive() {
		return nil
	}
	closed, err := k.closedPeriod(ctx)
	if err != nil {
		return err
	}
	closed.Claimed = closed.Claimed.Add(claimed)
	return k.closed.Set(ctx, closed)
}

// turnPeriod opens the first period, and closes the open one at its end: what nobody claimed of
// the one before returns to the pool, and its rebates are set aside.
func (k *Keeper) turnPeriod(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	open, err := k.openPeriod(ctx)
	if err != nil {
		return err
	}
	if open.EndsAt == 0 {
		open.BeganAt, open.EndsAt = now, now+params.RebatePeriodSeconds
		return k.open.Set(ctx, open)
	}
	if now < open.EndsAt {
		return nil
	}
	pool, err := amountAt(ctx, k.pools, token.BaseDenom)
	if err != nil {
		return err
	}
	returned := math.ZeroInt()
	if last, err := k.closed.Get(ctx); err == nil {
		returned = last.Reserved.Sub(last.Claimed)
	} else if !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	pool = pool.Add(returned)
	most := open.Left.MulRaw(int64(params.RebateBps)).QuoRaw(types.Bps)
	open.Reserved = math.MinInt(most, pool.MulRaw(types.RebateBudgetBps).QuoRaw(types.Bps))
	if err := k.setPool(ctx, pool.Sub(open.Reserved)); err != nil {
		return err
	}
	next := newPeriod(open.Number + 1)
	next.BeganAt, next.EndsAt = now, now+params.RebatePeriodSeconds
	open.EndsAt = next.EndsAt
	if err := k.closed.Set(ctx, open); err != nil {
		return err
	}
	if err := k.open.Set(ctx, next); err != nil {
		return err
	}
	return emit(ctx, &types.EventRebatePeriodClosed{Period: open, Returned: returned})
}

// setPool writes the participation pool in STREAM; an empty one is not stored.
func (k *Keeper) setPool(ctx context.Context, amount math.Int) error {
	if amount.IsZero() {
		return k.pools.Remove(ctx, token.BaseDenom)
	}
	return k.pools.Set(ctx, token.BaseDenom, amount)
}

// sweepSpending removes rows of periods before the closed one, at most MaxSpendingSweep a block.
func (k *Keeper) sweepSpending(ctx context.Context) error {
	closed, err := k.closed.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	type key = collections.Pair[uint64, string]
	var old []key
	err = k.spending.Walk(ctx, nil, func(at key, _ math.Int) (bool, error) {
		if at.K1() >= closed.Number {
			return true, nil
		}
		old = append(old, at)
		return len(old) == types.MaxSpendingSweep, nil
	})
	if err != nil {
		return err
	}
	for _, at := range old {
		if err := k.spending.Remove(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// FundParticipation adds STREAM to the participation pool, for emission. The caller must send the
// coins to this module's account in the same step.
func (k *Keeper) FundParticipation(ctx context.Context, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	return addTo(ctx, k.pools, token.BaseDenom, amount)
}
