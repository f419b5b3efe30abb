package keeper_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vesting "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"

	"github.com/streamchain/streamchain/token"
	streammodule "github.com/streamchain/streamchain/x/stream"
	"github.com/streamchain/streamchain/x/stream/types"
)

// busy is a chain with a row of every kind: keys, a revoked one with a lane, escrows, lanes,
// sessions, generations, a closing lane and an ended one whose rows are not removed yet.
func busy(t testing.TB) *fixture {
	f := newFixture(t)
	alice, node, other := f.viewer("alice", 20*stream), f.provider("node"), f.provider("other")
	bob := f.viewer("bob", 20*stream)
	for _, lane := range []types.Lane{f.lane("alice", node, 1, stream), f.lane("alice", other, 1, stream), f.lane("bob", node, 1, 2*stream)} {
		name := "alice"
		if lane.Owner == bob.String() {
			name = "bob"
		}
		for number := range uint64(3) {
			s, words := f.session(name, lane, number)
			requireItem(t, nil, f.settle(node, claim(s, words, uint32(number)+5))[0])
		}
	}
	f.must(&types.MsgRevokeSessionKey{Owner: bob.String(), Pubkey: pub(keyOf("bob"))})
	// flows, one of them paused, and something minted
	payer := f.Funded("payer", 10*stream)
	f.flow(payer, f.Addr("earner"), 500_000)
	f.must(&types.MsgPauseFlow{Sender: payer.String(), Flow: f.flow(payer, f.Addr("earner"), 300_000)})
	require.NoError(t, f.k.Mint(f.Ctx))
	f.next(time.Minute)
	require.NoError(t, f.k.Mint(f.Ctx))
	f.must(&types.MsgWithdrawFlow{Recipient: f.Addr("earner").String(), Flow: payer.String() + "-1"})
	f.close(other, alice, 1)
	watched, freeWords := f.free("alice", 1)
	requireUse(t, 9, 0, f.use(claim(watched, freeWords, 9))[0])
	// a lane that has paid all ends at once
	spent := f.lane("alice", f.provider("third"), 1, types.DefaultMinLaneCap)
	s, words := f.session("alice", spent, 1)
	requireItem(t, nil, f.settle(node, claim(s, words, types.DefaultMinLaneCap/price))[0])
	require.Zero(t, f.close(f.Addr("third"), alice, 1))
	return f
}

// Export, import, export again: equal, byte for byte; and what was under way goes on.
func TestGenesisRoundTrip(t *testing.T) {
	f := busy(t)
	module := streammodule.NewAppModule(f.k)
	first := module.ExportGenesis(f.Ctx, f.Cdc)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, first))

	g := bareFixture(t)
	g.NextBlock(time.Duration(f.now()-g.now()) * time.Second)
	imported := streammodule.NewAppModule(g.k)
	imported.InitGenesis(g.Ctx, g.Cdc, first)
	require.JSONEq(t, string(first), string(imported.ExportGenesis(g.Ctx, g.Cdc)))
	require.True(t, bytes.Equal(first, imported.ExportGenesis(g.Ctx, g.Cdc)))
	require.NoError(t, g.k.CheckInvariants(g.Ctx))
	total, err := g.k.EscrowTotal(g.Ctx)
	require.NoError(t, err)
	var gs types.GenesisState
	f.Cdc.MustUnmarshalJSON(first, &gs)
	require.Equal(t, gs.EscrowTotal(), total)
	for _, rows := range []int{len(gs.SessionKeys) - 2, len(gs.Escrows) - 2, len(gs.Lanes) - 3, len(gs.Generations) - 4, len(gs.Sessions) - 10, len(gs.Cleanups) - 1, len(gs.Flows) - 2, len(gs.FlowSequences) - 1} {
		require.Zero(t, rows)
	}

	require.True(t, gs.Emission.Minted().IsPositive())

	// the queues came along: the ended lane is swept, the open ones end
	now, err := g.Clock.Now(g.Ctx)
	require.NoError(t, err)
	require.NoError(t, g.k.EndBlock(g.Ctx))
	after, err := g.k.ExportGenesis(g.Ctx)
	require.NoError(t, err)
	if gs.Cleanups[0].Since <= now {
		require.Empty(t, after.Cleanups)
	}
	require.Len(t, after.Lanes, 3)
	require.True(t, after.Lanes[2].Closing())
	for range (4*hour + 60) / 60 {
		g.NextBlock(time.Minute, func(ctx sdk.Context) error { return g.k.EndBlock(ctx) })
	}
	after, err = g.k.ExportGenesis(g.Ctx)
	require.NoError(t, err)
	require.Empty(t, after.Lanes)
	require.NoError(t, g.k.CheckInvariants(g.Ctx))
}

