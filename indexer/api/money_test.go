package api_test

import (
	"encoding/csv"
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/store"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

func decode(t testing.TB, a answer, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, into), "%s", a.body)
}

func number(t testing.TB, s string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(s, 10)
	require.True(t, ok, s)
	return n
}

// adds requires that the parts sum to what was charged.
func adds(t testing.TB, p store.Parts) {
	t.Helper()
	sum := new(big.Int)
	for _, s := range []string{p.Creator, p.Server, p.KeyHolders, p.Endowment, p.StoragePool, p.Stakers, p.Treasury, p.Participation, p.Burn, p.Royalty} {
		sum.Add(sum, number(t, s))
	}
	require.Equal(t, p.Charged, sum.String())
}

// The lines of a statement sum to its total by rail, by work and by day, and the CSV says the same.
func TestStatement(t *testing.T) {
	w := newTown(t)
	evil := w.publish(work{by: "alice", title: `=HYPERLINK("http://x","a"),"b"`})
	w.commit()
	for i, rail := range []revenuetypes.Rail{revenuetypes.RAIL_TIP, revenuetypes.RAIL_METERED, revenuetypes.RAIL_PURCHASE, revenuetypes.RAIL_RENTAL, revenuetypes.RAIL_PLAN} {
		for n, subject := range []string{evil, w.film, w.song, creatorID("alice")} {
			w.tx(nil, paid(rail, subject, "alice", "viewer", int64(10_000*(1+i)*(1+n))))
		}
		w.time = w.time.Add(20 * 3600e9) // over some days
		w.commit()
	}
	var st store.Statement
	path := "/api/v1/creators/alice/statement?to=" + time9999
	w.json(path, &st)
	adds(t, st.Total)
	require.Len(t, st.ByRail, 5)
	require.GreaterOrEqual(t, len(st.ByDay), 4)
	require.Len(t, st.ByWork, 4)
	for name, lines := range map[string][]store.StatementLine{"rail": st.ByRail, "work": st.ByWork, "day": st.ByDay} {
		total := [3]*big.Int{new(big.Int), new(big.Int), new(big.Int)}
		payments := int64(0)
		for _, l := range lines {
			payments += l.Payments
			for i, s := range []string{l.Gross, l.Charged, l.Creator} {
				total[i].Add(total[i], number(t, s))
			}
		}
		require.Equal(t, []string{st.Total.Gross, st.Total.Charged, st.Total.Creator}, []string{total[0].String(), total[1].String(), total[2].String()}, name)
		require.Equal(t, st.Total.Payments, payments, name)
	}

	a := w.get(path + "&format=csv")
	require.Equal(t, http.StatusOK, a.status)
	require.Contains(t, a.header.Get("Content-Type"), "text/csv")
	require.Equal(t, strings.Count(string(a.body), "\n"), strings.Count(string(a.body), "\r\n"), "RFC 4180")
	rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	require.NoError(t, err)
	column := func(name string) int { return slices.Index(rows[0], name) }
	sums := map[string]*big.Int{}
	for _, row := range rows[1:] {
		for _, cell := range row {
			require.False(t, cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])), "a spreadsheet would run %q", cell)
		}
		by := row[column("by")]
		if sums[by] == nil {
			sums[by] = new(big.Int)
		}
		sums[by].Add(sums[by], number(t, row[column("charged")]))
	}
	for by, sum := range sums {
		require.Equal(t, st.Total.Charged, sum.String(), by)
	}
	require.Contains(t, string(a.body), `"'=HYPERLINK(""http://x"",""a""),""b"""`)

	// a part of the time is a part of the sum
	var early, late store.Statement
	cut := w.time.Unix()/86400*86400 - 86400
	w.json("/api/v1/creators/alice/statement?to="+itoa(cut-1), &early)
	w.json("/api/v1/creators/alice/statement?from="+itoa(cut)+"&to="+time9999, &late)
	both := new(big.Int).Add(number(t, early.Total.Charged), number(t, late.Total.Charged))
	require.Equal(t, st.Total.Charged, both.String())
	require.NotEqual(t, "0", early.Total.Charged)
	require.NotEqual(t, "0", late.Total.Charged)
}

