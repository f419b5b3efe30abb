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

// SetPayout has blocks pay out what recipient has earned in threshold's denom, to the account
// to, whenever it has reached threshold; a threshold of zero ends that. The recipient is the
// claimant, or a creator that it controls. Emits EventPayoutSet. Errors: ErrInvalidPayout,
// ErrNotRecipient, content's ErrNotController, ErrBlockedAddress, ErrTooManyPayouts,
// ErrPayoutNotFound.
func (k *Keeper) SetPayout(ctx context.Context, claimant sdk.AccAddress, recipient string, to sdk.AccAddress, threshold sdk.Coin) error {
	if err := types.ValidateThreshold(threshold); err != nil {
		return err
	}
	if err := k.requireRecipient(ctx, claimant, recipient); err != nil {
		return err
	}
	old, found, err := k.payoutOf(ctx, recipient, threshold.Denom)
	if err != nil {
		return err
	}
	if threshold.IsZero() {
		if !found {
			return errorsmod.Wrap(types.ErrPayoutNotFound, threshold.Denom)
		}
		return k.endPayout(ctx, old)
	}
	if k.bank.BlockedAddr(to) {
		return errorsmod.Wrap(types.ErrBlockedAddress, to.String())
	}
	if !found {
		if err := k.requireRoom(ctx, recipient); err != nil {
			return err
		}
		old = types.Payout{Recipient: recipient}
	}
	old.To, old.Threshold = to.String(), threshold
	if err := k.payouts.Set(ctx, collections.Join(recipient, threshold.Denom), old); err != nil {
		return err
	}
	have, err := amountAt(ctx, k.claimables, collections.Join(recipient, threshold.Denom))
	if err != nil {
		return err
	}
	if err := k.queuePayout(ctx, recipient, threshold.Denom, have); err != nil {
		return err
	}
	return emit(ctx, &types.EventPayoutSet{Recipient: recipient, To: old.To, Threshold: threshold})
}

// endPayout removes a payout with its place in the queue.
func (k *Keeper) endPayout(ctx context.Context, p types.Payout) error {
	if p.QueuedAt > 0 {
		if err := k.payoutQueue.Remove(ctx, payoutKeyOf(p)); err != nil {
			return err
		}
	}
	if err := k.payouts.Remove(ctx, collections.Join(p.Recipient, p.Threshold.Denom)); err != nil {
		return err
	}
	none := sdk.Coin{Denom: p.Threshold.Denom, Amount: math.ZeroInt()}
	return emit(ctx, &types.EventPayoutSet{Recipient: p.Recipient, Threshold: none})
}

// requireRoom refuses a recipient that has payouts in MaxDenoms denoms.
func (k *Keeper) requireRoom(ctx context.Context, recipient string) error {
	list, err := k.payoutsOf(ctx, recipient)
	if err == nil && len(list) >= types.MaxDenoms {
		err = errorsmod.Wrap(types.ErrTooManyPayouts, recipient)
	}
	return err
}

func (k *Keeper) payoutsOf(ctx context.Context, recipient string) (list []types.Payout, err error) {
	err = k.payouts.Walk(ctx, collections.NewPrefixedPairRange[string, string](recipient),
		func(_ collections.Pair[string, string], p types.Payout) (bool, error) {
			list = append(list, p)
			return false, nil
		})
	return list, err
}

func (k *Keeper) payoutOf(ctx context.Context, recipient, denom string) (types.Payout, bool, error) {
	p, err := k.payouts.Get(ctx, collections.Join(recipient, denom))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Payout{}, false, nil
	}
	return p, err == nil, err
}

func payoutKeyOf(p types.Payout) collections.Triple[int64, string, string] {
	return collections.Join3(p.QueuedAt, p.Recipient, p.Threshold.Denom)
}

