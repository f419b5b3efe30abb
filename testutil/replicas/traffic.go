package replicas

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Traffic makes random transactions of every module, and learns from results what there is to
// refer to. About one in ten is bound to fail, and the accounts are few, so that those of one
// block touch the same rows.
type Traffic struct {
	t   testing.TB
	rng *rand.Rand
	c   *Chain

	works []owned // works and plans by who controls them
	plans []owned
	sets  []owned // collections
	feeds []owned // feed generators
	subs  []owned // plans by who subscribed to them
	holds []owned
	templateTraffic
	moneyTraffic
	passTraffic
	lanes  []lane
	asked  []owned           // works by the provider that was asked to keep them
	deals  []owned           // works by the agent that accepted them
	wanted []owned           // works by the agent that refused them
	titles map[string]string // of works: their bytes follow from them
	shares map[seat]keyshare.Share
	serial int
	sent   map[string]int    // messages by name
	worked map[string]int    // those that succeeded
	failed map[string]string // why one of those did that failed last
	kinds  []kind
}

type owned struct {
	by Account
	id string
}

type lane struct {
	viewer, provider Account
	generation       uint64
	expires          int64
	session          uint64
	closed           bool
}

type kind struct {
	weight int
	make   func(from Account) sdk.Msg // nil: not now
}

// NewTraffic makes traffic for the accounts of a chain, the same for the same seed but for what is sealed.
func NewTraffic(t testing.TB, c *Chain, seed uint64) *Traffic {
	x := &Traffic{
		t: t, c: c, rng: rand.New(rand.NewPCG(seed, 7)), //nolint:gosec // a test repeats by its seed
		titles: map[string]string{}, shares: map[seat]keyshare.Share{}, sent: map[string]int{}, worked: map[string]int{}, failed: map[string]string{},
	}
	x.kinds = []kind{
		{12, x.send}, {2, x.delegate}, {4, x.register}, {5, x.publish}, {1, x.retire}, {4, x.setOffers}, {3, x.createPlan},
		{8, x.purchase}, {6, x.subscribe}, {8, x.tip}, {4, x.deposit}, {3, x.withdraw}, {3, x.grant}, {5, x.openLane}, {8, x.settle},
		{3, x.setSplit}, {3, x.claim}, {2, x.refund}, {4, x.provide}, {4, x.requestDeals}, {6, x.acceptDeal}, {4, x.claimStorage},
		{2, x.refuseWork}, {3, x.freeOffer}, {3, x.fundServing}, {8, x.reportUse}, {4, x.repairWork}, {4, x.setBeacon}, {8, x.prove}, {3, x.reportLoss},
		{2, x.closeLane}, {3, x.publishSecret}, {24, x.keys},
		{2, x.delegateVote}, {1, x.undelegateVote}, {2, x.pause}, {1, x.resume},
		{3, x.openDispute}, {3, x.respond}, {2, x.addEvidence}, {2, x.contestHold}, {3, x.stakeJuror}, {1, x.unstakeJuror},
		{12, x.commitVote}, {12, x.revealVote}, {3, x.appeal}, {2, x.claimOwed},
		{8, x.attest}, {1, x.revokeAttestation}, {4, x.rotate}, {8, x.veto}, {4, x.accept}, {4, x.takeSeat},
		{2, x.registerFeed}, {2, x.updateFeed}, {1, x.removeFeed},
	}
	x.kinds = append(append(x.kinds, x.templateKinds()...), x.offerKinds()...)
	x.kinds = append(append(x.kinds, x.moneyKinds()...), x.passKinds()...)
	return x
}

