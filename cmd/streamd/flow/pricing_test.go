package flow

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// priced reads flags as `streamd reprice` does.
func priced(t *testing.T, flags ...string) ([]subscriptiontypes.Offer, error) {
	t.Helper()
	var p pricing
	cmd := &cobra.Command{}
	p.flags(cmd)
	require.NoError(t, cmd.ParseFlags(flags))
	return p.offers()
}

func TestPricingFlags(t *testing.T) {
	offers, err := priced(t, "--rent", "48h=0.5stream,720h=2stream", "--pay-what-you-want", "0.1stream", "--tier", "gold", "--token", "100ufan", "--token", "5uatom")
	require.NoError(t, err)
	require.Equal(t, []subscriptiontypes.Offer{
		subscriptiontypes.NewRentalOffer(token.Coin(500_000), 48*3600), subscriptiontypes.NewRentalOffer(token.Coin(2_000_000), 720*3600),
		subscriptiontypes.NewPayWhatYouWantOffer(token.Coin(100_000)), subscriptiontypes.NewTierOffer(streamtypes.TIER_GOLD),
		subscriptiontypes.NewTokenOffer(sdk.NewInt64Coin("ufan", 100)), subscriptiontypes.NewTokenOffer(sdk.NewInt64Coin("uatom", 5)),
	}, offers)
	require.NoError(t, subscriptiontypes.ValidateOffers(offers))
	for _, bad := range [][]string{
		{"--rent", "48h"}, {"--rent", "x=1stream"}, {"--rent", "48h=x"}, {"--tier", "Gold"}, {"--tier", "wood"}, {"--token", "x"}, {"--pay-what-you-want", "x"},
	} {
		_, err := priced(t, bad...)
		require.Equal(t, exit.Usage, exit.Code(err), bad)
	}
}

func TestRenewFlag(t *testing.T) {
	for text, want := range map[string]uint32{"": 0, "--renew": untilCancelled, "--renew=5": 5} {
		var renew uint32
		cmd := &cobra.Command{}
		renewFlag(cmd, &renew)
		require.NoError(t, cmd.ParseFlags([]string{text}))
		require.Equal(t, want, renew, text)
	}
}

// What a message did is told in plain, by its events.
func TestTold(t *testing.T) {
	forever := &subscriptiontypes.Mandate{MaxPrice: token.Coin(2_000_000), Renewals: untilCancelled}
	for want, e := range map[string]any{
		"subscribed until 1970-01-02 00:00:00 UTC for 2 STREAM; cancel before 1970-01-01 01:00:00 UTC and pay nothing; " +
			"renewed for at most 2 STREAM each time until you end it": &subscriptiontypes.EventSubscribed{
			Subscription: subscriptiontypes.Subscription{ExpiresAt: 86400, Mandate: forever}, Paid: token.Coin(2_000_000), TrialUntil: 3600,
		},
		"cancelled; 1 STREAM of the running period was used\n0.5 STREAM goes back to me": &subscriptiontypes.EventCancelled{
			Kept: token.Coin(1_000_000), Refunds: []subscriptiontypes.PlanRefund{{Payer: "me", Amount: token.Coin(500_000)}},
		},
		"it will not be renewed; what is paid runs to its end": &subscriptiontypes.EventRenewalSet{},
		"rented for 1 STREAM until 1970-01-01 00:01:00 UTC":    &subscriptiontypes.EventRented{Rental: subscriptiontypes.Rental{Price: token.Coin(1_000_000), ExpiresAt: 60}},
		"set; renewed 3 times for at most 2 STREAM each":       &subscriptiontypes.EventRenewalSet{Mandate: &subscriptiontypes.Mandate{MaxPrice: token.Coin(2_000_000), Renewals: 3}},
		"": &subscriptiontypes.EventOffersSet{},
	} {
		require.Equal(t, want, told(e))
	}
}
