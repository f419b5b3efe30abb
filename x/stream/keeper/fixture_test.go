package keeper_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuekeeper "github.com/streamchain/streamchain/x/revenue/keeper"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/stream/keeper"
	"github.com/streamchain/streamchain/x/stream/types"
)

const (
	// stream is one STREAM in ustream.
	stream = 1_000_000
	denom  = token.BaseDenom
	price  = 100
	// hour and day are live time in seconds.
	hour = 3600
	day  = 24 * hour
)

// fixture is the module above the real x/content and x/revenue, with the invariants of all
// three checked at the test's end. Only x/storage is a fake: it knows who acts for whom.
type fixture struct {
	*keepertest.Env
	k       *keeper.Keeper
	msg     types.MsgServer
	q       types.QueryServer
	content *contentkeeper.Keeper
	publish contenttypes.MsgServer
	revenue *revenuekeeper.Keeper
	storage *fakeStorage
	staking *fakeStaking
	// restricted are works that a ruling restricts
	restricted map[string]bool

	creator sdk.AccAddress
	work    string // root cid of the creator's work
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := bareFixture(t)
	require.NoError(t, f.k.InitGenesis(f.Ctx, *types.DefaultGenesis()))
	t.Cleanup(f.check)
	f.register()
	return f
}

// register makes a creator and publishes its work.
func (f *fixture) register() {
	f.T.Helper()
	f.creator = f.Funded("creator", 100*stream)
	_, err := f.publish.RegisterCreator(f.Ctx, &contenttypes.MsgRegisterCreator{Controller: f.creator.String()})
	require.NoError(f.T, err)
	f.work = f.publishWork("film", "")
}

// custody is the account that holds the coins of all escrows.
func (f *fixture) custody() sdk.AccAddress {
	return authtypes.NewModuleAddress(revenuetypes.ModuleName)
}

func bareFixture(t testing.TB) *fixture {
	t.Helper()
	e := keepertest.New(t)
	types.RegisterInterfaces(e.Registry)
	f := &fixture{Env: e, storage: &fakeStorage{operators: map[string]string{}}, restricted: map[string]bool{}}
	f.staking = &fakeStaking{delegations: map[string][]fakeDelegation{}}
	f.content = contentkeeper.NewKeeper(contentkeeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(contenttypes.StoreKey), Account: e.Account, Bank: e.Bank, Clock: e.Clock, Authority: e.Authority,
	})
	require.NoError(t, f.content.InitGenesis(e.Ctx, *contenttypes.DefaultGenesis()))
	f.revenue = revenuekeeper.NewKeeper(revenuekeeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(revenuetypes.StoreKey), Objects: e.ObjectKey(revenuetypes.ObjectStoreKey),
		Account: e.Account, Bank: e.Bank, Clock: e.Clock, Content: f.content, Storage: f.storage, Authority: e.Authority,
		StakersModule: authtypes.FeeCollectorName, TreasuryModule: "governance", StorageModule: "storage",
	})
	require.NoError(t, f.revenue.InitGenesis(e.Ctx, *revenuetypes.DefaultGenesis()))
	f.k = keeper.NewKeeper(keeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(types.StoreKey), Clock: e.Clock, Content: ruledContent{f.content, f.restricted}, Storage: f.storage,
		Revenue: f.revenue, Staking: f.staking, Bank: e.Bank, Authority: e.Authority,
	})
	f.publish = contentkeeper.NewMsgServer(f.content)
	f.msg, f.q = keeper.NewMsgServer(f.k), keeper.NewQueryServer(f.k)
	return f
}

// check holds the invariants of the module and of those below it: custody covers the escrows.
func (f *fixture) check() {
	f.T.Helper()
	require.NoError(f.T, f.k.CheckInvariants(f.Ctx))
	escrows, err := f.k.EscrowTotal(f.Ctx)
	require.NoError(f.T, err)
	require.NoError(f.T, f.revenue.CheckInvariants(f.Ctx, escrows))
	require.NoError(f.T, f.content.CheckInvariants(f.Ctx))
}

// ruledContent is the real x/content under rulings, which no message of this chain makes yet.
type ruledContent struct {
	*contentkeeper.Keeper
	restricted map[string]bool
}

