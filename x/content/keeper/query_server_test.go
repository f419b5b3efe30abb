package keeper_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/content/keeper"
	"github.com/streamchain/streamchain/x/content/types"
)

func TestQueryCreators(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	require.NoError(t, f.send(&types.MsgSetHandle{Controller: alice.String(), Creator: id, Handle: "alice"}))
	want, err := f.k.GetCreator(f.Ctx, id)
	require.NoError(t, err)

	byID, err := f.q.Creator(f.Ctx, &types.QueryCreatorRequest{Creator: id})
	require.NoError(t, err)
	require.Equal(t, want, byID.Creator)
	byHandle, err := f.q.CreatorByHandle(f.Ctx, &types.QueryCreatorByHandleRequest{Handle: "alice"})
	require.NoError(t, err)
	require.Equal(t, want, byHandle.Creator)
	byController, err := f.q.CreatorByController(f.Ctx, &types.QueryCreatorByControllerRequest{Controller: alice.String()})
	require.NoError(t, err)
	require.Equal(t, want, byController.Creator)

	for _, err := range []error{
		second(f.q.CreatorByHandle(f.Ctx, &types.QueryCreatorByHandleRequest{Handle: "al1ce"})), // a look-alike finds nobody
		second(f.q.CreatorByHandle(f.Ctx, &types.QueryCreatorByHandleRequest{Handle: "bob"})),
		second(f.q.CreatorByController(f.Ctx, &types.QueryCreatorByControllerRequest{Controller: f.Addr("bob").String()})),
		second(f.q.Creator(f.Ctx, &types.QueryCreatorRequest{Creator: types.NewCreatorID(f.Addr("bob")).String()})),
	} {
		require.ErrorIs(t, err, types.ErrCreatorNotFound)
		require.Equal(t, codes.NotFound, status.Code(err))
	}
	for _, err := range []error{
		second(f.q.CreatorByHandle(f.Ctx, &types.QueryCreatorByHandleRequest{Handle: "A"})),
		second(f.q.CreatorByController(f.Ctx, &types.QueryCreatorByControllerRequest{Controller: id})),
		second(f.q.Creator(f.Ctx, &types.QueryCreatorRequest{Creator: alice.String()})),
		second(f.q.Work(f.Ctx, &types.QueryWorkRequest{Work: id})),
		second(f.q.Versions(f.Ctx, &types.QueryVersionsRequest{Root: id})),
		second(f.q.WorksByCreator(f.Ctx, &types.QueryWorksByCreatorRequest{Creator: alice.String()})),
		second(f.q.WorksByCreator(f.Ctx, &types.QueryWorksByCreatorRequest{Creator: id, Status: 9})),
		second(f.q.Commit(f.Ctx, &types.QueryCommitRequest{Hash: "zz"})),
		second(f.q.Commit(f.Ctx, &types.QueryCommitRequest{Hash: "00"})),
	} {
		require.Equal(t, codes.InvalidArgument, status.Code(err), err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestQueryListsPaginate(t *testing.T) {
	f := newFixture(t)
	for i := range 2*keeper.MaxPage + 1 {
		require.NoError(t, f.send(&types.MsgRegisterCreator{Controller: f.Addr(fmt.Sprint(i)).String()}))
	}
	seen := map[string]bool{}
	req := &query.PageRequest{Limit: 1 << 40, CountTotal: true}
	for pages := 1; ; pages++ {
		res, err := f.q.Creators(f.Ctx, &types.QueryCreatorsRequest{Pagination: req})
		require.NoError(t, err)
		require.LessOrEqual(t, len(res.Creators), keeper.MaxPage)
		require.Zero(t, res.Pagination.Total)
		for _, c := range res.Creators {
			require.False(t, seen[c.Id])
			seen[c.Id] = true
		}
		if res.Pagination.NextKey == nil {
			require.Equal(t, 3, pages)
			break
		}
		req = &query.PageRequest{Key: res.Pagination.NextKey}
	}
	require.Len(t, seen, 2*keeper.MaxPage+1)
}

func TestQueryWorks(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	bob, _ := f.creator("bob")
	var all, active []string
	for i := range 7 {
		w := f.publish(publishMsg(alice, fmt.Sprint(i)))
		f.publish(publishMsg(bob, fmt.Sprint(i)))
		all = append(all, w.Cid)
		if i%2 == 1 {
			require.NoError(t, f.send(&types.MsgRetire{Controller: alice.String(), Work: w.Cid}))
		} else {
			active = append(active, w.Cid)
		}
		f.NextBlock(time.Second)
	}
	list := func(status types.WorkStatus, limit uint64, reverse bool) []string {
		var out []string
		page := &query.PageRequest{Limit: limit, Reverse: reverse}
		for {
			res, err := f.q.WorksByCreator(f.Ctx, &types.QueryWorksByCreatorRequest{Creator: id, Status: status, Pagination: page})
			require.NoError(t, err)
			for _, w := range res.Works {
				out = append(out, w.Cid)
			}
			if res.Pagination.NextKey == nil {
				return out
			}
			page = &query.PageRequest{Limit: limit, Reverse: reverse, Key: res.Pagination.NextKey}
		}
	}
	require.Equal(t, all, list(types.WORK_STATUS_UNSPECIFIED, 100, false), "oldest first")
	require.Equal(t, all, list(types.WORK_STATUS_UNSPECIFIED, 2, false))
	require.Equal(t, active, list(types.WORK_STATUS_ACTIVE, 3, false))
	require.Len(t, list(types.WORK_STATUS_RETIRED, 1, false), 3)
	require.Empty(t, list(types.WORK_STATUS_RESTRICTED, 100, false))
	newest := list(types.WORK_STATUS_UNSPECIFIED, 100, true)
	require.Equal(t, all[6], newest[0], "newest first on demand")

	next := publishMsg(alice, "0, again")
	next.Previous = all[0]
	f.publish(next)
	res, err := f.q.Versions(f.Ctx, &types.QueryVersionsRequest{Root: all[0]})
	require.NoError(t, err)
	require.Len(t, res.Works, 2)
	require.Equal(t, []string{all[0], cidOf(t, next)}, []string{res.Works[0].Cid, res.Works[1].Cid})
	work, err := f.q.Work(f.Ctx, &types.QueryWorkRequest{Work: all[0]})
	require.NoError(t, err)
	require.Equal(t, res.Works[0], work.Work)

	_, err = f.q.Work(f.Ctx, &types.QueryWorkRequest{Work: newCID(cid.DagCBOR, "nowhere").String()})
	require.ErrorIs(t, err, types.ErrWorkNotFound)
	require.Equal(t, codes.NotFound, status.Code(err))
}

func TestQueryParamsAndCommit(t *testing.T) {
	f := newFixture(t)
	params, err := f.q.Params(f.Ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), params.Params)
	hash := []byte(strings.Repeat("h", 32))
	require.NoError(t, f.send(&types.MsgCommit{Sender: f.Addr("a").String(), Hash: hash}))
	res, err := f.q.Commit(f.Ctx, &types.QueryCommitRequest{Hash: hex.EncodeToString(hash)})
	require.NoError(t, err)
	require.Equal(t, hash, res.Commit.Hash)
	require.Equal(t, f.Ctx.BlockHeight(), res.Commit.Height)
}

func TestResolveSubject(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	first := f.publish(publishMsg(alice, "film"))
	msg := publishMsg(alice, "film, again")
	msg.Previous = first.Cid
	head := f.publish(msg)
	for _, subject := range []string{first.Cid, head.Cid} {
		s, err := f.k.ResolveSubject(f.Ctx, subject)
		require.NoError(t, err)
		require.Equal(t, types.Subject{Creator: id, Work: first.Cid}, s)
	}
	s, err := f.k.ResolveSubject(f.Ctx, id)
	require.NoError(t, err)
	require.Equal(t, types.Subject{Creator: id}, s)
	for subject, want := range map[string]error{
		"":                                       types.ErrInvalidSubject,
		alice.String():                           types.ErrInvalidSubject,
		first.Media:                              types.ErrInvalidSubject,
		types.CreatorPrefix + "1x":               types.ErrInvalidCreatorID,
		newCID(cid.DagCBOR, "nowhere").String():  types.ErrWorkNotFound,
		types.NewCreatorID(f.Addr("x")).String(): types.ErrCreatorNotFound,
	} {
		_, err := f.k.ResolveSubject(f.Ctx, subject)
		require.ErrorIs(t, err, want, subject)
	}
	got, err := f.k.CreatorOf(f.Ctx, alice)
	require.NoError(t, err)
	require.Equal(t, id, got.Id)
}
