package types_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/dispute/types"
)

func terms(kind types.Kind) types.Terms {
	t, err := types.DefaultParams().Of(kind)
	if err != nil {
		panic(err)
	}
	return t
}

func ints(amounts []math.Int) (out []int64) {
	for _, a := range amounts {
		out = append(out, a.Int64())
	}
	return out
}

// Every figure of one settlement by hand: seats of 25 STREAM, fees of 10.
func TestSettleByHand(t *testing.T) {
	const s = 1_000_000
	tt := terms(types.KIND_INFRINGEMENT)
	seat := func(n uint32, c types.Choice) types.Seat { return types.Seat{Seats: n, Choice: c, Terms: tt} }
	bond := func(amount int64, side types.Choice) types.Bond {
		return types.Bond{Amount: math.NewInt(amount), Side: side}
	}
	up, down, none := types.CHOICE_UPHOLD, types.CHOICE_DISMISS, types.CHOICE_UNSPECIFIED

	c := types.Case{Ruling: up, Winner: true, Bonds: []types.Bond{bond(200*s, up), bond(200*s, down)},
		Seats: []types.Seat{seat(4, up), seat(2, down), seat(1, none)}}
	got := c.Settle()
	require.Equal(t, []int64{0, 50 * s, 37.5 * s}, ints(got.Slashed), "not voting costs half as much again")
	require.Equal(t, []int64{200 * s, 0}, ints(got.Returned))
	// 200 + 87.5 lost; 40 are fees; 247.5 are left: half to the party, the rest to four seats
	require.EqualValues(t, 123.75*s, got.Compensation.Int64())
	require.Equal(t, []int64{163.75 * s, 0, 0}, ints(got.Paid))
	require.Zero(t, got.Treasury.Int64())
	require.True(t, c.Conserved(got))

	// nobody answered and all agreed: the claimant's own bond pays the jury
	c = types.Case{Ruling: up, Winner: true, Bonds: []types.Bond{bond(200*s, up)}, Seats: []types.Seat{seat(7, up)}}
	got = c.Settle()
	require.Equal(t, []int64{130 * s}, ints(got.Returned))
	require.Equal(t, []int64{70 * s}, ints(got.Paid))
	require.True(t, c.Conserved(got))

	// the respondent who won has not answered: there is nobody to compensate
	c = types.Case{Ruling: down, Bonds: []types.Bond{bond(200*s, up)}, Seats: []types.Seat{seat(7, down)}}
	got = c.Settle()
	require.EqualValues(t, 65*s+2, got.Treasury.Int64(), "half of 130, and what seven seats cannot divide")
	require.Equal(t, []int64{70*s + 64_999_998}, ints(got.Paid))
	require.True(t, c.Conserved(got))

	// no jury: everything returns
	c = types.Case{Ruling: down, Bonds: []types.Bond{bond(200*s, none), bond(200*s, none)}}
	got = c.Settle()
	require.Equal(t, []int64{200 * s, 200 * s}, ints(got.Returned))
	require.True(t, c.Conserved(got))
}

// For every case of the court nothing is made or lost, nobody gets a negative amount, no bond that
// won gives more than half, and every seat that voted with the ruling is paid its fee.
func TestSettleConserves(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		tt := terms(types.KIND_INFRINGEMENT)
		tt.SeatFee = math.NewInt(rapid.Int64Range(1, 20_000_000).Draw(r, "fee"))
		tt.SeatStake = math.NewInt(rapid.Int64Range(1, 50_000_000).Draw(r, "stake"))
		tt.Bond = tt.SeatFee.MulRaw(14).AddRaw(rapid.Int64Range(0, 1_000_000_000).Draw(r, "bond"))
		choice := rapid.SampledFrom([]types.Choice{types.CHOICE_UPHOLD, types.CHOICE_DISMISS})
		c := types.Case{Ruling: choice.Draw(r, "ruling"), Winner: rapid.Bool().Draw(r, "winner")}
		c.Bonds = append(c.Bonds, types.Bond{Amount: tt.Bond.AddRaw(rapid.Int64Range(0, 1<<40).Draw(r, "more")), Side: types.CHOICE_UPHOLD})
		if rapid.Bool().Draw(r, "answered") {
			c.Bonds = append(c.Bonds, types.Bond{Amount: tt.Bond, Side: types.CHOICE_DISMISS})
		}
		for round := range rapid.IntRange(1, types.MaxRounds).Draw(r, "rounds") {
			if round > 0 {
				c.Bonds = append(c.Bonds, types.Bond{Amount: tt.RoundBond(types.SeatsOf(round)), Side: choice.Draw(r, "side")})
			}
			for left := types.SeatsOf(round); left > 0; {
				n := rapid.Uint32Range(1, left).Draw(r, "seats")
				vote := types.Choice(rapid.IntRange(0, 2).Draw(r, "vote"))
				c.Seats = append(c.Seats, types.Seat{Round: uint32(round), Seats: n, Choice: vote, Terms: tt})
				left -= n
			}
		}
		s := c.Settle()
		if !c.Conserved(s) {
			r.Fatalf("%+v gives %+v", c, s)
		}
		for i, b := range c.Bonds {
			if b.Side == c.Ruling && s.Returned[i].LT(b.Amount.Sub(b.Amount.QuoRaw(2))) || s.Returned[i].IsNegative() || s.Returned[i].GT(b.Amount) {
				r.Fatalf("bond %d: %s of %s", i, s.Returned[i], b.Amount)
			}
		}
		for i, seat := range c.Seats {
			fee := tt.SeatFee.MulRaw(int64(seat.Seats))
			if seat.Choice == c.Ruling && (s.Paid[i].LT(fee) || !s.Slashed[i].IsZero()) || seat.Choice != c.Ruling && !s.Paid[i].IsZero() {
				r.Fatalf("seat %d: paid %s, slashed %s", i, s.Paid[i], s.Slashed[i])
			}
			if s.Slashed[i].GT(tt.Lock().MulRaw(int64(seat.Seats))) {
				r.Fatalf("seat %d loses %s, more than it locks", i, s.Slashed[i])
			}
		}
		if s.Compensation.IsNegative() || s.Treasury.IsNegative() {
			r.Fatalf("%+v", s)
		}
	})
}

