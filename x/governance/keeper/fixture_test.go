package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/governance/keeper"
	"github.com/streamchain/streamchain/x/governance/types"
)

const (
	// lock is the timelock of a payment, and of nothing that other tests enact.
	lock = 24 * time.Hour
	// stored is the store that keepertest mounts for the module.
	stored = types.ModuleName
)

// fixture is the module behind a real router, with the real bank's messages and its own, and
// its invariants checked at the test's end.
type fixture struct {
	*keepertest.Env
	k       *keeper.Keeper
	q       types.QueryServer
	router  *baseapp.MsgServiceRouter
	bank    *bankServer
	staking *stakes
	guild   *guild
	gov     string
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
	authz.RegisterInterfaces(e.Registry)
	govv1.RegisterInterfaces(e.Registry)
	f := &fixture{Env: e, router: baseapp.NewMsgServiceRouter(), gov: authtypes.NewModuleAddress("gov").String(), staking: &stakes{}, guild: &guild{}}
	f.router.SetInterfaceRegistry(e.Registry)
	f.k = keeper.NewKeeper(keeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(stored), Account: e.Account, Clock: e.Clock, Router: f.router, Gov: f.gov,
		Bank: e.Bank, Staking: f.staking, Content: f.guild, Revenue: f.guild, Modules: []sdk.AccAddress{authtypes.NewModuleAddress(types.ModuleName)},
	})
	f.bank = &bankServer{MsgServer: bankkeeper.NewMsgServerImpl(e.Bank), bank: e.Bank}
	f.q = keeper.NewQueryServer(f.k)
	banktypes.RegisterMsgServer(f.router, f.bank)
	types.RegisterMsgServer(f.router, keeper.NewMsgServer(f.k))
	return f
}

// Amounts that make a send misbehave.
const (
	panics   = 666
	burnsGas = 667
	virtual  = 668
)

// bankServer is the bank's, but for sends of the amounts above.
type bankServer struct {
	banktypes.MsgServer
	bank bankkeeper.BaseKeeper
}

func (s *bankServer) Send(ctx context.Context, msg *banktypes.MsgSend) (*banktypes.MsgSendResponse, error) {
	res, err := s.MsgServer.Send(ctx, msg)
	if err != nil {
		return nil, err
	}
	switch msg.Amount.AmountOf(token.BaseDenom).Int64() {
	case panics:
		panic("the bank panics")
	case burnsGas:
		sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(types.ExecutionGas, "test")
	case virtual:
		from, to := sdk.MustAccAddressFromBech32(msg.FromAddress), sdk.MustAccAddressFromBech32(msg.ToAddress)
		return res, s.bank.SendCoinsToVirtual(ctx, from, to, msg.Amount)
	}
	return res, nil
}

// send runs one message through the router as baseapp does: its writes and events count only
// where it succeeds.
func (f *fixture) send(msg sdk.Msg) error {
	f.T.Helper()
	cache, write := f.Ctx.CacheContext()
	res, err := f.router.Handler(msg)(cache, msg)
	if err == nil {
		cache.EventManager().EmitEvents(res.GetEvents())
		write()
	}
	return err
}

// enact puts messages into the timelock and returns the id.
func (f *fixture) enact(msgs ...sdk.Msg) uint64 {
	f.T.Helper()
	msg, err := types.NewMsgEnact(f.gov, msgs...)
	require.NoError(f.T, err)
	res, err := f.router.Handler(msg)(f.Ctx, msg)
	require.NoError(f.T, err)
	f.Ctx.EventManager().EmitEvents(res.GetEvents())
	require.Len(f.T, res.MsgResponses, 1)
	return res.MsgResponses[0].GetCachedValue().(*types.MsgEnactResponse).Id
}

// next goes d on in time. Long waits jump live time, which moves a minute a block at most.
func (f *fixture) next(d time.Duration) {
	f.T.Helper()
	for ; d > time.Minute; d -= time.Minute {
		f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(time.Minute))
		require.NoError(f.T, f.Clock.BeginBlock(f.Ctx))
	}
	f.NextBlock(d)
	require.NoError(f.T, f.k.BeginBlock(f.Ctx))
}

func (f *fixture) status(id uint64) types.EnactmentStatus {
	f.T.Helper()
	e, err := f.k.GetEnactment(f.Ctx, id)
	require.NoError(f.T, err)
	return e.Status
}

// fund gives the treasury coins.
func (f *fixture) fund(amount int64) {
	f.T.Helper()
	f.Funded("donor", amount)
	require.NoError(f.T, f.Bank.SendCoinsFromAccountToModule(f.Ctx, f.Addr("donor"), types.ModuleName, sdk.NewCoins(token.Coin(amount))))
}

// pay is a treasury spend.
func (f *fixture) pay(to string, amount int64) *banktypes.MsgSend {
	return &banktypes.MsgSend{FromAddress: f.k.Authority(), ToAddress: f.Addr(to).String(), Amount: sdk.Coins{{Denom: token.BaseDenom, Amount: math.NewInt(amount)}}}
}

// rows is every row of the module's store.
func (f *fixture) rows() [][2]string {
	it, err := f.StoreService(stored).OpenKVStore(f.Ctx).Iterator(nil, nil)
	require.NoError(f.T, err)
	defer it.Close()
	var out [][2]string
	for ; it.Valid(); it.Next() {
		out = append(out, [2]string{string(it.Key()), string(it.Value())})
	}
	return out
}

// has reports whether an event of that type was emitted in this block.
func (f *fixture) has(event string) bool {
	for _, e := range f.Ctx.EventManager().Events() {
		if e.Type == event {
			return true
		}
	}
	return false
}
