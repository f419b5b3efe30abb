package keeper

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// GetDeal returns a live deal. Errors: ErrDealNotFound.
func (k *Keeper) GetDeal(ctx context.Context, work, operator string) (types.Deal, error) {
	d, err := k.deals.Get(ctx, collections.Join(work, operator))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Deal{}, errorsmod.Wrapf(types.ErrDealNotFound, "%.100q of %.100q", work, operator)
	}
	return d, err
}

// dealsOf returns the live deals of one version, at most MaxDealsPerWork.
func (k *Keeper) dealsOf(ctx context.Context, work string) ([]types.Deal, error) {
	var deals []types.Deal
	rng := collections.NewPrefixedPairRange[string, string](work)
	err := k.deals.Walk(ctx, rng, func(_ dealKey, d types.Deal) (bool, error) {
		deals = append(deals, d)
		return false, nil
	})
	return deals, err
}

// countCopies counts active deals, those in one network once unless the rules are relaxed: a
// provider may have moved since it was asked.
func (k *Keeper) countCopies(ctx context.Context, params types.Params, deals []types.Deal) (uint32, error) {
	var networks []string
	for _, d := range deals {
		if d.Status != types.DEAL_STATUS_ACTIVE {
			continue
		}
		p, err := k.GetProvider(ctx, d.Operator)
		if err != nil {
			return 0, err
		}
		if params.RelaxedNetworkRules || !slices.Contains(networks, p.NetworkPrefix) {
			networks = append(networks, p.NetworkPrefix)
		}
	}
	return uint32(len(networks)), nil
}

// RequestDeals asks providers to keep a version of a work and pays ustream, or nothing, into
// its escrow. The rate of each is fixed now, and all must accept before the time returned.
// Emits EventDealRequested for each, and EventWorkFunded. Errors: content's ErrWorkNotFound and
// ErrNotController, ErrWorkNotActive, ErrTooManyDeals, ErrDealExists, ErrProviderNotFound,
// ErrProviderInactive, ErrPriceAboveMax, ErrNoCapacity, ErrBondTooSmall,
// ErrSameNetwork, and the bank's. Each new request closes one repair of the version, if there is one.
func (k *Keeper) RequestDeals(ctx context.Context, funder sdk.AccAddress, work string, providers []string, prepayment, maxPrice math.Int) (int64, error) {
	w, err := k.content.GetWork(ctx, work)
	if err != nil {
		return 0, err
	}
	if _, err := k.content.RequireController(ctx, w.Creator, funder); err != nil {
		return 0, err
	}
	if w.Status != contenttypes.WORK_STATUS_ACTIVE {
		return 0, errorsmod.Wrap(types.ErrWorkNotActive, w.Cid)
	}
	if err := k.fund(ctx, funder, w.Root, prepayment); err != nil {
		return 0, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return 0, err
	}
	e, now, err := k.touch(ctx, w.Root)
	if err != nil {
		return 0, err
	}
	for _, operator := range providers {
		if err := k.request(ctx, params, &e, w, operator, maxPrice, now); err != nil {
			return 0, err
		}
	}
	return now + params.RequestTtlSeconds, k.putEscrow(ctx, e)
}

// request adds one requested deal.
func (k *Keeper) request(ctx context.Context, params types.Params, e *types.Escrow, w contenttypes.Work, operator string, maxPrice math.Int, now int64) error {
	p, err := k.activeProvider(ctx, operator)
	if err != nil {
		return err
	}
	if p.PricePerGibDay.GT(maxPrice) {
		return errorsmod.Wrapf(types.ErrPriceAboveMax, "%s asks %s", operator, p.PricePerGibDay)
	}
	if err := k.requirePlace(ctx, params, *e, p, w.Cid, w.PieceSize); err != nil {
		return err
	}
	e.Deals++
	d := types.Deal{
		Work: w.Cid, Operator: operator, Root: w.Root, Status: types.DEAL_STATUS_REQUESTED, PieceSize: w.PieceSize,
		Rate: types.Rate(p.PricePerGibDay, w.PieceSize), RequestedAt: now, ExpiresAt: now + params.RequestTtlSeconds,
	}
	// what the creator allows, not what this provider asks: else nobody dearer could ever repair the cheapest one's copy
	d.MaxRate = types.Rate(math.MinInt(maxPrice, math.NewInt(types.MaxPricePerGiBDay)), w.PieceSize)
	if d.Bounty, err = k.takeOver(ctx, p, w.Cid); err != nil {
		return err
	}
	d.BountyLeft = d.Bounty
	if err := k.addDeal(ctx, d); err != nil {
		return err
	}
	return emit(ctx, &types.EventDealRequested{Deal: d})
}

