package watch

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

const windows = total / windowSeconds

// What is owned or free plays like what is clear, and costs nothing.
func TestSealedGranted(t *testing.T) {
	t.Parallel()
	for by, d := range map[string]subtypes.AccessDecision{"free": free, "purchase": owned} {
		w := newSealedWorld(t, 3, 5, d, sealedSong)
		if by == "free" {
			w.viewer = ""
		}
		var out sink
		res, err := w.watch(t.Context(), t.TempDir(), &out, nil)
		w.holds(res, &out, err)
		require.Equal(t, by, res.GrantedBy)
		require.Equal(t, windows, res.Keys.Windows)
		require.Equal(t, []int{3, 5}, []int{res.Keys.Threshold, res.Keys.Holders})
		used := 0
		for _, n := range res.Keys.Used {
			used += n
		}
		require.Equal(t, windows*3, used)
		require.Empty(t, res.Keys.Liars)
		require.Zero(t, res.Ticks)
	}
}

// By the tick holders are paid first, and never more than a window and a segment ahead of what the viewer has.
func TestSealedMetered(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 3, 5, nodetest.Metered(price, 0), sealedSong)
	first := atomic.Bool{}
	for _, n := range w.nodes {
		n.behave(func(_ int32, _ http.Handler, _ http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get(wire.HeaderPay) != "" && first.CompareAndSwap(false, true) {
				ticks, _ := w.shown()
				require.EqualValues(t, windowSeconds, ticks, "holders had the words before the node had any")
			}
			return false
		})
	}
	var out sink
	res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) {
		o.Progress = func(p Progress) {
			require.LessOrEqual(t, p.Spent, uint64(p.Seconds+4+windowSeconds)*price)
		}
	})
	w.holds(res, &out, err)
	require.EqualValues(t, total, res.Ticks, "each second once, for key and bytes together")
	require.EqualValues(t, total, sum(w.paid()), "the node has the words for all of it")
	require.Equal(t, 1, w.lanes())
	require.Equal(t, windows, res.Keys.Windows)
	ticks, opened := w.shown()
	require.LessOrEqual(t, ticks, uint32(total))
	require.LessOrEqual(t, opened, windows)
}

// Windows that begin in the preview are open to all; the node is paid for what is not.
func TestSealedPreview(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 2, 3, nodetest.Metered(price, 12), sealedSong)
	var out sink
	res, err := w.watch(t.Context(), t.TempDir(), &out, nil)
	w.holds(res, &out, err)
	require.EqualValues(t, total-12, res.Ticks)
	require.Equal(t, windows, res.Keys.Windows)
	_, opened := w.shown()
	require.LessOrEqual(t, opened, windows-2)
}

// A window is paid whole or not at all, and what was paid is played to its end.
func TestSealedSpendLimit(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 2, 3, nodetest.Metered(price, 0), sealedSong)
	fee := w.nodes[0].chain.Params.OpenFee.Uint64()
	var out sink
	res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) { o.MaxSpend = fee + (2*windowSeconds+windowSeconds-1)*price })
	require.ErrorIs(t, err, ErrSpendLimit)
	require.NotErrorIs(t, err, ErrNoNode)
	require.EqualValues(t, 2*windowSeconds, res.Ticks)
	require.Equal(t, 4.0*4, res.SecondsWatched)
	require.Empty(t, res.Blamed)
	require.Equal(t, w.want[:out.Len()], out.Bytes())
	ticks, opened := w.shown()
	require.EqualValues(t, 2*windowSeconds, ticks)
	require.LessOrEqual(t, opened, 2)
}

// Two holders that are gone and one that lies, of seven, are not noticed; the liar is named.
func TestSealedHoldersInTrouble(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 2, 7, nodetest.Metered(price, 0), sealedSong)
	w.holders.Nodes[1].HTTP.Close()
	hangs(w.holders.Nodes[4])
	liar := w.holders.Nodes[2]
	w.liesAbout(liar)
	var out sink
	res, err := w.watch(t.Context(), t.TempDir(), &out, nil)
	w.holds(res, &out, err)
	require.Less(t, out.gap, 3*time.Second)
	require.Equal(t, []string{liar.Operator}, res.Keys.Liars)
	require.NotContains(t, res.Keys.Used, liar.Operator)
	require.EqualValues(t, total, res.Ticks)
	require.Empty(t, res.Blamed, "the nodes that serve did nothing wrong")
}

// With too few holders nothing plays, and who has no right gets no key.
func TestSealedRefused(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 2, 3, owned, sealedSong)
	w.holders.Decide(w.account().String(), nodetest.Metered(price, 0)) // refunded: the node's chain does not know yet
	var out sink
	_, err := w.watch(t.Context(), t.TempDir(), &out, nil)
	require.ErrorIs(t, err, keyclient.ErrPayMore)
	require.LessOrEqual(t, out.Len(), 700, "no more than the init segment")

	w = newSealedWorld(t, 2, 3, owned, sealedSong)
	w.holders.Nodes[0].HTTP.Close()
	w.holders.Nodes[1].HTTP.Close()
	_, err = w.watch(t.Context(), t.TempDir(), io.Discard, nil)
	require.ErrorIs(t, err, keyclient.ErrTooFewHolders)
}

