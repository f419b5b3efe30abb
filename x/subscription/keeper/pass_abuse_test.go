package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/token"
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

// A stranger cannot keep a viewer's fee from creators by giving a cheaper pass that lasts longer: what the viewer pays for is named
// first, and gifts when it has ended.
func TestPassGiftDoesNotDivertAFee(t *testing.T) {
	s := newPassStage(t)
	stranger, viewer := s.Funded("stranger", 100*stream), s.Funded("viewer", 100*stream)
	dear := s.pass
	s.pass = s.newPass(s.ids...)
	cheap := s.pass
	require.NoError(t, s.joins(0))
	require.NoError(t, s.send(&types.MsgUpdatePass{Curator: s.curator.String(), Pass: cheap, Title: "Cheap", Price: token.Coin(types.MinPassPrice)}))
	start := s.now()
	require.NoError(t, s.gives(stranger, viewer, 12))
	require.Equal(t, cheap, s.access(viewer.String(), s.works[0][0]).Pass)
	s.pass = dear
	require.NoError(t, s.buys(viewer, 2, 0))
	d := s.access(viewer.String(), s.works[0][0])
	require.Equal(t, dear, d.Pass)
	require.Equal(t, start+2*86400, d.Until)
	// of two that the viewer pays, the one that lasts longest
	s.pass = s.newPass(s.ids...)
	require.NoError(t, s.joins(0))
	require.NoError(t, s.buys(viewer, 1, 0))
	require.Equal(t, dear, s.access(viewer.String(), s.works[0][0]).Pass)
	require.NoError(t, s.buys(viewer, 1, 0))
	require.Equal(t, dear, s.access(viewer.String(), s.works[0][0]).Pass, "of equals the lower number")
	require.NoError(t, s.buys(viewer, 1, 0))
	require.Equal(t, s.pass, s.access(viewer.String(), s.works[0][0]).Pass)
	s.next(3*day + time.Hour)
	require.Equal(t, cheap, s.access(viewer.String(), s.works[0][0]).Pass)
}
