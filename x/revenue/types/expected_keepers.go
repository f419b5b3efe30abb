package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// AccountKeeper is what the module needs of x/auth: the accounts that protocol parts go to.
type AccountKeeper interface {
	GetModuleAddress(moduleName string) sdk.AccAddress
	// GetModuleAccount also registers the account: a plain send to an unregistered one would make
	// it a common account for ever.
	GetModuleAccount(ctx context.Context, moduleName string) sdk.ModuleAccountI
}

// BankKeeper is what the module needs of x/bank: to take, pay and burn coins.
type BankKeeper interface {
	BlockedAddr(addr sdk.AccAddress) bool
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	SendCoins(ctx context.Context, from, to sdk.AccAddress, amt sdk.Coins) error
	SendCoinsToVirtual(ctx context.Context, from, to sdk.AccAddress, amt sdk.Coins) error
	BurnCoins(ctx context.Context, moduleName string, amt sdk.Coins) error
}

// ClockKeeper is what the module needs of x/clock.
type ClockKeeper interface {
	// Now returns live time in Unix seconds.
	Now(ctx context.Context) (int64, error)
}

// ContentKeeper is what the module needs of x/content: who is paid, and who acts for a creator.
type ContentKeeper interface {
	// ResolveSubject reads a work's cid or a creator id.
	ResolveSubject(ctx context.Context, subject string) (contenttypes.Subject, error)
	// RequireController returns the creator where signer controls it now.
	RequireController(ctx context.Context, creatorID string, signer sdk.AccAddress) (contenttypes.Creator, error)
}

// StorageKeeper is what the module needs of x/storage. Amounts are in ustream; endowments and the
// pool are ledger entries whose coins follow at the end of the block.
type StorageKeeper interface {
	// EndowCounted adds to a work's storage escrow, and counts a part of it towards what the
	// common pool may give the work.
	EndowCounted(ctx context.Context, root string, amount, counted math.Int) error
	// FundPool adds to the common storage pool.
	FundPool(ctx context.Context, amount math.Int) error
	// HasKeySet says whether somebody holds the keys of a work.
	HasKeySet(ctx context.Context, root string) (bool, error)
	// PayHolders shares an amount out among those who hold the keys of a work.
	PayHolders(ctx context.Context, root string, amount math.Int) (paid bool, err error)
	// RecordLeft counts what a work's payments left to burn and treasury.
	RecordLeft(ctx context.Context, root string, amount math.Int) error
}
