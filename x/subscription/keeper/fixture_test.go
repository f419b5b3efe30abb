package keeper_test

import (
	"context"
	"crypto/sha256"
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
	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuekeeper "github.com/streamchain/streamchain/x/revenue/keeper"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/keeper"
	"github.com/streamchain/streamchain/x/subscription/types"
)

const (
	// stream is one STREAM in ustream.
	stream = 1_000_000
	// day is the shortest period by default.
	day = 24 * time.Hour
	// window is the default refund window.
	window = revenuetypes.DefaultRefundWindowSeconds * time.Second
)

// fixture is the module on the real content, revenue and bank, with the invariants of all
// three checked at the test's end.
type fixture struct {
	*keepertest.Env
	k       *keeper.Keeper
	msg     types.MsgServer
	q       types.QueryServer
	content *restricting
	revenue *revenuekeeper.Keeper
	storage noStorage
	tiers   tiers
	worked  map[string]int // messages that succeeded, by name
}

// tiers are what accounts have delegated, by their text.
type tiers map[string]streamtypes.Tier

func (t tiers) TierOf(_ context.Context, addr sdk.AccAddress) (streamtypes.Tier, error) {
	return t[addr.String()], nil
}

// restricting is the real x/content, in which a ruling can restrict works.
type restricting struct {
	*contentkeeper.Keeper
	restricted map[string]bool
}

func (c *restricting) RootWork(ctx context.Context, cid string) (contenttypes.Work, error) {
	root, err := c.Keeper.RootWork(ctx, cid)
	if c.restricted[root.Cid] {
		root.Status = contenttypes.WORK_STATUS_RESTRICTED
	}
	return root, err
}

// noStorage is x/storage's side of payments, which is not tested here. It knows the works whose keys somebody holds.
type noStorage struct{ keyed map[string]bool }

func (noStorage) EndowCounted(context.Context, string, math.Int, math.Int) error { return nil }
func (s noStorage) HasKeySet(_ context.Context, root string) (bool, error)       { return s.keyed[root], nil }
func (noStorage) PayHolders(context.Context, string, math.Int) (bool, error)     { return true, nil }
func (noStorage) PayServing(_ context.Context, _, _ string, seconds uint64) (math.Int, error) {
	return math.NewIntFromUint64(seconds), nil
}
func (noStorage) FundPool(context.Context, math.Int) error           { return nil }
func (noStorage) RecordLeft(context.Context, string, math.Int) error { return nil }

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := bareFixture(t)
	require.NoError(t, f.k.InitGenesis(f.Ctx, *types.DefaultGenesis()))
	t.Cleanup(f.check)
	return f
}

// bareFixture has no genesis of its own yet.
func bareFixture(t testing.TB) *fixture {
	t.Helper()
	e := keepertest.New(t)
	types.RegisterInterfaces(e.Registry)
	content := contentkeeper.NewKeeper(contentkeeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(contenttypes.StoreKey), Account: e.Account, Bank: e.Bank, Clock: e.Clock, Authority: e.Authority,
	})
	f := &fixture{Env: e, content: &restricting{Keeper: content, restricted: map[string]bool{}}, storage: noStorage{map[string]bool{}}, tiers: tiers{}, worked: map[string]int{}}
	f.revenue = revenuekeeper.NewKeeper(revenuekeeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(revenuetypes.StoreKey), Objects: e.ObjectKey(revenuetypes.ObjectStoreKey),
		Account: e.Account, Bank: e.Bank, Clock: e.Clock, Content: content, Storage: f.storage, Authority: e.Authority,
		StakersModule: authtypes.FeeCollectorName, TreasuryModule: "governance", StorageModule: "storage",
	})
	f.k = keeper.NewKeeper(keeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(types.StoreKey), Clock: e.Clock, Content: f.content, Storage: f.storage, Revenue: f.revenue,
		Stream: f.tiers, Bank: e.Bank, Authority: e.Authority,
	})
	f.revenue.SetHooks(f.k.Hooks())
	content.SetCollectionHooks(f.k.Hooks())
	f.msg, f.q = keeper.NewMsgServer(f.k), keeper.NewQueryServer(f.k)
	require.NoError(t, content.InitGenesis(e.Ctx, *contenttypes.DefaultGenesis()))
	require.NoError(t, f.revenue.InitGenesis(e.Ctx, *revenuetypes.DefaultGenesis()))
	return f
}

// check checks the invariants of every module involved.
func (f *fixture) check() {
	f.T.Helper()
	require.NoError(f.T, f.k.CheckInvariants(f.Ctx))
	require.NoError(f.T, f.content.CheckInvariants(f.Ctx))
	held, err := f.k.HeldTotal(f.Ctx)
	require.NoError(f.T, err)
	require.NoError(f.T, f.revenue.CheckInvariants(f.Ctx, held))
}

