package keeper_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	addresscodec "cosmossdk.io/core/address"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec/address"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/x/governance/keeper"
	"github.com/streamchain/streamchain/x/governance/types"
)

// stakes is a table of who has delegated what to whom; validators have one token a share, or rate of them.
type stakes struct {
	validators  []stakingtypes.Validator
	delegations []stakingtypes.Delegation
	by          map[string][]int // delegator to places in delegations
}

func (s *stakes) ValidatorAddressCodec() addresscodec.Codec {
	return address.NewBech32Codec("streamvaloper")
}

func operator(v sdk.AccAddress) string {
	out, err := address.NewBech32Codec("streamvaloper").BytesToString(v)
	if err != nil {
		panic(err)
	}
	return out
}

// bond adds a validator whose tokens are rate percent of its shares, and delegations to it.
func (s *stakes) bond(v sdk.AccAddress, rate int64, shares map[string]int64, names []string, addr func(string) sdk.AccAddress) {
	sum := int64(0)
	if s.by == nil {
		s.by = map[string][]int{}
	}
	for _, n := range names {
		if shares[n] == 0 {
			continue
		}
		sum += shares[n]
		s.by[addr(n).String()] = append(s.by[addr(n).String()], len(s.delegations))
		s.delegations = append(s.delegations, stakingtypes.Delegation{
			DelegatorAddress: addr(n).String(), ValidatorAddress: operator(v), Shares: math.LegacyNewDec(shares[n]),
		})
	}
	s.validators = append(s.validators, stakingtypes.Validator{
		OperatorAddress: operator(v), Tokens: math.NewInt(sum * rate / 100), DelegatorShares: math.LegacyNewDec(sum), Status: stakingtypes.Bonded,
	})
}

func (s *stakes) IterateBondedValidatorsByPower(_ context.Context, fn func(int64, stakingtypes.ValidatorI) bool) error {
	for i, v := range s.validators {
		if fn(int64(i), v) {
			break
		}
	}
	return nil
}

func (s *stakes) Validator(_ context.Context, at sdk.ValAddress) (stakingtypes.ValidatorI, error) {
	for _, v := range s.validators {
		if v.OperatorAddress == operator(sdk.AccAddress(at)) {
			return v, nil
		}
	}
	return nil, stakingtypes.ErrNoValidatorFound
}

func (s *stakes) IterateDelegations(_ context.Context, delegator sdk.AccAddress, fn func(int64, stakingtypes.DelegationI) bool) error {
	for i, at := range s.by[delegator.String()] {
		if fn(int64(i), s.delegations[at]) {
			break
		}
	}
	return nil
}

// stake gives each the least stake that votes, with a validator of its own.
func (f *fixture) stake(names ...string) {
	for _, n := range names {
		f.staking.bond(f.Addr("validator of "+n), 100, map[string]int64{n: types.MinVoteStake}, []string{n}, f.Addr)
	}
}

// council is five accounts.
func (f *fixture) council() types.Council {
	var msg types.MsgSetCouncil
	for i := range types.Seats {
		msg.Members = append(msg.Members, f.Addr(fmt.Sprint("member", i)).String())
	}
	return msg.Council()
}

const publish = "/streamchain.content.v1.MsgPublish"

func (f *fixture) pause(member int, seconds int64) *types.MsgPause {
	return &types.MsgPause{Member: f.council().Members[member], TypeUrl: publish, Seconds: seconds, Reason: "a bug"}
}

func options(weights ...string) govv1.WeightedVoteOptions {
	var out govv1.WeightedVoteOptions
	for i, o := range []govv1.VoteOption{govv1.OptionYes, govv1.OptionNo, govv1.OptionNoWithVeto, govv1.OptionAbstain} {
		if i < len(weights) && weights[i] != "" {
			out = append(out, &govv1.WeightedVoteOption{Option: o, Weight: weights[i]})
		}
	}
	return out
}

