package keeper

import (
	"bytes"
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/content/types"
)

func (k *Keeper) importVerification(ctx context.Context, gs types.GenesisState) error {
	for _, a := range gs.Attesters {
		addr, err := types.ParseAddress(a.Attester)
		if err != nil {
			return err
		}
		if err := k.attesters.Set(ctx, addr, a); err != nil {
			return err
		}
	}
	for _, a := range gs.Attestations {
		if err := k.setAttestation(ctx, a); err != nil {
			return err
		}
	}
	for _, r := range gs.Rotations {
		if err := k.setRotation(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportVerification(ctx context.Context, gs *types.GenesisState) error {
	err := k.attesters.Walk(ctx, nil, func(_ []byte, a types.Attester) (bool, error) {
		gs.Attesters = append(gs.Attesters, a)
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.attestations.Walk(ctx, nil, func(_ attested, a types.Attestation) (bool, error) {
		gs.Attestations = append(gs.Attestations, a)
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.rotations.Walk(ctx, nil, func(_ []byte, r types.Rotation) (bool, error) {
		gs.Rotations = append(gs.Rotations, r)
		return false, nil
	})
}

// checkVerification checks that each row lies under its own key, and that index and queue have exactly the rows that the records imply.
// In the queue an entry that was put off stands later.
func (k *Keeper) checkVerification(ctx context.Context, gs types.GenesisState) error {
	err := k.attesters.Walk(ctx, nil, func(key []byte, a types.Attester) (bool, error) {
		addr, err := types.ParseAddress(a.Attester)
		if err == nil && !bytes.Equal(key, addr) {
			err = errorsmod.Wrapf(types.ErrInvariant, "attester %s is stored under another address", a.Attester)
		}
		return false, err
	})
	if err != nil {
		return err
	}
	queued := map[string]int64{}
	err = k.expiries.Walk(ctx, nil, func(at expiry) (bool, error) {
		queued[string(append([]byte{byte(at.K2())}, at.K3()...))] = at.K1()
		return false, nil
	})
	if err != nil {
		return err
	}
	check := func(kind uint32, key []byte, expiresAt int64) error {
		if at, ok := queued[string(append([]byte{byte(kind)}, key...))]; !ok || at < expiresAt {
			return errorsmod.Wrapf(types.ErrInvariant, "%x of kind %d is not queued for its end", key, kind)
		}
		return nil
	}
	for _, a := range gs.Attestations {
		key, err := attestationKey(a)
		if err != nil {
			return err
		}
		if has, err := k.attestations.Has(ctx, key); err != nil || !has {
			return errorsmod.Wrapf(types.ErrInvariant, "the attestation of %s by %s is stored under another key", a.Creator, a.Attester)
		}
		if err := check(types.ExpiryAttestation, append(bytes.Clone(key.K1()), key.K2()...), a.ExpiresAt); err != nil {
			return err
		}
	}
	for _, r := range gs.Rotations {
		id, heir, err := rotationKey(r)
		if err != nil {
			return err
		}
		stored, err := k.rotations.Has(ctx, id)
		indexed, err2 := k.rotationsTo.Has(ctx, collections.Join(heir, id))
		if err != nil || err2 != nil || !stored || !indexed {
			return errorsmod.Wrapf(types.ErrInvariant, "the rotation of %s lies elsewhere", r.Creator)
		}
		if err := check(types.ExpiryRotation, id, r.ExpiresAt); err != nil {
			return err
		}
	}
	for _, r := range gs.Reservations {
		look := types.Skeleton(r.Handle)
		if stored, err := k.reservations.Get(ctx, look); err != nil || stored.Handle != r.Handle {
			return errorsmod.Wrapf(types.ErrInvariant, "the reservation of %s lies elsewhere", r.Handle)
		}
		if err := check(types.ExpiryReservation, []byte(look), r.Until); err != nil {
			return err
		}
	}
	if err := sameCount(ctx, "rotations by new controller", len(gs.Rotations), walkKeys(k.rotationsTo)); err != nil {
		return err
	}
	return sameCount(ctx, "expiries", len(gs.Rotations)+len(gs.Attestations)+len(gs.Reservations), walkKeys(k.expiries))
}
