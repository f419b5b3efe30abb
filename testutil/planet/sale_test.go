package planet_test

import (
	"crypto/sha256"
	"testing"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/receipt"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const stream = 1_000_000 // ustream

// onPaper is the registration of a work whose bytes lie nowhere: enough to sell it.
func onPaper(p *planet.Planet, by, title string) *contenttypes.MsgPublish {
	hash, err := mh.Sum([]byte(title), mh.SHA2_256, -1)
	require.NoError(p.T, err)
	root := sha256.Sum256([]byte(title))
	return &contenttypes.MsgPublish{
		Controller: p.Addr(by), Creator: p.Creator(by), Kind: "video", Title: title, DurationSeconds: 30,
		Media: cid.NewCidV1(cid.DagProtobuf, hash).String(), PieceRoot: root[:], PieceSize: 4096, Licence: "CC-BY-4.0",
	}
}

// register makes by a creator with a work on paper, for sale on the offers.
func register(p *planet.Planet, by string, offers ...subscriptiontypes.Offer) string {
	msg := onPaper(p, by, "work of "+by)
	_, m, err := msg.Parse()
	require.NoError(p.T, err)
	work, err := m.CID()
	require.NoError(p.T, err)
	p.Send(by, &contenttypes.MsgRegisterCreator{Controller: p.Addr(by)}, msg,
		&subscriptiontypes.MsgSetOffers{Controller: p.Addr(by), Work: work.String(), Offers: offers})
	return work.String()
}

func access(p *planet.Planet, viewer, work string) subscriptiontypes.AccessDecision {
	res, err := subscriptiontypes.NewQueryClient(p.Chain.Client.Conn()).Access(p.T.Context(), &subscriptiontypes.QueryAccessRequest{Work: work, Viewer: p.Addr(viewer)})
	require.NoError(p.T, err)
	return res.Decision
}

// onlyPayment is the one payment of a transaction, once it has been shared out.
func onlyPayment(p *planet.Planet, tx string) receipt.Payment {
	var r *receipt.Receipt
	p.Eventually(func() bool {
		var err error
		r, err = receipt.OfTx(p.T.Context(), p.Chain.Client, tx)
		require.NoError(p.T, err)
		return len(r.Payments) == 1 && len(r.Pending) == 0
	}, "the payment is shared out")
	sum := int64(0)
	for _, part := range r.Payments[0].Parts {
		sum += part.Int64()
	}
	require.Equal(p.T, r.Payments[0].Gross.Int64(), sum, "the parts are the whole")
	require.GreaterOrEqual(p.T, r.Payments[0].CreatorBps, int64(revenuetypes.FloorBps))
	return r.Payments[0]
}

// TestSale follows every ustream of a purchase, a subscription and a tip to a creator's wallet.
func TestSale(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	supply := p.Supply()
	work := register(p, "alice", subscriptiontypes.NewPurchaseOffer(token.Coin(3*stream/2)))
	alice := p.Creator("alice")
	require.False(t, access(p, "viewer", work).Granted)

	bought := p.Send("viewer", &subscriptiontypes.MsgPurchase{Buyer: p.Addr("viewer"), Work: work, MaxPrice: token.Coin(2 * stream)})
	require.Equal(t, subscriptiontypes.ACCESS_BY_PURCHASE, access(p, "viewer", work).By)
	require.Zero(t, p.Claimable(alice), "the refund window is open")
	// 9000 bps, and the 50 of key holders that a work without keys does not have
	sale := onlyPayment(p, bought.Hash)
	require.EqualValues(t, 1_357_500, sale.CreatorPaid.Int64())
	require.EqualValues(t, 1_357_500, p.Claimable(alice))

	tipped := onlyPayment(p, p.Send("bob", &streamtypes.MsgTip{Payer: p.Addr("bob"), Subject: alice, Amount: token.Coin(stream)}).Hash)
	require.EqualValues(t, 970_000, tipped.CreatorPaid.Int64())

	before := p.Balance(p.Addr("alice"))
	require.EqualValues(t, 1_357_500+970_000, p.Claim("alice", alice))
	require.Greater(t, p.Balance(p.Addr("alice")), before+1_357_500+970_000-1000, "what was claimed, but for the fee")
	require.Zero(t, p.Claimable(alice))
	burned := sale.Parts["burn"].Add(tipped.Parts["burn"])
	require.EqualValues(t, 15_000+5_000, burned.Int64())
	require.Equal(t, supply.Sub(burned), p.Supply(), "nothing else is burned, and nothing minted")
}

func TestRefund(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	work := register(p, "alice", subscriptiontypes.NewPurchaseOffer(token.Coin(stream)))
	tx := p.Send("viewer", &subscriptiontypes.MsgPurchase{Buyer: p.Addr("viewer"), Work: work, MaxPrice: token.Coin(stream)})
	var hold string
	for _, e := range tx.Events {
		if e, ok := e.(*revenuetypes.EventHeld); ok {
			hold = e.HoldId
		}
	}
	paid := p.Balance(p.Addr("viewer"))
	p.Send("alice", &revenuetypes.MsgRefund{Controller: p.Addr("alice"), HoldId: hold})
	p.Eventually(func() bool { return p.Balance(p.Addr("viewer")) == paid+stream }, "the price is back")
	require.False(t, access(p, "viewer", work).Granted)
	r, err := receipt.OfTx(t.Context(), p.Chain.Client, tx.Hash)
	require.NoError(t, err)
	require.Empty(t, r.Payments)
	require.Empty(t, r.Pending)
}

// openPlan makes by a creator with a plan for 2 STREAM a period.
func openPlan(p *planet.Planet, by string, seconds int64) string {
	p.Send(by, &contenttypes.MsgRegisterCreator{Controller: p.Addr(by)}, &subscriptiontypes.MsgCreatePlan{
		Controller: p.Addr(by), Creator: p.Creator(by), Title: "Film club", Price: token.Coin(2 * stream), PeriodSeconds: seconds,
		Coverage: subscriptiontypes.COVERAGE_ALL,
	})
	return p.Creator(by) + "/1"
}

func TestPlan(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	plan := openPlan(p, "bob", 3)
	msg := onPaper(p, "bob", "film")
	_, m, err := msg.Parse()
	require.NoError(t, err)
	work, err := m.CID()
	require.NoError(t, err)
	p.Send("bob", msg, &subscriptiontypes.MsgSetOffers{Controller: p.Addr("bob"), Work: work.String(), Offers: []subscriptiontypes.Offer{subscriptiontypes.NewPlanOffer(plan)}})

	tx := p.Send("viewer", &subscriptiontypes.MsgSubscribe{Subscriber: p.Addr("viewer"), Plan: plan, MaxPrice: token.Coin(2 * stream), Periods: 1})
	require.Equal(t, subscriptiontypes.ACCESS_BY_PLAN, access(p, "viewer", work.String()).By)
	paid := onlyPayment(p, tx.Hash)
	// key holders' 50 bps and the endowment's 200: a plan pays no work in particular
	require.EqualValues(t, 1_850_000, paid.CreatorPaid.Int64())
	require.EqualValues(t, 1_850_000, p.Claim("bob", p.Creator("bob")))
	p.Eventually(func() bool { return !access(p, "viewer", work.String()).Granted }, "the period ends")
}

// TestNotTheCreator: nobody publishes in another's name, nor what another committed to.
func TestNotTheCreator(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	register(p, "alice")
	stolen := onPaper(p, "alice", "stolen")
	stolen.Controller = p.Addr("mallory")
	_, err := p.TrySend("mallory", stolen)
	require.ErrorIs(t, err, contenttypes.ErrNotController)
	// a message that names its true controller carries that one's signature, or is refused
	stolen.Controller = p.Addr("alice")
	_, err = p.TrySend("mallory", stolen)
	require.Error(t, err)
	_, _, err = stolen.Parse()
	require.NoError(t, err, "nothing else is wrong with it")
	p.Send("alice", stolen)
}
