package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// EscrowTotal is the sum of all escrows and flows: what x/revenue's custody owes by this module's ledger.
// It walks every row, so it is for checks and tools.
func (k *Keeper) EscrowTotal(ctx context.Context) (sdk.Coins, error) {
	total := sdk.NewCoins()
	err := k.escrows.Walk(ctx, nil, func(_ collections.Pair[[]byte, string], e types.Escrow) (bool, error) {
		total = total.Add(sdk.NewCoin(e.Denom, e.Balance))
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.flows.Walk(ctx, nil, func(_ collections.Pair[[]byte, uint64], f types.Flow) (bool, error) {
		total = total.Add(f.Coin(f.Balance.Add(f.Accrued)))
		return false, nil
	})
	return total, err
}

// CheckInvariants returns ErrInvariant where the state is not consistent: what is reserved is
// not what lanes may still pay, a row lies under another's key, or an index or queue does not
// follow from the lanes. It walks the whole state.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return errorsmod.Wrap(types.ErrInvariant, err.Error())
	}
	if err := k.checkOwners(ctx, gs); err != nil {
		return err
	}
	if err := k.checkUse(ctx, gs.Uses); err != nil {
		return err
	}
	if err := k.checkFlows(ctx, gs.Flows); err != nil {
		return err
	}
	return k.checkLanes(ctx, gs.Lanes)
}

// checkOwners refuses keys and escrows that lie under another's key.
func (k *Keeper) checkOwners(ctx context.Context, gs *types.GenesisState) error {
	for _, key := range gs.SessionKeys {
		if stored, err := k.SessionKeyOwner(ctx, key.Owner, key.Pubkey); err != nil || stored.Owner != key.Owner {
			return errorsmod.Wrapf(types.ErrInvariant, "key %x of %s lies under another key", key.Pubkey, key.Owner)
		}
	}
	for _, e := range gs.Escrows {
		owner, err := types.ParseAddress(e.Owner)
		if err != nil {
			return err
		}
		if stored, err := k.escrows.Get(ctx, collections.Join(owner.Bytes(), e.Denom)); err != nil || stored.Owner != e.Owner {
			return errorsmod.Wrapf(types.ErrInvariant, "escrow of %s lies under another key", e.Owner)
		}
	}
	return nil
}

// checkLanes refuses an index or a queue that is not exactly one entry for each lane: with each
// found in it, equal counts mean that nothing else is in it.
func (k *Keeper) checkLanes(ctx context.Context, all []types.Lane) error {
	var lanes, closing []types.Lane
	for _, lane := range all {
		if lane.Closing() {
			closing = append(closing, lane)
		} else {
			lanes = append(lanes, lane)
		}
	}
	if err := k.checkClosing(ctx, closing); err != nil {
		return err
	}
	for _, lane := range lanes {
		at, err := placeOf(lane.Owner, lane.Denom, lane.Provider)
		if err != nil {
			return err
		}
		if stored, err := k.lanes.Get(ctx, at.key()); err != nil || stored.Generation != lane.Generation {
			return errorsmod.Wrapf(types.ErrInvariant, "lane of %s at %s lies under another key", lane.Owner, lane.Provider)
		}
		if ok, err := k.byProvider.Has(ctx, at.index()); err != nil || !ok {
			return errorsmod.Wrapf(types.ErrInvariant, "lane of %s at %s: not in its provider's list", lane.Owner, lane.Provider)
		}
		if ok, err := k.laneQueue.Has(ctx, at.due(lane.EndsAt)); err != nil || !ok {
			return errorsmod.Wrapf(types.ErrInvariant, "lane of %s at %s: not queued for its end", lane.Owner, lane.Provider)
		}
	}
	if err := requireCount(ctx, "lanes_by_provider", k.byProvider, len(lanes)); err != nil {
		return err
	}
	return requireCount(ctx, "lane_queue", k.laneQueue, len(lanes))
}

// errTooMany ends a walk early.
var errTooMany = errors.New("too many rows")

// requireCount refuses a set of more than count rows.
func requireCount[K any](ctx context.Context, name string, set collections.KeySet[K], count int) error {
	n := 0
	err := set.Walk(ctx, nil, func(K) (bool, error) {
		if n++; n > count {
			return true, errTooMany
		}
		return false, nil
	})
	if errors.Is(err, errTooMany) {
		return errorsmod.Wrapf(types.ErrInvariant, "%s has more than %d lanes", name, count)
	}
	return err
}

// checkFlows refuses a flow that lies under another's key or is not in its recipient's list.
func (k *Keeper) checkFlows(ctx context.Context, flows []types.Flow) error {
	for _, f := range flows {
		key, recipient, err := flowKeys(f)
		if err != nil {
			return err
		}
		if stored, err := k.flows.Get(ctx, key); err != nil || stored.Id != f.Id {
			return errorsmod.Wrapf(types.ErrInvariant, "flow %s lies under another key", f.Id)
		}
		if ok, err := k.byRecipient.Has(ctx, collections.Join3(recipient, key.K1(), key.K2())); err != nil || !ok {
			return errorsmod.Wrapf(types.ErrInvariant, "flow %s is not in its recipient's list", f.Id)
		}
	}
	return requireCount(ctx, "flows_by_recipient", k.byRecipient, len(flows))
}
