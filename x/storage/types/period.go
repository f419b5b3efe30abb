package types

import (
	errorsmod "cosmossdk.io/errors"
)

// NoPeriod is the row of a chain whose first block has not ended.
func NoPeriod() Period { return Period{Phase: PERIOD_PHASE_CLOSED, Counted: true} }

// FirstPeriod is period 0, which takes no proofs: it gives the providers of the first blocks the
// time to commit to a beacon.
func FirstPeriod(chainID string, now, height int64) Period {
	p := NoPeriod()
	p.OpenedAt, p.OpenedHeight = now, height
	p.Seed, p.Reveals = FirstSeed(chainID), make([]byte, HashLen)
	p.NextSeed = NextSeed(chainID, 1, p.Seed, p.Reveals)
	return p
}

// Begun reports whether the chain's first block has ended.
func (p Period) Begun() bool { return len(p.Seed) > 0 }

// Open reports whether the period takes proofs.
func (p Period) Open() bool { return p.Phase == PERIOD_PHASE_OPEN }

// CanClose reports whether the window has lasted. It counts blocks too: after a halt a block's
// time may jump over a whole window in which nobody could have sent anything.
func (p Period) CanClose(params Params, now, height int64) bool {
	return p.Open() && now >= p.OpenedAt+params.WindowSeconds && height >= p.OpenedHeight+MinWindowBlocks
}

// CanOpenNext reports whether the next period is due. The caller has applied what waits.
func (p Period) CanOpenNext(params Params, now int64) bool {
	return !p.Open() && p.Counted && now >= p.OpenedAt+params.PeriodSeconds
}

// Close ends the window and fixes the next seed.
func (p Period) Close(chainID string) Period {
	p.Phase, p.Counted, p.Cursor = PERIOD_PHASE_CLOSED, false, ""
	p.NextSeed = NextSeed(chainID, p.Number+1, p.Seed, p.Reveals)
	return p
}

// Next is the period that opens now. One that comes late does not move those after it, unless
// it is late by more than a period: then the missed ones are left out, for nobody could prove in them.
func (p Period) Next(params Params, now, height int64) Period {
	at := p.OpenedAt + params.PeriodSeconds
	if now >= at+params.PeriodSeconds {
		at = now
	}
	return Period{
		Number: p.Number + 1, Phase: PERIOD_PHASE_OPEN, OpenedAt: at, OpenedHeight: height,
		Seed: p.NextSeed, Reveals: make([]byte, HashLen),
	}
}

// Validate checks the stored row by itself.
func (p Period) Validate() error {
	if !p.Begun() {
		if fresh := NoPeriod(); p.String() != fresh.String() {
			return errorsmod.Wrap(ErrInvalidGenesis, "period: not begun, yet not empty")
		}
		return nil
	}
	if len(p.Seed) != HashLen || len(p.Reveals) != HashLen || p.OpenedAt < 0 || p.OpenedHeight < 0 || p.Number > 1<<62 {
		return errorsmod.Wrap(ErrInvalidGenesis, "period: number, seed, reveals or opening")
	}
	ok := false
	switch p.Phase {
	case PERIOD_PHASE_OPEN:
		ok = p.Number > 0 && len(p.NextSeed) == 0 && p.Cursor == "" && !p.Counted
	case PERIOD_PHASE_CLOSED:
		ok = len(p.NextSeed) == HashLen && (p.Cursor == "" || !p.Counted)
	}
	if !ok {
		return errorsmod.Wrapf(ErrInvalidGenesis, "period: next_seed, cursor and counted do not fit phase %d", p.Phase)
	}
	return nil
}
