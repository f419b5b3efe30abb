package types

import (
	"crypto/ed25519"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/voucher"
)

const maxChainIDBytes = 128

// Validate checks every field by itself: ErrInvalidIntent, ErrInvalidAddress,
// ErrInvalidDenom. Whether the key may sign, and the signature, is the keeper's to check.
func (i LaneIntent) Validate() error {
	if err := validateParties(i.EscrowOwner, i.Denom, i.Provider); err != nil {
		return err
	}
	switch {
	case i.ChainId == "" || len(i.ChainId) > maxChainIDBytes:
		return errorsmod.Wrap(ErrInvalidIntent, "chain_id")
	case i.Generation == 0:
		return errorsmod.Wrap(ErrInvalidIntent, "generation is zero")
	case i.Cap == 0:
		return errorsmod.Wrap(ErrInvalidIntent, "cap is zero")
	case i.SubmitBy <= 0:
		return errorsmod.Wrap(ErrInvalidIntent, "submit_by")
	case i.Expires <= 0:
		return errorsmod.Wrap(ErrInvalidIntent, "expires")
	case len(i.Pubkey) != PubkeyLen:
		return errorsmod.Wrapf(ErrInvalidIntent, "pubkey has %d bytes", len(i.Pubkey))
	case len(i.Signature) != ed25519.SignatureSize:
		return errorsmod.Wrapf(ErrInvalidIntent, "signature has %d bytes", len(i.Signature))
	}
	return nil
}

// Validate checks every field by itself: ErrInvalidSession, ErrInvalidAddress,
// ErrInvalidDenom, ErrInvalidWorkID.
func (s Session) Validate() error {
	if err := validateParties(s.EscrowOwner, s.Denom, s.Provider); err != nil {
		return err
	}
	switch {
	case s.Generation == 0:
		return errorsmod.Wrap(ErrInvalidSession, "generation is zero")
	case s.PricePerTick == 0:
		return errorsmod.Wrap(ErrInvalidSession, "price_per_tick is zero: such sessions prove use, report them")
	case s.Subscription != "":
		return errorsmod.Wrap(ErrInvalidSession, "subscription: what is paid by the tick names none")
	}
	return s.validateTerms()
}

// validateTerms checks what sessions of any price have.
func (s Session) validateTerms() error {
	if _, err := parseWork(s.Work); err != nil {
		return err
	}
	switch {
	case s.ChainId == "" || len(s.ChainId) > maxChainIDBytes:
		return errorsmod.Wrap(ErrInvalidSession, "chain_id")
	case s.TickSeconds == 0:
		return errorsmod.Wrap(ErrInvalidSession, "tick_seconds is zero")
	case s.MaxTicks == 0 || s.MaxTicks > MaxTicks:
		return errorsmod.Wrapf(ErrInvalidSession, "max_ticks %d, not 1 to %d", s.MaxTicks, MaxTicks)
	case len(s.Root) != len(voucher.Word{}):
		return errorsmod.Wrapf(ErrInvalidSession, "root has %d bytes", len(s.Root))
	case s.Expires <= 0:
		return errorsmod.Wrap(ErrInvalidSession, "expires")
	case len(s.Pubkey) != PubkeyLen:
		return errorsmod.Wrapf(ErrInvalidSession, "pubkey has %d bytes", len(s.Pubkey))
	case len(s.Signature) != ed25519.SignatureSize:
		return errorsmod.Wrapf(ErrInvalidSession, "signature has %d bytes", len(s.Signature))
	}
	return nil
}

// Validate checks every field by itself.
func (s Settlement) Validate() error {
	if err := s.Session.Validate(); err != nil {
		return err
	}
	return s.validateWord()
}

// validateWord checks what shows how many ticks there were.
func (s Settlement) validateWord() error {
	if s.N == 0 || s.N > s.Session.MaxTicks {
		return errorsmod.Wrapf(ErrInvalidSession, "n is %d, not 1 to max_ticks", s.N)
	}
	if len(s.Word) != len(voucher.Word{}) {
		return errorsmod.Wrapf(ErrInvalidSession, "word has %d bytes", len(s.Word))
	}
	return nil
}

// Validate checks a stored row by itself.
func (r SessionRow) Validate() error {
	if r.N == 0 || r.N > MaxTicks || len(r.Word) != len(voucher.Word{}) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "session row: n %d, word of %d bytes", r.N, len(r.Word))
	}
	return nil
}

func validateParties(owner, denom, provider string) error {
	if _, err := ParseAddress(owner); err != nil {
		return err
	}
	if _, err := ParseAddress(provider); err != nil {
		return err
	}
	return ValidateDenom(denom)
}
