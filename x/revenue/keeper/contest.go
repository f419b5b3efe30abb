package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// ContestHold keeps amount of a held payment until a later time, for a dispute about it: RefundHold
// or ReleaseHold end that before. The rest goes its way: it is split off the contested sum, which
// gets an id of its own. Where less than MinContest would be left on either side, all of the
// hold waits and keeps its id. It returns the id that has the contested sum. No coins move.
// Emits EventHoldContested. Errors: those of GetHold, ErrInvalidContest.
func (k *Keeper) ContestHold(ctx context.Context, id string, amount math.Int, until int64) (string, error) {
	h, err := k.GetHold(ctx, id)
	if err != nil {
		return "", err
	}
	if amount.IsNil() || !amount.IsPositive() || amount.GT(h.Charged) || until <= h.ReleaseAt || until > h.HeldAt+types.MaxContestSeconds {
		return "", errorsmod.Wrapf(types.ErrInvalidContest, "%s", id)
	}
	contested := h
	least := math.NewInt(types.MinContest)
	if amount.LT(least) || h.Charged.Sub(amount).LT(least) {
		amount = h.Charged
	} else if contested, err = k.splitHold(ctx, h, amount); err != nil {
		return "", err
	}
	if err := k.removeHold(ctx, contested); err != nil {
		return "", err
	}
	contested.ReleaseAt, contested.DueAt = until, until
	if err := k.setHold(ctx, contested); err != nil {
		return "", err
	}
	return contested.Id, emit(ctx, &types.EventHoldContested{
		HoldId: h.Id, ContestedId: contested.Id, Amount: sdk.Coin{Denom: h.Payment.Gross.Denom, Amount: amount}, ReleaseAt: until,
	})
}

// splitHold takes amount of what was charged out of a hold into a new one. Price and discount
// go with it in proportion: what one side's price rounds down to, the other side has.
func (k *Keeper) splitHold(ctx context.Context, h types.Hold, amount math.Int) (types.Hold, error) {
	gross := h.Payment.Gross.Amount
	discount := types.MulDiv(gross.Sub(h.Charged), amount, h.Charged)
	sequence, err := k.nextSequence(ctx, h.Payment.Payer)
	if err != nil {
		return types.Hold{}, err
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(types.ReleaseGas, "release of the contested sum")
	part := h
	part.Id, part.Sequence, part.PartOf = types.HoldID(h.Payment.Payer, sequence), sequence, h.Id
	part.Payment.Gross.Amount, part.Charged = amount.Add(discount), amount
	h.Payment.Gross.Amount, h.Charged = gross.Sub(part.Payment.Gross.Amount), h.Charged.Sub(amount)
	if err := k.setHold(ctx, h); err != nil {
		return types.Hold{}, err
	}
	return part, k.setHold(ctx, part)
}