// A genesis that is not consistent is refused before anything is written.
func TestGenesisRefuses(t *testing.T) {
	f := busy(t)
	for name, spoil := range map[string]func(*types.GenesisState){
		"params":            func(gs *types.GenesisState) { gs.Params.OpenFee = math.NewInt(-1) },
		"key twice":         func(gs *types.GenesisState) { gs.SessionKeys = append(gs.SessionKeys, gs.SessionKeys[0]) },
		"key reserved":      func(gs *types.GenesisState) { gs.SessionKeys[0].Reserved = gs.SessionKeys[0].Reserved.AddRaw(1) },
		"key missing":       func(gs *types.GenesisState) { gs.SessionKeys = gs.SessionKeys[1:] },
		"key pubkey":        func(gs *types.GenesisState) { gs.SessionKeys[0].Pubkey = lowOrder },
		"key expiry":        func(gs *types.GenesisState) { gs.SessionKeys[0].Expires = 0 },
		"escrow twice":      func(gs *types.GenesisState) { gs.Escrows = append(gs.Escrows, gs.Escrows[0]) },
		"escrow reserved":   func(gs *types.GenesisState) { gs.Escrows[0].Reserved = gs.Escrows[0].Reserved.SubRaw(1) },
		"escrow below":      func(gs *types.GenesisState) { gs.Escrows[0].Balance = gs.Escrows[0].Reserved.SubRaw(1) },
		"escrow missing":    func(gs *types.GenesisState) { gs.Escrows = nil },
		"escrow owner":      func(gs *types.GenesisState) { gs.Escrows[0].Owner = "" },
		"lane twice":        func(gs *types.GenesisState) { gs.Lanes = append(gs.Lanes, gs.Lanes[0]) },
		"lane over its cap": func(gs *types.GenesisState) { gs.Lanes[0].Spent = gs.Lanes[0].Cap + 1 },
		"lane ends early":   func(gs *types.GenesisState) { gs.Lanes[0].EndsAt = gs.Lanes[0].ClosesAt - 1 },
		"lane sessions":     func(gs *types.GenesisState) { gs.Lanes[0].Sessions++ },
		"lane never opened": func(gs *types.GenesisState) { gs.Lanes[0].Generation++ },
		"closing twice":     func(gs *types.GenesisState) { gs.Lanes = append(gs.Lanes, gs.Lanes[2]) },
		"closing and open": func(gs *types.GenesisState) {
			gs.Lanes[2].ClosingSince, gs.Lanes[2].ClosesAt = 0, gs.Lanes[2].Expires-1
		},
		"closes before":       func(gs *types.GenesisState) { gs.Lanes[2].ClosesAt = gs.Lanes[2].ClosingSince - 1 },
		"closing reserved":    func(gs *types.GenesisState) { gs.Lanes[2].Spent++ },
		"generation twice":    func(gs *types.GenesisState) { gs.Generations = append(gs.Generations, gs.Generations[0]) },
		"generation zero":     func(gs *types.GenesisState) { gs.Generations[0].Generation = 0 },
		"generations missing": func(gs *types.GenesisState) { gs.Generations = nil },
		"session twice":       func(gs *types.GenesisState) { gs.Sessions = append(gs.Sessions, gs.Sessions[0]) },
		"session of none":     func(gs *types.GenesisState) { gs.Sessions[0].LaneId = make([]byte, 32) },
		"session row":         func(gs *types.GenesisState) { gs.Sessions[0].Row.Word = nil },
		"session missing":     func(gs *types.GenesisState) { gs.Cleanups, gs.Sessions = nil, nil },
		"cleanup of an open":  func(gs *types.GenesisState) { gs.Cleanups[0].LaneId = laneID(t, gs.Lanes[0]) },
		"cleanup twice":       func(gs *types.GenesisState) { gs.Cleanups = append(gs.Cleanups, gs.Cleanups[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			gs, err := f.k.ExportGenesis(f.Ctx)
			require.NoError(t, err)
			spoil(gs)
			g := bareFixture(t)
			require.Error(t, g.k.InitGenesis(g.Ctx, *gs))
			_, err = g.k.Params(g.Ctx)
			require.ErrorIs(t, err, collections.ErrNotFound)
		})
	}
}

func laneID(t testing.TB, lane types.Lane) []byte {
	id, err := lane.ID()
	require.NoError(t, err)
	return id
}

// mounted is the module's store as its own code lays it out, for tests that spoil it.
func mounted(f *fixture) (collections.Map[collections.Pair[[]byte, string], types.Escrow], collections.Map[collections.Triple[[]byte, string, []byte], types.Lane]) {
	sb := collections.NewSchemaBuilder(f.StoreService(types.StoreKey))
	return collections.NewMap(sb, types.EscrowsKey, "escrows", collections.PairKeyCodec(collections.BytesKey, collections.StringKey), codec.CollValue[types.Escrow](f.Cdc)),
		collections.NewMap(sb, types.LanesKey, "lanes", collections.TripleKeyCodec(collections.BytesKey, collections.StringKey, collections.BytesKey), codec.CollValue[types.Lane](f.Cdc))
}

// A lane that cannot be ended is kept, tried again an hour later, and stands in nobody's way.
func TestLaneEndFails(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	bob := f.viewer("bob", 20*stream)
	lane := f.lane("alice", node, 1, stream)
	f.lane("bob", node, 1, stream)
	escrows, lanes := mounted(f)
	at := collections.Join(alice.Bytes(), denom)
	escrow, err := escrows.Get(f.Ctx, at)
	require.NoError(t, err)
	require.NoError(t, escrows.Remove(f.Ctx, at)) // a corrupt ledger
	require.ErrorIs(t, f.k.CheckInvariants(f.Ctx), types.ErrInvariant)

	f.at(lane.ClosesAt + 1)
	f.next(time.Second)
	_, err = f.q.Lane(f.Ctx, &types.QueryLaneRequest{Owner: bob.String(), Denom: denom, Provider: node.String()})
	require.ErrorIs(t, err, types.ErrLaneNotFound)
	kept := f.laneOf(alice, node)
	require.Equal(t, lane.ClosesAt+1+types.RetrySeconds, kept.EndsAt)
	s, words := f.session("alice", kept, 1)
	requireItem(t, types.ErrLaneEnded, f.settle(node, claim(s, words, 1))[0])

	require.NoError(t, escrows.Set(f.Ctx, at, escrow)) // mended
	f.at(kept.EndsAt + 1)
	f.next(time.Second)
	_, err = f.q.Lane(f.Ctx, &types.QueryLaneRequest{Owner: alice.String(), Denom: denom, Provider: node.String()})
	require.ErrorIs(t, err, types.ErrLaneNotFound)

	// a queue entry without a lane neither halts nor blocks
	second := f.lane("alice", node, 2, stream)
	require.NoError(t, lanes.Remove(f.Ctx, collections.Join3(alice.Bytes(), denom, node.Bytes())))
	f.at(second.ClosesAt + 1)
	f.next(time.Second)
	require.ErrorIs(t, f.k.CheckInvariants(f.Ctx), types.ErrInvariant)
	require.NoError(t, lanes.Set(f.Ctx, collections.Join3(alice.Bytes(), denom, node.Bytes()), second))
	f.at(second.ClosesAt + 2 + types.RetrySeconds)
	f.next(time.Second)
}

// CheckInvariants sees what does not fit.
func TestInvariantsSee(t *testing.T) {
	f := busy(t)
	escrows, lanes := mounted(f)
	alice, node := f.Addr("alice"), f.Addr("node")
	place := collections.Join3(alice.Bytes(), denom, node.Bytes())
	for name, spoil := range map[string]func(sdk.Context) error{
		"more reserved": func(ctx sdk.Context) error {
			e, err := escrows.Get(ctx, collections.Join(alice.Bytes(), denom))
			if err != nil {
				return err
			}
			e.Reserved = e.Reserved.AddRaw(1)
			return escrows.Set(ctx, collections.Join(alice.Bytes(), denom), e)
		},
		"another's escrow": func(ctx sdk.Context) error {
			e, err := escrows.Get(ctx, collections.Join(alice.Bytes(), denom))
			if err != nil {
				return err
			}
			return escrows.Set(ctx, collections.Join(node.Bytes(), denom), e)
		},
		"no lane": func(ctx sdk.Context) error { return lanes.Remove(ctx, place) },
		"lane spent": func(ctx sdk.Context) error {
			l, err := lanes.Get(ctx, place)
			if err != nil {
				return err
			}
			l.Spent++
			return lanes.Set(ctx, place, l)
		},
		"lane's end": func(ctx sdk.Context) error {
			l, err := lanes.Get(ctx, place)
			if err != nil {
				return err
			}
			l.EndsAt++
			return lanes.Set(ctx, place, l)
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, _ := f.Ctx.CacheContext()
			require.NoError(t, spoil(ctx))
			require.ErrorIs(t, f.k.CheckInvariants(ctx), types.ErrInvariant)
		})
	}
}

