package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/stream/types"
)

// tipReference is what x/revenue's events call a tip; its memo is in EventTipped.
const tipReference = "tip"

// Tip pays the creator of subject, a work's CID or a creator id, from the payer's account: amount
// less the discount of the payer's tier, of which the creator has its part of all of amount.
// Emits EventTipped. Errors: ErrInvalidAmount, ErrInvalidMemo, those of
// content.ResolveSubject, revenue.Collect and revenue.Distribute.
func (k *Keeper) Tip(ctx context.Context, payer sdk.AccAddress, subject string, amount sdk.Coin, memo string) error {
	if err := types.ValidateAmount(amount); err != nil {
		return err
	}
	if err := types.ValidateMemo(memo); err != nil {
		return err
	}
	tier, err := k.TierOf(ctx, payer)
	if err != nil {
		return err
	}
	p := revenuetypes.Payment{
		Rail: revenuetypes.RAIL_TIP, Subject: subject, Payer: payer.String(), Gross: amount, Reference: tipReference, DiscountBps: tier.DiscountBps(),
	}
	charged, err := k.revenue.Quote(ctx, p)
	if err != nil {
		return err
	}
	if err := k.revenue.Collect(ctx, payer, charged); err != nil {
		return err
	}
	d, err := k.revenue.Distribute(ctx, p)
	if err != nil {
		return err
	}
	return emit(ctx, &types.EventTipped{Payer: d.Payer, Subject: d.Subject, Creator: d.Creator, Amount: amount, Memo: memo})
}
