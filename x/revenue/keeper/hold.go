package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// Hold keeps a payment whose coins the caller has in custody, whole, until its refund window
// has ended; EndBlock then shares it out. It returns the hold's id and when that will be, in
// Unix seconds of live time. Where there is no window, because of the rail or the parameter, the
// payment is shared out at once and the id is empty. Emits EventHeld, or EventDistributed.
// Errors: those of Distribute, and ErrInvalidAddress for a payer who could not be refunded.
func (k *Keeper) Hold(ctx context.Context, p types.Payment) (string, int64, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return "", 0, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return "", 0, err
	}
	if params.RefundWindowSeconds == 0 || !p.Rail.Refundable() {
		_, err := k.distribute(ctx, params, p)
		return "", now, err
	}
	if err := p.Validate(); err != nil {
		return "", 0, err
	}
	if _, err := types.ParseAddress(p.Payer); err != nil {
		return "", 0, err
	}
	h, err := k.newHold(ctx, params, p)
	if err != nil {
		return "", 0, err
	}
	h.HeldAt, h.ReleaseAt, h.DueAt = now, now+params.RefundWindowSeconds, now+params.RefundWindowSeconds
	if err := k.setHold(ctx, h); err != nil {
		return "", 0, err
	}
	return h.Id, h.ReleaseAt, emit(ctx, &types.EventHeld{
		HoldId: h.Id, Payer: p.Payer, Subject: h.Payment.Subject, Creator: h.Creator, Rail: p.Rail,
		Gross: p.Gross, Reference: p.Reference, ReleaseAt: h.ReleaseAt, Charged: h.Coin(),
	})
}

// newHold builds the row of a payment under the parts of today, and charges for its release.
func (k *Keeper) newHold(ctx context.Context, params types.Params, p types.Payment) (types.Hold, error) {
	subject, err := k.content.ResolveSubject(ctx, p.Subject)
	if err != nil {
		return types.Hold{}, err
	}
	shares, err := params.Shares(p.Rail)
	if err != nil {
		return types.Hold{}, err
	}
	d, err := k.cut(ctx, shares, p, subject, shares.Charged(p))
	if err != nil {
		return types.Hold{}, err
	}
	gas := types.ReleaseGas + types.ReleaseCreditGas*uint64(max(0, len(d.Credits)-types.FewRecipients))
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(gas, "release at the end of the refund window")
	p.Subject = subjectKey(subject)
	sequence, err := k.nextSequence(ctx, p.Payer)
	if err != nil {
		return types.Hold{}, err
	}
	return types.Hold{
		Id: types.HoldID(p.Payer, sequence), Payment: p, Creator: subject.Creator, Sequence: sequence,
		Charged: d.Charged(), Shares: shares,
	}, nil
}

func (k *Keeper) nextSequence(ctx context.Context, payer string) (uint64, error) {
	last, err := k.sequences.Get(ctx, payer)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return 0, err
	}
	return last + 1, k.sequences.Set(ctx, payer, last+1)
}

// GetHold returns a payment in its refund window. Errors: ErrInvalidHoldID, ErrHoldNotFound.
func (k *Keeper) GetHold(ctx context.Context, id string) (types.Hold, error) {
	payer, sequence, err := types.ParseHoldID(id)
	if err != nil {
		return types.Hold{}, err
	}
	h, err := k.holds.Get(ctx, collections.Join(payer, sequence))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Hold{}, errorsmod.Wrap(types.ErrHoldNotFound, id)
	}
	return h, err
}

// Refund gives a held payment back to its payer, whole, at the end of the block. Only the paid
// creator's controller can; it also can after the window while the payment was not shared out
// yet. Emits EventRefunded and calls AfterHoldRefunded. Errors: those of GetHold,
// content's ErrNotController, the hook's.
func (k *Keeper) Refund(ctx context.Context, controller sdk.AccAddress, id string) (types.Hold, error) {
	h, err := k.GetHold(ctx, id)
	if err != nil {
		return types.Hold{}, err
	}
	if _, err := k.content.RequireController(ctx, h.Creator, controller); err != nil {
		return types.Hold{}, err
	}
	return k.refund(ctx, h)
}

// RefundHold is Refund by the ruling of a module above, which has asked nobody.
func (k *Keeper) RefundHold(ctx context.Context, id string) (types.Hold, error) {
	h, err := k.GetHold(ctx, id)
	if err != nil {
		return types.Hold{}, err
	}
	return k.refund(ctx, h)
}

func (k *Keeper) refund(ctx context.Context, h types.Hold) (types.Hold, error) {
	payer, err := types.ParseAddress(h.Payment.Payer)
	if err != nil {
		return types.Hold{}, err
	}
	if err := k.removeHold(ctx, h); err != nil {
		return types.Hold{}, err
	}
	// not through Release: a payer who became blocked still gets a claim instead of a refusal
	k.addPayout(ctx, payout{to: payer, recipient: h.Payment.Payer, coins: sdk.Coins{h.Coin()}})
	err = emit(ctx, &types.EventRefunded{
		HoldId: h.Id, Payer: h.Payment.Payer, Subject: h.Payment.Subject, Creator: h.Creator,
		Gross: h.Coin(), Reference: h.Payment.Reference,
	})
	if err != nil || k.hooks == nil {
		return h, err
	}
	return h, k.hooks.AfterHoldRefunded(ctx, h)
}

func queueKeyOf(h types.Hold) queueKey {
	return collections.Join3(h.DueAt, h.Payment.Payer, h.Sequence)
}

// setHold writes a hold and its place in the queue.
func (k *Keeper) setHold(ctx context.Context, h types.Hold) error {
	if err := k.holds.Set(ctx, collections.Join(h.Payment.Payer, h.Sequence), h); err != nil {
		return err
	}
	return k.holdQueue.Set(ctx, queueKeyOf(h))
}

// removeHold removes a hold and its place in the queue.
func (k *Keeper) removeHold(ctx context.Context, h types.Hold) error {
	if err := k.holds.Remove(ctx, collections.Join(h.Payment.Payer, h.Sequence)); err != nil {
		return err
	}
	return k.holdQueue.Remove(ctx, queueKeyOf(h))
}
