package app

import (
	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"

	"github.com/streamchain/streamchain/token"
)

const (
	validatorPrefix = token.Prefix + "valoper"
	consensusPrefix = token.Prefix + "valcons"
)

// encoding is how the chain writes transactions and state.
type encoding struct {
	amino    *codec.LegacyAmino
	cdc      codec.Codec
	registry codectypes.InterfaceRegistry
	tx       client.TxConfig
}

func newEncoding() (encoding, error) {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.NewBech32Codec(token.Prefix),
			ValidatorAddressCodec: address.NewBech32Codec(validatorPrefix),
		},
	})
	if err != nil {
		return encoding{}, err
	}
	if err := registry.SigningContext().Validate(); err != nil {
		return encoding{}, err
	}
	e := encoding{amino: codec.NewLegacyAmino(), registry: registry, cdc: codec.NewProtoCodec(registry)}
	e.tx = authtx.NewTxConfig(e.cdc, authtx.DefaultSignModes)
	std.RegisterLegacyAminoCodec(e.amino)
	std.RegisterInterfaces(registry)
	return e, nil
}