func (c ruledContent) RootWork(ctx context.Context, id string) (contenttypes.Work, error) {
	work, err := c.Keeper.RootWork(ctx, id)
	if c.restricted[work.Cid] {
		work.Status = contenttypes.WORK_STATUS_RESTRICTED
	}
	return work, err
}

// fakeStorage knows who acts for which provider.
type fakeStorage struct {
	operators map[string]string
	matched   []fakeMatch // by root
}

type fakeMatch struct {
	root      string
	allowance int64
}

func (s *fakeStorage) OperatorOf(_ context.Context, agent sdk.AccAddress) (string, error) {
	if operator, ok := s.operators[agent.String()]; ok {
		return operator, nil
	}
	return "", errors.New("no such provider")
}

func (s *fakeStorage) EndowCounted(context.Context, string, math.Int, math.Int) error { return nil }

func (s *fakeStorage) HasKeySet(context.Context, string) (bool, error) { return false, nil }

func (s *fakeStorage) PayHolders(context.Context, string, math.Int) (bool, error) { return false, nil }

// Matchable lists the works of matched, in order, a few at a time.
func (s *fakeStorage) Matchable(_ context.Context, after string, limit int) (roots []string, last string, err error) {
	seen := 0
	for _, m := range s.matched {
		if m.root <= after {
			continue
		}
		if seen == limit {
			return roots, last, nil
		}
		seen, last = seen+1, m.root
		if m.allowance > 0 {
			roots = append(roots, m.root)
		}
	}
	return roots, "", nil
}

func (s *fakeStorage) MatchEmission(_ context.Context, root string, want math.Int) (math.Int, error) {
	for i, m := range s.matched {
		if m.root == root {
			granted := min(m.allowance, want.Int64())
			s.matched[i].allowance -= granted
			return math.NewInt(granted), nil
		}
	}
	return math.ZeroInt(), nil
}

func (s *fakeStorage) FundPool(context.Context, math.Int) error { return nil }

func (s *fakeStorage) RecordLeft(context.Context, string, math.Int) error { return nil }

// publishWork publishes a work of the creator, or a new version of previous.
func (f *fixture) publishWork(name, previous string) string {
	f.T.Helper()
	hash, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
	require.NoError(f.T, err)
	piece := sha256.Sum256([]byte(name))
	res, err := f.publish.Publish(f.Ctx, &contenttypes.MsgPublish{
		Controller: f.creator.String(), Creator: contenttypes.NewCreatorID(f.creator).String(), Kind: "video", Title: name,
		DurationSeconds: 30, Media: cid.NewCidV1(cid.DagProtobuf, hash).String(), PieceRoot: piece[:], PieceSize: 4096,
		Licence: "CC-BY-4.0", Previous: previous,
	})
	require.NoError(f.T, err)
	return res.Cid
}

// provider makes name a storage provider with an agent and returns the operator.
func (f *fixture) provider(name string) sdk.AccAddress {
	operator := f.Addr(name)
	f.storage.operators[operator.String()] = operator.String()
	f.storage.operators[f.agent(name).String()] = operator.String()
	return operator
}

// agent is the account that acts for the provider called name.
func (f *fixture) agent(name string) sdk.AccAddress { return f.Addr(name + "/agent") }

func (f *fixture) now() int64 {
	f.T.Helper()
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(f.T, err)
	return now
}

// next ends the block and begins the one d later.
func (f *fixture) next(d time.Duration) {
	f.T.Helper()
	f.NextBlock(d, func(ctx sdk.Context) error { return f.revenue.EndBlock(ctx) }, func(ctx sdk.Context) error { return f.k.EndBlock(ctx) })
}

// at moves live time to unix seconds.
func (f *fixture) at(unix int64) {
	f.T.Helper()
	f.next(time.Duration(unix-f.now()) * time.Second)
	require.Equal(f.T, unix, f.now())
}

// close closes a lane and returns the last moment at which it can be settled.
func (f *fixture) close(agent, owner sdk.AccAddress, generation uint64) int64 {
	f.T.Helper()
	res := f.must(&types.MsgCloseLane{Agent: agent.String(), Owner: owner.String(), Denom: denom, Generation: generation})
	return res.(*types.MsgCloseLaneResponse).ClosesAt
}

