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
	legacy.RegisterAminoMsg(cdc, &MsgEnact{}, "streamchain/x/governance/MsgEnact")
	legacy.RegisterAminoMsg(cdc, &MsgCancelEnactment{}, "streamchain/x/governance/MsgCancel")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "streamchain/x/governance/UpdateParams")
	legacy.RegisterAminoMsg(cdc, &MsgDelegateVote{}, "streamchain/x/governance/DelegateVote")
	legacy.RegisterAminoMsg(cdc, &MsgUndelegateVote{}, "streamchain/x/governance/UndelegateVote")
	legacy.RegisterAminoMsg(cdc, &MsgSetCouncil{}, "streamchain/x/governance/SetCouncil")
	legacy.RegisterAminoMsg(cdc, &MsgPause{}, "streamchain/x/governance/MsgPause")
	legacy.RegisterAminoMsg(cdc, &MsgResume{}, "streamchain/x/governance/MsgResume")
	legacy.RegisterAminoMsg(cdc, &MsgTakeSeat{}, "streamchain/x/governance/MsgTakeSeat")
	cdc.RegisterConcrete(&Params{}, "streamchain/x/governance/Params", nil)
}

// RegisterInterfaces registers the messages and their service.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgEnact{},
		&MsgCancelEnactment{},
		&MsgUpdateParams{},
		&MsgTakeSeat{},
		&MsgDelegateVote{},
		&MsgUndelegateVote{},
		&MsgSetCouncil{},
		&MsgPause{},
		&MsgResume{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
