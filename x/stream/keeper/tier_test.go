package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	coreaddress "cosmossdk.io/core/address"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec/address"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// fakeStaking knows delegations by account. It counts what it is asked for.
type fakeStaking struct {
	delegations map[string][]fakeDelegation
	reads       int
}

type fakeDelegation struct {
	tokens, slashed int64
	status          stakingtypes.BondStatus
}

const valPrefix = "streamvaloper"

func (s *fakeStaking) ValidatorAddressCodec() coreaddress.Codec {
	return address.NewBech32Codec(valPrefix)
}

func (s *fakeStaking) IterateDelegatorDelegations(_ context.Context, delegator sdk.AccAddress, cb func(stakingtypes.Delegation) bool) error {
	for i, d := range s.delegations[delegator.String()] {
		val, err := sdk.Bech32ifyAddressBytes(valPrefix, append(delegator[:19:19], byte(i)))
		if err != nil {
			return err
		}
		if cb(stakingtypes.Delegation{ValidatorAddress: val, Shares: math.LegacyNewDec(d.tokens)}) {
			return nil
		}
	}
	return nil
}

func (s *fakeStaking) GetValidator(_ context.Context, val sdk.ValAddress) (stakingtypes.Validator, error) {
	s.reads++
	for who, list := range s.delegations {
		addr := sdk.MustAccAddressFromBech32(who)
		if string(addr[:19]) == string(val[:19]) {
			d := list[val[19]]
			return stakingtypes.Validator{
				Status: d.status, Tokens: math.NewInt(d.tokens - d.slashed), DelegatorShares: math.LegacyNewDec(d.tokens),
			}, nil
		}
	}
	return stakingtypes.Validator{}, stakingtypes.ErrNoValidatorFound
}

func TestTiers(t *testing.T) {
	bonded := func(tokens ...int64) (list []fakeDelegation) {
		for _, n := range tokens {
			list = append(list, fakeDelegation{tokens: n, status: stakingtypes.Bonded})
		}
		return list
	}
	many := make([]int64, 40)
	for i := range many {
		many[i] = 30 * stream // 33 of them would be silver's 990 and more
	}
	for _, c := range []struct {
		name        string
		delegations []fakeDelegation
		tier        types.Tier
		bonded      int64
		reads       int
	}{
		{"nothing", nil, types.TIER_NONE, 0, 0},
		{"a unit below bronze", bonded(100*stream - 1), types.TIER_NONE, 100*stream - 1, 1},
		{"bronze", bonded(100 * stream), types.TIER_BRONZE, 100 * stream, 1},
		{"silver of two", bonded(999*stream, 1*stream), types.TIER_SILVER, 1000 * stream, 2},
		{"a unit below gold", bonded(10_000*stream - 1), types.TIER_SILVER, 10_000*stream - 1, 1},
		{"gold", bonded(10_000 * stream), types.TIER_GOLD, 10_000 * stream, 1},
		{"platinum ends the count", bonded(100_000*stream, 5), types.TIER_PLATINUM, 100_000 * stream, 1},
		{"not bonded", []fakeDelegation{{100 * stream, 0, stakingtypes.Unbonded}, {100 * stream, 0, stakingtypes.Unbonding}}, types.TIER_NONE, 0, 2},
		{"slashed", []fakeDelegation{{100 * stream, 1, stakingtypes.Bonded}}, types.TIER_NONE, 100*stream - 1, 1},
		{"32 are counted", bonded(many...), types.TIER_BRONZE, 32 * 30 * stream, types.MaxTierDelegations},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			who := f.Addr("staker")
			f.staking.delegations[who.String()] = c.delegations
			tier, err := f.k.TierOf(f.Ctx, who)
			require.NoError(t, err)
			require.Equal(t, c.tier, tier)
			require.Equal(t, c.reads, f.staking.reads)
			res, err := f.q.Tier(f.Ctx, &types.QueryTierRequest{Address: who.String()})
			require.NoError(t, err)
			require.Equal(t, types.Standing{
				Address: who.String(), Tier: c.tier, Bonded: math.NewInt(c.bonded),
				DiscountBps: map[types.Tier]uint32{types.TIER_BRONZE: 500, types.TIER_SILVER: 1000, types.TIER_GOLD: 2000, types.TIER_PLATINUM: 3000}[c.tier],
			}, res.Standing)
		})
	}
	_, err := newFixture(t).q.Tier(t.Context(), &types.QueryTierRequest{Address: "nobody"})
	require.ErrorIs(t, err, types.ErrInvalidAddress)
}
