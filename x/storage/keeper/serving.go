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

// FundServing moves ustream from funder into the serving budget of the work that has the version
// cid. It does not come back. Emits EventServingFunded. Errors: content's ErrWorkNotFound,
// ErrWorkNotActive where nothing could ever earn it, and the bank's.
func (k *Keeper) FundServing(ctx context.Context, funder sdk.AccAddress, cid string, amount math.Int) error {
	root, err := k.content.RootWork(ctx, cid)
	if err != nil {
		return err
	}
	if root.Status != contenttypes.WORK_STATUS_ACTIVE {
		return errorsmod.Wrap(types.ErrWorkNotActive, root.Cid)
	}
	if err := k.lock(ctx, funder, amount, "serving"); err != nil {
		return err
	}
	s, _, err := k.servingAt(ctx, root.Cid)
	if err != nil {
		return err
	}
	s = s.Fund(types.Nano(amount))
	if err := k.servings.Set(ctx, s.Root, s); err != nil {
		return err
	}
	return emit(ctx, &types.EventServingFunded{Root: s.Root, Funder: funder.String(), Amount: amount, Balance: s.Balance()})
}

// endowServing adds ustream of the work's own revenue, whose coins follow at the end of the block.
func (k *Keeper) endowServing(ctx context.Context, root string, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	s, _, err := k.servingAt(ctx, root)
	if err != nil {
		return err
	}
	return k.servings.Set(ctx, root, s.Endow(types.Nano(amount)))
}

// PayServing pays operator for seconds of media time of the work whose first version is root, out
// of that work's serving budget, and returns what it earned in nano-ustream: claimable like what
// deals earn. It is zero, and no error, where nothing pays: the budget or the day's part of it is
// spent, or the provider has no active deal of the work or not the bond that it must have. That
// somebody watched is for the caller to know. Emits EventServingPaid where it pays.
func (k *Keeper) PayServing(ctx context.Context, root, operator string, seconds uint64) (math.Int, error) {
	none := math.ZeroInt()
	if has, err := k.servings.Has(ctx, root); err != nil || !has {
		return none, err
	}
	serves, err := k.serves(ctx, root, operator)
	if err != nil || !serves {
		return none, err
	}
	s, now, err := k.servingAt(ctx, root)
	if err != nil {
		return none, err
	}
	day, err := k.servingDay(ctx, root, operator, now)
	if err != nil {
		return none, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return none, err
	}
	e, _, err := k.touch(ctx, root)
	if err != nil {
		return none, err
	}
	pay := s.PayFor(params, seconds, e.Deals, day.Paid)
	if !pay.IsPositive() {
		return none, nil
	}
	s = s.Pay(pay)
	day.Paid = day.Paid.Add(pay)
	if err := k.servings.Set(ctx, root, s); err != nil {
		return none, err
	}
	if err := k.servingDays.Set(ctx, collections.Join(root, operator), day); err != nil {
		return none, err
	}
	if err := k.addEarned(ctx, operator, pay); err != nil {
		return none, err
	}
	return pay, emit(ctx, &types.EventServingPaid{Root: root, Operator: operator, Seconds: seconds, Paid: pay, Balance: s.Balance()})
}

// servingAt is a work's serving budget in the day of now, new and empty where there is none, and now.
func (k *Keeper) servingAt(ctx context.Context, root string) (types.Serving, int64, error) {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Serving{}, 0, err
	}
	s, err := k.servings.Get(ctx, root)
	if errors.Is(err, collections.ErrNotFound) {
		s, err = types.NewServing(root), nil
	}
	return s.At(now), now, err
}

func (k *Keeper) servingDay(ctx context.Context, root, operator string, now int64) (types.ServingDay, error) {
	day, err := k.servingDays.Get(ctx, collections.Join(root, operator))
	if errors.Is(err, collections.ErrNotFound) {
		day, err = types.ServingDay{Root: root, Operator: operator, Paid: math.ZeroInt()}, nil
	}
	return day.At(now), err
}

// serves reports whether the provider keeps a version of the work, with the bond that it must
// have: one that can lose nothing earns nothing by what it says of viewers.
func (k *Keeper) serves(ctx context.Context, root, operator string) (bool, error) {
	p, err := k.GetProvider(ctx, operator)
	if errors.Is(err, types.ErrProviderNotFound) {
		return false, nil
	}
	if err != nil || p.Status != types.PROVIDER_STATUS_ACTIVE {
		return false, err
	}
	params, err := k.Params(ctx)
	if err != nil || p.Bond.LT(params.RequiredBond(p.CapacityBytes)) {
		return false, err
	}
	// most works have one version: its deal is found without a walk
	d, err := k.GetDeal(ctx, root, operator)
	if err == nil && d.Status == types.DEAL_STATUS_ACTIVE {
		return true, nil
	}
	if err != nil && !errors.Is(err, types.ErrDealNotFound) {
		return false, err
	}
	return k.keepsVersion(ctx, root, operator)
}

func (k *Keeper) keepsVersion(ctx context.Context, root, operator string) (bool, error) {
	found := false
	rng := collections.NewPrefixedTripleRange[string, string, string](root)
	err := k.byRoot.Walk(ctx, rng, func(key rootKey) (bool, error) {
		if key.K3() != operator {
			return false, nil
		}
		d, err := k.GetDeal(ctx, key.K2(), operator)
		found = err == nil && d.Status == types.DEAL_STATUS_ACTIVE
		return found, err
	})
	return found, err
}

// forgetServing removes what a provider earned by serving in a day that is over, when its deal ends.
func (k *Keeper) forgetServing(ctx context.Context, d types.Deal) error {
	key := collections.Join(d.Root, d.Operator)
	if has, err := k.servingDays.Has(ctx, key); err != nil || !has {
		return err
	}
	s, now, err := k.servingAt(ctx, d.Root)
	if err != nil {
		return err
	}
	day, err := k.servingDays.Get(ctx, key)
	if err != nil || day.Day >= now/types.DaySeconds {
		return err
	}
	// the budget's own day moves on too: its sum is that of the rows of its day
	if err := k.servings.Set(ctx, s.Root, s); err != nil {
		return err
	}
	return k.servingDays.Remove(ctx, key)
}

// servingState is a work's serving budget as queries show it.
func (k *Keeper) servingState(ctx context.Context, root string) (types.ServingState, error) {
	s, _, err := k.servingAt(ctx, root)
	if err != nil {
		return types.ServingState{}, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.ServingState{}, err
	}
	e, _, err := k.touch(ctx, root)
	if err != nil {
		return types.ServingState{}, err
	}
	return types.ServingState{
		Balance: s.Balance(), PaidToday: s.Paid, CapToday: s.Cap(params.ServingDailyBps),
		ProviderCapToday: s.ProviderCap(params.ServingDailyBps, e.Deals), Rate: params.ServingRate, PaidIn: s.PaidIn,
	}, nil
}

func (k *Keeper) initServings(ctx context.Context, gs types.GenesisState) error {
	for _, s := range gs.Servings {
		if err := k.servings.Set(ctx, s.Root, s); err != nil {
			return err
		}
	}
	for _, d := range gs.ServingDays {
		if err := k.servingDays.Set(ctx, collections.Join(d.Root, d.Operator), d); err != nil {
			return err
		}
	}
	return nil
}
