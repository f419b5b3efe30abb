package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/streamchain/streamchain/x/content/types"
)

func TestPublishVersionsRetire(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	hooks := &recorder{}
	f.k.SetHooks(types.MultiContentHooks{hooks})
	start := f.Balance(alice)

	msg := publishMsg(alice, "film")
	msg.Cover = mediaCID("cover").String()
	first := f.publish(msg)
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, types.Work{
		Cid: cidOf(t, msg), Root: first.Cid, Head: first.Cid, Creator: id, Kind: "video", Media: msg.Media, Cover: msg.Cover,
		PieceRoot: msg.PieceRoot, PieceSize: 4096, DurationSeconds: 30, Status: types.WORK_STATUS_ACTIVE,
		PublishedAt: now, Deposit: math.NewInt(stream), Version: 1,
	}, first)

	// deposits keep the terms that they were locked under
	params := types.DefaultParams()
	params.WorkDeposit = math.NewInt(3 * stream)
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
	f.NextBlock(5 * time.Second)
	msg2 := publishMsg(alice, "film, better")
	msg2.Previous = first.Cid
	second := f.publish(msg2)
	require.Equal(t, first.Cid, second.Root)
	require.Equal(t, first.Cid, second.Previous)
	require.Empty(t, second.Head, "the head stands on the root row only")
	require.EqualValues(t, 2, second.Version)
	require.EqualValues(t, start-4*stream, f.Balance(alice))
	require.EqualValues(t, 4*stream, f.ModuleBalance(types.ModuleName))
	root, err := f.k.RootWork(f.Ctx, second.Cid)
	require.NoError(t, err)
	require.Equal(t, first.Cid, root.Cid)
	require.Equal(t, second.Cid, root.Head)

	// any version retires them all
	require.NoError(t, f.send(&types.MsgRetire{Controller: alice.String(), Work: second.Cid}))
	for _, c := range []string{first.Cid, second.Cid} {
		w, err := f.k.GetWork(f.Ctx, c)
		require.NoError(t, err)
		require.Equal(t, types.WORK_STATUS_RETIRED, w.Status)
		require.True(t, w.Deposit.IsZero())
	}
	require.EqualValues(t, start, f.Balance(alice))
	require.EqualValues(t, 0, f.ModuleBalance(types.ModuleName))
	require.Equal(t, []string{"published " + first.Cid, "published " + second.Cid, "retired " + first.Cid}, hooks.calls)
}

func TestHookErrorRefusesTheMessage(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	work := f.publish(publishMsg(alice, "film"))
	refused := errors.New("refused above")
	f.k.SetHooks(types.MultiContentHooks{&recorder{err: refused}, &recorder{}})
	f.reject([]rejection{
		{"publish", publishMsg(alice, "other"), refused},
		{"retire", &types.MsgRetire{Controller: alice.String(), Work: work.Cid}, refused},
	})
	require.Panics(t, func() { f.k.SetHooks(&recorder{}) })
}

type recorder struct {
	calls []string
	err   error
}

func (r *recorder) AfterWorkPublished(_ context.Context, w types.Work) error {
	r.calls = append(r.calls, "published "+w.Cid)
	return r.err
}

func (r *recorder) AfterWorkRetired(_ context.Context, w types.Work) error {
	r.calls = append(r.calls, "retired "+w.Cid)
	if w.Status != types.WORK_STATUS_RETIRED || !w.IsRoot() {
		return errors.New("the hook must see the root, retired")
	}
	return r.err
}

func TestVersionsAreBounded(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	start := f.Balance(alice)
	last := f.publish(publishMsg(alice, "v1"))
	for i := 2; i <= types.MaxVersions; i++ {
		msg := publishMsg(alice, fmt.Sprintf("v%d", i))
		msg.Previous = last.Cid
		last = f.publish(msg)
	}
	msg := publishMsg(alice, "one more")
	msg.Previous = last.Cid
	f.reject([]rejection{{"257th", msg, types.ErrTooManyVersions}})

	gas := f.Ctx.GasMeter().GasConsumed()
	require.NoError(t, f.send(&types.MsgRetire{Controller: alice.String(), Work: last.Root}))
	gas = f.Ctx.GasMeter().GasConsumed() - gas
	require.Less(t, gas, uint64(50_000_000), "retiring the most versions fits half a block")
	require.Equal(t, start, f.Balance(alice))
}

