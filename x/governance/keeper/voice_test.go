package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

// Who votes has stake that is bound, or speaks for others: votes by dust would cost everybody's nodes for nothing.
func TestWhoVotes(t *testing.T) {
	f := newFixture(t)
	bond := func(validator string, rate int64, shares map[string]int64, names ...string) {
		f.staking.bond(f.Addr(validator), rate, shares, names, f.Addr)
	}
	bond("val", 100, map[string]int64{"just": types.MinVoteStake, "less": types.MinVoteStake - 1, "parts": types.MinVoteStake / 2, "idle": 1}, "just", "less", "parts", "idle")
	bond("other", 100, map[string]int64{"parts": types.MinVoteStake / 2}, "parts")
	bond("slashed", 50, map[string]int64{"half": 2*types.MinVoteStake - 2, "whole": 2 * types.MinVoteStake}, "half", "whole")
	bond("unbonded", 100, map[string]int64{"free": 10 * types.MinVoteStake}, "free")
	f.staking.validators[len(f.staking.validators)-1].Status = stakingtypes.Unbonding
	bond("empty", 100, nil)
	f.staking.validators[len(f.staking.validators)-1].Tokens = math.ZeroInt()
	require.NoError(t, f.send(f.creator("ann").take()))
	require.NoError(t, f.k.DelegateVote(f.Ctx, types.Delegation{Delegator: f.Addr("just").String(), Delegate: f.Addr("cleo").String(), Track: types.TRACK_SAFETY}))

	seat := f.guild.members[0].controller
	for name, c := range map[string]struct {
		who         sdk.AccAddress
		votes, lend bool
	}{
		"the least stake":          {f.Addr("just"), true, true},
		"in parts":                 {f.Addr("parts"), true, true},
		"a validator":              {f.Addr("val"), true, false},
		"a delegate":               {f.Addr("cleo"), true, false},
		"a seat":                   {seat, true, false},
		"worth enough":             {f.Addr("whole"), true, true},
		"less":                     {f.Addr("less"), false, false},
		"worth less":               {f.Addr("half"), false, false},
		"with one that left":       {f.Addr("free"), false, false},
		"one that left":            {f.Addr("unbonded"), false, false},
		"a validator of nothing":   {f.Addr("empty"), false, false},
		"nobody":                   {f.Addr("eve"), false, false},
		"one who only looks at it": {f.Addr("idle"), false, false},
	} {
		verdict := func(ok bool, err error) {
			t.Helper()
			if ok {
				require.NoError(t, err, name)
				return
			}
			require.ErrorIs(t, err, types.ErrNoVoice, name)
		}
		verdict(c.votes, f.k.Hooks().AfterProposalVote(f.Ctx, 1, c.who))
		verdict(c.lend, f.send(&types.MsgDelegateVote{Delegator: c.who.String(), Delegate: f.Addr("dora").String()}))
	}
	// a seat that has gone is no voice any more
	f.next(types.SeatSeconds*time.Second + time.Second)
	require.ErrorIs(t, f.k.Hooks().AfterProposalVote(f.Ctx, 1, seat), types.ErrNoVoice)
}
