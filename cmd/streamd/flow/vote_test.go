package flow

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	governancetypes "github.com/streamchain/streamchain/x/governance/types"
)

// What is printed says each condition, and the house's as it stands.
func TestVoteWords(t *testing.T) {
	policy := voteOutlook{Track: trackName(governancetypes.TRACK_CONTENT_POLICY), Rule: governancetypes.TRACK_CONTENT_POLICY.Rule()}
	text := func(o voteOutlook) string { return strings.Join(o.words(), "\n") }
	for _, want := range []string{"content policy", "60.00 %", "25.00 %", "48h0m0s", "has 0 of the 50 seats"} {
		require.Contains(t, text(policy), want)
	}
	policy.Seats = 60
	require.Contains(t, text(policy), "if a tenth of its 60 vote")
	treasury := voteOutlook{Rule: governancetypes.TRACK_TREASURY.Rule(), Seats: 60}
	require.Contains(t, text(treasury), "is not asked")
	tally := governancetypes.Tally{Yes: "2000000", No: "0", Veto: "0", Abstain: "0", Bonded: "3000000", Delegated: "0"}
	policy.Live = &governancetypes.QueryOutlookResponse{Rule: policy.Rule, Tally: tally, House: governancetypes.House{Seats: 60, Voted: 6, Yes: "1", Against: "5", Binding: true}}
	require.Contains(t, text(policy), "6 of 60 seats voted, Yes 1, against 5: it decides")
	require.Contains(t, text(policy), "NOT pass")
	policy.Live.Met = true
	require.Contains(t, text(policy), "would pass")
}
