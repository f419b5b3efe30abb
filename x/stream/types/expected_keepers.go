package types

import (
	"context"

	"cosmossdk.io/core/address"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// ClockKeeper is what the module needs of x/clock.
type ClockKeeper interface {
	// Now returns live time in Unix seconds.
	Now(ctx context.Context) (int64, error)
}

// ContentKeeper is what the module needs of x/content: whether a work can be paid for.
type ContentKeeper interface {
	// RootWork returns the first version of the work that cid is a version of.
	RootWork(ctx context.Context, cid string) (contenttypes.Work, error)
	// ResolveSubject reads a work's cid or a creator id.
	ResolveSubject(ctx context.Context, subject string) (contenttypes.Subject, error)
}

// StorageKeeper is what the module needs of x/storage: who acts for a provider.
type StorageKeeper interface {
	// OperatorOf returns the operator of the provider whose agent or operator the account
	// is, and an error where there is none.
	OperatorOf(ctx context.Context, agent sdk.AccAddress) (string, error)
	// Matchable returns works after one in the order of their ids that emission may be matched
	// for, of at most limit that it looks at, and the last of those; empty at the end.
	Matchable(ctx context.Context, after string, limit int) (roots []string, last string, err error)
	// MatchEmission credits a work's escrow with at most want of emission and returns what was
	// granted: it must be minted to the storage module's account in the same step.
	MatchEmission(ctx context.Context, root string, want math.Int) (math.Int, error)
}

// RevenueKeeper is what the module needs of x/revenue: custody, and sharing out.
type RevenueKeeper interface {
	// Collect moves a coin from an account into custody.
	Collect(ctx context.Context, from sdk.AccAddress, coin sdk.Coin) error
	// Release books a payout that leaves custody at the end of the block.
	Release(ctx context.Context, to sdk.AccAddress, coin sdk.Coin) error
	// Distribute shares out coins that are in custody.
	Distribute(ctx context.Context, payment revenuetypes.Payment) (revenuetypes.Distribution, error)
	// Quote is what the payer of a payment pays.
	Quote(ctx context.Context, payment revenuetypes.Payment) (sdk.Coin, error)
	// Params are the parts of payments, and the denoms that there are.
	Params(ctx context.Context) (revenuetypes.Params, error)
	// FundParticipation adds to the participation pool, whose coins the caller sends.
	FundParticipation(ctx context.Context, amount math.Int) error
}

// BankKeeper is what the module needs of x/bank: to mint, and to know who can be paid.
type BankKeeper interface {
	BlockedAddr(addr sdk.AccAddress) bool
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	GetSupply(ctx context.Context, denom string) sdk.Coin
	MintCoins(ctx context.Context, moduleName string, amt sdk.Coins) error
	SendCoinsFromModuleToModule(ctx context.Context, senderModule, recipientModule string, amt sdk.Coins) error
}

// StakingKeeper is what the module needs of x/staking: what an account has delegated.
type StakingKeeper interface {
	// IterateDelegatorDelegations calls cb with each delegation until it returns true.
	IterateDelegatorDelegations(ctx context.Context, delegator sdk.AccAddress, cb func(stakingtypes.Delegation) (stop bool)) error
	// GetValidator returns a validator.
	GetValidator(ctx context.Context, addr sdk.ValAddress) (stakingtypes.Validator, error)
	// ValidatorAddressCodec reads validators' addresses.
	ValidatorAddressCodec() address.Codec
}
