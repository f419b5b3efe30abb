package app_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/testutil/replicas"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamkeeper "github.com/streamchain/streamchain/x/stream/keeper"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	victims    = 5
	griefPrice = 10 // of a tick: a node's part of a few of them is nothing
	// the least deposit, which covers two lanes
	griefDeposit, griefCap = 100_000, 49_000
)

// grief is one attack: a viewer signs lanes for several nodes at once, more than its escrow covers, pays next to nothing, and leaves.
// The nodes do for each lane by itself what they must.
type grief struct {
	viewer replicas.Account
	nodes  []int
	ticks  []uint32 // of the sessions at each node
	fees   int64    // of the viewer's own transactions
}

// griefStage is a chain with nodes and a work that costs next to nothing.
type griefStage struct {
	*replicas.Chain
	t    *testing.T
	work string
}

func newGriefStage(t *testing.T, viewers int) *griefStage {
	names := []string{"creator"}
	for i := range victims {
		names = append(names, fmt.Sprint("node", i))
	}
	for i := range viewers {
		names = append(names, fmt.Sprint("viewer", i))
	}
	s := &griefStage{Chain: replicas.NewChain(t, replicas.NewGenesis(t, names...), replicas.Options{Name: "sequential"}), t: t}
	creator := s.Account("creator")
	s.Must(t, creator, &contenttypes.MsgRegisterCreator{Controller: creator.String()})
	msg := replicas.Publish(creator, "a song")
	man, err := msg.Manifest()
	require.NoError(t, err)
	id, err := man.CID()
	require.NoError(t, err)
	s.work = id.String()
	s.Must(t, creator, msg, &subscriptiontypes.MsgSetOffers{
		Controller: creator.String(), Work: s.work, Offers: []subscriptiontypes.Offer{subscriptiontypes.NewMeteredOffer(math.NewInt(griefPrice), 1, 0)},
	})
	for i := range victims {
		a := s.node(i)
		s.Must(t, a, &storagetypes.MsgRegisterProvider{
			Operator: a.String(), Agent: a.String(), Endpoints: []string{"https://" + a.Name + ".example.org"}, Region: "eu-north",
			CapacityBytes: 1 << 30, PricePerGibDay: math.NewInt(1000), Bond: math.NewInt(1_100_000_000),
		})
	}
	return s
}

func (s *griefStage) node(i int) replicas.Account { return s.Account(fmt.Sprint("node", i)) }

// cost is what a transaction costs who sends it as chainclient does: half as much gas again as it uses, and 20,000.
func cost(r *abci.ExecTxResult) int64 { return (r.GasUsed*3/2+20_000)/1000 + 1 }

// send runs one transaction for each message, all in one block, and returns their results in the order of the messages.
func (s *griefStage) send(from []replicas.Account, msgs []sdk.Msg) []*abci.ExecTxResult {
	next, txs := map[string]uint64{}, make([][]byte, len(msgs))
	for i, m := range msgs {
		seq, ok := next[from[i].Name]
		if !ok {
			seq = s.Sequence(from[i])
		}
		next[from[i].Name] = seq + 1
		txs[i] = s.Sign(s.t, replicas.Tx{From: from[i], Sequence: seq, Msgs: []sdk.Msg{m}})
	}
	results := s.Finalize(s.t, time.Second, txs...).TxResults
	for i, r := range results {
		require.Zero(s.t, r.Code, "%T: %s", msgs[i], r.Log)
	}
	return results
}

// arm gives viewers an escrow and a key.
func (s *griefStage) arm(griefs []*grief) {
	var from []replicas.Account
	var msgs []sdk.Msg
	for _, g := range griefs {
		from = append(from, g.viewer, g.viewer)
		msgs = append(msgs, &streamtypes.MsgDeposit{Owner: g.viewer.String(), Amount: token.Coin(griefDeposit)}, &streamtypes.MsgGrantSessionKey{
			Owner: g.viewer.String(), Pubkey: sessionKey(g.viewer).Public().(ed25519.PublicKey), Limit: token.Coin(1_000_000),
			Expires: s.Time.Add(time.Hour).Unix(), Scope: streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
		})
	}
	for i, r := range s.send(from, msgs) {
		griefs[i/2].fees += cost(r)
	}
}

func (s *griefStage) intent(g *grief, node int) streamtypes.LaneIntent {
	in := streamtypes.LaneIntent{
		ChainId: replicas.ChainID, EscrowOwner: g.viewer.String(), Denom: token.BaseDenom, Provider: s.node(node).String(), Generation: 1, Cap: griefCap,
		SubmitBy: s.Time.Add(30 * time.Second).Unix(), Expires: s.Time.Add(250 * time.Second).Unix(), Pubkey: sessionKey(g.viewer).Public().(ed25519.PublicKey),
	}
	v, err := in.Voucher()
	require.NoError(s.t, err)
	in.Signature = v.Sign(sessionKey(g.viewer))
	return in
}

func (s *griefStage) settlement(g *grief, node int, session uint64, n uint32, expires int64) streamtypes.Settlement {
	out := streamtypes.Session{
		ChainId: replicas.ChainID, EscrowOwner: g.viewer.String(), Denom: token.BaseDenom, Provider: s.node(node).String(), Generation: 1, Session: session,
		Work: s.work, PricePerTick: griefPrice, TickSeconds: 1, MaxTicks: 100, Expires: expires, Pubkey: sessionKey(g.viewer).Public().(ed25519.PublicKey), Root: make([]byte, 32),
	}
	v, err := out.Voucher()
	require.NoError(s.t, err)
	words := voucher.NewChain(&v, sha256.Sum256([]byte(g.viewer.Name)))
	out.Root, out.Signature = v.Root[:], v.Sign(sessionKey(g.viewer))
	w := words.Word(n)
	return streamtypes.Settlement{Session: out, N: n, Word: w[:]}
}

