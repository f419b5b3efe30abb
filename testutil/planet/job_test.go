package planet_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/receipt"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/watch"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// tick is the price of a second in these tests, in ustream.
const tick = 1000

func metered(preview uint32) subscriptiontypes.Offer {
	return subscriptiontypes.NewMeteredOffer(math.NewInt(tick), 1, preview)
}

// escrow is what a viewer has deposited, and what of it no lane reserves.
func escrow(p *planet.Planet, viewer string) (balance, free int64) {
	res, err := streamtypes.NewQueryClient(p.Chain.Client.Conn()).Escrow(p.T.Context(), &streamtypes.QueryEscrowRequest{Owner: p.Addr(viewer), Denom: token.BaseDenom})
	require.NoError(p.T, err)
	return res.Escrow.Balance.Int64(), res.Free.Int64()
}

// meteredPayments are the viewer's payments by the tick, each with its floor checked.
func meteredPayments(p *planet.Planet, viewer string) (sum int64, payments []receipt.Payment) {
	st, err := receipt.OfPayer(p.T.Context(), p.Chain.Client, p.Addr(viewer))
	require.NoError(p.T, err)
	for _, pay := range st.Payments {
		require.Equal(p.T, "metered", pay.Rail)
		require.GreaterOrEqual(p.T, pay.CreatorBps, int64(revenuetypes.FloorBps))
		sum += pay.Gross.Int64()
		payments = append(payments, pay)
	}
	return sum, payments
}

// plays decodes media from its first to its last frame.
func plays(t *testing.T, media []byte) {
	path := filepath.Join(t.TempDir(), "out.mp4")
	require.NoError(t, os.WriteFile(path, media, 0o600))
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", path, "-f", "null", "-").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Empty(t, string(out))
}

// TestMainJob: a song is published on three nodes, watched by the second, settled, and claimed.
func TestMainJob(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 3})
	supply := p.Supply()
	song := p.Publish("alice", p.Song("14"), metered(4))
	res, media := p.Watch("viewer", song.Work, 2*stream, nil)
	plays(t, media)
	require.Equal(t, "metered", res.GrantedBy)
	require.Empty(t, res.Blamed)
	// fourteen seconds, of which the first segment is a preview; each second is bought once
	require.InDelta(t, 10, float64(res.Ticks), 1)
	spent := int64(res.Ticks) * tick

	p.Settle()
	paid, payments := meteredPayments(p, "viewer")
	require.Equal(t, spent, paid, "what the viewer signed is what was settled")
	require.Len(t, payments, 1)
	creator, server := payments[0].Parts["creator"].Int64(), payments[0].Parts["server"].Int64()
	// 9000 bps, and the 100 of key holders that a work without keys does not have
	require.Equal(t, spent*9100/10000, creator)
	require.Equal(t, spent*300/10000, server)
	require.Equal(t, server, p.Claimable(payments[0].Server))
	require.Equal(t, creator, p.Claim("alice", p.Creator("alice")))
	require.Equal(t, supply.Sub(payments[0].Parts["burn"]), p.Supply())

	var free int64
	p.Eventually(func() bool {
		var balance int64
		balance, free = escrow(p, "viewer")
		return balance == free
	}, "the lane is closed, and after its grace the rest is the viewer's")
	before := p.Balance(p.Addr("viewer"))
	p.Send("viewer", &streamtypes.MsgWithdraw{Owner: p.Addr("viewer"), Amount: token.Coin(free)})
	require.Greater(t, p.Balance(p.Addr("viewer")), before+free-1000)

	again, same := p.Watch("bob", song.Work, 2*stream, nil)
	require.Equal(t, res.Ticks, again.Ticks)
	require.Equal(t, media, same)
}

// TestGrantedAccess: who bought a work, subscribes to its plan or made it watches it for nothing, by a proof of the
// session key.
func TestGrantedAccess(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 1})
	plan := openPlan(p, "bob", 3600)
	film := p.Publish("bob", p.Song("6"), subscriptiontypes.NewPurchaseOffer(token.Coin(stream)), subscriptiontypes.NewPlanOffer(plan))
	_, _, err := p.TryWatch("viewer", film.Work, 2*stream, nil)
	require.ErrorIs(t, err, watch.ErrPayment)
	bought := p.Send("viewer", &subscriptiontypes.MsgPurchase{Buyer: p.Addr("viewer"), Work: film.Work, MaxPrice: token.Coin(stream)})
	p.Send("alice", &subscriptiontypes.MsgSubscribe{Subscriber: p.Addr("alice"), Plan: plan, MaxPrice: token.Coin(2 * stream), Periods: 1})
	var first []byte
	for viewer, by := range map[string]string{"viewer": "purchase", "alice": "plan", "bob": "creator"} {
		res, media := p.Watch(viewer, film.Work, 0, nil)
		require.Equal(t, by, res.GrantedBy)
		require.Zero(t, res.Ticks)
		if first == nil {
			plays(t, media)
			first = media
		}
		require.Equal(t, first, media)
	}
	_, _, err = p.TryWatch("mallory", film.Work, 2*stream, nil)
	require.ErrorIs(t, err, watch.ErrPayment)
	sum := onlyPayment(p, bought.Hash).CreatorPaid.Int64()
	require.EqualValues(t, 905_000, sum, "the period has not ended, and is not shared out")
	require.Equal(t, sum, p.Claim("bob", p.Creator("bob")))
}
