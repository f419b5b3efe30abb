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

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/token"
	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/keeper"
	"github.com/streamchain/streamchain/x/storage/types"
)

const (
	// stream is one STREAM in ustream.
	stream = 1_000_000
	// gib is the size of the fixture's works: at a price of a ustream a second, sums are easy to read.
	gib = types.GiB
	// perSecond is a price in ustream for a GiB-day that comes to one ustream a second.
	perSecond = types.DaySeconds
)

// fixture is the module on a real bank and the real x/content, with its invariants checked at
// the test's end.
type fixture struct {
	*keepertest.Env
	content *contentkeeper.Keeper
	publish contenttypes.MsgServer
	k       *keeper.Keeper
	msg     types.MsgServer
	q       types.QueryServer
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := bareFixture(t)
	require.NoError(t, f.k.InitGenesis(f.Ctx, *types.DefaultGenesis()))
	t.Cleanup(func() { require.NoError(t, f.k.CheckInvariants(f.Ctx)) })
	return f
}

func bareFixture(t testing.TB) *fixture {
	t.Helper()
	e := keepertest.New(t)
	types.RegisterInterfaces(e.Registry)
	content := contentkeeper.NewKeeper(contentkeeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(contenttypes.StoreKey), Account: e.Account, Bank: e.Bank, Clock: e.Clock, Authority: e.Authority,
	})
	require.NoError(t, content.InitGenesis(e.Ctx, *contenttypes.DefaultGenesis()))
	k := keeper.NewKeeper(e.Cdc, e.StoreService(types.StoreKey), e.Authority, e.Bank, e.Clock, content)
	content.SetHooks(contenttypes.MultiContentHooks{k.Hooks()})
	return &fixture{
		Env: e, content: content, publish: contentkeeper.NewMsgServer(content),
		k: k, msg: keeper.NewMsgServer(k), q: keeper.NewQueryServer(k),
	}
}

// send runs one message as baseapp does: its writes and events count only where it succeeds.
func (f *fixture) send(msg sdk.Msg) error {
	cache, write := f.Ctx.CacheContext()
	err := f.handle(cache, msg)
	if err == nil {
		write()
	}
	return err
}

// must sends msg, which must succeed.
func (f *fixture) must(msg sdk.Msg) {
	f.T.Helper()
	require.NoError(f.T, f.send(msg))
}

func (f *fixture) handle(ctx context.Context, msg sdk.Msg) (err error) {
	switch m := msg.(type) {
	case *types.MsgRegisterProvider:
		_, err = f.msg.RegisterProvider(ctx, m)
	case *types.MsgUpdateProvider:
		_, err = f.msg.UpdateProvider(ctx, m)
	case *types.MsgAddBond:
		_, err = f.msg.AddBond(ctx, m)
	case *types.MsgLeave:
		_, err = f.msg.Leave(ctx, m)
	case *types.MsgWithdrawBond:
		_, err = f.msg.WithdrawBond(ctx, m)
	case *types.MsgRequestDeals:
		_, err = f.msg.RequestDeals(ctx, m)
	case *types.MsgFundWork:
		_, err = f.msg.FundWork(ctx, m)
	case *types.MsgFundServing:
		_, err = f.msg.FundServing(ctx, m)
	case *types.MsgAcceptDeal:
		_, err = f.msg.AcceptDeal(ctx, m)
	case *types.MsgEndDeal:
		_, err = f.msg.EndDeal(ctx, m)
	case *types.MsgClaimStorage:
		_, err = f.msg.ClaimStorage(ctx, m)
	case *types.MsgSetBeacon:
		_, err = f.msg.SetBeacon(ctx, m)
	case *types.MsgProve:
		_, err = f.msg.Prove(ctx, m)
	case *types.MsgReportLoss:
		_, err = f.msg.ReportLoss(ctx, m)
	case *types.MsgRefuseWork:
		_, err = f.msg.RefuseWork(ctx, m)
	case *types.MsgRepairWork:
		_, err = f.msg.RepairWork(ctx, m)
	case *types.MsgOfferKeys:
		_, err = f.msg.OfferKeys(ctx, m)
	case *types.MsgDrawKeySet:
		_, err = f.msg.DrawKeySet(ctx, m)
	case *types.MsgDealKeys:
		_, err = f.msg.DealKeys(ctx, m)
	case *types.MsgReshare:
		_, err = f.msg.Reshare(ctx, m)
	case *types.MsgAcceptShare:
		_, err = f.msg.AcceptShare(ctx, m)
	case *types.MsgUpdateParams:
		_, err = f.msg.UpdateParams(ctx, m)
	default:
		err = fmt.Errorf("unknown message %T", msg)
	}
	return err
}

