package keeper_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

func TestRejectSetBeacon(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	msg := func(change func(*types.MsgSetBeacon)) *types.MsgSetBeacon {
		m := &types.MsgSetBeacon{Agent: f.agent("a").String(), Root: make([]byte, 32)}
		change(m)
		return m
	}
	f.reject([]rejection{
		{"no agent", msg(func(m *types.MsgSetBeacon) { m.Agent = "" }), types.ErrInvalidAddress},
		{"of none", msg(func(m *types.MsgSetBeacon) { m.Agent = f.alice.String() }), types.ErrProviderNotFound},
		{"no root", msg(func(m *types.MsgSetBeacon) { m.Root = nil }), types.ErrInvalidBeacon},
		{"short root", msg(func(m *types.MsgSetBeacon) { m.Root = m.Root[1:] }), types.ErrInvalidBeacon},
		{"long root", msg(func(m *types.MsgSetBeacon) { m.Root = append(m.Root, 0) }), types.ErrInvalidBeacon},
	})
	f.must(msg(func(*types.MsgSetBeacon) {}))
	require.Contains(t, f.events(), "EventBeaconSet")
	operator := msg(func(m *types.MsgSetBeacon) { m.Agent = f.Addr("a").String() })
	f.must(operator)
}

func TestRejectProve(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	f.node("b")
	f.provider("mute")
	f.keep(f.film("one", 100_000), 1000, "a", "b")
	f.keep(f.film("two", 300_000), 1000, "a")
	f.settled()
	msg := func(change func(*types.MsgProve)) *types.MsgProve {
		m := f.proveMsg("a")
		change(m)
		return m
	}
	other := f.proveMsg("b")
	f.reject([]rejection{
		{"no agent", msg(func(m *types.MsgProve) { m.Agent = "" }), types.ErrInvalidAddress},
		{"of none", msg(func(m *types.MsgProve) { m.Agent = f.alice.String() }), types.ErrProviderNotFound},
		{"of another", msg(func(m *types.MsgProve) { m.Agent = f.agent("b").String() }), types.ErrWrongReveal},
		{"no beacon", msg(func(m *types.MsgProve) { m.Agent = f.agent("mute").String() }), types.ErrNoBeacon},
		{"no reveal", msg(func(m *types.MsgProve) { m.Reveal = nil }), types.ErrWrongReveal},
		{"long reveal", msg(func(m *types.MsgProve) { m.Reveal = append(m.Reveal, 0) }), types.ErrWrongReveal},
		{"the root", msg(func(m *types.MsgProve) { r := f.nodes["a"].chain.Root(); m.Reveal = r[:] }), types.ErrWrongReveal},
		{"the reveal after", msg(func(m *types.MsgProve) { r := f.nodes["a"].chain.At(2); m.Reveal = r[:] }), types.ErrWrongReveal},
		{"another's reveal", msg(func(m *types.MsgProve) { m.Reveal = other.Reveal }), types.ErrWrongReveal},
		{"period before", msg(func(m *types.MsgProve) { m.Period-- }), types.ErrPeriodNotOpen},
		{"period after", msg(func(m *types.MsgProve) { m.Period++ }), types.ErrPeriodNotOpen},
		{"too many", msg(func(m *types.MsgProve) { m.Answers = append(m.Answers, m.Answers[7]) }), types.ErrInvalidAnswers},
		{"no such index", msg(func(m *types.MsgProve) { m.Answers[7].Index = 8 }), types.ErrInvalidAnswers},
		{"one twice", msg(func(m *types.MsgProve) { m.Answers[7] = m.Answers[6] }), types.ErrInvalidAnswers},
		{"order", msg(func(m *types.MsgProve) { m.Answers[0], m.Answers[1] = m.Answers[1], m.Answers[0] }), types.ErrInvalidAnswers},
		{"empty slice", msg(func(m *types.MsgProve) { m.Answers[3].Slice = nil }), types.ErrWrongProof},
		{"short slice", msg(func(m *types.MsgProve) { m.Answers[3].Slice = m.Answers[3].Slice[1:] }), types.ErrWrongProof},
		{"long slice", msg(func(m *types.MsgProve) { m.Answers[3].Slice = append(m.Answers[3].Slice, 0) }), types.ErrWrongProof},
		{"one bit", msg(func(m *types.MsgProve) { m.Answers[7].Slice[100] ^= 1 }), types.ErrWrongProof},
		{"another's answers", msg(func(m *types.MsgProve) { m.Answers = other.Answers }), types.ErrWrongProof},
	})
	answered := f.proveMsg("a")
	f.must(answered)
	f.reject([]rejection{{"a second time", answered, types.ErrAlreadyProved}})
	f.closed()
	f.reject([]rejection{{"closed", other, types.ErrPeriodNotOpen}})
}

// What is not asked must not be answered: it would be gas for nothing.
func TestRejectAnswersThatNobodyAsked(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	film := f.film("one", 100_000)
	f.keep(film, 1000, "a")
	f.settled()
	msg := f.proveMsg("a")
	f.must(&types.MsgEndDeal{Signer: f.alice.String(), Work: film, Operator: f.Addr("a").String()})
	f.reject([]rejection{{"all is void", msg, types.ErrNoChallenge}})
	f.prove("a")
	f.opened()
	f.opened()
	late := f.proveMsg("a")
	late.Answers = msg.Answers[:1]
	f.reject([]rejection{{"an empty set", late, types.ErrNoChallenge}})
}

