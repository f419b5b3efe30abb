package follow

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	format "github.com/ipfs/go-ipld-format"
	"github.com/ipld/go-car/v2"
	"github.com/ipld/go-car/v2/blockstore"

	"github.com/streamchain/streamchain/manifest"
)

// Manifests are the manifests of works in a CAR file: where a chain begins with works, its genesis has no titles. Each is checked
// against the work's id, so that it does not matter where the file is from.
type Manifests struct {
	blocks *blockstore.ReadOnly
}

// OpenManifests opens a CAR file.
func OpenManifests(path string) (*Manifests, error) {
	blocks, err := blockstore.OpenReadOnly(path, car.ZeroLengthSectionAsEOF(true))
	if err != nil {
		return nil, fmt.Errorf("manifests: %s is no CAR file of them: %w", path, err)
	}
	return &Manifests{blocks: blocks}, nil
}

// Close closes the file.
func (m *Manifests) Close() error { return m.blocks.Close() }

// Manifest implements project.Texts.
func (m *Manifests) Manifest(id string) (manifest.Manifest, bool, error) {
	c, err := cid.Decode(id)
	if err != nil {
		return manifest.Manifest{}, false, fmt.Errorf("manifests: %q: %w", id, err)
	}
	block, err := m.blocks.Get(context.Background(), c)
	if errors.Is(err, format.ErrNotFound{}) || format.IsNotFound(err) {
		return manifest.Manifest{}, false, nil
	}
	if err != nil {
		return manifest.Manifest{}, false, fmt.Errorf("manifests: %s: %w", id, err)
	}
	man, err := manifest.Decode(block.RawData())
	if err != nil {
		return man, false, fmt.Errorf("manifests: %s: %w", id, err)
	}
	if got, err := man.CID(); err != nil || !got.Equals(c) {
		return man, false, fmt.Errorf("manifests: what is under %s is another work (%s)", id, got)
	}
	return man, true, nil
}
