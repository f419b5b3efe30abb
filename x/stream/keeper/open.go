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

// OpenLanes opens a lane for each intent, for the provider that submitter acts for, and books
// the open fees to submitter in one payout. Each intent succeeds or fails alone; out of gas
// fails all. Emits EventLaneOpened or EventLaneRefused for each. Errors: ErrNotProvider, those
// of revenue.Release.
func (k *Keeper) OpenLanes(ctx context.Context, submitter sdk.AccAddress, intents []types.LaneIntent) ([]types.ItemResult, error) {
	operator, err := k.operatorOf(ctx, submitter)
	if err != nil {
		return nil, err
	}
	fees := sdk.NewCoins()
	results := make([]types.ItemResult, 0, len(intents))
	for i, intent := range intents {
		var fee sdk.Coin
		err := k.alone(ctx, func(ctx sdk.Context) (err error) {
			fee, err = k.openLane(ctx, submitter, operator, intent)
			return err
		})
		results = append(results, types.ResultOf(0, err))
		if err == nil {
			fees = fees.Add(fee)
			continue
		}
		if err := emit(ctx, &types.EventLaneRefused{
			Index: uint32(i), Owner: named(intent.EscrowOwner), Provider: operator.String(), Generation: intent.Generation,
			Codespace: results[i].Codespace, Code: results[i].Code, Log: types.Log(err),
		}); err != nil {
			return nil, err
		}
	}
	for _, fee := range fees {
		if err := k.revenue.Release(ctx, submitter, fee); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// openLane opens one lane and returns the fee that it took out of the escrow.
func (k *Keeper) openLane(ctx sdk.Context, submitter, operator sdk.AccAddress, intent types.LaneIntent) (sdk.Coin, error) {
	at, key, now, err := k.checkIntent(ctx, operator, intent)
	if err != nil {
		return sdk.Coin{}, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return sdk.Coin{}, err
	}
	if err := requireTerms(params, intent, now); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.requireNext(ctx, at, intent.Generation); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.reserve(ctx, at, key, math.NewIntFromUint64(intent.Cap), params.OpenFee, now); err != nil {
		return sdk.Coin{}, err
	}
	// once for all its sessions: a tier costs many reads
	tier, err := k.TierOf(ctx, at.owner)
	if err != nil {
		return sdk.Coin{}, err
	}
	closes := intent.Expires + params.SettleGraceSeconds
	lane := types.Lane{
		Owner: at.owner.String(), Denom: at.denom, Provider: at.provider.String(), Generation: intent.Generation,
		Pubkey: intent.Pubkey, Cap: intent.Cap, OpenedAt: now, Expires: intent.Expires, ClosesAt: closes, EndsAt: closes,
		DiscountBps: tier.DiscountBps(),
	}
	if err := k.setNewLane(ctx, at, lane); err != nil {
		return sdk.Coin{}, err
	}
	if err := k.generations.Set(ctx, at.pair(), lane.Generation); err != nil {
		return sdk.Coin{}, err
	}
	fee := sdk.NewCoin(at.denom, params.OpenFee)
	return fee, emit(ctx, &types.EventLaneOpened{
		Owner: lane.Owner, Provider: lane.Provider, Generation: lane.Generation, Cap: lane.Coin(lane.Cap), Fee: fee,
		Submitter: submitter.String(), Pubkey: lane.Pubkey, Expires: lane.Expires, ClosesAt: lane.ClosesAt,
	})
}

// checkIntent checks who signed the intent, for whom and until when. The signature comes last:
// it costs the most.
func (k *Keeper) checkIntent(ctx sdk.Context, operator sdk.AccAddress, intent types.LaneIntent) (at place, key types.SessionKey, now int64, err error) {
	if err := intent.Validate(); err != nil {
		return at, key, 0, err
	}
	if intent.ChainId != ctx.ChainID() {
		return at, key, 0, errorsmod.Wrapf(types.ErrChainID, "%q", intent.ChainId)
	}
	if at, err = placeOf(intent.EscrowOwner, intent.Denom, intent.Provider); err != nil {
		return at, key, 0, err
	}
	if !at.provider.Equals(operator) {
		return at, key, 0, errorsmod.Wrapf(types.ErrWrongProvider, "%s", at.provider)
	}
	if now, err = k.clock.Now(ctx); err != nil {
		return at, key, 0, err
	}
	if now > intent.SubmitBy {
		return at, key, 0, errorsmod.Wrapf(types.ErrIntentLate, "at %d, now %d", intent.SubmitBy, now)
	}
	if key, err = k.getKey(ctx, at.owner, intent.Pubkey); err != nil {
		return at, key, 0, err
	}
	if err := key.Usable(types.SESSION_KEY_SCOPE_PAYMENT, now); err != nil {
		return at, key, 0, err
	}
	if key.Limit.Denom != at.denom {
		return at, key, 0, errorsmod.Wrapf(types.ErrKeyDenom, "%s", key.Limit.Denom)
	}
	signed, err := intent.Voucher()
	if err != nil {
		return at, key, 0, err
	}
	ctx.GasMeter().ConsumeGas(types.SignatureGas, "lane intent signature")
	if !signed.Verify(intent.Pubkey, intent.Signature) {
		return at, key, 0, types.ErrInvalidSignature
	}
	return at, key, now, nil
}

// requireTerms checks what the parameters bound.
func requireTerms(params types.Params, intent types.LaneIntent, now int64) error {
	if seconds := intent.Expires - now; seconds < params.MinLaneSeconds || seconds > params.MaxLaneSeconds {
		return errorsmod.Wrapf(types.ErrLaneDuration, "in %d s", seconds)
	}
	if math.NewIntFromUint64(intent.Cap).LT(params.MinLaneCap) {
		return errorsmod.Wrapf(types.ErrCapTooSmall, "%d, least %s", intent.Cap, params.MinLaneCap)
	}
	return nil
}

// requireNext requires the next generation, which makes each intent good for one lane at most,
// and that no lane is open at the place.
func (k *Keeper) requireNext(ctx context.Context, at place, generation uint64) error {
	last, err := k.lastGeneration(ctx, at)
	if err != nil {
		return err
	}
	if generation-1 != last {
		return errorsmod.Wrapf(types.ErrGeneration, "%d after %d", generation, last)
	}
	open, err := k.lanes.Has(ctx, at.key())
	if err != nil {
		return err
	}
	if open {
		return errorsmod.Wrapf(types.ErrLaneOpen, "%s with %s", at.owner, at.provider)
	}
	return nil
}

// reserve takes the fee out of the escrow and reserves the cap in it and in the key's limit.
// The fee counts as spent: else a stolen key could drain an escrow by opening lanes.
func (k *Keeper) reserve(ctx context.Context, at place, key types.SessionKey, limit, fee math.Int, now int64) error {
	asked := limit.Add(fee)
	if left := key.Available(now); asked.GT(left) {
		return errorsmod.Wrapf(types.ErrKeyLimit, "asked %s of %s", asked, left)
	}
	escrow, err := k.escrows.Get(ctx, collections.Join(at.owner.Bytes(), at.denom))
	if errors.Is(err, collections.ErrNotFound) {
		return errorsmod.Wrap(types.ErrInsufficientEscrow, "no escrow")
	}
	if err != nil {
		return err
	}
	if asked.GT(escrow.Free()) {
		return errorsmod.Wrapf(types.ErrInsufficientEscrow, "asked %s of %s free", asked, escrow.Free())
	}
	escrow.Balance, escrow.Reserved = escrow.Balance.Sub(fee), escrow.Reserved.Add(limit)
	if err := k.setEscrow(ctx, at.owner, escrow); err != nil {
		return err
	}
	key.Reserved = key.Reserved.Add(limit)
	key.Pay(fee, now)
	return k.setKey(ctx, at.owner, key)
}