func TestRejectReportLoss(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	f.node("b")
	kept, asked, others := f.film("one", 1000), f.film("two", 1000), f.film("three", 1000)
	f.keep(kept, 10, "a")
	f.keep(others, 10, "b")
	f.ask(f.alice, asked, 0, "a")
	msg := func(works ...string) *types.MsgReportLoss {
		return &types.MsgReportLoss{Agent: f.agent("a").String(), Works: works}
	}
	var many []string
	for i := range types.MaxReport + 1 {
		many = append(many, nowhere(fmt.Sprint(i)))
	}
	f.reject([]rejection{
		{"no agent", &types.MsgReportLoss{Works: []string{kept}}, types.ErrInvalidAddress},
		{"of none", &types.MsgReportLoss{Agent: f.alice.String(), Works: []string{kept}}, types.ErrProviderNotFound},
		{"nothing", msg(), types.ErrInvalidReport},
		{"too many", msg(many...), types.ErrInvalidReport},
		{"twice", msg(kept, kept), types.ErrInvalidReport},
		{"no work", msg("x"), contenttypes.ErrInvalidWorkID},
		{"no deal", msg(kept, nowhere("x")), types.ErrDealNotFound},
		{"another's", msg(others), types.ErrDealNotFound},
		{"a request", msg(kept, asked), types.ErrDealNotActive},
	})
	before := f.row("a").Bond
	f.must(msg(kept))
	require.Contains(t, f.events(), "EventRepairOpened")
	require.Equal(t, before.String(), f.row("a").Bond.String(), "saying it costs nothing")
}

// forge changes a right message into one of the wrong ones that an attacker could send.
func forge(rng *rand.Rand, good, old, other *types.MsgProve) *types.MsgProve {
	m := &types.MsgProve{Agent: good.Agent, Period: good.Period, Reveal: bytes.Clone(good.Reveal)}
	for _, a := range good.Answers {
		m.Answers = append(m.Answers, types.ProofAnswer{Index: a.Index, Slice: bytes.Clone(a.Slice)})
	}
	i, j := rng.IntN(len(m.Answers)), rng.IntN(len(m.Answers))
	switch rng.IntN(10) {
	case 0: // as it was sent before
		m.Period, m.Reveal, m.Answers = old.Period, old.Reveal, old.Answers
	case 1: // as it was sent before, for this period
		m.Reveal, m.Answers = old.Reveal, old.Answers
	case 2: // what was shown before
		m.Answers = old.Answers
	case 3: // what another shows, one answer or all of them
		m.Answers[i] = other.Answers[min(i, len(other.Answers)-1)]
		if m.Answers[i].Index = uint32(i); j == 0 {
			m.Answers = other.Answers
		}
	case 4: // all of another's, in one's own name
		m.Reveal, m.Answers = other.Reveal, other.Answers
	case 5: // one's own, in another's name
		m.Agent = other.Agent
	case 6: // other order
		m.Answers[i].Slice, m.Answers[j].Slice = m.Answers[j].Slice, m.Answers[i].Slice
	case 7: // one bit of an answer
		bit := rng.IntN(8 * len(m.Answers[i].Slice))
		m.Answers[i].Slice[bit/8] ^= 1 << (bit % 8)
	case 8: // one bit of the reveal
		bit := rng.IntN(8 * len(m.Reveal))
		m.Reveal[bit/8] ^= 1 << (bit % 8)
	default: // a byte more or less
		if slice := m.Answers[i].Slice; j%2 == 0 {
			m.Answers[i].Slice = slice[:len(slice)-1]
		} else {
			m.Answers[i].Slice = append(slice, 0)
		}
	}
	return m
}

// sameMsg reports whether a forged message is the right one after all: a leaf may be drawn twice.
func sameMsg(a, b *types.MsgProve) bool {
	if a.Agent != b.Agent || a.Period != b.Period || !bytes.Equal(a.Reveal, b.Reveal) || len(a.Answers) != len(b.Answers) {
		return false
	}
	for i := range a.Answers {
		if a.Answers[i].Index != b.Answers[i].Index || !bytes.Equal(a.Answers[i].Slice, b.Answers[i].Slice) {
			return false
		}
	}
	return true
}

// Of 100,000 proofs that were replayed, taken from another provider or period, reordered, or
// changed by a bit, none is accepted, and none changes anything.
func TestForgedProofsAreRefused(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	f.node("b")
	for i := range 5 {
		work := f.film(fmt.Sprint("work ", i), 20_000+1000*i)
		f.keep(work, 1000, "a", "b")
	}
	f.settled()
	old := f.proveMsg("a")
	f.prove("a", "b")
	f.opened()
	good, other := f.proveMsg("a"), f.proveMsg("b")
	require.Len(t, good.Answers, types.Challenges)
	before := sha256.Sum256([]byte(f.state()))
	rng := rand.New(rand.NewPCG(1, 2))
	ctx, _ := f.Ctx.CacheContext()
	for tried := 0; tried < 100_000; {
		m := forge(rng, good, old, other)
		if sameMsg(m, good) {
			continue
		}
		tried++
		if _, err := f.msg.Prove(ctx, m); err == nil {
			require.Fail(t, "accepted", "%v", m)
		}
	}
	f.Ctx = ctx
	require.Equal(t, before, sha256.Sum256([]byte(f.state())))
	f.must(good)
}
