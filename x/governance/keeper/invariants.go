package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

// CheckInvariants walks the whole state and returns an error that names the first row which
// does not fit: records against each other (as a genesis must), and each against its place
// in exactly one queue.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return errorsmod.Wrap(types.ErrInvariant, err.Error())
	}
	queued, closed := 0, 0
	for _, e := range gs.Enactments {
		stored, err := k.enactments.Get(ctx, e.Id)
		if err != nil || stored.Id != e.Id {
			return errorsmod.Wrapf(types.ErrInvariant, "enactment %d is stored under another id", e.Id)
		}
		if e.Queued() {
			queued++
		} else {
			closed++
		}
	}
	if err := k.checkQueue(ctx, "due", k.due, queued, true); err != nil {
		return err
	}
	if err := k.checkQueue(ctx, "prunes", k.prunes, closed, false); err != nil {
		return err
	}
	if err := k.checkDelegations(ctx, gs.Delegations); err != nil {
		return err
	}
	return k.checkHouse(ctx, gs.Seats)
}

// checkDelegations checks that delegates' lists and delegations are the same, and no list is too long.
func (k *Keeper) checkDelegations(ctx context.Context, delegations []types.Delegation) error {
	for _, d := range delegations {
		has, err := k.delegators.Has(ctx, collections.Join3(sdk.MustAccAddressFromBech32(d.Delegate).Bytes(), uint32(d.Track), sdk.MustAccAddressFromBech32(d.Delegator).Bytes()))
		if err != nil || !has {
			return errorsmod.Wrapf(types.ErrInvariant, "the delegation of %s on track %d is not in its delegate's list", d.Delegator, d.Track)
		}
	}
	rows, run := 0, 0
	var last seat
	err := k.delegators.Walk(ctx, nil, func(s seat) (bool, error) {
		rows++
		if run++; rows == 1 || string(s.K1()) != string(last.K1()) || s.K2() != last.K2() {
			run = 1
		}
		last = s
		if run > types.MaxDelegators {
			return true, errorsmod.Wrapf(types.ErrInvariant, "%s has too many delegators", sdk.AccAddress(s.K1()))
		}
		return false, nil
	})
	if err == nil && rows != len(delegations) {
		err = errorsmod.Wrapf(types.ErrInvariant, "%d rows of delegators for %d delegations", rows, len(delegations))
	}
	return err
}

// checkQueue checks that a queue has one entry for each of want enactments that are queued,
// or closed: each entry names a different one of that kind, never before its time, and their
// number is right. One that was put off stands later.
func (k *Keeper) checkQueue(ctx context.Context, name string, queue collections.KeySet[entry], want int, queued bool) error {
	seen := make(map[uint64]bool)
	err := queue.Walk(ctx, nil, func(at entry) (bool, error) {
		e, err := k.enactments.Get(ctx, at.K2())
		time := e.ExecuteAt
		if !queued {
			time = e.ClosedAt + types.RetentionSeconds
		}
		if err != nil || seen[e.Id] || e.Queued() != queued || at.K1() < time {
			return true, errorsmod.Wrapf(types.ErrInvariant, "%s: the entry of enactment %d at %d", name, at.K2(), at.K1())
		}
		seen[e.Id] = true
		return false, nil
	})
	if err != nil {
		return err
	}
	if len(seen) != want {
		return errorsmod.Wrapf(types.ErrInvariant, "%s: %d entries for %d enactments", name, len(seen), want)
	}
	return nil
}