func TestJuriesGrow(t *testing.T) {
	require.Equal(t, "7 15 31 63", fmt.Sprintf("%d %d %d %d", types.SeatsOf(0), types.SeatsOf(1), types.SeatsOf(2), types.SeatsOf(3)))
	require.EqualValues(t, types.LastSeats, types.SeatsOf(types.MaxRounds-1))
	tt := terms(types.KIND_INFRINGEMENT)
	require.EqualValues(t, 200_000_000, tt.RoundBond(7).Int64())
	require.EqualValues(t, 428_571_429, tt.RoundBond(15).Int64())
	require.EqualValues(t, 1_800_000_000, tt.RoundBond(63).Int64())
}

func TestParams(t *testing.T) {
	require.NoError(t, types.DefaultParams().ValidateVoted())
	require.NoError(t, types.DefaultParams().Shorten(5).Validate())
	require.ErrorIs(t, types.DefaultParams().Shorten(5).ValidateVoted(), types.ErrInvalidParams)
	at := func(edit func(*types.Terms)) func(*types.Params) { return func(p *types.Params) { edit(&p.Terms[0]) } }
	for name, edit := range map[string]func(*types.Params){
		"a kind is missing":     func(p *types.Params) { p.Terms = p.Terms[1:] },
		"kinds out of order":    func(p *types.Params) { p.Terms[0], p.Terms[1] = p.Terms[1], p.Terms[0] },
		"bond too small":        at(func(x *types.Terms) { x.Bond = math.NewInt(types.MinBond - 1) }),
		"bond too large":        at(func(x *types.Terms) { x.Bond = math.NewInt(types.MaxBond + 1) }),
		"no bond":               at(func(x *types.Terms) { x.Bond = math.Int{} }),
		"fees over half a bond": at(func(x *types.Terms) { x.SeatFee = x.Bond.QuoRaw(14).AddRaw(1) }),
		"no fee":                at(func(x *types.Terms) { x.SeatFee = math.ZeroInt() }),
		"no seat stake":         at(func(x *types.Terms) { x.SeatStake = math.ZeroInt() }),
		"no interim bond":       at(func(x *types.Terms) { x.InterimBond = math.ZeroInt() }),
		"a slash for a work":    at(func(x *types.Terms) { x.SlashBps = 1 }),
		"slash too large":       func(p *types.Params) { p.Terms[5].SlashBps = types.MaxSlashBps + 1 },
		"an interim split":      func(p *types.Params) { p.Terms[3].InterimBond = math.NewInt(1) },
		"no time for an answer": at(func(x *types.Terms) { x.EvidenceSeconds = types.LeastEvidenceSeconds - 1 }),
		"no time to commit":     at(func(x *types.Terms) { x.CommitSeconds = types.LeastVoteSeconds - 1 }),
		"no time to reveal":     at(func(x *types.Terms) { x.RevealSeconds = 0 }),
		"endless appeal":        at(func(x *types.Terms) { x.AppealSeconds = types.MaxStepSeconds + 1 }),
		"least stake too small": func(p *types.Params) { p.MinStake = math.NewInt(299_999_999) },
		"least stake missing":   func(p *types.Params) { p.MinStake = math.Int{} },
		"endless interim":       func(p *types.Params) { p.InterimSeconds = types.MaxInterimSeconds + 1 },
		"endless unstaking":     func(p *types.Params) { p.UnstakeSeconds = types.MaxUnstakeSeconds + 1 },
		"no time to draw":       func(p *types.Params) { p.DrawSeconds = types.LeastDrawSeconds - 1 },
	} {
		p := types.DefaultParams()
		edit(&p)
		require.ErrorIs(t, p.ValidateVoted(), types.ErrInvalidParams, name)
	}
	// the longest dispute there can be ends while its payments still wait
	longest := types.MaxEvidenceSeconds + types.MaxRounds*(types.MaxDrawSeconds+3*types.MaxStepSeconds)
	require.Less(t, longest+30*24*3600, types.ContestSeconds)
}