// whole is a count in whole tokens: yes, no, veto, abstain, bonded, delegated.
func whole(c keeper.Count) [6]int64 {
	r := func(d math.LegacyDec) int64 { return d.RoundInt64() }
	return [6]int64{r(c.Yes), r(c.No), r(c.Veto), r(c.Abstain), c.Bonded.Int64(), r(c.Delegated)}
}

func TestCountVotes(t *testing.T) {
	yes, no := options("1"), options("", "1")
	for name, c := range map[string]struct {
		lend  []types.Delegation // names for addresses
		votes map[string]govv1.WeightedVoteOptions
		want  [6]int64
	}{
		"nobody":                      {nil, nil, [6]int64{0, 0, 0, 0, 2500, 0}},
		"a validator for all of it":   {nil, map[string]govv1.WeightedVoteOptions{"val0": yes}, [6]int64{1500, 0, 0, 0, 2500, 0}},
		"who votes is not spoken for": {nil, map[string]govv1.WeightedVoteOptions{"val0": yes, "ann": no}, [6]int64{900, 600, 0, 0, 2500, 0}},
		"split votes":                 {nil, map[string]govv1.WeightedVoteOptions{"ann": options("0.5", "0.25", "0.25")}, [6]int64{300, 150, 150, 0, 2500, 0}},
		"a delegate for the track": {[]types.Delegation{{Delegator: "ann", Delegate: "cleo", Track: types.TRACK_TREASURY}},
			map[string]govv1.WeightedVoteOptions{"cleo": yes}, [6]int64{600, 0, 0, 0, 2500, 600}},
		"of another track": {[]types.Delegation{{Delegator: "ann", Delegate: "cleo", Track: types.TRACK_UPGRADE}},
			map[string]govv1.WeightedVoteOptions{"cleo": yes}, [6]int64{0, 0, 0, 0, 2500, 0}},
		"of all tracks": {[]types.Delegation{{Delegator: "ann", Delegate: "cleo"}},
			map[string]govv1.WeightedVoteOptions{"cleo": yes}, [6]int64{600, 0, 0, 0, 2500, 600}},
		"the track's comes before that of all": {[]types.Delegation{{Delegator: "ann", Delegate: "cleo"}, {Delegator: "ann", Delegate: "dora", Track: types.TRACK_TREASURY}},
			map[string]govv1.WeightedVoteOptions{"cleo": yes, "dora": no}, [6]int64{0, 600, 0, 0, 2500, 600}},
		"a module's vote is no voice": {nil, map[string]govv1.WeightedVoteOptions{"treasury": yes, "ann": no}, [6]int64{0, 600, 0, 0, 2500, 0}},
		"nor what it lends":           {[]types.Delegation{{Delegator: "treasury", Delegate: "cleo"}}, map[string]govv1.WeightedVoteOptions{"cleo": yes, "val1": no}, [6]int64{0, 1000, 0, 0, 2500, 0}},
		"nor what is lent to it": {[]types.Delegation{{Delegator: "ann", Delegate: "treasury"}},
			map[string]govv1.WeightedVoteOptions{"treasury": yes}, [6]int64{0, 0, 0, 0, 2500, 0}},
		"even where the track's does not vote": {[]types.Delegation{{Delegator: "ann", Delegate: "cleo"}, {Delegator: "ann", Delegate: "dora", Track: types.TRACK_TREASURY}},
			map[string]govv1.WeightedVoteOptions{"cleo": yes}, [6]int64{0, 0, 0, 0, 2500, 0}},
		"one's own vote before any": {[]types.Delegation{{Delegator: "ann", Delegate: "cleo"}},
			map[string]govv1.WeightedVoteOptions{"cleo": yes, "ann": no}, [6]int64{0, 600, 0, 0, 2500, 0}},
		"a silent delegate leaves it to the validator": {[]types.Delegation{{Delegator: "ann", Delegate: "cleo"}},
			map[string]govv1.WeightedVoteOptions{"val0": yes}, [6]int64{1500, 0, 0, 0, 2500, 0}},
		"delegate and validator count it once": {[]types.Delegation{{Delegator: "ann", Delegate: "cleo"}},
			map[string]govv1.WeightedVoteOptions{"val0": yes, "val1": yes, "cleo": yes}, [6]int64{2500, 0, 0, 0, 2500, 600}},
		"it is not lent on": {[]types.Delegation{{Delegator: "ann", Delegate: "bob"}, {Delegator: "bob", Delegate: "cleo"}},
			map[string]govv1.WeightedVoteOptions{"cleo": yes}, [6]int64{500, 0, 0, 0, 2500, 500}},
	} {
		f := newFixture(t)
		addr := func(n string) sdk.AccAddress {
			if n == "treasury" {
				return authtypes.NewModuleAddress(types.ModuleName)
			}
			return f.Addr(n)
		}
		// 1,500 tokens with the first; 1,500 shares worth 1,200 tokens with the second, of which the treasury holds 200
		f.staking.bond(f.Addr("val0"), 100, map[string]int64{"val0": 900, "ann": 600}, []string{"val0", "ann"}, addr)
		f.staking.bond(f.Addr("val1"), 80, map[string]int64{"bob": 625, "val1": 625, "treasury": 250}, []string{"bob", "val1", "treasury"}, addr)
		for _, d := range c.lend {
			d.Delegator, d.Delegate = addr(d.Delegator).String(), addr(d.Delegate).String()
			require.NoError(t, f.k.DelegateVote(f.Ctx, d), name)
		}
		var ballots []keeper.Ballot
		for voter, o := range c.votes {
			ballots = append(ballots, keeper.Ballot{Voter: addr(voter), Options: o})
		}
		got, err := f.k.CountVotes(f.Ctx, ballots, types.TRACK_TREASURY)
		require.NoError(t, err, name)
		require.Equal(t, c.want, whole(got), name)
	}
}

