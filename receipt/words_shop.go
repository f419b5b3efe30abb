package receipt

import (
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func askedOfShop(m proto.Message) string {
	switch m := m.(type) {
	case *subscriptiontypes.MsgSetOffers:
		if len(m.Offers) == 0 {
			return fmt.Sprintf("%s offers %s no more.", m.Controller, m.Work)
		}
		return fmt.Sprintf("%s offers %s in %s.", m.Controller, m.Work, count(len(m.Offers), "way"))
	case *subscriptiontypes.MsgCreatePlan:
		return fmt.Sprintf("%s makes the plan “%s”: %s every %s%s.", m.Controller, short(m.Title), coinText(m.Price), span(m.PeriodSeconds), trial(m.TrialSeconds))
	case *subscriptiontypes.MsgUpdatePlan:
		return fmt.Sprintf("%s's plan %s is called “%s” and costs %s a period from now on%s.", m.Controller, m.Plan, short(m.Title), coinText(m.Price), closed(m.Closed))
	case *subscriptiontypes.MsgPurchase:
		return fmt.Sprintf("%s buys %s for at most %s%s.", m.Buyer, m.Work, coinText(m.MaxPrice), gift(m.Recipient))
	case *subscriptiontypes.MsgRent:
		return fmt.Sprintf("%s rents %s for %s, for at most %s%s.", m.Renter, m.Work, span(m.DurationSeconds), coinText(m.MaxPrice), gift(m.Recipient))
	case *subscriptiontypes.MsgSubscribe:
		return fmt.Sprintf("%s subscribes to %s for at most %s a period, %d at once%s%s.", m.Subscriber, m.Plan, coinText(m.MaxPrice), m.Periods, renewals(m.Renewals), gift(m.Recipient))
	case *subscriptiontypes.MsgSetRenewal:
		if m.Renewals == 0 {
			return fmt.Sprintf("%s renews %s no more.", m.Payer, m.Plan)
		}
		return fmt.Sprintf("%s renews %s for at most %s a period%s.", m.Payer, m.Plan, coinText(m.MaxPrice), renewals(m.Renewals))
	case *subscriptiontypes.MsgCancel:
		return fmt.Sprintf("%s ends its subscription to %s, and asks for the rest back.", m.Viewer, m.Plan)
	case *subscriptiontypes.MsgPublishTemplate:
		return fmt.Sprintf("%s publishes the template “%s”, whose author gets %s of each sale.", m.Author, short(m.Title), percent(m.RoyaltyBps))
	case *subscriptiontypes.MsgRemoveTemplate:
		return fmt.Sprintf("%s takes the template %s back, and its deposit.", m.Author, m.Template)
	case *subscriptiontypes.MsgPurchaseByTemplate:
		return fmt.Sprintf("%s buys what the template of %s sells now, by version %d of its offers, for at most %s%s.", m.Buyer, m.Work, m.OffersVersion, coinText(m.MaxPrice), gift(m.Recipient))
	case *subscriptiontypes.MsgRefundByTemplate:
		return fmt.Sprintf("%s asks for its last purchase of %s back, as far as its template allows.", m.Buyer, m.Work)
	}
	return askedOfPasses(m)
}

func askedOfPasses(m proto.Message) string {
	switch m := m.(type) {
	case *subscriptiontypes.MsgCreatePass:
		return fmt.Sprintf("%s makes the pass “%s” over %s: %s every %s.", m.Curator, short(m.Title), count(len(m.Creators), "creator"), coinText(m.Price), span(m.PeriodSeconds))
	case *subscriptiontypes.MsgUpdatePass:
		return fmt.Sprintf("%s's pass %s is called “%s” and costs %s a period from now on; %s are added and %d taken off its list%s.", m.Curator, m.Pass, short(m.Title), coinText(m.Price), count(len(m.Add), "creator"), len(m.Remove), closed(m.Closed))
	case *subscriptiontypes.MsgJoinPass:
		return fmt.Sprintf("%s lets the pass %s sell the works of %s.", m.Controller, m.Pass, m.Creator)
	case *subscriptiontypes.MsgLeavePass:
		return fmt.Sprintf("%s takes the works of %s out of the pass %s.", m.Controller, m.Creator, m.Pass)
	case *subscriptiontypes.MsgSubscribePass:
		return fmt.Sprintf("%s buys %s of the pass %s for at most %s each%s%s.", m.Subscriber, count(int(m.Periods), "period"), m.Pass, coinText(m.MaxPrice), renewals(m.Renewals), gift(m.Recipient))
	case *subscriptiontypes.MsgCancelPass:
		return fmt.Sprintf("%s renews the pass %s no more, and asks for what has not begun back.", m.Viewer, m.Pass)
	}
	return ""
}

func askedOfContent(m proto.Message) string {
	switch m := m.(type) {
	case *contenttypes.MsgRegisterCreator:
		if m.Handle != "" {
			return fmt.Sprintf("%s becomes the creator @%s.", m.Controller, m.Handle)
		}
		return fmt.Sprintf("%s becomes a creator.", m.Controller)
	case *contenttypes.MsgSetHandle:
		if m.Handle == "" {
			return fmt.Sprintf("%s gives the handle of %s up.", m.Controller, m.Creator)
		}
		return fmt.Sprintf("%s is to be found as @%s.", m.Creator, m.Handle)
	case *contenttypes.MsgCommit:
		return fmt.Sprintf("%s announces something that it will publish, without saying what.", m.Sender)
	case *contenttypes.MsgPublish:
		return fmt.Sprintf("%s publishes the %s “%s”%s.", m.Controller, m.Kind, short(m.Title), parentsOf(m.Parents))
	case *contenttypes.MsgRetire:
		return fmt.Sprintf("%s withdraws the work %s.", m.Controller, m.Work)
	case *contenttypes.MsgCreateCollection:
		return fmt.Sprintf("%s makes the %s “%s” of %s.", m.Controller, enum(m.Kind.String(), "COLLECTION_KIND_"), short(m.Title), count(len(m.Works), "work"))
	case *contenttypes.MsgUpdateCollection:
		return fmt.Sprintf("%s changes the collection %s: %s more, %d fewer.", m.Controller, m.Collection, count(len(m.Add), "work"), len(m.Remove))
	case *contenttypes.MsgRegisterFeed:
		return fmt.Sprintf("%s registers the feed “%s” at %s.", m.Owner, short(m.Title), m.Endpoint)
	case *contenttypes.MsgUpdateFeed:
		return fmt.Sprintf("%s's feed %s is called “%s” and found at %s from now on.", m.Owner, m.Feed, short(m.Title), m.Endpoint)
	case *contenttypes.MsgRemoveFeed:
		return fmt.Sprintf("%s removes the feed %s.", m.Owner, m.Feed)
	}
	return askedOfCreators(m)
}

func askedOfCreators(m proto.Message) string {
	switch m := m.(type) {
	case *contenttypes.MsgSetAttester:
		if !m.Active {
			return fmt.Sprintf("%s vouches for nobody any more.", m.Attester)
		}
		return fmt.Sprintf("%s may vouch for creators, at levels %v.", m.Attester, m.Levels)
	case *contenttypes.MsgAttest:
		return fmt.Sprintf("%s vouches for %s at level %d until %s.", m.Attester, m.Creator, m.Level, when(m.Expires))
	case *contenttypes.MsgRevokeAttestation:
		return fmt.Sprintf("%s takes back what %s vouched for %s.", m.Signer, m.Attester, m.Creator)
	case *contenttypes.MsgRotateController:
		return fmt.Sprintf("%s hands %s over to %s, unless it is vetoed meanwhile.", m.Controller, m.Creator, m.NewController)
	case *contenttypes.MsgVetoRotation:
		return fmt.Sprintf("%s stops %s from being handed over.", m.Controller, m.Creator)
	case *contenttypes.MsgAcceptRotation:
		return fmt.Sprintf("%s takes %s over.", m.NewController, m.Creator)
	}
	return ""
}

func toldOfShop(m proto.Message) string {
	switch m := m.(type) {
	case *subscriptiontypes.EventPurchased:
		return fmt.Sprintf("%s owns %s from now on.", m.Entitlement.Viewer, m.Entitlement.Work)
	case *subscriptiontypes.EventTemplatePurchased:
		return fmt.Sprintf("%s has %s by template %s, for %s.", m.Viewer, m.Work, m.Template, coinText(m.Paid))
	case *contenttypes.EventWorkPublished:
		return fmt.Sprintf("“%s” is published as %s.", short(m.Title), m.Root)
	}
	return ""
}

func gift(recipient string) string {
	if recipient == "" {
		return ""
	}
	return ", as a gift to " + recipient
}

// untilCancelled is so many renewals that nobody lives to see them end.
const untilCancelled = 1<<32 - 1

func renewals(n uint32) string {
	switch n {
	case 0:
		return ""
	case untilCancelled:
		return ", renewed until it is cancelled"
	}
	return ", renewed " + count(int(n), "time")
}

func trial(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return ", the first " + span(seconds) + " free"
}

func closed(yes bool) string {
	if !yes {
		return ""
	}
	return "; it takes nobody new"
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
