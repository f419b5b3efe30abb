package keeper_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/stream/types"
)

// model drives the module and the oracle by the same random steps.
type model struct {
	*fixture
	o      *oracle
	owners []string
	nodes  []string
	words  map[modelSession]*voucher.Chain
	ends   map[modelLane]int64 // the expiry that each lane was signed with
}

type modelLane struct {
	at         lanePlace
	generation uint64
}

type modelSession struct {
	lane    modelLane
	number  uint64
	expires int64
}

const wallet = 1000 * stream

func newModel(t *testing.T) *model {
	m := &model{
		fixture: bareFixture(t), o: newOracle(), owners: []string{"alice", "bob"}, nodes: []string{"node", "other"},
		words: map[modelSession]*voucher.Chain{}, ends: map[modelLane]int64{},
	}
	require.NoError(t, m.k.InitGenesis(m.Ctx, *types.DefaultGenesis()))
	m.register()
	for _, owner := range m.owners {
		m.Funded(owner, wallet)
	}
	for _, node := range m.nodes {
		m.provider(node)
	}
	m.o.now = m.now()
	// something to begin with, so that most steps do something
	for _, owner := range m.owners {
		m.must(&types.MsgDeposit{Owner: m.Addr(owner).String(), Amount: token.Coin(5 * types.DefaultMinDeposit)})
		require.NoError(t, m.o.deposit(owner, 5*types.DefaultMinDeposit))
		m.must(m.grant(m.Addr(owner), owner, 400_000))
		m.o.grant(owner, 400_000, m.o.now+30*day)
	}
	return m
}

func (m *model) place(t *rapid.T) lanePlace {
	return lanePlace{rapid.SampledFrom(m.owners).Draw(t, "owner"), rapid.SampledFrom(m.nodes).Draw(t, "node")}
}

// same holds a message's error to be the oracle's.
func same(t *rapid.T, want, got error) {
	if want == nil {
		require.NoError(t, got)
		return
	}
	require.ErrorIs(t, got, want)
}

func (m *model) Deposit(t *rapid.T) {
	owner := rapid.SampledFrom(m.owners).Draw(t, "owner")
	amount := rapid.Int64Range(types.DefaultMinDeposit-2, 3*types.DefaultMinDeposit).Draw(t, "amount")
	_, err := m.send(&types.MsgDeposit{Owner: m.Addr(owner).String(), Amount: token.Coin(amount)})
	same(t, m.o.deposit(owner, amount), err)
}

func (m *model) Withdraw(t *rapid.T) {
	owner := rapid.SampledFrom(m.owners).Draw(t, "owner")
	e := m.o.escrow(owner)
	amount := max(1, e.balance-e.reserved+rapid.OneOf(rapid.Int64Range(-1, 1), rapid.Int64Range(-200_000, 0)).Draw(t, "beside free"))
	_, err := m.send(&types.MsgWithdraw{Owner: m.Addr(owner).String(), Amount: token.Coin(amount)})
	same(t, m.o.withdraw(owner, amount), err)
}

func (m *model) Grant(t *rapid.T) {
	owner := rapid.SampledFrom(m.owners).Draw(t, "owner")
	msg := m.grant(m.Addr(owner), owner, rapid.Int64Range(1, 400_000).Draw(t, "limit"))
	msg.Expires = m.o.now + rapid.SampledFrom([]int64{hour, day, 30 * day}).Draw(t, "life")
	m.must(msg)
	m.o.grant(owner, msg.Limit.Amount.Int64(), msg.Expires)
}

func (m *model) Revoke(t *rapid.T) {
	owner := rapid.SampledFrom(m.owners).Draw(t, "owner")
	_, err := m.send(&types.MsgRevokeSessionKey{Owner: m.Addr(owner).String(), Pubkey: pub(keyOf(owner))})
	same(t, m.o.revoke(owner), err)
}

func (m *model) Open(t *rapid.T) {
	at := m.place(t)
	generation := m.o.last[at] + rapid.SampledFrom([]uint64{1, 1, 1, 1, 1, 0, 2}).Draw(t, "generation")
	limit := rapid.OneOf(rapid.Uint64Range(types.DefaultMinLaneCap-1, types.DefaultMinLaneCap+1), rapid.Uint64Range(10_000, 200_000)).Draw(t, "cap")
	life := rapid.SampledFrom([]int64{types.DefaultMinLaneSeconds - 1, types.DefaultMinLaneSeconds, 2 * hour, 2 * hour, day, day + 1}).Draw(t, "life")
	intent := m.intent(at.owner, m.Addr(at.provider), max(generation, 1), limit)
	intent.Expires = m.o.now + life
	intent = signIntent(intent, keyOf(at.owner))
	got := m.open(m.agent(at.provider), intent)
	want := m.o.open(at, intent.Generation, int64(limit), intent.Expires)
	requireItem(t, want, got)
	if want == nil {
		m.ends[modelLane{at, intent.Generation}] = intent.Expires
	}
}

