package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/template"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// RefundByTemplate gives buyer back what the terms of recipient's last purchase let come back now, and the purchase does not count
// any more: whoever takes money back gives up what it bought. What is kept is shared out when the refund window ends.
// Emits EventTemplateRefunded. Errors: ErrNoRefund, content's for the id, revenue's.
func (k *Keeper) RefundByTemplate(ctx context.Context, buyer, recipient sdk.AccAddress, id string) (sdk.Coin, error) {
	i, err := k.item(ctx, id)
	if err != nil {
		return sdk.Coin{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return sdk.Coin{}, err
	}
	q, err := k.ask(ctx, i, i.root, recipient, now)
	if err != nil {
		return sdk.Coin{}, err
	}
	hold, err := k.lastHold(ctx, q, buyer)
	if err != nil {
		return sdk.Coin{}, err
	}
	bps, err := k.askRefund(ctx, q)
	if err != nil {
		return sdk.Coin{}, err
	}
	back := sdk.Coin{Denom: hold.Payment.Gross.Denom, Amount: hold.Charged.MulRaw(bps).QuoRaw(template.FullBps)}
	if !back.IsPositive() {
		return sdk.Coin{}, errorsmod.Wrap(types.ErrNoRefund, i.id)
	}
	// first: x/revenue tells of refunds, and this one is known
	if err := k.removePurchase(ctx, q, hold.Id); err != nil {
		return sdk.Coin{}, err
	}
	part, err := k.partOfHold(ctx, hold, back)
	if err != nil {
		return sdk.Coin{}, err
	}
	refunded, err := k.revenue.RefundHold(ctx, part)
	if err != nil {
		return sdk.Coin{}, err
	}
	return sdk.Coin{Denom: back.Denom, Amount: refunded.Charged}, nil
}

// lastHold is the payment of the viewer's last purchase, where buyer paid it and its window is open. Errors: ErrNoRefund.
func (k *Keeper) lastHold(ctx context.Context, q question, buyer sdk.AccAddress) (revenuetypes.Hold, error) {
	n := len(q.standing.Recent)
	if n == 0 || q.now >= q.standing.Recent[n-1].ReleaseAt {
		return revenuetypes.Hold{}, errorsmod.Wrapf(types.ErrNoRefund, "%s has no purchase in its refund window", q.viewer)
	}
	hold, err := k.revenue.GetHold(ctx, q.standing.Recent[n-1].HoldId)
	if errors.Is(err, revenuetypes.ErrHoldNotFound) || (err == nil && hold.Payment.Payer != buyer.String()) {
		return revenuetypes.Hold{}, errorsmod.Wrapf(types.ErrNoRefund, "%s did not pay for it", buyer)
	}
	return hold, err
}

// askRefund asks the terms of the last purchase. An error gives nothing back. Errors: ErrNoRefund.
func (k *Keeper) askRefund(ctx context.Context, q question) (int64, error) {
	if q.standing.Terms == nil {
		return 0, errorsmod.Wrap(types.ErrNoRefund, q.item.id)
	}
	m, err := k.model(ctx, *q.standing.Terms)
	if err != nil {
		return 0, err
	}
	chargeUnits(ctx, m.program.Cost().Refund)
	facts, err := k.facts(ctx, m.program, q)
	if err != nil {
		return 0, err
	}
	bps, err := m.Bound.Refund(facts)
	if err != nil {
		return 0, errorsmod.Wrapf(types.ErrNoRefund, "%s: %s", m.Id, err)
	}
	return bps, nil
}

// partOfHold is the id of a hold of amount: of the whole where that is all of it, or where less would be left than x/revenue keeps
// by itself. Errors: ErrNoRefund for an amount that is too small to go by itself.
func (k *Keeper) partOfHold(ctx context.Context, hold revenuetypes.Hold, amount sdk.Coin) (string, error) {
	if amount.Amount.Equal(hold.Charged) {
		return hold.Id, nil
	}
	if amount.Amount.LT(math.NewInt(revenuetypes.MinContest)) {
		return "", errorsmod.Wrapf(types.ErrNoRefund, "%s is too little to go by itself", amount)
	}
	return k.revenue.ContestHold(ctx, hold.Id, amount.Amount, hold.ReleaseAt+1)
}

// revokeByTemplate takes out the purchase that a refunded payment made. A hold that no purchase names is another's, or was taken
// out before: it changes nothing.
func (k *Keeper) revokeByTemplate(ctx context.Context, hold revenuetypes.Hold) error {
	viewer, i, ok := boughtBy(hold.Payment)
	if !ok {
		return nil
	}
	standing, err := k.standings.Get(ctx, collections.Join([]byte(viewer), i.key))
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	totals, err := k.totalsOf(ctx, i)
	if err != nil {
		return err
	}
	q := question{item: i, viewer: viewer, standing: standing, totals: totals}
	for _, holdID := range []string{hold.Id, hold.PartOf} {
		if _, _, found := standing.Remove(holdID); found {
			return k.removePurchase(ctx, q, holdID)
		}
	}
	return nil
}

// removePurchase takes one purchase out of a standing and the totals. Emits EventTemplateRefunded.
func (k *Keeper) removePurchase(ctx context.Context, q question, holdID string) error {
	standing, gone, found := q.standing.Remove(holdID)
	if !found {
		return errorsmod.Wrap(types.ErrInvariant, holdID)
	}
	none := standing.Sum().Purchases == 0
	if none {
		if err := k.unrefer(ctx, q); err != nil {
			return err
		}
		standing.Terms, standing.Referrer, standing.CollectionVersion = nil, "", 0
	}
	q.standing = standing
	q.totals.Uncount(gone.Price, none)
	if err := k.setStanding(ctx, q); err != nil {
		return err
	}
	return emit(ctx, &types.EventTemplateRefunded{Viewer: standing.Viewer, Work: standing.Work, HoldId: holdID})
}

// unrefer takes back what a viewer without purchases counted for the one who brought it.
func (k *Keeper) unrefer(ctx context.Context, q question) error {
	if q.standing.Referrer == "" {
		return nil
	}
	by, err := k.referrer(ctx, q, q.standing.Referrer)
	if err != nil {
		return err
	}
	by.Referrals -= min(by.Referrals, 1)
	key := standingKey(by, q.item)
	if by.Referrals == 0 && by.Terms == nil {
		return k.standings.Remove(ctx, key)
	}
	return k.standings.Set(ctx, key, by)
}
