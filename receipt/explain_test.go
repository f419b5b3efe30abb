package receipt

import (
	"reflect"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func TestExplainSentences(t *testing.T) {
	for _, c := range []struct {
		msg  proto.Message
		want string
	}{
		{&streamtypes.MsgTip{Payer: "alice", Subject: "film", Amount: token.Coin(1_500_000), Memo: "thank you"}, "alice tips 1.5 STREAM to film, with the words “thank you”."},
		{&streamtypes.MsgCreateFlow{Sender: "alice", Recipient: "bob", Deposit: token.Coin(30_000_000), RateAmount: math.NewInt(1_000_000), RateSeconds: 86_400},
			"alice pays bob 1 STREAM every 86400 seconds, out of a deposit of 30 STREAM."},
		{&streamtypes.MsgWithdrawFlow{Recipient: "bob", Flow: "alice-1"}, "bob takes what it has earned by flow alice-1, to itself."},
		{&revenuetypes.MsgSetPayout{Claimant: "alice", Threshold: token.Coin(5_000_000)}, "alice has the income of its own paid out to itself whenever it reaches 5 STREAM."},
		{&revenuetypes.MsgSetPayout{Claimant: "alice", Threshold: token.Coin(0)}, "alice ends the automatic payout of its income in ustream."},
		{&revenuetypes.MsgSetDerivationTerms{Controller: "alice", Work: "film", Open: true, MinBps: 1250}, "alice lets anybody derive works from film who gives it 12.50 % of the creator part."},
		{&contenttypes.MsgPublish{Controller: "alice", Kind: "video", Title: "Film", Parents: make([]contenttypes.Parent, 2)}, "alice publishes the video “Film”, which derives from 2 others."},
		{&revenuetypes.EventHeld{Payer: "alice", Charged: token.Coin(982_000), ReleaseAt: 1_800_000_000},
			"0.982 STREAM of alice wait until 2027-01-15 08:00:00 UTC, when they are shared out; until then the creator can give them back."},
		{&revenuetypes.EventDistributed{
			Payer: "alice", Subject: "remix", Gross: token.Coin(1_000_000), Discount: math.NewInt(18_000), RoyaltyPart: math.NewInt(5000),
			Credits:    []revenuetypes.Credit{{Recipient: "bob", Amount: math.NewInt(90_000), Parent: "film"}, {Recipient: "carol", Amount: math.NewInt(815_000)}},
			ServerPart: math.ZeroInt(), StakersPart: math.NewInt(20_000), BurnPart: math.NewInt(10_000),
		}, "alice paid 0.982 STREAM (the price 1 STREAM less a discount of 0.018 STREAM) for remix: 0.09 STREAM to bob for the work that it derives from, " +
			"0.815 STREAM to carol, 0.005 STREAM to the author of its template, 0.02 STREAM to stakers, 0.01 STREAM to nobody: burned."},
		{&streamtypes.EventFlowEnded{Flow: "alice-1", Sender: "alice", Recipient: "bob", Paid: token.Coin(2), Returned: token.Coin(1_000_000)},
			"Flow alice-1 has ended: 0.000002 STREAM to bob, 1 STREAM back to alice."},
		{&streamtypes.EventFlowPaused{Flow: "alice-1", Balance: math.NewInt(5), Accrued: math.NewInt(7)}, "Flow paused: flow alice-1, balance 5, accrued 7."},
		{&subscriptiontypes.MsgPurchaseByTemplate{Buyer: "alice", Work: "film", OffersVersion: 3, MaxPrice: token.Coin(1_000_000), Recipient: "bob"},
			"alice buys what the template of film sells now, by version 3 of its offers, for at most 1 STREAM, as a gift to bob."},
		{&subscriptiontypes.MsgSubscribe{Subscriber: "alice", Plan: "bob/1", MaxPrice: token.Coin(1_000_000), Periods: 1, Renewals: untilCancelled},
			"alice subscribes to bob/1 for at most 1 STREAM a period, 1 at once, renewed until it is cancelled."},
		{&subscriptiontypes.EventPurchased{Entitlement: subscriptiontypes.Entitlement{Viewer: "alice", Work: "film"}}, "alice owns film from now on."},
		{&disputetypes.MsgOpenDispute{Claimant: "alice", Kind: disputetypes.KIND_ILLEGAL_CONTENT, Subject: "film", Bond: math.NewInt(5_000_000)},
			"alice opens a dispute (illegal content) about film, with a bond of 5 STREAM."},
		{&governancetypes.MsgDelegateVote{Delegator: "alice", Delegate: "bob", Track: governancetypes.TRACK_FEES_AND_COURT}, "alice lends bob its vote on fees and court."},
		{&contenttypes.MsgCreateCollection{Controller: "alice", Kind: contenttypes.COLLECTION_KIND_ALBUM, Title: "Rivers", Works: []string{"a"}}, "alice makes the album “Rivers” of 1 work."},
		{unknown("/other.v1.MsgFoo"), "Something that this program does not know: /other.v1.MsgFoo."},
	} {
		require.Equal(t, c.want, Sentence(c.msg))
	}
}

// Every message and event of ours has words, filled or empty, and none of them is a type's name.
func TestEverythingHasWords(t *testing.T) {
	n := 0
	proto.HybridResolver.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(f.Package()), "streamchain.") {
			return true
		}
		for i := range f.Messages().Len() {
			name := string(f.Messages().Get(i).FullName())
			short := string(f.Messages().Get(i).Name())
			if !strings.HasPrefix(short, "Msg") && !strings.HasPrefix(short, "Event") || strings.HasSuffix(short, "Response") {
				continue
			}
			kind := proto.MessageType(name)
			require.NotNil(t, kind, name)
			text := Sentence(reflect.New(kind.Elem()).Interface().(proto.Message))
			require.NotEmpty(t, text, name)
			require.True(t, strings.HasSuffix(text, "."), text)
			require.NotContains(t, text, short)
			n++
		}
		return true
	})
	require.Greater(t, n, 100)
}

