package types

import (
	"strconv"
	"strings"

	errorsmod "cosmossdk.io/errors"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// PlanKey is a plan's id, read: its creator and the creator's sequence from 1. It needs no
// counter that all creators share.
type PlanKey struct {
	Creator contenttypes.CreatorID
	Number  uint64
}

// String is the id's text: streamcreator1…/7.
func (k PlanKey) String() string { return k.Creator.String() + "/" + strconv.FormatUint(k.Number, 10) }

// ParsePlanID reads an id. It refuses every other spelling with ErrInvalidPlanID.
func ParsePlanID(id string) (PlanKey, error) {
	creator, digits, _ := strings.Cut(id, "/")
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || number == 0 {
		return PlanKey{}, errorsmod.Wrapf(ErrInvalidPlanID, "%.150q", id)
	}
	creatorID, err := contenttypes.ParseCreatorID(creator)
	if err != nil {
		return PlanKey{}, errorsmod.Wrapf(ErrInvalidPlanID, "%.150q", id)
	}
	key := PlanKey{Creator: creatorID, Number: number}
	if key.String() != id {
		return PlanKey{}, errorsmod.Wrapf(ErrInvalidPlanID, "%.150q", id)
	}
	return key, nil
}

// ValidateTitle refuses with ErrInvalidTitle what is empty, too long, not UTF-8, or has
// characters that change how the text around it is shown.
func ValidateTitle(title string) error {
	if !contenttypes.IsTitle(title) {
		return errorsmod.Wrapf(ErrInvalidTitle, "%d bytes", len(title))
	}
	return nil
}

// ValidatePeriod refuses with ErrInvalidPeriod a length that is not shortest to
// MaxPeriodSeconds.
func ValidatePeriod(seconds, shortest int64) error {
	if seconds < shortest || seconds > MaxPeriodSeconds {
		return errorsmod.Wrapf(ErrInvalidPeriod, "%d s; allowed are %d to %d", seconds, shortest, MaxPeriodSeconds)
	}
	return nil
}

// ValidateTerms refuses with ErrInvalidTerms a trial, or a least use of a cancelled period, that is too long.
func ValidateTerms(trial, least, period int64) error {
	if trial < 0 || trial > MaxTrialSeconds {
		return errorsmod.Wrapf(ErrInvalidTerms, "trial_seconds %d", trial)
	}
	if least < 0 || least > period {
		return errorsmod.Wrapf(ErrInvalidTerms, "min_seconds %d of %d", least, period)
	}
	return nil
}

// ValidateCoverage refuses with ErrInvalidCoverage a coverage that is unknown, or a list of
// works that does not fit it. Errors: content's ErrInvalidWorkID too.
func ValidateCoverage(coverage Coverage, works []string) error {
	switch coverage {
	case COVERAGE_ALL:
		if len(works) > 0 {
			return errorsmod.Wrap(ErrInvalidCoverage, "a plan of all works lists none")
		}
		return nil
	case COVERAGE_LISTED:
		if len(works) == 0 || len(works) > MaxPlanWorks {
			return errorsmod.Wrapf(ErrInvalidCoverage, "%d works", len(works))
		}
	default:
		return errorsmod.Wrapf(ErrInvalidCoverage, "coverage %d", coverage)
	}
	seen := make(map[string]bool, len(works))
	for _, work := range works {
		if _, err := contenttypes.ParseWorkID(work); err != nil {
			return err
		}
		if seen[work] {
			return errorsmod.Wrapf(ErrInvalidCoverage, "%s occurs twice", work)
		}
		seen[work] = true
	}
	return nil
}

// Validate checks one stored plan by itself. Its period may be shorter than the parameter
// now allows: a plan keeps the terms it was made under.
func (p Plan) Validate() error {
	if _, err := ParsePlanID(p.Id); err != nil {
		return err
	}
	if err := ValidateTitle(p.Title); err != nil {
		return errorsmod.Wrapf(err, "plan %s", p.Id)
	}
	if err := ValidatePrice(p.Price); err != nil {
		return errorsmod.Wrapf(err, "plan %s", p.Id)
	}
	if err := ValidatePeriod(p.PeriodSeconds, 1); err != nil {
		return errorsmod.Wrapf(err, "plan %s", p.Id)
	}
	if err := ValidateTerms(p.TrialSeconds, p.MinSeconds, p.PeriodSeconds); err != nil {
		return errorsmod.Wrapf(err, "plan %s", p.Id)
	}
	if p.CreatedAt <= 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "plan %s: created_at must be set", p.Id)
	}
	return nil
}

// Validate checks one stored plan and its works.
func (r PlanRecord) Validate() error {
	if err := r.Plan.Validate(); err != nil {
		return err
	}
	if err := ValidateCoverage(r.Plan.Coverage, r.Works); err != nil {
		return errorsmod.Wrapf(err, "plan %s", r.Plan.Id)
	}
	if int(r.Plan.Works) != len(r.Works) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "plan %s: lists %d works, not %d", r.Plan.Id, len(r.Works), r.Plan.Works)
	}
	return nil
}
