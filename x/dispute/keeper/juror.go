package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// GetJuror returns a juror. Errors: ErrJurorNotFound.
func (k *Keeper) GetJuror(ctx context.Context, addr sdk.AccAddress) (types.Juror, error) {
	j, err := k.jurors.Get(ctx, addr)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Juror{}, errorsmod.Wrap(types.ErrJurorNotFound, addr.String())
	}
	return j, err
}

// StakeJuror adds ustream to a juror's stake. It counts from the second of the beacon's periods
// after this one: by then no seed is known that was when it changed. Emits EventJurorStaked.
// Errors: ErrStakeTooSmall, ErrStakeTooLarge and the bank's.
func (k *Keeper) StakeJuror(ctx context.Context, addr sdk.AccAddress, amount math.Int) (uint64, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return 0, err
	}
	j, err := k.GetJuror(ctx, addr)
	if errors.Is(err, types.ErrJurorNotFound) {
		j = types.NewJuror(addr.String())
	} else if err != nil {
		return 0, err
	}
	j.Stake = j.Stake.Add(amount)
	if j.Stake.LT(params.MinStake) {
		return 0, errorsmod.Wrapf(types.ErrStakeTooSmall, "%sustream of %s", j.Stake, params.MinStake)
	}
	if j.Stake.BigInt().BitLen() > 62 { // a stake of every coin there is has 47
		return 0, errorsmod.Wrap(types.ErrStakeTooLarge, j.Stake.String())
	}
	if err := k.lock(ctx, addr, amount, "stake"); err != nil {
		return 0, err
	}
	if err := k.jurors.Set(ctx, addr, j); err != nil {
		return 0, err
	}
	from, err := k.queueWeight(ctx, addr, j, params)
	if err != nil {
		return 0, err
	}
	return from, emit(ctx, &types.EventJurorStaked{Juror: j.Address, Amount: amount, Stake: j.Stake, CountsFrom: from})
}

// UnstakeJuror takes free stake back; it can be claimed unstake_seconds later, together with what
// was taken back before and not claimed. Emits EventJurorUnstaked.
// Errors: ErrJurorNotFound, ErrStakeLocked, ErrStakeTooSmall.
func (k *Keeper) UnstakeJuror(ctx context.Context, addr sdk.AccAddress, amount math.Int) (int64, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return 0, err
	}
	j, err := k.GetJuror(ctx, addr)
	if err != nil {
		return 0, err
	}
	if amount.GT(j.Free()) {
		return 0, errorsmod.Wrapf(types.ErrStakeLocked, "%sustream are free", j.Free())
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return 0, err
	}
	j.Stake = j.Stake.Sub(amount)
	if j.Stake.IsPositive() && j.Stake.LT(params.MinStake) {
		return 0, errorsmod.Wrapf(types.ErrStakeTooSmall, "%sustream would be left, of %s", j.Stake, params.MinStake)
	}
	j.Unstaking, j.UnstakeAt = j.Unstaking.Add(amount), now+params.UnstakeSeconds
	if err := k.jurors.Set(ctx, addr, j); err != nil {
		return 0, err
	}
	if _, err := k.queueWeight(ctx, addr, j, params); err != nil {
		return 0, err
	}
	return j.UnstakeAt, emit(ctx, &types.EventJurorUnstaked{Juror: j.Address, Amount: amount, Stake: j.Stake, ClaimableAt: j.UnstakeAt})
}

// Claimable is what an account can claim now: bonds that returned, rewards, and stake whose wait is over.
func (k *Keeper) Claimable(ctx context.Context, addr sdk.AccAddress) (math.Int, error) {
	amount, err := k.owedTo(ctx, addr)
	if err != nil {
		return math.Int{}, err
	}
	free, err := k.unstaked(ctx, addr)
	return amount.Add(free), err
}

