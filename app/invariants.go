package app

import (
	"errors"
	"fmt"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// CommittedContext reads the state as it was committed last, without what CheckTx did since.
func (app *App) CommittedContext() sdk.Context {
	header := cmtproto.Header{Height: app.LastBlockHeight(), ChainID: app.ChainID()}
	return sdk.NewContext(app.CommitMultiStore().CacheMultiStore(), header, true, app.Logger())
}

// CheckInvariants adds up every ledger between two blocks and returns all that is wrong. It
// walks the whole state, so it is for tests and stopped nodes.
func (app *App) CheckInvariants(ctx sdk.Context) error {
	checks := []struct {
		name string
		run  func(sdk.Context) error
	}{
		{"supply", app.checkSupply},
		{"staking", app.checkStaking},
		{"distribution", app.checkDistribution},
		{"deposits", app.checkDeposits},
		{"clock", func(ctx sdk.Context) error { return app.Clock.CheckInvariants(ctx) }},
		{"content", func(ctx sdk.Context) error { return app.Content.CheckInvariants(ctx) }},
		{"storage", func(ctx sdk.Context) error { return app.Storage.CheckInvariants(ctx) }},
		{"revenue", app.checkCustody},
		{"stream", func(ctx sdk.Context) error { return app.Stream.CheckInvariants(ctx) }},
		{"emission", app.checkEmission},
		{"subscription", func(ctx sdk.Context) error { return app.Subscription.CheckInvariants(ctx) }},
		{"dispute", func(ctx sdk.Context) error { return app.Dispute.CheckInvariants(ctx) }},
		{"governance", func(ctx sdk.Context) error { return app.Governance.CheckInvariants(ctx) }},
	}
	var errs []error
	for _, c := range checks {
		if err := c.run(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}

// checkCustody: the custody of x/revenue covers its own ledgers, the escrows of x/stream and the periods of x/subscription that
// have not ended.
func (app *App) checkCustody(ctx sdk.Context) error {
	escrows, err := app.Stream.EscrowTotal(ctx)
	if err != nil {
		return err
	}
	periods, err := app.Subscription.HeldTotal(ctx)
	if err != nil {
		return err
	}
	return app.Revenue.CheckInvariants(ctx, escrows.Add(periods...))
}

// checkEmission: the supply is what there was, and what was minted since, less what was burned:
// nothing else mints, and payments have not burned more than is gone.
func (app *App) checkEmission(ctx sdk.Context) error {
	burned, err := app.Stream.Burned(ctx)
	if err != nil {
		return err
	}
	gs, err := app.Revenue.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	for _, p := range gs.Swept {
		if p.Kind == revenuetypes.PART_KIND_BURN && p.Coin.Denom == token.BaseDenom && burned.LT(p.Coin.Amount) {
			return fmt.Errorf("%s are gone from the supply, and payments burned %s", burned, p.Coin)
		}
	}
	if burned.IsNegative() {
		return fmt.Errorf("%s were minted beyond the schedule", burned.Neg())
	}
	return nil
}

// checkSupply: the balances are the supply, and none is negative.
func (app *App) checkSupply(ctx sdk.Context) error {
	sum := sdk.NewMapCoins(nil)
	var negative error
	app.Bank.IterateAllBalances(ctx, func(addr sdk.AccAddress, c sdk.Coin) bool {
		if c.Amount.IsNegative() {
			negative = fmt.Errorf("%s holds %s", addr, c)
			return true
		}
		sum.Add(c)
		return false
	})
	if negative != nil {
		return negative
	}
	supply := sdk.NewCoins()
	app.Bank.IterateTotalSupply(ctx, func(c sdk.Coin) bool {
		supply = supply.Add(c)
		return false
	})
	if held := sum.ToCoins(); !held.Equal(supply) {
		return fmt.Errorf("balances hold %s and the supply is %s", held, supply)
	}
	return nil
}

// checkStaking: the two pools hold what validators and those who leave them are owed.
func (app *App) checkStaking(ctx sdk.Context) error {
	denom, err := app.Staking.BondDenom(ctx)
	if err != nil {
		return err
	}
	bonded, waiting := math.ZeroInt(), math.ZeroInt()
	err = app.Staking.IterateValidators(ctx, func(_ int64, v stakingtypes.ValidatorI) bool {
		if v.IsBonded() {
			bonded = bonded.Add(v.GetTokens())
		} else {
			waiting = waiting.Add(v.GetTokens())
		}
		return false
	})
	if err != nil {
		return err
	}
	err = app.Staking.IterateUnbondingDelegations(ctx, func(_ int64, u stakingtypes.UnbondingDelegation) bool {
		for _, entry := range u.Entries {
			waiting = waiting.Add(entry.Balance)
		}
		return false
	})
	if err != nil {
		return err
	}
	for _, pool := range []struct {
		name string
		owes math.Int
	}{{stakingtypes.BondedPoolName, bonded}, {stakingtypes.NotBondedPoolName, waiting}} {
		if held := app.moduleBalance(ctx, pool.name).AmountOf(denom); !held.Equal(pool.owes) {
			return fmt.Errorf("%s holds %s%s and owes %s", pool.name, held, denom, pool.owes)
		}
	}
	return nil
}

// checkDistribution: the account covers all rewards that are not withdrawn yet.
func (app *App) checkDistribution(ctx sdk.Context) error {
	var owed sdk.DecCoins
	app.Distr.IterateValidatorOutstandingRewards(ctx, func(_ sdk.ValAddress, r distrtypes.ValidatorOutstandingRewards) bool {
		owed = owed.Add(r.Rewards...)
		return false
	})
	pool, err := app.Distr.FeePool.Get(ctx)
	if err != nil {
		return err
	}
	owed = owed.Add(pool.CommunityPool...)
	whole, _ := owed.TruncateDecimal()
	if held := app.moduleBalance(ctx, distrtypes.ModuleName); !held.IsAllGTE(whole) {
		return fmt.Errorf("the account holds %s and owes %s", held, owed)
	}
	return nil
}

// checkDeposits: x/gov holds the deposits of open proposals.
func (app *App) checkDeposits(ctx sdk.Context) error {
	owed := sdk.NewCoins()
	err := app.Gov.Deposits.Walk(ctx, nil, func(_ collections.Pair[uint64, sdk.AccAddress], d govv1.Deposit) (bool, error) {
		owed = owed.Add(d.Amount...)
		return false, nil
	})
	if err != nil {
		return err
	}
	if held := app.moduleBalance(ctx, govtypes.ModuleName); !held.IsAllGTE(owed) {
		return fmt.Errorf("the account holds %s and owes %s", held, owed)
	}
	return nil
}

func (app *App) moduleBalance(ctx sdk.Context, name string) sdk.Coins {
	return app.Bank.GetAllBalances(ctx, authtypes.NewModuleAddress(name))
}
