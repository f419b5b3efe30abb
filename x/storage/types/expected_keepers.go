package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// BankKeeper is what the module needs of x/bank: to hold bonds and prepayments, and to pay.
type BankKeeper interface {
	BlockedAddr(addr sdk.AccAddress) bool
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	SendCoinsFromAccountToModule(ctx context.Context, sender sdk.AccAddress, recipientModule string, amt sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, senderModule string, recipient sdk.AccAddress, amt sdk.Coins) error
}

// ClockKeeper is what the module needs of x/clock.
type ClockKeeper interface {
	// Now returns live time in Unix seconds.
	Now(ctx context.Context) (int64, error)
}

// ContentKeeper is what the module needs of x/content: what a work's bytes are, and who acts
// for its creator.
type ContentKeeper interface {
	// GetWork returns one version of a work.
	GetWork(ctx context.Context, cid string) (contenttypes.Work, error)
	// RootWork returns the first version of the work that cid is a version of.
	RootWork(ctx context.Context, cid string) (contenttypes.Work, error)
	// RequireController returns the creator where signer controls it now.
	RequireController(ctx context.Context, creatorID string, signer sdk.AccAddress) (contenttypes.Creator, error)
}
