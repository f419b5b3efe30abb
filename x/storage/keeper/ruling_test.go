package keeper_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// claim claims bps of the bond of the provider called name, and returns how much that is.
func (f *fixture) claim(name string, bps uint32, reference string) math.Int {
	f.T.Helper()
	amount, err := f.k.ClaimBond(f.Ctx, f.Addr(name).String(), bps, reference)
	require.NoError(f.T, err)
	return amount
}

func (f *fixture) slash(name, reference string) math.Int {
	f.T.Helper()
	amount, err := f.k.SlashBond(f.Ctx, f.Addr(name).String(), reference)
	require.NoError(f.T, err)
	return amount
}

func (f *fixture) commonPool() math.Int {
	f.T.Helper()
	pool, err := f.k.Pool(f.Ctx)
	require.NoError(f.T, err)
	return pool
}

// A ruling takes what was claimed when the dispute began, once, for the pool: whatever the bond has become.
func TestSlashBond(t *testing.T) {
	f := newFixture(t)
	op := f.provider("op")
	bond, pool := f.row("op").Bond, f.commonPool()
	first := f.claim("op", 333, "dispute/1")
	require.Equal(t, bond.MulRaw(333).QuoRaw(10_000), first)
	second := f.claim("op", 10_000, "dispute/2")
	require.Equal(t, bond.Sub(first), second, "what other claims leave")
	require.Zero(t, f.claim("op", 10_000, "dispute/3").Int64(), "nothing is left to claim")
	res, err := f.q.Provider(f.Ctx, &types.QueryProviderRequest{Operator: op.String()})
	require.NoError(t, err)
	require.Len(t, res.BondClaims, 2)

	f.must(&types.MsgAddBond{Operator: op.String(), Amount: math.NewInt(stream)})
	require.Equal(t, first, f.slash("op", "dispute/1"))
	before := f.state()
	require.Zero(t, f.slash("op", "dispute/1").Int64(), "twice is once")
	require.Zero(t, f.slash("op", "dispute/4").Int64(), "nobody claimed that")
	require.NoError(t, f.k.ReleaseBond(f.Ctx, op.String(), "dispute/1"))
	require.Equal(t, before, f.state())
	require.Equal(t, bond.AddRaw(stream).Sub(first), f.row("op").Bond)
	require.Equal(t, pool.Add(types.Nano(first)), f.commonPool())
	require.Contains(t, f.events(), "EventBondClaimEnded")

	require.NoError(t, f.k.ReleaseBond(f.Ctx, op.String(), "dispute/2"))
	require.Zero(t, f.slash("op", "dispute/2").Int64(), "it was let go")
	for name, c := range map[string]struct {
		operator  sdk.AccAddress
		bps       uint32
		reference string
		want      error
	}{
		"nobody":           {f.Addr("nobody"), 1, "dispute/5", types.ErrProviderNotFound},
		"nothing":          {op, 0, "dispute/5", types.ErrInvalidAmount},
		"more than all":    {op, 10_001, "dispute/5", types.ErrInvalidAmount},
		"without a name":   {op, 1, "", types.ErrInvalidAmount},
		"an endless name":  {op, 1, strings.Repeat("d", types.MaxReferenceLen+1), types.ErrInvalidAmount},
		"one that is gone": {f.gone("gone"), 1, "dispute/5", types.ErrNotClaimable},
	} {
		before := f.state()
		_, err := f.k.ClaimBond(f.Ctx, c.operator.String(), c.bps, c.reference)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, before, f.state(), name)
	}
	_, err = f.k.SlashBond(f.Ctx, f.Addr("nobody").String(), "dispute/1")
	require.ErrorIs(t, err, types.ErrProviderNotFound)
}

// gone is a provider that has left with its whole bond.
func (f *fixture) gone(name string) sdk.AccAddress {
	f.T.Helper()
	op := f.provider(name)
	f.must(&types.MsgLeave{Operator: op.String()})
	f.jump(types.DefaultUnbondingSeconds * time.Second)
	f.must(&types.MsgWithdrawBond{Operator: op.String()})
	return op
}

