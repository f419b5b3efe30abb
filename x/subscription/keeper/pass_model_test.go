package keeper_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// passOracle says in other words what the module does: amounts are whole numbers of ustream, shares exact fractions.
type passOracle struct {
	now, price, period, delay int64
	closed                    bool
	joined, left              []int64 // by creator
	of                        []int   // creator by work, in the order of the works' digests
	seconds                   []int64 // of works
	viewers                   []*oracleViewer
	gross                     []int64 // by work
}

type oracleViewer struct {
	purse, carried, renewals, most int64
	back                           int64 // from custody, at the end of the block
	starts, fees                   []int64
	payers                         []*oracleViewer // who paid each period
	account                        []byte
	watched                        []int64 // by work
}

func (o *passOracle) end(v *oracleViewer) int64 { return v.starts[len(v.starts)-1] + o.period }

// step is what the end of a block does for one viewer.
func (o *passOracle) step(v *oracleViewer) {
	if len(v.starts) == 0 {
		return
	}
	if v.renewals > 0 && o.now >= o.end(v) {
		if o.closed || o.price > v.most || o.price > v.purse || len(v.starts) >= 24 {
			v.renewals = 0
			return
		}
		start := o.end(v)
		if o.now >= start+o.period {
			start = o.now
		}
		v.starts, v.fees, v.payers, v.purse, v.renewals = append(v.starts, start), append(v.fees, o.price), append(v.payers, v), v.purse-o.price, v.renewals-1
		return
	}
	if o.now < v.starts[0]+o.period+o.delay {
		return
	}
	pot := v.fees[0] + v.carried
	rest := pot
	for work, amount := range o.shares(pot, v.watched) {
		o.gross[work] += amount
		rest -= amount
	}
	roll := int64(0)
	if len(v.starts) > 1 && v.payers[1] == v.payers[0] {
		roll = min(rest, v.fees[0])
	}
	v.payers[0].purse += rest - roll
	v.starts, v.fees, v.payers, v.carried, v.watched = v.starts[1:], v.fees[1:], v.payers[1:], roll, make([]int64, len(o.of))
}

// due is when the end of a block deals with a viewer.
func (o *passOracle) due(v *oracleViewer) int64 {
	if len(v.starts) == 0 {
		return 0
	}
	at := v.starts[0] + o.period + o.delay
	if v.renewals > 0 {
		at = min(at, o.end(v))
	}
	return at
}

// gifts is how many of a viewer's periods others paid.
func (v *oracleViewer) gifts() (n int64) {
	for _, p := range v.payers {
		if p != v {
			n++
		}
	}
	return n
}

func floor(r *big.Rat) int64 { return new(big.Int).Quo(r.Num(), r.Denom()).Int64() }

// shares cuts a pot by exact fractions.
func (o *passOracle) shares(pot int64, watched []int64) []int64 {
	out, all, by := make([]int64, len(watched)), int64(0), make([]int64, len(o.joined))
	var order []int // creators as they occur
	for w, s := range watched {
		if s > 0 && by[o.of[w]] == 0 {
			order = append(order, o.of[w])
		}
		by[o.of[w]] += s
		all += s
	}
	if all == 0 {
		return out
	}
	gets, lost, most := make([]int64, len(o.joined)), pot, order[0]
	for _, c := range order {
		exact := new(big.Rat).Mul(big.NewRat(pot, 1), big.NewRat(by[c], all))
		lost -= floor(exact)
		gets[c] = min(floor(exact), pot/2)
	}
	for _, c := range order {
		if gets[c] > gets[most] {
			most = c
		}
	}
	gets[most] = min(gets[most]+lost, pot/2)
	for _, c := range order {
		left, best := gets[c], -1
		for w, s := range watched {
			if o.of[w] != c || s == 0 {
				continue
			}
			out[w] = floor(new(big.Rat).Mul(big.NewRat(gets[c], 1), big.NewRat(s, by[c])))
			left -= out[w]
			if best < 0 || s > watched[best] {
				best = w
			}
		}
		out[best] += left
	}
	return out
}

// covered says whether a period that began at a time covers a creator.
func (o *passOracle) covered(creator int, since int64) bool {
	return o.joined[creator] > 0 && (o.left[creator] == 0 || o.left[creator] > since)
}

