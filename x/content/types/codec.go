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
	legacy.RegisterAminoMsg(cdc, &MsgRegisterCreator{}, "streamchain/x/content/RegisterCreator")
	legacy.RegisterAminoMsg(cdc, &MsgSetHandle{}, "streamchain/x/content/MsgSetHandle")
	legacy.RegisterAminoMsg(cdc, &MsgCommit{}, "streamchain/x/content/MsgCommit")
	legacy.RegisterAminoMsg(cdc, &MsgPublish{}, "streamchain/x/content/MsgPublish")
	legacy.RegisterAminoMsg(cdc, &MsgRetire{}, "streamchain/x/content/MsgRetire")
	legacy.RegisterAminoMsg(cdc, &MsgCreateCollection{}, "streamchain/x/content/CreateCollection")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateCollection{}, "streamchain/x/content/UpdateCollection")
	legacy.RegisterAminoMsg(cdc, &MsgRegisterFeed{}, "streamchain/x/content/MsgRegisterFeed")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateFeed{}, "streamchain/x/content/MsgUpdateFeed")
	legacy.RegisterAminoMsg(cdc, &MsgRemoveFeed{}, "streamchain/x/content/MsgRemoveFeed")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "streamchain/x/content/MsgUpdateParams")
	legacy.RegisterAminoMsg(cdc, &MsgSetAttester{}, "streamchain/x/content/MsgSetAttester")
	legacy.RegisterAminoMsg(cdc, &MsgAttest{}, "streamchain/x/content/MsgAttest")
	legacy.RegisterAminoMsg(cdc, &MsgRevokeAttestation{}, "streamchain/x/content/RevokeAttestation")
	legacy.RegisterAminoMsg(cdc, &MsgRotateController{}, "streamchain/x/content/RotateController")
	legacy.RegisterAminoMsg(cdc, &MsgVetoRotation{}, "streamchain/x/content/MsgVetoRotation")
	legacy.RegisterAminoMsg(cdc, &MsgAcceptRotation{}, "streamchain/x/content/MsgAcceptRotation")
	cdc.RegisterConcrete(&Params{}, "streamchain/x/content/Params", nil)
}

// RegisterInterfaces registers the messages and their service.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgRegisterCreator{},
		&MsgSetHandle{},
		&MsgCommit{},
		&MsgPublish{},
		&MsgRetire{},
		&MsgCreateCollection{},
		&MsgUpdateCollection{},
		&MsgRegisterFeed{},
		&MsgUpdateFeed{},
		&MsgRemoveFeed{},
		&MsgUpdateParams{},
		&MsgSetAttester{},
		&MsgAttest{},
		&MsgRevokeAttestation{},
		&MsgRotateController{},
		&MsgVetoRotation{},
		&MsgAcceptRotation{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
