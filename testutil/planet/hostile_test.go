package planet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// TestHostileViewer: whatever a viewer sends, no segment comes that is not paid, and what came is settled.
func TestHostileViewer(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 1})
	song := p.Publish("alice", p.Song("22"), metered(0))
	fund(p, "mallory", stream)

	first := draft(p, "mallory", p.Nodes[0], song.Work, 20)

	one, two, three := first.due(0), first.due(1), first.due(2)
	data, err := first.get(0, nodeclient.Credentials{})
	refused(p, wire.PaymentRequired, data, err)
	data, err = first.segment(0, one)
	refused(p, wire.SessionUnknown, data, err)
	require.NoError(t, first.open())
	again := draft(p, "mallory", p.Nodes[0], song.Work, 30)
	require.NotEmpty(t, slug(again.open()), "another lane of the same generation")

	// replayed and reordered words
	_, err = first.segment(0, one)
	require.NoError(t, err)
	for _, n := range []uint32{one, 1, two - 1} {
		data, err = first.segment(1, n)
		refused(p, wire.PaymentRequired, data, err)
	}
	_, err = first.segment(1, two)
	require.NoError(t, err)
	data, err = first.segment(2, one)
	refused(p, wire.PaymentRequired, data, err)
	_, err = first.segment(0, one)
	require.NoError(t, err, "what is bought may be fetched again")

	// forged: another session's word, which changes nothing, whoever sends it
	second := first.next("mallory", 2, 12)
	_, err = second.segment(0, one)
	require.NoError(t, err)
	data, err = second.segmentFor(1, two, first.words.Word(two))
	refused(p, wire.BadWord, data, err)
	data, err = second.segment(1, one)
	refused(p, wire.PaymentRequired, data, err)
	_, err = second.segment(0, one)
	require.NoError(t, err)

	// over the session's end, and over the lane's cap
	third := first.next("mallory", 3, two-1)
	data, err = third.segmentFor(1, two, first.words.Word(two))
	require.NotEmpty(t, slug(err))
	require.Empty(t, data)
	_, err = third.segment(0, one)
	require.NoError(t, err)
	require.Less(t, uint32(20), two+2*one+three)
	fourth := first.next("mallory", 4, 20)
	data, err = fourth.segment(2, three)
	refused(p, wire.LaneExhausted, data, err)

	_, free := escrow(p, "mallory")
	_, err = p.TrySend("mallory", &streamtypes.MsgWithdraw{Owner: p.Addr("mallory"), Amount: token.Coin(free + 1)})
	require.Error(t, err, "the lane holds the coins")
	p.Eventually(func() bool {
		p.Settle()
		balance, free := escrow(p, "mallory")
		return balance == free
	}, "idle sessions end")
	paid, payments := meteredPayments(p, "mallory")
	// three sessions; the newest word of one that is open is kept back, so some are settled twice
	require.GreaterOrEqual(t, len(payments), 3)
	require.EqualValues(t, (two+2*one)*tick, paid, "what came is paid")
}

// items are the results of a message of many.
func items(p *planet.Planet, res *chainclient.TxResult, out interface {
	proto.Message
	GetResults() []streamtypes.ItemResult
}) []streamtypes.ItemResult {
	var data sdk.TxMsgData
	require.NoError(p.T, proto.Unmarshal(res.Data, &data))
	require.NoError(p.T, proto.Unmarshal(data.MsgResponses[0].Value, out))
	return out.GetResults()
}

// TestHostileNode: a node is paid what was signed for it, once, and nothing else.
func TestHostileNode(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 2})
	song := p.Publish("alice", p.Song("14"), metered(0))
	fund(p, "viewer", stream)
	good, bad := p.Nodes[0], p.Nodes[1]

	// a lane that was signed for another provider
	s := draft(p, "viewer", good, song.Work, 20)
	stolen := s.intent()
	stolen.Provider = p.Addr(bad.Operator)
	opened := func(agent string, i streamtypes.LaneIntent) streamtypes.ItemResult {
		res, err := p.TrySend(agent, &streamtypes.MsgOpenLanes{Submitter: p.Addr(agent), Intents: []streamtypes.LaneIntent{i}})
		if err != nil {
			return streamtypes.ItemResult{Code: 1, Text: err.Error()}
		}
		return items(p, res, &streamtypes.MsgOpenLanesResponse{})[0]
	}
	require.NotZero(t, opened(bad.Agent, stolen).Code, "the signature is not for it")
	require.NotZero(t, opened(bad.Agent, s.intent()).Code, "the provider is another")
	require.NoError(t, s.open())
	require.NotZero(t, opened(good.Agent, s.intent()).Code, "an intent opens one lane")
	for i := range uint32(2) {
		_, err := s.segment(i, 5*(i+1)) // more than it takes
		require.NoError(t, err)
	}

	settle := func(agent string, batch ...streamtypes.Settlement) []streamtypes.ItemResult {
		res, err := p.TrySend(agent, &streamtypes.MsgSettle{Submitter: p.Addr(agent), Settlements: batch})
		if err != nil {
			return []streamtypes.ItemResult{{Code: 1, Text: err.Error()}}
		}
		return items(p, res, &streamtypes.MsgSettleResponse{})
	}
	ten := s.settlement(10, s.words.Word(10))
	forged := s.settlement(20, s.words.Word(10))
	mine := ten
	mine.Session.Provider = p.Addr(bad.Operator)
	require.NotZero(t, settle(bad.Agent, mine)[0].Code, "another's session")
	require.NotZero(t, settle(good.Agent, forged)[0].Code, "more ticks than the word pays")
	_, before := meteredPayments(p, "viewer")
	require.Empty(t, before)
	results := settle(good.Agent, ten, ten)
	require.Zero(t, results[0].Code, results[0].Text)
	require.EqualValues(t, 10*tick, results[0].Paid)
	require.Zero(t, results[1].Paid, "twice in one message")
	require.Zero(t, settle(good.Agent, ten)[0].Paid, "twice in two")
	require.Zero(t, settle(bad.Agent, ten)[0].Paid, "by somebody else")
	require.NotZero(t, settle(good.Agent, s.settlement(5, s.words.Word(5)))[0].Code, "an older word")

	w := s.words.Word(12)
	require.NoError(t, s.node.CloseSession(t.Context(), s.id, &wire.PayRequest{N: 12, Word: w[:]}))
	p.Settle()
	paid, _ := meteredPayments(p, "viewer")
	require.EqualValues(t, 12*tick, paid)
	require.EqualValues(t, 12*tick*9100/10000, p.Claim("alice", p.Creator("alice")))
	p.Eventually(func() bool {
		balance, free := escrow(p, "viewer")
		return balance == free
	}, "the closed lane's grace is over")
}
