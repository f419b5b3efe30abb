package keeper_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/governance/keeper"
	"github.com/streamchain/streamchain/x/governance/types"
)

// member is what the house asks of one creator.
type member struct {
	id         string
	controller sdk.AccAddress
	level      uint32
	firstWork  int64
	earned     bool
}

// guild is a table of creators, in place of x/content and x/revenue. It counts how often it is asked about one.
type guild struct {
	members []*member
	asked   int
}

func (g *guild) find(id string) (*member, error) {
	for _, m := range g.members {
		if m.id == id {
			g.asked++
			return m, nil
		}
	}
	return nil, contenttypes.ErrCreatorNotFound
}

func (g *guild) RequireController(_ context.Context, id string, signer sdk.AccAddress) (contenttypes.Creator, error) {
	m, err := g.find(id)
	if err == nil && !m.controller.Equals(signer) {
		err = contenttypes.ErrNotController
	}
	return contenttypes.Creator{Id: id}, err
}

func (g *guild) CreatorOf(_ context.Context, controller sdk.AccAddress) (contenttypes.Creator, error) {
	for _, m := range g.members {
		if m.controller.Equals(controller) {
			return contenttypes.Creator{Id: m.id}, nil
		}
	}
	return contenttypes.Creator{}, contenttypes.ErrCreatorNotFound
}

func (g *guild) Level(_ context.Context, id string) (uint32, error) {
	m, err := g.find(id)
	return m.level, err
}

func (g *guild) FirstWorkAt(_ context.Context, id string) (int64, error) {
	m, err := g.find(id)
	return m.firstWork, err
}

func (g *guild) HasEarned(_ context.Context, id string) (bool, error) {
	m, err := g.find(id)
	return m.earned, err
}

// now is live time.
func (f *fixture) now() int64 {
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(f.T, err)
	return now
}

// creator adds one that is eligible.
func (f *fixture) creator(name string) *member {
	addr := f.Addr(name)
	m := &member{id: contenttypes.NewCreatorID(addr).String(), controller: addr, level: 2, firstWork: f.now() - types.SeatAgeSeconds, earned: true}
	f.guild.members = append(f.guild.members, m)
	return m
}

func (m *member) take() *types.MsgTakeSeat {
	return &types.MsgTakeSeat{Controller: m.controller.String(), Creator: m.id}
}

func TestTakeSeat(t *testing.T) {
	f := newFixture(t)
	good, low, young, without, poor := f.creator("good"), f.creator("low"), f.creator("young"), f.creator("without"), f.creator("poor")
	low.level, young.firstWork, without.firstWork, poor.earned = 1, young.firstWork+1, 0, false
	before := f.rows()
	for name, c := range map[string]struct {
		msg sdk.Msg
		err error
	}{
		"level 1":             {low.take(), types.ErrNotEligible},
		"a second short":      {young.take(), types.ErrNotEligible},
		"no work":             {without.take(), types.ErrNotEligible},
		"no income":           {poor.take(), types.ErrNotEligible},
		"another's":           {&types.MsgTakeSeat{Controller: low.controller.String(), Creator: good.id}, contenttypes.ErrNotController},
		"no such creator":     {&types.MsgTakeSeat{Controller: low.controller.String(), Creator: contenttypes.NewCreatorID(f.Addr("x")).String()}, contenttypes.ErrCreatorNotFound},
		"creator, an account": {&types.MsgTakeSeat{Controller: low.controller.String(), Creator: low.controller.String()}, contenttypes.ErrInvalidCreatorID},
		"no creator":          {&types.MsgTakeSeat{Controller: low.controller.String()}, contenttypes.ErrInvalidCreatorID},
		"no account":          {&types.MsgTakeSeat{Creator: good.id}, types.ErrInvalidAddress},
	} {
		require.ErrorIs(t, f.send(c.msg), c.err, name)
		require.Equal(t, before, f.rows(), name)
	}

	taken := f.now()
	require.NoError(t, f.send(good.take()))
	require.True(t, f.has("streamchain.governance.v1.EventSeatTaken"))
	f.next(time.Minute)
	require.NoError(t, f.send(good.take()), "renewed")
	seat, err := f.q.Seat(f.Ctx, &types.QuerySeatRequest{Creator: good.id})
	require.NoError(t, err)
	require.Equal(t, types.QuerySeatResponse{Seat: types.Seat{Creator: good.id, TakenAt: taken, ExpiresAt: f.now() + types.SeatSeconds}, Counts: true}, *seat)
	seats, err := f.q.Seats(f.Ctx, &types.QuerySeatsRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 1, seats.Total, "a creator has one seat")
	require.Len(t, seats.Seats, 1)
	_, err = f.q.Seat(f.Ctx, &types.QuerySeatRequest{Creator: low.id})
	require.ErrorIs(t, err, types.ErrSeatNotFound)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))

	good.level = 1
	seat, err = f.q.Seat(f.Ctx, &types.QuerySeatRequest{Creator: good.id})
	require.NoError(t, err)
	require.False(t, seat.Counts, "asked again when it counts")
	require.ErrorIs(t, f.send(good.take()), types.ErrNotEligible)
}

