package keeper_test

import (
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/x/content/types"
)

var salt = []byte("0123456789abcdef")

func commitment(t testing.TB, msg *types.MsgPublish) []byte {
	t.Helper()
	man, err := msg.Manifest()
	require.NoError(t, err)
	hash := manifest.Commitment(man.Creator, man.Media, msg.Salt)
	return hash[:]
}

func TestCommitDatesAWork(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	now := func() int64 {
		n, err := f.Clock.Now(f.Ctx)
		require.NoError(t, err)
		return n
	}
	msg := publishMsg(alice, "film")
	msg.Salt = salt
	commit := &types.MsgCommit{Sender: f.Addr("anyone").String(), Hash: commitment(t, msg)}
	require.NoError(t, f.send(commit))
	at := now()

	same := *msg
	same.Title = "in the block of the commit"
	require.Zero(t, f.publish(&same).CommittedAt)

	f.NextBlock(30 * time.Second)
	require.NoError(t, f.send(commit), "again is no error")
	require.Empty(t, f.Ctx.EventManager().Events(), "and no change")
	require.Equal(t, at, f.publish(msg).CommittedAt, "the first time stands")

	for name, change := range map[string]func(*types.MsgPublish){
		"no salt":     func(m *types.MsgPublish) { m.Salt = nil },
		"other salt":  func(m *types.MsgPublish) { m.Salt = append([]byte("x"), salt...) },
		"other media": func(m *types.MsgPublish) { m.Media = mediaCID("other").String() },
	} {
		other := *msg
		other.Title = name
		change(&other)
		require.Zero(t, f.publish(&other).CommittedAt, name)
	}

	again := *msg
	again.Title = "one commit dates every version of its media"
	require.Equal(t, at, f.publish(&again).CommittedAt)

	// a second before its end it counts, at its end no more, swept or not
	f.advance(at + types.DefaultCommitTTLSeconds - 1 - now())
	last := *msg
	last.Title = "in the last second"
	require.Equal(t, at, f.publish(&last).CommittedAt)
	f.advance(1)
	late := *msg
	late.Title = "too late"
	require.Zero(t, f.publish(&late).CommittedAt)
	_, err := f.q.Commit(f.Ctx, &types.QueryCommitRequest{Hash: hex.EncodeToString(commit.Hash)})
	require.ErrorIs(t, err, types.ErrCommitNotFound)

	// made again before it was swept, it lives a whole life
	require.NoError(t, f.send(commit))
	require.NoError(t, f.k.EndBlock(f.Ctx))
	got, err := f.k.GetCommit(f.Ctx, commit.Hash)
	require.NoError(t, err)
	require.Equal(t, now(), got.CommittedAt)
}

// advance moves live time without ending blocks of the module.
func (f *fixture) advance(seconds int64) {
	f.T.Helper()
	f.NextBlock(time.Duration(seconds) * time.Second)
}

func TestSweepIsCappedAndInOrder(t *testing.T) {
	f := newFixture(t)
	sender := f.Addr("anyone").String()
	const n = 2*types.MaxSweep + 7
	for i := range n {
		require.NoError(t, f.send(&types.MsgCommit{Sender: sender, Hash: fmt.Appendf(nil, "%032d", n-i)}))
		if i%100 == 0 {
			f.advance(1)
		}
	}
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, n, f.commits(), "nothing is due")
	f.advance(types.DefaultCommitTTLSeconds)
	for _, want := range []int{n - types.MaxSweep, n - 2*types.MaxSweep, 0, 0} {
		f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
		before := f.commits()
		require.NoError(t, f.k.EndBlock(f.Ctx))
		require.Equal(t, want, f.commits())
		require.Len(t, f.Ctx.EventManager().Events(), before-want)
		require.NoError(t, f.k.CheckInvariants(f.Ctx))
	}
}

func (f *fixture) commits() int {
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return len(gs.Commits)
}

// A row that cannot be read is put off, and the rest goes on.
func TestSweepPutsOffWhatFails(t *testing.T) {
	f := newFixture(t)
	sender := f.Addr("anyone").String()
	hash := func(i int) []byte { return fmt.Appendf(nil, "%032d", i) }
	for i := range 3 {
		require.NoError(t, f.send(&types.MsgCommit{Sender: sender, Hash: hash(i)}))
	}
	key := append(types.CommitsKey.Bytes(), hash(0)...)
	store := f.StoreService(types.StoreKey)
	intact, err := store.OpenKVStore(f.Ctx).Get(key)
	require.NoError(t, err)
	require.NoError(t, store.OpenKVStore(f.Ctx).Set(key, []byte{0xff}))
	f.advance(types.DefaultCommitTTLSeconds)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	events := f.Ctx.EventManager().Events()
	require.Len(t, events, 3)
	failed := 0
	for _, e := range events {
		if e.Type == proto.MessageName(&types.EventCommitSweepFailed{}) {
			failed++
		}
	}
	require.Equal(t, 1, failed)
	raw, err := store.OpenKVStore(f.Ctx).Get(key)
	require.NoError(t, err)
	require.Equal(t, []byte{0xff}, raw, "kept")

	require.NoError(t, store.OpenKVStore(f.Ctx).Set(key, intact))
	f.advance(types.SweepRetrySeconds - 1)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, 1, f.commits())
	f.advance(1)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Zero(t, f.commits(), "tried again")
}
