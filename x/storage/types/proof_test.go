package types_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamchain/streamchain/x/storage/types"
)

// list is a set in the plainest way: one slot after the other.
type list []types.ProofSlot

func (l list) Size() uint64 { return uint64(len(l)) }

func (l list) Bytes() (total uint64) {
	for _, s := range l {
		total += s.Size_
	}
	return total
}

func (l list) At(i uint64) (types.ProofSlot, error) { return l[i], nil }

func (l list) Find(x uint64) (i, offset uint64, err error) {
	for ; x >= l[i].Size_; i++ {
		x -= l[i].Size_
	}
	return i, x, nil
}

type vectors struct {
	ChainID   string `json:"chain_id"`
	FirstSeed string `json:"first_seed"`
	Seed1     string `json:"seed_1"`
	Reveals   struct {
		Operators []string
		Values    []string
		Sum       string
	}
	Seed2  string `json:"seed_2"`
	Beacon struct {
		Secret, Root, Third string
		Length              uint32
	}
	Draws []struct {
		Name, Seed, Operator string
		Period               uint64
		Slots                []struct {
			Work string
			Size uint64
			Void bool
		}
		Challenges []struct {
			Index  uint32
			Work   string
			Offset uint64
		}
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// The vectors were computed by another program, out of docs/spec/proof.md.
func TestProofVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/proof.json")
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(raw, &v))

	first := types.FirstPeriod(v.ChainID, 1, 1)
	require.Equal(t, v.FirstSeed, hex.EncodeToString(first.Seed))
	require.Equal(t, v.Seed1, hex.EncodeToString(first.NextSeed))
	sum := make([]byte, types.HashLen)
	for i := range v.Reveals.Values {
		sum = types.AddReveal(sum, unhex(t, v.Reveals.Operators[i]), unhex(t, v.Reveals.Values[i]))
	}
	require.Equal(t, v.Reveals.Sum, hex.EncodeToString(sum))
	p := first.Next(types.DefaultParams(), types.DefaultPeriodSeconds+1, 2)
	p.Reveals = sum
	require.Equal(t, v.Seed2, hex.EncodeToString(p.Close(v.ChainID).NextSeed))

	c := types.NewBeacon([32]byte(unhex(t, v.Beacon.Secret)), v.Beacon.Length)
	root, third := c.Root(), c.At(3)
	require.Equal(t, v.Beacon.Root, hex.EncodeToString(root[:]))
	require.Equal(t, v.Beacon.Third, hex.EncodeToString(third[:]))

	for _, d := range v.Draws {
		var set list
		for _, s := range d.Slots {
			set = append(set, types.ProofSlot{Work: s.Work, Size_: s.Size, Void: s.Void})
		}
		got, err := types.Draw{ChainID: v.ChainID, Seed: unhex(t, d.Seed), Operator: unhex(t, d.Operator), Period: d.Period}.Challenges(set)
		require.NoError(t, err)
		require.Len(t, got, len(d.Challenges), d.Name)
		for i, c := range d.Challenges {
			require.Equal(t, c.Index, got[i].Index, d.Name)
			require.Equal(t, c.Work, got[i].Work, d.Name)
			require.Equal(t, c.Offset, got[i].Offset, d.Name)
		}
	}
}

func TestEmptySetHasNoChallenges(t *testing.T) {
	got, err := types.Draw{ChainID: "c", Seed: make([]byte, 32), Operator: []byte("o"), Period: 2}.Challenges(list{})
	require.NoError(t, err)
	require.Empty(t, got)
}

// Every field that a draw depends on changes it, and every challenge is a leaf of a slot that is not void.
func TestDraw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set list
		for i := range rapid.IntRange(1, 40).Draw(t, "slots") {
			set = append(set, types.ProofSlot{
				Work: fmt.Sprint(i), Size_: rapid.Uint64Range(1, 1<<50).Draw(t, "size"), Void: rapid.IntRange(0, 3).Draw(t, "void") == 0,
			})
		}
		d := types.Draw{ChainID: "chain", Seed: bytes.Repeat([]byte{1}, 32), Operator: []byte("operator"), Period: rapid.Uint64().Draw(t, "period")}
		got, err := d.Challenges(set)
		require.NoError(t, err)
		last := -1
		for _, c := range got {
			require.Greater(t, int(c.Index), last)
			last = int(c.Index)
			var i int
			_, err := fmt.Sscan(c.Work, &i)
			require.NoError(t, err)
			require.False(t, set[i].Void)
			require.Less(t, c.Offset, set[i].Size_)
			require.Zero(t, c.Offset%types.LeafSize)
			require.Equal(t, set[i].Size_, c.PieceSize)
		}
		require.LessOrEqual(t, last, 7)
		for _, s := range set {
			if !s.Void {
				require.NotEmpty(t, got)
			}
		}
	})
}

