package chainclient

import (
	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"

	"github.com/streamchain/streamchain/token"
)

// Encoding is what it takes to write and read the chain's transactions.
type Encoding struct {
	Registry codectypes.InterfaceRegistry
	Codec    codec.Codec
	TxConfig client.TxConfig
}

// NewEncoding registers the messages of the SDK and, through register, of the modules
// that the program uses (each `x/*/types.RegisterInterfaces`).
func NewEncoding(register ...func(codectypes.InterfaceRegistry)) (Encoding, error) {
	token.Configure()
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.NewBech32Codec(token.Prefix),
			ValidatorAddressCodec: address.NewBech32Codec(token.Prefix + "valoper"),
		},
	})
	if err != nil {
		return Encoding{}, err
	}
	for _, r := range append([]func(codectypes.InterfaceRegistry){
		std.RegisterInterfaces, authtypes.RegisterInterfaces, vestingtypes.RegisterInterfaces, banktypes.RegisterInterfaces,
		stakingtypes.RegisterInterfaces, govv1.RegisterInterfaces, authz.RegisterInterfaces, feegrant.RegisterInterfaces,
	}, register...) {
		r(registry)
	}
	cdc := codec.NewProtoCodec(registry)
	return Encoding{Registry: registry, Codec: cdc, TxConfig: authtx.NewTxConfig(cdc, authtx.DefaultSignModes)}, nil
}