// A seat ends by itself, many at once in several blocks, and the house forgets them.
func TestSeatsExpire(t *testing.T) {
	f := newFixture(t)
	gs := types.DefaultGenesis()
	end := f.now() + 30
	var ids [][]byte
	for i := range types.MaxSeatSweep + 50 {
		ids = append(ids, contenttypes.NewCreatorID(f.Addr(fmt.Sprint(i))))
	}
	sortBytes(ids)
	for _, id := range ids {
		gs.Seats = append(gs.Seats, types.Seat{Creator: contenttypes.CreatorID(id).String(), TakenAt: 1, ExpiresAt: end})
	}
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	total := func() uint64 {
		n, err := f.k.EligibleSeats(f.Ctx)
		require.NoError(t, err)
		return n
	}
	f.next(29 * time.Second)
	require.EqualValues(t, 250, total())
	f.next(time.Second)
	require.EqualValues(t, 50, total(), "200 a block")
	require.True(t, f.has("streamchain.governance.v1.EventSeatExpired"))
	f.next(time.Second)
	require.Zero(t, total())
	require.Empty(t, f.rowsUnder(types.SeatsKey.Bytes()), "nothing is left")
}

func sortBytes(list [][]byte) {
	for i := range list {
		for j := i; j > 0 && string(list[j-1]) > string(list[j]); j-- {
			list[j-1], list[j] = list[j], list[j-1]
		}
	}
}

func (f *fixture) rowsUnder(prefix []byte) (out [][2]string) {
	for _, r := range f.rows() {
		if r[0][0] == prefix[0] {
			out = append(out, r)
		}
	}
	return out
}

// The house decides from 50 seats and a tenth of them on, by more Yes than No and Veto.
func TestHouseDecides(t *testing.T) {
	dec := func(n int64) math.LegacyDec { return math.LegacyNewDec(n) }
	for name, c := range map[string]struct {
		seats, voted uint64
		yes, against int64
		binding, met bool
	}{
		"nobody":                  {0, 0, 0, 0, false, true},
		"49 seats, all against":   {49, 49, 0, 49, false, true},
		"50 seats, all against":   {50, 50, 0, 50, true, false},
		"a tenth, against":        {50, 5, 2, 3, true, false},
		"less than a tenth":       {50, 4, 0, 4, false, true},
		"of 51, a tenth is 6":     {51, 5, 0, 5, false, true},
		"of 51, six":              {51, 6, 0, 6, true, false},
		"a draw does not agree":   {60, 20, 10, 10, true, false},
		"one more":                {60, 21, 11, 10, true, true},
		"all abstain, no consent": {60, 60, 0, 0, true, false},
	} {
		h := keeper.HouseCount{Seats: c.seats, Voted: c.voted, Yes: dec(c.yes), Against: dec(c.against), Abstain: dec(int64(c.voted) - c.yes - c.against)}
		require.Equal(t, [2]bool{c.binding, c.met}, [2]bool{h.Binding(), h.Met()}, name)
	}
}

// Neither house alone carries fees, whoever holds the stake; a payment needs no house.
func TestTwoHouses(t *testing.T) {
	f := newFixture(t)
	var ballots []keeper.Ballot
	for i := range 60 {
		m := f.creator(fmt.Sprint("creator", i))
		require.NoError(t, f.send(m.take()))
		if i < 6 {
			ballots = append(ballots, keeper.Ballot{Voter: m.controller, Options: options("", "1")})
		}
	}
	whale := keeper.Count{Yes: math.LegacyNewDec(90), No: math.LegacyNewDec(10), Veto: math.LegacyZeroDec(), Abstain: math.LegacyZeroDec(), Bonded: math.NewInt(100)}
	small := keeper.Count{Yes: math.LegacyNewDec(60), No: math.LegacyNewDec(40), Veto: math.LegacyZeroDec(), Abstain: math.LegacyZeroDec(), Bonded: math.NewInt(100)}
	fees, treasury := types.TRACK_FEES_AND_COURT.Rule(), types.TRACK_TREASURY.Rule()
	decide := func(rule types.Rule, c keeper.Count, ballots []keeper.Ballot) bool {
		met, _, err := f.k.Decide(f.Ctx, rule, c, ballots)
		require.NoError(t, err)
		return met
	}
	require.False(t, decide(fees, whale, ballots), "90 % of the stake against a tenth of the house")
	require.True(t, decide(treasury, whale, ballots))
	require.False(t, decide(fees.And(treasury), whale, ballots), "a payment does not carry it")
	require.False(t, decide(types.TRACK_UPGRADE.Rule().And(types.TRACK_CONTENT_POLICY.Rule()), whale, ballots))
	require.True(t, decide(types.TRACK_UPGRADE.Rule(), whale, ballots))
	require.True(t, decide(fees, whale, ballots[:5]), "less than a tenth voted")
	for i := range ballots {
		ballots[i].Options = options("1")
	}
	require.True(t, decide(fees, whale, ballots))
	require.False(t, decide(fees, small, ballots), "the house does not carry it alone")

	// who has sold, lost or never had a seat does not count: the votes are asked again
	for name, change := range map[string]func(*member){
		"level":   func(m *member) { m.level = 1 },
		"rotated": func(m *member) { m.controller = f.Addr("heir") },
		"income":  func(m *member) { m.earned = false },
	} {
		m := f.guild.members[0]
		old := *m
		change(m)
		_, c, err := f.k.Decide(f.Ctx, fees, whale, ballots)
		require.NoError(t, err)
		require.EqualValues(t, 5, c.Voted, name)
		*m = old
	}
	_, c, err := f.k.Decide(f.Ctx, fees, whale, append(ballots, keeper.Ballot{Voter: f.Addr("stranger"), Options: options("", "1")}))
	require.NoError(t, err)
	require.EqualValues(t, 6, c.Voted)
	require.Equal(t, "6.000000000000000000", c.Yes.String())
}

