package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) { return k.params.Get(ctx) }

// UpdateParams replaces the parameters. Deposits that are held and commits that are live
// keep the terms they were made under. Emits EventParamsUpdated. Errors: ErrInvalidParams.
func (k *Keeper) UpdateParams(ctx context.Context, params types.Params) error {
	now, err := k.Params(ctx)
	if err != nil {
		return err
	}
	if err := params.ValidateVoted(now); err != nil {
		return err
	}
	if err := k.params.Set(ctx, params); err != nil {
		return err
	}
	return emit(ctx, &types.EventParamsUpdated{Params: params})
}

func emit(ctx context.Context, event interface {
	Reset()
	String() string
	ProtoMessage()
}) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}
