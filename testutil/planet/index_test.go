package planet_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// cell reads one value of the index as text.
func cell(p *planet.Planet, query string, args ...any) string {
	p.T.Helper()
	var v any
	require.NoError(p.T, p.Index.Store.Read().QueryRowContext(p.T.Context(), query, args...).Scan(&v), query)
	return fmt.Sprint(v)
}

// TestIndexAfterTheMainJob: after works were published, bought, watched by the second and tipped on a real chain, the index has them,
// its payments are the chain's to the unit, and its rows are those of a rebuild.
func TestIndexAfterTheMainJob(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 2})
	song := p.Publish("alice", p.Song("8"), metered(4))
	film := p.Publish("bob", p.Song("6"), subscriptiontypes.NewPurchaseOffer(token.Coin(stream)))
	bought := p.Send("viewer", &subscriptiontypes.MsgPurchase{Buyer: p.Addr("viewer"), Work: film.Work, MaxPrice: token.Coin(stream)})
	p.Send("viewer", &streamtypes.MsgTip{Payer: p.Addr("viewer"), Subject: song.Work, Amount: token.Coin(250_000), Memo: "lovely"})
	res, _ := p.Watch("viewer", song.Work, stream, nil)
	p.Settle()
	sale := onlyPayment(p, bought.Hash) // waits until it was shared out
	p.Index.Await()

	require.Equal(t, "2", cell(p, "SELECT COUNT(*) FROM works"))
	require.Equal(t, "song.m4a", cell(p, "SELECT title FROM works WHERE root = ?", song.Work))
	require.Equal(t, "active", cell(p, "SELECT status FROM works WHERE root = ?", film.Work))
	require.Equal(t, "2", cell(p, "SELECT copies FROM works WHERE root = ?", film.Work))
	require.Equal(t, fmt.Sprint(int64(res.Ticks)*tick), cell(p, "SELECT gross FROM totals WHERE scope = 'work' AND key = ? AND rail = 'metered'", song.Work), "what was watched is in the sums")
	require.Equal(t, "0", cell(p, "SELECT COUNT(*) FROM payments WHERE rail = 'metered'"))
	require.Equal(t, "0", cell(p, "SELECT COUNT(*) FROM events WHERE type LIKE '%Session%' OR type LIKE '%Lane%' OR data LIKE '%RAIL_METERED%'"))

	require.Equal(t, bought.Hash, cell(p, "SELECT tx FROM payments WHERE subject = ?", film.Work), "a payment that waited has the transaction that paid")
	for part, want := range sale.Parts {
		require.Equal(t, want.String(), cell(p, "SELECT COALESCE(json_extract(parts, '$.'||?), '0') FROM payments WHERE subject = ?", part, film.Work), part)
	}
	require.Equal(t, "0", cell(p, `SELECT COUNT(*) FROM totals WHERE charged + 0 <> creator_part + server + key_holders + endowment + storage_pool + stakers + treasury + participation + burn + royalty`), "the parts sum")

	running, rebuilt := p.Index.Rebuilt()
	require.Equal(t, rebuilt, running)
}
