package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// Reasons why a renewal of a pass ended, besides those of plans. Slugs for programs, never changed.
const (
	EndedPassClosed = "pass-closed"
	EndedTooMany    = "too-many"
)

// ValidatePassPrice refuses what no period of a pass can cost: ErrInvalidPrice, ErrWrongDenom, ErrInvalidPassPrice.
func ValidatePassPrice(price sdk.Coin) error {
	if err := ValidatePrice(price); err != nil {
		return err
	}
	if price.Amount.LT(math.NewInt(MinPassPrice)) {
		return errorsmod.Wrap(ErrInvalidPassPrice, price.String())
	}
	return nil
}

// Validate checks one stored pass by itself.
func (p Pass) Validate() error {
	if _, err := ParsePassID(p.Id); err != nil {
		return err
	}
	if _, err := ParseAddress(p.Curator); err != nil {
		return err
	}
	if err := ValidateTitle(p.Title); err != nil {
		return err
	}
	if err := ValidatePassPrice(p.Price); err != nil {
		return err
	}
	if err := ValidatePeriod(p.PeriodSeconds, 1); err != nil {
		return err
	}
	if p.CreatedAt <= 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "%s: created_at must be set", p.Id)
	}
	return nil
}

// In reports whether the creator is in the pass now.
func (m PassMember) In() bool { return m.JoinedAt > 0 && m.LeftAt == 0 }

// Covered reports whether a period that started at a time covers the creator's works: to its end also where it has left since.
func (m PassMember) Covered(startedAt int64) bool {
	return m.JoinedAt > 0 && (m.LeftAt == 0 || m.LeftAt > startedAt)
}

// Validate checks one stored member by itself.
func (m PassMember) Validate() error {
	if _, err := contenttypes.ParseCreatorID(m.Creator); err != nil {
		return err
	}
	if m.JoinedAt < 0 || m.LeftAt < 0 || m.LeftAt > 0 && m.LeftAt < m.JoinedAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "member %s: times", m.Creator)
	}
	return nil
}

// Renews reports whether a further period is to be charged.
func (s PassSubscription) Renews() bool { return s.Renewals > 0 }

// ExpiresAt is up to when it is paid.
func (s PassSubscription) ExpiresAt() int64 {
	return s.Periods[len(s.Periods)-1].StartedAt + s.PeriodSeconds
}

// Until is up to when there is access: a renewal that waits in the queue ends none before the grace has passed.
func (s PassSubscription) Until(grace int64) int64 {
	if s.Renews() {
		return s.ExpiresAt() + grace
	}
	return s.ExpiresAt()
}

// RunningSince is when the period that runs at now started, or the last one where a renewal waits; false without access.
func (s PassSubscription) RunningSince(now, grace int64) (int64, bool) {
	if now >= s.Until(grace) {
		return 0, false
	}
	for i := len(s.Periods) - 1; i >= 0; i-- {
		if started := s.Periods[i].StartedAt; started <= now {
			// after a gap an older period is over
			return started, now < started+s.PeriodSeconds || i == len(s.Periods)-1
		}
	}
	return 0, false
}

// Gifts is how many of its periods another account than the viewer paid.
func (s PassSubscription) Gifts() (n int) {
	for _, p := range s.Periods {
		if p.Payer != s.Viewer {
			n++
		}
	}
	return n
}

// Add appends n periods that payer paid, from the end of the last one, or from now where that is over.
func (s *PassSubscription) Add(payer string, price sdk.Coin, n uint32, now int64) error {
	if len(s.Periods)+int(n) > MaxPassPeriods {
		return errorsmod.Wrapf(ErrTooManyPassPeriods, "%d, and %d more", len(s.Periods), n)
	}
	if gifts := s.Gifts(); payer != s.Viewer && gifts+int(n) > MaxGiftedPeriods {
		return errorsmod.Wrapf(ErrTooManyPassGifts, "%d periods, and %d more", gifts, n)
	}
	start := now
	if len(s.Periods) > 0 {
		start = max(start, s.ExpiresAt())
	}
	for range n {
		s.Periods = append(s.Periods, PassPeriod{StartedAt: start, Price: price, Payer: payer})
		start += s.PeriodSeconds
	}
	return nil
}

// End ends renewals and takes off the periods that have not begun at now. Their prices go back, each to who paid it.
func (s *PassSubscription) End(now int64) Settlement {
	out, begun := Settlement{Kept: Coin(math.ZeroInt())}, s.Periods[:0:0]
	for _, p := range s.Periods {
		if p.StartedAt <= now {
			begun = append(begun, p)
			continue
		}
		out.refund(p.Payer, p.Price)
	}
	s.Periods, s.Renewals, s.MaxPrice = begun, 0, math.ZeroInt()
	return out
}

// Plan sets when the end of a block deals with it: a renewal when the last period ends, the first period delay after its end.
func (s *PassSubscription) Plan(delay int64) {
	s.DueAt = s.Periods[0].StartedAt + s.PeriodSeconds + delay
	if s.Renews() {
		s.DueAt = min(s.DueAt, s.ExpiresAt())
	}
}

// Held is what lies in custody for it.
func (s PassSubscription) Held() math.Int {
	sum := s.Carried
	for _, p := range s.Periods {
		sum = sum.Add(p.Price.Amount)
	}
	return sum
}

