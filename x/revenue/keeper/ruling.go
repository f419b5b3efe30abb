package keeper

import (
	"context"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// CheckSplit refuses a sheet that ImposeSplit could not put in force. Errors: those of content,
// ErrInvalidSplit, ErrForeignCreator, ErrBlockedAddress.
func (k *Keeper) CheckSplit(ctx context.Context, subject string, shares []types.Share) error {
	s, err := k.content.ResolveSubject(ctx, subject)
	if err != nil {
		return err
	}
	return k.checkRecipients(s.Creator, shares)
}

// ImposeSplit puts a sheet in force by the ruling of a module above, which has asked nobody,
// in place of the one in force and of any that waits. Emits EventSplitSet. Errors: those of
// CheckSplit.
func (k *Keeper) ImposeSplit(ctx context.Context, subject string, shares []types.Share) error {
	s, err := k.content.ResolveSubject(ctx, subject)
	if err != nil {
		return err
	}
	if err := k.checkRecipients(s.Creator, shares); err != nil {
		return err
	}
	version, err := k.nextVersion(ctx, subjectKey(s))
	if err != nil {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	return k.advance(ctx, types.PendingSplit{Subject: subjectKey(s), Version: version, Shares: shares}, nil, now)
}
