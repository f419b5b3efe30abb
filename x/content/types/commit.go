package types

import errorsmod "cosmossdk.io/errors"

// ValidateHash refuses what is not 32 bytes with ErrInvalidHash.
func ValidateHash(hash []byte) error {
	if len(hash) != HashLen {
		return errorsmod.Wrapf(ErrInvalidHash, "%d bytes", len(hash))
	}
	return nil
}

// Live reports whether the commit has not expired at live time now.
func (c Commit) Live(now int64) bool { return now < c.ExpiresAt }

// Dates reports whether a work published in the block at height, at live time now, may
// carry the commit's date. The block of the commit itself is refused: whoever orders a
// block could otherwise put a commit before the publication that it copies. A height
// ahead of ours comes from before a restart of the chain, and counts.
func (c Commit) Dates(now, height int64) bool { return c.Live(now) && c.Height != height }

// Validate checks one stored commit by itself.
func (c Commit) Validate() error {
	if err := ValidateHash(c.Hash); err != nil {
		return err
	}
	if c.CommittedAt <= 0 || c.Height < 0 || c.ExpiresAt <= c.CommittedAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "commit %x: committed %d at height %d, expires %d", c.Hash, c.CommittedAt, c.Height, c.ExpiresAt)
	}
	return nil
}