// send runs one message as baseapp does: its writes and events count only where it succeeds.
func (f *fixture) send(msg sdk.Msg) error {
	f.NextTx()
	cache, write := f.Ctx.CacheContext()
	err := f.handle(cache, msg)
	if err == nil {
		write()
		f.worked[sdk.MsgTypeURL(msg)]++
	}
	return err
}

func (f *fixture) handle(ctx context.Context, msg sdk.Msg) (err error) {
	switch m := msg.(type) {
	case *types.MsgSetOffers:
		_, err = f.msg.SetOffers(ctx, m)
	case *types.MsgCreatePlan:
		_, err = f.msg.CreatePlan(ctx, m)
	case *types.MsgUpdatePlan:
		_, err = f.msg.UpdatePlan(ctx, m)
	case *types.MsgPurchase:
		_, err = f.msg.Purchase(ctx, m)
	case *types.MsgSubscribe:
		_, err = f.msg.Subscribe(ctx, m)
	case *types.MsgRent:
		_, err = f.msg.Rent(ctx, m)
	case *types.MsgSetRenewal:
		_, err = f.msg.SetRenewal(ctx, m)
	case *types.MsgCancel:
		_, err = f.msg.Cancel(ctx, m)
	case *types.MsgPublishTemplate:
		_, err = f.msg.PublishTemplate(ctx, m)
	case *types.MsgRemoveTemplate:
		_, err = f.msg.RemoveTemplate(ctx, m)
	case *types.MsgPurchaseByTemplate:
		_, err = f.msg.PurchaseByTemplate(ctx, m)
	case *types.MsgRefundByTemplate:
		_, err = f.msg.RefundByTemplate(ctx, m)
	case *types.MsgCreatePass:
		_, err = f.msg.CreatePass(ctx, m)
	case *types.MsgUpdatePass:
		_, err = f.msg.UpdatePass(ctx, m)
	case *types.MsgJoinPass:
		_, err = f.msg.JoinPass(ctx, m)
	case *types.MsgLeavePass:
		_, err = f.msg.LeavePass(ctx, m)
	case *types.MsgSubscribePass:
		_, err = f.msg.SubscribePass(ctx, m)
	case *types.MsgCancelPass:
		_, err = f.msg.CancelPass(ctx, m)
	case *contenttypes.MsgUpdateCollection:
		_, err = contentkeeper.NewMsgServer(f.content.Keeper).UpdateCollection(ctx, m)
	case *types.MsgUpdateParams:
		_, err = f.msg.UpdateParams(ctx, m)
	default:
		err = fmt.Errorf("unknown message %T", msg)
	}
	return err
}

// jump moves live time without ending a block: as many blocks would, each by a minute at most.
func (f *fixture) jump(d time.Duration) {
	f.T.Helper()
	gs, err := f.Clock.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	gs.Clock.LiveNanos += int64(d)
	gs.Clock.BlockNanos += int64(d)
	require.NoError(f.T, f.Clock.InitGenesis(f.Ctx, *gs))
	f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(d))
}

// next goes d on in time, and ends the blocks in the order of the app. Long waits jump live
// time, which moves a minute a block at most.
func (f *fixture) next(d time.Duration) {
	f.T.Helper()
	if d > time.Minute {
		f.jump(d - time.Minute)
		d = time.Minute
	}
	f.NextBlock(d, func(ctx sdk.Context) error { return f.revenue.EndBlock(ctx) }, func(ctx sdk.Context) error { return f.k.EndBlock(ctx) })
}

func (f *fixture) now() int64 {
	f.T.Helper()
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(f.T, err)
	return now
}

// creator registers a funded account called name and returns it with its creator id.
func (f *fixture) creator(name string) (sdk.AccAddress, string) {
	f.T.Helper()
	addr := f.Funded(name, 1000*stream)
	creator, err := f.content.RegisterCreator(f.Ctx, addr, "")
	require.NoError(f.T, err)
	return addr, creator.Id
}

// work publishes a work called name and returns its cid; a new version where previous is set.
func (f *fixture) work(controller sdk.AccAddress, name, previous string) string {
	f.T.Helper()
	piece := sha256.Sum256([]byte(name))
	hash, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
	require.NoError(f.T, err)
	res, err := contentkeeper.NewMsgServer(f.content.Keeper).Publish(f.Ctx, &contenttypes.MsgPublish{
		Controller: controller.String(), Creator: contenttypes.NewCreatorID(controller).String(), Kind: "video", Title: name,
		DurationSeconds: 30, Media: cid.NewCidV1(cid.DagProtobuf, hash).String(), PieceRoot: piece[:], PieceSize: 4096,
		Licence: "CC-BY-4.0", Previous: previous,
	})
	require.NoError(f.T, err)
	return res.Cid
}

func (f *fixture) retire(controller sdk.AccAddress, work string) {
	f.T.Helper()
	_, _, err := f.content.Retire(f.Ctx, controller, work)
	require.NoError(f.T, err)
}