// requirePlace refuses one more live deal of a version with a provider that has one, has no room
// or too small a bond, or is in the network of another's, and one more than there can be.
func (k *Keeper) requirePlace(ctx context.Context, params types.Params, e types.Escrow, p types.Provider, work string, size uint64) error {
	live, err := k.dealsOf(ctx, work)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(live, func(d types.Deal) bool { return d.Operator == p.Operator }) {
		return errorsmod.Wrap(types.ErrDealExists, p.Operator)
	}
	if len(live) >= types.MaxDealsPerWork || e.Deals >= types.MaxDealsPerRoot {
		return errorsmod.Wrap(types.ErrTooManyDeals, work)
	}
	if err := requireRoom(p, size); err != nil {
		return err
	}
	if err := k.requireBond(ctx, p); err != nil {
		return err
	}
	return k.requireOwnNetwork(ctx, params, p, live)
}

// requireRoom refuses a provider without room. Requests take no room: otherwise anybody could
// fill a provider with requests of works that do not exist.
func requireRoom(p types.Provider, size uint64) error {
	if size > p.CapacityBytes-p.CommittedBytes {
		return errorsmod.Wrapf(types.ErrNoCapacity, "%s has %d of %d bytes left", p.Operator, p.CapacityBytes-p.CommittedBytes, size)
	}
	return nil
}

// requireOwnNetwork refuses a provider in the network of one of these deals' providers: copies
// that fail together are not two copies.
func (k *Keeper) requireOwnNetwork(ctx context.Context, params types.Params, p types.Provider, deals []types.Deal) error {
	if params.RelaxedNetworkRules {
		return nil
	}
	for _, d := range deals {
		if d.Operator == p.Operator {
			continue
		}
		other, err := k.GetProvider(ctx, d.Operator)
		if err != nil {
			return err
		}
		if other.NetworkPrefix == p.NetworkPrefix {
			return errorsmod.Wrapf(types.ErrSameNetwork, "%s and %s in %s", p.Operator, d.Operator, p.NetworkPrefix)
		}
	}
	return nil
}

// AcceptDeal makes a request active: from now on it earns. piece_root and size are of the bytes
// that the provider holds: whoever has not read them all does not know the root of what it has.
// Emits EventDealAccepted. Errors: ErrProviderNotFound, ErrProviderInactive, ErrDealNotFound,
// ErrDealNotRequested, ErrRequestExpired, ErrWorkNotActive, ErrPieceMismatch, ErrNoCapacity,
// ErrBondTooSmall, ErrSameNetwork.
func (k *Keeper) AcceptDeal(ctx context.Context, agent sdk.AccAddress, work string, pieceRoot []byte, pieceSize uint64) error {
	p, err := k.ProviderByAgent(ctx, agent)
	if err != nil {
		return err
	}
	if p.Status != types.PROVIDER_STATUS_ACTIVE {
		return errorsmod.Wrap(types.ErrProviderInactive, p.Operator)
	}
	d, err := k.GetDeal(ctx, work, p.Operator)
	if err != nil {
		return err
	}
	if d.Status != types.DEAL_STATUS_REQUESTED {
		return errorsmod.Wrapf(types.ErrDealNotRequested, "%s of %s", work, p.Operator)
	}
	e, now, err := k.touch(ctx, d.Root)
	if err != nil {
		return err
	}
	if now >= d.ExpiresAt {
		return errorsmod.Wrapf(types.ErrRequestExpired, "at %d, now %d", d.ExpiresAt, now)
	}
	if err := k.requireBytes(ctx, work, pieceRoot, pieceSize); err != nil {
		return err
	}
	if err := k.requireFit(ctx, p, d); err != nil {
		return err
	}
	if err := k.requests.Remove(ctx, queueKeyOf(d)); err != nil {
		return err
	}
	if d, err = k.activate(ctx, e, d, p, now); err != nil {
		return err
	}
	return emit(ctx, &types.EventDealAccepted{Deal: d})
}

