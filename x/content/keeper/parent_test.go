package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/x/content/types"
)

// A derived work keeps its parents by their first versions, and its own versions cannot change them.
func TestParents(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	bob, bobID := f.creator("bob")
	first := f.publish(publishMsg(alice, "film"))
	next := publishMsg(alice, "film, again")
	next.Previous = first.Cid
	second := f.publish(next)
	other := f.publish(publishMsg(bob, "song"))

	remix := publishMsg(bob, "remix")
	remix.Parents = []types.Parent{{Work: second.Cid, Bps: 2000}, {Work: other.Cid, Bps: 1000}}
	work := f.publish(remix)
	want := []types.Parent{{Work: first.Cid, Bps: 2000}, {Work: other.Cid, Bps: 1000}}
	require.Equal(t, want, work.Parents)
	subject, err := f.k.ResolveSubject(f.Ctx, work.Cid)
	require.NoError(t, err)
	require.Equal(t, types.Subject{Creator: bobID, Work: work.Cid, Parents: want}, subject)

	version := func(media string, parents ...types.Parent) *types.MsgPublish {
		m := publishMsg(bob, media)
		m.Previous, m.Parents = work.Cid, parents
		return m
	}
	both := version("both versions", types.Parent{Work: first.Cid, Bps: 1}, types.Parent{Work: second.Cid, Bps: 1})
	both.Previous = ""
	f.reject([]rejection{
		{"dropped", version("dropped"), types.ErrInvalidParents},
		{"less", version("less", types.Parent{Work: first.Cid, Bps: 1999}, want[1]), types.ErrInvalidParents},
		{"two versions of one work", both, types.ErrInvalidParents},
	})
	again := f.publish(version("remix, again", types.Parent{Work: first.Cid, Bps: 2000}, want[1]))
	require.Empty(t, again.Parents, "on the first version only")
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.NoError(t, gs.Validate())
	for i := range gs.Works {
		if gs.Works[i].Cid == again.Cid {
			gs.Works[i].Parents = want
		}
	}
	require.ErrorIs(t, gs.Validate(), types.ErrInvalidGenesis)
}
