package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// collection makes a series of controller's works and returns its id.
func (f *fixture) collection(controller sdk.AccAddress, works ...string) string {
	f.T.Helper()
	res, err := f.msg.CreateCollection(f.Ctx, &types.MsgCreateCollection{
		Controller: controller.String(), Creator: types.NewCreatorID(controller).String(), Kind: types.COLLECTION_KIND_SERIES, Title: "Series", Works: works,
	})
	require.NoError(f.T, err)
	return res.Collection
}

func (f *fixture) worksOf(collection string) []string {
	f.T.Helper()
	res, err := f.q.Collection(f.Ctx, &types.QueryCollectionRequest{Collection: collection})
	require.NoError(f.T, err)
	require.Len(f.T, res.Works, int(res.Collection.Works))
	return res.Works
}

func TestCollection(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	var works []string
	for i := range 4 {
		works = append(works, f.publish(publishMsg(alice, fmt.Sprint("media", i))).Cid)
	}
	c := f.collection(alice, works[1], works[0])
	require.Equal(t, id+"/c1", c)
	require.Equal(t, []string{works[1], works[0]}, f.worksOf(c))
	require.NoError(t, f.send(&types.MsgUpdateCollection{
		Controller: alice.String(), Collection: c, Title: "Season 1", Remove: []string{works[1]}, Add: []string{works[2], works[3]},
		Order: []string{works[3], works[0], works[2]},
	}))
	require.Equal(t, []string{works[3], works[0], works[2]}, f.worksOf(c))
	got, err := f.k.GetCollection(f.Ctx, c)
	require.NoError(t, err)
	require.Equal(t, types.Collection{
		Id: c, Kind: types.COLLECTION_KIND_SERIES, Title: "Season 1", Works: 3, Version: 2, CreatedAt: got.CreatedAt, UpdatedAt: got.UpdatedAt,
	}, got)
	// what it was is remembered by the version that took it out
	res, err := f.q.CollectionsOfWork(f.Ctx, &types.QueryCollectionsOfWorkRequest{Work: works[1]})
	require.NoError(t, err)
	require.Equal(t, []types.Membership{{Collection: c, RemovedVersion: 2}}, res.Memberships)
	require.NoError(t, f.send(&types.MsgUpdateCollection{Controller: alice.String(), Collection: c, Add: []string{works[1]}}))
	res, err = f.q.CollectionsOfWork(f.Ctx, &types.QueryCollectionsOfWorkRequest{Work: works[1]})
	require.NoError(t, err)
	require.Equal(t, []types.Membership{{Collection: c}}, res.Memberships)

	empty := f.collection(alice)
	list, err := f.q.CollectionsByCreator(f.Ctx, &types.QueryCollectionsByCreatorRequest{Creator: id})
	require.NoError(t, err)
	require.Len(t, list.Collections, 2)
	require.Equal(t, empty, list.Collections[1].Id)
	for _, id := range []string{"", "x", id, id + "/1", id + "/c", id + "/c0", id + "/c01", c + "/c1"} {
		_, err := f.q.Collection(f.Ctx, &types.QueryCollectionRequest{Collection: id})
		require.ErrorIs(t, err, types.ErrInvalidCollectionID, id)
	}
	_, err = f.q.Collection(f.Ctx, &types.QueryCollectionRequest{Collection: id + "/c9"})
	require.ErrorIs(t, err, types.ErrCollectionNotFound)
	_, err = f.q.CollectionsByCreator(f.Ctx, &types.QueryCollectionsByCreatorRequest{Creator: "x"})
	require.ErrorIs(t, err, types.ErrInvalidCreatorID)
	_, err = f.q.CollectionsOfWork(f.Ctx, &types.QueryCollectionsOfWorkRequest{Work: "x"})
	require.ErrorIs(t, err, types.ErrInvalidWorkID)
}

