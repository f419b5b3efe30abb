package types

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// AccountKeeper is what the module needs of x/auth.
type AccountKeeper interface {
	GetModuleAddress(moduleName string) sdk.AccAddress
}

// BankKeeper is what the module needs of x/bank.
type BankKeeper interface {
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	SendCoinsFromAccountToModule(ctx context.Context, sender sdk.AccAddress, recipientModule string, amt sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, senderModule string, recipient sdk.AccAddress, amt sdk.Coins) error
}

// ClockKeeper is what the module needs of x/clock.
type ClockKeeper interface {
	// Now returns live time in Unix seconds.
	Now(ctx context.Context) (int64, error)
}

// ContentKeeper is what the module needs of x/content. All that changes something does nothing
// where it is done already.
type ContentKeeper interface {
	RootWork(ctx context.Context, cid string) (contenttypes.Work, error)
	GetCreator(ctx context.Context, id string) (contenttypes.Creator, error)
	ResolveSubject(ctx context.Context, subject string) (contenttypes.Subject, error)
	RequireController(ctx context.Context, creatorID string, signer sdk.AccAddress) (contenttypes.Creator, error)
	// RestrictWork restricts every version of a root, and returns its status before.
	RestrictWork(ctx context.Context, root, reference string) (contenttypes.WorkStatus, error)
	// RestoreWork gives every version of a root the status that it had before.
	RestoreWork(ctx context.Context, root string, status contenttypes.WorkStatus, reference string) error
	// RevokeHandle takes a creator's handle away, and the disputed one where it gave that up meanwhile.
	RevokeHandle(ctx context.Context, creatorID, disputed, reference string) error
	// RevokeAttestations ends what attesters said for a creator, and returns how many that were.
	RevokeAttestations(ctx context.Context, creatorID, reference string) (int, error)
}

// StorageKeeper is what the module needs of x/storage.
type StorageKeeper interface {
	GetProvider(ctx context.Context, operator string) (storagetypes.Provider, error)
	// Seed is the newest public randomness, and the number of its period.
	Seed(ctx context.Context) (period uint64, seed [32]byte, err error)
	// ClaimBond lets a part of a provider's bond wait for a ruling, and returns how much: who leaves leaves it behind.
	ClaimBond(ctx context.Context, operator string, bps uint32, reference string) (math.Int, error)
	// SlashBond takes what waits for the common pool, and returns how much.
	SlashBond(ctx context.Context, operator, reference string) (math.Int, error)
	// ReleaseBond lets what waits go.
	ReleaseBond(ctx context.Context, operator, reference string) error
}

// HeldPayment is a payment that x/revenue has in its refund window.
type HeldPayment struct {
	Payer   string
	Creator string // its id
	Subject string // a root's cid, or the creator's id
	Charged sdk.Coin
	HeldAt  int64
}

// RevenueKeeper is what the module needs of x/revenue. A hold that is gone is
// revenue's ErrHoldNotFound.
type RevenueKeeper interface {
	HeldPayment(ctx context.Context, id string) (HeldPayment, error)
	// ContestHold keeps an amount of a hold until a later time, and returns the id of the hold that has it.
	ContestHold(ctx context.Context, id string, amount math.Int, until int64) (string, error)
	// RefundHold gives a hold back to who paid.
	RefundHold(ctx context.Context, id string) (revenuetypes.Hold, error)
	// ReleaseHold shares a hold out now.
	ReleaseHold(ctx context.Context, id string) error
	// ImposeSplit puts a sheet in force without anybody's consent.
	ImposeSplit(ctx context.Context, subject string, shares []revenuetypes.Share) error
	// CheckSplit refuses a sheet that could not be put in force.
	CheckSplit(ctx context.Context, subject string, shares []revenuetypes.Share) error
}
