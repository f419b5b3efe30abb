package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// CreateFlow pays recipient out of a deposit of sender's, by the second from startsAt on; zero
// means now. It returns the flow's id. Emits EventFlowCreated. Errors: ErrInvalidFlow,
// ErrInvalidRate, ErrInvalidAmount, ErrDepositTooSmall, those of revenue.Collect.
func (k *Keeper) CreateFlow(ctx context.Context, sender, recipient sdk.AccAddress, deposit sdk.Coin, rate math.Int, seconds, startsAt int64) (string, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return "", err
	}
	if deposit.Amount.LT(params.MinDeposit) {
		return "", errorsmod.Wrapf(types.ErrDepositTooSmall, "%s, least %s", deposit, params.MinDeposit)
	}
	if k.bank.BlockedAddr(recipient) {
		return "", errorsmod.Wrap(types.ErrInvalidFlow, recipient.String())
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return "", err
	}
	if startsAt == 0 {
		startsAt = now
	}
	if startsAt < now || startsAt > now+types.MaxFlowDelay {
		return "", errorsmod.Wrapf(types.ErrInvalidFlow, "starts at %d, now %d", startsAt, now)
	}
	if err := k.revenue.Collect(ctx, sender, deposit); err != nil {
		return "", err
	}
	sequence, err := k.nextFlow(ctx, sender)
	if err != nil {
		return "", err
	}
	f := types.Flow{
		Id: types.FlowID(sender.String(), sequence), Sender: sender.String(), Sequence: sequence, Recipient: recipient.String(),
		Denom: deposit.Denom, RateAmount: rate, RateSeconds: seconds, Balance: deposit.Amount, Accrued: math.ZeroInt(),
		UpdatedAt: now, StartsAt: startsAt,
	}
	if err := k.setNewFlow(ctx, f); err != nil {
		return "", err
	}
	return f.Id, emit(ctx, &types.EventFlowCreated{Flow: f})
}

func (k *Keeper) nextFlow(ctx context.Context, sender sdk.AccAddress) (uint64, error) {
	last, err := k.flowSequences.Get(ctx, sender)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return 0, err
	}
	return last + 1, k.flowSequences.Set(ctx, sender, last+1)
}

// flowAt finds a flow and counts it up to now. Errors: ErrInvalidFlowID, ErrFlowNotFound.
func (k *Keeper) flowAt(ctx context.Context, id string) (types.Flow, error) {
	sender, sequence, err := types.ParseFlowID(id)
	if err != nil {
		return types.Flow{}, err
	}
	f, err := k.flows.Get(ctx, collections.Join(sender.Bytes(), sequence))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Flow{}, errorsmod.Wrap(types.ErrFlowNotFound, id)
	}
	if err != nil {
		return types.Flow{}, err
	}
	now, err := k.clock.Now(ctx)
	return f.At(now), err
}

// senderFlow is flowAt for a message of the sender's. Errors: and ErrNotSender.
func (k *Keeper) senderFlow(ctx context.Context, sender sdk.AccAddress, id string) (types.Flow, error) {
	f, err := k.flowAt(ctx, id)
	if err == nil && f.Sender != sender.String() {
		err = errorsmod.Wrap(types.ErrNotSender, id)
	}
	return f, err
}

// TopUpFlow adds to the deposit of a flow. A flow that has run dry accrues again from now on.
// Emits EventFlowToppedUp. Errors: ErrFlowNotFound, ErrFlowDenom, ErrInvalidAmount, those of
// revenue.Collect.
func (k *Keeper) TopUpFlow(ctx context.Context, payer sdk.AccAddress, id string, amount sdk.Coin) error {
	f, err := k.flowAt(ctx, id)
	if err != nil {
		return err
	}
	if amount.Denom != f.Denom {
		return errorsmod.Wrapf(types.ErrFlowDenom, "%s", f.Denom)
	}
	if err := k.revenue.Collect(ctx, payer, amount); err != nil {
		return err
	}
	f.Balance = f.Balance.Add(amount.Amount)
	if err := types.ValidateFlowAmount(f.Coin(f.Balance.Add(f.Accrued))); err != nil {
		return err
	}
	if err := k.setFlow(ctx, f); err != nil {
		return err
	}
	return emit(ctx, &types.EventFlowToppedUp{Flow: id, Payer: payer.String(), Amount: amount, Balance: f.Balance, Accrued: f.Accrued})
}

// PauseFlow stops a flow. Emits EventFlowPaused. Errors: ErrFlowNotFound, ErrNotSender, ErrFlowPaused.
func (k *Keeper) PauseFlow(ctx context.Context, sender sdk.AccAddress, id string) error {
	f, err := k.senderFlow(ctx, sender, id)
	if err != nil {
		return err
	}
	if f.Paused {
		return errorsmod.Wrap(types.ErrFlowPaused, id)
	}
	f.Paused = true
	if err := k.setFlow(ctx, f); err != nil {
		return err
	}
	return emit(ctx, &types.EventFlowPaused{Flow: id, Balance: f.Balance, Accrued: f.Accrued})
}

// ResumeFlow lets a paused flow accrue again. Emits EventFlowResumed. Errors: ErrFlowNotFound,
// ErrNotSender, ErrFlowRuns.
func (k *Keeper) ResumeFlow(ctx context.Context, sender sdk.AccAddress, id string) error {
	f, err := k.senderFlow(ctx, sender, id)
	if err != nil {
		return err
	}
	if !f.Paused {
		return errorsmod.Wrap(types.ErrFlowRuns, id)
	}
	f.Paused = false
	if err := k.setFlow(ctx, f); err != nil {
		return err
	}
	return emit(ctx, &types.EventFlowResumed{Flow: id, Balance: f.Balance, Accrued: f.Accrued})
}

