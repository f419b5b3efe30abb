package app

import (
	"maps"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// ModuleAccounts returns every module account with what it may do beyond holding coins.
func ModuleAccounts() map[string][]string {
	return map[string][]string{
		authtypes.FeeCollectorName:          nil,
		distrtypes.ModuleName:               nil,
		minttypes.ModuleName:                {authtypes.Minter},
		stakingtypes.BondedPoolName:         {authtypes.Burner, authtypes.Staking},
		stakingtypes.NotBondedPoolName:      {authtypes.Burner, authtypes.Staking},
		stakingtypes.KeyRotationFeePoolName: {authtypes.Burner},
		govtypes.ModuleName:                 {authtypes.Burner},
		contenttypes.ModuleName:             nil,
		storagetypes.ModuleName:             nil,
		revenuetypes.ModuleName:             {authtypes.Burner},
		disputetypes.ModuleName:             nil,
		governancetypes.ModuleName:          nil,
	}
}

// moduleAccountNames is sorted: accounts are numbered in the order in which they are made.
func moduleAccountNames() []string { return slices.Sorted(maps.Keys(ModuleAccounts())) }

// moduleAddresses are the accounts that no person has.
func moduleAddresses() (out []sdk.AccAddress) {
	for _, name := range moduleAccountNames() {
		out = append(out, authtypes.NewModuleAddress(name))
	}
	return out
}

// BlockedAddresses returns the accounts that nobody may send coins to: a ledger says what
// each holds, and a stray coin would be nobody's. The treasury may receive; x/gov's account
// holds deposits only, so it may not.
func BlockedAddresses() map[string]bool {
	blocked := map[string]bool{}
	for _, name := range moduleAccountNames() {
		blocked[authtypes.NewModuleAddress(name).String()] = true
	}
	delete(blocked, Authority())
	return blocked
}

// Authority is the account that may change parameters: x/governance's, which acts only
// through its timelock. It is the treasury too.
func Authority() string { return authtypes.NewModuleAddress(governancetypes.ModuleName).String() }

// upgradeAuthority is x/gov's own account, so that a broken timelock can be repaired.
func upgradeAuthority() string { return authtypes.NewModuleAddress(govtypes.ModuleName).String() }