// Whatever an account can sign has a sentence of its own, not a list of its fields.
func TestEveryMessageHasASentence(t *testing.T) {
	// the SDK's that people and operators sign, or that a vote carries
	sdks := []string{
		"bank.v1beta1.MsgSend", "bank.v1beta1.MsgMultiSend", "bank.v1beta1.MsgUpdateParams",
		"staking.v1beta1.MsgDelegate", "staking.v1beta1.MsgUndelegate", "staking.v1beta1.MsgBeginRedelegate", "staking.v1beta1.MsgCancelUnbondingDelegation",
		"staking.v1beta1.MsgCreateValidator", "staking.v1beta1.MsgEditValidator", "staking.v1beta1.MsgUpdateParams", "slashing.v1beta1.MsgUnjail", "slashing.v1beta1.MsgUpdateParams",
		"distribution.v1beta1.MsgWithdrawDelegatorReward", "distribution.v1beta1.MsgWithdrawValidatorCommission", "distribution.v1beta1.MsgSetWithdrawAddress", "distribution.v1beta1.MsgUpdateParams",
		"gov.v1.MsgSubmitProposal", "gov.v1.MsgDeposit", "gov.v1.MsgVote", "gov.v1.MsgVoteWeighted", "gov.v1.MsgCancelProposal", "gov.v1.MsgUpdateParams",
		"feegrant.v1beta1.MsgGrantAllowance", "feegrant.v1beta1.MsgRevokeAllowance", "authz.v1beta1.MsgGrant", "authz.v1beta1.MsgRevoke", "authz.v1beta1.MsgExec",
		"upgrade.v1beta1.MsgSoftwareUpgrade", "upgrade.v1beta1.MsgCancelUpgrade", "consensus.v1.MsgUpdateParams", "auth.v1beta1.MsgUpdateParams", "mint.v1beta1.MsgUpdateParams",
	}
	var names []string
	for _, n := range sdks {
		names = append(names, "cosmos."+n)
	}
	proto.HybridResolver.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			service := f.Services().Get(i)
			if service.Name() != "Msg" || !strings.HasPrefix(string(f.Package()), "streamchain.") {
				continue
			}
			for j := range service.Methods().Len() {
				names = append(names, string(service.Methods().Get(j).Input().FullName()))
			}
		}
		return true
	})
	require.Greater(t, len(names)-len(sdks), 90)
	for _, name := range names {
		kind := proto.MessageType(name)
		require.NotNil(t, kind, name)
		msg := reflect.New(kind.Elem()).Interface().(proto.Message)
		text := Sentence(msg)
		require.NotEqual(t, plain(msg), text, name)
		require.True(t, strings.HasSuffix(text, "."), "%s: %s", name, text)
		require.NotContains(t, text, "%!", name)
	}
}

