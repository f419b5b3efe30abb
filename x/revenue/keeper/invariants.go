package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// Liabilities is all that custody owes by this module's ledgers, at any moment of a block:
// claimable, held, pools, unswept, and what the block has booked and not moved yet. It walks
// every row, so it is for checks and tools.
func (k *Keeper) Liabilities(ctx context.Context) (sdk.Coins, error) {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return nil, err
	}
	owed := gs.Liabilities()
	for _, p := range k.blockPayouts(ctx) {
		owed = owed.Add(p.coins...)
	}
	for _, s := range k.blockAmounts(ctx) {
		for kind := types.PART_KIND_STAKERS; kind.Known(); kind++ {
			owed = add(owed, s.denom, s.amounts[kind])
		}
		// what was claimed of rebates is booked as a payout, and still reserved until the end of the block
		if claimed := s.amounts[claimedSlot]; !claimed.IsNil() && claimed.IsPositive() {
			owed = owed.Sub(sdk.Coin{Denom: s.denom, Amount: claimed})
		}
	}
	return owed, nil
}

// InFlight is what came into custody in this block and is not in its balance yet.
func (k *Keeper) InFlight(ctx context.Context) sdk.Coins {
	var coins sdk.Coins
	for _, s := range k.blockAmounts(ctx) {
		coins = add(coins, s.denom, s.amounts[collected])
	}
	return coins
}

func add(coins sdk.Coins, denom string, amount math.Int) sdk.Coins {
	if amount.IsNil() || !amount.IsPositive() {
		return coins
	}
	return coins.Add(sdk.Coin{Denom: denom, Amount: amount})
}

// CheckInvariants returns an error where custody, with what is in flight, does not cover what
// it owes by this module's ledgers and by those of others (external: the escrows of x/stream),
// or where the state is not consistent. It may hold more: anybody can send coins to it.
func (k *Keeper) CheckInvariants(ctx context.Context, external sdk.Coins) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return errorsmod.Wrap(types.ErrInvariant, err.Error())
	}
	owed, err := k.Liabilities(ctx)
	if err != nil {
		return err
	}
	if err := k.requireCovered(ctx, owed.Add(external...), k.InFlight(ctx)); err != nil {
		return err
	}
	if err := k.checkPayouts(ctx, gs.Payouts); err != nil {
		return err
	}
	return k.checkQueue(ctx, gs.Holds)
}

// requireCovered refuses a custody that holds less than it owes.
func (k *Keeper) requireCovered(ctx context.Context, owed, inFlight sdk.Coins) error {
	for _, coin := range owed {
		held := k.bank.GetBalance(ctx, k.custody, coin.Denom).Amount.Add(inFlight.AmountOf(coin.Denom))
		if held.LT(coin.Amount) {
			return errorsmod.Wrapf(types.ErrInvariant, "custody holds %s%s and owes %s", held, coin.Denom, coin)
		}
	}
	return nil
}

// errTooMany ends a walk early.
var errTooMany = errors.New("too many rows")

// checkQueue refuses a queue that is not exactly one entry for each hold: with each found in
// it, equal counts mean that nothing else is in it.
func (k *Keeper) checkQueue(ctx context.Context, holds []types.Hold) error {
	for _, h := range holds {
		if queued, err := k.holdQueue.Has(ctx, queueKeyOf(h)); err != nil || !queued {
			return errorsmod.Wrapf(types.ErrInvariant, "hold %s is not queued for its end", h.Id)
		}
		if stored, err := k.holds.Get(ctx, collections.Join(h.Payment.Payer, h.Sequence)); err != nil || stored.Id != h.Id {
			return errorsmod.Wrapf(types.ErrInvariant, "hold %s is stored under another id", h.Id)
		}
	}
	queued := 0
	err := k.holdQueue.Walk(ctx, nil, func(queueKey) (bool, error) {
		if queued++; queued > len(holds) {
			return true, errTooMany
		}
		return false, nil
	})
	if errors.Is(err, errTooMany) {
		return errorsmod.Wrapf(types.ErrInvariant, "the queue has more than %d holds", len(holds))
	}
	return err
}

// checkPayouts refuses a payout that waits and is not in the queue.
func (k *Keeper) checkPayouts(ctx context.Context, payouts []types.Payout) error {
	waiting := 0
	for _, p := range payouts {
		if p.QueuedAt == 0 {
			continue
		}
		waiting++
		if queued, err := k.payoutQueue.Has(ctx, payoutKeyOf(p)); err != nil || !queued {
			return errorsmod.Wrapf(types.ErrInvariant, "the payout of %s is not queued", p.Recipient)
		}
	}
	queued := 0
	err := k.payoutQueue.Walk(ctx, nil, func(collections.Triple[int64, string, string]) (bool, error) {
		queued++
		return queued > waiting, nil
	})
	if err == nil && queued != waiting {
		err = errorsmod.Wrapf(types.ErrInvariant, "the queue has not %d payouts", waiting)
	}
	return err
}
