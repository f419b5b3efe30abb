package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

// setOracle knows frozen sets in the plainest way: the set of period m is what was active when
// period m−1 opened, and a slot is void where the deal ended for good, in m−1 or in m, by no
// doing of the provider.
type setOracle struct {
	started []map[string]bool // what was active when each period opened
	active  map[string]bool
	void    []map[string]bool // how what left in each period had ended last
}

func newSetOracle() *setOracle {
	return &setOracle{started: []map[string]bool{{}}, active: map[string]bool{}, void: []map[string]bool{{}}}
}

func (o *setOracle) number() int { return len(o.started) - 1 }

func (o *setOracle) open() {
	now := map[string]bool{}
	for w := range o.active {
		now[w] = true
	}
	o.started, o.void = append(o.started, now), append(o.void, map[string]bool{})
}

func (o *setOracle) end(work string, void bool) {
	delete(o.active, work)
	o.void[o.number()][work] = void
}

// set is the frozen set while the newest period is open: each work, and whether it is void.
func (o *setOracle) set() map[string]bool {
	m := o.number()
	out := map[string]bool{}
	if m == 0 {
		return out
	}
	for w := range o.started[m-1] {
		switch {
		case !o.started[m][w]:
			out[w] = o.void[m-1][w]
		case !o.active[w]:
			out[w] = o.void[m][w]
		default:
			out[w] = false
		}
	}
	return out
}

// In whatever order deals are accepted, ended by whom, lost, refused and wanted again, every
// frozen set is what the oracle says, and every challenge is drawn from it.
func TestSetsAgainstOracle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newProofFixture(t)
		operator := f.node("a").String()
		f.must(&types.MsgAddBond{Operator: operator, Amount: math.NewInt(900 * stream)}) // refusing takes from it
		o := newSetOracle()
		var works []string
		for i := range 6 {
			works = append(works, f.film(fmt.Sprint("work ", i), 1000*i+1))
		}
		for range rapid.IntRange(5, 60).Draw(rt, "steps") {
			work := rapid.SampledFrom(works).Draw(rt, "work")
			switch step := rapid.IntRange(0, 9).Draw(rt, "step"); {
			case step < 5 && !o.active[work]:
				f.ask(f.alice, work, 5, "a")
				f.accept("a", work)
				o.active[work] = true
			case step < 5 && step > 0:
				f.endBy(step, work, operator)
				o.end(work, step == 1 || step == 4)
			case step < 8:
				f.block()
				f.moved(o)
			default:
				n := f.period().Number
				for f.period().Number == n {
					f.block()
				}
				f.moved(o)
			}
			f.sameSet(o)
		}
		require.NoError(t, f.k.CheckInvariants(f.Ctx))
	})
}

// Every byte of a set is found where a plain list has it, after any changes.
func TestEveryByteIsFound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := bareFixture(t)
		operator := f.Addr("a").String()
		var plain list
		for i := range rapid.IntRange(1, 40).Draw(rt, "changes") {
			c := types.SetChange{Operator: operator, Work: nowhere(fmt.Sprint(i)), Add: true, Size_: rapid.Uint64Range(1, 9).Draw(rt, "size")}
			if len(plain) > 0 && rapid.IntRange(0, 2).Draw(rt, "drop") == 0 {
				at := rapid.IntRange(0, len(plain)-1).Draw(rt, "at")
				c = types.SetChange{Operator: operator, Work: plain[at].Work}
				plain[at] = plain[len(plain)-1]
				plain = plain[:len(plain)-1]
			} else {
				plain = append(plain, types.ProofSlot{Work: c.Work, Size_: c.Size_})
			}
			require.NoError(t, f.k.Apply(f.Ctx, c))
		}
		set, err := f.k.Set(f.Ctx, operator)
		require.NoError(t, err)
		require.Equal(t, []uint64{plain.Size(), plain.Bytes()}, []uint64{set.Size(), set.Bytes()})
		for x := range plain.Bytes() {
			i, offset, err := set.Find(x)
			require.NoError(t, err)
			wantI, wantOffset, _ := plain.Find(x)
			require.Equal(t, []uint64{wantI, wantOffset}, []uint64{i, offset}, "byte %d", x)
			slot, err := set.At(i)
			require.NoError(t, err)
			require.Equal(t, plain[i], slot)
		}
	})
}

// endBy ends a deal in one of the ways that there are.
func (f *proofFixture) endBy(how int, work, operator string) {
	f.T.Helper()
	agent := f.agent("a").String()
	switch how {
	case 1:
		f.must(&types.MsgEndDeal{Signer: f.alice.String(), Work: work, Operator: operator})
	case 2:
		f.must(&types.MsgEndDeal{Signer: agent, Work: work, Operator: operator})
	case 3:
		f.must(&types.MsgReportLoss{Agent: agent, Works: []string{work}})
	default:
		f.must(&types.MsgRefuseWork{Agent: agent, Work: work, Denylist: "list"})
	}
}

// moved tells the oracle of a period that opened, and proves, so that nothing is terminated.
func (f *proofFixture) moved(o *setOracle) {
	f.T.Helper()
	p := f.period()
	if int(p.Number) > o.number() {
		o.open()
	}
	if p.Open() && f.proofs("a").Open && p.Number > 0 {
		f.prove("a")
	}
}

// sameSet compares the stored set, its sums and its challenges with the oracle's.
func (f *proofFixture) sameSet(o *setOracle) {
	f.T.Helper()
	if !f.period().Open() {
		return
	}
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	got := map[string]bool{}
	var slots []types.ProofSlot
	if len(gs.ProofSets) > 0 {
		slots = gs.ProofSets[0].Slots
	}
	total := uint64(0)
	for _, s := range slots {
		got[s.Work] = s.Void
		total += s.Size_
	}
	require.Equal(f.T, o.set(), got)
	state := f.proofs("a").State
	require.Equal(f.T, []uint64{uint64(len(slots)), total}, []uint64{state.SetSize, state.SetBytes})

	want, err := types.Draw{
		ChainID: f.Ctx.ChainID(), Seed: gs.Period.Seed, Operator: f.Addr("a"), Period: gs.Period.Number,
	}.Challenges(list(slots))
	require.NoError(f.T, err)
	challenges := f.proofs("a").Challenges
	require.Len(f.T, challenges, len(want))
	for i, c := range challenges {
		c.PieceRoot = nil
		require.Equal(f.T, want[i], c)
	}
}

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
