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

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
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