// ReRateFlow changes a flow's rate from now on; what is less than a unit by the old rate is
// dropped. Emits EventFlowReRated. Errors: ErrFlowNotFound, ErrNotSender, ErrInvalidRate.
func (k *Keeper) ReRateFlow(ctx context.Context, sender sdk.AccAddress, id string, rate math.Int, seconds int64) error {
	if err := types.ValidateRate(rate, seconds); err != nil {
		return err
	}
	f, err := k.senderFlow(ctx, sender, id)
	if err != nil {
		return err
	}
	f.RateAmount, f.RateSeconds, f.Remainder = rate, seconds, 0
	if err := k.setFlow(ctx, f); err != nil {
		return err
	}
	return emit(ctx, &types.EventFlowReRated{Flow: id, RateAmount: rate, RateSeconds: seconds, Balance: f.Balance, Accrued: f.Accrued})
}

// WithdrawFlow pays out what has accrued; a flow that has nothing left ends with it. Emits
// EventFlowWithdrawn, and EventFlowEnded. Errors: ErrFlowNotFound, ErrNotRecipient,
// ErrNothingAccrued, those of revenue.Release.
func (k *Keeper) WithdrawFlow(ctx context.Context, recipient sdk.AccAddress, id string, to sdk.AccAddress) (sdk.Coin, error) {
	f, err := k.flowAt(ctx, id)
	if err != nil {
		return sdk.Coin{}, err
	}
	if f.Recipient != recipient.String() {
		return sdk.Coin{}, errorsmod.Wrap(types.ErrNotRecipient, id)
	}
	if !f.Accrued.IsPositive() {
		return sdk.Coin{}, errorsmod.Wrap(types.ErrNothingAccrued, id)
	}
	amount := f.Coin(f.Accrued)
	if err := k.revenue.Release(ctx, to, amount); err != nil {
		return sdk.Coin{}, err
	}
	if err := emit(ctx, &types.EventFlowWithdrawn{Flow: id, Recipient: f.Recipient, To: to.String(), Amount: amount}); err != nil {
		return sdk.Coin{}, err
	}
	if f.Accrued = math.ZeroInt(); f.Balance.IsZero() {
		return amount, k.endFlow(ctx, f)
	}
	return amount, k.setFlow(ctx, f)
}

// CancelFlow ends a flow: what has accrued goes to the recipient and the rest to the sender.
// Emits EventFlowEnded. Errors: ErrFlowNotFound, ErrNotParty, those of revenue.Release.
func (k *Keeper) CancelFlow(ctx context.Context, signer sdk.AccAddress, id string) (types.Flow, error) {
	f, err := k.flowAt(ctx, id)
	if err != nil {
		return types.Flow{}, err
	}
	if who := signer.String(); who != f.Sender && who != f.Recipient {
		return types.Flow{}, errorsmod.Wrap(types.ErrNotParty, id)
	}
	for _, part := range []struct {
		to     string
		amount math.Int
	}{{f.Recipient, f.Accrued}, {f.Sender, f.Balance}} {
		if !part.amount.IsPositive() {
			continue
		}
		to, err := types.ParseAddress(part.to)
		if err != nil {
			return types.Flow{}, err
		}
		if err := k.revenue.Release(ctx, to, f.Coin(part.amount)); err != nil {
			return types.Flow{}, err
		}
	}
	return f, k.endFlow(ctx, f)
}

// endFlow removes a flow whose coins have gone.
func (k *Keeper) endFlow(ctx context.Context, f types.Flow) error {
	key, recipient, err := flowKeys(f)
	if err != nil {
		return err
	}
	if err := k.flows.Remove(ctx, key); err != nil {
		return err
	}
	if err := k.byRecipient.Remove(ctx, collections.Join3(recipient, key.K1(), key.K2())); err != nil {
		return err
	}
	return emit(ctx, &types.EventFlowEnded{
		Flow: f.Id, Sender: f.Sender, Recipient: f.Recipient, Paid: f.Coin(f.Accrued), Returned: f.Coin(f.Balance),
	})
}

// setNewFlow writes a flow and its place in the recipient's list.
func (k *Keeper) setNewFlow(ctx context.Context, f types.Flow) error {
	key, recipient, err := flowKeys(f)
	if err != nil {
		return err
	}
	if err := k.byRecipient.Set(ctx, collections.Join3(recipient, key.K1(), key.K2())); err != nil {
		return err
	}
	return k.flows.Set(ctx, key, f)
}

func (k *Keeper) setFlow(ctx context.Context, f types.Flow) error {
	key, _, err := flowKeys(f)
	if err != nil {
		return err
	}
	return k.flows.Set(ctx, key, f)
}

// flowKeys are the key of a flow, and its recipient's address.
func flowKeys(f types.Flow) (collections.Pair[[]byte, uint64], []byte, error) {
	sender, err := types.ParseAddress(f.Sender)
	if err != nil {
		return collections.Pair[[]byte, uint64]{}, nil, err
	}
	recipient, err := types.ParseAddress(f.Recipient)
	return collections.Join(sender.Bytes(), f.Sequence), recipient, err
}
