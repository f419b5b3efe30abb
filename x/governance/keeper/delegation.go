package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

// lent is where a delegation lies: delegator, track. seat is its index: delegate, track, delegator.
type (
	lent = collections.Pair[[]byte, uint32]
	seat = collections.Triple[[]byte, uint32, []byte]
)

// DelegateVote lends a vote; the delegation of the same track is replaced. Emits EventVoteDelegated, and EventVoteUndelegated of
// what it replaces. Errors: ErrInvalidAddress, ErrInvalidDelegation, ErrDelegateFull.
func (k *Keeper) DelegateVote(ctx context.Context, d types.Delegation) error {
	if err := d.Validate(); err != nil {
		return err
	}
	delegator, delegate := sdk.MustAccAddressFromBech32(d.Delegator), sdk.MustAccAddressFromBech32(d.Delegate)
	old, err := k.delegations.Get(ctx, collections.Join(delegator.Bytes(), uint32(d.Track)))
	switch {
	case err == nil && old == d.Delegate:
		return nil
	case err == nil:
		if err := k.endDelegation(ctx, types.Delegation{Delegator: d.Delegator, Track: d.Track, Delegate: old}); err != nil {
			return err
		}
	case !errors.Is(err, collections.ErrNotFound):
		return err
	}
	count := 0
	if err := k.eachDelegator(ctx, delegate, d.Track, func(sdk.AccAddress) error { count++; return nil }); err != nil {
		return err
	}
	if count >= types.MaxDelegators {
		return errorsmod.Wrapf(types.ErrDelegateFull, "%s has %d", d.Delegate, count)
	}
	if err := k.setDelegation(ctx, d); err != nil {
		return err
	}
	return emit(ctx, &types.EventVoteDelegated{Delegation: d})
}

// UndelegateVote ends a delegation, by who lent the vote or by who was lent it: a delegate need not keep places for votes that
// somebody lent it to fill them. Emits EventVoteUndelegated. Errors: ErrNoDelegation.
func (k *Keeper) UndelegateVote(ctx context.Context, signer, delegator string, track types.Track) error {
	addr, err := types.ParseAddress(delegator)
	if err != nil {
		return err
	}
	delegate, err := k.delegations.Get(ctx, collections.Join(addr.Bytes(), uint32(track)))
	if errors.Is(err, collections.ErrNotFound) || err == nil && signer != delegator && signer != delegate {
		return errorsmod.Wrapf(types.ErrNoDelegation, "%s of %s on track %d", signer, delegator, track)
	}
	if err != nil {
		return err
	}
	return k.endDelegation(ctx, types.Delegation{Delegator: delegator, Track: track, Delegate: delegate})
}

func (k *Keeper) setDelegation(ctx context.Context, d types.Delegation) error {
	delegator, delegate := sdk.MustAccAddressFromBech32(d.Delegator).Bytes(), sdk.MustAccAddressFromBech32(d.Delegate).Bytes()
	if err := k.delegations.Set(ctx, collections.Join(delegator, uint32(d.Track)), d.Delegate); err != nil {
		return err
	}
	return k.delegators.Set(ctx, collections.Join3(delegate, uint32(d.Track), delegator))
}

func (k *Keeper) endDelegation(ctx context.Context, d types.Delegation) error {
	delegator, delegate := sdk.MustAccAddressFromBech32(d.Delegator).Bytes(), sdk.MustAccAddressFromBech32(d.Delegate).Bytes()
	if err := k.delegations.Remove(ctx, collections.Join(delegator, uint32(d.Track))); err != nil {
		return err
	}
	if err := k.delegators.Remove(ctx, collections.Join3(delegate, uint32(d.Track), delegator)); err != nil {
		return err
	}
	return emit(ctx, &types.EventVoteUndelegated{Delegation: d})
}

// eachDelegator calls f for who lends its vote to the delegate on just that track, at most MaxDelegators.
func (k *Keeper) eachDelegator(ctx context.Context, delegate sdk.AccAddress, track types.Track, f func(sdk.AccAddress) error) error {
	return k.delegators.Walk(ctx, collections.NewSuperPrefixedTripleRange[[]byte, uint32, []byte](delegate.Bytes(), uint32(track)), func(s seat) (bool, error) {
		return false, f(s.K3())
	})
}

// Delegations returns to whom an account lends its vote, in the order of the tracks.
func (k *Keeper) Delegations(ctx context.Context, delegator sdk.AccAddress) (out []types.Delegation, err error) {
	err = k.delegations.Walk(ctx, collections.NewPrefixedPairRange[[]byte, uint32](delegator.Bytes()), func(at lent, delegate string) (bool, error) {
		out = append(out, types.Delegation{Delegator: delegator.String(), Track: types.Track(at.K2()), Delegate: delegate})
		return false, nil
	})
	return out, err
}