// Each message is right but for one thing, is refused for that thing and changes nothing.
func TestCollectionRejections(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	bob, _ := f.creator("bob")
	work, other := f.publish(publishMsg(alice, "a")).Cid, f.publish(publishMsg(alice, "b")).Cid
	next := publishMsg(alice, "a2")
	next.Previous = work
	version, bobs := f.publish(next).Cid, f.publish(publishMsg(bob, "c")).Cid
	retired := f.publish(publishMsg(alice, "d")).Cid
	require.NoError(t, f.send(&types.MsgRetire{Controller: alice.String(), Work: retired}))
	unknown := cidOf(t, publishMsg(f.Addr("nobody"), "nothing"))
	c := f.collection(alice, work)
	many := make([]string, types.MaxCollectionWorks+1)

	create := func(change func(*types.MsgCreateCollection)) sdk.Msg {
		m := &types.MsgCreateCollection{Controller: alice.String(), Creator: id, Kind: types.COLLECTION_KIND_ALBUM, Title: "Album"}
		change(m)
		return m
	}
	update := func(change func(*types.MsgUpdateCollection)) sdk.Msg {
		m := &types.MsgUpdateCollection{Controller: alice.String(), Collection: c}
		change(m)
		return m
	}
	for name, r := range map[string]struct {
		msg sdk.Msg
		err error
	}{
		"create: nobody":          {create(func(m *types.MsgCreateCollection) { m.Controller = "x" }), types.ErrInvalidAddress},
		"create: another":         {create(func(m *types.MsgCreateCollection) { m.Controller = bob.String() }), types.ErrNotController},
		"create: no creator":      {create(func(m *types.MsgCreateCollection) { m.Creator = "x" }), types.ErrInvalidCreatorID},
		"create: unknown creator": {create(func(m *types.MsgCreateCollection) { m.Creator = types.NewCreatorID(f.Addr("x")).String() }), types.ErrCreatorNotFound},
		"create: no kind":         {create(func(m *types.MsgCreateCollection) { m.Kind = 0 }), types.ErrInvalidCollection},
		"create: unknown kind":    {create(func(m *types.MsgCreateCollection) { m.Kind = 5 }), types.ErrInvalidCollection},
		"create: no title":        {create(func(m *types.MsgCreateCollection) { m.Title = "" }), types.ErrInvalidTitle},
		"create: blank title":     {create(func(m *types.MsgCreateCollection) { m.Title = " " }), types.ErrInvalidTitle},
		"create: long title":      {create(func(m *types.MsgCreateCollection) { m.Title = strings.Repeat("x", 141) }), types.ErrInvalidTitle},
		"create: odd title":       {create(func(m *types.MsgCreateCollection) { m.Title = "a\u202eb" }), types.ErrInvalidTitle},
		"create: too many":        {create(func(m *types.MsgCreateCollection) { m.Works = many }), types.ErrInvalidCollection},
		"create: twice":           {create(func(m *types.MsgCreateCollection) { m.Works = []string{work, work} }), types.ErrInvalidCollection},
		"create: malformed":       {create(func(m *types.MsgCreateCollection) { m.Works = []string{"x"} }), types.ErrInvalidWorkID},
		"create: unknown":         {create(func(m *types.MsgCreateCollection) { m.Works = []string{unknown} }), types.ErrWorkNotFound},
		"create: a version":       {create(func(m *types.MsgCreateCollection) { m.Works = []string{version} }), types.ErrNotRoot},
		"create: another's":       {create(func(m *types.MsgCreateCollection) { m.Works = []string{bobs} }), types.ErrForeignWork},
		"create: retired":         {create(func(m *types.MsgCreateCollection) { m.Works = []string{retired} }), types.ErrWorkNotOnSale},

		"update: nobody":           {update(func(m *types.MsgUpdateCollection) { m.Controller, m.Title = "x", "y" }), types.ErrInvalidAddress},
		"update: another":          {update(func(m *types.MsgUpdateCollection) { m.Controller, m.Title = bob.String(), "y" }), types.ErrNotController},
		"update: malformed id":     {update(func(m *types.MsgUpdateCollection) { m.Collection, m.Title = id+"/1", "y" }), types.ErrInvalidCollectionID},
		"update: unknown":          {update(func(m *types.MsgUpdateCollection) { m.Collection, m.Title = id+"/c9", "y" }), types.ErrCollectionNotFound},
		"update: nothing":          {update(func(*types.MsgUpdateCollection) {}), types.ErrInvalidCollection},
		"update: title":            {update(func(m *types.MsgUpdateCollection) { m.Title = "\xff" }), types.ErrInvalidTitle},
		"update: add twice":        {update(func(m *types.MsgUpdateCollection) { m.Add = []string{other, other} }), types.ErrInvalidCollection},
		"update: add again":        {update(func(m *types.MsgUpdateCollection) { m.Add = []string{work} }), types.ErrInvalidCollection},
		"update: add a version":    {update(func(m *types.MsgUpdateCollection) { m.Add = []string{version} }), types.ErrNotRoot},
		"update: add another's":    {update(func(m *types.MsgUpdateCollection) { m.Add = []string{bobs} }), types.ErrForeignWork},
		"update: add retired":      {update(func(m *types.MsgUpdateCollection) { m.Add = []string{retired} }), types.ErrWorkNotOnSale},
		"update: add malformed":    {update(func(m *types.MsgUpdateCollection) { m.Add = []string{"x"} }), types.ErrInvalidWorkID},
		"update: remove a strange": {update(func(m *types.MsgUpdateCollection) { m.Remove = []string{other} }), types.ErrInvalidCollection},
		"update: order short":      {update(func(m *types.MsgUpdateCollection) { m.Add, m.Order = []string{other}, []string{other} }), types.ErrInvalidCollection},
		"update: order strange":    {update(func(m *types.MsgUpdateCollection) { m.Order = []string{other} }), types.ErrInvalidCollection},
		"update: order twice":      {update(func(m *types.MsgUpdateCollection) { m.Order = []string{work, work} }), types.ErrInvalidCollection},
	} {
		before := f.state()
		require.ErrorIs(t, f.send(r.msg), r.err, name)
		require.Equal(t, before, f.state(), name)
	}
}

