package keeper_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/x/governance/keeper"
	"github.com/streamchain/streamchain/x/governance/types"
)

// 50,000 votes, among them 10 of delegates who speak for a thousand each on the track and for as many on all tracks: what a vote
// reads of the store is bounded, and does not grow with how many there are.
func TestManyVotes(t *testing.T) {
	f := newFixture(t)
	const delegates = 10
	many := 50_000
	if testing.Short() {
		many = 5_000
	}
	account := func(kind byte, i int) sdk.AccAddress {
		a := make(sdk.AccAddress, 20)
		a[0], a[17], a[18], a[19] = kind, byte(i>>16), byte(i>>8), byte(i)
		return a
	}
	f.staking.by = map[string][]int{}
	for v := range 100 {
		f.staking.validators = append(f.staking.validators, stakingtypes.Validator{
			OperatorAddress: operator(account('v', v)), Tokens: math.NewInt(100_000), DelegatorShares: math.LegacyNewDec(100_000), Status: stakingtypes.Bonded,
		})
	}
	stake := func(a sdk.AccAddress, i int) {
		f.staking.by[a.String()] = append(f.staking.by[a.String()], len(f.staking.delegations))
		f.staking.delegations = append(f.staking.delegations, stakingtypes.Delegation{
			DelegatorAddress: a.String(), ValidatorAddress: operator(account('v', i%100)), Shares: math.LegacyNewDec(1),
		})
	}
	ballots := make([]keeper.Ballot, many)
	for i := range ballots {
		ballots[i] = keeper.Ballot{Voter: account('b', i), Options: options("1")}
		if i%3 == 0 {
			ballots[i].Options = options("", "1")
		}
		stake(ballots[i].Voter, i)
	}
	gs := types.DefaultGenesis()
	for d := range delegates {
		for i := range types.MaxDelegators {
			for kind, track := range map[byte]types.Track{'t': types.TRACK_TREASURY, 'a': types.TRACK_UNSPECIFIED} {
				lender := account(kind, d*types.MaxDelegators+i)
				stake(lender, i)
				gs.Delegations = append(gs.Delegations, types.Delegation{Delegator: lender.String(), Delegate: ballots[d].Voter.String(), Track: track})
			}
		}
	}
	slices.SortFunc(gs.Delegations, func(a, b types.Delegation) int {
		return bytes.Compare(sdk.MustAccAddressFromBech32(a.Delegator), sdk.MustAccAddressFromBech32(b.Delegator))
	})
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	// iterators over what is not written yet are slow
	store, ok := f.Ctx.MultiStore().(storetypes.CommitMultiStore)
	require.True(t, ok)
	store.Commit()

	// reads are all that costs anything
	count := func(ballots []keeper.Ballot) (keeper.Count, uint64, time.Duration) {
		ctx := f.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()).WithKVGasConfig(storetypes.GasConfig{HasCost: 1, ReadCostFlat: 1, IterNextCostFlat: 1})
		began := time.Now()
		c, err := f.k.CountVotes(ctx, ballots, types.TRACK_TREASURY)
		require.NoError(t, err)
		_, err = f.k.CountHouse(ctx, ballots)
		require.NoError(t, err)
		return c, ctx.GasMeter().GasConsumed(), time.Since(began)
	}
	const lent = 2 * delegates * types.MaxDelegators
	c, reads, took := count(ballots)
	_, half, _ := count(ballots[:many/2])
	require.EqualValues(t, many+lent, c.Voted().TruncateInt64(), "each stake once")
	require.EqualValues(t, lent, c.Delegated.TruncateInt64())
	// two looks for delegators each, and of each vote that is lent its row and whether the track has another
	require.LessOrEqual(t, reads, uint64(3*many+3*lent))
	require.LessOrEqual(t, reads-half, uint64(3*(many-many/2)), "a vote more is no dearer than one before it")
	t.Logf("%d votes that speak for %d more: %d reads, %s", many, lent, reads, took.Round(time.Millisecond))
}
