package chainclient

import (
	"fmt"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// Signer signs for one account.
type Signer interface {
	Address() sdk.AccAddress
	PubKey() cryptotypes.PubKey
	Sign(msg []byte) ([]byte, error)
}

// KeySigner signs with a private key in memory.
func KeySigner(key cryptotypes.PrivKey) Signer { return keySigner{key} }

type keySigner struct{ key cryptotypes.PrivKey }

func (s keySigner) Address() sdk.AccAddress         { return sdk.AccAddress(s.key.PubKey().Address()) }
func (s keySigner) PubKey() cryptotypes.PubKey      { return s.key.PubKey() }
func (s keySigner) Sign(msg []byte) ([]byte, error) { return s.key.Sign(msg) }

// KeyringSigner signs with the key called name, or with the key of address name.
func KeyringSigner(kr keyring.Keyring, name string) (Signer, error) {
	rec, err := kr.Key(name)
	if err != nil {
		addr, addrErr := sdk.AccAddressFromBech32(name)
		if addrErr != nil {
			return nil, fmt.Errorf("key %q: %w; `streamd keys list` shows the keys that are there", name, err)
		}
		if rec, err = kr.KeyByAddress(addr); err != nil {
			return nil, fmt.Errorf("key of %s: %w", name, err)
		}
	}
	pub, err := rec.GetPubKey()
	if err != nil {
		return nil, err
	}
	return keyringSigner{kr: kr, name: rec.Name, pub: pub}, nil
}

type keyringSigner struct {
	kr   keyring.Keyring
	name string
	pub  cryptotypes.PubKey
}

func (s keyringSigner) Address() sdk.AccAddress    { return sdk.AccAddress(s.pub.Address()) }
func (s keyringSigner) PubKey() cryptotypes.PubKey { return s.pub }
func (s keyringSigner) Sign(msg []byte) ([]byte, error) {
	sig, _, err := s.kr.Sign(s.name, msg, signing.SignMode_SIGN_MODE_DIRECT)
	return sig, err
}