func TestDrawDependsOnEverything(t *testing.T) {
	set := list{{Work: "a", Size_: 1 << 50}, {Work: "b", Size_: 1 << 50}}
	base := types.Draw{ChainID: "chain", Seed: bytes.Repeat([]byte{1}, 32), Operator: []byte("operator"), Period: 7}
	seen := map[string]bool{}
	for _, change := range []func(*types.Draw){
		func(*types.Draw) {},
		func(d *types.Draw) { d.ChainID = "chain-2" },
		func(d *types.Draw) { d.Seed = bytes.Repeat([]byte{2}, 32) },
		func(d *types.Draw) { d.Operator = []byte("another") },
		func(d *types.Draw) { d.Period++ },
	} {
		d := base
		change(&d)
		got, err := d.Challenges(set)
		require.NoError(t, err)
		require.Len(t, got, types.Challenges)
		for _, c := range got {
			key := fmt.Sprint(c.Work, c.Offset)
			require.False(t, seen[key], "a leaf of 2⁴⁰ drawn twice")
			seen[key] = true
		}
	}
}

// A slot of half of the bytes is drawn by half of the challenges 0 to 3, however few slots
// there are, and by its share of slots among the others.
func TestDrawIsFair(t *testing.T) {
	set := list{{Work: "big", Size_: 500_000}}
	for i := range 9 {
		set = append(set, types.ProofSlot{Work: fmt.Sprint(i), Size_: 500_000 / 9})
	}
	bySize, byDeal, rounds := 0, 0, 4000
	for i := range rounds {
		got, err := types.Draw{ChainID: "c", Seed: make([]byte, 32), Operator: []byte("o"), Period: uint64(i)}.Challenges(set)
		require.NoError(t, err)
		for _, c := range got {
			if c.Work != "big" {
				continue
			}
			if c.Index < types.ChallengesBySize {
				bySize++
			} else {
				byDeal++
			}
		}
	}
	// 16,000 draws each: four standard deviations are 253 and 152
	require.InDelta(t, 0.5*float64(4*rounds), bySize, 253)
	require.InDelta(t, 0.1*float64(4*rounds), byDeal, 152)
}

func TestBeaconChain(t *testing.T) {
	c := types.NewBeacon(sha256.Sum256([]byte("secret")), 50)
	known := c.Root()
	for i := uint32(1); i <= 50; i++ {
		next, ok := c.Next(known[:])
		require.True(t, ok)
		require.Equal(t, c.At(i), next)
		sum := sha256.Sum256(next[:])
		require.Equal(t, known, sum)
		known = next
	}
	require.Equal(t, c.Seed, known)
	_, ok := c.Next(known[:])
	require.False(t, ok, "the last value has none after it")
	_, ok = c.Next(make([]byte, 32))
	require.False(t, ok, "not of this chain")
	_, ok = c.Next(nil)
	require.False(t, ok)
}

// Whoever commits sees no reveal of the periods that the chain counts in, and the value that is
// known moves only by its preimage, once a period.
func TestCommitAndReveal(t *testing.T) {
	first, second := types.NewBeacon([32]byte{1}, 5), types.NewBeacon([32]byte{2}, 5)
	root := func(c types.BeaconChain) []byte { r := c.Root(); return r[:] }
	at := func(c types.BeaconChain, i uint32) []byte { v := c.At(i); return v[:] }

	s := types.NewProofState("operator")
	_, err := s.Reveal(4, at(first, 1))
	require.ErrorIs(t, err, types.ErrNoBeacon)
	s = s.Commit(4, root(first))
	require.EqualValues(t, 5, s.BeaconFrom)
	_, err = s.Reveal(4, at(first, 1))
	require.ErrorIs(t, err, types.ErrNoBeacon, "not in the period in which it was chosen")
	s = s.Commit(4, root(second)).Commit(4, root(first))
	require.EqualValues(t, 5, s.BeaconFrom)

	_, err = s.Reveal(5, at(first, 2))
	require.ErrorIs(t, err, types.ErrWrongReveal)
	_, err = s.Reveal(5, root(first))
	require.ErrorIs(t, err, types.ErrWrongReveal)
	s, err = s.Reveal(5, at(first, 1))
	require.NoError(t, err)
	_, err = s.Reveal(5, at(first, 2))
	require.ErrorIs(t, err, types.ErrAlreadyProved)
	s, err = s.Reveal(6, at(first, 2))
	require.NoError(t, err)

	s = s.Commit(6, root(second))
	require.EqualValues(t, 8, s.BeaconFrom, "a later one from the period after the next")
	_, err = s.Reveal(7, at(second, 1))
	require.ErrorIs(t, err, types.ErrWrongReveal)
	s, err = s.Reveal(7, at(first, 3))
	require.NoError(t, err)
	_, err = s.Reveal(8, at(first, 4))
	require.ErrorIs(t, err, types.ErrWrongReveal)
	// one that is replaced after it began to count is still revealed from until the newest does
	again := s.Commit(8, root(first))
	require.EqualValues(t, 10, again.BeaconFrom)
	again, err = again.Reveal(8, at(second, 1))
	require.NoError(t, err)
	_, err = again.Reveal(10, at(first, 1))
	require.NoError(t, err)
	s, err = s.Reveal(8, at(second, 1))
	require.NoError(t, err)
	require.Empty(t, s.NextBeacon)
	require.Zero(t, s.BeaconFrom)
}

