package keeper

import (
	"context"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

// Ballot is one account's vote.
type Ballot struct {
	Voter   sdk.AccAddress
	Options govv1.WeightedVoteOptions
}

// Count is where votes stand, in ustream of bonded stake.
type Count struct {
	Yes, No, Veto, Abstain math.LegacyDec
	Bonded                 math.Int
	Delegated              math.LegacyDec
}

// Voted is the stake that voted.
func (c Count) Voted() math.LegacyDec { return c.Yes.Add(c.No).Add(c.Veto).Add(c.Abstain) }

// add gives power to the options of a vote.
func (c *Count) add(options govv1.WeightedVoteOptions, power math.LegacyDec) {
	for _, o := range options {
		weight, err := math.LegacyNewDecFromStr(o.Weight)
		if err != nil {
			continue // x/gov has checked it when it took the vote
		}
		part := power.Mul(weight)
		switch o.Option {
		case govv1.OptionYes:
			c.Yes = c.Yes.Add(part)
		case govv1.OptionNo:
			c.No = c.No.Add(part)
		case govv1.OptionNoWithVeto:
			c.Veto = c.Veto.Add(part)
		case govv1.OptionAbstain:
			c.Abstain = c.Abstain.Add(part)
		}
	}
}

// validator is what counting needs of a bonded one.
type validator struct {
	tokens math.Int
	shares math.LegacyDec
	spoken math.LegacyDec // shares whose owners vote by themselves or not at all
	vote   govv1.WeightedVoteOptions
}

func (v validator) power(shares math.LegacyDec) math.LegacyDec {
	return shares.MulInt(v.tokens).Quo(v.shares)
}

// counting is one count under way.
type counting struct {
	k          *Keeper
	ctx        context.Context
	count      Count
	validators []validator
	at         map[string]int // operator address to its place in validators; never ranged over
}

// CountVotes counts ballots on a track. Who voted counts for itself; of who did not, the delegate that it chose for the track votes,
// else its validators do, each for the stake delegated to it. What module accounts hold does not count at all.
func (k *Keeper) CountVotes(ctx context.Context, ballots []Ballot, track types.Track) (Count, error) {
	zero := math.LegacyZeroDec()
	c := &counting{k: k, ctx: ctx, at: map[string]int{}, count: Count{zero, zero, zero, zero, math.ZeroInt(), zero}}
	if err := c.open(); err != nil {
		return c.count, err
	}
	// what an enactment voted or lent in a module's name is no voice either
	ballots = slices.DeleteFunc(slices.Clone(ballots), func(b Ballot) bool { return k.isModule(b.Voter) })
	voted := make(map[string]bool, len(ballots)+len(k.modules))
	for _, m := range k.modules {
		voted[string(m)] = true
	}
	for _, b := range ballots {
		voted[string(b.Voter)] = true
		operator, err := k.staking.ValidatorAddressCodec().BytesToString(b.Voter)
		if err != nil {
			return c.count, err
		}
		if i, ok := c.at[operator]; ok {
			c.validators[i].vote = b.Options
		}
		if _, err := c.speak(b.Voter, b.Options); err != nil {
			return c.count, err
		}
	}
	for _, b := range ballots {
		if err := c.lent(b, track, voted); err != nil {
			return c.count, err
		}
	}
	for _, v := range c.validators {
		if len(v.vote) > 0 {
			c.count.add(v.vote, v.power(v.shares.Sub(v.spoken)))
		}
	}
	return c.count, nil
}

func (k *Keeper) isModule(a sdk.AccAddress) bool {
	return slices.ContainsFunc(k.modules, func(m sdk.AccAddress) bool { return m.Equals(a) })
}

// open reads the bonded validators and takes out what modules hold.
func (c *counting) open() error {
	err := c.k.staking.IterateBondedValidatorsByPower(c.ctx, func(_ int64, v stakingtypes.ValidatorI) bool {
		if v.GetDelegatorShares().IsPositive() {
			c.at[v.GetOperator()] = len(c.validators)
			c.validators = append(c.validators, validator{tokens: v.GetTokens(), shares: v.GetDelegatorShares(), spoken: math.LegacyZeroDec()})
			c.count.Bonded = c.count.Bonded.Add(v.GetTokens())
		}
		return false
	})
	if err != nil {
		return err
	}
	for _, module := range c.k.modules {
		held, err := c.speak(module, nil)
		if err != nil {
			return err
		}
		c.count.Bonded = c.count.Bonded.Sub(held.TruncateInt())
	}
	return nil
}

// speak takes an account's stake from its validators' voice and gives it to options. It returns that stake.
func (c *counting) speak(account sdk.AccAddress, options govv1.WeightedVoteOptions) (math.LegacyDec, error) {
	sum := math.LegacyZeroDec()
	err := c.k.staking.IterateDelegations(c.ctx, account, func(_ int64, d stakingtypes.DelegationI) bool {
		i, ok := c.at[d.GetValidatorAddr()]
		if !ok {
			return false
		}
		v := &c.validators[i]
		v.spoken = v.spoken.Add(d.GetShares())
		power := v.power(d.GetShares())
		sum = sum.Add(power)
		c.count.add(options, power)
		return false
	})
	return sum, err
}

// lent counts the votes that others lent to a voter on the track, but of those who vote by themselves.
func (c *counting) lent(b Ballot, track types.Track, voted map[string]bool) error {
	speak := func(delegator sdk.AccAddress) error {
		if voted[string(delegator)] {
			return nil
		}
		power, err := c.speak(delegator, b.Options)
		c.count.Delegated = c.count.Delegated.Add(power)
		return err
	}
	if err := c.k.eachDelegator(c.ctx, b.Voter, track, speak); err != nil || track == types.TRACK_UNSPECIFIED {
		return err
	}
	return c.k.eachDelegator(c.ctx, b.Voter, types.TRACK_UNSPECIFIED, func(delegator sdk.AccAddress) error {
		// who lends this track's vote by itself has been counted there, or votes through another
		own, err := c.k.delegations.Has(c.ctx, collections.Join(delegator.Bytes(), uint32(track)))
		if err != nil || own {
			return err
		}
		return speak(delegator)
	})
}

// ballots reads the votes of a proposal.
func ballots(ctx context.Context, gov *govkeeper.Keeper, proposal uint64) (out []Ballot, err error) {
	at := collections.NewPrefixedPairRange[uint64, sdk.AccAddress](proposal)
	err = gov.Votes.Walk(ctx, at, func(key collections.Pair[uint64, sdk.AccAddress], vote govv1.Vote) (bool, error) {
		out = append(out, Ballot{Voter: key.K2(), Options: vote.Options})
		return false, nil
	})
	return out, err
}

// Tally is x/gov's tally function: its counting, with delegates and without modules, and the rule of what the proposal would do. Where
// the rule is not met it reports that nobody took part, which x/gov's quorum refuses; the counts that it shows are the true ones.
// It never fails, since that would halt the chain: what cannot be counted counts as not met. It removes the votes, as x/gov wants.
func (k *Keeper) Tally(ctx context.Context, gov govkeeper.Keeper, p govv1.Proposal) (math.LegacyDec, math.Int, map[govv1.VoteOption]math.LegacyDec, error) {
	zero := math.LegacyZeroDec()
	results := map[govv1.VoteOption]math.LegacyDec{govv1.OptionYes: zero, govv1.OptionAbstain: zero, govv1.OptionNo: zero, govv1.OptionNoWithVeto: zero}
	votes, err := ballots(ctx, &gov, p.Id)
	if err != nil {
		return zero, math.ZeroInt(), results, err
	}
	for _, b := range votes {
		if err := gov.Votes.Remove(ctx, collections.Join(p.Id, b.Voter)); err != nil {
			return zero, math.ZeroInt(), results, err
		}
	}
	var c Count
	var rule types.Rule
	met := true
	err = safely(ctx, func(ctx sdk.Context) (err error) {
		rule = k.RuleOf(ctx, p)
		if c, err = k.CountVotes(ctx, votes, rule.Track); err != nil {
			return err
		}
		met, _, err = k.met(ctx, rule, c, votes)
		return err
	})
	if err != nil {
		sdk.UnwrapSDKContext(ctx).Logger().Error("governance: votes were not counted", "proposal", p.Id, "error", err)
		return zero, math.OneInt(), results, emit(ctx, &types.EventTallyFailed{ProposalId: p.Id})
	}
	results[govv1.OptionYes], results[govv1.OptionNo] = c.Yes, c.No
	results[govv1.OptionNoWithVeto], results[govv1.OptionAbstain] = c.Veto, c.Abstain
	took := c.Voted()
	if !met {
		took = zero
	}
	return took, c.Bonded, results, nil
}

// met reports whether the stake fulfils a rule and the creators' house agrees, where the rule asks it.
func (k *Keeper) met(ctx context.Context, rule types.Rule, c Count, votes []Ballot) (bool, HouseCount, error) {
	house := HouseCount{Yes: math.LegacyZeroDec(), Against: math.LegacyZeroDec(), Abstain: math.LegacyZeroDec()}
	if rule.Track == types.TRACK_UNSPECIFIED {
		return true, house, nil
	}
	met := rule.Met(c.Yes, c.No.Add(c.Veto), c.Abstain, c.Bonded)
	if !rule.House {
		return met, house, nil
	}
	house, err := k.CountHouse(ctx, votes)
	return met && house.Met(), house, err
}
