package keeper

import (
	"context"
	"strings"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/content/types"
)

// ResolveSubject returns who is paid for subject: a creator id, or the cid of any version
// of a work, which resolves to its root. It says nothing about the work's status.
// Errors: ErrInvalidSubject, ErrCreatorNotFound, ErrWorkNotFound.
func (k *Keeper) ResolveSubject(ctx context.Context, subject string) (types.Subject, error) {
	if strings.HasPrefix(subject, types.CreatorPrefix+"1") {
		creator, err := k.GetCreator(ctx, subject)
		return types.Subject{Creator: creator.Id}, err
	}
	if _, err := types.ParseWorkID(subject); err != nil {
		return types.Subject{}, errorsmod.Wrapf(types.ErrInvalidSubject, "%q", subject)
	}
	root, err := k.RootWork(ctx, subject)
	return types.Subject{Creator: root.Creator, Work: root.Cid, Parents: root.Parents}, err
}