// Leaving is no way out of a dispute: what it can cost stays behind, and nothing else does.
func TestLeavingUnderClaims(t *testing.T) {
	f := newFixture(t)
	op := f.provider("op")
	bond, had := f.row("op").Bond, f.Balance(op)
	lost, kept := f.claim("op", 500, "dispute/1"), f.claim("op", 500, "dispute/2")
	f.must(&types.MsgLeave{Operator: op.String()})
	late := f.claim("op", 500, "dispute/3")
	withdraw := &types.MsgWithdrawBond{Operator: op.String()}
	f.jump((types.DefaultUnbondingSeconds - 1) * time.Second)
	f.reject([]rejection{{"a second early", withdraw, types.ErrBondLocked}})
	f.jump(time.Second)

	_, err := f.k.ClaimBond(f.Ctx, op.String(), 500, "dispute/4")
	require.ErrorIs(t, err, types.ErrNotClaimable, "not after the unbonding time: else there could be one claim more for ever")
	f.must(withdraw)
	claimed := lost.Add(kept).Add(late)
	require.EqualValues(t, had+bond.Sub(claimed).Int64(), f.Balance(op))
	require.Equal(t, claimed, f.row("op").Bond)
	require.Equal(t, types.PROVIDER_STATUS_LEAVING, f.row("op").Status)
	f.reject([]rejection{{"while claims are open", withdraw, types.ErrBondClaimed}})

	require.Equal(t, lost, f.slash("op", "dispute/1"))
	f.reject([]rejection{{"the others are open still", withdraw, types.ErrBondClaimed}})
	require.NoError(t, f.k.ReleaseBond(f.Ctx, op.String(), "dispute/2"))
	f.must(withdraw)
	require.NoError(t, f.k.ReleaseBond(f.Ctx, op.String(), "dispute/3"))
	f.must(withdraw)
	require.EqualValues(t, had+bond.Sub(lost).Int64(), f.Balance(op), "all but what was lost")
	require.Equal(t, types.PROVIDER_STATUS_GONE, f.row("op").Status)
	f.must(f.registerMsg("op"))
}

// One that loses all that it left behind is done, too.
func TestLeavingWithNothing(t *testing.T) {
	f := newFixture(t)
	op := f.provider("op")
	all := f.claim("op", 10_000, "dispute/1")
	f.must(&types.MsgLeave{Operator: op.String()})
	f.jump(types.DefaultUnbondingSeconds * time.Second)
	f.reject([]rejection{{"all of it is claimed", &types.MsgWithdrawBond{Operator: op.String()}, types.ErrBondClaimed}})
	require.Equal(t, all, f.slash("op", "dispute/1"))
	f.must(&types.MsgWithdrawBond{Operator: op.String()})
	require.Equal(t, types.PROVIDER_STATUS_GONE, f.row("op").Status)
}

// However many claims an enemy makes, for however long they stay undecided, the bond comes back, and at a bounded price.
func TestClaimsAreBounded(t *testing.T) {
	f := newFixture(t)
	op := f.provider("op")
	bond := f.row("op").Bond
	sum := math.ZeroInt()
	for i := range types.MaxBondClaims {
		sum = sum.Add(f.claim("op", 500, fmt.Sprint("dispute/", i)))
	}
	require.True(t, sum.LT(bond), "claims never come to more than the bond")
	_, err := f.k.ClaimBond(f.Ctx, op.String(), 500, "one more")
	require.ErrorIs(t, err, types.ErrTooManyBondClaims)

	f.must(&types.MsgLeave{Operator: op.String()})
	f.jump(types.DefaultUnbondingSeconds * time.Second)
	gas := f.Ctx.GasMeter().GasConsumed()
	f.must(&types.MsgWithdrawBond{Operator: op.String()})
	require.Less(t, f.Ctx.GasMeter().GasConsumed()-gas, uint64(1_000_000), "it fits in any block")
	require.Equal(t, sum, f.row("op").Bond)
	f.jump((types.MaxBondClaimSeconds - types.DefaultUnbondingSeconds) * time.Second)
	f.must(&types.MsgWithdrawBond{Operator: op.String()})
	require.Equal(t, types.PROVIDER_STATUS_GONE, f.row("op").Status, "no claim keeps anything after a year")
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}
