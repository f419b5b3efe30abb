package app_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/testutil/replicas"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// crowd is how many accounts there are, each a viewer, a creator and a provider; a block has one
// transaction of each, so that no two of them touch the same rows.
const crowd = 200

// stageOfBlocks is a chain ready for one kind of message.
type stageOfBlocks struct {
	*replicas.Chain
	b       *testing.B
	works   []string // of each account
	plans   []string
	expires int64 // of lanes
	block   int
}

func (s *stageOfBlocks) account(i int) replicas.Account { return s.Genesis.Accounts[i%crowd] }

func creatorID(a replicas.Account) string { return contenttypes.NewCreatorID(a.Addr()).String() }

// sign makes a block's transactions; message gives the message of the account numbered i.
func (s *stageOfBlocks) sign(message func(i int) sdk.Msg) [][]byte {
	txs := make([][]byte, crowd)
	for i := range txs {
		from := s.account(i)
		txs[i] = s.Sign(s.b, replicas.Tx{From: from, Sequence: s.Sequence(from), Msgs: []sdk.Msg{message(i)}})
	}
	s.block++
	return txs
}

// run executes a block, in which everything must succeed.
func (s *stageOfBlocks) run(txs [][]byte) {
	res := s.Finalize(s.b, time.Second, txs...)
	for _, r := range res.TxResults {
		if r.Code != 0 {
			s.b.Fatal(r.Log)
		}
	}
}

// message is a kind of message and what a chain needs before it.
type message struct {
	name    string
	prepare func(*stageOfBlocks)
	make    func(*stageOfBlocks, int) sdk.Msg
}

// messages are those that a viewer or creator sends; the first is the peer.
var messages = []message{
	{"send", nothing, func(s *stageOfBlocks, i int) sdk.Msg {
		return banktypes.NewMsgSend(s.account(i).Addr(), s.fresh("to", i), sdk.NewCoins(token.Coin(1000)))
	}},
	{"publish", register, func(s *stageOfBlocks, i int) sdk.Msg {
		return replicas.Publish(s.account(i), fmt.Sprint("film ", s.block, "/", i))
	}},
	{"deposit", nothing, func(s *stageOfBlocks, i int) sdk.Msg {
		return &streamtypes.MsgDeposit{Owner: s.account(i).String(), Amount: token.Coin(100_000)}
	}},
	{"purchase", sell, func(s *stageOfBlocks, i int) sdk.Msg {
		return &subscriptiontypes.MsgPurchase{
			Buyer: s.account(i).String(), Work: s.works[(i+1)%crowd], MaxPrice: token.Coin(1000), Recipient: s.fresh("viewer", i).String(),
		}
	}},
	{"subscribe", sell, func(s *stageOfBlocks, i int) sdk.Msg {
		return &subscriptiontypes.MsgSubscribe{
			Subscriber: s.account(i).String(), Plan: s.plans[(i+1)%crowd], MaxPrice: token.Coin(1000), Periods: 1, Recipient: s.fresh("viewer", i).String(),
		}
	}},
	{"tip", register, func(s *stageOfBlocks, i int) sdk.Msg {
		return &streamtypes.MsgTip{Payer: s.account(i).String(), Subject: creatorID(s.account(i + 1)), Amount: token.Coin(1000)}
	}},
	{"settle", openLanes, func(s *stageOfBlocks, i int) sdk.Msg {
		return &streamtypes.MsgSettle{Submitter: s.account(i).String(), Settlements: []streamtypes.Settlement{s.settlement(i, 10)}}
	}},
}

func nothing(*stageOfBlocks) {}

// fresh is an address that no block used before.
func (s *stageOfBlocks) fresh(what string, i int) sdk.AccAddress {
	sum := sha256.Sum256(fmt.Append(nil, what, s.block, "/", i))
	return sum[:20]
}

func register(s *stageOfBlocks) {
	s.run(s.sign(func(i int) sdk.Msg { return &contenttypes.MsgRegisterCreator{Controller: s.account(i).String()} }))
}

func sell(s *stageOfBlocks) {
	register(s)
	s.run(s.sign(func(i int) sdk.Msg {
		msg := replicas.Publish(s.account(i), fmt.Sprint("film ", i))
		man, err := msg.Manifest()
		require.NoError(s.b, err)
		work, err := man.CID()
		require.NoError(s.b, err)
		s.works = append(s.works, work.String())
		return msg
	}))
	s.run(s.sign(func(i int) sdk.Msg {
		return &subscriptiontypes.MsgSetOffers{Controller: s.account(i).String(), Work: s.works[i], Offers: []subscriptiontypes.Offer{
			subscriptiontypes.NewPurchaseOffer(token.Coin(1000)), subscriptiontypes.NewMeteredOffer(math.NewInt(1), 2, 0),
		}}
	}))
	s.run(s.sign(func(i int) sdk.Msg {
		s.plans = append(s.plans, creatorID(s.account(i))+"/1")
		return &subscriptiontypes.MsgCreatePlan{
			Controller: s.account(i).String(), Creator: creatorID(s.account(i)), Title: "All", Price: token.Coin(1000), PeriodSeconds: 86400,
			Coverage: subscriptiontypes.COVERAGE_ALL,
		}
	}))
}