func (m *model) Settle(t *rapid.T) {
	at := m.place(t)
	lane := modelLane{at, max(1, m.o.last[at]-rapid.SampledFrom([]uint64{0, 0, 0, 0, 1}).Draw(t, "back"))}
	if lane.generation > m.o.last[at] {
		lane.generation = max(1, m.o.last[at])
	}
	number := rapid.Uint64Range(1, 3).Draw(t, "session")
	perTick := int64(number) * 37
	s := types.Session{
		ChainId: m.Ctx.ChainID(), EscrowOwner: m.Addr(at.owner).String(), Denom: denom, Provider: m.Addr(at.provider).String(),
		Generation: lane.generation, Session: number, Work: m.work, PricePerTick: uint64(perTick), TickSeconds: 1, MaxTicks: 2000,
		Root: make([]byte, 32), Expires: max(1, m.ends[lane]), Pubkey: pub(keyOf(at.owner)),
	}
	v, err := s.Voucher()
	require.NoError(t, err)
	id := modelSession{lane, number, s.Expires}
	if m.words[id] == nil {
		m.words[id] = voucher.NewChain(&v, sha256.Sum256([]byte(at.owner)))
	}
	root := m.words[id].Word(0)
	v.Root, s.Root = root, root[:]
	s.Signature = v.Sign(keyOf(at.owner))
	n := m.ticks(t, at, number)
	c := claim(s, m.words[id], n)
	genuine := rapid.IntRange(0, 9).Draw(t, "forged") > 0
	if !genuine {
		c.Word = claim(s, m.words[id], n-1).Word
	}
	got := m.settle(m.agent(at.provider), c)[0]
	paid, want := m.o.settle(at, lane.generation, number, n, perTick, s.Expires, genuine)
	requireItem(t, want, types.ItemResult{Codespace: got.Codespace, Code: got.Code, Text: got.Text})
	require.EqualValues(t, paid, got.Paid)
}

// ticks draws an n around what is settled, and around what the lane has left.
func (m *model) ticks(t *rapid.T, at lanePlace, number uint64) uint32 {
	settled, left := int64(0), int64(0)
	if lane := m.o.lanes[at]; lane != nil {
		settled, left = int64(lane.sessions[number]), (lane.limit-lane.spent)/(int64(number)*37)
	}
	n := settled + rapid.OneOf(rapid.Int64Range(-2, 2), rapid.Int64Range(1, 300), rapid.Int64Range(left-1, left+1)).Draw(t, "ticks")
	return uint32(min(max(n, 1), 2000))
}

func (m *model) Close(t *rapid.T) {
	at := m.place(t)
	generation := max(1, m.o.last[at]+rapid.SampledFrom([]uint64{0, 0, 0, 1}).Draw(t, "generation"))
	res, err := m.send(&types.MsgCloseLane{
		Agent: m.agent(at.provider).String(), Owner: m.Addr(at.owner).String(), Denom: denom, Generation: generation,
	})
	returned, closes, want := m.o.close(at, generation)
	same(t, want, err)
	if want == nil {
		require.Equal(t, &types.MsgCloseLaneResponse{Returned: uint64(returned), ClosesAt: closes}, res)
	}
}

// Donate sends coins to custody: nothing here may take notice.
func (m *model) Donate(*rapid.T) {
	from := m.Funded("donor", 1)
	require.NoError(m.T, m.Bank.SendCoins(m.Ctx, from, m.custody(), sdk.NewCoins(token.Coin(1))))
}

// Wait lets blocks pass; often to the edge of a lane's end.
func (m *model) Wait(t *rapid.T) {
	seconds := rapid.SampledFrom([]int64{1, 60, hour, 5 * hour}).Draw(t, "seconds")
	for _, owner := range m.owners {
		for _, node := range m.nodes {
			lane := m.o.lanes[lanePlace{owner, node}]
			for _, closing := range m.o.closing[lanePlace{owner, node}] {
				if lane == nil || closing.closes < lane.closes {
					lane = closing
				}
			}
			if lane != nil && lane.closes > m.o.now && rapid.IntRange(0, 3).Draw(t, "edge") == 0 {
				seconds = max(1, lane.closes-m.o.now+rapid.Int64Range(-1, 1).Draw(t, "beside"))
			}
		}
	}
	for seconds > 0 {
		step := min(seconds, 60)
		m.o.endBlock()
		m.next(time.Duration(step) * time.Second)
		m.o.now += step
		seconds -= step
	}
}