func TestMissesOfTheNewestFourteen(t *testing.T) {
	s := types.NewProofState("operator")
	for range 3 {
		s = s.Miss(60)
	}
	require.EqualValues(t, 3, s.RecentMisses())
	for range 13 {
		s = s.Prove()
	}
	require.EqualValues(t, 1, s.RecentMisses())
	s = s.Prove()
	require.Zero(t, s.RecentMisses())
	require.Equal(t, []uint64{3, 180, 14}, []uint64{s.Missed, s.MissedSeconds, s.Proven})
	for range 40 {
		s = s.Miss(60)
	}
	require.EqualValues(t, types.MissMemory, s.RecentMisses())
}

func TestPeriodIsMovedByBlocksToo(t *testing.T) {
	params := types.DefaultParams()
	p := types.FirstPeriod("chain", 1000, 1)
	require.False(t, p.CanClose(params, 1<<40, 1<<40), "period 0 is closed")
	require.False(t, p.CanOpenNext(params, 1000+params.PeriodSeconds-1))
	require.True(t, p.CanOpenNext(params, 1000+params.PeriodSeconds))
	next := p.Next(params, 1000+params.PeriodSeconds+5, 100)
	require.Equal(t, 1000+params.PeriodSeconds, next.OpenedAt, "lateness does not add up")
	require.Equal(t, p.NextSeed, next.Seed)
	require.NoError(t, next.Validate())

	closes := next.OpenedAt + params.WindowSeconds
	require.False(t, next.CanClose(params, closes-1, 200))
	require.False(t, next.CanClose(params, 1<<40, 109), "a halt closes no window")
	require.True(t, next.CanClose(params, closes, 110))
	require.False(t, next.CanOpenNext(params, 1<<40))

	closed := next.Close("chain")
	require.NoError(t, closed.Validate())
	require.False(t, closed.CanOpenNext(params, 1<<40), "not before all are counted")
	closed.Counted = true
	late := closed.Next(params, closed.OpenedAt+2*params.PeriodSeconds, 300)
	require.Equal(t, closed.OpenedAt+2*params.PeriodSeconds, late.OpenedAt, "nobody could prove in the periods before")
	require.Equal(t, closed.Number+1, late.Number)
}

func TestPeriodParams(t *testing.T) {
	good := types.DefaultParams()
	require.NoError(t, good.Validate())
	for name, change := range map[string]func(*types.Params){
		"period short":  func(p *types.Params) { p.PeriodSeconds, p.WindowSeconds = 19, 5 },
		"period long":   func(p *types.Params) { p.PeriodSeconds = 7*types.DaySeconds + 1 },
		"window short":  func(p *types.Params) { p.WindowSeconds = 4 },
		"window long":   func(p *types.Params) { p.WindowSeconds = p.PeriodSeconds/2 + 1 },
		"window unset":  func(p *types.Params) { p.WindowSeconds = 0 },
		"period unset":  func(p *types.Params) { p.PeriodSeconds = 0 },
		"window beyond": func(p *types.Params) { p.PeriodSeconds, p.WindowSeconds = 20, 11 },
	} {
		bad := good
		change(&bad)
		require.ErrorIs(t, bad.Validate(), types.ErrInvalidParams, name)
	}
	good.PeriodSeconds, good.WindowSeconds = 20, 10
	require.NoError(t, good.Validate())
}
