package planet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// passClose is the close delay of a planet.
const passClose = 10 * time.Second

func passPreview(p *planet.Planet, viewer, pass string) (*subscriptiontypes.QueryPassPreviewResponse, error) {
	p.T.Helper()
	return subscriptiontypes.NewQueryClient(p.Chain.Client.Conn()).PassPreview(p.T.Context(), &subscriptiontypes.QueryPassPreviewRequest{Viewer: p.Addr(viewer), Pass: pass})
}

// grossOf is all that was paid for a work, in ustream.
func grossOf(p *planet.Planet, work string) int64 {
	p.T.Helper()
	res, err := revenuetypes.NewQueryClient(p.Chain.Client.Conn()).Totals(p.T.Context(), &revenuetypes.QueryTotalsRequest{Subject: work})
	require.NoError(p.T, err)
	if len(res.Totals) == 0 {
		return 0
	}
	return res.Totals[0].Gross.Int64()
}

// TestPasses: three creators are in a pass, and two subscribers with different tastes watch them. Each fee goes to what its subscriber
// watched, to the ustream, and to nothing that the other did.
func TestPasses(t *testing.T) {
	t.Parallel()
	const fee, period = 12_000_000, 30
	p := planet.New(t, planet.Config{Nodes: 2})
	creators := []string{"alice", "bob", "mallory"}
	works, all := map[string]string{}, []string{}
	for _, c := range creators {
		works[c] = p.Publish(c, p.Song("4")).Work
		all = append(all, p.Creator(c))
	}
	p.Send("bob", &subscriptiontypes.MsgCreatePass{Curator: p.Addr("bob"), Title: "Three of us", Price: token.Coin(fee), PeriodSeconds: period, Creators: all})
	const pass = "pass-1"
	for _, c := range creators {
		p.Send(c, &subscriptiontypes.MsgJoinPass{Controller: p.Addr(c), Pass: pass, Creator: p.Creator(c)})
	}
	tastes := map[string][]string{"viewer": {"alice", "bob"}, "op7": {"mallory", "bob"}}
	before := map[string]int64{}
	for _, v := range []string{"viewer", "op7"} {
		p.GrantKey(v)
	}
	started := time.Now()
	payers := map[string]string{"viewer": "viewer", "op7": "mallory"} // one has it as a gift
	for v, payer := range payers {
		p.Send(payer, &subscriptiontypes.MsgSubscribePass{Subscriber: p.Addr(payer), Recipient: p.Addr(v), Pass: pass, MaxPrice: token.Coin(fee), Periods: 1})
		before[v] = p.Balance(p.Addr(payer))
	}
	for v, liked := range tastes {
		for _, c := range liked {
			res, _ := p.Watch(v, works[c], 0, nil)
			require.Equal(t, "pass", res.GrantedBy)
			require.Equal(t, "0ustream", res.Spent)
		}
	}
	// nobody proves more time than has passed since the key was granted; nodes report what is closed
	p.Eventually(func() bool {
		for _, n := range p.Nodes {
			n.ReportUse(p.T)
		}
		for v := range tastes {
			if res, err := passPreview(p, v, pass); err != nil || len(res.Uses) < 2 {
				return false
			}
		}
		return true
	}, "all that was watched is reported")
	require.Less(t, time.Since(started), (period-5)*time.Second)
	time.Sleep(time.Until(started.Add(period*time.Second + passClose/2)))
	want, back := map[string]int64{}, map[string]int64{}
	for v, liked := range tastes {
		res, err := passPreview(p, v, pass)
		require.NoError(t, err)
		require.Len(t, res.Uses, 2)
		left := int64(fee)
		for i, u := range res.Uses {
			require.Contains(t, []string{works[liked[0]], works[liked[1]]}, u.Work, "only what this subscriber watched")
			require.Positive(t, u.Seconds)
			require.LessOrEqual(t, u.Seconds, uint64(10), "twice the song")
			// by hand: in proportion, half of the fee at most, what rounding leaves to the larger
			other := res.Uses[1-i]
			part := int64(fee) * int64(u.Seconds) / int64(u.Seconds+other.Seconds)
			if rest := int64(fee) - part - int64(fee)*int64(other.Seconds)/int64(u.Seconds+other.Seconds); u.Seconds > other.Seconds {
				part += rest
			}
			part = min(part, fee/2)
			want[u.Work] += part
			left -= part
		}
		back[v] = left
	}
	p.Eventually(func() bool {
		for v := range tastes {
			if _, err := passPreview(p, v, pass); err == nil {
				return false
			}
		}
		return true
	}, "both periods close")
	p.Chain.WaitBlocks(t, 2)
	for work, amount := range want {
		require.Equal(t, amount, grossOf(p, work))
	}
	require.Len(t, want, 3)
	for v := range tastes {
		require.Equal(t, before[v]+back[v], p.Balance(p.Addr(payers[v])), "what is not proved goes back to who paid")
	}
	_, err := p.TrySend("viewer", &subscriptiontypes.MsgCancelPass{Viewer: p.Addr("viewer"), Pass: pass})
	require.Error(t, err)
}
