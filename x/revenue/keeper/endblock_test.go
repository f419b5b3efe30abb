package keeper_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/revenue/keeper"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// Whatever a part's place does, the chain goes on, the other parts are paid, and this one is
// paid once its place works again.
func TestSweepKeepsWhatItCannotPay(t *testing.T) {
	for name, c := range map[string]struct {
		breakIt, mend func(f *fixture)
		kinds         []types.PartKind
	}{
		"no fee collector": {
			func(f *fixture) { f.account.missing = authtypes.FeeCollectorName }, func(f *fixture) { f.account.missing = "" },
			[]types.PartKind{types.PART_KIND_STAKERS},
		},
		"sending to the treasury panics": {
			func(f *fixture) { f.bank.panicsTo = f.Authority }, func(f *fixture) { f.bank.panicsTo = "" },
			[]types.PartKind{types.PART_KIND_TREASURY},
		},
		"burning panics": {
			func(f *fixture) { f.bank.noBurn = true }, func(f *fixture) { f.bank.noBurn = false },
			[]types.PartKind{types.PART_KIND_BURN},
		},
		"storage refuses": {
			func(f *fixture) { f.storage.failPool = errors.New("no") }, func(f *fixture) { f.storage.failPool = nil },
			[]types.PartKind{types.PART_KIND_STORAGE_POOL},
		},
		"storage panics": {
			func(f *fixture) { f.storage.panicsPool = true }, func(f *fixture) { f.storage.panicsPool = false },
			[]types.PartKind{types.PART_KIND_STORAGE_POOL},
		},
		"no storage account": {
			func(f *fixture) { f.account.missing = "storage" }, func(f *fixture) { f.account.missing = "" },
			[]types.PartKind{types.PART_KIND_ENDOWMENT, types.PART_KIND_STORAGE_POOL},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			_, creator := f.creator("alice")
			film := f.work(creator, "film")
			viewer := f.Funded("viewer", stream)
			buy := func() {
				p := sale(viewer, film, 10_000)
				p.Rail = types.RAIL_PLAN
				_, err := f.pay(p)
				require.NoError(t, err)
			}
			c.breakIt(f)
			for i := range 3 {
				buy()
				ctx := f.Ctx
				f.next(time.Second)
				res, err := f.q.Pools(f.Ctx, &types.QueryPoolsRequest{})
				require.NoError(t, err)
				require.Len(t, res.Unswept, len(c.kinds))
				for j, kind := range c.kinds {
					require.Equal(t, kind, res.Unswept[j].Kind)
					require.Zero(t, res.Unswept[j].Coin.Amount.Int64()%int64(i+1), "the sum of all blocks so far")
				}
				require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
				f.Ctx, ctx = ctx, f.Ctx
				require.Contains(t, f.events(), "EventSweepFailed")
				f.Ctx = ctx
			}
			f.next(time.Second) // nothing new, and nothing lost
			c.mend(f)
			f.next(time.Second)
			res, err := f.q.Pools(f.Ctx, &types.QueryPoolsRequest{})
			require.NoError(t, err)
			require.Empty(t, res.Unswept)
			want := map[types.PartKind]int64{
				types.PART_KIND_STAKERS: 600, types.PART_KIND_TREASURY: 600, types.PART_KIND_PARTICIPATION: 300,
				types.PART_KIND_BURN: 300, types.PART_KIND_ENDOWMENT: 600, types.PART_KIND_STORAGE_POOL: 450,
			}
			require.Len(t, res.Swept, len(want))
			for _, p := range res.Swept {
				require.Equal(t, want[p.Kind], p.Coin.Amount.Int64(), p.Kind)
			}
			require.EqualValues(t, 600, f.ModuleBalance(authtypes.FeeCollectorName))
			require.EqualValues(t, 600, f.ModuleBalance("governance"))
			require.EqualValues(t, 1050, f.ModuleBalance("storage"))
			require.EqualValues(t, 450, f.pool().Int64())
			require.EqualValues(t, stream-300, f.Bank.GetSupply(f.Ctx, token.BaseDenom).Amount.Int64())
		})
	}
}

// Before the bank has credited, custody cannot pay: nothing is lost even in that wrong order.
func TestSweepBeforeTheBankLosesNothing(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	viewer := f.Funded("viewer", stream)
	f.tip(viewer, creator, 10_000)
	require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator}))
	require.NoError(t, f.k.EndBlock(f.Ctx))
	f.next(time.Second)
	require.EqualValues(t, 9700, f.claimable(creator))
	require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
	require.EqualValues(t, 100, f.ModuleBalance("governance"), "caught up already")
}

// corrupt rows: EndBlock returns and does not panic, whichever row is broken.
func TestEndBlockOnCorruptState(t *testing.T) {
	for _, prefix := range []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10} {
		for _, junk := range [][]byte{{}, {0xff, 0xff, 0xff}, {0x0a, 0xff}} {
			f := bareFixture(t)
			require.NoError(t, f.k.InitGenesis(f.Ctx, *types.DefaultGenesis()))
			f.setWindow(1)
			alice, creator := f.creator("alice")
			film := f.work(creator, "film")
			viewer := f.Funded("viewer", stream)
			_, _, err := f.hold(sale(viewer, film, 10_000))
			require.NoError(t, err)
			require.NoError(t, f.send(&types.MsgSetSplit{Controller: alice.String(), Subject: film, Shares: []types.Share{{Recipient: creator, Bps: 10_000}}}))
			f.account.missing = "storage"
			f.tip(viewer, film, 10_000)
			_, err = f.pay(types.Payment{Rail: types.RAIL_PLAN, Subject: film, Payer: viewer.String(), Gross: token.Coin(10_000)})
			require.NoError(t, err)
			f.next(2 * time.Second)
			f.tip(viewer, film, 10_000)
			require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator}))

			s := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx)
			it, err := s.Iterator([]byte{prefix}, []byte{prefix + 1})
			require.NoError(t, err)
			var keys [][]byte
			for ; it.Valid(); it.Next() {
				keys = append(keys, it.Key())
			}
			require.NoError(t, it.Close())
			for _, key := range keys {
				if len(junk) == 0 {
					require.NoError(t, s.Delete(key))
				} else {
					require.NoError(t, s.Set(key, junk))
				}
			}
			require.NotPanics(t, func() {
				for range 3 {
					f.NextBlock(time.Second, func(ctx sdk.Context) error { return f.k.EndBlock(ctx) })
				}
			}, "prefix %d", prefix)
		}
	}
}

func TestNewKeeperNeedsItsAccounts(t *testing.T) {
	f := bareFixture(t)
	require.Panics(t, func() {
		keeper.NewKeeper(keeper.Deps{Account: f.account, StakersModule: authtypes.FeeCollectorName, TreasuryModule: "nobody", StorageModule: "storage"})
	})
	require.Panics(t, func() { f.k.SetHooks(f.hooks) })
	require.Equal(t, f.Authority, f.k.Authority())
}
