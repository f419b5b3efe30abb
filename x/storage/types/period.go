package types

// NoPeriod is the row of a chain whose first block has not ended.
func NoPeriod() Period { return Period{Phase: PERIOD_PHASE_CLOSED, Counted: true} }
