package types

import (
	"strconv"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/token"
)

// Reference is how other modules' events name a dispute.
func Reference(id uint64) string { return ModuleName + "/" + strconv.FormatUint(id, 10) }

// Open reports whether the final ruling is still to come.
func (d Dispute) Open() bool { return d.Status != STATUS_CLOSED }

// Terms are those of the day on which the dispute was opened.
func (d Dispute) Terms() Terms { return d.Rounds[0].Terms }

// Last is the newest round.
func (d *Dispute) Last() *Round { return &d.Rounds[len(d.Rounds)-1] }

// LastIndex is the newest round's number.
func (d Dispute) LastIndex() uint32 { return uint32(len(d.Rounds) - 1) }

// NewRound is a round of so many seats with nobody on it.
func NewRound(index int, terms Terms) Round {
	return Round{Seats: SeatsOf(index), Terms: terms, Bond: math.ZeroInt()}
}

// RequiredBond is what the claimant must have put up: the kind's bond, a tenth of what is
// contested in STREAM, and ten of the kind's bonds for each payment in another denom.
func (d Dispute) RequiredBond() math.Int {
	contested, foreign := math.ZeroInt(), int64(0)
	for _, c := range d.Contests {
		if c.Denom == token.BaseDenom {
			contested = contested.Add(c.Amount)
		} else {
			foreign++
		}
	}
	tenth := contested.AddRaw(ContestParts - 1).QuoRaw(ContestParts)
	return math.MaxInt(d.Terms().Bond, tenth.Add(d.Terms().Bond.MulRaw(ForeignBonds*foreign)))
}

// EvidenceBy counts an account's documents.
func (d Dispute) EvidenceBy(account string) int {
	n := 0
	for _, e := range d.Evidence {
		if e.By == account {
			n++
		}
	}
	return n
}

// Case is what the final ruling settles, with the jurors' ballots of all rounds.
func (d Dispute) Case(ballots []Ballot) Case {
	c := Case{Ruling: d.Standing, Winner: d.Winner() != "" && !d.Void}
	side := func(s Choice) Choice {
		if d.Void {
			return CHOICE_UNSPECIFIED
		}
		return s
	}
	c.Bonds = append(c.Bonds, Bond{d.Claimant, d.Bond, side(CHOICE_UPHOLD)})
	if d.CounterBond.IsPositive() {
		c.Bonds = append(c.Bonds, Bond{d.Responder, d.CounterBond, side(CHOICE_DISMISS)})
	}
	for _, r := range d.Rounds[1:] {
		// a round without a jury has no side
		c.Bonds = append(c.Bonds, Bond{r.Appellant, r.Bond, r.Side})
	}
	for _, b := range ballots {
		c.Seats = append(c.Seats, Seat{Juror: b.Juror, Round: b.Round, Seats: b.Seats, Choice: b.Choice, Terms: d.Rounds[b.Round].Terms})
	}
	return c
}

// Winner is the account of the party that the standing ruling is for; empty where that party is
// a respondent who has not answered.
func (d Dispute) Winner() string {
	if d.Standing == CHOICE_UPHOLD {
		return d.Claimant
	}
	return d.Responder
}

// Bonds is all that the dispute holds of its parties, in ustream.
func (d Dispute) Bonds() math.Int {
	if !d.Open() {
		return math.ZeroInt()
	}
	sum := d.Bond.Add(d.CounterBond).Add(d.InterimBond)
	for _, r := range d.Rounds {
		sum = sum.Add(r.Bond)
	}
	return sum
}

// WantsRestriction reports whether the work should be restricted now: by an interim measure
// before the first ruling, then by the ruling that stands.
func (d Dispute) WantsRestriction(now int64) bool {
	return d.Kind.Restricts() && (d.Standing == CHOICE_UPHOLD || d.InterimUntil > now)
}

// Validate checks one stored dispute by itself.
func (d Dispute) Validate() error {
	bad := func(what string) error { return errorsmod.Wrapf(ErrInvalidGenesis, "dispute %d: %s", d.Id, what) }
	switch {
	case d.Id == 0 || !d.Kind.Known() || !d.Status.Known() || !d.Standing.Known():
		return bad("id, kind, status or standing")
	case d.Subject == "" || d.Respondent == "":
		return bad("subject or respondent")
	case !sound(d.Bond, d.CounterBond, d.InterimBond):
		return bad("bonds")
	case d.CounterBond.IsPositive() != (d.Responder != ""):
		return bad("an answer has a bond")
	case len(d.Rounds) == 0 || len(d.Rounds) > MaxRounds:
		return bad("rounds")
	case d.OpenedAt < 0 || d.DueAt < 0 || d.Open() != (d.ClosedAt == 0) || d.Open() != (d.DueAt > 0):
		return bad("times")
	case d.Void && d.Open(), d.Remedy.Done && d.Open(), !d.Open() && !d.Remedy.Done && d.Remedy.NextAt == 0:
		return bad("remedy")
	case d.InterimUntil > 0 && (!d.Open() || !d.Kind.Restricts()):
		return bad("interim_until")
	case (d.Handle != "") != (d.Kind == KIND_IMPERSONATION):
		return bad("handle")
	case len(d.Evidence) == 0 || len(d.Contests) > MaxContests:
		return bad("evidence or contests")
	}
	if _, err := ParseAddress(d.Claimant); err != nil {
		return err
	}
	if d.Responder != "" {
		if _, err := ParseAddress(d.Responder); err != nil {
			return err
		}
	}
	for _, c := range d.Contests {
		if c.HoldId == "" || !sound(c.Amount) || c.Denom == "" {
			return bad("contests")
		}
	}
	for _, e := range d.Evidence {
		if err := ValidateEvidence(e.Cid); err != nil {
			return bad(err.Error())
		}
	}
	for i, r := range d.Rounds {
		if err := r.validate(i); err != nil {
			return bad(err.Error())
		}
	}
	return nil
}

func (r Round) validate(index int) error {
	if err := r.Terms.Validate(); err != nil {
		return err
	}
	if _, err := ParseAddress(r.Appellant); (index > 0) != (err == nil) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "round %d: appellant", index)
	}
	switch {
	case r.Seats != SeatsOf(index) || r.Drawn > r.Seats || r.Jurors > r.Drawn || r.Committed > r.Jurors || r.Revealed > r.Committed || r.Uphold+r.Dismiss > r.Drawn:
		return errorsmod.Wrapf(ErrInvalidGenesis, "round %d: seats", index)
	case !sound(r.Bond) || r.Bond.IsPositive() != (index > 0) || r.Side.Known() && index == 0:
		return errorsmod.Wrapf(ErrInvalidGenesis, "round %d: bond", index)
	}
	return nil
}

// Validate checks one stored ballot by itself.
func (b Ballot) Validate() error {
	if _, err := ParseAddress(b.Juror); err != nil {
		return err
	}
	switch {
	case b.Seats == 0, len(b.Commit) != 0 && len(b.Commit) != HashLen,
		b.Choice != CHOICE_UNSPECIFIED && (!b.Choice.Known() || len(b.Commit) == 0):
		return errorsmod.Wrapf(ErrInvalidGenesis, "ballot of %s in dispute %d, round %d", b.Juror, b.Dispute, b.Round)
	}
	return nil
}
