package keeper

import (
	"context"

	"cosmossdk.io/math"

	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/x/governance/types"
)

// HouseCount is where votes stand in the creators' house: one a seat, in parts where a vote is split.
type HouseCount struct {
	Seats, Voted          uint64
	Yes, Against, Abstain math.LegacyDec
}

// Binding reports whether the house decides: it has seats enough, and enough of them voted.
func (c HouseCount) Binding() bool {
	return c.Seats >= types.HouseQuorumSeats && c.Voted*10_000 >= c.Seats*types.HouseTurnoutBps
}

// Met reports whether the house agrees, by a majority of what voted and did not abstain, or does not decide.
func (c HouseCount) Met() bool { return !c.Binding() || c.Yes.GT(c.Against) }

// House is the count as the outlook shows it.
func (c HouseCount) House() types.House {
	return types.House{
		Seats: c.Seats, Voted: c.Voted, Yes: c.Yes.String(), Against: c.Against.String(), Abstain: c.Abstain.String(),
		Binding: c.Binding(), Met: c.Met(),
	}
}

// CountHouse counts ballots in the creators' house: those of the controllers that seats have now, each for one, whatever is staked.
// Nobody's vote is lent here. Of an account without a creator it reads one row, of one with a seat a bounded number.
func (k *Keeper) CountHouse(ctx context.Context, ballots []Ballot) (HouseCount, error) {
	c := HouseCount{Yes: math.LegacyZeroDec(), Against: math.LegacyZeroDec(), Abstain: math.LegacyZeroDec()}
	var err error
	if c.Seats, err = k.EligibleSeats(ctx); err != nil || c.Seats == 0 {
		return c, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return c, err
	}
	for _, b := range ballots {
		sits, err := k.seatOf(ctx, b.Voter, now)
		if err != nil {
			return c, err
		}
		if sits {
			c.Voted++
			c.add(b.Options)
		}
	}
	return c, nil
}

// add counts one seat's vote.
func (c *HouseCount) add(options govv1.WeightedVoteOptions) {
	for _, o := range options {
		weight, err := math.LegacyNewDecFromStr(o.Weight)
		if err != nil {
			continue // x/gov has checked it when it took the vote
		}
		switch o.Option {
		case govv1.OptionYes:
			c.Yes = c.Yes.Add(weight)
		case govv1.OptionNo, govv1.OptionNoWithVeto:
			c.Against = c.Against.Add(weight)
		case govv1.OptionAbstain:
			c.Abstain = c.Abstain.Add(weight)
		}
	}
}