// unstaked is the stake of an account whose wait is over.
func (k *Keeper) unstaked(ctx context.Context, addr sdk.AccAddress) (math.Int, error) {
	j, err := k.GetJuror(ctx, addr)
	if errors.Is(err, types.ErrJurorNotFound) {
		return math.ZeroInt(), nil
	} else if err != nil {
		return math.ZeroInt(), err
	}
	now, err := k.clock.Now(ctx)
	if err != nil || now < j.UnstakeAt {
		return math.ZeroInt(), err
	}
	return j.Unstaking, nil
}

// ClaimOwed pays out what is claimable. Emits EventClaimed. Errors: ErrNothingOwed, the bank's.
func (k *Keeper) ClaimOwed(ctx context.Context, addr sdk.AccAddress) (math.Int, error) {
	amount, err := k.Claimable(ctx, addr)
	if err != nil {
		return math.Int{}, err
	}
	if !amount.IsPositive() {
		return math.Int{}, errorsmod.Wrap(types.ErrNothingOwed, addr.String())
	}
	free, err := k.unstaked(ctx, addr)
	if err != nil {
		return math.Int{}, err
	}
	if free.IsPositive() {
		if err := k.dropUnstaked(ctx, addr); err != nil {
			return math.Int{}, err
		}
	}
	if err := k.owed.Remove(ctx, addr); err != nil {
		return math.Int{}, err
	}
	if err := k.pay(ctx, addr, amount); err != nil {
		return math.Int{}, err
	}
	return amount, emit(ctx, &types.EventClaimed{Account: addr.String(), Amount: amount})
}

func (k *Keeper) dropUnstaked(ctx context.Context, addr sdk.AccAddress) error {
	j, err := k.GetJuror(ctx, addr)
	if err != nil {
		return err
	}
	j.Unstaking, j.UnstakeAt = math.ZeroInt(), 0
	if j.Gone() {
		return k.jurors.Remove(ctx, addr)
	}
	return k.jurors.Set(ctx, addr, j)
}

// newestPeriod is the number of the period whose seed is known last; zero before the first block has ended.
func (k *Keeper) newestPeriod(ctx context.Context) (uint64, error) {
	period, _, err := k.storage.Seed(ctx)
	if errors.Is(err, storagetypes.ErrNotBegun) {
		return 0, nil
	}
	return period, err
}

// queueWeight lets a stake count from a period on whose seed nobody can know yet. The weight is
// kept as it is now: a later change must wait for its own period.
func (k *Keeper) queueWeight(ctx context.Context, addr sdk.AccAddress, j types.Juror, params types.Params) (uint64, error) {
	period, err := k.newestPeriod(ctx)
	if err != nil {
		return 0, err
	}
	from := period + types.SeedLead
	return from, k.changes.Set(ctx, collections.Join(from, addr.Bytes()), j.Counts(params))
}

// applyChanges lets the stakes count whose period has come, at most MaxChanges, first due first.
// What fails is tried again in the next block: it holds up only later changes, never a draw.
func (k *Keeper) applyChanges(ctx context.Context, period uint64) error {
	var due []changeKey
	err := k.changes.Walk(ctx, collections.NewPrefixUntilPairRange[uint64, []byte](period), func(key changeKey, _ uint64) (bool, error) {
		due = append(due, key)
		return len(due) == types.MaxChanges, nil
	})
	if err != nil {
		return err
	}
	for _, key := range due {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.applyChange(ctx, key) }); err != nil {
			sdk.UnwrapSDKContext(ctx).Logger().Error("dispute: a stake does not count yet", "juror", sdk.AccAddress(key.K2()), "error", err)
		}
	}
	return nil
}

func (k *Keeper) applyChange(ctx context.Context, key changeKey) error {
	weight, err := k.changes.Get(ctx, key)
	if err != nil {
		return err
	}
	if err := k.changes.Remove(ctx, key); err != nil {
		return err
	}
	j, err := k.jurors.Get(ctx, key.K2())
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	return k.setWeight(ctx, j, weight)
}