func TestRestrictedWork(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	work := f.publish(publishMsg(alice, "film"))
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	gs.Works[0].Status = types.WORK_STATUS_RESTRICTED
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	next := publishMsg(alice, "film, again")
	next.Previous = work.Cid
	f.reject([]rejection{
		{"retire", &types.MsgRetire{Controller: alice.String(), Work: work.Cid}, types.ErrWorkRestricted},
		{"version", next, types.ErrWorkNotActive},
	})
}

// A copier that sees a publication in the mempool and gets its own copy in first gains
// nothing: its copy is another work, and the author's goes through, dated.
func TestMempoolCopierCannotTakeAWork(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	mallory, malloryID := f.creator("mallory")
	for i := range 1000 {
		if i%100 == 0 {
			f.Funded("alice", 200*stream)
			f.Funded("mallory", 200*stream)
		}
		original := publishMsg(alice, fmt.Sprintf("film %d", i))
		original.Salt = fmt.Appendf(nil, "salt of sixteen and more %d", i)
		hash := commitment(t, original)
		commit := &types.MsgCommit{Sender: alice.String(), Hash: hash}
		if i%2 == 0 { // the copier may even commit first: it dates alice's work
			commit.Sender = mallory.String()
		}
		require.NoError(t, f.send(commit))
		f.NextBlock(time.Second)

		asAlice := *original
		asAlice.Controller = mallory.String()
		require.ErrorIs(t, f.send(&asAlice), types.ErrNotController)

		copied := *original
		copied.Controller, copied.Creator = mallory.String(), malloryID
		require.NoError(t, f.send(&types.MsgCommit{Sender: mallory.String(), Hash: commitment(t, &copied)}))
		stolen, mine := f.publish(&copied), f.publish(original)
		require.NotEqual(t, mine.Cid, stolen.Cid)
		require.Equal(t, malloryID, stolen.Creator)
		require.Equal(t, original.Creator, mine.Creator)
		require.Zero(t, stolen.CommittedAt, "a commit of the same block dates nothing")
		require.Positive(t, mine.CommittedAt)
	}
}

func TestHandleDeposits(t *testing.T) {
	f := newFixture(t)
	alice, id := f.creator("alice")
	bob, bobID := f.creator("bob")
	start := f.Balance(alice)
	set := func(who sdk.AccAddress, id, handle string) error {
		return f.send(&types.MsgSetHandle{Controller: who.String(), Creator: id, Handle: handle})
	}
	require.NoError(t, set(alice, id, "alice"))
	require.EqualValues(t, start-stream, f.Balance(alice))
	params := types.DefaultParams()
	params.HandleDeposit = math.NewInt(5 * stream)
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))

	require.NoError(t, set(alice, id, "al1ce"), "to a look-alike of one's own")
	require.EqualValues(t, start-5*stream, f.Balance(alice), "the old deposit came back, the new one is locked")
	require.ErrorIs(t, set(bob, bobID, "alice"), types.ErrHandleTaken)
	require.NoError(t, set(alice, id, ""))
	require.EqualValues(t, start-5*stream, f.Balance(alice), "it stays with the name")
	require.EqualValues(t, 5*stream, f.ModuleBalance(types.ModuleName))

	// between look-alikes changing needs no second deposit
	require.NoError(t, set(bob, bobID, "bob"))
	rich := f.Balance(bob)
	require.NoError(t, f.Bank.SendCoins(f.Ctx, bob, alice, sdk.NewCoins(sdk.NewInt64Coin("ustream", rich))))
	require.NoError(t, set(bob, bobID, "b_o_b"))
	require.Zero(t, f.Balance(bob))
	require.ErrorIs(t, set(bob, bobID, "robert"), sdkerrors.ErrInsufficientFunds, "a name that is reserved costs like one that is held")
}
