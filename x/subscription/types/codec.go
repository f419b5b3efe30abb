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
	legacy.RegisterAminoMsg(cdc, &MsgSetOffers{}, "streamchain/x/subscription/MsgSetOffers")
	legacy.RegisterAminoMsg(cdc, &MsgCreatePlan{}, "streamchain/x/subscription/CreatePlan")
	legacy.RegisterAminoMsg(cdc, &MsgUpdatePlan{}, "streamchain/x/subscription/UpdatePlan")
	legacy.RegisterAminoMsg(cdc, &MsgPurchase{}, "streamchain/x/subscription/MsgPurchase")
	legacy.RegisterAminoMsg(cdc, &MsgRent{}, "streamchain/x/subscription/MsgRent")
	legacy.RegisterAminoMsg(cdc, &MsgSetRenewal{}, "streamchain/x/subscription/SetRenewal")
	legacy.RegisterAminoMsg(cdc, &MsgCancel{}, "streamchain/x/subscription/MsgCancel")
	legacy.RegisterAminoMsg(cdc, &MsgSubscribe{}, "streamchain/x/subscription/MsgSubscribe")
	legacy.RegisterAminoMsg(cdc, &MsgPublishTemplate{}, "streamchain/x/subscription/PubTemplate")
	legacy.RegisterAminoMsg(cdc, &MsgRemoveTemplate{}, "streamchain/x/subscription/DelTemplate")
	legacy.RegisterAminoMsg(cdc, &MsgPurchaseByTemplate{}, "streamchain/x/subscription/BuyTemplate")
	legacy.RegisterAminoMsg(cdc, &MsgRefundByTemplate{}, "streamchain/x/subscription/RefTemplate")
	legacy.RegisterAminoMsg(cdc, &MsgCreatePass{}, "streamchain/x/subscription/CreatePass")
	legacy.RegisterAminoMsg(cdc, &MsgUpdatePass{}, "streamchain/x/subscription/UpdatePass")
	legacy.RegisterAminoMsg(cdc, &MsgJoinPass{}, "streamchain/x/subscription/JoinPass")
	legacy.RegisterAminoMsg(cdc, &MsgLeavePass{}, "streamchain/x/subscription/LeavePass")
	legacy.RegisterAminoMsg(cdc, &MsgSubscribePass{}, "streamchain/x/subscription/SubPass")
	legacy.RegisterAminoMsg(cdc, &MsgCancelPass{}, "streamchain/x/subscription/CancelPass")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "streamchain/x/subscription/UpdateParams")
	cdc.RegisterConcrete(&Params{}, "streamchain/x/subscription/Params", nil)
	cdc.RegisterInterface((*isOffer_Kind)(nil), nil)
	cdc.RegisterConcrete(&Offer_Free{}, "FreeOffer", nil)
	cdc.RegisterConcrete(&Offer_Purchase{}, "PurchaseOffer", nil)
	cdc.RegisterConcrete(&Offer_Metered{}, "MeteredOffer", nil)
	cdc.RegisterConcrete(&Offer_Plan{}, "PlanOffer", nil)
	cdc.RegisterConcrete(&Offer_Template{}, "TemplateOffer", nil)
}

// RegisterInterfaces registers the messages and their service.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgSetOffers{},
		&MsgCreatePlan{},
		&MsgUpdatePlan{},
		&MsgPurchase{},
		&MsgSubscribe{},
		&MsgRent{},
		&MsgSetRenewal{},
		&MsgCancel{},
		&MsgPublishTemplate{},
		&MsgRemoveTemplate{},
		&MsgPurchaseByTemplate{},
		&MsgRefundByTemplate{},
		&MsgCreatePass{},
		&MsgUpdatePass{},
		&MsgJoinPass{},
		&MsgLeavePass{},
		&MsgSubscribePass{},
		&MsgCancelPass{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
