package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/x/content/types"
)

// size is the bytes of all rows of the module, keys included.
func size(f *fixture) int {
	sum := 0
	for _, row := range rows(f) {
		sum += len(row[0]) + len(row[1])
	}
	return sum
}

// A film of two hours with cover and date keeps to the budget in all rows together: state is
// what every node of the network stores for ever.
func TestStateOfAWork(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	takes := func(msg *types.MsgPublish) (types.Work, int) {
		require.NoError(t, f.send(&types.MsgCommit{Sender: alice.String(), Hash: commitment(t, msg)}))
		f.advance(1)
		before := size(f)
		work := f.publish(msg)
		require.Positive(t, work.CommittedAt)
		return work, size(f) - before
	}
	film := func(media string) *types.MsgPublish {
		msg := publishMsg(alice, media)
		msg.Title, msg.Description = strings.Repeat("t", 100), strings.Repeat("d", 500)
		msg.Cover, msg.Salt = mediaCID("cover of "+media).String(), salt
		msg.PieceSize, msg.DurationSeconds = 4<<30, 2*3600
		return msg
	}
	first, root := takes(film("film"))
	require.LessOrEqual(t, root, types.MaxWorkBytes)
	next := film("film, again")
	next.Previous = first.Cid
	_, version := takes(next)
	require.LessOrEqual(t, version, types.MaxWorkBytes)
	t.Logf("a work takes %d bytes, a further version %d", root, version)

	// numbers and kinds of other lengths add a few bytes, words none: they are in the event alone
	long := film("another")
	long.Title, long.Description = strings.Repeat("t", 140), strings.Repeat("d", 2000)
	_, wordy := takes(long)
	require.Equal(t, root, wordy)
	long = film("a third")
	long.Kind, long.DurationSeconds, long.PieceSize = "document", 1<<30, 1<<50
	work, longest := takes(long)
	require.LessOrEqual(t, longest, root+10)
	require.LessOrEqual(t, work.Size(), types.MaxWorkBytes)
}