// Coins that vest can neither be deposited nor tipped.
func TestVestingCoins(t *testing.T) {
	f := newFixture(t)
	vesting.RegisterInterfaces(f.Registry)
	addr := f.Funded("vesting", 10*stream)
	base := f.Account.NewAccountWithAddress(f.Ctx, addr).(*authtypes.BaseAccount)
	account, err := vesting.NewDelayedVestingAccount(base, sdk.NewCoins(token.Coin(9*stream)), f.now()+day)
	require.NoError(t, err)
	f.Account.SetAccount(f.Ctx, account)
	for _, msg := range []sdk.Msg{
		&types.MsgDeposit{Owner: addr.String(), Amount: token.Coin(stream + 1)},
		&types.MsgTip{Payer: addr.String(), Subject: f.work, Amount: token.Coin(stream + 1)},
	} {
		_, err := f.send(msg)
		require.ErrorIs(t, err, sdkerrors.ErrInsufficientFunds)
	}
	f.must(&types.MsgDeposit{Owner: addr.String(), Amount: token.Coin(stream)})
}

// New parameters change no open lane, and stop no withdrawal.
func TestParamsKeepOpenLanes(t *testing.T) {
	f := newFixture(t)
	f.viewer("alice", 20*stream)
	node := f.provider("node")
	lane := f.lane("alice", node, 1, stream)
	params := types.DefaultParams()
	params.SettleGraceSeconds, params.MinDeposit = types.LeastGraceSeconds, math.NewInt(types.MostMinDeposit)
	f.must(&types.MsgUpdateParams{Authority: f.Authority, Params: params})
	require.Equal(t, lane, f.laneOf(f.Addr("alice"), node), "an open lane keeps its times")
	_, err := f.send(&types.MsgDeposit{Owner: f.Addr("alice").String(), Amount: token.Coin(types.MostMinDeposit - 1)})
	require.ErrorIs(t, err, types.ErrDepositTooSmall)
	f.must(&types.MsgWithdraw{Owner: f.Addr("alice").String(), Amount: token.Coin(1)})
}

