package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// passHeld is a viewer's subscription to a pass, where there is one.
type passHeld struct {
	types.PassSubscription
	key    viewerPass
	pass   types.Pass
	params types.Params
	known  bool  // a row was there
	stored int64 // when it was due
	now    int64
}

// heldPass reads viewer's subscription. Errors: ErrInvalidPassID, ErrPassNotFound.
func (k *Keeper) heldPass(ctx context.Context, viewer sdk.AccAddress, passID string) (passHeld, error) {
	number, pass, err := k.pass(ctx, passID)
	if err != nil {
		return passHeld{}, err
	}
	h := passHeld{key: collections.Join([]byte(viewer), number), pass: pass}
	if h.now, err = k.clock.Now(ctx); err != nil {
		return passHeld{}, err
	}
	if h.params, err = k.params.Get(ctx); err != nil {
		return passHeld{}, err
	}
	row, err := k.passSubs.Get(ctx, h.key)
	if errors.Is(err, collections.ErrNotFound) {
		h.PassSubscription = types.PassSubscription{
			Viewer: viewer.String(), Pass: pass.Id, PeriodSeconds: pass.PeriodSeconds, Carried: math.ZeroInt(), MaxPrice: math.ZeroInt(),
		}
		return h, nil
	}
	h.PassSubscription, h.known, h.stored = row, true, row.DueAt
	return h, err
}

// savePass writes a subscription with its place in the queue, or removes it where no period is left.
func (k *Keeper) savePass(ctx context.Context, h passHeld) error {
	if h.known {
		if err := k.passQueue.Remove(ctx, collections.Join(h.stored, h.key)); err != nil {
			return err
		}
	}
	if len(h.Periods) == 0 {
		return k.passSubs.Remove(ctx, h.key)
	}
	h.Plan(h.params.PassCloseSeconds)
	return k.setPassSubscription(ctx, h.key, h.PassSubscription)
}

func (k *Keeper) setPassSubscription(ctx context.Context, key viewerPass, s types.PassSubscription) error {
	if err := k.passSubs.Set(ctx, key, s); err != nil {
		return err
	}
	return k.passQueue.Set(ctx, collections.Join(s.DueAt, key))
}