// However votes, seats and rotations fall, the count is that of a look at each creator by itself, and asks a bounded number of times.
func TestHouseAgainstBruteForce(t *testing.T) {
	f := newFixture(t)
	clean := f.Ctx
	rapid.Check(t, func(r *rapid.T) {
		f.Ctx, _ = clean.CacheContext()
		f.guild.members = nil
		n := rapid.IntRange(0, 70).Draw(r, "creators")
		for i := range n {
			m := f.creator(fmt.Sprint("creator", i))
			if rapid.IntRange(0, 4).Draw(r, "sits") > 0 {
				require.NoError(r, f.send(m.take()))
			}
			switch rapid.IntRange(0, 9).Draw(r, "then") {
			case 0:
				m.level = 1
			case 1:
				m.controller = f.Addr(fmt.Sprint("heir", i))
			case 2:
				m.level = 3
			}
		}
		votes := map[string]govv1.WeightedVoteOptions{}
		var ballots []keeper.Ballot
		for i := range n {
			for _, name := range []string{fmt.Sprint("creator", i), fmt.Sprint("heir", i), fmt.Sprint("holder", i)} {
				if o := rapid.SampledFrom([]govv1.WeightedVoteOptions{nil, options("1"), options("", "1"), options("", "", "1"), options("0.5", "0.5"), options("", "", "", "1")}).Draw(r, "vote"); o != nil {
					votes[f.Addr(name).String()] = o
					ballots = append(ballots, keeper.Ballot{Voter: f.Addr(name), Options: o})
				}
			}
		}
		f.guild.asked = 0
		got, err := f.k.CountHouse(f.Ctx, ballots)
		require.NoError(r, err)
		require.LessOrEqual(r, f.guild.asked, 3*n)
		var seats, voted uint64
		sum := [3]int64{} // yes, against, abstain in halves
		for _, m := range f.guild.members {
			if _, err := f.k.GetSeat(f.Ctx, m.id); err != nil {
				continue
			}
			seats++
			o := votes[m.controller.String()]
			if o == nil || m.level < 2 {
				continue
			}
			voted++
			for _, w := range o {
				half := math.LegacyMustNewDecFromStr(w.Weight).MulInt64(2).TruncateInt64()
				switch w.Option {
				case govv1.OptionYes:
					sum[0] += half
				case govv1.OptionAbstain:
					sum[2] += half
				default:
					sum[1] += half
				}
			}
		}
		require.Equal(r, [2]uint64{seats, voted}, [2]uint64{got.Seats, got.Voted})
		for i, d := range []math.LegacyDec{got.Yes, got.Against, got.Abstain} {
			require.Equal(r, sum[i], d.MulInt64(2).TruncateInt64(), "%d", i)
		}
		require.True(r, got.Yes.Add(got.Against).Add(got.Abstain).Equal(math.LegacyNewDec(int64(voted))), "one vote a seat")
	})
	f.Ctx, f.guild.members = clean, nil
}

// Lengthening the timelocks shuts no creator out; only a genesis shortens the wait.
func TestSeatAge(t *testing.T) {
	for ppm, want := range map[int64]int64{0: 0, 12: 93, types.DefaultTimelockPPM: types.SeatAgeSeconds, types.MaxTimelockPPM: types.SeatAgeSeconds} {
		require.Equal(t, want, types.Params{TimelockPpm: ppm}.SeatAge())
	}
}
