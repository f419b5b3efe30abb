package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/revenue/types"
)

func TestDistributeByTheTable(t *testing.T) {
	const u = stream
	for _, c := range []struct {
		name                                                                  string
		rail                                                                  types.Rail
		ofWork, served                                                        bool
		creator, server, endowment, pool, stakers, treasury, participation, b int64
	}{
		{"purchase", types.RAIL_PURCHASE, true, false, 9050, 0, 200, 150, 200, 200, 100, 100},
		{"rental", types.RAIL_RENTAL, true, false, 9050, 0, 200, 150, 200, 200, 100, 100},
		{"plan of a creator", types.RAIL_PLAN, false, false, 9250, 0, 0, 150, 200, 200, 100, 100},
		{"plan of a work", types.RAIL_PLAN, true, false, 9050, 0, 200, 150, 200, 200, 100, 100},
		{"metered", types.RAIL_METERED, true, true, 9100, 300, 100, 0, 150, 150, 100, 100},
		{"metered without a server", types.RAIL_METERED, true, false, 9400, 0, 100, 0, 150, 150, 100, 100},
		{"tip to a work", types.RAIL_TIP, true, false, 9700, 0, 0, 0, 100, 100, 50, 50},
		{"tip to a creator", types.RAIL_TIP, false, false, 9700, 0, 0, 0, 100, 100, 50, 50},
		{"tip with a server", types.RAIL_TIP, false, true, 9700, 0, 0, 0, 100, 100, 50, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			_, creator := f.creator("alice")
			subject := creator
			if c.ofWork {
				subject = f.work(creator, "film")
			}
			server := ""
			if c.served {
				server = f.Addr("node").String()
			}
			viewer := f.Funded("viewer", u)
			supply := f.Bank.GetSupply(f.Ctx, token.BaseDenom).Amount.Int64()
			d, err := f.pay(types.Payment{Rail: c.rail, Subject: subject, Payer: viewer.String(), Gross: token.Coin(u), Server: server, Reference: "r"})
			require.NoError(t, err)
			require.Equal(t, u, int(d.Sum().Int64()))
			require.Contains(t, f.events(), "EventDistributed")
			require.Equal(t, c.creator*u/10_000, f.claimable(creator))
			require.Equal(t, c.creator*u/10_000, d.CreatorPart.Int64())
			if c.served {
				require.Equal(t, c.server*u/10_000, f.claimable(server))
			}
			require.Equal(t, c.endowment*u/10_000, f.endowed(subject).Int64(), "the escrow's ledger moves at once")
			left := int64(0)
			if c.ofWork {
				left = (c.treasury + c.b) * u / 10_000
			}
			require.Equal(t, left, f.left(subject).Int64(), "what emission is matched against")
			require.Zero(t, f.ModuleBalance("storage"), "its coins follow")
			require.NoError(t, f.k.CheckInvariants(f.Ctx, nil), "in the middle of a block")

			f.next(time.Second)
			require.Equal(t, (c.endowment+c.pool)*u/10_000, f.ModuleBalance("storage"))
			require.Equal(t, c.pool*u/10_000, f.pool().Int64())
			require.Equal(t, c.stakers*u/10_000, f.ModuleBalance(authtypes.FeeCollectorName))
			require.Equal(t, c.treasury*u/10_000, f.ModuleBalance("governance"))
			require.Equal(t, c.b*u/10_000, supply-f.Bank.GetSupply(f.Ctx, token.BaseDenom).Amount.Int64())
			pools, err := f.q.Pools(f.Ctx, &types.QueryPoolsRequest{})
			require.NoError(t, err)
			require.Equal(t, c.participation*u/10_000, pools.Participation.AmountOf(token.BaseDenom).Int64())
			require.Empty(t, pools.Unswept)
			require.Equal(t, (c.creator+c.server+c.participation)*u/10_000, f.ModuleBalance(types.ModuleName), "nothing else stays")

			require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
			f.next(time.Second)
			require.Equal(t, c.stakers*u/10_000, f.ModuleBalance(authtypes.FeeCollectorName), "paid once")
		})
	}
}

