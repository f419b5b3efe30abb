package types

import errorsmod "cosmossdk.io/errors"

// MaxDelegators is the most that may lend their votes to one delegate on one track: it bounds what counting one vote costs.
const MaxDelegators = 1000

// MinVoteStake is the least bonded stake, in ustream, of who votes or lends a vote. It is bound for weeks: without it, one coin sent from account
// to account would make any number of votes to count, and fill any delegate's list.
const MinVoteStake = 1_000_000

// Validate checks every field by itself.
func (d Delegation) Validate() error {
	if _, err := ParseAddress(d.Delegator); err != nil {
		return err
	}
	if _, err := ParseAddress(d.Delegate); err != nil {
		return err
	}
	if d.Delegate == d.Delegator {
		return errorsmod.Wrap(ErrInvalidDelegation, "to oneself")
	}
	if !d.Track.Known() {
		return errorsmod.Wrapf(ErrInvalidDelegation, "track %d", d.Track)
	}
	return nil
}

// Delegation is what the message asks for.
func (m *MsgDelegateVote) Delegation() Delegation {
	return Delegation{Delegator: m.Delegator, Track: m.Track, Delegate: m.Delegate}
}

// Validate checks every field by itself.
func (m *MsgUndelegateVote) Validate() error {
	if _, err := ParseAddress(m.Signer); err != nil {
		return err
	}
	if _, err := ParseAddress(m.Delegator); err != nil {
		return err
	}
	if !m.Track.Known() {
		return errorsmod.Wrapf(ErrInvalidDelegation, "track %d", m.Track)
	}
	return nil
}
