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

// EndDeal ends a deal, or declines or cancels a request. The creator's controller may at once.
// A provider keeps a deal that it accepted for min_deal_seconds, unless the escrow is dry:
// otherwise it could take a prepaid work and drop it when serving becomes a burden. What was
// earned stays claimable. Emits EventDealEnded. Errors: ErrDealNotFound, ErrNotParty, ErrDealTooYoung.
func (k *Keeper) EndDeal(ctx context.Context, signer sdk.AccAddress, work, operator string) error {
	d, err := k.GetDeal(ctx, work, operator)
	if err != nil {
		return err
	}
	reason, err := k.party(ctx, d, signer)
	if err != nil {
		return err
	}
	e, now, err := k.touch(ctx, d.Root)
	if err != nil {
		return err
	}
	if reason == types.DEAL_END_PROVIDER && d.Status == types.DEAL_STATUS_ACTIVE && !e.Dry() {
		params, err := k.Params(ctx)
		if err != nil {
			return err
		}
		if until := d.AcceptedAt + params.MinDealSeconds; now < until {
			return errorsmod.Wrapf(types.ErrDealTooYoung, "until %d, now %d", until, now)
		}
	}
	return k.end(ctx, d, reason, math.ZeroInt())
}

// party says as whom the signer ends a deal. The controller comes first: a creator that keeps
// its own work may end the deal at once.
func (k *Keeper) party(ctx context.Context, d types.Deal, signer sdk.AccAddress) (types.DealEnd, error) {
	w, err := k.content.GetWork(ctx, d.Work)
	if err != nil {
		return 0, err
	}
	_, err = k.content.RequireController(ctx, w.Creator, signer)
	if err == nil {
		return types.DEAL_END_CONTROLLER, nil
	}
	if !errors.Is(err, contenttypes.ErrNotController) {
		return 0, err
	}
	p, err := k.ProviderByAgent(ctx, signer)
	if err != nil && !errors.Is(err, types.ErrProviderNotFound) {
		return 0, err
	}
	if err != nil || p.Operator != d.Operator {
		return 0, errorsmod.Wrap(types.ErrNotParty, signer.String())
	}
	return types.DEAL_END_PROVIDER, nil
}

// end closes a deal with its escrow and wants another copy where the reason asks for it.
func (k *Keeper) end(ctx context.Context, d types.Deal, reason types.DealEnd, bounty math.Int) error {
	e, _, err := k.touch(ctx, d.Root)
	if err != nil {
		return err
	}
	if err := k.closeDeal(ctx, &e, d, reason); err != nil {
		return err
	}
	if err := k.putEscrow(ctx, e); err != nil {
		return err
	}
	if d.Status != types.DEAL_STATUS_ACTIVE || !reason.Reopens() {
		return k.poolAdd(ctx, bounty)
	}
	return k.openRepair(ctx, d, reason, bounty)
}

// closeDeal settles a deal and removes it, from its provider's proof set too; what is left of
// its bounty goes to the pool. The escrow must be counted up to now; the caller writes it.
func (k *Keeper) closeDeal(ctx context.Context, e *types.Escrow, d types.Deal, reason types.DealEnd) error {
	settled, err := k.settle(ctx, e, &d)
	if err != nil {
		return err
	}
	if err := k.poolAdd(ctx, d.BountyLeft); err != nil {
		return err
	}
	e.Deals--
	if d.Status == types.DEAL_STATUS_ACTIVE {
		e.Rate = e.Rate.Sub(d.Rate)
		if err := k.freeRoom(ctx, d); err != nil {
			return err
		}
		if err := k.setRemove(ctx, d, !reason.ByProvider()); err != nil {
			return err
		}
		if err := k.forgetServing(ctx, d); err != nil {
			return err
		}
	} else if err := k.requests.Remove(ctx, queueKeyOf(d)); err != nil {
		return err
	}
	if err := k.deals.Remove(ctx, keyOf(d)); err != nil {
		return err
	}
	if err := k.byRoot.Remove(ctx, collections.Join3(d.Root, d.Work, d.Operator)); err != nil {
		return err
	}
	if err := k.byProvider.Remove(ctx, collections.Join(d.Operator, d.Work)); err != nil {
		return err
	}
	return emit(ctx, &types.EventDealEnded{
		Work: d.Work, Operator: d.Operator, Root: d.Root, Status: d.Status, Reason: reason, Settled: settled,
	})
}

// freeRoom takes an active deal off its provider's sums.
func (k *Keeper) freeRoom(ctx context.Context, d types.Deal) error {
	p, err := k.GetProvider(ctx, d.Operator)
	if err != nil {
		return err
	}
	p.CommittedBytes, p.ActiveDeals = p.CommittedBytes-d.PieceSize, p.ActiveDeals-1
	return k.providers.Set(ctx, p.Operator, p)
}
