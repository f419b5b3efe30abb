package types_test

import (
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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
		&types.MsgSetPayout{Claimant: signer.String(), Threshold: token.Coin(0)}, &types.MsgClaimRebate{Viewer: signer.String()},
		&types.MsgSetDerivationTerms{Controller: signer.String()}, &types.MsgAcceptDerivation{Controller: signer.String()},
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
		require.Contains(t, string(bz), `"type":"streamchain/x/revenue/`)
	}
	require.NoError(t, msgservice.ValidateProtoAnnotations(registry))
}

// What is announced by hand is what the SDK would announce, to the byte, whatever the texts.
func TestTypedEventIsTheSDKs(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9/-]{0,20}`), rapid.SampledFrom([]string{"", `"`, `\\`, "<&>", "\u2028", "\x7f", "ä"}))
	rapid.Check(t, func(t *rapid.T) {
		shares, sheet := rails().Draw(t, "rail"), sheets().Draw(t, "sheet")
		p := types.Payment{
			Rail: shares.Rail, Payer: text.Draw(t, "payer"), Server: text.Draw(t, "server"), Reference: text.Draw(t, "reference"),
			Gross: sdk.Coin{Denom: rapid.SampledFrom([]string{token.BaseDenom, "ibc/AB"}).Draw(t, "denom"), Amount: amounts().Draw(t, "gross")},
		}
		d := shares.Cut(p, subjectOf(rapid.SampledFrom([]string{"", "work"}).Draw(t, "work")), rapid.Bool().Draw(t, "held"))
		if rapid.Bool().Draw(t, "reduced") {
			p.DiscountBps, p.RoyaltyTo, p.RoyaltyBps = rapid.Uint32Range(0, 3000).Draw(t, "discount"), text.Draw(t, "author"), 200
			d = shares.Cut(p, subjectOf("work"), false)
		}
		if d.SplitVersion = rapid.Uint64().Draw(t, "version"); d.SplitVersion > 0 {
			d.Credits = types.Divide(d.CreatorPart, sheet)
			d.Credits[0].Parent = rapid.SampledFrom([]string{"", "bafyrei"}).Draw(t, "parent")
		}
		want, err := sdk.TypedEventToEvent(d.Event())
		require.NoError(t, err)
		got, err := d.TypedEvent()
		require.NoError(t, err)
		require.Equal(t, want, got)
		parsed, err := sdk.ParseTypedEvent(abci.Event(got))
		require.NoError(t, err)
		require.Equal(t, d.Event().String(), parsed.(*types.EventDistributed).String())
	})
}

func subjectOf(work string) contenttypes.Subject {
	return contenttypes.Subject{Creator: contenttypes.NewCreatorID(make([]byte, 20)).String(), Work: work}
}
