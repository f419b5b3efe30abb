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
	legacy.RegisterAminoMsg(cdc, &MsgOpenDispute{}, "streamchain/x/dispute/MsgOpenDispute")
	legacy.RegisterAminoMsg(cdc, &MsgRespond{}, "streamchain/x/dispute/MsgRespond")
	legacy.RegisterAminoMsg(cdc, &MsgAddEvidence{}, "streamchain/x/dispute/MsgAddEvidence")
	legacy.RegisterAminoMsg(cdc, &MsgContestHold{}, "streamchain/x/dispute/MsgContestHold")
	legacy.RegisterAminoMsg(cdc, &MsgAppeal{}, "streamchain/x/dispute/MsgAppeal")
	legacy.RegisterAminoMsg(cdc, &MsgCommitVote{}, "streamchain/x/dispute/MsgCommitVote")
	legacy.RegisterAminoMsg(cdc, &MsgRevealVote{}, "streamchain/x/dispute/MsgRevealVote")
	legacy.RegisterAminoMsg(cdc, &MsgStakeJuror{}, "streamchain/x/dispute/MsgStakeJuror")
	legacy.RegisterAminoMsg(cdc, &MsgUnstakeJuror{}, "streamchain/x/dispute/MsgUnstakeJuror")
	legacy.RegisterAminoMsg(cdc, &MsgClaimOwed{}, "streamchain/x/dispute/MsgClaimOwed")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "streamchain/x/dispute/MsgUpdateParams")
	cdc.RegisterConcrete(&Params{}, "streamchain/x/dispute/Params", nil)
}

// RegisterInterfaces registers the messages and their service.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgOpenDispute{},
		&MsgRespond{},
		&MsgAddEvidence{},
		&MsgContestHold{},
		&MsgAppeal{},
		&MsgCommitVote{},
		&MsgRevealVote{},
		&MsgStakeJuror{},
		&MsgUnstakeJuror{},
		&MsgClaimOwed{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
