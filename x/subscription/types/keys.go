package types

import (
	"cosmossdk.io/collections"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

const (
	// ModuleName names the module, its store and its CLI group. It has no account: the coins
	// of sales lie in x/revenue's custody.
	ModuleName = "subscription"
	// StoreKey names the module's store.
	StoreKey = ModuleName

	// MaxOffers is the most offers of one work or collection: one of each kind, and rentals and
	// tokens besides.
	MaxOffers = 16
	// MaxPlanOffers is the most plans that one work's plan offer names.
	MaxPlanOffers = 16
	// MaxTitleLen bounds a plan's title in bytes.
	MaxTitleLen = contenttypes.MaxTitleLen
	// MaxPlanWorks is the most works that a plan lists.
	MaxPlanWorks = 256
	// MaxOpenPlans is the most plans of one creator that sell at the same time: an access
	// decision looks at all of them.
	MaxOpenPlans = 32
	// MaxPrice bounds every price in ustream: a million million STREAM.
	MaxPrice = 1_000_000_000_000_000_000
	// MaxTickSeconds is the longest tick.
	MaxTickSeconds = 3600
	// MaxPreviewSeconds is the longest preview.
	MaxPreviewSeconds = 24 * 3600
	// MaxPeriodSeconds is the longest period: a leap year.
	MaxPeriodSeconds = 366 * 24 * 3600
	// MaxPeriods is the most periods that one message buys.
	MaxPeriods = 12
	// MaxAheadSeconds is how far ahead a subscription can be paid: twelve of the longest
	// periods. It keeps a mistake from buying a century.
	MaxAheadSeconds = MaxPeriods * MaxPeriodSeconds
	// MaxTrialSeconds is the longest trial: 90 days.
	MaxTrialSeconds = 90 * 24 * 3600
	// MaxPayments is the most different payments that wait in one subscription, by who paid which
	// price. What others pay as gifts could otherwise make its row as large as they like.
	MaxPayments = 12
	// GracePart is the part of a period, one in so many, that a grace has at most: who lets renewals
	// fail to watch unpaid gains less than that of what the last period cost.
	GracePart = 10
	// MaxAttempts is how often a renewal is tried again after it failed, spread over the grace.
	MaxAttempts = 3
	// PeriodGas is charged for each period that is paid or can be charged, up to MaxPeriods of each,
	// for dealing with its end where nobody pays for gas.
	PeriodGas = 50_000
	// MaxHoldIDLen bounds the id that x/revenue gives a payment, in bytes.
	MaxHoldIDLen = 128
	// MaxSubscriptionBytes bounds all rows of one subscription that its own viewer pays and renews,
	// keys included.
	MaxSubscriptionBytes = 600

	// MaxSweep is the most ended periods, and the most ended rentals, that the end of one block deals
	// with.
	MaxSweep = 200
	// SweepRetrySeconds is how much later one that could not be dealt with is tried again, so that it
	// does not stand before the others for ever.
	SweepRetrySeconds = 3600
)

// Prefixes of the store. Never renumbered.
var (
	ParamsKey        = collections.NewPrefix(0)
	OffersKey        = collections.NewPrefix(1)
	PlansKey         = collections.NewPrefix(2)
	OpenPlansKey     = collections.NewPrefix(3)
	SequencesKey     = collections.NewPrefix(4)
	CoverageKey      = collections.NewPrefix(5)
	EntitlementsKey  = collections.NewPrefix(6)
	SubscriptionsKey = collections.NewPrefix(7)
	ExpiryQueueKey   = collections.NewPrefix(8)
	RentalsKey       = collections.NewPrefix(9)
	RentalQueueKey   = collections.NewPrefix(10)
	TrialsKey        = collections.NewPrefix(11)
	SeatsKey         = collections.NewPrefix(12)
)