func TestOtherDenomsAreNotBurned(t *testing.T) {
	f := newFixture(t)
	_, creator := f.creator("alice")
	film := f.work(creator, "film")
	viewer := f.Addr("viewer")
	atom := func(n int64) sdk.Coin { return sdk.NewInt64Coin("ibc/ATOM", n) }
	f.mint(viewer, atom(20_000))
	p := types.Payment{Rail: types.RAIL_PURCHASE, Subject: film, Payer: viewer.String(), Gross: atom(10_000)}
	_, err := f.pay(p)
	require.ErrorIs(t, err, types.ErrDenomNotAllowed)

	params := types.DefaultParams()
	params.Denoms = []string{"ibc/ATOM", token.BaseDenom}
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
	d, err := f.pay(p)
	require.NoError(t, err)
	// key holders, endowment and storage pool fall to the creator, the burned part to the treasury
	require.EqualValues(t, 9000+50+200+150, d.CreatorPart.Int64())
	require.EqualValues(t, 300, d.TreasuryPart.Int64())
	require.True(t, d.BurnPart.IsZero() && d.EndowmentPart.IsZero() && d.StoragePoolPart.IsZero())
	f.next(time.Second)
	require.Equal(t, "300ibc/ATOM", f.Bank.GetAllBalances(f.Ctx, authtypes.NewModuleAddress("governance")).String())
	require.Equal(t, "20000ibc/ATOM", f.Bank.GetSupply(f.Ctx, "ibc/ATOM").String(), "none is burned")
	require.True(t, f.pool().IsZero())
	require.True(t, f.left(film).IsZero(), "no STREAM was left, so none is matched")

	// taken off the list: no new payments, but what is in custody goes on
	id, _, err := f.hold(p)
	require.NoError(t, err)
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: types.DefaultParams()}))
	f.next(window)
	f.next(time.Second)
	_, err = f.k.GetHold(f.Ctx, id)
	require.ErrorIs(t, err, types.ErrHoldNotFound)
	require.NoError(t, f.send(&types.MsgClaim{Claimant: f.content.controllers[creator], Recipient: creator}))
	f.next(time.Second)
	require.Equal(t, "18800ibc/ATOM", f.Bank.GetAllBalances(f.Ctx, f.Addr("alice")).String())
}

func TestTotals(t *testing.T) {
	f := newFixture(t)
	_, creator := f.creator("alice")
	film, song := f.work(creator, "film"), f.work(creator, "song")
	viewer := f.Funded("viewer", stream)
	for _, p := range []struct {
		subject string
		amount  int64
	}{{film, 100}, {film, 50}, {song, 10}, {creator, 1000}} {
		_, err := f.pay(types.Payment{Rail: types.RAIL_TIP, Subject: p.subject, Payer: viewer.String(), Gross: token.Coin(p.amount)})
		require.NoError(t, err)
	}
	for subject, want := range map[string][2]int64{film: {150, 98 + 50}, song: {10, 10}, creator: {1160, 98 + 50 + 10 + 970}} {
		res, err := f.q.Totals(f.Ctx, &types.QueryTotalsRequest{Subject: subject})
		require.NoError(t, err)
		require.Len(t, res.Totals, 1)
		require.Equal(t, want, [2]int64{res.Totals[0].Gross.Int64(), res.Totals[0].CreatorPart.Int64()}, subject)
	}
}

func TestDistributeRejections(t *testing.T) {
	f := newFixture(t)
	_, creator := f.creator("alice")
	film := f.work(creator, "film")
	viewer := f.Funded("viewer", stream)
	good := types.Payment{Rail: types.RAIL_METERED, Subject: film, Payer: viewer.String(), Gross: token.Coin(100), Server: f.Addr("node").String()}
	for name, c := range badPayments(good) {
		for _, call := range []func(sdk.Context, types.Payment) error{
			func(ctx sdk.Context, p types.Payment) error { _, err := f.k.Distribute(ctx, p); return err },
			func(ctx sdk.Context, p types.Payment) error {
				if p.Rail == types.RAIL_METERED {
					p.Rail = types.RAIL_PURCHASE
				}
				_, _, err := f.k.Hold(ctx, p)
				return err
			},
		} {
			before := f.state()
			require.ErrorIs(t, call(f.Ctx, c.payment), c.err, name)
			require.Equal(t, before, f.state(), name)
		}
	}
	require.ErrorIs(t, f.k.Collect(f.Ctx, viewer, sdk.NewInt64Coin("uatom", 1)), types.ErrDenomNotAllowed)
	require.ErrorIs(t, f.k.Collect(f.Ctx, viewer, sdk.Coin{}), types.ErrInvalidAmount)
	require.Error(t, f.k.Collect(f.Ctx, viewer, token.Coin(stream+1)), "more than it has")
	require.ErrorIs(t, f.k.Release(f.Ctx, viewer, token.Coin(0)), types.ErrInvalidAmount)
	require.ErrorIs(t, f.k.Release(f.Ctx, authtypes.NewModuleAddress("storage"), token.Coin(1)), types.ErrBlockedAddress)
}
