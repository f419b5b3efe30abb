package types

import (
	"github.com/ipfs/go-cid"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/manifest"
)

// maxKindLen bounds the stored kind; the manifest's list of kinds is shorter still.
const maxKindLen = 16

// ParseWorkID returns the digest of a work's cid, which keys the work in the store.
// It refuses everything but the canonical text with ErrInvalidWorkID.
func ParseWorkID(s string) ([]byte, error) {
	digest, err := manifest.ParseWorkID(s)
	if err != nil {
		return nil, errorsmod.Wrapf(ErrInvalidWorkID, "%q: %s", s, err)
	}
	return digest[:], nil
}

// IsRoot reports whether w is the first version.
func (w Work) IsRoot() bool { return w.Cid == w.Root }

// Known reports whether s is a status that a work can have.
func (s WorkStatus) Known() bool {
	return s == WORK_STATUS_ACTIVE || s == WORK_STATUS_RETIRED || s == WORK_STATUS_RESTRICTED
}

// Validate checks one stored version by itself.
func (w Work) Validate() error {
	for _, id := range []string{w.Cid, w.Root} {
		if _, err := ParseWorkID(id); err != nil {
			return err
		}
	}
	if _, err := ParseCreatorID(w.Creator); err != nil {
		return err
	}
	if err := w.validateMedia(); err != nil {
		return err
	}
	if err := w.validatePlace(); err != nil {
		return err
	}
	if err := w.validateParents(); err != nil {
		return err
	}
	if w.Keys != nil {
		if err := w.Keys.Validate(); err != nil {
			return errorsmod.Wrapf(err, "work %s", w.Cid)
		}
	}
	if !w.Status.Known() {
		return errorsmod.Wrapf(ErrInvalidStatus, "work %s", w.Cid)
	}
	if err := validateDeposit(w.Deposit); err != nil {
		return errorsmod.Wrapf(err, "work %s", w.Cid)
	}
	if w.Status == WORK_STATUS_RETIRED && w.Deposit.IsPositive() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: retired, yet with a deposit", w.Cid)
	}
	if w.PublishedAt <= 0 || w.CommittedAt < 0 || w.CommittedAt > w.PublishedAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: committed %d, published %d", w.Cid, w.CommittedAt, w.PublishedAt)
	}
	if w.Size() > MaxWorkBytes+len(w.Parents)*MaxParentBytes {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: %d bytes", w.Cid, w.Size())
	}
	return nil
}

// validateMedia checks the fields that describe the bytes.
func (w Work) validateMedia() error {
	if w.Kind == "" || len(w.Kind) > maxKindLen {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: kind %q", w.Cid, w.Kind)
	}
	if _, err := parseCID("media", w.Media); err != nil {
		return err
	}
	if w.Cover != "" {
		if _, err := parseCID("cover", w.Cover); err != nil {
			return err
		}
	}
	if len(w.PieceRoot) != HashLen {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: piece_root has %d bytes", w.Cid, len(w.PieceRoot))
	}
	return nil
}

// validatePlace checks the fields that place the version in its root.
func (w Work) validatePlace() error {
	if w.Version == 0 || w.Version > MaxVersions {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: version %d", w.Cid, w.Version)
	}
	first := w.Version == 1
	if first != w.IsRoot() || first != (w.Previous == "") || first != (w.Head != "") {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: root, previous and head do not fit version %d", w.Cid, w.Version)
	}
	return nil
}

// parseCID reads a CID of media in its canonical text: version 1 in base32.
func parseCID(field, s string) (cid.Cid, error) {
	c, err := cid.Decode(s)
	if err != nil {
		return cid.Undef, errorsmod.Wrapf(ErrInvalidManifest, "%s %q: %s", field, s, err)
	}
	if c.Version() != 1 || c.String() != s {
		return cid.Undef, errorsmod.Wrapf(ErrInvalidManifest, "%s %q: write the CID in base32, as bafy…", field, s)
	}
	return c, nil
}
