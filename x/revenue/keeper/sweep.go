package keeper

import (
	"context"
	"fmt"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// sweep pays the protocol's parts: those of this block and those that earlier blocks could not
// pay. It makes one transfer for each denom and kind, however many payments there were.
func (k *Keeper) sweep(ctx context.Context) error {
	sums := k.blockAmounts(ctx)
	// even where what earlier blocks left cannot be read, this block's parts are booked
	kept, err := k.keptDenoms(ctx)
	for _, denom := range kept {
		if !slices.ContainsFunc(sums, func(s denomAmounts) bool { return s.denom == denom }) {
			sums = append(sums, denomAmounts{denom: denom})
		}
	}
	for _, s := range sums {
		for kind := types.PART_KIND_STAKERS; kind.Known(); kind++ {
			k.sweepPart(ctx, s.denom, kind, s.amounts[kind])
		}
	}
	return err
}

// keptDenoms are the denoms of unswept parts.
func (k *Keeper) keptDenoms(ctx context.Context) ([]string, error) {
	var denoms []string
	err := guard(func() error {
		return k.unswept.Walk(ctx, nil, func(key partKey, _ math.Int) (bool, error) {
			if n := len(denoms); n == 0 || denoms[n-1] != key.K1() {
				denoms = append(denoms, key.K1())
			}
			return false, nil
		})
	})
	return denoms, err
}

// sweepPart pays fresh and what earlier blocks left of one kind; where that fails, it keeps both.
func (k *Keeper) sweepPart(ctx context.Context, denom string, kind types.PartKind, fresh math.Int) {
	if fresh.IsNil() {
		fresh = math.ZeroInt()
	}
	key := collections.Join(denom, uint32(kind))
	err := safely(ctx, func(ctx sdk.Context) error {
		amount, err := amountAt(ctx, k.unswept, key)
		if err != nil {
			return err
		}
		amount = amount.Add(fresh)
		if amount.IsZero() {
			return nil
		}
		if err := k.unswept.Remove(ctx, key); err != nil {
			return err
		}
		coin := sdk.Coin{Denom: denom, Amount: amount}
		if err := k.payPart(ctx, kind, coin); err != nil {
			return err
		}
		if err := addTo(ctx, k.swept, key, amount); err != nil {
			return err
		}
		return emit(ctx, &types.EventSwept{Kind: kind, Coin: coin})
	})
	if err == nil {
		return
	}
	sdk.UnwrapSDKContext(ctx).Logger().Error("revenue: parts not swept", "kind", kind.String(), "denom", denom, "error", err)
	if fresh.IsPositive() {
		err = safely(ctx, func(ctx sdk.Context) error { return addTo(ctx, k.unswept, key, fresh) })
		if err != nil {
			// only where the ledger itself cannot be read: the next event is the record of the debt
			k.report(ctx, &types.EventBlockStepFailed{Step: "sweep"})
		}
	}
	k.report(ctx, &types.EventSweepFailed{Kind: kind, Coin: sdk.Coin{Denom: denom, Amount: fresh}})
}

// payPart moves the parts of one kind to their place.
func (k *Keeper) payPart(ctx context.Context, kind types.PartKind, coin sdk.Coin) error {
	switch kind {
	case types.PART_KIND_STAKERS:
		return k.sendToModule(ctx, k.stakers, coin)
	case types.PART_KIND_TREASURY:
		return k.sendToModule(ctx, k.treasury, coin)
	case types.PART_KIND_PARTICIPATION:
		return addTo(ctx, k.pools, coin.Denom, coin.Amount)
	case types.PART_KIND_BURN:
		return k.bank.BurnCoins(ctx, types.ModuleName, sdk.Coins{coin})
	case types.PART_KIND_ENDOWMENT:
		return k.sendToModule(ctx, k.storing, coin)
	case types.PART_KIND_STORAGE_POOL:
		if err := k.storage.FundPool(ctx, coin.Amount); err != nil {
			return err
		}
		return k.sendToModule(ctx, k.storing, coin)
	default:
		return fmt.Errorf("no part of kind %d", kind)
	}
}

// sendToModule sends custody's coins to a module account, which it registers where it is new.
func (k *Keeper) sendToModule(ctx context.Context, module string, coin sdk.Coin) error {
	account := k.account.GetModuleAccount(ctx, module)
	if account == nil {
		return fmt.Errorf("no module account %s", module)
	}
	return k.bank.SendCoins(ctx, k.custody, account.GetAddress(), sdk.Coins{coin})
}
