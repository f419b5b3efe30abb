package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// Two creators cannot have a whole fee for a minute by a playlist of tiny works that takes all places: what is watched for longer
// takes the place of the least watched, of equals the first by digest.
func TestPassTinyWorksKeepNobodyOut(t *testing.T) {
	s := newPassStage(t)
	viewer := s.Funded("viewer", 100*stream)
	require.NoError(t, s.buys(viewer, 1, 0))
	for i := range types.MaxPassWorks {
		require.NoError(t, s.watches(viewer, s.work(s.accounts[i%2], fmt.Sprint("tiny ", i), ""), uint64(1+i%2)))
	}
	first := ""
	for _, u := range s.preview(viewer).Uses {
		if u.Seconds == 1 && first == "" {
			first = u.Work
		}
	}
	require.NoError(t, s.watches(viewer, s.works[2][0], 1))
	require.Len(t, s.preview(viewer).Uses, types.MaxPassWorks)
	require.NotContains(t, s.watchedWorks(viewer), s.works[2][0], "no longer than the least")
	require.NoError(t, s.watches(viewer, s.works[2][0], 50))
	require.NoError(t, s.watches(viewer, s.works[2][0], 50), "and it keeps its place")
	p := s.preview(viewer)
	require.Len(t, p.Uses, types.MaxPassWorks)
	require.EqualValues(t, types.MaxPassWorks, p.Subscription.Works)
	require.NotContains(t, s.watchedWorks(viewer), first)
	require.EqualValues(t, 60, s.watchedWorks(viewer)[s.works[2][0]])
	s.after(s.closeAt)
	require.Greater(t, s.gross(s.works[2][0]), int64(passFee)*60/(60+64*2)-10)
}

func (s *passStage) watchedWorks(viewer []byte) map[string]uint64 {
	seconds := map[string]uint64{}
	for _, u := range s.preview(viewer).Uses {
		seconds[u.Work] = u.Seconds
	}
	return seconds
}
