package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// attested is where an attestation lies: creator id, attester.
type attested = collections.Pair[[]byte, []byte]

// Attest records an attester's word for a creator, instead of its earlier one, and returns the creator's level. Emits EventAttested.
// Errors: ErrNotAttester, ErrLevelNotAllowed, ErrSelfAttested, ErrInvalidExpiry, ErrQuotaUsed, ErrTooManyAttestations and those of GetCreator.
func (k *Keeper) Attest(ctx context.Context, attester sdk.AccAddress, msg *types.MsgAttest) (uint32, error) {
	row, err := k.requireAttester(ctx, attester, msg.Level)
	if err != nil {
		return 0, err
	}
	creator, err := k.GetCreator(ctx, msg.Creator)
	if err != nil {
		return 0, err
	}
	if creator.Controller == attester.String() {
		return 0, errorsmod.Wrap(types.ErrSelfAttested, creator.Id)
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return 0, err
	}
	if msg.Expires <= now || msg.Expires > now+types.MaxAttestationSeconds {
		return 0, errorsmod.Wrapf(types.ErrInvalidExpiry, "%d; it is %d now", msg.Expires, now)
	}
	if err := k.replaceAttestation(ctx, creator.Id, attester); err != nil {
		return 0, err
	}
	if err := k.issue(ctx, attester, row, msg.Level, now); err != nil {
		return 0, err
	}
	a := types.Attestation{
		Creator: creator.Id, Attester: attester.String(), Level: msg.Level, EvidenceHash: msg.EvidenceHash, AttestedAt: now, ExpiresAt: msg.Expires,
	}
	if err := k.setAttestation(ctx, a); err != nil {
		return 0, err
	}
	if err := emit(ctx, &types.EventAttested{Attestation: a}); err != nil {
		return 0, err
	}
	return k.Level(ctx, creator.Id)
}

// replaceAttestation makes room for an attestation: its attester's earlier one goes, or the creator has a free place.
func (k *Keeper) replaceAttestation(ctx context.Context, creatorID string, attester sdk.AccAddress) error {
	id, err := types.ParseCreatorID(creatorID)
	if err != nil {
		return err
	}
	old, err := k.attestations.Get(ctx, collections.Join([]byte(id), attester.Bytes()))
	if err == nil {
		return k.dropAttestation(ctx, old)
	}
	if !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	all, err := k.Attestations(ctx, creatorID)
	if err == nil && len(all) >= types.MaxAttestations {
		err = errorsmod.Wrap(types.ErrTooManyAttestations, creatorID)
	}
	return err
}

// RevokeAttestation ends one attester's word for a creator, by the attester or by governance. Emits EventAttestationRevoked.
// Errors: ErrNotAttester, ErrAttestationNotFound and those of GetCreator.
func (k *Keeper) RevokeAttestation(ctx context.Context, signer, attester sdk.AccAddress, creatorID string) (uint32, error) {
	if !signer.Equals(attester) && signer.String() != k.authority {
		return 0, errorsmod.Wrapf(types.ErrNotAttester, "%s; only %s or governance can", signer, attester)
	}
	id, err := types.ParseCreatorID(creatorID)
	if err != nil {
		return 0, err
	}
	a, err := k.attestations.Get(ctx, collections.Join([]byte(id), attester.Bytes()))
	if errors.Is(err, collections.ErrNotFound) {
		return 0, errorsmod.Wrapf(types.ErrAttestationNotFound, "of %s by %s", creatorID, attester)
	}
	if err != nil {
		return 0, err
	}
	if err := k.revoke(ctx, a, signer.String(), ""); err != nil {
		return 0, err
	}
	return k.Level(ctx, creatorID)
}

