package types

import "cosmossdk.io/collections"

const (
	// ModuleName names the module, its store and its CLI group. It has no account: the coins
	// of sales lie in x/revenue's custody.
	ModuleName = "subscription"
	// StoreKey names the module's store.
	StoreKey = ModuleName

	// MaxOffers is the most offers of one work.
	MaxOffers = 8
	// MaxPlanOffers is the most plans that one work's plan offer names.
	MaxPlanOffers = 16
	// MaxTitleLen bounds a plan's title in bytes.
	MaxTitleLen = 140
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
	// MaxHoldIDLen bounds the id that x/revenue gives a payment, in bytes.
	MaxHoldIDLen = 128
	// MaxSubscriptionBytes bounds all rows of one subscription, keys included.
	MaxSubscriptionBytes = 300

	// MaxSweep is the most ended subscriptions that the end of one block removes.
	MaxSweep = 200
	// SweepRetrySeconds is how much later a subscription that could not be removed is tried
	// again, so that it does not stand before the others for ever.
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
)
