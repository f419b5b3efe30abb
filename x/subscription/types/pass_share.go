package types

import "cosmossdk.io/math"

// creatorUse is what one creator's works count together, and get.
type creatorUse struct {
	seconds, amount, left math.Int
	best                  int // its most watched work's place; of equals, the first
}

// SharePass shares out pot, one subscriber's fee with what was carried into it, to what that subscriber watched, and returns
// what nobody gets. A creator gets its part of all counted seconds, and MaxPassCreatorBps of the pot at most; what that
// bound leaves goes to nobody else, or a second account would undo it. Its works share that in proportion. What rounding down leaves of a
// creator's goes to its most watched work, what it leaves between creators to the one that gets most, within its bound;
// of equals, to the first. Shares are in the order of uses, and none is zero. The sum of shares and rest is pot.
func SharePass(pot math.Int, uses []PassUse) (shares []PassShare, rest math.Int) {
	creators, of := byCreator(uses)
	all := math.ZeroInt()
	for _, c := range creators {
		all = all.Add(c.seconds)
	}
	if !all.IsPositive() || !pot.IsPositive() {
		return nil, pot
	}
	most, rounded := pot.MulRaw(MaxPassCreatorBps).QuoRaw(10_000), pot
	top := creators[0]
	for _, c := range creators {
		part := pot.Mul(c.seconds).Quo(all)
		rounded = rounded.Sub(part)
		c.amount = math.MinInt(part, most)
		if c.amount.GT(top.amount) {
			top = c
		}
	}
	top.amount = math.MinInt(top.amount.Add(rounded), most)
	rest = pot
	for _, c := range creators {
		c.left, rest = c.amount, rest.Sub(c.amount)
	}
	amounts := make([]math.Int, len(uses))
	for i, u := range uses {
		c := creators[of[u.Creator]]
		amounts[i] = c.amount.Mul(math.NewIntFromUint64(u.Seconds)).Quo(c.seconds)
		c.left = c.left.Sub(amounts[i])
	}
	for _, c := range creators {
		amounts[c.best] = amounts[c.best].Add(c.left)
	}
	for i, u := range uses {
		if amounts[i].IsPositive() {
			shares = append(shares, PassShare{Work: u.Work, Creator: u.Creator, Amount: amounts[i]})
		}
	}
	return shares, rest
}

// byCreator adds up uses by creator, in the order in which creators occur; of has each one's place.
func byCreator(uses []PassUse) (creators []*creatorUse, of map[string]int) {
	of = make(map[string]int, len(uses))
	for i, u := range uses {
		if u.Seconds == 0 {
			continue
		}
		at, known := of[u.Creator]
		if !known {
			at = len(creators)
			of[u.Creator] = at
			creators = append(creators, &creatorUse{seconds: math.ZeroInt(), amount: math.ZeroInt(), best: i})
		}
		c := creators[at]
		c.seconds = c.seconds.Add(math.NewIntFromUint64(u.Seconds))
		if u.Seconds > uses[c.best].Seconds {
			c.best = i
		}
	}
	return creators, of
}
