package watch

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Who watches by a pass names it in every session, so that it counts for its fee; others name nothing.
func TestWatchingByAPassNamesIt(t *testing.T) {
	byPass := subtypes.AccessDecision{Granted: true, By: subtypes.ACCESS_BY_PASS, Reason: subtypes.ReasonPass, Pass: "pass-7"}
	for want, d := range map[string]subtypes.AccessDecision{"pass-7": byPass, "": owned} {
		w := newWorld(t, 2, d, song)
		var out sink
		res, err := w.watch(context.Background(), t.TempDir(), &out, nil)
		require.NoError(t, err)
		require.Equal(t, w.want, out.Bytes())
		require.Equal(t, "0ustream", res.Spent)
		require.Positive(t, w.proved())
		for _, n := range w.nodes {
			for _, p := range n.uses.Pending() {
				require.Equal(t, want, p.Settlement.Session.Subscription)
				signed, err := p.Settlement.Session.Voucher()
				require.NoError(t, err)
				require.True(t, signed.Verify(p.Settlement.Session.Pubkey, p.Settlement.Session.Signature))
			}
		}
	}
}