// Next makes n transactions. It keeps to the sequence of each account as if all succeeded.
func (x *Traffic) Next(n int) [][]byte {
	x.t.Helper()
	sequences := map[string]uint64{}
	var txs [][]byte
	for len(txs) < n {
		from, next := x.account(), x.message
		if x.rng.IntN(15) == 0 {
			from, next = x.c.Genesis.Heir, x.inherit
		}
		seq, ok := sequences[from.Name]
		if !ok {
			seq = x.c.Sequence(from)
		}
		tx := Tx{From: from, Sequence: seq}
		for range 1 + x.rng.IntN(6)/5 {
			if msg := next(from); msg != nil {
				tx.Msgs = append(tx.Msgs, msg)
				x.sent[sdk.MsgTypeURL(msg)]++
			}
		}
		if len(tx.Msgs) == 0 {
			continue
		}
		x.spoil(&tx)
		sequences[from.Name] = tx.Sequence + 1
		txs = append(txs, x.c.Sign(x.t, tx))
	}
	return txs
}

// spoil makes some transactions fail before or within their messages, or arrive out of order.
func (x *Traffic) spoil(tx *Tx) {
	switch x.rng.IntN(40) {
	case 0:
		tx.Fee = sdk.NewCoins(token.Coin(1999)) // under the floor
	case 1:
		tx.Gas, tx.Fee = 90_000, sdk.NewCoins(token.Coin(90)) // too little for most
	case 2:
		tx.Fee = sdk.NewCoins(token.Coin(1_000_000_000_000)) // more than there is
	}
}

func (x *Traffic) message(from Account) sdk.Msg {
	total := 0
	for _, k := range x.kinds {
		total += k.weight
	}
	at := x.rng.IntN(total)
	for _, k := range x.kinds {
		if at -= k.weight; at < 0 {
			return k.make(from)
		}
	}
	return nil
}

// Learn reads what a block made.
func (x *Traffic) Learn(txs [][]byte, res *abci.ResponseFinalizeBlock) {
	x.t.Helper()
	for i, r := range res.TxResults {
		decoded, err := x.c.App.TxConfig().TxDecoder()(txs[i])
		require.NoError(x.t, err)
		if r.Code != 0 {
			for _, msg := range decoded.GetMsgs() {
				if len(r.Log) > 0 && (x.failed[sdk.MsgTypeURL(msg)] == "" || r.Codespace != "sdk") {
					x.failed[sdk.MsgTypeURL(msg)] = r.Log
				}
			}
			continue
		}
		var data sdk.TxMsgData
		require.NoError(x.t, proto.Unmarshal(r.Data, &data))
		for j, msg := range decoded.GetMsgs() {
			x.worked[sdk.MsgTypeURL(msg)]++
			x.learn(msg, data.MsgResponses[j].Value)
		}
	}
}

