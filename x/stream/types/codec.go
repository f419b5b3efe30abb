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
	legacy.RegisterAminoMsg(cdc, &MsgGrantSessionKey{}, "streamchain/x/stream/MsgGrantSessionKey")
	legacy.RegisterAminoMsg(cdc, &MsgRevokeSessionKey{}, "streamchain/x/stream/RevokeSessionKey")
	legacy.RegisterAminoMsg(cdc, &MsgDeposit{}, "streamchain/x/stream/MsgDeposit")
	legacy.RegisterAminoMsg(cdc, &MsgWithdraw{}, "streamchain/x/stream/MsgWithdraw")
	legacy.RegisterAminoMsg(cdc, &MsgOpenLanes{}, "streamchain/x/stream/MsgOpenLanes")
	legacy.RegisterAminoMsg(cdc, &MsgSettle{}, "streamchain/x/stream/MsgSettle")
	legacy.RegisterAminoMsg(cdc, &MsgCloseLane{}, "streamchain/x/stream/MsgCloseLane")
	legacy.RegisterAminoMsg(cdc, &MsgReportUse{}, "streamchain/x/stream/MsgReportUse")
	legacy.RegisterAminoMsg(cdc, &MsgTip{}, "streamchain/x/stream/MsgTip")
	legacy.RegisterAminoMsg(cdc, &MsgCreateFlow{}, "streamchain/x/stream/MsgCreateFlow")
	legacy.RegisterAminoMsg(cdc, &MsgTopUpFlow{}, "streamchain/x/stream/MsgTopUpFlow")
	legacy.RegisterAminoMsg(cdc, &MsgPauseFlow{}, "streamchain/x/stream/MsgPauseFlow")
	legacy.RegisterAminoMsg(cdc, &MsgResumeFlow{}, "streamchain/x/stream/MsgResumeFlow")
	legacy.RegisterAminoMsg(cdc, &MsgReRateFlow{}, "streamchain/x/stream/MsgReRateFlow")
	legacy.RegisterAminoMsg(cdc, &MsgCancelFlow{}, "streamchain/x/stream/MsgCancelFlow")
	legacy.RegisterAminoMsg(cdc, &MsgWithdrawFlow{}, "streamchain/x/stream/MsgWithdrawFlow")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "streamchain/x/stream/MsgUpdateParams")
	cdc.RegisterConcrete(&Params{}, "streamchain/x/stream/Params", nil)
}

// RegisterInterfaces registers the messages and their service.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgGrantSessionKey{},
		&MsgRevokeSessionKey{},
		&MsgDeposit{},
		&MsgWithdraw{},
		&MsgOpenLanes{},
		&MsgSettle{},
		&MsgCloseLane{},
		&MsgReportUse{},
		&MsgTip{},
		&MsgCreateFlow{},
		&MsgTopUpFlow{},
		&MsgPauseFlow{},
		&MsgResumeFlow{},
		&MsgReRateFlow{},
		&MsgCancelFlow{},
		&MsgWithdrawFlow{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
