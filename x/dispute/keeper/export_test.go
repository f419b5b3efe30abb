package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Execute carries out what is due of a dispute.
func (k *Keeper) Execute(ctx context.Context, id uint64) error { return k.execute(ctx, id) }

// Find is who has place x of the line of all stake, and how long the line is.
func (k *Keeper) Find(ctx context.Context, x uint64) (sdk.AccAddress, uint64, error) {
	n, err := k.treeSize(ctx)
	if err != nil {
		return nil, 0, err
	}
	total, err := k.treeTotal(ctx)
	if err != nil || total == 0 {
		return nil, total, err
	}
	addr, err := k.findSlot(ctx, n, x%total)
	return addr, total, err
}
