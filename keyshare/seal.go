package keyshare

import (
	"crypto/ecdh"
	"crypto/hpke"
	"fmt"
	"io"
)

// SealKeyLen is the length of a sealing key, public or private, in bytes.
const SealKeyLen = 32

// Purposes of what is sealed. One cannot be opened as another.
const (
	ForHolder = "streamchain/seal/share/v1"  // a share, for its holder
	ForViewer = "streamchain/seal/answer/v1" // an answer, for a viewer's ephemeral key
)

// NewSealKey draws a key pair (X25519).
func NewSealKey(chance io.Reader) (private, public [SealKeyLen]byte, err error) {
	// not GenerateKey: it does not look at the source that it is given
	if _, err := io.ReadFull(chance, private[:]); err != nil {
		return private, public, err
	}
	k, err := ecdh.X25519().NewPrivateKey(private[:])
	if err != nil {
		return private, public, err
	}
	return private, [SealKeyLen]byte(k.PublicKey().Bytes()), nil
}

// UsableSealKey reports whether anything can be sealed for a public key: 32 bytes that are no point of low order. With one of
// those X25519 has the same result for every private key, so Seal refuses it.
func UsableSealKey(public []byte) bool {
	pk, err := ecdh.X25519().NewPublicKey(public)
	if err != nil {
		return false
	}
	// any private key shows it: all of them are multiples of the cofactor
	probe, err := ecdh.X25519().NewPrivateKey(make([]byte, SealKeyLen))
	if err != nil {
		return false
	}
	_, err = probe.ECDH(pk)
	return err == nil
}

func info(purpose string, context []byte) []byte {
	return append(append([]byte(purpose), 0), context...)
}

// Seal encrypts for a public key by HPKE (RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode). context says what it is for, so
// that it cannot be passed off for something else. The result is the encapsulated key and then the ciphertext. ErrSealed where the key is none.
func Seal(public []byte, purpose string, context, plain []byte) ([]byte, error) {
	pk, err := hpke.DHKEM(ecdh.X25519()).NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	sealed, err := hpke.Seal(pk, hpke.HKDFSHA256(), hpke.AES128GCM(), info(purpose, context), plain)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err) // a key of low order
	}
	return sealed, nil
}

// Open decrypts what was sealed for a private key under the same purpose and context. ErrSealed.
func Open(private []byte, purpose string, context, sealed []byte) ([]byte, error) {
	k, err := hpke.DHKEM(ecdh.X25519()).NewPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	plain, err := hpke.Open(k, hpke.HKDFSHA256(), hpke.AES128GCM(), info(purpose, context), sealed)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
