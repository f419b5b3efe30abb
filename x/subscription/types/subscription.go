package types

import (
	errorsmod "cosmossdk.io/errors"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// Running reports whether s grants access at now. The second in which it expires is the
// first without.
func (s Subscription) Running(now int64) bool { return now < s.ExpiresAt }

// Extend returns s with seconds more, added to its end while it is running and to now when it
// has ended: a lapsed subscription starts anew. Errors: ErrTooFarAhead.
func (s Subscription) Extend(now, seconds int64) (Subscription, error) {
	if !s.Running(now) {
		s.StartedAt, s.ExpiresAt = now, now
	}
	// subtracted on this side, since an end from a genesis may be near the largest number
	if s.ExpiresAt-now > MaxAheadSeconds-seconds {
		return Subscription{}, errorsmod.Wrap(ErrTooFarAhead, s.Plan)
	}
	s.ExpiresAt += seconds
	return s, nil
}

// Validate checks one stored subscription by itself.
func (s Subscription) Validate() error {
	if _, err := ParseAddress(s.Viewer); err != nil {
		return err
	}
	if _, err := ParsePlanID(s.Plan); err != nil {
		return err
	}
	if s.StartedAt <= 0 || s.ExpiresAt <= s.StartedAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "subscription of %s to %s: times", s.Viewer, s.Plan)
	}
	return nil
}

// Validate checks one stored purchase by itself. hold_id is empty where there was no refund window.
func (e Entitlement) Validate() error {
	if _, err := ParseAddress(e.Viewer); err != nil {
		return err
	}
	if _, err := contenttypes.ParseWorkID(e.Work); err != nil {
		return err
	}
	if err := ValidatePrice(e.Price); err != nil {
		return errorsmod.Wrapf(err, "purchase of %s by %s", e.Work, e.Viewer)
	}
	if e.BoughtAt <= 0 || len(e.HoldId) > MaxHoldIDLen {
		return errorsmod.Wrapf(ErrInvalidGenesis, "purchase of %s by %s: bought_at or hold_id", e.Work, e.Viewer)
	}
	return nil
}
