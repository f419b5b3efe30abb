package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterLegacyAminoCodec registers the messages under the names of their amino.name
// option, which hardware wallets sign.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgClaim{}, "streamchain/x/revenue/MsgClaim")
	legacy.RegisterAminoMsg(cdc, &MsgSetSplit{}, "streamchain/x/revenue/MsgSetSplit")
	legacy.RegisterAminoMsg(cdc, &MsgAcceptSplit{}, "streamchain/x/revenue/MsgAcceptSplit")
	legacy.RegisterAminoMsg(cdc, &MsgRefund{}, "streamchain/x/revenue/MsgRefund")
	legacy.RegisterAminoMsg(cdc, &MsgSetPayout{}, "streamchain/x/revenue/MsgSetPayout")
	legacy.RegisterAminoMsg(cdc, &MsgClaimRebate{}, "streamchain/x/revenue/MsgClaimRebate")
	legacy.RegisterAminoMsg(cdc, &MsgSetDerivationTerms{}, "streamchain/x/revenue/SetDerivTerms")
	legacy.RegisterAminoMsg(cdc, &MsgAcceptDerivation{}, "streamchain/x/revenue/AcceptDerivation")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "streamchain/x/revenue/MsgUpdateParams")
	cdc.RegisterConcrete(&Params{}, "streamchain/x/revenue/Params", nil)
}

// RegisterInterfaces registers the messages and their service.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgClaim{},
		&MsgSetSplit{},
		&MsgAcceptSplit{},
		&MsgRefund{},
		&MsgSetPayout{},
		&MsgClaimRebate{},
		&MsgSetDerivationTerms{},
		&MsgAcceptDerivation{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