// PassPot is the first period's fee and what was carried into it.
func (s PassSubscription) PassPot() math.Int { return s.Carried.Add(s.Periods[0].Price.Amount) }

// Validate checks one stored subscription and what counts in it.
func (r PassSubscriptionRecord) Validate() error {
	s := r.Subscription
	if err := s.validate(); err != nil {
		return errorsmod.Wrapf(err, "%.60s of %.100s", s.Pass, s.Viewer)
	}
	if int(s.Works) != len(r.Uses) || len(r.Uses) > MaxPassWorks {
		return errorsmod.Wrapf(ErrInvalidGenesis, "%s of %s: counts %d works, not %d", s.Pass, s.Viewer, len(r.Uses), s.Works)
	}
	seen := make(map[string]bool, len(r.Uses))
	for _, u := range r.Uses {
		if _, err := contenttypes.ParseWorkID(u.Work); err != nil {
			return err
		}
		if _, err := contenttypes.ParseCreatorID(u.Creator); err != nil {
			return err
		}
		if u.Seconds == 0 || u.Seconds > 1<<42 || seen[u.Work] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "%s of %s: use of %s", s.Pass, s.Viewer, u.Work)
		}
		seen[u.Work] = true
	}
	return nil
}

func (s PassSubscription) validate() error {
	if _, err := ParseAddress(s.Viewer); err != nil {
		return err
	}
	if _, err := ParsePassID(s.Pass); err != nil {
		return err
	}
	if err := ValidatePeriod(s.PeriodSeconds, 1); err != nil {
		return err
	}
	if len(s.Periods) == 0 || len(s.Periods) > MaxPassPeriods || s.DueAt <= 0 {
		return errorsmod.Wrap(ErrInvalidGenesis, "periods")
	}
	from := int64(1)
	for _, p := range s.Periods {
		if err := ValidatePassPrice(p.Price); err != nil {
			return err
		}
		if _, err := ParseAddress(p.Payer); err != nil {
			return err
		}
		if p.StartedAt < from || p.StartedAt > 1<<40 {
			return errorsmod.Wrap(ErrInvalidGenesis, "periods must follow each other")
		}
		from = p.StartedAt + s.PeriodSeconds
	}
	for _, a := range [2]math.Int{s.Carried, s.MaxPrice} {
		if a.IsNil() || a.IsNegative() || a.GT(math.NewInt(MaxPrice)) {
			return errorsmod.Wrap(ErrInvalidGenesis, "carried, max_price")
		}
	}
	return nil
}

// validatePasses checks passes by themselves, and subscriptions against them.
func (gs GenesisState) validatePasses() error {
	periods := make(map[string]int64, len(gs.Passes))
	joined := make(map[string]int)
	for i, r := range gs.Passes {
		if err := r.Pass.Validate(); err != nil {
			return err
		}
		// a gap or a repeat would let an id be given out twice
		if r.Pass.Id != PassID(uint64(i)+1) || int(r.Pass.Creators) != len(r.Members) || len(r.Members) > MaxPassCreators && !r.Pass.Platform {
			return errorsmod.Wrapf(ErrInvalidGenesis, "%s comes as number %d, with %d creators of %d", r.Pass.Id, i+1, len(r.Members), r.Pass.Creators)
		}
		periods[r.Pass.Id] = r.Pass.PeriodSeconds
		seen := make(map[string]bool, len(r.Members))
		for _, m := range r.Members {
			if err := m.Validate(); err != nil {
				return err
			}
			if m.In() {
				joined[m.Creator]++
			}
			if seen[m.Creator] || joined[m.Creator] > MaxJoinedPasses {
				return errorsmod.Wrapf(ErrInvalidGenesis, "%s: creator %s", r.Pass.Id, m.Creator)
			}
			seen[m.Creator] = true
		}
	}
	seen, of, gifted := make(map[[2]string]bool), make(map[string]int), make(map[string]int)
	for _, r := range gs.PassSubscriptions {
		if err := r.Validate(); err != nil {
			return err
		}
		s := r.Subscription
		key := [2]string{s.Viewer, s.Pass}
		if of[s.Viewer]++; seen[key] || periods[s.Pass] != s.PeriodSeconds || of[s.Viewer] > MaxViewerPasses {
			return errorsmod.Wrapf(ErrInvalidGenesis, "%s of %s: twice, of no pass, or one too many", s.Pass, s.Viewer)
		}
		if s.Gifts() > 0 {
			gifted[s.Viewer]++
		}
		if s.Gifts() > MaxGiftedPeriods || gifted[s.Viewer] > MaxGiftedPasses {
			return errorsmod.Wrapf(ErrInvalidGenesis, "%s of %s: too many gifts", s.Pass, s.Viewer)
		}
		seen[key] = true
	}
	return nil
}

// PassCost says in plain what a pass costs.
func PassCost(p Pass) OfferCost {
	return OfferCost{Kind: OFFER_KIND_PASS, Price: p.Price, Seconds: p.PeriodSeconds, Pass: p.Id}
}

// Coin is an amount of ustream.
func Coin(amount math.Int) sdk.Coin { return sdk.Coin{Denom: token.BaseDenom, Amount: amount} }