func sessionKey(a replicas.Account) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(a.Name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// openLanes opens a lane to each account, as a provider, from the next one, as a viewer.
func openLanes(s *stageOfBlocks) {
	sell(s)
	s.run(s.sign(func(i int) sdk.Msg {
		a := s.account(i)
		return &storagetypes.MsgRegisterProvider{
			Operator: a.String(), Agent: a.String(), Endpoints: []string{"https://" + a.Name + ".example.org"}, Region: "eu-north",
			CapacityBytes: 1 << 40, PricePerGibDay: math.NewInt(1000), Bond: math.NewInt(1_100_000_000),
		}
	}))
	s.run(s.sign(func(i int) sdk.Msg {
		return &streamtypes.MsgDeposit{Owner: s.account(i).String(), Amount: token.Coin(10_000_000)}
	}))
	s.run(s.sign(func(i int) sdk.Msg {
		a := s.account(i)
		return &streamtypes.MsgGrantSessionKey{
			Owner: a.String(), Pubkey: sessionKey(a).Public().(ed25519.PublicKey), Limit: token.Coin(10_000_000),
			Expires: s.Time.Add(time.Hour).Unix(), Scope: streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
		}
	}))
	s.expires = s.Time.Add(250 * time.Second).Unix()
	s.run(s.sign(func(i int) sdk.Msg {
		a, viewer := s.account(i), s.account(i+1)
		in := streamtypes.LaneIntent{
			ChainId: replicas.ChainID, EscrowOwner: viewer.String(), Denom: token.BaseDenom, Provider: a.String(), Generation: 1, Cap: 5_000_000,
			SubmitBy: s.Time.Add(30 * time.Second).Unix(), Expires: s.expires, Pubkey: sessionKey(viewer).Public().(ed25519.PublicKey),
		}
		v, err := in.Voucher()
		require.NoError(s.b, err)
		in.Signature = v.Sign(sessionKey(viewer))
		return &streamtypes.MsgOpenLanes{Submitter: a.String(), Intents: []streamtypes.LaneIntent{in}}
	}))
}

// settlement is a new session of n ticks on the lane to the account numbered i.
func (s *stageOfBlocks) settlement(i int, n uint32) streamtypes.Settlement {
	a, viewer := s.account(i), s.account(i+1)
	session := streamtypes.Session{
		ChainId: replicas.ChainID, EscrowOwner: viewer.String(), Denom: token.BaseDenom, Provider: a.String(), Generation: 1, Session: uint64(s.block),
		Work: s.works[i], PricePerTick: 10, TickSeconds: 2, MaxTicks: 100, Expires: s.expires,
		Pubkey: sessionKey(viewer).Public().(ed25519.PublicKey), Root: make([]byte, 32),
	}
	v, err := session.Voucher()
	require.NoError(s.b, err)
	words := voucher.NewChain(&v, sha256.Sum256([]byte(a.Name)))
	session.Root, session.Signature = v.Root[:], v.Sign(sessionKey(viewer))
	w := words.Word(n)
	return streamtypes.Settlement{Session: session, N: n, Word: w[:]}
}

// processorTime is what the process used of all cores: unlike the time that passed, it says
// little about what else the machine does.
func processorTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// warm is how many blocks come before those that count: by then each one also shares out the
// purchases of an earlier one, whose refund window has ended.
const warm = 11

// BenchmarkBlock is FinalizeBlock and Commit of 200 transactions with fees, all of one kind and
// of different accounts, in sequence and in parallel. "send" is the peer of the others. Besides
// the mean it reports the best block, and the least processor time of one.
func BenchmarkBlock(b *testing.B) {
	var names []string
	for i := range crowd {
		names = append(names, fmt.Sprint("account", i))
	}
	g := replicas.NewGenesis(b, names...)
	for _, o := range []replicas.Options{{Name: "sequential"}, {Name: "parallel", Workers: 2}} {
		for _, m := range messages {
			b.Run(m.name+"/"+o.Name, func(b *testing.B) {
				s := &stageOfBlocks{Chain: replicas.NewChain(b, g, o), b: b}
				m.prepare(s)
				next := func() [][]byte { return s.sign(func(i int) sdk.Msg { return m.make(s, i) }) }
				for range warm {
					s.run(next())
				}
				best, busy := time.Hour, time.Hour
				for b.Loop() {
					b.StopTimer()
					txs := next()
					used, start := processorTime(), time.Now()
					b.StartTimer()
					s.run(txs)
					best, busy = min(best, time.Since(start)), min(busy, processorTime()-used)
				}
				b.ReportMetric(float64(best.Nanoseconds()), "best-ns/op")
				b.ReportMetric(float64(busy.Nanoseconds()), "cpu-ns/op")
				require.NoError(b, s.App.CheckInvariants(s.App.CommittedContext()))
			})
		}
	}
}
