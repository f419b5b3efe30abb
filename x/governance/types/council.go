package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"

	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Limits of the council. They are constants: no vote can make it stronger.
const (
	// Seats is how many members the council has, or none.
	Seats = 5
	// PauseQuorum is how many of them pause a message.
	PauseQuorum = 3
	// MaxPauseSeconds is 72 hours.
	MaxPauseSeconds = 72 * 3600
	// CooldownSeconds is how long after a pause the message cannot be paused again: 30 days.
	CooldownSeconds = 30 * 24 * 3600
	// PauseVoteSeconds is how long a member's vote counts: a day.
	PauseVoteSeconds = 24 * 3600
)

// Pausable reports whether a message can be paused. It names those that can, so that a new message cannot until somebody has
// thought of it. Never among them: what settles, claims, withdraws, refunds, proves, votes, leaves, or upgrades. A test
// sorts every message of ours into one of the two.
func Pausable(typeURL string) bool {
	switch typeURL {
	case "/streamchain.content.v1.MsgRegisterCreator", "/streamchain.content.v1.MsgSetHandle", "/streamchain.content.v1.MsgCommit",
		"/streamchain.content.v1.MsgPublish", "/streamchain.content.v1.MsgCreateCollection", "/streamchain.content.v1.MsgAttest",
		"/streamchain.content.v1.MsgRegisterFeed", "/streamchain.content.v1.MsgUpdateFeed",
		"/streamchain.storage.v1.MsgRegisterProvider", "/streamchain.storage.v1.MsgRequestDeals", "/streamchain.storage.v1.MsgOfferKeys",
		"/streamchain.storage.v1.MsgDrawKeySet", "/streamchain.storage.v1.MsgDealKeys",
		"/streamchain.stream.v1.MsgGrantSessionKey", "/streamchain.stream.v1.MsgDeposit", "/streamchain.stream.v1.MsgOpenLanes",
		"/streamchain.stream.v1.MsgTip", "/streamchain.stream.v1.MsgCreateFlow",
		"/streamchain.subscription.v1.MsgSetOffers", "/streamchain.subscription.v1.MsgCreatePlan", "/streamchain.subscription.v1.MsgPurchase",
		"/streamchain.subscription.v1.MsgSubscribe", "/streamchain.subscription.v1.MsgRent", "/streamchain.subscription.v1.MsgPublishTemplate",
		"/streamchain.subscription.v1.MsgPurchaseByTemplate", "/streamchain.subscription.v1.MsgCreatePass", "/streamchain.subscription.v1.MsgSubscribePass":
		return true
	}
	return false
}

// Validate refuses a council that is not empty and not of 5 different accounts in order.
func (c Council) Validate() error {
	if len(c.Members) != 0 && len(c.Members) != Seats {
		return errorsmod.Wrapf(ErrInvalidCouncil, "%d members", len(c.Members))
	}
	for i, m := range c.Members {
		if _, err := ParseAddress(m); err != nil {
			return err
		}
		if i > 0 && c.Members[i-1] >= m {
			return errorsmod.Wrapf(ErrInvalidCouncil, "%s twice, or out of order", m)
		}
	}
	return nil
}

// Has reports whether the account is a member.
func (c Council) Has(account string) bool { return slices.Contains(c.Members, account) }

// Validate checks one row by itself.
func (p Pause) Validate() error {
	if !Pausable(p.TypeUrl) {
		return errorsmod.Wrapf(ErrNotPausable, "%.100q", p.TypeUrl)
	}
	if p.PausedUntil < 0 || p.CooldownUntil < p.PausedUntil || len(p.Votes) >= PauseQuorum {
		return errorsmod.Wrapf(ErrInvalidGenesis, "pause of %s", p.TypeUrl)
	}
	for i, v := range p.Votes {
		if _, err := ParseAddress(v.Member); err != nil {
			return err
		}
		twice := slices.ContainsFunc(p.Votes[:i], func(o PauseVote) bool { return o.Member == v.Member })
		if twice || v.VotedAt <= 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "pause of %s: vote of %s", p.TypeUrl, v.Member)
		}
		if err := validatePause(v.Seconds, v.Reason); err != nil {
			return err
		}
	}
	return nil
}

func validatePause(seconds int64, reason string) error {
	if seconds < 1 || seconds > MaxPauseSeconds {
		return errorsmod.Wrapf(ErrInvalidPause, "%d seconds, not 1 to %d", seconds, MaxPauseSeconds)
	}
	if reason == "" {
		return errorsmod.Wrap(ErrInvalidPause, "no reason")
	}
	// the same text as a tip's memo: one line that shows what was signed
	if err := streamtypes.ValidateMemo(reason); err != nil {
		return errorsmod.Wrapf(ErrInvalidPause, "reason: %s", err)
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgPause) Validate() error {
	if _, err := ParseAddress(m.Member); err != nil {
		return err
	}
	if !Pausable(m.TypeUrl) {
		return errorsmod.Wrapf(ErrNotPausable, "%.100q", m.TypeUrl)
	}
	return validatePause(m.Seconds, m.Reason)
}

// Validate checks every field by itself.
func (m *MsgResume) Validate() error {
	if _, err := ParseAddress(m.Signer); err != nil {
		return err
	}
	if !Pausable(m.TypeUrl) {
		return errorsmod.Wrapf(ErrNotPausable, "%.100q", m.TypeUrl)
	}
	return nil
}

// Council is what the message asks for, sorted.
func (m *MsgSetCouncil) Council() Council {
	members := slices.Clone(m.Members)
	slices.Sort(members)
	return Council{Members: members}
}
