package receipt

import (
	"fmt"
	"strings"
	"time"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

func askedOfMoney(m proto.Message) string {
	switch m := m.(type) {
	case *banktypes.MsgSend:
		return fmt.Sprintf("%s sends %s to %s.", m.FromAddress, amounts(m.Amount), m.ToAddress)
	case *stakingtypes.MsgDelegate:
		return fmt.Sprintf("%s stakes %s with %s.", m.DelegatorAddress, coinText(m.Amount), m.ValidatorAddress)
	case *revenuetypes.MsgClaim:
		return fmt.Sprintf("%s claims what %s has earned, to %s.", m.Claimant, or(m.Recipient, "it"), or(m.To, "itself"))
	case *revenuetypes.MsgRefund:
		return fmt.Sprintf("%s gives payment %s back, whole.", m.Controller, m.HoldId)
	case *revenuetypes.MsgSetSplit:
		return fmt.Sprintf("%s shares the income of %s among %d recipients.", m.Controller, m.Subject, len(m.Shares))
	case *revenuetypes.MsgAcceptSplit:
		return fmt.Sprintf("%s accepts sheet %d of %s.", m.Recipient, m.Version, m.Subject)
	case *revenuetypes.MsgSetPayout:
		if m.Threshold.Amount.IsNil() || m.Threshold.IsZero() {
			return fmt.Sprintf("%s ends the automatic payout of %s in %s.", m.Claimant, or(m.Recipient, "its income"), m.Threshold.Denom)
		}
		return fmt.Sprintf("%s has the income of %s paid out to %s whenever it reaches %s.", m.Claimant, or(m.Recipient, "its own"), or(m.To, "itself"), coinText(m.Threshold))
	case *revenuetypes.MsgClaimRebate:
		return fmt.Sprintf("%s claims its rebate of the last closed period.", m.Viewer)
	case *revenuetypes.MsgSetDerivationTerms:
		if !m.Open {
			return fmt.Sprintf("%s wants to be asked by whoever derives a work from %s.", m.Controller, m.Work)
		}
		return fmt.Sprintf("%s lets anybody derive works from %s who gives it %s of the creator part.", m.Controller, m.Work, percent(m.MinBps))
	case *revenuetypes.MsgAcceptDerivation:
		return fmt.Sprintf("%s consents to %s, which derives from %s.", m.Controller, m.Work, m.Parent)
	}
	return ""
}

func askedOfFlows(m proto.Message) string {
	switch m := m.(type) {
	case *streamtypes.MsgGrantSessionKey:
		return fmt.Sprintf("%s lets a key sign for it until %s, for at most %s in 24 hours.", m.Owner, when(m.Expires), coinText(m.Limit))
	case *streamtypes.MsgRevokeSessionKey:
		return fmt.Sprintf("%s stops a key from signing for it.", m.Owner)
	case *streamtypes.MsgDeposit:
		return fmt.Sprintf("%s deposits %s to watch with.", m.Owner, coinText(m.Amount))
	case *streamtypes.MsgWithdraw:
		return fmt.Sprintf("%s takes %s of its deposit back, to %s.", m.Owner, coinText(m.Amount), or(m.To, "itself"))
	case *streamtypes.MsgOpenLanes:
		return fmt.Sprintf("%s opens %d payment lanes that viewers have signed.", m.Submitter, len(m.Intents))
	case *streamtypes.MsgSettle:
		return fmt.Sprintf("%s settles what was watched in %d sessions.", m.Submitter, len(m.Settlements))
	case *streamtypes.MsgCloseLane:
		return fmt.Sprintf("%s closes its lane with %s.", m.Agent, m.Owner)
	case *streamtypes.MsgTip:
		return fmt.Sprintf("%s tips %s to %s%s.", m.Payer, coinText(m.Amount), m.Subject, quoted(m.Memo))
	case *streamtypes.MsgCreateFlow:
		return fmt.Sprintf("%s pays %s %s every %s, out of a deposit of %s%s.", m.Sender, m.Recipient, rate(m.Deposit.Denom, m.RateAmount), span(m.RateSeconds), coinText(m.Deposit), from(m.StartsAt))
	case *streamtypes.MsgTopUpFlow:
		return fmt.Sprintf("%s adds %s to flow %s.", m.Payer, coinText(m.Amount), m.Flow)
	case *streamtypes.MsgPauseFlow:
		return fmt.Sprintf("%s pauses flow %s.", m.Sender, m.Flow)
	case *streamtypes.MsgResumeFlow:
		return fmt.Sprintf("%s resumes flow %s.", m.Sender, m.Flow)
	case *streamtypes.MsgReRateFlow:
		return fmt.Sprintf("%s changes flow %s to %s base units every %s.", m.Sender, m.Flow, m.RateAmount, span(m.RateSeconds))
	case *streamtypes.MsgCancelFlow:
		return fmt.Sprintf("%s ends flow %s.", m.Signer, m.Flow)
	case *streamtypes.MsgWithdrawFlow:
		return fmt.Sprintf("%s takes what it has earned by flow %s, to %s.", m.Recipient, m.Flow, or(m.To, "itself"))
	}
	return ""
}

func toldOfMoney(m proto.Message) string {
	switch m := m.(type) {
	case *revenuetypes.EventDistributed:
		return distributed(m)
	case *revenuetypes.EventHeld:
		return fmt.Sprintf("%s of %s wait until %s, when they are shared out; until then the creator can give them back.", coinText(m.Charged), m.Payer, when(m.ReleaseAt))
	case *revenuetypes.EventRefunded:
		return fmt.Sprintf("%s go back to %s.", coinText(m.Gross), m.Payer)
	case *revenuetypes.EventClaimed:
		return fmt.Sprintf("%s of %s are paid out to %s.", amounts(m.Amount), m.Recipient, m.To)
	case *revenuetypes.EventRebateClaimed:
		return fmt.Sprintf("%s gets %s back of what its payments left to the protocol.", m.Viewer, coinText(m.Amount))
	}
	return ""
}

func toldOfStream(m proto.Message) string {
	switch m := m.(type) {
	case *streamtypes.EventTipped:
		return fmt.Sprintf("%s was tipped %s.", m.Creator, coinText(m.Amount))
	case *streamtypes.EventDeposited:
		return fmt.Sprintf("The deposit of %s is %s now.", m.Owner, coinText(sdk.Coin{Denom: m.Amount.Denom, Amount: m.Balance}))
	case *streamtypes.EventLaneOpened:
		return fmt.Sprintf("%s of %s are reserved for %s; opening cost %s.", coinText(m.Cap), m.Owner, m.Provider, coinText(m.Fee))
	case *streamtypes.EventSessionSettled:
		return fmt.Sprintf("%s paid %s for %d ticks of %s, served by %s.", m.Owner, coinText(m.Paid), m.Ticks, m.Work, m.Provider)
	case *streamtypes.EventFlowCreated:
		return fmt.Sprintf("Flow %s has begun.", m.Flow.Id)
	case *streamtypes.EventFlowWithdrawn:
		return fmt.Sprintf("%s earned %s by flow %s, paid to %s.", m.Recipient, coinText(m.Amount), m.Flow, m.To)
	case *streamtypes.EventFlowEnded:
		return fmt.Sprintf("Flow %s has ended: %s to %s, %s back to %s.", m.Flow, coinText(m.Paid), m.Recipient, coinText(m.Returned), m.Sender)
	}
	return ""
}

// distributed says who got what of a payment.
func distributed(e *revenuetypes.EventDistributed) string {
	coin := func(amount math.Int) string { return coinText(sdk.Coin{Denom: e.Gross.Denom, Amount: amount}) }
	var parts []string
	for _, c := range e.Credits {
		if c.Amount.IsPositive() {
			as := ""
			if c.Parent != "" {
				as = " for the work that it derives from"
			}
			parts = append(parts, fmt.Sprintf("%s to %s%s", coin(c.Amount), c.Recipient, as))
		}
	}
	for _, p := range []struct {
		to     string
		amount math.Int
	}{
		{"the node that served (" + e.Server + ")", e.ServerPart}, {"those who keep its keys", e.KeyHoldersPart}, {"keeping it for years", e.EndowmentPart},
		{"the storage pool", e.StoragePoolPart}, {"the author of its template", e.RoyaltyPart}, {"stakers", e.StakersPart}, {"the treasury", e.TreasuryPart},
		{"participation", e.ParticipationPart}, {"nobody: burned", e.BurnPart},
	} {
		if !p.amount.IsNil() && p.amount.IsPositive() {
			parts = append(parts, coin(p.amount)+" to "+p.to)
		}
	}
	price := coin(e.Gross.Amount)
	if !e.Discount.IsNil() && e.Discount.IsPositive() {
		price = fmt.Sprintf("%s (the price %s less a discount of %s)", coin(e.Gross.Amount.Sub(e.Discount)), price, coin(e.Discount))
	}
	return fmt.Sprintf("%s paid %s for %s: %s.", e.Payer, price, e.Subject, strings.Join(parts, ", "))
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return ", with the words “" + short(s) + "”"
}

func percent(bps uint32) string { return fmt.Sprintf("%d.%02d %%", bps/100, bps%100) }

func when(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02 15:04:05 UTC") }

func from(unix int64) string {
	if unix == 0 {
		return ""
	}
	return " from " + when(unix) + " on"
}

func span(seconds int64) string {
	if seconds == 1 {
		return "second"
	}
	return fmt.Sprintf("%d seconds", seconds)
}

func rate(denom string, amount math.Int) string {
	if amount.IsNil() {
		return "nothing"
	}
	return coinText(sdk.Coin{Denom: denom, Amount: amount})
}

func parentsOf(parents []contenttypes.Parent) string {
	if len(parents) == 0 {
		return ""
	}
	return fmt.Sprintf(", which derives from %d others", len(parents))
}