// end closes a lane and lets it end.
func (f *fixture) end(agent, owner sdk.AccAddress, generation uint64) {
	f.T.Helper()
	f.at(f.close(agent, owner, generation) + 1)
	f.next(time.Second)
}

// send runs one message as baseapp does: its writes count only where it succeeds.
func (f *fixture) send(msg sdk.Msg) (any, error) {
	f.NextTx()
	cache, write := f.Ctx.CacheContext()
	res, err := f.handle(cache, msg)
	if err == nil {
		write()
	}
	return res, err
}

func (f *fixture) handle(ctx context.Context, msg sdk.Msg) (any, error) {
	switch m := msg.(type) {
	case *types.MsgGrantSessionKey:
		return f.msg.GrantSessionKey(ctx, m)
	case *types.MsgRevokeSessionKey:
		return f.msg.RevokeSessionKey(ctx, m)
	case *types.MsgDeposit:
		return f.msg.Deposit(ctx, m)
	case *types.MsgWithdraw:
		return f.msg.Withdraw(ctx, m)
	case *types.MsgOpenLanes:
		return f.msg.OpenLanes(ctx, m)
	case *types.MsgSettle:
		return f.msg.Settle(ctx, m)
	case *types.MsgCloseLane:
		return f.msg.CloseLane(ctx, m)
	case *types.MsgReportUse:
		return f.msg.ReportUse(ctx, m)
	case *types.MsgTip:
		return f.msg.Tip(ctx, m)
	case *types.MsgUpdateParams:
		return f.msg.UpdateParams(ctx, m)
	}
	return handleFlow(ctx, f.msg, msg)
}

func handleFlow(ctx context.Context, server types.MsgServer, msg sdk.Msg) (any, error) {
	switch m := msg.(type) {
	case *types.MsgCreateFlow:
		return server.CreateFlow(ctx, m)
	case *types.MsgTopUpFlow:
		return server.TopUpFlow(ctx, m)
	case *types.MsgPauseFlow:
		return server.PauseFlow(ctx, m)
	case *types.MsgResumeFlow:
		return server.ResumeFlow(ctx, m)
	case *types.MsgReRateFlow:
		return server.ReRateFlow(ctx, m)
	case *types.MsgCancelFlow:
		return server.CancelFlow(ctx, m)
	case *types.MsgWithdrawFlow:
		return server.WithdrawFlow(ctx, m)
	}
	return nil, fmt.Errorf("unknown message %T", msg)
}

func (f *fixture) must(msg sdk.Msg) any {
	f.T.Helper()
	res, err := f.send(msg)
	require.NoError(f.T, err)
	return res
}