// queuePayout gives recipient a place in the queue where it has reached its threshold. Most
// credits end at the first line.
func (k *Keeper) queuePayout(ctx context.Context, recipient, denom string, have math.Int) error {
	if have.LT(math.NewInt(types.MinPayout)) {
		return nil
	}
	// Has first: most recipients have none, and a failed Get spells its key into an error
	if found, err := k.payouts.Has(ctx, collections.Join(recipient, denom)); err != nil || !found {
		return err
	}
	p, _, err := k.payoutOf(ctx, recipient, denom)
	if err != nil || p.QueuedAt > 0 || have.LT(p.Threshold.Amount) {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	return k.setQueued(ctx, p, now)
}

func (k *Keeper) setQueued(ctx context.Context, p types.Payout, at int64) error {
	p.QueuedAt = at
	if err := k.payouts.Set(ctx, collections.Join(p.Recipient, p.Threshold.Denom), p); err != nil {
		return err
	}
	return k.payoutQueue.Set(ctx, payoutKeyOf(p))
}

// payAutomatic pays what has passed its threshold, at most MaxPayouts a block, first come first.
func (k *Keeper) payAutomatic(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	var due []collections.Triple[int64, string, string]
	err = k.payoutQueue.Walk(ctx, collections.NewPrefixUntilTripleRange[int64, string, string](now),
		func(key collections.Triple[int64, string, string]) (bool, error) {
			due = append(due, key)
			return len(due) == types.MaxPayouts, nil
		})
	if err != nil {
		return err
	}
	for _, key := range due {
		var p payout
		err := safely(ctx, func(ctx sdk.Context) (err error) {
			p, err = k.takeAutomatic(ctx, key)
			return err
		})
		if err != nil {
			k.putOffPayout(ctx, key, now+types.RetrySeconds)
			continue
		}
		if !p.coins.Empty() {
			k.pay(ctx, p)
		}
	}
	return nil
}

// takeAutomatic takes a recipient out of the queue and what it has earned out of its row. Where
// that has been claimed meanwhile, it waits again; where the account cannot be paid any more,
// automatic payouts end, for they would be tried in every block.
func (k *Keeper) takeAutomatic(ctx context.Context, key collections.Triple[int64, string, string]) (payout, error) {
	p, found, err := k.payoutOf(ctx, key.K2(), key.K3())
	if err != nil {
		return payout{}, err
	}
	if err := k.payoutQueue.Remove(ctx, key); err != nil || !found {
		return payout{}, err
	}
	row := collections.Join(key.K2(), key.K3())
	p.QueuedAt = 0
	if err := k.payouts.Set(ctx, row, p); err != nil {
		return payout{}, err
	}
	amount, err := amountAt(ctx, k.claimables, row)
	if err != nil || amount.LT(p.Threshold.Amount) {
		return payout{}, err
	}
	to, err := types.ParseAddress(p.To)
	if err != nil {
		return payout{}, err
	}
	if k.bank.BlockedAddr(to) {
		return payout{}, k.endPayout(ctx, p)
	}
	if err := k.claimables.Remove(ctx, row); err != nil {
		return payout{}, err
	}
	coin := sdk.Coin{Denom: key.K3(), Amount: amount}
	err = emit(ctx, &types.EventPaidOut{Recipient: p.Recipient, To: p.To, Amount: coin})
	return payout{to: to, recipient: p.Recipient, coins: sdk.Coins{coin}}, err
}

// putOffPayout moves an entry that cannot be worked off behind the others.
func (k *Keeper) putOffPayout(ctx context.Context, key collections.Triple[int64, string, string], retryAt int64) {
	err := safely(ctx, func(ctx sdk.Context) error {
		if err := k.payoutQueue.Remove(ctx, key); err != nil {
			return err
		}
		if p, found, err := k.payoutOf(ctx, key.K2(), key.K3()); err == nil && found {
			return k.setQueued(ctx, p, retryAt)
		}
		return k.payoutQueue.Set(ctx, collections.Join3(retryAt, key.K2(), key.K3()))
	})
	if err != nil {
		k.report(ctx, &types.EventBlockStepFailed{Step: "automatic"})
	}
}
