package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// NewEscrow is an escrow without coins.
func NewEscrow(owner, denom string) Escrow {
	return Escrow{Owner: owner, Denom: denom, Balance: math.ZeroInt(), Reserved: math.ZeroInt()}
}

// Free is what can be withdrawn or reserved, in base units.
func (e Escrow) Free() math.Int { return e.Balance.Sub(e.Reserved) }

// Validate checks a stored escrow by itself.
func (e Escrow) Validate() error {
	if _, err := ParseAddress(e.Owner); err != nil {
		return err
	}
	if err := ValidateDenom(e.Denom); err != nil {
		return err
	}
	if e.Balance.IsNil() || e.Reserved.IsNil() || !e.Balance.IsPositive() || e.Reserved.IsNegative() || e.Free().IsNegative() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "escrow %s %s: balance and reserved", e.Owner, e.Denom)
	}
	return nil
}

// Remaining is what the lane may still pay, in base units.
func (l Lane) Remaining() uint64 { return l.Cap - l.Spent }

// Closing reports whether the provider has closed the lane: it is settled and nothing else.
func (l Lane) Closing() bool { return l.ClosingSince != 0 }

// Coin is amount in the lane's denom.
func (l Lane) Coin(amount uint64) sdk.Coin {
	return sdk.NewCoin(l.Denom, math.NewIntFromUint64(amount))
}

// ID is the lane's id, which its session rows key on.
func (l Lane) ID() ([]byte, error) {
	owner, err := ParseAddress(l.Owner)
	if err != nil {
		return nil, err
	}
	provider, err := ParseAddress(l.Provider)
	if err != nil {
		return nil, err
	}
	return LaneID(owner, l.Denom, provider, l.Generation), nil
}

// Accepts reports whether the lane pays a session of these terms at now. It is open until
// closes_at, that second included: ErrLaneEnded, ErrWrongKey or ErrInvalidSession.
func (l Lane) Accepts(s Session, now int64) error {
	switch {
	case now > l.ClosesAt:
		return errorsmod.Wrapf(ErrLaneEnded, "at %d, now %d", l.ClosesAt, now)
	case string(s.Pubkey) != string(l.Pubkey):
		return errorsmod.Wrapf(ErrWrongKey, "%x", s.Pubkey)
	case s.Expires > l.Expires:
		return errorsmod.Wrapf(ErrInvalidSession, "expires %d, after the lane at %d", s.Expires, l.Expires)
	}
	return nil
}

// Validate checks a stored lane by itself.
func (l Lane) Validate() error {
	if _, err := l.ID(); err != nil {
		return err
	}
	if err := ValidateDenom(l.Denom); err != nil {
		return err
	}
	if err := ValidatePubkey(l.Pubkey); err != nil {
		return err
	}
	if l.Generation == 0 || l.Cap == 0 || l.Spent > l.Cap || l.Sessions > MaxSessions {
		return errorsmod.Wrapf(ErrInvalidGenesis, "lane of %s at %s: generation, cap, spent or sessions", l.Owner, l.Provider)
	}
	least := l.Expires
	if l.Closing() {
		least = l.ClosingSince
	}
	if l.OpenedAt <= 0 || l.Expires <= l.OpenedAt || l.ClosingSince < 0 || l.ClosesAt < least || l.EndsAt < l.ClosesAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "lane of %s at %s: times", l.Owner, l.Provider)
	}
	return nil
}