// requireBytes refuses other bytes than the work's, and works that are not active.
func (k *Keeper) requireBytes(ctx context.Context, work string, pieceRoot []byte, pieceSize uint64) error {
	w, err := k.content.GetWork(ctx, work)
	if err != nil {
		return err
	}
	if w.Status != contenttypes.WORK_STATUS_ACTIVE {
		return errorsmod.Wrap(types.ErrWorkNotActive, w.Cid)
	}
	if !bytes.Equal(pieceRoot, w.PieceRoot) || pieceSize != w.PieceSize {
		return errorsmod.Wrapf(types.ErrPieceMismatch, "root %x of %d bytes, not %x of %d", pieceRoot, pieceSize, w.PieceRoot, w.PieceSize)
	}
	return nil
}

// requireFit refuses a provider without room or bond, and one in the network of an active deal.
func (k *Keeper) requireFit(ctx context.Context, p types.Provider, d types.Deal) error {
	if err := requireRoom(p, d.PieceSize); err != nil {
		return err
	}
	if err := k.requireBond(ctx, p); err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	live, err := k.dealsOf(ctx, d.Work)
	if err != nil {
		return err
	}
	// again, because providers move; other requests may never become copies
	active := slices.DeleteFunc(live, func(d types.Deal) bool { return d.Status != types.DEAL_STATUS_ACTIVE })
	return k.requireOwnNetwork(ctx, params, p, active)
}

// activate writes what makes a deal active: it earns from now on. The escrow must be counted up
// to now; the caller writes the deal's indexes.
func (k *Keeper) activate(ctx context.Context, e types.Escrow, d types.Deal, p types.Provider, now int64) (types.Deal, error) {
	missed, err := k.missedSeconds(ctx, d.Operator)
	if err != nil {
		return types.Deal{}, err
	}
	d.Status, d.AcceptedAt, d.Index, d.MissedSeconds = types.DEAL_STATUS_ACTIVE, now, e.Index, missed
	if err := k.deals.Set(ctx, keyOf(d), d); err != nil {
		return types.Deal{}, err
	}
	e.Rate = e.Rate.Add(d.Rate)
	if err := k.putEscrow(ctx, e); err != nil {
		return types.Deal{}, err
	}
	p.CommittedBytes, p.ActiveDeals = p.CommittedBytes+d.PieceSize, p.ActiveDeals+1
	if err := k.providers.Set(ctx, p.Operator, p); err != nil {
		return types.Deal{}, err
	}
	return d, k.setAdd(ctx, d)
}

func keyOf(d types.Deal) dealKey { return collections.Join(d.Work, d.Operator) }

func queueKeyOf(d types.Deal) queueKey { return collections.Join3(d.ExpiresAt, d.Work, d.Operator) }

// addDeal writes a deal with its indexes.
func (k *Keeper) addDeal(ctx context.Context, d types.Deal) error {
	if err := k.deals.Set(ctx, keyOf(d), d); err != nil {
		return err
	}
	if err := k.byRoot.Set(ctx, collections.Join3(d.Root, d.Work, d.Operator)); err != nil {
		return err
	}
	if err := k.byProvider.Set(ctx, collections.Join(d.Operator, d.Work)); err != nil {
		return err
	}
	if d.Status != types.DEAL_STATUS_REQUESTED {
		return nil
	}
	return k.requests.Set(ctx, queueKeyOf(d))
}
