package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/voucher"
)

// PubkeyLen is the length of an ed25519 public key.
const PubkeyLen = 32

// ValidatePubkey refuses every key that voucher.UsableKey does, with ErrInvalidPubkey.
func ValidatePubkey(b []byte) error {
	if !voucher.UsableKey(b) {
		return errorsmod.Wrapf(ErrInvalidPubkey, "%x", b)
	}
	return nil
}

// Valid reports whether s is a scope that a key can have.
func (s SessionKeyScope) Valid() bool {
	return s >= SESSION_KEY_SCOPE_PAYMENT && s <= SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS
}

// Has reports whether s allows all that use does.
func (s SessionKeyScope) Has(use SessionKeyScope) bool { return s&use == use }

// ValidateGrant checks the terms of a key by themselves: its bytes, scope and limit.
func ValidateGrant(pubkey []byte, limit sdk.Coin, scope SessionKeyScope) error {
	if err := ValidatePubkey(pubkey); err != nil {
		return err
	}
	if !scope.Valid() {
		return errorsmod.Wrapf(ErrInvalidScope, "%d", scope)
	}
	if err := ValidateDenom(limit.Denom); err != nil {
		return err
	}
	if limit.Amount.IsNil() || limit.Amount.IsNegative() || limit.Amount.IsPositive() != scope.Has(SESSION_KEY_SCOPE_PAYMENT) {
		return errorsmod.Wrapf(ErrInvalidLimit, "%s", limit.Denom)
	}
	return nil
}

// Usable reports whether the key may sign something new of this use at now:
// ErrKeyRevoked, ErrKeyExpired or ErrKeyScope.
func (k SessionKey) Usable(use SessionKeyScope, now int64) error {
	switch {
	case k.Revoked:
		return errorsmod.Wrapf(ErrKeyRevoked, "%x", k.Pubkey)
	case now >= k.Expires:
		return errorsmod.Wrapf(ErrKeyExpired, "at %d, now %d", k.Expires, now)
	case !k.Scope.Has(use):
		return errorsmod.Wrapf(ErrKeyScope, "%s", k.Scope)
	}
	return nil
}

// Used is what counts against the limit at now: what open lanes may still pay, and what
// lanes paid in the last 24 hours. Payments are kept by the hour and count until their hour
// is wholly out of the window, so that no 24 hours ever see more than the limit; they leave
// it 24 to 25 hours after they were made.
func (k SessionKey) Used(now int64) math.Int {
	used := k.Reserved
	for _, h := range k.Spent {
		if h.Hour >= oldestHour(now) {
			used = used.Add(h.Amount)
		}
	}
	return used
}

// Available is what the limit leaves for new lanes at now, never negative: a limit can be
// lowered below what is in use.
func (k SessionKey) Available(now int64) math.Int {
	return math.MaxInt(k.Limit.Amount.Sub(k.Used(now)), math.ZeroInt())
}

// Pay counts amount as paid at now and forgets the hours that count no more.
func (k *SessionKey) Pay(amount math.Int, now int64) {
	kept := make([]HourSpent, 0, len(k.Spent)+1)
	for _, h := range k.Spent {
		if h.Hour >= oldestHour(now) {
			kept = append(kept, h)
		}
	}
	hour := now / hourSeconds
	if n := len(kept); n > 0 && kept[n-1].Hour == hour {
		kept[n-1].Amount = kept[n-1].Amount.Add(amount)
	} else if amount.IsPositive() {
		kept = append(kept, HourSpent{Hour: hour, Amount: amount})
	}
	k.Spent = kept
}

// oldestHour is the hour of now less 24 hours: a payment within it may still be in the window.
func oldestHour(now int64) int64 { return (now - KeyWindowSeconds) / hourSeconds }

// Validate checks a stored key by itself.
func (k SessionKey) Validate() error {
	if _, err := ParseAddress(k.Owner); err != nil {
		return err
	}
	if err := ValidateGrant(k.Pubkey, k.Limit, k.Scope); err != nil {
		return err
	}
	if k.GrantedAt <= 0 || k.Expires <= k.GrantedAt || k.Expires > k.GrantedAt+MaxKeySeconds {
		return errorsmod.Wrapf(ErrInvalidGenesis, "key %x: granted at %d, expires %d", k.Pubkey, k.GrantedAt, k.Expires)
	}
	if k.Reserved.IsNil() || k.Reserved.IsNegative() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "key %x: reserved", k.Pubkey)
	}
	if k.Revoked && k.Reserved.IsZero() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "key %x: revoked, yet kept with nothing reserved", k.Pubkey)
	}
	last := int64(-1)
	for _, h := range k.Spent {
		if h.Hour <= last || h.Amount.IsNil() || !h.Amount.IsPositive() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "key %x: spent in hour %d", k.Pubkey, h.Hour)
		}
		last = h.Hour
	}
	if len(k.Spent) > KeyWindowSeconds/hourSeconds+1 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "key %x: %d hours", k.Pubkey, len(k.Spent))
	}
	return nil
}
