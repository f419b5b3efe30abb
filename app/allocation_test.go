package app_test

import (
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

var genesisTime = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func beneficiaries() app.Beneficiaries {
	to := func(name string, stream int64) app.Beneficiary {
		addr := sdk.AccAddress([]byte(name + "....................")[:20])
		return app.Beneficiary{Address: addr, Amount: math.NewInt(stream).MulRaw(1_000_000)}
	}
	return app.Beneficiaries{
		Team: []app.Beneficiary{to("founder", 20_000_000), to("engineer", 5_000_000)}, Ecosystem: []app.Beneficiary{to("ecosystem", 20_000_000)},
		Public: []app.Beneficiary{to("buyer", 14_000_000), to("validator", 1_000_000)}, Liquidity: []app.Beneficiary{to("liquidity", 10_000_000)},
	}
}

// A main network begins with the supply where the allocation says, and every account but the team's
// can use its part at once.
func TestAllocation(t *testing.T) {
	a := bare()
	require.NoError(t, a.LoadLatestVersion())
	gs := a.DefaultGenesis()
	require.NoError(t, a.Allocate(gs, genesisTime, beneficiaries()))
	ctx := a.NewUncachedContext(false, cmtproto.Header{Height: 1, Time: genesisTime})
	var s streamtypes.GenesisState
	a.AppCodec().MustUnmarshalJSON(gs["stream"], &s)
	require.NoError(t, s.Validate())
	require.Len(t, s.Flows, 2)
	require.Equal(t, "25000000000000ustream", s.EscrowTotal().String())
	year := int64(streamtypes.YearSeconds)
	founder := s.Flows[0]
	require.True(t, founder.At(genesisTime.Unix()+year).Accrued.IsZero(), "nothing in the first year")
	require.EqualValues(t, 5_000_000_000_000, founder.At(genesisTime.Unix()+2*year).Accrued.Int64(), "a quarter in the second")
	require.EqualValues(t, 20_000_000_000_000, founder.At(genesisTime.Unix()+5*year).Accrued.Int64())

	var b banktypes.GenesisState
	a.AppCodec().MustUnmarshalJSON(gs["bank"], &b)
	a.Bank.InitGenesis(ctx, &b)
	require.NoError(t, a.Stream.InitGenesis(ctx, s), "all as it says")
	for name, change := range map[string]func(*streamtypes.GenesisState){
		"a unit more to the buyer": func(s *streamtypes.GenesisState) {
			s.Allocation.Shares[4].Amount = s.Allocation.Shares[4].Amount.AddRaw(1)
		},
		"no flow for the engineer": func(s *streamtypes.GenesisState) { s.Flows = s.Flows[:1] },
		"a flow that begins early": func(s *streamtypes.GenesisState) { s.Flows[0].StartsAt-- },
		"a faster flow":            func(s *streamtypes.GenesisState) { s.Flows[0].RateSeconds-- },
		"something emitted": func(s *streamtypes.GenesisState) {
			e := streamtypes.NewEmission(1, math.NewInt(streamtypes.GenesisSupply))
			s.Emission = &e
		},
	} {
		bad := s
		bad.Flows = append([]streamtypes.Flow{}, s.Flows...)
		bad.Allocation = &streamtypes.Allocation{Shares: append([]streamtypes.AllocationShare{}, s.Allocation.Shares...)}
		change(&bad)
		require.ErrorIs(t, a.Stream.InitGenesis(ctx, bad), streamtypes.ErrInvalidGenesis, name)
	}
	thief := beneficiaries().Public[0].Address
	require.NoError(t, a.Bank.SendCoins(ctx, beneficiaries().Ecosystem[0].Address, thief, sdk.NewCoins(token.Coin(1))))
	require.ErrorIs(t, a.Stream.InitGenesis(ctx, s), streamtypes.ErrInvalidGenesis, "a unit in another's hands")
}

func TestAllocationRefuses(t *testing.T) {
	a := bare()
	for name, change := range map[string]func(*app.Beneficiaries){
		"less than the part": func(b *app.Beneficiaries) { b.Liquidity[0].Amount = b.Liquidity[0].Amount.SubRaw(1) },
		"more than the part": func(b *app.Beneficiaries) { b.Liquidity[0].Amount = b.Liquidity[0].Amount.AddRaw(1) },
		"nobody":             func(b *app.Beneficiaries) { b.Ecosystem = nil },
		"in two parts":       func(b *app.Beneficiaries) { b.Public[0].Address = b.Liquidity[0].Address },
		"the treasury":       func(b *app.Beneficiaries) { b.Public[0].Address = sdk.MustAccAddressFromBech32(app.Authority()) },
	} {
		to := beneficiaries()
		change(&to)
		require.Error(t, a.Allocate(a.DefaultGenesis(), genesisTime, to), name)
	}
}