// next ends the block and moves live time by d.
func (f *fixture) next(d time.Duration) {
	f.T.Helper()
	f.NextBlock(d, func(ctx sdk.Context) error { return f.k.EndBlock(ctx) })
}

// jump moves live time by d without the blocks between; a clock step is at most a minute.
func (f *fixture) jump(d time.Duration) {
	f.T.Helper()
	for ; d > 0; d -= time.Minute {
		f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(min(d, time.Minute)))
		require.NoError(f.T, f.Clock.BeginBlock(f.Ctx))
	}
}

func (f *fixture) now() int64 {
	f.T.Helper()
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(f.T, err)
	return now
}

// creator registers a funded account called name.
func (f *fixture) creator(name string) sdk.AccAddress {
	f.T.Helper()
	addr := f.Funded(name, 1_000_000*stream)
	_, err := f.publish.RegisterCreator(f.Ctx, &contenttypes.MsgRegisterCreator{Controller: addr.String()})
	require.NoError(f.T, err)
	return addr
}

// work publishes a work of size bytes called name, or a new version of previous.
func (f *fixture) work(controller sdk.AccAddress, name string, size uint64, previous string) string {
	f.T.Helper()
	piece := sha256.Sum256([]byte(name))
	return f.publishPiece(controller, name, piece, size, previous)
}

// publishPiece publishes a work whose bytes have this root and size.
func (f *fixture) publishPiece(controller sdk.AccAddress, name string, piece [32]byte, size uint64, previous string) string {
	f.T.Helper()
	res, err := f.publish.Publish(f.Ctx, &contenttypes.MsgPublish{
		Controller: controller.String(), Creator: contenttypes.NewCreatorID(controller).String(), Kind: "video", Title: name,
		DurationSeconds: 30, Media: cid.NewCidV1(cid.DagProtobuf, hash(name)).String(), PieceRoot: piece[:], PieceSize: size,
		Licence: "CC-BY-4.0", Previous: previous,
	})
	require.NoError(f.T, err)
	return res.Cid
}

// nowhere is the id of a work that nobody published.
func nowhere(name string) string { return cid.NewCidV1(cid.DagCBOR, hash(name)).String() }

func hash(name string) mh.Multihash {
	sum, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
	if err != nil {
		panic(err)
	}
	return sum
}

// registerMsg is a valid message of a provider called name, with an agent of its own.
func (f *fixture) registerMsg(name string) *types.MsgRegisterProvider {
	return &types.MsgRegisterProvider{
		Operator: f.Funded(name, 2000*stream).String(), Agent: f.agent(name).String(),
		Endpoints: []string{"https://node." + name + ".com"}, Region: "eu-west", CapacityBytes: 10 * gib,
		PricePerGibDay: math.NewInt(perSecond), Bond: math.NewInt(1010 * stream),
	}
}

func (f *fixture) agent(name string) sdk.AccAddress { return f.Addr(name + "-agent") }

// provider registers a provider called name and returns its operator.
func (f *fixture) provider(name string) sdk.AccAddress {
	f.T.Helper()
	f.must(f.registerMsg(name))
	return f.Addr(name)
}

