package types_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/stream/types"
)

func addr(b byte) string { return sdk.AccAddress(strings.Repeat(string(rune('a'+b)), 20)).String() }

// The written-out event is the reflected one.
func TestTypedEvent(t *testing.T) {
	token.Configure()
	rapid.Check(t, func(rt *rapid.T) {
		u64, u32 := rapid.Uint64(), rapid.Uint32()
		e := types.EventSessionSettled{
			Owner: addr(0), Provider: addr(1), Submitter: addr(2), Work: "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uxgf5kpqcsgz7soitae",
			Generation: u64.Draw(rt, "generation"), Session: u64.Draw(rt, "session"), Spent: u64.Draw(rt, "spent"),
			N: u32.Draw(rt, "n"), Ticks: u32.Draw(rt, "ticks"), Paid: sdk.NewCoin("ibc/27394FB092D2", sdkmath.NewIntFromUint64(u64.Draw(rt, "paid"))),
		}
		want, err := sdk.TypedEventToEvent(&e)
		require.NoError(rt, err)
		require.Equal(rt, want, e.TypedEvent())
	})
}

// An address has one spelling.
func TestParseAddress(t *testing.T) {
	token.Configure()
	_, err := types.ParseAddress(addr(0))
	require.NoError(t, err)
	for _, bad := range []string{"", "stream1", strings.ToUpper(addr(0)), addr(0) + " ", addr(0)[:10], "streamvaloper1" + addr(0)[7:]} {
		_, err := types.ParseAddress(bad)
		require.ErrorIs(t, err, types.ErrInvalidAddress, bad)
	}
}

// Every parameter has both bounds, each held to the unit.
func TestParams(t *testing.T) {
	set := map[string]struct {
		least, most int64
		set         func(*types.Params, int64)
	}{
		"min_deposit":  {types.LeastMinDeposit, types.MostMinDeposit, func(p *types.Params, v int64) { p.MinDeposit = sdkmath.NewInt(v) }},
		"min_lane_cap": {types.LeastMinLaneCap, types.MostMinLaneCap, func(p *types.Params, v int64) { p.MinLaneCap = sdkmath.NewInt(v) }},
		"open_fee":     {0, types.MostOpenFee, func(p *types.Params, v int64) { p.OpenFee = sdkmath.NewInt(v) }},
		"min_lane_seconds": {types.DefaultServeMarginSeconds + 1, types.DefaultMaxLaneSeconds, func(p *types.Params, v int64) {
			p.MinLaneSeconds = v
		}},
		"max_lane_seconds":     {types.DefaultMinLaneSeconds, types.MostLaneSeconds, func(p *types.Params, v int64) { p.MaxLaneSeconds = v }},
		"settle_grace_seconds": {types.LeastGraceSeconds, types.MostGraceSeconds, func(p *types.Params, v int64) { p.SettleGraceSeconds = v }},
		"close_grace_seconds":  {types.LeastCloseGraceSeconds, types.MostCloseGraceSeconds, func(p *types.Params, v int64) { p.CloseGraceSeconds = v }},
		"serve_margin_seconds": {0, types.DefaultMinLaneSeconds - 1, func(p *types.Params, v int64) { p.ServeMarginSeconds = v }},
	}
	require.NoError(t, types.DefaultParams().Validate())
	for name, c := range set {
		for value, ok := range map[int64]bool{c.least: true, c.most: true, c.least - 1: false, c.most + 1: false, math.MinInt64: false, math.MaxInt64: false} {
			p := types.DefaultParams()
			c.set(&p, value)
			require.Equal(t, ok, p.Validate() == nil, "%s %d", name, value)
		}
	}
	require.ErrorIs(t, types.Params{}.Validate(), types.ErrInvalidParams)
}

// In no 24 hours do a key's lanes pay more than its limit, whatever is asked.
func TestKeyWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		key := types.SessionKey{Limit: token.Coin(rapid.Int64Range(1, 1000).Draw(rt, "limit")), Reserved: sdkmath.ZeroInt()}
		now := int64(1_767_225_600)
		type payment struct{ at, amount int64 }
		var paid []payment
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			now += rapid.Int64Range(0, 3*3600).Draw(rt, "later")
			asked := rapid.Int64Range(1, 600).Draw(rt, "asked")
			if sdkmath.NewInt(asked).GT(key.Available(now)) {
				continue
			}
			key.Pay(sdkmath.NewInt(asked), now)
			paid = append(paid, payment{now, asked})
			sum := int64(0)
			for _, p := range paid {
				if p.at > now-types.KeyWindowSeconds {
					sum += p.amount
				}
			}
			require.LessOrEqual(rt, sum, key.Limit.Amount.Int64())
			require.LessOrEqual(rt, len(key.Spent), 25)
		}
		// it does not forget for ever, nor too late
		require.Equal(rt, key.Limit.Amount, key.Available(now+types.KeyWindowSeconds+3600))
	})
}

// A key remembers no more hours than may still count.
func TestKeyForgets(t *testing.T) {
	key := types.SessionKey{Limit: token.Coin(1000), Reserved: sdkmath.ZeroInt()}
	for hour := range int64(100) {
		key.Pay(sdkmath.OneInt(), 1_767_225_600+hour*3600)
		require.LessOrEqual(t, len(key.Spent), 25)
	}
	require.EqualValues(t, 975, key.Available(1_767_225_600+99*3600).Int64())
}

// Results carry registered texts only; events are cut at a rune.
func TestResults(t *testing.T) {
	r := types.ResultOf(0, errorsmod.Wrap(types.ErrStale, "details"))
	require.Equal(t, types.ItemResult{Codespace: "stream", Code: 36, Text: types.ErrStale.Error()}, r)
	require.False(t, r.Ok())
	require.Equal(t, "internal error", types.ResultOf(0, errors.New("a store's words")).Text)
	require.Equal(t, types.ItemResult{Paid: 3}, types.ResultOf(3, nil))
	long := types.Log(fmt.Errorf("a%s", strings.Repeat("é", 200)))
	require.LessOrEqual(t, len(long), types.MaxLogBytes)
	require.True(t, strings.HasSuffix(long, "é"))
}
