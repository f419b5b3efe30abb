package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/manifest"
)

// validateParents checks what a stored work derives from by itself.
func (w Work) validateParents() error {
	if len(w.Parents) > 0 && !w.IsRoot() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: only a first version has parents", w.Cid)
	}
	if len(w.Parents) > manifest.MaxParents {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: %d parents", w.Cid, len(w.Parents))
	}
	sum := uint64(0)
	for i, p := range w.Parents {
		if _, err := ParseWorkID(p.Work); err != nil {
			return err
		}
		if p.Work == w.Cid || slices.ContainsFunc(w.Parents[:i], func(o Parent) bool { return o.Work == p.Work }) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: parent %s twice, or itself", w.Cid, p.Work)
		}
		sum += uint64(p.Bps)
	}
	if sum > manifest.MaxParentBps {
		return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: %d bps for parents", w.Cid, sum)
	}
	return nil
}