// A node that dies in the middle of a window is left; the window's keys are not paid again.
func TestSealedFailover(t *testing.T) {
	for trouble, how := range troubles(12 + 4) {
		t.Run(trouble, func(t *testing.T) {
			t.Parallel()
			w := newSealedWorld(t, 3, 5, nodetest.Metered(price, 0), sealedSong)
			var out sink
			var first atomic.Pointer[string]
			res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) {
				o.Progress = func(p Progress) {
					if first.Load() == nil {
						first.Store(&p.Node)
						w.of(p.Node).behave(how)
					}
				}
			})
			w.holds(res, &out, err)
			require.Less(t, out.gap, 5*time.Second)
			require.Equal(t, []string{*first.Load()}, res.Blamed)
			require.LessOrEqual(t, res.Ticks, uint64(total+windowSeconds+4), "a window that was paid ahead, and a segment")
			require.Equal(t, windows, res.Keys.Windows, "each once")
		})
	}
}

// A lane that holders do not take is left for a new one.
func TestSealedLaneIsGone(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 2, 3, nodetest.Metered(price, 0), sealedSong)
	var out sink
	var closed string
	res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) {
		o.Progress = func(p Progress) {
			if closed == "" {
				closed = p.Node
				w.of(closed).chain.Close(w.account().String(), "ustream")
			}
		}
	})
	w.holds(res, &out, err)
	require.Greater(t, w.of(closed).chain.Gens[w.account().String()]+uint64(w.lanes()), uint64(2), "another lane was opened")
	require.LessOrEqual(t, res.Ticks, uint64(total+2*windowSeconds))

	// nor is one that an earlier run left, which the node has closed since, a reason not to play
	home := t.TempDir()
	for range 2 {
		out = sink{}
		res, err = w.watch(t.Context(), home, &out, nil)
		w.holds(res, &out, err)
		require.Empty(t, res.Blamed)
		require.NoError(t, Forget(home, w.account().String(), w.root))
		for _, n := range w.nodes {
			n.chain.Close(w.account().String(), "ustream")
		}
	}
}

// Whoever stops and goes on neither fetches nor pays anything again, neither at nodes nor at holders.
func TestSealedGoesOn(t *testing.T) {
	t.Parallel()
	for _, d := range []subtypes.AccessDecision{owned, nodetest.Metered(price, 0)} {
		w := newSealedWorld(t, 2, 3, d, sealedSong)
		home := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		first := sink{f: func(sum int) {
			if sum > 3*segBytes {
				cancel()
			}
		}}
		_, err := w.watch(ctx, home, &first, nil)
		require.ErrorIs(t, err, context.Canceled)
		var out sink
		res, err := w.watch(t.Context(), home, &out, nil)
		w.holds(res, &out, err)
		require.LessOrEqual(t, w.nodes[0].asked.Load()+w.nodes[1].asked.Load(), int32(2+2+1+segments*12)+perhaps)
		if d.Metered != nil {
			require.EqualValues(t, total, sum(w.paid()))
			require.EqualValues(t, total, res.Ticks)
			require.Equal(t, windows, res.Keys.Windows)
			used := 0
			for _, n := range res.Keys.Used {
				used += n
			}
			require.Less(t, used, windows*res.Keys.Threshold, "what was paid for was kept")
			require.NoError(t, Forget(home, w.account().String(), w.root))
			require.NoFileExists(t, home+"/"+w.account().String()+"/works/"+w.root+"/"+w.media.String()+"/keys.json")
		}
	}
}

// Holders hand over to others while it plays.
func TestSealedReshared(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 2, 5, nodetest.Metered(price, 0), sealedSong)
	var out sink
	begun := false
	res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) {
		o.Progress = func(p Progress) {
			if !begun && p.Seconds >= 8 {
				begun = true
				w.holders.Draw(w.holders.Nodes[2:]...)
				w.holders.Step()
				w.holders.Step()
				w.holders.Nodes[0].HTTP.Close()
			}
		}
	})
	w.holds(res, &out, err)
	require.Empty(t, res.Keys.Liars)
	require.EqualValues(t, 3, res.Keys.Holders)
	require.EqualValues(t, total, res.Ticks)
}