// ask requests deals of providers by their names, with a prepayment in ustream.
func (f *fixture) ask(funder sdk.AccAddress, work string, prepayment int64, names ...string) {
	f.T.Helper()
	f.must(f.askMsg(funder, work, prepayment, names...))
}

func (f *fixture) askMsg(funder sdk.AccAddress, work string, prepayment int64, names ...string) *types.MsgRequestDeals {
	msg := &types.MsgRequestDeals{Funder: funder.String(), Work: work, Prepayment: token.Coin(prepayment), MaxPricePerGibDay: math.OneInt()}
	for _, n := range names {
		// what the dearest of them asks
		if p, err := f.k.GetProvider(f.Ctx, f.Addr(n).String()); err == nil {
			msg.MaxPricePerGibDay = math.MaxInt(msg.MaxPricePerGibDay, p.PricePerGibDay)
		}
		msg.Providers = append(msg.Providers, f.Addr(n).String())
	}
	return msg
}

// acceptMsg is a valid acceptance by the agent of the provider called name.
func (f *fixture) acceptMsg(name, work string) *types.MsgAcceptDeal {
	f.T.Helper()
	w, err := f.content.GetWork(f.Ctx, work)
	require.NoError(f.T, err)
	return &types.MsgAcceptDeal{Agent: f.agent(name).String(), Work: work, PieceRoot: w.PieceRoot, PieceSize: w.PieceSize}
}

func (f *fixture) accept(name, work string) {
	f.T.Helper()
	f.must(f.acceptMsg(name, work))
}

// repairMsg is a valid message by which the provider called name takes the copy that had had.
func (f *fixture) repairMsg(name, work, had string) *types.MsgRepairWork {
	f.T.Helper()
	w, err := f.content.GetWork(f.Ctx, work)
	require.NoError(f.T, err)
	return &types.MsgRepairWork{Agent: f.agent(name).String(), Work: work, Operator: had, PieceRoot: w.PieceRoot, PieceSize: w.PieceSize}
}

func (f *fixture) claimMsg(name string, works ...string) *types.MsgClaimStorage {
	return &types.MsgClaimStorage{Operator: f.Addr(name).String(), Works: works}
}

func (f *fixture) row(name string) types.Provider {
	f.T.Helper()
	p, err := f.k.GetProvider(f.Ctx, f.Addr(name).String())
	require.NoError(f.T, err)
	return p
}

func (f *fixture) escrow(work string) *types.QueryWorkEscrowResponse {
	f.T.Helper()
	res, err := f.q.WorkEscrow(f.Ctx, &types.QueryWorkEscrowRequest{Root: work})
	require.NoError(f.T, err)
	return res
}

// setParams changes parameters in the way of the module's authority.
func (f *fixture) setParams(change func(*types.Params)) {
	f.T.Helper()
	params, err := f.k.Params(f.Ctx)
	require.NoError(f.T, err)
	change(&params)
	f.must(&types.MsgUpdateParams{Authority: f.Authority, Params: params})
}

// state is all that a message could change: the module's state and every account's coins.
func (f *fixture) state() string {
	f.T.Helper()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return string(f.Cdc.MustMarshalJSON(gs)) + fmt.Sprint(f.Bank.GetAccountsBalances(f.Ctx))
}

// rejection is a message that must fail with err and change nothing.
type rejection struct {
	name string
	msg  sdk.Msg
	err  error
}

func (f *fixture) reject(cases []rejection) {
	f.T.Helper()
	before := f.state()
	for _, c := range cases {
		require.ErrorIs(f.T, f.send(c.msg), c.err, c.name)
		require.Equal(f.T, before, f.state(), c.name)
	}
}

// events are the names of the module's events since the block began.
func (f *fixture) events() []string {
	var names []string
	for _, e := range f.Ctx.EventManager().Events() {
		const prefix = "streamchain.storage.v1."
		if len(e.Type) > len(prefix) && e.Type[:len(prefix)] == prefix {
			names = append(names, e.Type[len(prefix):])
		}
	}
	return names
}
