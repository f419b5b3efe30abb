package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// GrantSessionKey lets a key sign for owner, or changes the terms of one that does. What its
// lanes hold and have spent stays counted; its denom cannot change. A limit below what is in
// use stops new lanes only. Emits EventSessionKeyGranted. Errors: ErrInvalidKeyExpiry,
// ErrKeyDenom, ErrTooManyKeys, those of types.ValidateGrant.
func (k *Keeper) GrantSessionKey(ctx context.Context, owner sdk.AccAddress, grant types.SessionKey) error {
	if err := types.ValidateGrant(grant.Pubkey, grant.Limit, grant.Scope); err != nil {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if grant.Expires <= now || grant.Expires > now+types.MaxKeySeconds {
		return errorsmod.Wrapf(types.ErrInvalidKeyExpiry, "%d, now %d", grant.Expires, now)
	}
	key, err := k.keys.Get(ctx, collections.Join(owner.Bytes(), grant.Pubkey))
	switch {
	case errors.Is(err, collections.ErrNotFound):
		if err := k.requireRoomForKey(ctx, owner); err != nil {
			return err
		}
		key = types.SessionKey{Owner: owner.String(), Pubkey: grant.Pubkey, Reserved: math.ZeroInt()}
	case err != nil:
		return err
	case key.Limit.Denom != grant.Limit.Denom:
		return errorsmod.Wrapf(types.ErrKeyDenom, "%s", key.Limit.Denom)
	}
	key.Limit, key.Expires, key.Scope, key.GrantedAt, key.Revoked = grant.Limit, grant.Expires, grant.Scope, now, false
	if err := k.setKey(ctx, owner, key); err != nil {
		return err
	}
	return emit(ctx, &types.EventSessionKeyGranted{
		Owner: key.Owner, Pubkey: key.Pubkey, Limit: key.Limit, Expires: key.Expires, Scope: key.Scope,
	})
}

// RevokeSessionKey stops a key from signing anything new. Its open lanes can still be settled:
// else a viewer could revoke and take back what was served. Emits EventSessionKeyRevoked.
// Errors: ErrKeyNotFound, ErrKeyRevoked.
func (k *Keeper) RevokeSessionKey(ctx context.Context, owner sdk.AccAddress, pubkey []byte) error {
	key, err := k.getKey(ctx, owner, pubkey)
	if err != nil {
		return err
	}
	if key.Revoked {
		return errorsmod.Wrapf(types.ErrKeyRevoked, "%x", pubkey)
	}
	key.Revoked = true
	if err := k.setKey(ctx, owner, key); err != nil {
		return err
	}
	return emit(ctx, &types.EventSessionKeyRevoked{Owner: key.Owner, Pubkey: key.Pubkey})
}

// SessionKeyOwner returns the key that owner granted, usable or not: ask its Usable. It proves
// that a key acts for an owner. Errors: ErrInvalidAddress, ErrKeyNotFound.
func (k *Keeper) SessionKeyOwner(ctx context.Context, owner string, pubkey []byte) (types.SessionKey, error) {
	addr, err := types.ParseAddress(owner)
	if err != nil {
		return types.SessionKey{}, err
	}
	return k.getKey(ctx, addr, pubkey)
}

func (k *Keeper) getKey(ctx context.Context, owner sdk.AccAddress, pubkey []byte) (types.SessionKey, error) {
	key, err := k.keys.Get(ctx, collections.Join(owner.Bytes(), pubkey))
	if errors.Is(err, collections.ErrNotFound) {
		return key, errorsmod.Wrapf(types.ErrKeyNotFound, "%x of %s", pubkey, owner)
	}
	return key, err
}

// setKey stores a key, or removes it where it is revoked and no lane may spend by it any more.
func (k *Keeper) setKey(ctx context.Context, owner sdk.AccAddress, key types.SessionKey) error {
	at := collections.Join(owner.Bytes(), key.Pubkey)
	if key.Revoked && key.Reserved.IsZero() {
		return k.keys.Remove(ctx, at)
	}
	return k.keys.Set(ctx, at, key)
}

// keysOf returns all keys of an owner: at most MaxKeys.
func (k *Keeper) keysOf(ctx context.Context, owner sdk.AccAddress) ([]types.SessionKey, error) {
	var keys []types.SessionKey
	err := k.keys.Walk(ctx, collections.NewPrefixedPairRange[[]byte, []byte](owner),
		func(_ collections.Pair[[]byte, []byte], key types.SessionKey) (bool, error) {
			keys = append(keys, key)
			return len(keys) >= types.MaxKeys, nil
		})
	return keys, err
}

func (k *Keeper) requireRoomForKey(ctx context.Context, owner sdk.AccAddress) error {
	keys, err := k.keysOf(ctx, owner)
	if err != nil {
		return err
	}
	if len(keys) >= types.MaxKeys {
		return types.ErrTooManyKeys
	}
	return nil
}