type passModel struct {
	*passStage
	o        *passOracle
	accounts []sdk.AccAddress
	order    []string // works by digest
}

func newPassModel(t testing.TB) *passModel {
	m := &passModel{passStage: newPassStage(t), o: &passOracle{price: passFee, period: 86400, delay: types.DefaultPassCloseSeconds}}
	m.o.now = m.now()
	creatorOf := map[string]int{}
	for i, pair := range m.works {
		for _, w := range pair {
			creatorOf[w] = i
			m.order = append(m.order, w)
		}
		m.o.joined, m.o.left = append(m.o.joined, m.o.now), append(m.o.left, 0)
	}
	slices.SortFunc(m.order, func(a, b string) int {
		x, errA := types.ItemKey(a)
		y, errB := types.ItemKey(b)
		require.NoError(t, errA)
		require.NoError(t, errB)
		return slices.Compare(x, y)
	})
	for _, w := range m.order {
		m.o.of, m.o.seconds = append(m.o.of, creatorOf[w]), append(m.o.seconds, 30)
	}
	m.o.gross = make([]int64, len(m.order))
	for i, purse := range []int64{1000 * stream, 200 * stream, 25 * stream} {
		m.accounts = append(m.accounts, m.Funded(fmt.Sprint("watcher", i), purse))
		m.o.viewers = append(m.o.viewers, &oracleViewer{purse: purse, watched: make([]int64, len(m.order)), account: m.accounts[i]})
	}
	return m
}

func (m *passModel) act(t *rapid.T) {
	i := rapid.IntRange(0, len(m.accounts)-1).Draw(t, "who")
	v, o := m.o.viewers[i], m.o
	switch rapid.IntRange(0, 9).Draw(t, "act") {
	case 0, 1:
		m.subscribeOne(t, i)
	case 2, 3, 4, 5:
		w, s := rapid.IntRange(0, len(m.order)-1).Draw(t, "work"), rapid.Int64Range(1, 50).Draw(t, "seconds")
		err := m.watches(m.accounts[i], m.order[w], uint64(s))
		if len(v.starts) == 0 || !o.covered(o.of[w], v.starts[0]) {
			require.ErrorIs(t, err, types.ErrNotCovered)
			return
		}
		require.NoError(t, err)
		v.watched[w] = min(v.watched[w]+s, 2*o.seconds[w])
	case 6:
		c := rapid.IntRange(0, 2).Draw(t, "creator")
		if o.joined[c] > 0 && o.left[c] == 0 {
			require.NoError(t, m.leaves(c))
			o.left[c] = o.now
			return
		}
		require.NoError(t, m.joins(c))
		o.joined[c], o.left[c] = o.now, 0
	case 7:
		err := m.send(&types.MsgCancelPass{Viewer: m.accounts[i].String(), Pass: m.pass})
		grace := int64(0)
		if v.renewals > 0 {
			grace = 8640
		}
		if len(v.starts) == 0 || o.now >= o.end(v)+grace {
			require.ErrorIs(t, err, types.ErrNotSubscribed)
			return
		}
		require.NoError(t, err)
		v.renewals = 0
		for n := len(v.starts) - 1; n > 0 && v.starts[n] > o.now; n-- {
			v.payers[n].back += v.fees[n]
			v.starts, v.fees, v.payers = v.starts[:n], v.fees[:n], v.payers[:n]
		}
	case 8:
		price, closed := rapid.Int64Range(types.MinPassPrice, 12*stream).Draw(t, "price"), rapid.IntRange(0, 5).Draw(t, "closed") == 0
		require.NoError(t, m.send(&types.MsgUpdatePass{Curator: m.curator.String(), Pass: m.pass, Title: "Pass", Price: token.Coin(price), Closed: closed}))
		o.price, o.closed = price, closed
	default:
		m.wait(time.Duration(rapid.Int64Range(1, 30*3600).Draw(t, "wait")) * time.Second)
	}
}