const time9999 = "253402300799"

func itoa(n int64) string { return big.NewInt(n).String() }

// Everything that says how money was shared out says the same.
func TestSumsAgree(t *testing.T) {
	w := newTown(t)
	var e store.Economics
	w.json("/api/v1/economics?days=366", &e)
	adds(t, e.Total)
	charged, days := new(big.Int), new(big.Int)
	for _, p := range e.ByRail {
		adds(t, p)
		charged.Add(charged, number(t, p.Charged))
	}
	for _, d := range e.Days {
		days.Add(days, number(t, d.Charged))
	}
	require.Equal(t, e.Total.Charged, charged.String())
	require.Equal(t, e.Total.Charged, days.String())
	require.Equal(t, "1011", e.Minted)
	require.Equal(t, "77", e.Burned)
	require.Equal(t, "50000", e.ByRail["metered"].Gross, "payments by the second are in the totals")
	var alice, bob store.CreatorDetail
	w.json("/api/v1/creators/alice", &alice)
	w.json("/api/v1/creators/bob", &bob)
	adds(t, alice.Earnings)
	require.Equal(t, e.Total.Charged, new(big.Int).Add(number(t, alice.Earnings.Charged), number(t, bob.Earnings.Charged)).String())
	var film store.WorkDetail
	w.json("/api/v1/works/"+w.film, &film)
	adds(t, film.Earnings)
	require.Equal(t, "180000", film.Earnings.Gross)
}

// What an account paid is told, but not what it watched by the second.
func TestReceiptsKeepQuiet(t *testing.T) {
	w := newTown(t)
	for _, path := range []string{"/api/v1/accounts/" + addr("viewer") + "/receipts", "/api/v1/accounts/" + addr("other") + "/receipts", "/api/v1/events?limit=100", "/api/v1/works/" + w.film} {
		a := w.get(path)
		require.Equal(t, http.StatusOK, a.status)
		require.NotContains(t, string(a.body), "metered\",\"subject", path)
		require.NotContains(t, string(a.body), "RAIL_METERED", path)
		require.NotContains(t, string(a.body), "EventSessionSettled", path)
	}
	var page struct{ Items []store.Payment }
	w.json("/api/v1/accounts/"+addr("viewer")+"/receipts", &page)
	require.Len(t, page.Items, 3, "a sale, one that waits, and a tip")
	kinds := map[string]bool{}
	for _, p := range page.Items {
		kinds[p.Rail] = true
		require.NotEqual(t, "metered", p.Rail)
	}
	require.Equal(t, map[string]bool{"purchase": true, "tip": true}, kinds)
	held := slices.IndexFunc(page.Items, func(p store.Payment) bool { return p.HeldUntil > 0 })
	require.GreaterOrEqual(t, held, 0)
	require.Equal(t, "h-2", page.Items[held].Hold)

	var r struct {
		Lines    []string
		Payments []store.Payment
		OK       bool
		Log      string
	}
	w.json("/api/v1/receipts/"+w.sale, &r)
	require.True(t, r.OK)
	require.Contains(t, r.Lines, addr("viewer")+" tips 1 STREAM to film.")
	require.NotContains(t, strings.Join(r.Lines, "\n"), addr("watcher"), "which node somebody watches by is not told")
	require.Len(t, r.Payments, 1, "what the sale became when its time to change one's mind was over")
	require.Equal(t, "h-1", r.Payments[0].Hold)
	w.json("/api/v1/receipts/"+strings.ToUpper(w.failed), &r)
	require.False(t, r.OK)
	require.Equal(t, "insufficient funds <b>", r.Log)

	var library struct {
		Works         []struct{ Work store.Work }
		Subscriptions []struct{ Renews bool }
	}
	w.json("/api/v1/accounts/"+addr("viewer")+"/library", &library)
	require.Len(t, library.Works, 2)
	require.Len(t, library.Subscriptions, 1)
	require.True(t, library.Subscriptions[0].Renews)
}
