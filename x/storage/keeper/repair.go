package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// endLost ends an active deal whose bytes are lost and wants another copy, for which bounty, in
// nano-ustream that the module account holds, is paid. One that has ended already is no error:
// its bounty goes to the pool. Emits EventDealEnded and EventRepairOpened.
func (k *Keeper) endLost(ctx context.Context, operator, work string, bounty math.Int) error {
	d, err := k.GetDeal(ctx, work, operator)
	if errors.Is(err, types.ErrDealNotFound) || (err == nil && d.Status != types.DEAL_STATUS_ACTIVE) {
		return k.poolAdd(ctx, bounty)
	}
	if err != nil {
		return err
	}
	return k.end(ctx, d, types.DEAL_END_LOST, bounty)
}

// endTerminated ends any deal of a provider that missed too many proofs. One that has ended
// already is no error. Emits EventDealEnded and EventRepairOpened.
func (k *Keeper) endTerminated(ctx context.Context, operator, work string) error {
	d, err := k.GetDeal(ctx, work, operator)
	if errors.Is(err, types.ErrDealNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return k.end(ctx, d, types.DEAL_END_TERMINATED, math.ZeroInt())
}

// openRepair wants another copy of what d kept. Where there can be none its bounty goes to the
// pool. Emits EventRepairOpened.
func (k *Keeper) openRepair(ctx context.Context, d types.Deal, reason types.DealEnd, bounty math.Int) error {
	w, err := k.content.GetWork(ctx, d.Work)
	if err != nil {
		return err
	}
	if w.Status != contenttypes.WORK_STATUS_ACTIVE {
		return k.poolAdd(ctx, bounty)
	}
	r, err := k.repairs.Get(ctx, keyOf(d))
	if errors.Is(err, collections.ErrNotFound) {
		full, err := k.repairsFull(ctx, d.Root)
		if err != nil {
			return err
		}
		if full {
			return k.poolAdd(ctx, bounty)
		}
		now, err := k.clock.Now(ctx)
		if err != nil {
			return err
		}
		r = types.Repair{
			Work: d.Work, Operator: d.Operator, Root: d.Root, PieceSize: d.PieceSize,
			MaxRate: math.ZeroInt(), Bounty: math.ZeroInt(), OpenedAt: now,
		}
	} else if err != nil {
		return err
	}
	p, err := k.GetProvider(ctx, d.Operator)
	if err != nil {
		return err
	}
	r.NetworkPrefix, r.Region, r.Reason = p.NetworkPrefix, p.Region, reason
	r.MaxRate, r.Bounty = math.MaxInt(r.MaxRate, d.MaxRate), r.Bounty.Add(bounty)
	if err := k.putRepair(ctx, r); err != nil {
		return err
	}
	return emit(ctx, &types.EventRepairOpened{Repair: r})
}

// putRepair writes a row with its index.
func (k *Keeper) putRepair(ctx context.Context, r types.Repair) error {
	if err := k.repairs.Set(ctx, collections.Join(r.Work, r.Operator), r); err != nil {
		return err
	}
	return k.repairsOf.Set(ctx, collections.Join3(r.Root, r.Work, r.Operator))
}

// repairsFull reports whether no more copies of a work can be wanted. Of one version there are
// never more than MaxDealsPerWork: each was a live deal, and a new request takes one over.
func (k *Keeper) repairsFull(ctx context.Context, root string) (bool, error) {
	rows := 0
	rng := collections.NewPrefixedTripleRange[string, string, string](root)
	err := k.repairsOf.Walk(ctx, rng, func(rootKey) (bool, error) {
		rows++
		return rows == types.MaxRepairsPerRoot, nil
	})
	return rows == types.MaxRepairsPerRoot, err
}

// GetRepair returns a copy that is wanted, by its version and the provider that had it.
// Errors: ErrRepairNotFound.
func (k *Keeper) GetRepair(ctx context.Context, work, operator string) (types.Repair, error) {
	r, err := k.repairs.Get(ctx, collections.Join(work, operator))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Repair{}, errorsmod.Wrapf(types.ErrRepairNotFound, "%.100q of %.100q", work, operator)
	}
	return r, err
}

// dropRepair removes a row.
func (k *Keeper) dropRepair(ctx context.Context, r types.Repair) error {
	if err := k.repairs.Remove(ctx, collections.Join(r.Work, r.Operator)); err != nil {
		return err
	}
	return k.repairsOf.Remove(ctx, collections.Join3(r.Root, r.Work, r.Operator))
}

// closeRepair takes a row away for good and says what of its bounty p is to earn; nothing where
// p may not have it, and then the pool gets it. Emits EventRepairClosed.
func (k *Keeper) closeRepair(ctx context.Context, r types.Repair, p types.Provider) (math.Int, error) {
	bounty, err := k.takeRepair(ctx, r, p)
	if err != nil {
		return math.Int{}, err
	}
	return bounty, emit(ctx, &types.EventRepairClosed{Work: r.Work, Operator: r.Operator})
}

