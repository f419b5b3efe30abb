package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// DefaultGenesis has the default parameters and nothing else.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks every record by itself and against the others: it is also the
// referential half of the keeper's CheckInvariants.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	creators, err := gs.validateCreators()
	if err != nil {
		return err
	}
	if err := gs.validateWorks(creators); err != nil {
		return err
	}
	if err := gs.validateCollections(creators); err != nil {
		return err
	}
	if err := gs.validateVerification(creators); err != nil {
		return err
	}
	if err := gs.validateFeeds(); err != nil {
		return err
	}
	if err := gs.validateReservations(creators); err != nil {
		return err
	}
	seen := make(map[string]bool, len(gs.Commits))
	for _, c := range gs.Commits {
		if err := c.Validate(); err != nil {
			return err
		}
		if seen[string(c.Hash)] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "commit %x occurs twice", c.Hash)
		}
		seen[string(c.Hash)] = true
	}
	return nil
}

// Deposits is the sum of all deposits in ustream: what the module account must hold at least.
func (gs GenesisState) Deposits() math.Int {
	sum := math.ZeroInt()
	for _, c := range gs.Creators {
		sum = sum.Add(c.HandleDeposit)
	}
	for _, w := range gs.Works {
		sum = sum.Add(w.Deposit)
	}
	for _, f := range gs.Feeds {
		sum = sum.Add(f.Deposit)
	}
	for _, r := range gs.Reservations {
		sum = sum.Add(r.Deposit)
	}
	return sum
}

// validateCreators returns the set of creator ids.
func (gs GenesisState) validateCreators() (map[string]bool, error) {
	ids := make(map[string]bool, len(gs.Creators))
	controllers := make(map[string]bool, len(gs.Creators))
	skeletons := make(map[string]bool, len(gs.Creators))
	for _, c := range gs.Creators {
		if err := c.Validate(); err != nil {
			return nil, err
		}
		skeleton := Skeleton(c.Handle)
		if ids[c.Id] || controllers[c.Controller] || skeletons[skeleton] {
			return nil, errorsmod.Wrapf(ErrInvalidGenesis, "creator %s shares its id, controller or handle's look with another", c.Id)
		}
		ids[c.Id], controllers[c.Controller] = true, true
		if c.Handle != "" {
			skeletons[skeleton] = true
		}
	}
	return ids, nil
}

// validateWorks checks that the versions of each root form one chain from the root to its
// head. Every version follows one of the same root with the number before it, and the
// head's number is the count of versions: a fork or a gap breaks one or the other.
func (gs GenesisState) validateWorks(creators map[string]bool) error {
	works := make(map[string]Work, len(gs.Works))
	versions := make(map[string]uint32, len(gs.Works))
	for _, w := range gs.Works {
		if err := w.Validate(); err != nil {
			return err
		}
		if _, twice := works[w.Cid]; twice {
			return errorsmod.Wrapf(ErrInvalidGenesis, "work %s occurs twice", w.Cid)
		}
		if !creators[w.Creator] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: no creator %s", w.Cid, w.Creator)
		}
		works[w.Cid] = w
		versions[w.Root]++
	}
	for _, w := range gs.Works {
		root, known := works[w.Root]
		if !known || root.Creator != w.Creator || root.Status != w.Status {
			return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: its root is missing, another creator's or of another status", w.Cid)
		}
		for _, p := range w.Parents {
			if parent, known := works[p.Work]; !known || !parent.IsRoot() {
				return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: its parent %s is not a first version", w.Cid, p.Work)
			}
		}
		if w.IsRoot() {
			if head := works[w.Head]; head.Root != w.Cid || head.Version != versions[w.Cid] {
				return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: its head is not the newest version", w.Cid)
			}
			continue
		}
		if previous := works[w.Previous]; previous.Root != w.Root || previous.Version+1 != w.Version {
			return errorsmod.Wrapf(ErrInvalidGenesis, "work %s: previous is not the version before it", w.Cid)
		}
	}
	return nil
}
