package keeper_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/content/types"
)

// purses are what each person starts with: the last one can hardly pay a deposit.
var purses = []int64{1000 * stream, 1000 * stream, 5 * stream / 2}

// modelReserve is for how many seconds handles are reserved: for some blocks, and not for others.
const modelReserve = 1800

// model drives the module and the oracle by the same random steps.
type model struct {
	*fixture
	o      *oracle
	people []sdk.AccAddress
}

func newModel(t *testing.T) *model {
	m := &model{fixture: bareFixture(t), o: newOracle()}
	gs := types.DefaultGenesis()
	gs.Params.HandleReserveSeconds = modelReserve
	require.NoError(t, m.k.InitGenesis(m.Ctx, *gs))
	for i, amount := range purses {
		m.people = append(m.people, m.Funded(fmt.Sprint("person", i), amount))
		m.o.purse[i] = amount
		m.o.minted += amount
	}
	m.watch()
	return m
}

// watch tells the oracle the time, which is x/clock's to say.
func (m *model) watch() {
	now, err := m.Clock.Now(m.Ctx)
	require.NoError(m.T, err)
	m.o.now, m.o.height = now, m.Ctx.BlockHeight()
}

// expect sends msg, which must meet exactly the error that the oracle said.
func (m *model) expect(t *rapid.T, want error, msg sdk.Msg) {
	err := m.send(msg)
	if want == nil {
		require.NoError(t, err)
		return
	}
	require.ErrorIs(t, err, want)
}

func (m *model) person(t *rapid.T, role string) int {
	return rapid.IntRange(0, len(m.people)-1).Draw(t, role)
}

// other is mostly n, sometimes another.
func (m *model) other(t *rapid.T, n int) int {
	if rapid.IntRange(0, 7).Draw(t, "a stranger") > 0 {
		return n
	}
	return m.person(t, "stranger")
}

func (m *model) creatorID(n int) string { return types.NewCreatorID(m.people[n]).String() }

func handle(t *rapid.T) string {
	return rapid.SampledFrom(append(slices.Sorted(maps.Keys(looks)), "", "")).Draw(t, "handle")
}

func (m *model) Register(t *rapid.T) {
	who, name := m.person(t, "who"), handle(t)
	m.expect(t, m.o.register(who, name), &types.MsgRegisterCreator{Controller: m.people[who].String(), Handle: name})
}

func (m *model) SetHandle(t *rapid.T) {
	who, name := m.person(t, "who"), handle(t)
	signer := m.other(t, who)
	m.expect(t, m.o.setHandle(signer, who, name), &types.MsgSetHandle{
		Controller: m.people[signer].String(), Creator: m.creatorID(who), Handle: name,
	})
}

// draft is a publication of one of few media, so that the same one comes again.
func (m *model) draft(t *rapid.T, previous string) (signer int, name oracleName, msg *types.MsgPublish) {
	name = oracleName{creator: m.person(t, "creator"), media: fmt.Sprint("media", rapid.IntRange(0, 5).Draw(t, "media")), previous: previous}
	if w := m.o.works[previous]; w != nil {
		name.creator = m.other(t, w.name.creator)
	}
	signer = m.other(t, name.creator)
	msg = publishMsg(m.people[name.creator], name.media)
	msg.Controller, msg.Previous = m.people[signer].String(), previous
	return signer, name, msg
}

// hash is the commitment to a draft under its salt.
func (m *model) hash(name oracleName, salt []byte) []byte {
	h := manifest.Commitment(types.NewCreatorID(m.people[name.creator]), mediaCID(name.media), salt)
	return h[:]
}

func (m *model) Commit(t *rapid.T) {
	sender, name, _ := m.draft(t, "")
	hash := m.hash(name, salt)
	m.o.commit(string(hash))
	m.expect(t, nil, &types.MsgCommit{Sender: m.people[sender].String(), Hash: hash})
}