// keyOf is the session key called name.
func keyOf(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("session key/" + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func pub(key ed25519.PrivateKey) []byte { return key.Public().(ed25519.PublicKey) }

// viewer funds name, deposits half of it and grants the key of its name without much limit.
func (f *fixture) viewer(name string, amount int64) sdk.AccAddress {
	f.T.Helper()
	owner := f.Funded(name, amount)
	f.must(&types.MsgDeposit{Owner: owner.String(), Amount: token.Coin(amount / 2)})
	f.must(f.grant(owner, name, amount))
	return owner
}

func (f *fixture) grant(owner sdk.AccAddress, key string, limit int64) *types.MsgGrantSessionKey {
	return &types.MsgGrantSessionKey{
		Owner: owner.String(), Pubkey: pub(keyOf(key)), Limit: token.Coin(limit), Expires: f.now() + 30*day,
		Scope: types.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
	}
}

// intent is a signed intent of the owner called name.
func (f *fixture) intent(name string, provider sdk.AccAddress, generation, limit uint64) types.LaneIntent {
	i := types.LaneIntent{
		ChainId: f.Ctx.ChainID(), EscrowOwner: f.Addr(name).String(), Denom: denom, Provider: provider.String(),
		Generation: generation, Cap: limit, SubmitBy: f.now() + 60, Expires: f.now() + 2*hour, Pubkey: pub(keyOf(name)),
	}
	return signIntent(i, keyOf(name))
}

func signIntent(i types.LaneIntent, key ed25519.PrivateKey) types.LaneIntent {
	if v, err := i.Voucher(); err == nil {
		i.Signature = v.Sign(key)
	}
	return i
}

// open opens one lane and returns its result.
func (f *fixture) open(submitter sdk.AccAddress, intent types.LaneIntent) types.ItemResult {
	f.T.Helper()
	res := f.must(&types.MsgOpenLanes{Submitter: submitter.String(), Intents: []types.LaneIntent{intent}})
	return res.(*types.MsgOpenLanesResponse).Results[0]
}

// lane opens a lane of the viewer called name with provider.
func (f *fixture) lane(name string, provider sdk.AccAddress, generation, limit uint64) types.Lane {
	f.T.Helper()
	require.Equal(f.T, types.ItemResult{}, f.open(provider, f.intent(name, provider, generation, limit)))
	return f.laneOf(f.Addr(name), provider)
}

func (f *fixture) laneOf(owner, provider sdk.AccAddress) types.Lane {
	f.T.Helper()
	res, err := f.q.Lane(f.Ctx, &types.QueryLaneRequest{Owner: owner.String(), Denom: denom, Provider: provider.String()})
	require.NoError(f.T, err)
	return res.Lane
}

// session is a signed session of a lane, with its words.
func (f *fixture) session(name string, lane types.Lane, number uint64, edits ...func(*types.Session)) (types.Session, *voucher.Chain) {
	s := types.Session{
		ChainId: f.Ctx.ChainID(), EscrowOwner: lane.Owner, Denom: lane.Denom, Provider: lane.Provider, Generation: lane.Generation,
		Session: number, Work: f.work, PricePerTick: price, TickSeconds: 1, MaxTicks: 1000, Expires: lane.Expires, Pubkey: pub(keyOf(name)),
		Root: make([]byte, 32),
	}
	for _, edit := range edits {
		edit(&s)
	}
	v, err := s.Voucher()
	require.NoError(f.T, err)
	words := voucher.NewChain(&v, sha256.Sum256([]byte(name)))
	s.Root, s.Signature = v.Root[:], v.Sign(keyOf(name))
	return s, words
}

func claim(s types.Session, words *voucher.Chain, n uint32) types.Settlement {
	w := words.Word(n)
	return types.Settlement{Session: s, N: n, Word: w[:]}
}

// settle settles in one message and returns the results.
func (f *fixture) settle(submitter sdk.AccAddress, settlements ...types.Settlement) []types.ItemResult {
	f.T.Helper()
	res := f.must(&types.MsgSettle{Submitter: submitter.String(), Settlements: settlements})
	return res.(*types.MsgSettleResponse).Results
}

// escrow is an owner's balance and what is reserved of it.
func (f *fixture) escrow(owner sdk.AccAddress) (balance, reserved int64) {
	f.T.Helper()
	res, err := f.q.Escrow(f.Ctx, &types.QueryEscrowRequest{Owner: owner.String(), Denom: denom})
	require.NoError(f.T, err)
	return res.Escrow.Balance.Int64(), res.Escrow.Reserved.Int64()
}

// requireItem holds an item's result to be a refusal with want, or a success where want is nil.
func requireItem(t require.TestingT, want error, got types.ItemResult) {
	if want == nil {
		require.True(t, got.Ok(), "%v", got)
		return
	}
	expected := types.ResultOf(0, want)
	require.Equal(t, expected.Text, got.Text)
	require.Equal(t, expected, got)
}

// state is all that a message could change, but for the module's events.
func (f *fixture) state() string {
	f.T.Helper()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	rev, err := f.revenue.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	owed, err := f.revenue.Liabilities(f.Ctx)
	require.NoError(f.T, err)
	return string(f.Cdc.MustMarshalJSON(gs)) + string(f.Cdc.MustMarshalJSON(rev)) + owed.String() +
		f.revenue.InFlight(f.Ctx).String() + fmt.Sprint(f.Bank.GetAccountsBalances(f.Ctx))
}
