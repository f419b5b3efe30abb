package watch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// TestWays: whoever may not watch is told in plain words what it takes, whatever the work is sold by.
func TestWays(t *testing.T) {
	coin := token.Coin(500_000)
	for want, o := range map[string]subtypes.OfferCost{
		"it is free":            {Kind: subtypes.OFFER_KIND_FREE, Price: token.Coin(0)},
		"buy it for 0.5 STREAM": {Kind: subtypes.OFFER_KIND_PURCHASE, Price: coin},
		"buy it of the collection streamcreator1x/c1 for 0.5 STREAM":                                   {Kind: subtypes.OFFER_KIND_PURCHASE, Price: coin, Collection: "streamcreator1x/c1"},
		"buy it for what you want, from 0.5 STREAM":                                                    {Kind: subtypes.OFFER_KIND_PAY_WHAT_YOU_WANT, Price: coin},
		"pay 0.5 STREAM for every second watched (--max-spend)":                                        {Kind: subtypes.OFFER_KIND_METERED, Price: coin, Seconds: 1},
		"subscribe to the plan streamcreator1x/1 for 0.5 STREAM every 30 days":                         {Kind: subtypes.OFFER_KIND_PLAN, Price: coin, Plan: "streamcreator1x/1", Seconds: 30 * 86_400},
		"rent it for 2 days, for 0.5 STREAM":                                                           {Kind: subtypes.OFFER_KIND_RENTAL, Price: coin, Seconds: 2 * 86_400},
		"delegate 1000 STREAM to validators, which makes you silver":                                   {Kind: subtypes.OFFER_KIND_TIER, Price: token.Coin(0), Tier: streamtypes.TIER_SILVER},
		"subscribe to the pass stream1x/p1, of many creators, for 0.5 STREAM (streamd pass subscribe)": {Kind: subtypes.OFFER_KIND_PASS, Price: coin, Pass: "stream1x/p1"},
		"hold 100ufan": {Kind: subtypes.OFFER_KIND_TOKEN, Price: sdk.Coin{Denom: "ufan", Amount: math.NewInt(100)}},
		"buy it by its template, now for 0.5 STREAM (streamd template buy)": {Kind: subtypes.OFFER_KIND_TEMPLATE, Price: coin},
	} {
		require.Equal(t, want, way(o))
		require.Equal(t, want+", or "+want, whatItTakes(subtypes.AccessDecision{Offers: []subtypes.OfferCost{o, {Kind: 99, Price: coin}, o}}), "and a kind that is not known is left out")
	}
	require.Equal(t, "it is not for sale (work-retired)", whatItTakes(subtypes.AccessDecision{Reason: subtypes.ReasonWorkRetired}))
	// every kind that there is has words
	for kind := range subtypes.OfferKind_name {
		if kind != int32(subtypes.OFFER_KIND_UNSPECIFIED) {
			require.NotEmpty(t, way(subtypes.OfferCost{Kind: subtypes.OfferKind(kind), Price: coin}), subtypes.OfferKind(kind))
		}
	}
	for want, seconds := range map[string]int64{"second": 1, "90 seconds": 90, "2 minutes": 120, "3 days": 3 * 86_400, "1h1m1s": 3661, "60 minutes": 3600} {
		require.Equal(t, want, span(seconds))
	}
}