func (m *model) publishDraft(t *rapid.T, previous string) {
	signer, name, msg := m.draft(t, previous)
	msg.Salt = rapid.SampledFrom([][]byte{salt, salt, nil, []byte("another salt of sixteen bytes")}).Draw(t, "salt")
	cid, hash := cidOf(m.T, msg), ""
	if msg.Salt != nil {
		hash = string(m.hash(name, msg.Salt))
	}
	m.expect(t, m.o.publish(signer, name, cid, hash), msg)
}

func (m *model) Publish(t *rapid.T) { m.publishDraft(t, "") }

// Version follows the newest version of some work, or sometimes any version at all.
func (m *model) Version(t *rapid.T) {
	if cid, ok := m.anyWork(t); ok {
		if root := m.o.works[m.o.works[cid].root]; rapid.IntRange(0, 5).Draw(t, "head") > 0 {
			cid = root.head
		}
		m.publishDraft(t, cid)
		return
	}
	m.publishDraft(t, unpublished(m))
}

// unpublished is the id of a work that nobody has.
func unpublished(m *model) string { return cidOf(m.T, publishMsg(m.Addr("nobody"), "nothing")) }

func (m *model) anyWork(t *rapid.T) (string, bool) {
	if len(m.o.works) == 0 {
		return "", false
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.o.works))).Draw(t, "work"), true
}

func (m *model) Retire(t *rapid.T) {
	cid, ok := m.anyWork(t)
	if !ok {
		signer := m.person(t, "signer")
		m.expect(t, m.o.retire(signer, unpublished(m)), &types.MsgRetire{Controller: m.people[signer].String(), Work: unpublished(m)})
		return
	}
	signer := m.other(t, m.o.works[cid].name.creator)
	m.expect(t, m.o.retire(signer, cid), &types.MsgRetire{Controller: m.people[signer].String(), Work: cid})
}

// Donate sends the module account coins that nobody is owed.
func (m *model) Donate(t *rapid.T) {
	who, amount := m.person(t, "who"), rapid.Int64Range(1, stream/10).Draw(t, "amount")
	if m.o.purse[who] < amount {
		return
	}
	require.NoError(t, m.Bank.SendCoins(m.Ctx, m.people[who], authtypes.NewModuleAddress(types.ModuleName), sdk.NewCoins(token.Coin(amount))))
	m.o.purse[who] -= amount
	m.o.donated += amount
}

// Params changes the deposits; what is held keeps the deposit that it was made with.
func (m *model) Params(t *rapid.T) {
	deposit := func(what string) int64 {
		return rapid.SampledFrom([]int64{types.MinDeposit, stream, 3 * stream}).Draw(t, what)
	}
	m.o.workDeposit, m.o.handleDeposit = deposit("work"), deposit("handle")
	m.o.ttl = rapid.SampledFrom([]int64{types.MinCommitTTLSeconds, 2 * types.MinCommitTTLSeconds}).Draw(t, "ttl")
	m.expect(t, nil, &types.MsgUpdateParams{Authority: m.Authority, Params: types.Params{
		WorkDeposit: math.NewInt(m.o.workDeposit), HandleDeposit: math.NewInt(m.o.handleDeposit), CommitTtlSeconds: m.o.ttl,
		RotationDelaySeconds: types.DefaultRotationDelaySeconds, HandleReserveSeconds: m.o.reserve,
	}})
}

func (m *model) Block(t *rapid.T) {
	minutes := rapid.SampledFrom([]int{0, 0, 1, 20, 60, 121}).Draw(t, "minutes")
	m.NextBlock(time.Duration(minutes)*time.Minute+time.Second, func(ctx sdk.Context) error {
		m.watch()
		m.o.end()
		return m.k.EndBlock(ctx)
	})
	m.watch()
}

