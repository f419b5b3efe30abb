package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// Every message has a signer, an amino name that a hardware wallet can show, and is registered.
func TestMessagesAreRegistered(t *testing.T) {
	registry := codectestutil.CodecOptions{AccAddressPrefix: token.Prefix}.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	amino := codec.NewLegacyAmino()
	types.RegisterLegacyAminoCodec(amino)
	cdc := codec.NewProtoCodec(registry)
	signer := sdk.AccAddress(make([]byte, 20))
	for _, msg := range []sdk.Msg{
		&types.MsgClaim{Claimant: signer.String()}, &types.MsgSetSplit{Controller: signer.String()},
		&types.MsgAcceptSplit{Recipient: signer.String()}, &types.MsgRefund{Controller: signer.String()},
		&types.MsgUpdateParams{Authority: signer.String(), Params: types.DefaultParams()},
	} {
		url := sdk.MsgTypeURL(msg)
		_, err := registry.Resolve(url)
		require.NoError(t, err)
		signers, _, err := cdc.GetMsgV1Signers(msg)
		require.NoError(t, err, url)
		require.Equal(t, [][]byte{signer}, signers)
		bz, err := amino.MarshalJSON(msg)
		require.NoError(t, err)
		require.Contains(t, string(bz), `"type":"streamchain/x/revenue/Msg`)
	}
	require.NoError(t, msgservice.ValidateProtoAnnotations(registry))
}

// TypedEvent of a distribution carries what the distribution says.
func TestEventIsTheDistribution(t *testing.T) {
	p := types.Payment{Rail: types.RAIL_METERED, Payer: "payer", Gross: token.Coin(12_345), Server: "node", Reference: "r"}
	shares, err := types.DefaultParams().Shares(p.Rail)
	require.NoError(t, err)
	d := shares.Cut(p, subjectOf("work"))
	d.Credits = types.Divide(d.CreatorPart, types.DefaultSplit(d.Creator).Shares)
	event, err := sdk.TypedEventToEvent(d.Event())
	require.NoError(t, err)
	for _, want := range []string{"gross", "creator_part", "server_part", "key_holders_part", "endowment_part", "storage_pool_part", "stakers_part", "treasury_part", "participation_part", "burn_part", "subject", "creator", "payer", "rail", "reference", "server", "credits"} {
		_, found := event.GetAttribute(want)
		require.True(t, found, want)
	}
}

func subjectOf(work string) contenttypes.Subject {
	return contenttypes.Subject{Creator: contenttypes.NewCreatorID(make([]byte, 20)).String(), Work: work}
}