// Bytes that are what the creator published and are not encrypted rightly do not play, and nobody is blamed.
func TestSealedWrongly(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 1, 1, owned, func(t testing.TB, keys media.WindowKey) func(dagtest.Builder) (cid.Cid, []byte) {
		return func(b dagtest.Builder) (cid.Cid, []byte) {
			list := "#EXTM3U\n" + keyTag(0) + "\n#EXTINF:4.000,\nseg0.m4s\n"
			dir := b.Dir(map[string]ipld.Node{"index.m3u8": b.File([]byte(list), chunk, 7), "seg0.m4s": b.File(dagtest.Bytes(1001), chunk, 7)})
			return b.Dir(map[string]ipld.Node{rendition: dir, "master.m3u8": b.File([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n"+rendition+"/index.m3u8\n"), chunk, 7)}).Cid(), nil
		}
	})
	var out sink
	res, err := w.watch(t.Context(), t.TempDir(), &out, nil)
	require.ErrorIs(t, err, media.ErrCiphertext)
	require.Empty(t, res.Blamed)
	require.False(t, res.Verified)
}

// sealedBook is an encrypted file of more than one batch of windows.
func sealedBook(t testing.TB, keys media.WindowKey) func(dagtest.Builder) (cid.Cid, []byte) {
	const name = "files/book-00aa11bb.pdf"
	return func(b dagtest.Builder) (cid.Cid, []byte) {
		data := dagtest.Bytes(18<<20 + 5)
		var out bytes.Buffer
		require.NoError(t, media.EncryptFile(&out, bytes.NewReader(data), uint64(len(data)), func(window uint32) ([32]byte, error) {
			o, err := keys(name, window)
			return o.AES256(), err
		}))
		return b.Dir(map[string]ipld.Node{
			"files":      b.Dir(map[string]ipld.Node{"book-00aa11bb.pdf": b.File(out.Bytes(), 1<<20, 174)}),
			"index.json": b.File([]byte(`{"version":1,"files":[{"path":"files/book-00aa11bb.pdf","size":1,"type":"application/pdf"}]}`), chunk, 7),
		}).Cid(), data
	}
}

func TestSealedFile(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 2, 5, owned, sealedBook)
	var out sink
	res, err := w.watch(t.Context(), t.TempDir(), &out, nil)
	w.holds(res, &out, err)
	require.Equal(t, 19, res.Keys.Windows)
	out = sink{}
	_, err = w.watch(t.Context(), t.TempDir(), &out, func(o *Options) { o.Path = "index.json" })
	require.NoError(t, err)
	require.Contains(t, out.String(), "book-00aa11bb.pdf")
}

// A session gives parts in any order, encrypted, and their keys; it stops at the limit and goes on where it is allowed more.
func TestSession(t *testing.T) {
	t.Parallel()
	w := newSealedWorld(t, 2, 3, nodetest.Metered(price, 0), sealedSong)
	fee := w.nodes[0].chain.Params.OpenFee.Uint64()
	home := t.TempDir()
	open := func(most uint64) *Session {
		p, err := w.player(Options{Work: w.root, Home: home, AllowPrivate: true, MaxSpend: most})
		require.NoError(t, err)
		s, err := p.session(t.Context(), w.endpoints())
		require.NoError(t, err)
		return s
	}
	s := open(fee + 2*windowSeconds*price)
	r, err := s.Rendition(t.Context(), []string{rendition, "index.m3u8"})
	require.NoError(t, err)
	init, err := s.File(t.Context(), r.Init)
	require.NoError(t, err)
	at := len(init)
	offset := func(i int) (from, to int) {
		from = at
		for j := range i {
			from += segBytes + j
		}
		return from, from + segBytes + i
	}
	check := func(i int) {
		data, err := s.Segment(t.Context(), r, i)
		require.NoError(t, err)
		key, err := s.Key(t.Context(), r, i)
		require.NoError(t, err)
		from, to := offset(i)
		require.NotEqual(t, w.want[from:from+100], data[:100])
		plain, err := media.DecryptSegment(data, key, r.Segments[i].Key.IVOf(r.Segments[i].Sequence))
		require.NoError(t, err)
		require.Equal(t, w.want[from:to], plain)
	}
	check(5)
	check(4)
	key, err := s.Key(t.Context(), r, 0) // the key may come first
	require.NoError(t, err)
	require.NotZero(t, key)
	check(0)
	check(1)
	check(5)
	spent, limit := s.Spent()
	require.EqualValues(t, fee+2*windowSeconds*price, spent)
	require.Equal(t, limit, spent)
	_, err = s.Segment(t.Context(), r, 7)
	require.ErrorIs(t, err, ErrSpendLimit)
	_, err = s.Key(t.Context(), r, 7)
	require.ErrorIs(t, err, ErrSpendLimit)
	check(4) // what was paid stays
	res, err := s.Close(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2*windowSeconds, res.Ticks)
	require.EqualValues(t, 2*windowSeconds, sum(w.paid()))

	s = open(2*fee + 3*windowSeconds*price)
	check(7)
	check(0)
	res, err = s.Close(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 3*windowSeconds, res.Ticks)
}
