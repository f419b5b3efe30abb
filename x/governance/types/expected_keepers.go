package types

import (
	"context"

	addresscodec "cosmossdk.io/core/address"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// AccountKeeper is what the module needs of x/auth.
type AccountKeeper interface {
	GetModuleAddress(moduleName string) sdk.AccAddress
}

// ClockKeeper is what the module needs of x/clock.
type ClockKeeper interface {
	// Now returns live time in Unix seconds.
	Now(ctx context.Context) (int64, error)
}

// MessageRouter finds what handles a message: baseapp's MsgServiceRouter.
type MessageRouter interface {
	// Handler returns nil where nothing handles msg.
	Handler(msg sdk.Msg) func(ctx sdk.Context, req sdk.Msg) (*sdk.Result, error)
}

// BankKeeper is what the module needs of x/bank.
type BankKeeper interface {
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
}

// StakingKeeper is what counting votes needs of x/staking.
type StakingKeeper interface {
	ValidatorAddressCodec() addresscodec.Codec
	IterateBondedValidatorsByPower(ctx context.Context, fn func(index int64, validator stakingtypes.ValidatorI) (stop bool)) error
	// Validator returns nothing, or an error, where there is none.
	Validator(ctx context.Context, operator sdk.ValAddress) (stakingtypes.ValidatorI, error)
	IterateDelegations(ctx context.Context, delegator sdk.AccAddress, fn func(index int64, delegation stakingtypes.DelegationI) (stop bool)) error
}

// ContentKeeper is what the creators' house needs of x/content.
type ContentKeeper interface {
	RequireController(ctx context.Context, creator string, signer sdk.AccAddress) (contenttypes.Creator, error)
	// CreatorOf returns the creator that an account controls now.
	CreatorOf(ctx context.Context, controller sdk.AccAddress) (contenttypes.Creator, error)
	// Level returns how far a creator is verified, 0 to 3.
	Level(ctx context.Context, creator string) (uint32, error)
	// FirstWorkAt returns when a creator's oldest work was published in Unix seconds, or zero.
	FirstWorkAt(ctx context.Context, creator string) (int64, error)
}

// RevenueKeeper is what the creators' house needs of x/revenue.
type RevenueKeeper interface {
	// HasEarned reports whether anything was ever paid to a creator.
	HasEarned(ctx context.Context, creator string) (bool, error)
}