// check compares all that can be seen, to the unit.
func (m *model) check(t *rapid.T) {
	require.NoError(t, m.k.CheckInvariants(m.Ctx))
	for i, addr := range m.people {
		require.Equal(t, m.o.purse[i], m.Balance(addr), "person %d", i)
	}
	require.Equal(t, m.o.deposits()+m.o.donated, m.ModuleBalance(types.ModuleName), "the module holds the deposits and its donations, no more")
	sum := m.o.deposits() + m.o.donated
	for _, amount := range m.o.purse {
		sum += amount
	}
	require.Equal(t, m.o.minted, sum, "the oracle loses nothing")
	require.Equal(t, m.o.minted, m.Bank.GetSupply(m.Ctx, token.BaseDenom).Amount.Int64())
	gs, err := m.k.ExportGenesis(m.Ctx)
	require.NoError(t, err)
	m.checkCreators(t, gs)
	m.checkWorks(t, gs)
	commits := map[string]oracleCommit{}
	for _, c := range gs.Commits {
		commits[string(c.Hash)] = oracleCommit{c.CommittedAt, c.Height, c.ExpiresAt}
	}
	require.Equal(t, m.o.commits, commits)
	reserved := map[int]oracleReservation{}
	for _, r := range gs.Reservations {
		who := slices.IndexFunc(m.people, func(a sdk.AccAddress) bool { return types.NewCreatorID(a).String() == r.Creator })
		reserved[looks[r.Handle]] = oracleReservation{r.Handle, who, r.Deposit.Int64(), r.Until}
	}
	require.Equal(t, m.o.reserved, reserved)
}

func (m *model) checkCreators(t *rapid.T, gs *types.GenesisState) {
	require.Len(t, gs.Creators, len(m.o.creators))
	for who, want := range m.o.creators {
		c, err := m.k.CreatorOf(m.Ctx, m.people[who])
		require.NoError(t, err)
		require.Equal(t, types.Creator{
			Id: m.creatorID(who), Controller: m.people[who].String(), Handle: want.handle, RegisteredAt: want.since,
			HandleDeposit: c.HandleDeposit,
		}, c)
		require.Equal(t, want.deposit, c.HandleDeposit.Int64())
	}
	for name := range looks {
		c, err := m.k.CreatorByHandle(m.Ctx, name)
		holder := slices.IndexFunc(gs.Creators, func(c types.Creator) bool { return c.Handle == name })
		if holder < 0 {
			require.ErrorIs(t, err, types.ErrCreatorNotFound, "a look-alike finds nobody")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, gs.Creators[holder].Id, c.Id)
	}
}

func (m *model) checkWorks(t *rapid.T, gs *types.GenesisState) {
	require.Len(t, gs.Works, len(m.o.works))
	for _, got := range gs.Works {
		o := m.o.works[got.Cid]
		require.NotNil(t, o, "a work of nobody")
		want := types.Work{
			Cid: got.Cid, Root: o.root, Previous: o.name.previous, Head: o.head, Version: o.version,
			Creator: m.creatorID(o.name.creator), Media: mediaCID(o.name.media).String(), Status: types.WORK_STATUS_ACTIVE,
			PublishedAt: o.publishedAt, CommittedAt: o.committed,
			Kind: got.Kind, PieceRoot: got.PieceRoot, PieceSize: got.PieceSize, DurationSeconds: got.DurationSeconds, Deposit: got.Deposit,
		}
		if o.retired {
			want.Status = types.WORK_STATUS_RETIRED
		}
		require.Equal(t, want, got)
		require.Equal(t, o.deposit, got.Deposit.Int64(), "deposit")
	}
}

// checkExport imports what was exported, and finds the same rows.
func (m *model) checkExport(t *rapid.T) {
	gs, err := m.k.ExportGenesis(m.Ctx)
	require.NoError(t, err)
	other := bareFixture(m.T)
	other.fund(m.ModuleBalance(types.ModuleName) + 1)
	require.NoError(t, other.k.InitGenesis(other.Ctx, *gs))
	require.Equal(t, rows(m.fixture), rows(other))
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t)
		rt.Repeat(map[string]func(*rapid.T){
			"": m.check, "register": m.Register, "handle": m.SetHandle, "handle again": m.SetHandle, "commit": m.Commit,
			"publish": m.Publish, "publish again": m.Publish, "version": m.Version, "version again": m.Version,
			"retire": m.Retire, "donate": m.Donate, "params": m.Params, "block": m.Block, "block again": m.Block,
		})
		m.checkExport(rt)
	})
}
