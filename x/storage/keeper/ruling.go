package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

// ClaimBond lets a part of a provider's bond wait for a decision of a module above, which reference
// names, for MaxBondClaimSeconds at most: bps of what other claims leave, rounded down, as it is now.
// Who leaves meanwhile leaves that much behind. It returns how much, which is nothing where nothing
// is left. Emits EventBondClaimed. Errors: those of GetProvider, ErrInvalidAmount, ErrNotClaimable,
// ErrTooManyBondClaims.
func (k *Keeper) ClaimBond(ctx context.Context, operator string, bps uint32, reference string) (math.Int, error) {
	if bps == 0 || bps > 10_000 || reference == "" || len(reference) > types.MaxReferenceLen {
		return math.Int{}, errorsmod.Wrapf(types.ErrInvalidAmount, "%d bps by %.100q", bps, reference)
	}
	p, err := k.GetProvider(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return math.Int{}, err
	}
	if !p.Claimable(now) {
		return math.Int{}, errorsmod.Wrap(types.ErrNotClaimable, operator)
	}
	claims, err := k.claimsOf(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	if len(claims) >= types.MaxBondClaims {
		return math.Int{}, errorsmod.Wrap(types.ErrTooManyBondClaims, operator)
	}
	claimed, err := k.claimedOf(ctx, p, now)
	if err != nil {
		return math.Int{}, err
	}
	c := types.BondClaim{
		Operator: operator, Reference: reference, Until: now + types.MaxBondClaimSeconds,
		Amount: p.Bond.Sub(claimed).MulRaw(int64(bps)).QuoRaw(10_000),
	}
	if !c.Amount.IsPositive() {
		return c.Amount, nil
	}
	if err := k.bondClaims.Set(ctx, collections.Join(operator, reference), c); err != nil {
		return math.Int{}, err
	}
	return c.Amount, emit(ctx, &types.EventBondClaimed{Claim: c})
}

// SlashBond takes what a claim keeps, or what is there of it, out of the provider's bond for the
// common pool, and ends the claim. It returns how much. Without such a claim it does nothing, so
// twice is once. Emits EventSlashed, EventBondClaimEnded. Errors: those of GetProvider.
func (k *Keeper) SlashBond(ctx context.Context, operator, reference string) (math.Int, error) {
	p, err := k.GetProvider(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	c, err := k.takeClaim(ctx, operator, reference)
	if err != nil || c.Reference == "" {
		return math.ZeroInt(), err
	}
	amount := math.MinInt(c.Amount, p.Bond)
	if amount.IsPositive() {
		p.Bond = p.Bond.Sub(amount)
		if err := k.providers.Set(ctx, p.Operator, p); err != nil {
			return math.Int{}, err
		}
		if err := k.poolAdd(ctx, types.Nano(amount)); err != nil {
			return math.Int{}, err
		}
		if err := emit(ctx, &types.EventSlashed{Operator: p.Operator, Amount: amount, Bounties: math.ZeroInt()}); err != nil {
			return math.Int{}, err
		}
	}
	return amount, emit(ctx, &types.EventBondClaimEnded{Claim: c, Slashed: amount})
}

// ReleaseBond ends a claim for nothing. Without such a claim it does nothing. Emits EventBondClaimEnded.
func (k *Keeper) ReleaseBond(ctx context.Context, operator, reference string) error {
	c, err := k.takeClaim(ctx, operator, reference)
	if err != nil || c.Reference == "" {
		return err
	}
	return emit(ctx, &types.EventBondClaimEnded{Claim: c, Slashed: math.ZeroInt()})
}

// takeClaim removes a claim and returns it; one without a reference where there is none.
func (k *Keeper) takeClaim(ctx context.Context, operator, reference string) (types.BondClaim, error) {
	key := collections.Join(operator, reference)
	c, err := k.bondClaims.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return types.BondClaim{}, nil
	}
	if err != nil {
		return types.BondClaim{}, err
	}
	return c, k.bondClaims.Remove(ctx, key)
}

// claimsOf are the claims to a provider's bond, at most MaxBondClaims.
func (k *Keeper) claimsOf(ctx context.Context, operator string) (out []types.BondClaim, err error) {
	err = k.bondClaims.Walk(ctx, collections.NewPrefixedPairRange[string, string](operator), func(_ dealKey, c types.BondClaim) (bool, error) {
		out = append(out, c)
		return false, nil
	})
	return out, err
}

// claimedOf is what claims keep of a provider's bond now: no more than is there.
func (k *Keeper) claimedOf(ctx context.Context, p types.Provider, now int64) (math.Int, error) {
	claims, err := k.claimsOf(ctx, p.Operator)
	if err != nil {
		return math.Int{}, err
	}
	sum := math.ZeroInt()
	for _, c := range claims {
		if c.Live(now) {
			sum = sum.Add(c.Amount)
		}
	}
	return math.MinInt(sum, p.Bond), nil
}

// checkBondClaims checks that each claim lies under its own key.
func (k *Keeper) checkBondClaims(ctx context.Context, claims []types.BondClaim) error {
	for _, c := range claims {
		stored, err := k.bondClaims.Get(ctx, collections.Join(c.Operator, c.Reference))
		if err != nil || stored.Operator != c.Operator || stored.Reference != c.Reference {
			return errorsmod.Wrapf(types.ErrInvariant, "claim %s of the bond of %s is stored under another key", c.Reference, c.Operator)
		}
	}
	return nil
}
