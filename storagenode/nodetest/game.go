package nodetest

import (
	"bytes"
	"context"
	"fmt"

	"github.com/streamchain/streamchain/piece"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// Game is the game of proofs as the provider sees it. A test opens and closes periods and says what is asked; proofs are
// held to the works' pieces and reveals to the beacon as the real chain does.
type Game struct {
	Period     storagetypes.Period
	Seconds    int64 // of a period
	Window     int64 // seconds
	State      storagetypes.ProofState
	Challenges []storagetypes.Challenge
	Proofs     []storagetypes.MsgProve // that were taken
	Refused    int
	Ended      map[string]storagetypes.DealEnd // deals that ended here, by work
	Swallow    error                           // what Prove says although it took the proof: an answer that got lost
}

func newGame(operator string) Game {
	return Game{
		Period: storagetypes.Period{Phase: storagetypes.PERIOD_PHASE_CLOSED, Counted: true}, Seconds: 30, Window: 12,
		State: storagetypes.NewProofState(operator), Ended: map[string]storagetypes.DealEnd{},
	}
}

// OpenPeriod begins the next period, which asks for the leaves at offsets of works.
func (c *Chain) OpenPeriod(challenges ...storagetypes.Challenge) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	g := &c.Game
	g.Period = storagetypes.Period{Number: g.Period.Number + 1, Phase: storagetypes.PERIOD_PHASE_OPEN, OpenedAt: c.Live}
	g.Challenges = nil
	g.State.SetSize = 0
	for i, ch := range challenges {
		w := c.Works[ch.Work]
		ch.Index, ch.PieceRoot, ch.PieceSize = uint32(i), w.PieceRoot, w.PieceSize
		g.Challenges = append(g.Challenges, ch)
		g.State.SetSize = 1
	}
}

// ClosePeriod ends the window and counts a miss of who has not answered.
func (c *Chain) ClosePeriod() {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	g := &c.Game
	if g.State.SetSize > 0 && g.State.Answered < g.Period.Number {
		g.State = g.State.Miss(g.Seconds)
	}
	g.Period.Phase = storagetypes.PERIOD_PHASE_CLOSED
}

// Pass lets live time pass.
func (c *Chain) Pass(seconds int64) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	c.Live += seconds
}

// Period answers like x/storage.
func (c *Chain) Period(context.Context) (storagetypes.QueryPeriodResponse, error) {
	done, err := c.begin("period")
	defer done()
	g := c.Game
	return storagetypes.QueryPeriodResponse{Period: g.Period, ClosesAt: g.Period.OpenedAt + g.Window, NextAt: g.Period.OpenedAt + g.Seconds}, err
}

// Proofs answers like x/storage.
func (c *Chain) Proofs(context.Context) (storagetypes.QueryProofsResponse, error) {
	done, err := c.begin("proofs")
	defer done()
	g := c.Game
	return storagetypes.QueryProofsResponse{
		State: g.State, Period: g.Period.Number, Open: g.Period.Open() && g.State.Answered < g.Period.Number, Challenges: g.Challenges, Misses: g.State.RecentMisses(),
	}, err
}

// Prove takes a proof like x/storage.
func (c *Chain) Prove(_ context.Context, period uint64, reveal []byte, answers []storagetypes.ProofAnswer) ([]string, error) {
	done, err := c.begin("prove")
	defer done()
	if err != nil {
		return nil, err
	}
	g := &c.Game
	lost, err := c.prove(period, reveal, answers)
	if err != nil {
		g.Refused++
		return nil, err
	}
	c.Txs++
	g.Proofs = append(g.Proofs, storagetypes.MsgProve{Period: period, Reveal: reveal, Answers: answers})
	return lost, g.Swallow
}

func (c *Chain) prove(period uint64, reveal []byte, answers []storagetypes.ProofAnswer) (lost []string, err error) {
	g := &c.Game
	if !g.Period.Open() || period != g.Period.Number {
		return nil, storagetypes.ErrPeriodNotOpen
	}
	state, err := g.State.Reveal(period, reveal)
	if err != nil {
		return nil, err
	}
	given := map[uint32][]byte{}
	for i, a := range answers {
		if i > 0 && a.Index <= answers[i-1].Index {
			return nil, storagetypes.ErrInvalidAnswers
		}
		given[a.Index] = a.Slice
	}
	missing := map[string]bool{}
	for _, ch := range g.Challenges {
		slice, ok := given[ch.Index]
		if !ok {
			missing[ch.Work] = true
			continue
		}
		if _, err := piece.Verify([32]byte(ch.PieceRoot), ch.PieceSize, ch.Offset, slice); err != nil {
			return nil, fmt.Errorf("%w: %w", storagetypes.ErrWrongProof, err)
		}
		delete(given, ch.Index)
	}
	if len(given) > 0 {
		return nil, storagetypes.ErrNoChallenge
	}
	g.State = state.Prove()
	if len(missing) > 0 {
		g.State = state.Miss(g.Seconds)
	}
	for work := range missing {
		if c.lose(work, storagetypes.DEAL_END_LOST) {
			lost = append(lost, work)
		}
	}
	return lost, nil
}

func (c *Chain) lose(work string, reason storagetypes.DealEnd) bool {
	id := work + "/" + c.Operator
	if _, ok := c.DealRows[id]; !ok {
		return false
	}
	delete(c.DealRows, id)
	c.Game.Ended[work] = reason
	return true
}

// SetBeacon commits like x/storage.
func (c *Chain) SetBeacon(_ context.Context, root []byte) (uint64, error) {
	done, err := c.begin("beacon")
	defer done()
	if err != nil {
		return 0, err
	}
	if len(root) != storagetypes.HashLen || bytes.Equal(root, c.Game.State.Beacon) {
		return 0, storagetypes.ErrInvalidBeacon
	}
	c.Txs++
	c.Game.State = c.Game.State.Commit(c.Game.Period.Number, root)
	return c.Game.State.BeaconFrom, nil
}

// ReportLoss ends deals like x/storage.
func (c *Chain) ReportLoss(_ context.Context, works []string) error {
	done, err := c.begin("loss")
	defer done()
	if err != nil {
		return err
	}
	if len(works) == 0 || len(works) > storagetypes.MaxReport {
		return storagetypes.ErrInvalidReport
	}
	c.Txs++
	for _, w := range works {
		c.lose(w, storagetypes.DEAL_END_LOST)
	}
	return nil
}
