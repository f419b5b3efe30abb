package settle_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// chainWatcher remembers what everybody can read on the chain.
type chainWatcher struct {
	*fixture
	seen []streamtypes.Settlement
	down bool
}

func (c *chainWatcher) Settle(ctx context.Context, items []streamtypes.Settlement) ([]streamtypes.ItemResult, error) {
	c.seen = append(c.seen, items...) // a transaction is public as soon as it is sent
	if c.down {
		return nil, context.DeadlineExceeded
	}
	return c.chain.Settle(ctx, items)
}

func (c *chainWatcher) CloseLanes(ctx context.Context, ids []ledger.LaneID) error {
	return c.chain.CloseLanes(ctx, ids)
}

func (c *chainWatcher) Lane(ctx context.Context, owner, denom string) (streamtypes.Lane, error) {
	return c.chain.Lane(ctx, owner, denom)
}

func (c *chainWatcher) Now() int64 { return c.chain.Now() }

// Settling publishes a session's id and a word. Whoever reads them gets no byte that the viewer paid for, can spend none
// of its ticks and cannot end its session; the viewer notices nothing.
func TestWhatSettlingPublishesIsWorthNothing(t *testing.T) {
	for _, down := range []bool{false, true} {
		f := setup(t)
		w := &chainWatcher{fixture: f, down: down}
		f.s.Chain = w
		f.lane("viewer", 5000)
		id, words := f.session("viewer", 1, 300)
		now := f.chain.Now()
		use := func(n uint32, word voucher.Word, from, to uint32) error {
			_, err := f.s.Ledger.Use(id, ledger.Payment{N: n, Word: word}, ledger.Ticks{From: from, To: to}, now)
			return err
		}
		f.pay(id, words, 30)
		require.NoError(t, use(30, words.Word(30), 0, 20), "ten ticks are paid and not used")
		_, err := f.s.Step(t.Context())
		require.Equal(t, down, err != nil)
		require.Len(t, w.seen, 1)

		seen := w.seen[0]
		v, err := seen.Session.Voucher()
		require.NoError(t, err)
		salt := v.Salt()
		require.EqualValues(t, id, salt, "the id is public now")
		for back := range uint32(29) {
			word := voucher.Forward(&salt, voucher.Word(seen.Word), back)
			require.ErrorIs(t, use(seen.N-back, word, 0, 4), ledger.ErrKnown, "what was bought, by a word that is public")
			require.ErrorIs(t, use(seen.N-back, word, 20, 24), ledger.ErrKnown, "what is paid and not used")
			require.False(t, f.s.Ledger.Knows(id, ledger.Payment{N: seen.N - back, Word: word}))
		}
		for _, n := range []uint32{0, 1, 29, 30} {
			require.ErrorIs(t, use(n, voucher.Word{1}, 0, 4), ledger.ErrKnown)
			require.False(t, f.s.Ledger.Knows(id, ledger.Payment{N: n, Word: voucher.Word{1}}))
		}
		for _, n := range []uint32{31, 40, 94} {
			require.ErrorIs(t, use(n, voucher.Word{1}, 0, 4), voucher.ErrWord)
			require.ErrorIs(t, use(n, voucher.Word(seen.Word), 0, 4), voucher.ErrWord)
		}
		require.ErrorIs(t, use(95, voucher.Word{1}, 0, 4), voucher.ErrGap)

		st, _, err := f.s.Ledger.Session(id)
		require.NoError(t, err)
		require.True(t, st.Open, "nobody has ended it")
		require.EqualValues(t, 20, st.Used)
		require.True(t, f.s.Ledger.Knows(id, ledger.Payment{N: 30, Word: words.Word(30)}))
		require.NoError(t, use(30, words.Word(30), 0, 4), "the viewer asks again")
		require.NoError(t, use(30, words.Word(30), 20, 24))
		require.NoError(t, use(34, words.Word(34), 24, 28))
		require.NoError(t, use(31, words.Word(31), 24, 28), "a request that was overtaken by a later one")
	}
}