// harm is what attacks did: to lanes that opened, and by intents that were refused.
type harm struct {
	lanes, refused     int
	worst, refusedCost int64 // the least that was left of a lane, and what a refusal cost at most
	lost, outlay       int64 // of nodes by refusals, and of attackers
	losing, profitable int   // lanes that cost a node more than they brought it, attacks that brought the viewer anything
}

// play runs attacks side by side, each lane in transactions of its own.
func (s *griefStage) play(griefs []*grief, h *harm) {
	s.arm(griefs)
	type lane struct {
		g      *grief
		node   int
		intent streamtypes.LaneIntent
		left   int64
	}
	var lanes []*lane
	var from []replicas.Account
	var msgs []sdk.Msg
	before := map[*grief]int64{}
	for _, g := range griefs {
		before[g] = s.escrow(g) + s.Balance(g.viewer.Addr())
		for _, n := range g.nodes {
			l := &lane{g: g, node: n, intent: s.intent(g, n)}
			lanes, from = append(lanes, l), append(from, s.node(n))
			msgs = append(msgs, &streamtypes.MsgOpenLanes{Submitter: s.node(n).String(), Intents: []streamtypes.LaneIntent{l.intent}})
		}
	}
	var open []*lane
	for i, r := range s.send(from, msgs) {
		if has(r, "EventLaneOpened") {
			lanes[i].left = streamtypes.DefaultOpenFee - cost(r)
			open = append(open, lanes[i])
			continue
		}
		require.True(s.t, has(r, "EventLaneRefused"))
		h.refused++
		h.lost += cost(r)
		h.refusedCost = max(h.refusedCost, cost(r))
	}
	for _, step := range []func(*lane) sdk.Msg{
		func(l *lane) sdk.Msg {
			m := &streamtypes.MsgSettle{Submitter: s.node(l.node).String()}
			for i, n := range l.g.ticks {
				m.Settlements = append(m.Settlements, s.settlement(l.g, l.node, uint64(i+1), n, l.intent.Expires))
				l.left += int64(n) * griefPrice * 300 / revenuetypes.Bps
			}
			if len(m.Settlements) == 0 {
				return nil
			}
			return m
		},
		func(l *lane) sdk.Msg {
			return &streamtypes.MsgCloseLane{Agent: s.node(l.node).String(), Owner: l.g.viewer.String(), Denom: token.BaseDenom, Generation: 1}
		},
	} {
		var said []*lane
		from, msgs = nil, nil
		for _, l := range open {
			if m := step(l); m != nil {
				said, from, msgs = append(said, l), append(from, s.node(l.node)), append(msgs, m)
			}
		}
		for i, r := range s.send(from, msgs) {
			require.False(s.t, has(r, "EventSettlementRefused"))
			said[i].left -= cost(r)
		}
	}
	for _, l := range open {
		h.lanes++
		h.worst = min(h.worst, l.left)
		if l.left < 0 {
			h.losing++
		}
	}
	for _, g := range griefs {
		outlay := before[g] - s.escrow(g) - s.Balance(g.viewer.Addr()) + g.fees
		h.outlay += outlay
		if outlay <= 0 {
			h.profitable++
		}
	}
}

func (s *griefStage) escrow(g *grief) int64 {
	res, err := streamkeeper.NewQueryServer(s.App.Stream).Escrow(s.App.CommittedContext(), &streamtypes.QueryEscrowRequest{Owner: g.viewer.String(), Denom: token.BaseDenom})
	require.NoError(s.t, err)
	return res.Escrow.Balance.Int64()
}

func has(r *abci.ExecTxResult, event string) bool {
	for _, e := range r.Events {
		if e.Type == "streamchain.stream.v1."+event {
			return true
		}
	}
	return false
}

// 2,000 viewers who want nodes to pay gas for nothing: no lane costs a node more than its opening brings, even where each is opened,
// settled and closed in transactions of its own and next to nothing is paid. Intents for more than the escrow has, raced against each
// other, cost the nodes that lose the race one refused transaction each, and the attacker more than all of them.
func TestGasGriefing(t *testing.T) {
	attacks := 2000
	if testing.Short() {
		attacks = 100
	}
	const together = 20
	s := newGriefStage(t, attacks)
	rng := rand.New(rand.NewPCG(7, 7))
	h := harm{worst: streamtypes.DefaultOpenFee}
	for first := 0; first < attacks; first += together {
		var griefs []*grief
		for i := range together {
			g := &grief{viewer: s.Account(fmt.Sprint("viewer", first+i)), nodes: rng.Perm(victims)[:1+rng.IntN(victims)]}
			for range rng.IntN(3) {
				g.ticks = append(g.ticks, 1+rng.Uint32N(3))
			}
			griefs = append(griefs, g)
		}
		s.play(griefs, &h)
	}
	require.Positive(t, h.refused)
	require.Greater(t, h.lanes, attacks)
	require.Zero(t, h.profitable)
	require.Zero(t, h.losing, "the worst lane left its node %d ustream", h.worst)
	require.Less(t, h.lost, h.outlay)
	t.Logf("%d attacks: %d lanes, of which each left its node at least %d ustream; %d refused intents cost nodes %d (at most %d each), attackers %d",
		attacks, h.lanes, h.worst, h.refused, h.lost, h.refusedCost, h.outlay)
	require.NoError(t, s.App.CheckInvariants(s.App.CommittedContext()))
}
