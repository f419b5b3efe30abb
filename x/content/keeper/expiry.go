package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// expiry is a place in the queue of what expires: time, kind, key.
type expiry = collections.Triple[int64, uint32, []byte]

// verification are the rows of attesters, attestations and rotations, with one queue for what expires.
type verification struct {
	attesters    collections.Map[[]byte, types.Attester]
	attestations collections.Map[attested, types.Attestation]
	rotations    collections.Map[[]byte, types.Rotation]
	rotationsTo  collections.KeySet[collections.Pair[[]byte, []byte]] // new controller, creator id
	expiries     collections.KeySet[expiry]
}

func openVerification(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) verification {
	pair := collections.PairKeyCodec(collections.BytesKey, collections.BytesKey)
	return verification{
		attesters:    collections.NewMap(sb, types.AttestersKey, "attesters", collections.BytesKey, codec.CollValue[types.Attester](cdc)),
		attestations: collections.NewMap(sb, types.AttestationsKey, "attestations", pair, codec.CollValue[types.Attestation](cdc)),
		rotations:    collections.NewMap(sb, types.RotationsKey, "rotations", collections.BytesKey, codec.CollValue[types.Rotation](cdc)),
		rotationsTo:  collections.NewKeySet(sb, types.RotationsToKey, "rotations_to", pair),
		expiries: collections.NewKeySet(sb, types.ExpiriesKey, "expiries",
			collections.TripleKeyCodec(collections.Int64Key, collections.Uint32Key, collections.BytesKey)),
	}
}

// sweepExpired removes attestations, rotations and reservations of handles that have expired, at most MaxSweep, first due first. Nothing depends on it: what
// has expired counts no more. What fails is put off and kept.
func (k *Keeper) sweepExpired(ctx context.Context, now int64) error {
	var due []expiry
	err := k.expiries.Walk(ctx, nil, func(at expiry) (bool, error) {
		if at.K1() > now || len(due) >= types.MaxSweep {
			return true, nil
		}
		due = append(due, at)
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, at := range due {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.expire(ctx, at, now) }); err == nil {
			continue
		}
		retryAt := now + types.SweepRetrySeconds
		if err := k.expiries.Remove(ctx, at); err != nil {
			return err
		}
		if err := k.expiries.Set(ctx, collections.Join3(retryAt, at.K2(), at.K3())); err != nil {
			return err
		}
		if err := emit(ctx, &types.EventExpirySweepFailed{Kind: at.K2(), Key: at.K3(), RetryAt: retryAt}); err != nil {
			return err
		}
	}
	return nil
}

// expire removes one entry of the queue and its row. A row that was made anew while its old entry was put off has an entry of its own.
func (k *Keeper) expire(ctx context.Context, at expiry, now int64) error {
	if err := k.expiries.Remove(ctx, at); err != nil {
		return err
	}
	switch at.K2() {
	case types.ExpiryAttestation:
		if len(at.K3()) < types.CreatorIDLen {
			return fmt.Errorf("the key of an attestation has %d bytes", len(at.K3()))
		}
		a, err := k.attestations.Get(ctx, collections.Join(at.K3()[:types.CreatorIDLen], at.K3()[types.CreatorIDLen:]))
		if errors.Is(err, collections.ErrNotFound) || err == nil && a.Live(now) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := k.dropAttestation(ctx, a); err != nil {
			return err
		}
		return emit(ctx, &types.EventAttestationExpired{Creator: a.Creator, Attester: a.Attester})
	case types.ExpiryRotation:
		r, err := k.rotations.Get(ctx, at.K3())
		if errors.Is(err, collections.ErrNotFound) || err == nil && r.Live(now) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := k.dropRotation(ctx, r); err != nil {
			return err
		}
		return emit(ctx, &types.EventRotationExpired{Creator: r.Creator, NewController: r.NewController})
	case types.ExpiryReservation:
		r, err := k.reservations.Get(ctx, string(at.K3()))
		if errors.Is(err, collections.ErrNotFound) || err == nil && r.Live(now) {
			return nil
		}
		if err != nil {
			return err
		}
		return k.endReservation(ctx, r)
	}
	return fmt.Errorf("nothing of kind %d expires", at.K2())
}
