package types

import (
	"bytes"
	"cmp"

	errorsmod "cosmossdk.io/errors"
)

// DefaultGenesis has the default parameters and nothing else.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), NextDispute: 1, NextNotice: 1}
}

// Validate checks every record by itself and against the others.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if err := gs.validateDisputes(); err != nil {
		return err
	}
	if err := gs.validateJurors(); err != nil {
		return err
	}
	if err := gs.validateBallots(); err != nil {
		return err
	}
	if err := gs.validateRestrictions(); err != nil {
		return err
	}
	for i, n := range gs.Notices {
		if n.Id != uint64(i)+1 || n.Action < ACTION_OPENED || n.Action > ACTION_EXECUTED || gs.dispute(n.Dispute) == nil {
			return errorsmod.Wrapf(ErrInvalidGenesis, "notice %d", n.Id)
		}
	}
	if gs.NextNotice != uint64(len(gs.Notices))+1 {
		return errorsmod.Wrap(ErrInvalidGenesis, "next_notice must follow the last one")
	}
	return nil
}

func (gs GenesisState) validateDisputes() error {
	last := uint64(0)
	for _, d := range gs.Disputes {
		if err := d.Validate(); err != nil {
			return err
		}
		if d.Id <= last {
			return errorsmod.Wrapf(ErrInvalidGenesis, "dispute %d comes after %d", d.Id, last)
		}
		last = d.Id
	}
	if gs.NextDispute <= last {
		return errorsmod.Wrapf(ErrInvalidGenesis, "next_dispute must be above %d", last)
	}
	return nil
}

// dispute finds one by its id; they are sorted.
func (gs GenesisState) dispute(id uint64) *Dispute {
	low, high := 0, len(gs.Disputes)
	for low < high {
		if mid := (low + high) / 2; gs.Disputes[mid].Id < id {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(gs.Disputes) && gs.Disputes[low].Id == id {
		return &gs.Disputes[low]
	}
	return nil
}

func (gs GenesisState) validateJurors() error {
	slots := make([]bool, len(gs.Jurors)+1)
	used := 0
	var last string
	for _, j := range gs.Jurors {
		if err := j.Validate(); err != nil {
			return err
		}
		if last != "" && !before(last, j.Address) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "juror %s is out of order", j.Address)
		}
		last = j.Address
		if j.Slot == 0 {
			continue
		}
		if j.Slot >= uint64(len(slots)) || slots[j.Slot] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "juror %s: slot %d", j.Address, j.Slot)
		}
		slots[j.Slot], used = true, used+1
	}
	for i := 1; i <= used; i++ {
		if !slots[i] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "slot %d has no juror", i)
		}
	}
	for i, c := range gs.Changes {
		if _, err := ParseAddress(c.Juror); err != nil {
			return err
		}
		if i > 0 {
			if p := gs.Changes[i-1]; p.Period > c.Period || p.Period == c.Period && !before(p.Juror, c.Juror) {
				return errorsmod.Wrapf(ErrInvalidGenesis, "change of %s is out of order", c.Juror)
			}
		}
	}
	for i, o := range gs.Owed {
		if _, err := ParseAddress(o.Account); err != nil {
			return err
		}
		if !sound(o.Amount) || !o.Amount.IsPositive() || i > 0 && !before(gs.Owed[i-1].Account, o.Account) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "owed to %s", o.Account)
		}
	}
	return nil
}

func (gs GenesisState) validateBallots() error {
	for i, b := range gs.Ballots {
		if err := b.Validate(); err != nil {
			return err
		}
		d := gs.dispute(b.Dispute)
		if d == nil || !d.Open() || int(b.Round) >= len(d.Rounds) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "ballot of %s in dispute %d, round %d: no such open round", b.Juror, b.Dispute, b.Round)
		}
		if i == 0 {
			continue
		}
		p := gs.Ballots[i-1]
		order := cmp.Or(cmp.Compare(p.Dispute, b.Dispute), cmp.Compare(p.Round, b.Round))
		if order > 0 || order == 0 && !before(p.Juror, b.Juror) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "ballot of %s in dispute %d is out of order", b.Juror, b.Dispute)
		}
	}
	return nil
}

func (gs GenesisState) validateRestrictions() error {
	for i, r := range gs.Restrictions {
		d := gs.dispute(r.Dispute)
		if d == nil || d.Subject != r.Work || !d.Kind.Restricts() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "restriction of %s by %d", r.Work, r.Dispute)
		}
		if i > 0 {
			if p := gs.Restrictions[i-1]; p.Work > r.Work || p.Work == r.Work && p.Dispute >= r.Dispute {
				return errorsmod.Wrapf(ErrInvalidGenesis, "restriction of %s is out of order", r.Work)
			}
		}
	}
	for i, p := range gs.Interims {
		if p.Work == "" || p.Until < 0 || i > 0 && gs.Interims[i-1].Work >= p.Work {
			return errorsmod.Wrapf(ErrInvalidGenesis, "interim of %s", p.Work)
		}
	}
	return nil
}

// before reports whether a's bytes stand before b's in the store. Both are valid addresses.
func before(a, b string) bool {
	x, _ := ParseAddress(a)
	y, _ := ParseAddress(b)
	return bytes.Compare(x, y) < 0
}
