package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
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