func (m *passModel) subscribeOne(t *rapid.T, i int) {
	v, o := m.o.viewers[i], m.o
	by := i
	if rapid.IntRange(0, 3).Draw(t, "gift") == 0 {
		by = rapid.IntRange(0, len(m.accounts)-1).Draw(t, "giver")
	}
	payer, recipient := o.viewers[by], ""
	if by != i || rapid.Bool().Draw(t, "named") {
		recipient = m.accounts[i].String()
	}
	n, renewals := rapid.Int64Range(1, 3).Draw(t, "periods"), rapid.Int64Range(0, 3).Draw(t, "renewals")
	most := rapid.Int64Range(9*stream, 12*stream).Draw(t, "most")
	err := m.send(&types.MsgSubscribePass{
		Subscriber: m.accounts[by].String(), Pass: m.pass, MaxPrice: token.Coin(most), Periods: uint32(n), Renewals: uint32(renewals), Recipient: recipient,
	})
	some := false
	for c := range o.joined {
		some = some || o.joined[c] > 0 && o.left[c] == 0
	}
	switch {
	case by != i && renewals > 0:
		require.ErrorIs(t, err, types.ErrGiftRenewed)
	case o.closed:
		require.ErrorIs(t, err, types.ErrPassClosed)
	case o.price > most:
		require.ErrorIs(t, err, types.ErrPriceAboveMax)
	case !some:
		require.ErrorIs(t, err, types.ErrEmptyPass)
	case len(v.starts)+int(n) > types.MaxPassPeriods:
		require.ErrorIs(t, err, types.ErrTooManyPassPeriods)
	case by != i && v.gifts()+n > 12:
		require.ErrorIs(t, err, types.ErrTooManyPassGifts)
	case o.price*n > payer.purse:
		require.Error(t, err)
	default:
		require.NoError(t, err)
		start := o.now
		if len(v.starts) > 0 {
			start = max(start, o.end(v))
		}
		for range n {
			v.starts, v.fees, v.payers = append(v.starts, start), append(v.fees, o.price), append(v.payers, payer)
			start += o.period
		}
		payer.purse -= o.price * n
		if renewals > 0 {
			v.renewals, v.most = renewals, most
		}
	}
}

// wait lets time pass and ends a block, in which each subscription takes one step.
func (m *passModel) wait(d time.Duration) {
	if d > time.Minute {
		m.jump(d - time.Minute)
	}
	m.o.now = m.now()
	for _, v := range m.o.viewers {
		v.purse, v.back = v.purse+v.back, 0
	}
	// first due first: what comes back to one can renew another's
	byDue := slices.Clone(m.o.viewers)
	slices.SortFunc(byDue, func(a, b *oracleViewer) int {
		return cmp.Or(cmp.Compare(m.o.due(a), m.o.due(b)), slices.Compare(a.account, b.account))
	})
	for _, v := range byDue {
		m.o.step(v)
	}
	m.next(min(d, time.Minute))
	m.o.now = m.now()
	for i, v := range m.o.viewers {
		require.Equal(m.T, v.purse, m.Balance(m.accounts[i]), "purse of %d", i)
	}
}

// compare holds the module to the oracle, to the ustream.
func (m *passModel) compare(t require.TestingT) {
	total := int64(0)
	for i, v := range m.o.viewers {
		key := m.accounts[i]
		res, err := m.q.PassSubscriptions(m.Ctx, &types.QueryPassSubscriptionsRequest{Viewer: key.String()})
		require.NoError(t, err)
		if len(v.starts) == 0 {
			require.Empty(t, res.Subscriptions)
		} else {
			s := res.Subscriptions[0]
			require.Len(t, s.Periods, len(v.starts))
			for n, p := range s.Periods {
				require.Equal(t, v.starts[n], p.StartedAt)
				require.Equal(t, v.fees[n], p.Price.Amount.Int64())
				require.Equal(t, sdk.AccAddress(v.payers[n].account).String(), p.Payer)
			}
			require.Equal(t, v.carried, s.Carried.Int64())
			require.EqualValues(t, v.renewals, s.Renewals)
			total += s.Held().Int64()
		}
		total += v.purse + v.back
	}
	for w, id := range m.order {
		require.Equal(t, m.o.gross[w], m.gross(id), "gross of work %d", w)
		total += m.o.gross[w]
	}
	require.EqualValues(t, 1225*stream, total, "conservation")
}

func TestPassModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newPassModel(t)
		for range rapid.IntRange(10, 50).Draw(rt, "steps") {
			m.act(rt)
			m.compare(rt)
			m.check()
		}
		m.wait(time.Second)
	})
}
