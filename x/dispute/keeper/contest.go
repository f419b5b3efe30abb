package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// ContestHold lets another held payment about the disputed subject wait for the ruling, and adds
// to the claimant's bond. The bond must be a tenth of all that is contested: without that, the
// payment goes its way when its window ends. It returns the hold that has the contested sum.
// Emits EventHoldContested. Errors: ErrDisputeNotFound, ErrNotClaimant, ErrContestClosed,
// ErrForeignHold, ErrTooManyContests, ErrBondTooSmall, revenue's and the bank's.
func (k *Keeper) ContestHold(ctx context.Context, claimant sdk.AccAddress, m *types.MsgContestHold) (string, error) {
	d, err := k.GetDispute(ctx, m.Dispute)
	if err != nil {
		return "", err
	}
	switch {
	case claimant.String() != d.Claimant:
		return "", errorsmod.Wrap(types.ErrNotClaimant, m.Claimant)
	case !d.Kind.Contests() || d.Status != types.STATUS_EVIDENCE && d.Status != types.STATUS_DRAWING:
		return "", errorsmod.Wrapf(types.ErrContestClosed, "%s, %s", d.Kind, d.Status)
	case len(d.Contests) == types.MaxContests:
		return "", types.ErrTooManyContests
	}
	held, err := k.revenue.HeldPayment(ctx, m.HoldId)
	if err != nil {
		return "", err
	}
	// a creator's own sheet shares out the payments of all its works that have none
	if held.Subject != d.Subject && held.Creator != d.Subject {
		return "", errorsmod.Wrapf(types.ErrForeignHold, "%s", m.HoldId)
	}
	if err := k.contest(ctx, &d, m.HoldId, held, m.Amount); err != nil {
		return "", err
	}
	d.Bond = d.Bond.Add(types.OrZero(m.AddBond))
	if need := d.RequiredBond(); d.Bond.LT(need) {
		return "", errorsmod.Wrapf(types.ErrBondTooSmall, "%sustream of %s", d.Bond, need)
	}
	if err := k.lock(ctx, claimant, types.OrZero(m.AddBond), "bond"); err != nil {
		return "", err
	}
	contest := d.Contests[len(d.Contests)-1]
	if err := k.disputes.Set(ctx, d.Id, d); err != nil {
		return "", err
	}
	return contest.HoldId, emit(ctx, &types.EventHoldContested{Dispute: d.Id, Contest: contest, Bond: d.Bond})
}

// contest keeps an amount of a payment, all of it where none is named, until long after any
// dispute: the ruling ends that. The rest goes its way.
func (k *Keeper) contest(ctx context.Context, d *types.Dispute, id string, held types.HeldPayment, amount math.Int) error {
	if amount = types.OrZero(amount); amount.IsZero() {
		amount = held.Charged.Amount
	}
	id, err := k.revenue.ContestHold(ctx, id, amount, held.HeldAt+types.ContestSeconds)
	if err != nil {
		return err
	}
	if held, err = k.revenue.HeldPayment(ctx, id); err != nil {
		return err
	}
	d.Contests = append(d.Contests, types.Contest{HoldId: id, Amount: held.Charged.Amount, Denom: held.Charged.Denom})
	return nil
}
