package types

import (
	"github.com/ipfs/go-cid"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
)

// Manifest builds the manifest that the message describes and checks every field of it. The
// creator's id goes inside: the same fields sent by another creator have another cid, so
// copying a transaction out of the mempool takes nothing from its author.
// Errors: ErrInvalidCreatorID, ErrInvalidManifest, ErrInvalidWorkID, ErrInvalidKeys.
func (m *MsgPublish) Manifest() (manifest.Manifest, error) {
	creator, err := ParseCreatorID(m.Creator)
	if err != nil {
		return manifest.Manifest{}, err
	}
	man := manifest.Manifest{
		Version: manifest.Version, Creator: creator, Kind: m.Kind, Title: m.Title, Language: m.Language,
		Description: m.Description, Tags: m.Tags, DurationSeconds: m.DurationSeconds, Licence: m.Licence,
	}
	if err := m.setLinks(&man); err != nil {
		return manifest.Manifest{}, err
	}
	if m.Keys != nil {
		if err := m.Keys.Validate(); err != nil {
			return manifest.Manifest{}, err
		}
		man.Keys = &manifest.Keys{Suite: m.Keys.Suite, C0: m.Keys.C0, WindowSeconds: uint64(m.Keys.WindowSeconds)}
	}
	if err := man.Validate(); err != nil {
		return manifest.Manifest{}, errorsmod.Wrap(ErrInvalidManifest, err.Error())
	}
	return man, nil
}

// setLinks fills what the manifest names by hash: media, cover, piece and the previous version.
func (m *MsgPublish) setLinks(man *manifest.Manifest) (err error) {
	if man.Media, err = parseCID("media", m.Media); err != nil {
		return err
	}
	if m.Cover != "" {
		if man.Cover, err = parseCID("cover", m.Cover); err != nil {
			return err
		}
	}
	if m.Previous != "" {
		if _, err = ParseWorkID(m.Previous); err != nil {
			return err
		}
		if man.Previous, err = cid.Decode(m.Previous); err != nil {
			return errorsmod.Wrapf(ErrInvalidWorkID, "%q: %s", m.Previous, err)
		}
	}
	if err = m.setParents(man); err != nil {
		return err
	}
	if len(m.PieceRoot) != HashLen {
		return errorsmod.Wrapf(ErrInvalidManifest, "piece_root has %d bytes, not 32", len(m.PieceRoot))
	}
	man.Piece.Root = [HashLen]byte(m.PieceRoot)
	man.Piece.Size = m.PieceSize
	return nil
}

// setParents fills the works that this one derives from. The manifest bounds their number and parts.
func (m *MsgPublish) setParents(man *manifest.Manifest) error {
	if len(m.Parents) > manifest.MaxParents {
		return errorsmod.Wrapf(ErrInvalidManifest, "%d parents", len(m.Parents))
	}
	for _, p := range m.Parents {
		if _, err := ParseWorkID(p.Work); err != nil {
			return err
		}
		work, err := cid.Decode(p.Work)
		if err != nil {
			return errorsmod.Wrapf(ErrInvalidWorkID, "%q: %s", p.Work, err)
		}
		man.Parents = append(man.Parents, manifest.Parent{Work: work, Bps: uint64(p.Bps)})
	}
	return nil
}

// Parse returns the signer and the manifest. Errors: ErrInvalidAddress and those of Manifest.
func (m *MsgPublish) Parse() (sdk.AccAddress, manifest.Manifest, error) {
	controller, err := ParseAddress(m.Controller)
	if err != nil {
		return nil, manifest.Manifest{}, err
	}
	man, err := m.Manifest()
	return controller, man, err
}