func TestDelegations(t *testing.T) {
	f := newFixture(t)
	ann, bob, cleo := f.Addr("ann").String(), f.Addr("bob").String(), f.Addr("cleo").String()
	f.stake("ann")
	before := f.rows()
	for name, c := range map[string]struct {
		msg sdk.Msg
		err error
	}{
		"to oneself":    {&types.MsgDelegateVote{Delegator: ann, Delegate: ann}, types.ErrInvalidDelegation},
		"no such track": {&types.MsgDelegateVote{Delegator: ann, Delegate: bob, Track: 7}, types.ErrInvalidDelegation},
		"to nobody":     {&types.MsgDelegateVote{Delegator: ann, Delegate: "bob"}, types.ErrInvalidAddress},
		"by nobody":     {&types.MsgDelegateVote{Delegate: bob}, types.ErrInvalidAddress},
		"not lent":      {&types.MsgUndelegateVote{Signer: ann, Delegator: ann}, types.ErrNoDelegation},
		"back, nobody":  {&types.MsgUndelegateVote{Signer: "x", Delegator: ann}, types.ErrInvalidAddress},
		"back, track":   {&types.MsgUndelegateVote{Signer: ann, Delegator: ann, Track: 9}, types.ErrInvalidDelegation},
		"back, whose":   {&types.MsgUndelegateVote{Signer: ann, Delegator: ""}, types.ErrInvalidAddress},
	} {
		require.ErrorIs(t, f.send(c.msg), c.err, name)
		require.Equal(t, before, f.rows(), name)
	}
	require.NoError(t, f.send(&types.MsgDelegateVote{Delegator: ann, Delegate: bob}))
	require.True(t, f.has("streamchain.governance.v1.EventVoteDelegated"))
	require.NoError(t, f.send(&types.MsgDelegateVote{Delegator: ann, Delegate: cleo, Track: types.TRACK_TREASURY}))
	require.ErrorIs(t, f.send(&types.MsgUndelegateVote{Signer: cleo, Delegator: ann}), types.ErrNoDelegation, "a stranger's")
	out, err := f.q.Delegations(f.Ctx, &types.QueryDelegationsRequest{Delegator: ann})
	require.NoError(t, err)
	require.Equal(t, []types.Delegation{{Delegator: ann, Delegate: bob}, {Delegator: ann, Delegate: cleo, Track: types.TRACK_TREASURY}}, out.Delegations)
	require.NoError(t, f.send(&types.MsgDelegateVote{Delegator: ann, Delegate: cleo}), "to another")
	in, err := f.q.Delegators(f.Ctx, &types.QueryDelegatorsRequest{Delegate: bob})
	require.NoError(t, err)
	require.Empty(t, in.Delegations)
	in, err = f.q.Delegators(f.Ctx, &types.QueryDelegatorsRequest{Delegate: cleo})
	require.NoError(t, err)
	require.Len(t, in.Delegations, 2)
	require.NoError(t, f.send(&types.MsgUndelegateVote{Signer: cleo, Delegator: ann, Track: types.TRACK_TREASURY}), "a delegate refuses")
	require.NoError(t, f.send(&types.MsgUndelegateVote{Signer: ann, Delegator: ann}))
	require.Equal(t, before, f.rows(), "nothing is left")

	for i := range types.MaxDelegators {
		require.NoError(t, f.k.DelegateVote(f.Ctx, types.Delegation{Delegator: f.Addr(fmt.Sprint(i)).String(), Delegate: bob}))
	}
	require.ErrorIs(t, f.send(&types.MsgDelegateVote{Delegator: ann, Delegate: bob}), types.ErrDelegateFull)
	require.NoError(t, f.send(&types.MsgDelegateVote{Delegator: ann, Delegate: bob, Track: types.TRACK_SAFETY}), "each track has its own list")
}

