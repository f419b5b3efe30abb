package types

// Kinds are all kinds, in their order.
func Kinds() []Kind {
	return []Kind{KIND_INFRINGEMENT, KIND_IMPERSONATION, KIND_REFUND, KIND_SPLIT, KIND_ILLEGAL_CONTENT, KIND_PROVIDER_FAULT}
}

// Known reports whether k is a kind.
func (k Kind) Known() bool { return k > KIND_UNSPECIFIED && k <= KIND_PROVIDER_FAULT }

// Restricts reports whether upholding restricts a work.
func (k Kind) Restricts() bool { return k == KIND_INFRINGEMENT || k == KIND_ILLEGAL_CONTENT }

// Contests reports whether payments about the subject can wait for the ruling, beside a refund's own.
func (k Kind) Contests() bool { return k.Restricts() || k == KIND_SPLIT }

// Known reports whether s is a status that a dispute can have.
func (s Status) Known() bool { return s > STATUS_UNSPECIFIED && s <= STATUS_CLOSED }

// Known reports whether c is a vote.
func (c Choice) Known() bool { return c == CHOICE_UPHOLD || c == CHOICE_DISMISS }

// Opposite is the other vote.
func (c Choice) Opposite() Choice {
	if c == CHOICE_UPHOLD {
		return CHOICE_DISMISS
	}
	return CHOICE_UPHOLD
}

// SeatsOf is the size of a round's jury: 7, 15, 31, 63.
func SeatsOf(round int) uint32 {
	seats := uint32(FirstSeats)
	for range round {
		seats = 2*seats + 1
	}
	return seats
}
