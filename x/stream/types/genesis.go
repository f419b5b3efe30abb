package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// DefaultGenesis has the default parameters and nothing else.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks every record by itself and against the others: it is also the
// referential half of the keeper's CheckInvariants.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	lanes, sums, err := gs.validateLanes()
	if err != nil {
		return err
	}
	if err := gs.validateKeys(sums); err != nil {
		return err
	}
	if err := gs.validateEscrows(sums); err != nil {
		return err
	}
	if len(sums) > 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "%d escrows or keys are missing that lanes have reserved of", len(sums))
	}
	if err := gs.validateUses(); err != nil {
		return err
	}
	if err := gs.validateMoney(); err != nil {
		return err
	}
	return gs.validateSessions(lanes)
}

// EscrowTotal is the sum of all escrows and flows: what x/revenue's custody holds for this module.
func (gs GenesisState) EscrowTotal() sdk.Coins {
	total := sdk.NewCoins()
	for _, e := range gs.Escrows {
		total = total.Add(sdk.NewCoin(e.Denom, e.Balance))
	}
	for _, f := range gs.Flows {
		total = total.Add(f.Coin(f.Balance.Add(f.Accrued)))
	}
	return total
}

// validateLanes returns the settled sessions that each lane says it has, by lane id, and
// what lanes have reserved, by escrow and by key.
func (gs GenesisState) validateLanes() (map[string]uint32, map[string]math.Int, error) {
	last := make(map[string]uint64, len(gs.Generations))
	for _, g := range gs.Generations {
		if err := validateParties(g.Owner, sdk.DefaultBondDenom, g.Provider); err != nil {
			return nil, nil, err
		}
		pair := g.Owner + "/" + g.Provider
		if _, twice := last[pair]; twice || g.Generation == 0 {
			return nil, nil, errorsmod.Wrapf(ErrInvalidGenesis, "generation of %s: twice or zero", pair)
		}
		last[pair] = g.Generation
	}
	sessions := make(map[string]uint32, len(gs.Lanes))
	sums := make(map[string]math.Int, len(gs.Lanes))
	places, closing := make(map[string]bool, len(gs.Lanes)), map[string]int{}
	for _, l := range gs.Lanes {
		if err := l.Validate(); err != nil {
			return nil, nil, err
		}
		place := l.Owner + "/" + l.Denom + "/" + l.Provider
		if !l.Closing() && places[place] || l.Generation > last[l.Owner+"/"+l.Provider] {
			return nil, nil, errorsmod.Wrapf(ErrInvalidGenesis, "lane %s: twice, or its generation was never opened", place)
		}
		if l.Closing() {
			closing[place]++
		} else {
			places[place] = true
		}
		id, err := l.ID()
		if err != nil {
			return nil, nil, err
		}
		if _, twice := sessions[string(id)]; twice || closing[place] > MaxClosing {
			return nil, nil, errorsmod.Wrapf(ErrInvalidGenesis, "lane %s: generation %d twice, or more than %d are closing", place, l.Generation, MaxClosing)
		}
		sessions[string(id)] = l.Sessions
		if l.Remaining() > 0 {
			addTo(sums, escrowName(l.Owner, l.Denom), l.Remaining())
			addTo(sums, keyName(l.Owner, l.Denom, l.Pubkey), l.Remaining())
		}
	}
	return sessions, sums, nil
}

// validateKeys removes from sums what it finds reserved.
func (gs GenesisState) validateKeys(sums map[string]math.Int) error {
	seen := make(map[string]bool, len(gs.SessionKeys))
	count := make(map[string]int, len(gs.SessionKeys))
	for _, k := range gs.SessionKeys {
		if err := k.Validate(); err != nil {
			return err
		}
		name := keyName(k.Owner, "", k.Pubkey)
		count[k.Owner]++
		if seen[name] || count[k.Owner] > MaxKeys {
			return errorsmod.Wrapf(ErrInvalidGenesis, "key %x of %s: twice, or one of more than %d", k.Pubkey, k.Owner, MaxKeys)
		}
		seen[name] = true
		if err := take(sums, keyName(k.Owner, k.Limit.Denom, k.Pubkey), k.Reserved); err != nil {
			return err
		}
	}
	return nil
}

// validateEscrows removes from sums what it finds reserved.
func (gs GenesisState) validateEscrows(sums map[string]math.Int) error {
	seen := make(map[string]bool, len(gs.Escrows))
	for _, e := range gs.Escrows {
		if err := e.Validate(); err != nil {
			return err
		}
		name := escrowName(e.Owner, e.Denom)
		if seen[name] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "%s occurs twice", name)
		}
		seen[name] = true
		if err := take(sums, name, e.Reserved); err != nil {
			return err
		}
	}
	return nil
}

func (gs GenesisState) validateSessions(lanes map[string]uint32) error {
	ended := make(map[string]uint32, len(gs.Cleanups))
	for _, c := range gs.Cleanups {
		_, open := lanes[string(c.LaneId)]
		_, twice := ended[string(c.LaneId)]
		if len(c.LaneId) != LaneIDLen || c.Since <= 0 || open || twice {
			return errorsmod.Wrapf(ErrInvalidGenesis, "cleanup of lane %x", c.LaneId)
		}
		ended[string(c.LaneId)] = 0
	}
	type place struct {
		lane    string
		session uint64
	}
	seen := make(map[place]bool, len(gs.Sessions))
	for _, s := range gs.Sessions {
		if err := s.Row.Validate(); err != nil {
			return err
		}
		at := place{string(s.LaneId), s.Session}
		if seen[at] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "session %d of lane %x occurs twice", s.Session, s.LaneId)
		}
		seen[at] = true
		if left, open := lanes[at.lane]; open && left > 0 {
			lanes[at.lane]--
			continue
		}
		if n, ok := ended[at.lane]; !ok || n >= MaxSessions {
			return errorsmod.Wrapf(ErrInvalidGenesis, "session %d of lane %x: no such lane, or it says it has fewer", s.Session, s.LaneId)
		}
		ended[at.lane]++
	}
	for _, l := range gs.Lanes {
		id, err := l.ID()
		if err != nil {
			return err
		}
		if left := lanes[string(id)]; left > 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "lane of %s at %s: %d sessions are missing", l.Owner, l.Provider, left)
		}
	}
	return nil
}

func escrowName(owner, denom string) string { return "escrow " + owner + "/" + denom }

func keyName(owner, denom string, pubkey []byte) string {
	return "key " + owner + "/" + denom + "/" + string(pubkey)
}

func addTo(sums map[string]math.Int, name string, amount uint64) {
	sum, ok := sums[name]
	if !ok {
		sum = math.ZeroInt()
	}
	sums[name] = sum.Add(math.NewIntFromUint64(amount))
}

// take compares what a record says is reserved with what lanes have, and ticks it off.
func take(sums map[string]math.Int, name string, reserved math.Int) error {
	sum, ok := sums[name]
	if !ok {
		sum = math.ZeroInt()
	}
	if !reserved.Equal(sum) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "%q: reserved %s, lanes have %s", name, reserved, sum)
	}
	delete(sums, name)
	return nil
}