func TestCouncil(t *testing.T) {
	f := newFixture(t)
	council := f.council()
	allowed := func() error { _, err := f.k.IsAllowed(f.Ctx, publish); return err }
	set := &types.MsgSetCouncil{Authority: f.k.Authority(), Members: slices.Clone(council.Members)}
	slices.Reverse(set.Members)
	require.ErrorIs(t, f.send(f.pause(0, 60)), types.ErrNotCouncil, "there is none")
	require.NoError(t, f.send(set))
	got, err := f.q.Council(f.Ctx, &types.QueryCouncilRequest{})
	require.NoError(t, err)
	require.Equal(t, council, got.Council)

	before := f.rows()
	eve, member := f.Addr("eve").String(), council.Members[0]
	for name, c := range map[string]struct {
		msg sdk.Msg
		err error
	}{
		"four members":        {&types.MsgSetCouncil{Authority: f.k.Authority(), Members: council.Members[:4]}, types.ErrInvalidCouncil},
		"one twice":           {&types.MsgSetCouncil{Authority: f.k.Authority(), Members: append(slices.Clone(council.Members[:4]), member)}, types.ErrInvalidCouncil},
		"a malformed one":     {&types.MsgSetCouncil{Authority: f.k.Authority(), Members: append(slices.Clone(council.Members[:4]), "x")}, types.ErrInvalidAddress},
		"set by a member":     {&types.MsgSetCouncil{Authority: member, Members: nil}, types.ErrNotAuthority},
		"set by x/gov":        {&types.MsgSetCouncil{Authority: f.gov, Members: nil}, types.ErrNotAuthority},
		"by a stranger":       {&types.MsgPause{Member: eve, TypeUrl: publish, Seconds: 1, Reason: "r"}, types.ErrNotCouncil},
		"a claim":             {&types.MsgPause{Member: member, TypeUrl: "/streamchain.revenue.v1.MsgClaim", Seconds: 1, Reason: "r"}, types.ErrNotPausable},
		"a vote":              {&types.MsgPause{Member: member, TypeUrl: "/cosmos.gov.v1.MsgVote", Seconds: 1, Reason: "r"}, types.ErrNotPausable},
		"a name":              {&types.MsgPause{Member: member, TypeUrl: "MsgPublish", Seconds: 1, Reason: "r"}, types.ErrNotPausable},
		"73 hours":            {&types.MsgPause{Member: member, TypeUrl: publish, Seconds: 73 * 3600, Reason: "r"}, types.ErrInvalidPause},
		"no time":             {&types.MsgPause{Member: member, TypeUrl: publish, Reason: "r"}, types.ErrInvalidPause},
		"no reason":           {&types.MsgPause{Member: member, TypeUrl: publish, Seconds: 1}, types.ErrInvalidPause},
		"a reason of 2 lines": {&types.MsgPause{Member: member, TypeUrl: publish, Seconds: 1, Reason: "a\nb"}, types.ErrInvalidPause},
		"a malformed member":  {&types.MsgPause{TypeUrl: publish, Seconds: 1, Reason: "r"}, types.ErrInvalidAddress},
		"resume, not paused":  {&types.MsgResume{Signer: member, TypeUrl: publish}, types.ErrNotPaused},
		"resume, a stranger":  {&types.MsgResume{Signer: eve, TypeUrl: publish}, types.ErrNotCouncil},
		"resume, what":        {&types.MsgResume{Signer: member, TypeUrl: "x"}, types.ErrNotPausable},
		"resume, who":         {&types.MsgResume{TypeUrl: publish}, types.ErrInvalidAddress},
	} {
		require.ErrorIs(t, f.send(c.msg), c.err, name)
		require.Equal(t, before, f.rows(), name)
	}

	require.NoError(t, f.send(f.pause(0, 600)))
	require.ErrorIs(t, f.send(f.pause(0, 600)), types.ErrAlreadyVoted)
	require.NoError(t, f.send(f.pause(1, 60)))
	require.NoError(t, allowed(), "two are not enough")
	f.next(25 * time.Hour)
	require.NoError(t, f.send(f.pause(2, 60)))
	require.NoError(t, allowed(), "a vote counts for a day")
	require.NoError(t, f.send(f.pause(3, 3600)))
	require.NoError(t, f.send(f.pause(4, 300)))
	require.ErrorIs(t, allowed(), types.ErrPaused)
	require.True(t, f.has("streamchain.governance.v1.EventPaused"))
	f.next(59 * time.Second)
	require.ErrorIs(t, allowed(), types.ErrPaused)
	f.next(time.Second)
	require.NoError(t, allowed(), "the shortest time that was voted for")
	require.ErrorIs(t, f.send(f.pause(0, 60)), types.ErrCooldown)

	// everybody's vote needs no cooldown, and one member ends a pause
	require.NoError(t, f.send(&types.MsgPause{Member: f.k.Authority(), TypeUrl: publish, Seconds: 600, Reason: "again"}))
	require.ErrorIs(t, allowed(), types.ErrPaused)
	require.NoError(t, f.send(&types.MsgResume{Signer: member, TypeUrl: publish}))
	require.NoError(t, allowed())
	f.next(types.CooldownSeconds*time.Second + 10*time.Minute)
	require.NoError(t, f.send(f.pause(0, 60)))

	// votes of who left the council no longer count
	require.NoError(t, f.send(f.pause(1, 60)))
	require.NoError(t, f.k.SetCouncil(f.Ctx, types.Council{}))
	require.ErrorIs(t, f.send(f.pause(2, 60)), types.ErrNotCouncil)
	other := types.MsgSetCouncil{Members: append(slices.Clone(council.Members[2:]), eve, f.Addr("zoe").String())}
	require.NoError(t, f.k.SetCouncil(f.Ctx, other.Council()))
	require.NoError(t, f.send(f.pause(2, 60)))
	require.NoError(t, allowed())
}
