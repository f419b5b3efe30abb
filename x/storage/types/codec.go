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
	legacy.RegisterAminoMsg(cdc, &MsgRegisterProvider{}, "streamchain/x/storage/RegisterProvider")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateProvider{}, "streamchain/x/storage/MsgUpdateProvider")
	legacy.RegisterAminoMsg(cdc, &MsgAddBond{}, "streamchain/x/storage/MsgAddBond")
	legacy.RegisterAminoMsg(cdc, &MsgLeave{}, "streamchain/x/storage/MsgLeave")
	legacy.RegisterAminoMsg(cdc, &MsgWithdrawBond{}, "streamchain/x/storage/MsgWithdrawBond")
	legacy.RegisterAminoMsg(cdc, &MsgRequestDeals{}, "streamchain/x/storage/MsgRequestDeals")
	legacy.RegisterAminoMsg(cdc, &MsgFundWork{}, "streamchain/x/storage/MsgFundWork")
	legacy.RegisterAminoMsg(cdc, &MsgFundServing{}, "streamchain/x/storage/MsgFundServing")
	legacy.RegisterAminoMsg(cdc, &MsgAcceptDeal{}, "streamchain/x/storage/MsgAcceptDeal")
	legacy.RegisterAminoMsg(cdc, &MsgEndDeal{}, "streamchain/x/storage/MsgEndDeal")
	legacy.RegisterAminoMsg(cdc, &MsgClaimStorage{}, "streamchain/x/storage/MsgClaimStorage")
	legacy.RegisterAminoMsg(cdc, &MsgSetBeacon{}, "streamchain/x/storage/MsgSetBeacon")
	legacy.RegisterAminoMsg(cdc, &MsgProve{}, "streamchain/x/storage/MsgProve")
	legacy.RegisterAminoMsg(cdc, &MsgReportLoss{}, "streamchain/x/storage/MsgReportLoss")
	legacy.RegisterAminoMsg(cdc, &MsgRefuseWork{}, "streamchain/x/storage/MsgRefuseWork")
	legacy.RegisterAminoMsg(cdc, &MsgRepairWork{}, "streamchain/x/storage/MsgRepairWork")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "streamchain/x/storage/MsgUpdateParams")
	cdc.RegisterConcrete(&Params{}, "streamchain/x/storage/Params", nil)
}

// RegisterInterfaces registers the messages and their service.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgRegisterProvider{},
		&MsgUpdateProvider{},
		&MsgAddBond{},
		&MsgLeave{},
		&MsgWithdrawBond{},
		&MsgRequestDeals{},
		&MsgFundWork{},
		&MsgFundServing{},
		&MsgAcceptDeal{},
		&MsgEndDeal{},
		&MsgClaimStorage{},
		&MsgSetBeacon{},
		&MsgProve{},
		&MsgReportLoss{},
		&MsgRefuseWork{},
		&MsgRepairWork{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
