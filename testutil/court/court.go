package court

import (
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// Line is how long the line of all stake is, in parts per million.
const Line = 1_000_000

// Game is a false claim by an attacker.
type Game struct {
	Terms types.Terms
	// Stake is the attacker's part of all stake, in parts per million.
	Stake uint64
	// Value is what the attacker gains where the claim is upheld, in ustream.
	Value math.Int
	// Appeals is how often the attacker appeals a ruling against the claim.
	Appeals int
	// Defends says that somebody appeals every ruling for the claim.
	Defends bool
	// Hides says that the attacker's seats vote with the honest majority where they are no majority
	// themselves: they are colluding, so they know.
	Hides bool
}

// Result is what became of a game.
type Result struct {
	// Captured says that the final ruling upholds the claim.
	Captured bool
	// Rounds is how many juries there were.
	Rounds int
	// First says that the first jury was captured.
	First bool
	// Gain is the attacker's, in ustream: value, bonds, rewards and losses.
	Gain math.Int
}

// Play plays one game: dispute and seed say which.
func (g Game) Play(seed [32]byte, dispute uint64) Result {
	var res Result
	d := types.Dispute{
		Id: dispute, Claimant: "attacker", Responder: "honest", Bond: g.Terms.Bond, CounterBond: g.Terms.Bond, InterimBond: math.ZeroInt(),
		Standing: types.CHOICE_DISMISS, Rounds: []types.Round{types.NewRound(0, g.Terms)},
	}
	var ballots []types.Ballot
	paid, appeals := d.Bond, 0
	for {
		round := len(d.Rounds) - 1
		mine, seats := g.draw(seed, dispute, round)
		d.Standing = types.CHOICE_DISMISS
		if 2*mine > seats {
			d.Standing = types.CHOICE_UPHOLD
		}
		res.First = res.First || round == 0 && d.Standing == types.CHOICE_UPHOLD
		ballots = append(ballots, g.ballots(round, mine, seats, d.Standing)...)
		attacked := d.Standing == types.CHOICE_DISMISS && appeals < g.Appeals
		if round == types.MaxRounds-1 || !attacked && (d.Standing == types.CHOICE_DISMISS || !g.Defends) {
			break
		}
		r := types.NewRound(round+1, g.Terms)
		r.Bond, r.Side, r.Appellant = g.Terms.RoundBond(r.Seats), d.Standing.Opposite(), "honest"
		if attacked {
			r.Appellant, paid, appeals = "attacker", paid.Add(r.Bond), appeals+1
		}
		d.Rounds = append(d.Rounds, r)
	}
	res.Rounds, res.Captured = len(d.Rounds), d.Standing == types.CHOICE_UPHOLD
	res.Gain = g.gain(d, ballots).Sub(paid)
	return res
}

// draw returns how many seats of a round the attacker has.
func (g Game) draw(seed [32]byte, dispute uint64, round int) (mine, seats uint32) {
	seats = types.SeatsOf(round)
	for i := range seats {
		if types.DrawPoint("court", seed, dispute, uint32(round), i, Line) < g.Stake {
			mine++
		}
	}
	return mine, seats
}

func (g Game) ballots(round int, mine, seats uint32, ruling types.Choice) []types.Ballot {
	vote := types.CHOICE_UPHOLD
	if g.Hides {
		vote = ruling
	}
	var out []types.Ballot
	if mine > 0 {
		out = append(out, types.Ballot{Round: uint32(round), Juror: "attacker", Seats: mine, Choice: vote})
	}
	if honest := seats - mine; honest > 0 {
		out = append(out, types.Ballot{Round: uint32(round), Juror: "honest", Seats: honest, Choice: types.CHOICE_DISMISS})
	}
	return out
}

// gain is what the attacker gets in the end, before the bonds that it paid.
func (g Game) gain(d types.Dispute, ballots []types.Ballot) math.Int {
	c := d.Case(ballots)
	s := c.Settle()
	gain := math.ZeroInt()
	if d.Standing == types.CHOICE_UPHOLD {
		gain = gain.Add(g.Value).Add(s.Compensation)
	}
	for i, b := range c.Bonds {
		if b.Owner == "attacker" {
			gain = gain.Add(s.Returned[i])
		}
	}
	for i, seat := range c.Seats {
		if seat.Juror == "attacker" {
			gain = gain.Add(s.Paid[i]).Sub(s.Slashed[i])
		}
	}
	return gain
}
