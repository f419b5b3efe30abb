package flow

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/receipt"
)

// TestReceiptText: in words, a receipt says what a tier took off, what a template's author got, what waits, and what a budget paid.
func TestReceiptText(t *testing.T) {
	n := math.NewInt
	var out []string
	showReceipt(&receipt.Receipt{
		Payments: []receipt.Payment{{
			Rail: "purchase", Subject: "bafy", Title: "Film", Denom: "ustream", Gross: n(1_000_000), Discount: n(6_000), Charged: n(994_000), CreatorPaid: n(900_000),
			CreatorBps: 9000, Parts: map[string]math.Int{"creator": n(900_000), "royalty": n(5_000), "burn": n(10_000)}, RoyaltyTo: "stream1author", Encrypted: true,
		}},
		Pending: []receipt.Pending{{Hold: "1", Subject: "bafy", Gross: n(1_000_000), Charged: n(994_000), Denom: "ustream"}, {Subject: "plan/1", Gross: n(2), Charged: n(2), Denom: "ustream"}},
		Serving: []receipt.Serving{{Work: "bafy", Seconds: 3, Paid: n(2_500_000_000)}, {Work: "bafy", Seconds: 1, Paid: n(1_000_000_000)}},
	}, func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) })
	text := strings.Join(out, "\n")
	for _, want := range []string{
		"purchase of 1 STREAM for Film, encrypted: creator 900000ustream (90.00 %)", "tier discount  6000ustream, so that 994000ustream were paid",
		"royalty        5000ustream to stream1author, the author of its template", "burn           10000ustream",
		"refund window: 0.994 STREAM for bafy", "each shared out when it has ended: 0.000002 STREAM for plan/1",
		"serving budget of bafy: 3.500000000 ustream to nodes for 4 seconds served",
	} {
		require.Contains(t, text, want)
	}
	out = nil
	showReceipt(&receipt.Receipt{}, func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) })
	require.Equal(t, []string{"this transaction paid nobody"}, out)
}