// takeRepair removes a row and says what of its bounty p is to earn.
func (k *Keeper) takeRepair(ctx context.Context, r types.Repair, p types.Provider) (math.Int, error) {
	if err := k.dropRepair(ctx, r); err != nil {
		return math.Int{}, err
	}
	if r.Pays(p) {
		return r.Bounty, nil
	}
	return math.ZeroInt(), k.poolAdd(ctx, r.Bounty)
}

// takeOver closes the copy of a version that is wanted for the longest time, because its creator
// has asked p itself, and says what p is to earn for it. Emits EventRepairClosed.
func (k *Keeper) takeOver(ctx context.Context, p types.Provider, work string) (math.Int, error) {
	var oldest *types.Repair
	rng := collections.NewPrefixedPairRange[string, string](work)
	err := k.repairs.Walk(ctx, rng, func(_ dealKey, r types.Repair) (bool, error) {
		if oldest == nil || r.OpenedAt < oldest.OpenedAt {
			oldest = &r
		}
		return false, nil
	})
	if err != nil || oldest == nil {
		return math.ZeroInt(), err
	}
	return k.closeRepair(ctx, *oldest, p)
}

// closeRepairs closes all rows of a work; the pool gets their bounties.
func (k *Keeper) closeRepairs(ctx context.Context, root string) error {
	var open []types.Repair
	rng := collections.NewPrefixedTripleRange[string, string, string](root)
	err := k.repairsOf.Walk(ctx, rng, func(key rootKey) (bool, error) {
		r, err := k.GetRepair(ctx, key.K2(), key.K3())
		open = append(open, r)
		return false, err
	})
	if err != nil {
		return err
	}
	for _, r := range open {
		if err := k.poolAdd(ctx, r.Bounty); err != nil {
			return err
		}
		if err := k.dropRepair(ctx, r); err != nil {
			return err
		}
		if err := emit(ctx, &types.EventRepairClosed{Work: r.Work, Operator: r.Operator}); err != nil {
			return err
		}
	}
	return nil
}

// RepairWork gives a copy that is wanted to the signer's provider, which holds the bytes: an
// active deal at its own price, no dearer than the one before. The bounty comes besides where
// neither the provider nor its network is that which had the copy; else the pool gets it.
// Emits EventWorkRepaired. Errors: ErrProviderNotFound, ErrProviderInactive, ErrRepairNotFound,
// ErrWorkNotActive, ErrPieceMismatch, ErrPriceAboveMax, ErrDealExists, ErrTooManyDeals,
// ErrNoCapacity, ErrBondTooSmall, ErrSameNetwork.
func (k *Keeper) RepairWork(ctx context.Context, agent sdk.AccAddress, work, operator string, pieceRoot []byte, pieceSize uint64) (types.Deal, error) {
	p, err := k.ProviderByAgent(ctx, agent)
	if err != nil {
		return types.Deal{}, err
	}
	if p.Status != types.PROVIDER_STATUS_ACTIVE {
		return types.Deal{}, errorsmod.Wrap(types.ErrProviderInactive, p.Operator)
	}
	r, err := k.GetRepair(ctx, work, operator)
	if err != nil {
		return types.Deal{}, err
	}
	if err := k.requireBytes(ctx, work, pieceRoot, pieceSize); err != nil {
		return types.Deal{}, err
	}
	rate := types.Rate(p.PricePerGibDay, r.PieceSize)
	if rate.GT(r.MaxRate) {
		return types.Deal{}, errorsmod.Wrapf(types.ErrPriceAboveMax, "%s nano-ustream a second, not %s", r.MaxRate, rate)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.Deal{}, err
	}
	e, now, err := k.touch(ctx, r.Root)
	if err != nil {
		return types.Deal{}, err
	}
	if err := k.requirePlace(ctx, params, e, p, work, r.PieceSize); err != nil {
		return types.Deal{}, err
	}
	bounty, err := k.takeRepair(ctx, r, p)
	if err != nil {
		return types.Deal{}, err
	}
	e.Deals++
	d, err := k.activate(ctx, e, types.Deal{
		Work: work, Operator: p.Operator, Root: r.Root, PieceSize: r.PieceSize, Rate: rate, MaxRate: r.MaxRate,
		RequestedAt: now, ExpiresAt: now + params.RequestTtlSeconds, Bounty: bounty, BountyLeft: bounty,
	}, p, now)
	if err != nil {
		return types.Deal{}, err
	}
	if err := k.addDeal(ctx, d); err != nil {
		return types.Deal{}, err
	}
	return d, emit(ctx, &types.EventWorkRepaired{Deal: d, Operator: operator})
}