func (x *Traffic) learn(msg sdk.Msg, raw []byte) {
	x.learnMoney(msg, raw)
	x.learnTemplates(msg, raw)
	x.learnPasses(msg, raw)
	switch m := msg.(type) {
	case *contenttypes.MsgPublish:
		var r contenttypes.MsgPublishResponse
		require.NoError(x.t, r.Unmarshal(raw))
		x.works = append(x.works, owned{x.byAddress(m.Controller), r.Cid})
		x.titles[r.Cid] = m.Title
	case *subscriptiontypes.MsgCreatePlan:
		var r subscriptiontypes.MsgCreatePlanResponse
		require.NoError(x.t, r.Unmarshal(raw))
		x.plans = append(x.plans, owned{x.byAddress(m.Controller), r.Plan})
	case *contenttypes.MsgCreateCollection:
		var r contenttypes.MsgCreateCollectionResponse
		require.NoError(x.t, r.Unmarshal(raw))
		x.sets = append(x.sets, owned{x.byAddress(m.Controller), r.Collection})
	case *contenttypes.MsgRegisterFeed:
		var r contenttypes.MsgRegisterFeedResponse
		require.NoError(x.t, r.Unmarshal(raw))
		x.feeds = append(x.feeds, owned{x.byAddress(m.Owner), r.Feed})
	case *subscriptiontypes.MsgSubscribe:
		x.subs = append(x.subs, owned{x.byAddress(m.Subscriber), m.Plan})
	case *subscriptiontypes.MsgPurchase:
		var r subscriptiontypes.MsgPurchaseResponse
		require.NoError(x.t, r.Unmarshal(raw))
		for _, w := range x.works {
			if w.id == m.Work {
				x.holds = append(x.holds, owned{w.by, r.HoldId})
			}
		}
	case *streamtypes.MsgSettle:
		var r streamtypes.MsgSettleResponse
		require.NoError(x.t, r.Unmarshal(raw))
		x.sent["sessions"]++
		if r.Results[0].Paid > 0 {
			x.worked["sessions"]++
		} else {
			x.failed["sessions"] = r.Results[0].Text
		}
	case *streamtypes.MsgReportUse:
		x.learnUse(raw)
	case *storagetypes.MsgRequestDeals:
		x.asked = append(x.asked, owned{x.byAddress(m.Providers[0]), m.Work})
	case *storagetypes.MsgAcceptDeal:
		x.deals = append(x.deals, owned{x.byAddress(m.Agent), m.Work})
	case *storagetypes.MsgRefuseWork:
		x.wanted = append(x.wanted, owned{x.byAddress(m.Agent), m.Work})
	case *storagetypes.MsgReportLoss:
		x.wanted = append(x.wanted, owned{x.byAddress(m.Agent), m.Works[0]})
	case *storagetypes.MsgProve:
		x.learnProof(m, raw)
	case *storagetypes.MsgRepairWork:
		x.deals = append(x.deals, owned{x.byAddress(m.Agent), m.Work})
	case *streamtypes.MsgOpenLanes:
		var r streamtypes.MsgOpenLanesResponse
		require.NoError(x.t, r.Unmarshal(raw))
		if i := m.Intents[0]; r.Results[0].Code == 0 {
			l := x.laneBetween(x.byAddress(i.EscrowOwner), x.byAddress(i.Provider))
			l.generation, l.expires, l.session, l.closed = i.Generation, i.Expires, 1, false
		}
	case *streamtypes.MsgCloseLane:
		x.laneBetween(x.byAddress(m.Owner), x.byAddress(m.Agent)).closed = true
	}
}

// laneBetween is the last lane of a viewer and a provider, or a new row.
func (x *Traffic) laneBetween(viewer, provider Account) *lane {
	for i := range x.lanes {
		if l := &x.lanes[i]; l.viewer.Name == viewer.Name && l.provider.Name == provider.Name {
			return l
		}
	}
	x.lanes = append(x.lanes, lane{viewer: viewer, provider: provider})
	return &x.lanes[len(x.lanes)-1]
}

// Count is what became of the messages of one type.
type Count struct {
	Sent, Worked int
	Failure      string // of the last that failed
}

// Add adds to counts what became of the messages of each type.
func (x *Traffic) Add(counts map[string]Count) {
	for name, n := range x.sent {
		c := counts[name]
		c.Sent, c.Worked = c.Sent+n, c.Worked+x.worked[name]
		if why, ok := x.failed[name]; ok {
			c.Failure = why
		}
		counts[name] = c
	}
}

func (x *Traffic) account() Account { return pick(x.rng, x.c.Genesis.Accounts) }

func (x *Traffic) byAddress(address string) Account {
	for _, a := range x.c.Genesis.Accounts {
		if a.String() == address {
			return a
		}
	}
	if address == x.c.Genesis.Heir.String() {
		return x.c.Genesis.Heir
	}
	panic("no account " + address)
}

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

func (x *Traffic) amount() sdk.Coin {
	most := []int64{10, 1000, 1_000_000, 50_000_000}[x.rng.IntN(4)]
	return token.Coin(1 + x.rng.Int64N(most))
}

func (x *Traffic) name(kind string) string {
	x.serial++
	return fmt.Sprintf("%s%d", kind, x.serial)
}

// live is about the chain's live time in the next block.
func (x *Traffic) live() int64 { return x.c.Time.Add(Step).Unix() }

func sessionKey(a Account) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("session key of " + a.Name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicKey(a Account) []byte { return sessionKey(a).Public().(ed25519.PublicKey) }

// after is a time in seconds from now.
func (x *Traffic) after(d time.Duration) int64 { return x.live() + int64(d/time.Second) }