// RevokeAttestations ends every attestation of a creator by the ruling of a module above, and returns how many there were. A creator
// without any stays so. Emits EventAttestationRevoked of each. Errors: those of GetCreator.
func (k *Keeper) RevokeAttestations(ctx context.Context, creatorID, reference string) (int, error) {
	all, err := k.Attestations(ctx, creatorID)
	if err != nil {
		return 0, err
	}
	for _, a := range all {
		if err := k.revoke(ctx, a, k.authority, reference); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

func (k *Keeper) revoke(ctx context.Context, a types.Attestation, by, reference string) error {
	if err := k.dropAttestation(ctx, a); err != nil {
		return err
	}
	return emit(ctx, &types.EventAttestationRevoked{Creator: a.Creator, Attester: a.Attester, Level: a.Level, By: by, Reference: reference})
}

// Attestations returns what attesters said for a creator, at most MaxAttestations, expired ones too. Errors: those of GetCreator.
func (k *Keeper) Attestations(ctx context.Context, creatorID string) (out []types.Attestation, err error) {
	if _, err := k.GetCreator(ctx, creatorID); err != nil {
		return nil, err
	}
	id, err := types.ParseCreatorID(creatorID)
	if err != nil {
		return nil, err
	}
	err = k.attestations.Walk(ctx, collections.NewPrefixedPairRange[[]byte, []byte](id), func(_ attested, a types.Attestation) (bool, error) {
		out = append(out, a)
		return false, nil
	})
	return out, err
}

// Level returns how far a creator is verified at live time: level n while n attestations of active attesters stand that have not
// expired and are of that level or a higher one. Errors: those of GetCreator.
func (k *Keeper) Level(ctx context.Context, creatorID string) (uint32, error) {
	s, err := k.standing(ctx, creatorID)
	return s.Level(), err
}

// standing counts what stands for a creator, in at most twice MaxAttestations reads.
func (k *Keeper) standing(ctx context.Context, creatorID string) (s types.Standing, err error) {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return s, err
	}
	all, err := k.Attestations(ctx, creatorID)
	if err != nil {
		return s, err
	}
	for _, a := range all {
		if !a.Live(now) {
			continue
		}
		addr, err := types.ParseAddress(a.Attester)
		if err != nil {
			return s, err
		}
		row, err := k.attesters.Get(ctx, addr)
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return s, err
		}
		// what an attester may no longer say does not count, as if it had never been said
		if row.May(a.Level) {
			s.Add(a.Level)
		}
	}
	return s, nil
}

// FirstWorkAt returns when the creator's oldest work was published in Unix seconds, zero without one. Errors: ErrInvalidCreatorID.
func (k *Keeper) FirstWorkAt(ctx context.Context, creatorID string) (at int64, err error) {
	id, err := types.ParseCreatorID(creatorID)
	if err != nil {
		return 0, err
	}
	err = k.byCreator.Walk(ctx, collections.NewPrefixedTripleRange[[]byte, int64, []byte](id), func(key collections.Triple[[]byte, int64, []byte]) (bool, error) {
		at = key.K2()
		return true, nil
	})
	return at, err
}

func (k *Keeper) setAttestation(ctx context.Context, a types.Attestation) error {
	key, err := attestationKey(a)
	if err != nil {
		return err
	}
	if err := k.attestations.Set(ctx, key, a); err != nil {
		return err
	}
	return k.expiries.Set(ctx, collections.Join3(a.ExpiresAt, types.ExpiryAttestation, append(key.K1(), key.K2()...)))
}

// dropAttestation removes an attestation; an entry of it that was put off in the queue finds nothing to do.
func (k *Keeper) dropAttestation(ctx context.Context, a types.Attestation) error {
	key, err := attestationKey(a)
	if err != nil {
		return err
	}
	if err := k.attestations.Remove(ctx, key); err != nil {
		return err
	}
	return k.expiries.Remove(ctx, collections.Join3(a.ExpiresAt, types.ExpiryAttestation, append(key.K1(), key.K2()...)))
}

func attestationKey(a types.Attestation) (attested, error) {
	id, err := types.ParseCreatorID(a.Creator)
	if err != nil {
		return attested{}, err
	}
	addr, err := types.ParseAddress(a.Attester)
	return collections.Join([]byte(id), addr.Bytes()), err
}
