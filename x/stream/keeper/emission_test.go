package keeper_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/stream/types"
)

// block begins a block d after the last: what x/mint calls comes first.
func (f *fixture) block(d time.Duration) {
	f.T.Helper()
	f.next(d)
	require.NoError(f.T, f.k.Mint(f.Ctx))
}

func (f *fixture) minted() types.Emission {
	f.T.Helper()
	e, err := f.k.Emission(f.Ctx)
	require.NoError(f.T, err)
	return e
}

// supplyAddsUp: what was minted is what the supply has grown by; nothing burns here.
func (f *fixture) supplyAddsUp(before math.Int) {
	f.T.Helper()
	require.Equal(f.T, before.Add(f.minted().Minted()).String(), f.Bank.GetSupply(f.Ctx, token.BaseDenom).Amount.String())
	burned, err := f.k.Burned(f.Ctx)
	require.NoError(f.T, err)
	require.True(f.T, burned.IsZero())
}

func TestEmission(t *testing.T) {
	f := newFixture(t)
	supply := f.Bank.GetSupply(f.Ctx, token.BaseDenom).Amount
	f.block(time.Second)
	began := f.minted()
	require.True(t, began.Minted().IsZero(), "the first block only begins")
	require.Equal(t, supply, began.GenesisSupply)
	for range 100 {
		f.block(6 * time.Second)
	}
	e := f.minted()
	due := types.Scheduled(600)
	require.EqualValues(t, 2_000_000_000_000*600/31_536_000, due.Int64())
	require.InDelta(t, due.Int64()/10, e.Participation.Int64(), 100)
	require.Equal(t, due.String(), e.Stakers.Add(e.Participation).Add(e.StorageDue).String(), "to the unit, whatever the blocks are")
	require.True(t, e.Storage.IsZero(), "nothing was matched, so nothing is minted for storage")
	require.Equal(t, e.Stakers.Int64(), f.ModuleBalance(authtypes.FeeCollectorName))
	gs, err := f.revenue.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, e.Participation.String(), gs.Pools.AmountOf(token.BaseDenom).String())
	f.supplyAddsUp(supply)

	// a halt of a day mints for a minute of live time
	before := f.minted().Minted()
	f.next(time.Second)
	f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(24 * time.Hour))
	require.NoError(t, f.Clock.BeginBlock(f.Ctx))
	require.NoError(t, f.k.Mint(f.Ctx))
	require.LessOrEqual(t, f.minted().Minted().Sub(before).Int64(), types.Scheduled(61).Int64())
	require.NoError(t, f.k.Mint(f.Ctx), "twice in a block")
	f.supplyAddsUp(supply)
}

// Storage emission is minted as far as it is matched, and what is not matched in its epoch never.
func TestStorageEmissionIsMatched(t *testing.T) {
	f := newFixture(t)
	supply := f.Bank.GetSupply(f.Ctx, token.BaseDenom).Amount
	for i := range 25 {
		f.storage.matched = append(f.storage.matched, fakeMatch{fmt.Sprintf("work%02d", i), 1000})
	}
	f.block(time.Second)
	f.block(time.Minute)
	e := f.minted()
	require.Positive(t, e.Storage.Int64())
	require.Equal(t, "work09", e.StorageCursor, "ten works a block")
	require.EqualValues(t, 10*1000, e.Storage.Int64())
	for range 9 {
		f.block(time.Minute)
	}
	e = f.minted()
	require.EqualValues(t, 25*1000, e.Storage.Int64(), "no more than is matched")
	require.Equal(t, e.Storage.Int64(), f.ModuleBalance("storage"))
	f.supplyAddsUp(supply)
	// one work with a large match takes a tenth of what is due in its turn
	f.storage.matched = []fakeMatch{{"work99", 1 << 60}}
	due := f.minted().StorageDue
	f.block(time.Second)
	f.block(time.Second)
	require.LessOrEqual(t, f.minted().Storage.Int64()-25_000, due.AddRaw(100_000).QuoRaw(5).Int64())
	require.Positive(t, f.minted().Storage.Int64()-25_000)
	f.supplyAddsUp(supply)
	// a new epoch begins at nothing
	f.storage.matched = nil
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	gs.Emission.StorageEpoch--
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	f.block(time.Second)
	require.Less(t, f.minted().StorageDue.Int64(), types.Scheduled(60).Int64())
}

// What a block could not mint, the next one mints.
func TestEmissionThatFails(t *testing.T) {
	f := newFixture(t)
	supply := f.Bank.GetSupply(f.Ctx, token.BaseDenom).Amount
	f.block(time.Second)
	f.next(30 * time.Second)
	broken := f.k.WithBank(noMint{f.Bank})
	require.NoError(t, broken.Mint(f.Ctx))
	require.True(t, f.minted().Minted().IsZero())
	events := f.Ctx.EventManager().Events()
	require.Equal(t, "streamchain.stream.v1.EventEmissionFailed", events[len(events)-1].Type)
	f.block(10 * time.Second)
	e := f.minted()
	require.Equal(t, types.Scheduled(40).String(), e.Minted().Add(e.StorageDue).String())
	f.supplyAddsUp(supply)
}

type noMint struct{ types.BankKeeper }

func (noMint) MintCoins(context.Context, string, sdk.Coins) error { panic("no permission to mint") }

// A tier takes its part off every payment of x/stream: of a tip at once, of a lane's sessions by the
// tier of the day on which it was opened.
func TestTiersLowerPayments(t *testing.T) {
	f := newFixture(t)
	creator := func() int64 {
		gs, err := f.revenue.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		sum := int64(0)
		for _, c := range gs.Claimables {
			if c.Recipient != f.Addr("node").String() {
				sum += c.Coin.Amount.Int64()
			}
		}
		return sum
	}
	alice, node := f.viewer("alice", 40*stream), f.provider("node")
	f.staking.delegations[alice.String()] = []fakeDelegation{{100_000 * stream, 0, stakingtypes.Bonded}}
	before := f.Balance(alice)
	f.must(&types.MsgTip{Payer: alice.String(), Subject: f.work, Amount: token.Coin(stream)})
	require.EqualValues(t, stream-300*30, before-f.Balance(alice), "30 % off 300 of 10,000")
	require.EqualValues(t, 970_000, creator())

	lane := f.lane("alice", node, 1, 2*stream)
	require.EqualValues(t, 3000, lane.DiscountBps)
	f.staking.delegations = map[string][]fakeDelegation{}
	had, reserved := f.escrow(alice)
	s, words := f.session("alice", lane, 1, func(s *types.Session) { s.PricePerTick = 10_000 })
	results := f.settle(node, claim(s, words, 100))
	require.EqualValues(t, stream, results[0].Paid, "the price, which the cap counts")
	balance, left := f.escrow(alice)
	require.EqualValues(t, stream-500*30, had-balance, "30 % off 500 of 10,000")
	require.EqualValues(t, stream, reserved-left)
	require.EqualValues(t, 970_000+910_000, creator(), "nine tenths of the price, and what nobody else is entitled to")
}
