package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// SetAttester names an attester or changes what it may; what it said of a level that it may no longer say stops counting at once.
// What it issued in this quarter stays counted. Emits EventAttesterSet.
func (k *Keeper) SetAttester(ctx context.Context, attester sdk.AccAddress, levels []uint32, active bool) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	row, err := k.attesters.Get(ctx, attester)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	row.Attester, row.Levels, row.Active, row.SetAt = attester.String(), levels, active, now
	if err := k.attesters.Set(ctx, attester, row); err != nil {
		return err
	}
	return emit(ctx, &types.EventAttesterSet{Attester: row})
}

// requireAttester returns an attester that may attest a level. Errors: ErrNotAttester, ErrLevelNotAllowed.
func (k *Keeper) requireAttester(ctx context.Context, attester sdk.AccAddress, level uint32) (types.Attester, error) {
	row, err := k.attesters.Get(ctx, attester)
	if errors.Is(err, collections.ErrNotFound) || err == nil && !row.Active {
		return row, errorsmod.Wrap(types.ErrNotAttester, attester.String())
	}
	if err != nil {
		return row, err
	}
	if !row.May(level) {
		return row, errorsmod.Wrapf(types.ErrLevelNotAllowed, "%d; it may %v", level, row.Levels)
	}
	return row, nil
}

// issue counts an attestation of level 2 or 3 in the attester's quarter. Level 3 counts too, since it stands for level 2 as well.
// Errors: ErrQuotaUsed.
func (k *Keeper) issue(ctx context.Context, attester sdk.AccAddress, row types.Attester, level uint32, now int64) error {
	if level < 2 {
		return nil
	}
	if quarter := types.Quarter(now); row.Quarter != quarter {
		row.Quarter, row.Issued = quarter, 0
	}
	if row.Issued >= types.MaxIssued {
		return errorsmod.Wrapf(types.ErrQuotaUsed, "%s has made %d", row.Attester, row.Issued)
	}
	row.Issued++
	return k.attesters.Set(ctx, attester, row)
}