// What messages carry is told with them.
func TestCarriedMessages(t *testing.T) {
	pack := func(m proto.Message) *codectypes.Any {
		packed, err := codectypes.NewAnyWithValue(m)
		require.NoError(t, err)
		return packed
	}
	pay := pack(&banktypes.MsgSend{FromAddress: "treasury", ToAddress: "bob", Amount: sdk.NewCoins(token.Coin(1_000_000))})
	enact := pack(&governancetypes.MsgEnact{Messages: []*codectypes.Any{pay, {TypeUrl: "/other.v1.MsgFoo"}}})
	require.Equal(t, "alice proposes “Pay bob”, with a deposit of 2 STREAM. If it passes: Once the wait has passed: treasury sends 1 STREAM to bob. "+
		"Something that this program does not know: /other.v1.MsgFoo.",
		Sentence(&govv1.MsgSubmitProposal{Proposer: "alice", Title: "Pay bob", InitialDeposit: sdk.NewCoins(token.Coin(2_000_000)), Messages: []*codectypes.Any{enact}}))
	require.Equal(t, "bob, in others' names: treasury sends 1 STREAM to bob.", Sentence(&authz.MsgExec{Grantee: "bob", Msgs: []*codectypes.Any{pay}}))
	require.Equal(t, "alice proposes “Nothing”, with a deposit of nothing. If it passes: nothing.", Sentence(&govv1.MsgSubmitProposal{Proposer: "alice", Title: "Nothing"}))
}

func TestExplainTransaction(t *testing.T) {
	msg, err := codectypes.NewAnyWithValue(&streamtypes.MsgTip{Payer: "alice", Subject: "film", Amount: token.Coin(1_000_000)})
	require.NoError(t, err)
	event, err := sdk.TypedEventToEvent(&streamtypes.EventTipped{Payer: "alice", Creator: "bob", Amount: token.Coin(1_000_000)})
	require.NoError(t, err)
	res := &txtypes.GetTxResponse{
		Tx: &txtypes.Tx{
			Body:     &txtypes.TxBody{Messages: []*codectypes.Any{msg, {TypeUrl: "/other.v1.MsgFoo"}}},
			AuthInfo: &txtypes.AuthInfo{Fee: &txtypes.Fee{Amount: sdk.NewCoins(token.Coin(2000))}},
		},
		TxResponse: &sdk.TxResponse{TxHash: "AB", Height: 7, Events: []abci.Event{abci.Event(event)}},
	}
	require.Equal(t, Explanation{
		TX: "AB", Height: 7, Fee: "0.002 STREAM",
		Asked: []string{"alice tips 1 STREAM to film.", "Something that this program does not know: /other.v1.MsgFoo."},
		Done:  []string{"bob was tipped 1 STREAM."},
	}, Explain(res))
	res.TxResponse.Code, res.TxResponse.RawLog = 5, "no coins"
	failed := Explain(res)
	require.Empty(t, failed.Done)
	require.Len(t, failed.Lines(), 4)
}
