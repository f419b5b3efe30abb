package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	"github.com/streamchain/streamchain/x/stream/types"
)

// Mint is x/mint's minting function: it emits what the schedule gives for the live time since
// the last block. It never fails, for it runs before everything else in a block: what a block
// could not mint, the next one mints too, with EventEmissionFailed between. It mints for stakers
// and participation what the schedule says, and for storage only what x/storage matches with
// what works' own revenue left; the rest of that part is not minted. Emits EventEmitted.
func (k *Keeper) Mint(ctx context.Context) error {
	err := safely(ctx, func(ctx sdk.Context) error { return k.mint(ctx) })
	if err != nil {
		k.report(ctx, nil, &types.EventEmissionFailed{Log: types.Log(err)})
	}
	return nil
}

func (k *Keeper) mint(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	e, err := k.emission.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return k.emission.Set(ctx, types.NewEmission(now, k.bank.GetSupply(ctx, token.BaseDenom).Amount))
	}
	if err != nil || now <= e.LastAt {
		return err
	}
	due := types.Scheduled(now - e.BeganAt).Sub(types.Scheduled(e.LastAt - e.BeganAt))
	storage, participation := share(due, types.EmissionStorageBps), share(due, types.EmissionParticipationBps)
	stakers := due.Sub(storage).Sub(participation)
	e.LastAt = now
	// what was not matched in its epoch never is
	if epoch := uint64(now) / storagetypes.MatchEpochSeconds; epoch != e.StorageEpoch {
		e.StorageEpoch, e.StorageDue = epoch, math.ZeroInt()
	}
	e.StorageDue = e.StorageDue.Add(storage)
	granted, err := k.match(ctx, &e)
	if err != nil {
		return err
	}
	e.Stakers, e.Participation, e.Storage = e.Stakers.Add(stakers), e.Participation.Add(participation), e.Storage.Add(granted)
	if err := k.emission.Set(ctx, e); err != nil {
		return err
	}
	if err := k.revenue.FundParticipation(ctx, participation); err != nil {
		return err
	}
	for _, to := range []struct {
		module string
		amount math.Int
	}{{authtypes.FeeCollectorName, stakers}, {storagetypes.ModuleName, granted}, {revenuetypes.ModuleName, participation}} {
		if err := k.mintTo(ctx, to.module, to.amount); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventEmitted{Stakers: stakers, Storage: granted, Participation: participation})
}

// match gives works their turn, a few in each block, in the order of their ids.
func (k *Keeper) match(ctx context.Context, e *types.Emission) (math.Int, error) {
	roots, last, err := k.storage.Matchable(ctx, e.StorageCursor, types.MaxMatches)
	if err != nil {
		return math.Int{}, err
	}
	e.StorageCursor = last
	sum := math.ZeroInt()
	for _, root := range roots {
		want := math.MaxInt(e.StorageDue.QuoRaw(types.MatchTurnDivisor), math.OneInt())
		if !e.StorageDue.IsPositive() {
			break
		}
		granted, err := k.storage.MatchEmission(ctx, root, want)
		if err != nil {
			return math.Int{}, err
		}
		if !granted.IsPositive() {
			continue
		}
		e.StorageDue, sum = e.StorageDue.Sub(granted), sum.Add(granted)
		if err := emit(ctx, &types.EventEmissionMatched{Work: root, Amount: granted}); err != nil {
			return math.Int{}, err
		}
	}
	return sum, nil
}

// mintTo mints STREAM and sends it to a module's account.
func (k *Keeper) mintTo(ctx context.Context, module string, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	coins := sdk.Coins{{Denom: token.BaseDenom, Amount: amount}}
	if err := k.bank.MintCoins(ctx, minttypes.ModuleName, coins); err != nil {
		return err
	}
	return k.bank.SendCoinsFromModuleToModule(ctx, minttypes.ModuleName, module, coins)
}

func share(amount math.Int, bps int64) math.Int { return amount.MulRaw(bps).QuoRaw(revenuetypes.Bps) }

// Emission returns what was minted; all zero before the first block.
func (k *Keeper) Emission(ctx context.Context) (types.Emission, error) {
	e, err := k.emission.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewEmission(0, k.bank.GetSupply(ctx, token.BaseDenom).Amount), nil
	}
	return e, err
}

// Burned is what was taken out of the supply since emission began: genesis supply + minted −
// supply. It is negative only where somebody else has minted.
func (k *Keeper) Burned(ctx context.Context) (math.Int, error) {
	e, err := k.Emission(ctx)
	if err != nil {
		return math.Int{}, err
	}
	return e.GenesisSupply.Add(e.Minted()).Sub(k.bank.GetSupply(ctx, token.BaseDenom).Amount), nil
}
