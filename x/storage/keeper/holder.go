package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// OfferKeys makes a provider one of those who are drawn to hold keys, or, without a key, takes that back. Sets that it is in stay as they
// are. Emits EventKeysOffered. Errors: ErrProviderNotFound, ErrProviderInactive.
func (k *Keeper) OfferKeys(ctx context.Context, agent sdk.AccAddress, sealKey []byte) error {
	p, err := k.ProviderByAgent(ctx, agent)
	if err != nil {
		return err
	}
	if p.Status != types.PROVIDER_STATUS_ACTIVE {
		return errorsmod.Wrap(types.ErrProviderInactive, p.Operator)
	}
	period, err := k.Period(ctx)
	if err != nil {
		return err
	}
	before := p
	p.SealKey = sealKey
	switch {
	case len(sealKey) == 0:
		p.OfferedKeysAt = 0
	case len(before.SealKey) == 0:
		p.OfferedKeysAt = period.Number
	}
	if err := k.putProvider(ctx, before, p); err != nil {
		return err
	}
	return emit(ctx, &types.EventKeysOffered{Operator: p.Operator, SealKey: sealKey})
}

// moveWilling keeps the list of who is drawn in step with a provider's row.
func (k *Keeper) moveWilling(ctx context.Context, before, after types.Provider) error {
	switch was, is := before.Willing(), after.Willing(); {
	case is && !was:
		count, err := k.countWilling(ctx)
		if err != nil {
			return err
		}
		return k.putWilling(ctx, count, after.Operator, count+1)
	case was && !is:
		return k.dropWilling(ctx, before.Operator)
	}
	return nil
}

// dropWilling takes a provider off the list; the last one takes its place.
func (k *Keeper) dropWilling(ctx context.Context, operator string) error {
	at, err := k.willingSlot.Get(ctx, operator)
	if err != nil {
		return err
	}
	count, err := k.countWilling(ctx)
	if err != nil {
		return err
	}
	last, err := k.willing.Get(ctx, count-1)
	if err != nil {
		return err
	}
	if err := k.willingSlot.Remove(ctx, operator); err != nil {
		return err
	}
	if err := k.willing.Remove(ctx, count-1); err != nil {
		return err
	}
	if last == operator {
		return k.setWillingCount(ctx, count-1)
	}
	return k.putWilling(ctx, at, last, count-1)
}

func (k *Keeper) putWilling(ctx context.Context, at uint64, operator string, count uint64) error {
	if err := k.willing.Set(ctx, at, operator); err != nil {
		return err
	}
	if err := k.willingSlot.Set(ctx, operator, at); err != nil {
		return err
	}
	return k.setWillingCount(ctx, count)
}

func (k *Keeper) setWillingCount(ctx context.Context, count uint64) error {
	if count == 0 {
		return k.willingCount.Remove(ctx)
	}
	return k.willingCount.Set(ctx, count)
}

func (k *Keeper) countWilling(ctx context.Context) (uint64, error) {
	count, err := k.willingCount.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return count, err
}

// putPending writes the set that is being prepared for root, nil for none, and the seats that come and go with it.
func (k *Keeper) putPending(ctx context.Context, s *types.KeySet, root string) error {
	before, err := k.seatsOf(ctx, root)
	if err != nil {
		return err
	}
	if s == nil {
		err = k.pendingSets.Remove(ctx, root)
	} else {
		err = k.pendingSets.Set(ctx, root, *s)
	}
	if err != nil {
		return err
	}
	return k.reseat(ctx, root, before)
}

// answer makes a set the one that answers.
func (k *Keeper) answer(ctx context.Context, s types.KeySet) error {
	before, err := k.seatsOf(ctx, s.Root)
	if err != nil {
		return err
	}
	if err := k.pendingSets.Remove(ctx, s.Root); err != nil {
		return err
	}
	if err := k.keySets.Set(ctx, s.Root, s); err != nil {
		return err
	}
	if err := k.reseat(ctx, s.Root, before); err != nil {
		return err
	}
	return emit(ctx, &types.EventKeySetActive{KeySet: s})
}

// seatsOf are the operators that hold shares of a work's keys, or were drawn for them.
func (k *Keeper) seatsOf(ctx context.Context, root string) ([]string, error) {
	var out []string
	for _, get := range []func(context.Context, string) (types.KeySet, error){k.ActiveKeySet, k.pendingKeySet} {
		s, err := get(ctx, root)
		if err != nil && !errors.Is(err, types.ErrNoKeySet) {
			return nil, err
		}
		for _, h := range s.Holders {
			out = append(out, h.Operator)
		}
	}
	return out, nil
}

func (k *Keeper) reseat(ctx context.Context, root string, before []string) error {
	for _, operator := range before {
		if err := k.seats.Remove(ctx, collections.Join(operator, root)); err != nil {
			return err
		}
	}
	after, err := k.seatsOf(ctx, root)
	if err != nil {
		return err
	}
	for _, operator := range after {
		if err := k.seats.Set(ctx, collections.Join(operator, root)); err != nil {
			return err
		}
	}
	return nil
}

// HasKeySet says whether somebody answers for the keys of the work whose first version is root.
func (k *Keeper) HasKeySet(ctx context.Context, root string) (bool, error) {
	return k.keySets.Has(ctx, root)
}

// PayHolders shares ustream out among those who hold the keys of the work whose first version is root, in equal parts; what does not divide
// goes to the pool. It is a ledger entry: the coins follow from x/revenue at the end of the block. Nothing is paid, and paid is false, where the
// work has no active set. Errors: ErrInvalidAmount.
func (k *Keeper) PayHolders(ctx context.Context, root string, amount math.Int) (paid bool, err error) {
	s, err := k.ActiveKeySet(ctx, root)
	if errors.Is(err, types.ErrNoKeySet) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := types.ValidateAmount(amount); err != nil {
		return false, err
	}
	nano := types.Nano(amount)
	part := nano.QuoRaw(int64(len(s.Holders)))
	for _, h := range s.Holders {
		if err := k.addEarned(ctx, h.Operator, part); err != nil {
			return false, err
		}
	}
	return true, k.poolAdd(ctx, nano.Sub(part.MulRaw(int64(len(s.Holders)))))
}
