package planet_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/watch"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func workEscrow(p *planet.Planet, work string) *storagetypes.QueryWorkEscrowResponse {
	p.T.Helper()
	res, err := storagetypes.NewQueryClient(p.Chain.Client.Conn()).WorkEscrow(p.T.Context(), &storagetypes.QueryWorkEscrowRequest{Root: work})
	require.NoError(p.T, err)
	return res
}

// settledByStorage is what a node has settled and not claimed, in nano-ustream: here only what it earned by serving.
func settledByStorage(p *planet.Planet, n *planet.Node) math.Int {
	p.T.Helper()
	res, err := storagetypes.NewQueryClient(p.Chain.Client.Conn()).Claimable(p.T.Context(), &storagetypes.QueryClaimableRequest{Operator: p.Addr(n.Operator)})
	require.NoError(p.T, err)
	return res.Settled
}

// paidOut makes nodes report until the work's budget has paid so much, in nano-ustream. They report by themselves too when a
// session is closed, and later what came before the viewer's time allowed it.
func paidOut(p *planet.Planet, work string, want math.Int) {
	p.T.Helper()
	p.Eventually(func() bool {
		for _, n := range p.Nodes {
			n.ReportUse(p.T)
		}
		return workEscrow(p, work).Serving.PaidToday.GTE(want)
	}, "the budget pays "+want.String())
}

// TestServingBudget: three viewers watch a free work whose fans have paid for its serving: the nodes that gave it earn an
// ustream for each second, and nothing of it comes out of the storage escrow. A work whose budget is spent is still
// served, at the rate that nodes give for nothing.
func TestServingBudget(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 3, UnpaidRate: 100})
	viewers := []string{"viewer", "bob", "mallory"}
	for _, v := range viewers {
		p.GrantKey(v)
	}
	granted := time.Now()
	paidFor := p.Publish("alice", p.Song("8"), subscriptiontypes.NewFreeOffer())
	poor := p.Publish("alice", p.Song("18"), subscriptiontypes.NewFreeOffer())
	p.Send("bob", &storagetypes.MsgFundServing{Funder: p.Addr("bob"), Work: paidFor.Work, Amount: token.Coin(1000)})
	p.Send("bob", &storagetypes.MsgFundServing{Funder: p.Addr("bob"), Work: poor.Work, Amount: token.Coin(30)})
	before := workEscrow(p, paidFor.Work)
	require.Equal(t, token.Coin(100).Amount.MulRaw(storagetypes.NanoPerUstream).String(), before.Serving.CapToday.String())

	proved := uint64(0)
	for _, v := range viewers {
		res, media := p.Watch(v, paidFor.Work, 0, nil)
		plays(t, media)
		require.Equal(t, "free", res.GrantedBy)
		require.Equal(t, "0ustream", res.Spent)
		require.Positive(t, res.Proved)
		proved += res.Proved
	}
	// nobody proves more than the time that has passed since his key was granted
	time.Sleep(time.Until(granted.Add(20 * time.Second)))
	p.Chain.WaitBlocks(t, 2)
	paid := storagetypes.Nano(math.NewIntFromUint64(proved)) // an ustream a second
	paidOut(p, paidFor.Work, paid)
	after := workEscrow(p, paidFor.Work)
	require.Equal(t, paid.String(), after.Serving.PaidToday.String())
	require.Equal(t, before.Serving.Balance.Sub(paid).String(), after.Serving.Balance.String())
	require.Equal(t, before.Escrow.Balance.Add(before.Escrow.Owed).String(), after.Escrow.Balance.Add(after.Escrow.Owed).String(), "storage is not touched")
	earned := math.ZeroInt()
	for _, n := range p.Nodes {
		earned = earned.Add(settledByStorage(p, n))
	}
	require.Equal(t, paid.String(), earned.String())

	for _, v := range viewers {
		p.Watch(v, poor.Work, 0, nil)
	}
	time.Sleep(time.Until(granted.Add(40 * time.Second)))
	paidOut(p, poor.Work, storagetypes.Nano(math.NewInt(1)))
	spent := workEscrow(p, poor.Work).Serving
	// a tenth of 30, of which one of three nodes gets half at most
	require.Equal(t, spent.CapToday.String(), storagetypes.Nano(math.NewInt(3)).String())
	require.True(t, spent.PaidToday.LTE(spent.CapToday))
	require.Equal(t, storagetypes.Nano(math.NewInt(30)).Sub(spent.PaidToday).String(), spent.Balance.String())
	earned = math.ZeroInt()
	for _, n := range p.Nodes {
		earned = earned.Add(settledByStorage(p, n))
	}
	require.Equal(t, paid.Add(workEscrow(p, poor.Work).Serving.PaidToday).String(), earned.String())

	// whoever shows no session is not paid for: his first bytes of each node are the last for a while, and there are more segments than nodes
	_, err := watch.Watch(t.Context(), p.Chain.Client, nil, watch.Options{Work: poor.Work, Home: t.TempDir(), Out: io.Discard, AllowPrivate: true})
	require.ErrorContains(t, err, wire.TooManyRequests)
	// and who watches what is paid for still gets it whole
	res, _ := p.Watch("viewer", paidFor.Work, 0, nil)
	require.True(t, res.Verified)
}