// SubscribePass sells recipient periods of a pass; subscriber pays all of them now. The coins stay in custody until each period has
// closed. With renewals, as many further ones can be charged to who bought for itself, at no more than max_price, each when the last one
// has ended. Emits EventPassSubscribed. Errors: ErrInvalidPassID, ErrPassNotFound, ErrPassClosed, ErrEmptyPass, ErrWrongDenom,
// ErrPriceAboveMax, ErrTooManyPasses, ErrTooManyPassGifts, ErrTooManyPassPeriods, the bank's for the coins.
func (k *Keeper) SubscribePass(ctx context.Context, subscriber, recipient sdk.AccAddress, msg *types.MsgSubscribePass) (types.PassSubscription, sdk.Coin, error) {
	h, err := k.heldPass(ctx, recipient, msg.Pass)
	if err != nil {
		return h.PassSubscription, sdk.Coin{}, err
	}
	if h.pass.Closed {
		return h.PassSubscription, sdk.Coin{}, errorsmod.Wrap(types.ErrPassClosed, msg.Pass)
	}
	if err := requireAllowed(h.pass.Price, msg.MaxPrice); err != nil {
		return h.PassSubscription, sdk.Coin{}, err
	}
	if err := k.requirePassOpen(ctx, h); err != nil {
		return h.PassSubscription, sdk.Coin{}, err
	}
	if err := k.requirePassRoom(ctx, h, subscriber, recipient); err != nil {
		return h.PassSubscription, sdk.Coin{}, err
	}
	if err := h.Add(subscriber.String(), h.pass.Price, msg.Periods, h.now); err != nil {
		return h.PassSubscription, sdk.Coin{}, err
	}
	if msg.Renewals > 0 {
		h.Renewals, h.MaxPrice = msg.Renewals, msg.MaxPrice.Amount
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(
		types.PassPeriodGas*uint64(msg.Periods+min(msg.Renewals, types.MaxPeriods)), "dealing with the ends of periods")
	paid := types.Coin(h.pass.Price.Amount.MulRaw(int64(msg.Periods)))
	if err := k.revenue.Collect(ctx, subscriber, paid); err != nil {
		return h.PassSubscription, sdk.Coin{}, err
	}
	if err := k.savePass(ctx, h); err != nil {
		return h.PassSubscription, sdk.Coin{}, err
	}
	h.Plan(h.params.PassCloseSeconds)
	return h.PassSubscription, paid, emit(ctx, &types.EventPassSubscribed{Subscription: h.PassSubscription, Paid: paid, Subscriber: subscriber.String()})
}

// requirePassOpen refuses a pass that nobody is in.
func (k *Keeper) requirePassOpen(ctx context.Context, h passHeld) error {
	some := false
	err := k.members.Walk(ctx, collections.NewPrefixedPairRange[uint64, []byte](h.key.K2()), func(_ passMember, m types.PassMember) (bool, error) {
		some = m.In()
		return some, nil
	})
	if err == nil && !some {
		err = errorsmod.Wrap(types.ErrEmptyPass, h.pass.Id)
	}
	return err
}

// requirePassRoom refuses a viewer who has as many passes as an access decision looks at, or as many as others may pay for. Each that
// has a gift counts for that, also where the viewer pays for some of its periods: those can end first.
func (k *Keeper) requirePassRoom(ctx context.Context, h passHeld, payer, viewer sdk.AccAddress) error {
	isGift := !payer.Equals(viewer) && h.Gifts() == 0
	if h.known && !isGift {
		return nil
	}
	subs, err := k.passesOf(ctx, viewer)
	if err != nil {
		return err
	}
	gifted := 0
	for _, s := range subs {
		if s.Gifts() > 0 {
			gifted++
		}
	}
	switch {
	case !h.known && len(subs) >= types.MaxViewerPasses:
		return errorsmod.Wrap(types.ErrTooManyPasses, viewer.String())
	case isGift && gifted >= types.MaxGiftedPasses:
		return errorsmod.Wrapf(types.ErrTooManyPassGifts, "%s has gifts of %d passes", viewer, gifted)
	}
	return nil
}

// passesOf are all of a viewer's subscriptions to passes.
func (k *Keeper) passesOf(ctx context.Context, viewer sdk.AccAddress) ([]types.PassSubscription, error) {
	var subs []types.PassSubscription
	err := k.passSubs.Walk(ctx, collections.NewPrefixedPairRange[[]byte, uint64](viewer), func(_ viewerPass, s types.PassSubscription) (bool, error) {
		subs = append(subs, s)
		return false, nil
	})
	return subs, err
}

// CancelPass ends renewals and gives the periods that have not begun back to who paid them; the running one goes on to its end. Emits
// EventPassCancelled. Errors: ErrInvalidPassID, ErrPassNotFound, ErrNotSubscribed.
func (k *Keeper) CancelPass(ctx context.Context, viewer sdk.AccAddress, passID string) (sdk.Coin, error) {
	h, err := k.heldPass(ctx, viewer, passID)
	if err != nil {
		return sdk.Coin{}, err
	}
	if !h.known || h.now >= h.Until(h.params.PassGraceOf(h.PeriodSeconds)) {
		return sdk.Coin{}, errorsmod.Wrapf(types.ErrNotSubscribed, "%s to %s", viewer, passID)
	}
	out := h.End(h.now)
	if err := k.payBack(ctx, out.Refunds); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.savePass(ctx, h); err != nil {
		return sdk.Coin{}, err
	}
	return out.Refunded(), emit(ctx, &types.EventPassCancelled{Viewer: h.Viewer, Pass: passID, Refunds: out.Refunds})
}

// HeldForPasses is what custody holds for periods of passes that have not closed, and what was carried. It walks every row.
func (k *Keeper) HeldForPasses(ctx context.Context) (sdk.Coins, error) {
	sum := math.ZeroInt()
	err := k.passSubs.Walk(ctx, nil, func(_ viewerPass, s types.PassSubscription) (bool, error) {
		sum = sum.Add(s.Held())
		return false, nil
	})
	return sdk.NewCoins(types.Coin(sum)), err
}