// offer sets a work's offers, which must succeed.
func (f *fixture) offer(controller sdk.AccAddress, work string, offers ...types.Offer) {
	f.T.Helper()
	require.NoError(f.T, f.send(&types.MsgSetOffers{Controller: controller.String(), Work: work, Offers: offers}))
}

// planWith makes a plan of a day for one STREAM of all works, with the terms of msg.
func (f *fixture) planWith(controller sdk.AccAddress, msg *types.MsgCreatePlan) string {
	f.T.Helper()
	msg.Controller, msg.Creator = controller.String(), contenttypes.NewCreatorID(controller).String()
	msg.Title, msg.Price, msg.PeriodSeconds, msg.Coverage = "Plan", token.Coin(stream), int64(day/time.Second), types.COVERAGE_ALL
	f.NextTx()
	res, err := f.msg.CreatePlan(f.Ctx, msg)
	require.NoError(f.T, err)
	return res.Plan
}

// plan makes a plan of a day for price ustream: of all works where none is listed.
func (f *fixture) plan(controller sdk.AccAddress, price int64, works ...string) string {
	f.T.Helper()
	msg := &types.MsgCreatePlan{
		Controller: controller.String(), Creator: contenttypes.NewCreatorID(controller).String(), Title: "Plan",
		Price: token.Coin(price), PeriodSeconds: int64(day / time.Second), Coverage: types.COVERAGE_ALL, Works: works,
	}
	if len(works) > 0 {
		msg.Coverage = types.COVERAGE_LISTED
	}
	f.NextTx()
	res, err := f.msg.CreatePlan(f.Ctx, msg)
	require.NoError(f.T, err)
	return res.Plan
}

// collection makes a series of controller's works and returns its id.
func (f *fixture) collection(controller sdk.AccAddress, works ...string) string {
	f.T.Helper()
	c, err := f.content.CreateCollection(f.Ctx, controller, &contenttypes.MsgCreateCollection{
		Controller: controller.String(), Creator: contenttypes.NewCreatorID(controller).String(), Kind: contenttypes.COLLECTION_KIND_SERIES,
		Title: "Series", Works: works,
	})
	require.NoError(f.T, err)
	return c.Id
}

// rearrange takes works in and out of a collection.
func (f *fixture) rearrange(controller sdk.AccAddress, collection string, add, remove []string) error {
	return f.send(&contenttypes.MsgUpdateCollection{Controller: controller.String(), Collection: collection, Add: add, Remove: remove})
}

func (f *fixture) rent(renter sdk.AccAddress, item string, seconds, most int64) error {
	return f.send(&types.MsgRent{Renter: renter.String(), Work: item, DurationSeconds: seconds, MaxPrice: token.Coin(most)})
}

func (f *fixture) renew(viewer sdk.AccAddress, plan string, most int64, renewals uint32) error {
	return f.send(&types.MsgSubscribe{Subscriber: viewer.String(), Plan: plan, MaxPrice: token.Coin(most), Periods: 1, Renewals: renewals})
}

func (f *fixture) purchase(buyer sdk.AccAddress, work string, most int64) error {
	return f.send(&types.MsgPurchase{Buyer: buyer.String(), Work: work, MaxPrice: token.Coin(most)})
}

func (f *fixture) subscribe(viewer sdk.AccAddress, plan string, most int64, periods uint32) error {
	return f.send(&types.MsgSubscribe{Subscriber: viewer.String(), Plan: plan, MaxPrice: token.Coin(most), Periods: periods})
}

// access is the decision, which must not fail.
func (f *fixture) access(viewer, work string) types.AccessDecision {
	f.T.Helper()
	res, err := f.q.Access(f.Ctx, &types.QueryAccessRequest{Viewer: viewer, Work: work})
	require.NoError(f.T, err)
	return res.Decision
}

// state is all that a message could change: the module's rows and every account's coins.
func (f *fixture) state() string {
	f.T.Helper()
	return fmt.Sprint(f.rows(types.StoreKey), f.rows(revenuetypes.StoreKey), f.Bank.GetAccountsBalances(f.Ctx))
}

// rows is every row of a module's store.
func (f *fixture) rows(store string) [][2]string {
	it, err := f.StoreService(store).OpenKVStore(f.Ctx).Iterator(nil, nil)
	require.NoError(f.T, err)
	defer it.Close()
	var out [][2]string
	for ; it.Valid(); it.Next() {
		out = append(out, [2]string{string(it.Key()), string(it.Value())})
	}
	return out
}

// has reports whether an event of this module was emitted in this block.
func (f *fixture) has(event string) bool {
	for _, e := range f.Ctx.EventManager().Events() {
		if e.Type == "streamchain.subscription.v1."+event {
			return true
		}
	}
	return false
}
