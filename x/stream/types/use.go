package types

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/voucher"
)

const (
	// MaxUseSeconds is the longest life of a session of price zero, in seconds of live time.
	MaxUseSeconds = 24 * hourSeconds
	// UseGraceSeconds is for how long after its end one is reported.
	UseGraceSeconds = hourSeconds
	// UseWindowSeconds bounds what a viewer has in store: time that no report has used goes after it. It is
	// as long as the oldest report may be late, so that whoever watches no faster than time passes, one work at a
	// time, is never refused.
	UseWindowSeconds = MaxUseSeconds + UseGraceSeconds
	// MaxUseTickSeconds is the longest tick of a session of price zero.
	MaxUseTickSeconds = 60
	// UsePerDay is how often a viewer's watching of a whole work counts in a day.
	UsePerDay = 2
	// MaxUseSweep is the most rows of sessions of price zero that one block removes.
	MaxUseSweep = 200
	// MaxSubscriptionBytes is the longest name of a subscription in a session.
	MaxSubscriptionBytes = 128

	daySeconds = 24 * hourSeconds
	saltLen    = 16
)

// Use is watching that was proved: so many seconds of media time that were not proved before.
// The viewer's key signed for them and revealed a word for each tick; the viewer's proved time
// in all is no longer than the real one. Whether the viewer had a right to watch is not known yet.
type Use struct {
	Viewer sdk.AccAddress
	// Work is the cid of the work's first version, Creator its creator's id.
	Work, Creator string
	// Provider is the operator's address of who served.
	Provider string
	// Session is its number; Ticks and Seconds are what is new.
	Session uint64
	Ticks   uint32
	Seconds uint64
	// Subscription is the one that the session names; empty for none.
	Subscription string
}

// UseHooks is told of proved use.
type UseHooks interface {
	// AfterUse decides what use counts for, and returns what the provider earned by it, in
	// nano-ustream. An error refuses the use: nothing of it is proved, and it can be reported again.
	AfterUse(ctx context.Context, use Use) (math.Int, error)
}

// Free reports whether ticks of the session cost nothing, so that it only proves use.
func (s Session) Free() bool { return s.PricePerTick == 0 }

// ValidateUse checks every field of a session of price zero by itself: ErrInvalidSession,
// ErrInvalidAddress, ErrInvalidWorkID.
func (s Session) ValidateUse() error {
	if _, err := ParseAddress(s.EscrowOwner); err != nil {
		return err
	}
	if _, err := ParseAddress(s.Provider); err != nil {
		return err
	}
	switch {
	case !s.Free():
		return errorsmod.Wrap(ErrInvalidSession, "price_per_tick is not zero: settle it")
	case s.Generation != 0 || s.Denom != "":
		return errorsmod.Wrap(ErrInvalidSession, "a session of price zero has no lane: leave generation and denom empty")
	case len(s.Subscription) > MaxSubscriptionBytes || !printable(s.Subscription):
		return errorsmod.Wrap(ErrInvalidSession, "subscription")
	case s.TickSeconds > MaxUseTickSeconds:
		return errorsmod.Wrapf(ErrInvalidSession, "tick_seconds %d, not 1 to %d", s.TickSeconds, MaxUseTickSeconds)
	}
	return s.validateTerms()
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// ValidateUse checks every field of a report's item by itself.
func (s Settlement) ValidateUse() error {
	if err := s.Session.ValidateUse(); err != nil {
		return err
	}
	return s.validateWord()
}

// Validate checks the signer and the number of items, like MsgOpenLanes.Validate.
func (m *MsgReportUse) Validate() error {
	if _, err := ParseAddress(m.Agent); err != nil {
		return err
	}
	return validateItems(len(m.Items))
}

// UseResultOf is a report's outcome for one item, like ResultOf.
func UseResultOf(seconds uint64, paid math.Int, err error) UseResult {
	if err == nil {
		return UseResult{Seconds: seconds, Paid: paid}
	}
	r := ResultOf(0, err)
	return UseResult{Codespace: r.Codespace, Code: r.Code, Text: r.Text, Paid: math.ZeroInt()}
}

// Ok reports whether the item succeeded.
func (r UseResult) Ok() bool { return r.Code == 0 }

// MostUseTicks is the longest session of price zero of a work: as many ticks as it takes to watch
// it UsePerDay times. Zero for a work without a duration.
func MostUseTicks(durationSeconds uint64, tickSeconds uint32) uint64 {
	if tickSeconds == 0 || durationSeconds > 1<<40 {
		return 0
	}
	return (UsePerDay*durationSeconds + uint64(tickSeconds) - 1) / uint64(tickSeconds)
}

// Reach moves a viewer's clock by what was watched, at now, and says by how much it would pass
// real time: not at all, if that is zero. A clock that lies further back than UseWindowSeconds
// begins there.
func Reach(reached, now int64, seconds uint64) (moved int64, over int64) {
	reached = max(reached, now-UseWindowSeconds)
	if seconds > UseWindowSeconds {
		return reached, int64(min(seconds, 1<<62))
	}
	moved = reached + int64(seconds)
	return moved, max(0, moved-now)
}

// Add counts seconds in the day of now.
func (u WorkUse) Add(now int64, seconds uint64) WorkUse {
	if day := now / daySeconds; u.Day != day {
		u = WorkUse{Day: day}
	}
	u.Seconds += seconds
	return u
}

// Past reports whether the count is of a day before that of now.
func (u WorkUse) Past(now int64) bool { return u.Day < now/daySeconds }

// Validate checks a stored row by itself.
func (r UseRow) Validate() error {
	if r.N == 0 || r.N > MaxTicks || len(r.Word) != len(voucher.Word{}) || r.RemovesAt <= 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "use: n %d, word of %d bytes, removes_at %d", r.N, len(r.Word), r.RemovesAt)
	}
	_, err := parseWork(r.Work)
	return err
}

// WorkDigest is the 32 bytes that a work's root is kept under. ErrInvalidWorkID.
func WorkDigest(work string) ([]byte, error) {
	digest, err := parseWork(work)
	return digest[:], err
}

// validateUses checks sessions of price zero, and that each clock and count belongs to one, so
// that it goes with it.
func (gs GenesisState) validateUses() error {
	viewers, works := map[string]bool{}, map[string]bool{}
	seen := make(map[string]bool, len(gs.Uses))
	for _, u := range gs.Uses {
		if err := u.Row.Validate(); err != nil {
			return err
		}
		if _, err := ParseAddress(u.Viewer); err != nil {
			return err
		}
		if id := u.Viewer + string(u.Id); len(u.Id) != saltLen || seen[id] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "use %x of %s: twice, or not an id", u.Id, u.Viewer)
		}
		seen[u.Viewer+string(u.Id)] = true
		viewers[u.Viewer], works[u.Viewer+u.Row.Work] = true, true
	}
	for _, c := range gs.ViewerClocks {
		if !viewers[c.Viewer] || c.Reached <= 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "clock of %s: twice, of nobody who watched, or not set", c.Viewer)
		}
		delete(viewers, c.Viewer)
	}
	for _, w := range gs.WorkUses {
		if !works[w.Viewer+w.Work] || w.Use.Day <= 0 || w.Use.Seconds == 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "use of %s by %s: twice, without a session, or not set", w.Work, w.Viewer)
		}
		delete(works, w.Viewer+w.Work)
	}
	return nil
}