// Check compares all that both know, and conservation: what was deposited is in escrow,
// withdrawn, went for fees, or was paid for the work.
func (m *model) Check(t *rapid.T) {
	require.Equal(t, m.o.now, m.now())
	held := int64(0)
	for _, owner := range m.owners {
		balance, reserved := m.escrow(m.Addr(owner))
		require.Equal(t, *m.o.escrow(owner), oracleEscrow{balance, reserved}, owner)
		held += balance
		key, err := m.k.SessionKeyOwner(m.Ctx, m.Addr(owner).String(), pub(keyOf(owner)))
		want := m.o.keys[owner]
		require.Equal(t, want != nil, err == nil)
		if want != nil {
			require.Equal(t, want.used(m.o.now), key.Used(m.o.now).Int64())
		}
		for _, node := range m.nodes {
			m.checkLane(t, lanePlace{owner, node})
		}
	}
	fees := m.o.fees["node"] + m.o.fees["other"]
	require.Equal(t, m.o.deposited, held+m.o.withdrawn+fees+m.o.paid)
	earned := int64(0)
	rev, err := m.revenue.ExportGenesis(m.Ctx)
	require.NoError(t, err)
	for _, total := range rev.Totals {
		if total.Subject == m.work {
			earned = total.Gross.Int64()
		}
	}
	require.Equal(t, m.o.paid, earned)
	m.check()
}

func (m *model) checkLane(t *rapid.T, at lanePlace) {
	next, err := m.q.NextGeneration(m.Ctx, &types.QueryNextGenerationRequest{Owner: m.Addr(at.owner).String(), Provider: m.Addr(at.provider).String()})
	require.NoError(t, err)
	require.Equal(t, m.o.last[at]+1, next.Generation)
	res, err := m.q.Lane(m.Ctx, &types.QueryLaneRequest{Owner: m.Addr(at.owner).String(), Denom: denom, Provider: m.Addr(at.provider).String()})
	for generation, lane := range m.o.closing[at] {
		res, err := m.q.Lane(m.Ctx, &types.QueryLaneRequest{
			Owner: m.Addr(at.owner).String(), Denom: denom, Provider: m.Addr(at.provider).String(), Generation: generation,
		})
		require.NoError(t, err)
		require.Equal(t, []int64{lane.limit, lane.spent, lane.closes}, []int64{int64(res.Lane.Cap), int64(res.Lane.Spent), res.Lane.ClosesAt})
	}
	want := m.o.lanes[at]
	require.Equal(t, want != nil, err == nil)
	if want == nil {
		return
	}
	require.Equal(t, []int64{want.limit, want.spent, want.closes}, []int64{int64(res.Lane.Cap), int64(res.Lane.Spent), res.Lane.ClosesAt})
	require.LessOrEqual(t, want.spent, want.limit)
}

// checkWallets compares accounts once nothing is on its way.
func (m *model) checkWallets(t *rapid.T) {
	m.Wait(t)
	out := int64(0)
	for _, owner := range m.owners {
		out += wallet - m.Balance(m.Addr(owner))
	}
	require.Equal(t, m.o.deposited-m.o.withdrawn, out)
	for _, node := range m.nodes {
		require.Equal(t, m.o.fees[node], m.Balance(m.agent(node)))
	}
	claimable := int64(0)
	rev, err := m.revenue.ExportGenesis(m.Ctx)
	require.NoError(t, err)
	for _, c := range rev.Claimables {
		if _, err := types.ParseAddress(c.Recipient); err != nil {
			claimable += c.Coin.Amount.Int64()
		}
	}
	require.GreaterOrEqual(t, claimable*10_000, m.o.paid*revenuetypes.FloorBps, "the creator's 90 %")
}

// Any run of messages ends as the oracle says.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t)
		rt.Repeat(map[string]func(*rapid.T){
			"deposit": m.Deposit, "withdraw": m.Withdraw, "grant": m.Grant, "revoke": m.Revoke, "open": m.Open, "open again": m.Open,
			"settle": m.Settle, "settle again": m.Settle, "settle more": m.Settle, "close": m.Close, "donate": m.Donate, "wait": m.Wait,
			"": m.Check,
		})
		m.checkWallets(rt)
	})
}