func TestTooManyCollections(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	work := f.publish(publishMsg(alice, "a")).Cid
	for range types.MaxCollectionsOfWork {
		c := f.collection(alice, work)
		require.NoError(t, f.send(&types.MsgUpdateCollection{Controller: alice.String(), Collection: c, Remove: []string{work}}))
	}
	msg := &types.MsgCreateCollection{Controller: alice.String(), Creator: id, Kind: types.COLLECTION_KIND_ALBUM, Title: "One more", Works: []string{work}}
	require.ErrorIs(t, f.send(msg), types.ErrTooManyCollections)
	require.NoError(t, f.send(&types.MsgUpdateCollection{Controller: alice.String(), Collection: id + "/c1", Add: []string{work}}), "back in one that it was in")
	f.publish(publishMsg(alice, "b"))
	msg.Works = nil
	require.NoError(t, f.send(msg))
}

func TestCollectionFull(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	var works []string
	for i := range types.MaxCollectionWorks + 1 {
		works = append(works, f.publish(publishMsg(alice, fmt.Sprint("media", i))).Cid)
	}
	c := f.collection(alice, works[1:]...)
	require.ErrorIs(t, f.send(&types.MsgUpdateCollection{Controller: alice.String(), Collection: c, Add: works[:1]}), types.ErrInvalidCollection)
	require.NoError(t, f.send(&types.MsgUpdateCollection{Controller: alice.String(), Collection: c, Add: works[:1], Remove: works[1:2]}))
}

// noted is a listener that may refuse.
type noted struct {
	added []string
	err   error
}

func (n *noted) AfterCollectionUpdated(_ context.Context, c types.Collection, added []types.Work) error {
	for _, w := range added {
		n.added = append(n.added, fmt.Sprint(c.Version, " ", w.Cid))
	}
	return n.err
}

func TestCollectionHooks(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	work := f.publish(publishMsg(alice, "a")).Cid
	c, n := f.collection(alice), &noted{err: errors.New("no")}
	f.k.SetCollectionHooks(n)
	require.Panics(t, func() { f.k.SetCollectionHooks(n) })
	before := f.state()
	require.ErrorIs(t, f.send(&types.MsgUpdateCollection{Controller: alice.String(), Collection: c, Add: []string{work}}), n.err)
	require.Equal(t, before, f.state())
	n.err = nil
	require.NoError(t, f.send(&types.MsgUpdateCollection{Controller: alice.String(), Collection: c, Add: []string{work}}))
	require.NoError(t, f.send(&types.MsgUpdateCollection{Controller: alice.String(), Collection: c, Remove: []string{work}}))
	require.Equal(t, []string{"2 " + work, "2 " + work}, n.added)
}

// TestCollectionModel: whatever comes and goes, a work that was in the collection at some version or came
// later is never lost to who bought that version.
func TestCollectionModel(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	var works []string
	for i := range 5 {
		works = append(works, f.publish(publishMsg(alice, fmt.Sprint("media", i))).Cid)
	}
	base := f.Ctx
	rapid.Check(t, func(rt *rapid.T) {
		f.Ctx, _ = base.CacheContext()
		c := f.collection(alice)
		history := [][]string{nil, nil} // of version n, what was in it
		for range rapid.IntRange(1, 20).Draw(rt, "changes") {
			now := history[len(history)-1]
			msg := &types.MsgUpdateCollection{Controller: alice.String(), Collection: c, Title: "x"}
			for _, w := range works {
				in := slices.Contains(now, w)
				switch rapid.IntRange(0, 3).Draw(rt, "what") {
				case 0:
					if in {
						msg.Remove = append(msg.Remove, w)
					} else {
						msg.Add = append(msg.Add, w)
					}
				case 1:
					if in { // out and in again: last
						msg.Remove, msg.Add = append(msg.Remove, w), append(msg.Add, w)
					}
				}
			}
			var want []string
			for _, w := range now {
				if !slices.Contains(msg.Remove, w) {
					want = append(want, w)
				}
			}
			want = append(want, msg.Add...)
			require.NoError(rt, f.send(msg))
			require.Equal(rt, want, f.worksOf(c))
			history = append(history, want)
		}
		require.NoError(rt, f.k.CheckInvariants(f.Ctx))
		for bought := 1; bought < len(history); bought++ {
			for _, w := range works {
				ever := slices.ContainsFunc(history[bought:], func(in []string) bool { return slices.Contains(in, w) })
				memberships, err := f.k.CollectionsOf(f.Ctx, w)
				require.NoError(rt, err)
				i := slices.IndexFunc(memberships, func(m types.Membership) bool { return m.Collection == c })
				require.Equal(rt, ever, i >= 0 && memberships[i].Grants(uint64(bought)), "bought %d", bought)
			}
		}
	})
}