// Flows and emission that no chain could have.
func TestInconsistentMoney(t *testing.T) {
	f := busy(t)
	good, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	for name, change := range map[string]func(*types.GenesisState){
		"flow twice":     func(gs *types.GenesisState) { gs.Flows = append(gs.Flows, gs.Flows[0]) },
		"flow id":        func(gs *types.GenesisState) { gs.Flows[0].Id = "x" },
		"flow's sender":  func(gs *types.GenesisState) { gs.Flows[0].Sender = f.Addr("x").String() },
		"flow to itself": func(gs *types.GenesisState) { gs.Flows[0].Recipient = gs.Flows[0].Sender },
		"flow's denom":   func(gs *types.GenesisState) { gs.Flows[0].Denom = "" },
		"flow's rate":    func(gs *types.GenesisState) { gs.Flows[0].RateSeconds = 0 },
		"flow negative":  func(gs *types.GenesisState) { gs.Flows[0].Balance = math.NewInt(-1) },
		"flow empty": func(gs *types.GenesisState) {
			gs.Flows[0].Balance, gs.Flows[0].Accrued = math.ZeroInt(), math.ZeroInt()
		},
		"flow's remainder":     func(gs *types.GenesisState) { gs.Flows[0].Remainder = gs.Flows[0].RateSeconds },
		"flow undated":         func(gs *types.GenesisState) { gs.Flows[0].StartsAt = 0 },
		"sequence behind":      func(gs *types.GenesisState) { gs.FlowSequences[0].Last = 1 },
		"sequence twice":       func(gs *types.GenesisState) { gs.FlowSequences = append(gs.FlowSequences, gs.FlowSequences[0]) },
		"no sequence":          func(gs *types.GenesisState) { gs.FlowSequences = nil },
		"minted too much":      func(gs *types.GenesisState) { gs.Emission.Stakers = gs.Emission.Stakers.AddRaw(1_000_000_000) },
		"minted less than 0":   func(gs *types.GenesisState) { gs.Emission.Storage = math.NewInt(-1) },
		"emission unset":       func(gs *types.GenesisState) { gs.Emission.GenesisSupply = math.Int{} },
		"emission of a future": func(gs *types.GenesisState) { gs.Emission.LastAt = gs.Emission.BeganAt - 1 },
	} {
		var bad types.GenesisState
		f.Cdc.MustUnmarshalJSON(f.Cdc.MustMarshalJSON(good), &bad)
		change(&bad)
		require.Error(t, bad.Validate(), name)
	}
}
