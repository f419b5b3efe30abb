package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/x/content/types"
)

// Commit dates hash, and returns the live commit. Where one is live already, whoever made
// it, nothing changes: the hash binds the creator, so a copier only dates the creator's own
// work, and must not be able to make its transaction fail. Emits EventCommitted where
// something changed. Errors: ErrInvalidHash.
func (k *Keeper) Commit(ctx context.Context, sender sdk.AccAddress, hash []byte) (types.Commit, error) {
	if err := types.ValidateHash(hash); err != nil {
		return types.Commit{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Commit{}, err
	}
	old, err := k.commits.Get(ctx, hash)
	switch {
	case err == nil && old.Live(now):
		return old, nil
	case err == nil:
		// expired and not yet swept: its place in the queue must not end the new one early
		if err := k.commitQueue.Remove(ctx, collections.Join(old.ExpiresAt, hash)); err != nil {
			return types.Commit{}, err
		}
	case !errors.Is(err, collections.ErrNotFound):
		return types.Commit{}, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.Commit{}, err
	}
	commit := types.Commit{
		Hash: hash, CommittedAt: now, Height: sdk.UnwrapSDKContext(ctx).BlockHeight(), ExpiresAt: now + params.CommitTtlSeconds,
	}
	if err := k.setCommit(ctx, commit); err != nil {
		return types.Commit{}, err
	}
	return commit, emit(ctx, &types.EventCommitted{
		Hash: hash, Sender: sender.String(), CommittedAt: now, ExpiresAt: commit.ExpiresAt,
	})
}

// setCommit stores a commit and queues its end.
func (k *Keeper) setCommit(ctx context.Context, commit types.Commit) error {
	if err := k.commits.Set(ctx, commit.Hash, commit); err != nil {
		return err
	}
	return k.commitQueue.Set(ctx, collections.Join(commit.ExpiresAt, commit.Hash))
}

// GetCommit returns the live commit of hash. Errors: ErrInvalidHash, ErrCommitNotFound.
func (k *Keeper) GetCommit(ctx context.Context, hash []byte) (types.Commit, error) {
	if err := types.ValidateHash(hash); err != nil {
		return types.Commit{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Commit{}, err
	}
	commit, err := k.commits.Get(ctx, hash)
	if errors.Is(err, collections.ErrNotFound) || (err == nil && !commit.Live(now)) {
		return types.Commit{}, errorsmod.Wrapf(types.ErrCommitNotFound, "%x", hash)
	}
	return commit, err
}

// committedAt returns when the media of man was committed under salt: a live commit of an
// earlier block. Zero without one, since a commit is evidence and never a veto.
func (k *Keeper) committedAt(ctx context.Context, man manifest.Manifest, salt []byte, now int64) (int64, error) {
	if len(salt) == 0 {
		return 0, nil
	}
	hash := manifest.Commitment(man.Creator, man.Media, salt)
	commit, err := k.commits.Get(ctx, hash[:])
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	if err != nil || !commit.Dates(now, sdk.UnwrapSDKContext(ctx).BlockHeight()) {
		return 0, err
	}
	return commit.CommittedAt, nil
}
