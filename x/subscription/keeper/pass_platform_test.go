package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// Governance makes platform passes; who lists and unlists is the curator.
func TestPlatformPass(t *testing.T) {
	s := newPassStage(t)
	res, err := s.msg.CreatePass(s.Ctx, &types.MsgCreatePass{
		Curator: s.Authority, Title: "Platform", Price: token.Coin(passFee), PeriodSeconds: 86400, Creators: s.ids[:2],
	})
	require.NoError(t, err)
	pass, err := s.q.Pass(s.Ctx, &types.QueryPassRequest{Pass: res.Pass})
	require.NoError(t, err)
	require.True(t, pass.Pass.Platform)
	require.NoError(t, s.send(&types.MsgUpdatePass{
		Curator: s.Authority, Pass: res.Pass, Title: "Platform", Price: token.Coin(passFee), Remove: s.ids[:1], Add: s.ids[2:],
	}))
	members, err := s.q.PassMembers(s.Ctx, &types.QueryPassMembersRequest{Pass: res.Pass})
	require.NoError(t, err)
	require.Len(t, members.Members, 2)
	in, err := s.q.Passes(s.Ctx, &types.QueryPassesRequest{Creator: s.ids[0]})
	require.NoError(t, err)
	require.Len(t, in.Passes, 1)
	all, err := s.q.Passes(s.Ctx, &types.QueryPassesRequest{})
	require.NoError(t, err)
	require.Len(t, all.Passes, 2)
}

// verify lets two attesters vouch for a creator.
func (s *passStage) verify(creator string, seconds int64) {
	s.T.Helper()
	for _, name := range []string{"first attester", "second attester"} {
		a := s.Addr(name)
		require.NoError(s.T, s.content.SetAttester(s.Ctx, a, []uint32{2}, true))
		_, err := s.content.Attest(s.Ctx, a, &contenttypes.MsgAttest{
			Attester: a.String(), Creator: creator, Level: 2, EvidenceHash: make([]byte, 32), Expires: s.now() + seconds,
		})
		require.NoError(s.T, err)
	}
}

// A platform pass is open to whoever is verified, invited or not, and covers them for as long as they are.
func TestPlatformPassByLevel(t *testing.T) {
	s := newPassStage(t)
	res, err := s.msg.CreatePass(s.Ctx, &types.MsgCreatePass{
		Curator: s.Authority, Title: "Platform", Price: token.Coin(passFee), PeriodSeconds: 86400, Creators: s.ids[:1],
	})
	require.NoError(t, err)
	own := s.pass
	s.pass = res.Pass
	for i := range s.ids {
		require.ErrorIs(t, s.joins(i), types.ErrNotVerified, "invited or not")
	}
	week := int64(7 * 86400)
	s.verify(s.ids[0], week)
	s.verify(s.ids[1], 3600)
	require.NoError(t, s.joins(0))
	require.NoError(t, s.joins(1), "nobody invited it")
	require.ErrorIs(t, s.joins(1), types.ErrAlreadyJoined)
	require.ErrorIs(t, s.joins(2), types.ErrNotVerified)
	pass, err := s.q.Pass(s.Ctx, &types.QueryPassRequest{Pass: s.pass})
	require.NoError(t, err)
	require.EqualValues(t, 2, pass.Pass.Creators)
	s.pass = s.newPass(s.ids[0])
	require.ErrorIs(t, s.joins(1), types.ErrNotListed, "others ask whom they like")

	s.pass = res.Pass
	viewer := s.Funded("platform viewer", 100*stream)
	require.NoError(t, s.buys(viewer, 1, 0))
	for i, want := range []bool{true, true, false} {
		require.Equal(t, want, s.access(viewer.String(), s.works[i][0]).Granted, i)
	}
	require.NoError(t, s.watches(viewer, s.works[0][0], 30))
	require.NoError(t, s.watches(viewer, s.works[1][0], 30))
	require.ErrorIs(t, s.watches(viewer, s.works[2][0], 30), types.ErrNotCovered)
	offers := func(work string) (out []string) {
		for _, o := range s.access("", work).Offers {
			if o.Pass != "" {
				out = append(out, o.Pass)
			}
		}
		return out
	}
	require.Equal(t, []string{own, res.Pass}, offers(s.works[1][0]))
	s.after(2 * time.Hour)
	require.False(t, s.access(viewer.String(), s.works[1][0]).Granted, "its verification has expired")
	require.ErrorIs(t, s.watches(viewer, s.works[1][0], 30), types.ErrNotCovered)
	require.Equal(t, []string{own}, offers(s.works[1][0]))
	require.True(t, s.access(viewer.String(), s.works[0][0]).Granted)
	s.ends(s.closeAt)
	require.Equal(t, s.gross(s.works[0][0]), s.gross(s.works[1][0]), "what was watched before counts")
	require.Positive(t, s.gross(s.works[1][0]))
}
