package watch

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	rendition     = "v0-00aa11bb"
	windowSeconds = 8 // two segments
)

// sealedSong is a presentation with one rendition, encrypted.
func sealedSong(t testing.TB, keys media.WindowKey) func(dagtest.Builder) (cid.Cid, []byte) {
	return func(b dagtest.Builder) (media cid.Cid, want []byte) {
		list := "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n"
		dir := map[string]ipld.Node{"init.mp4": b.File(dagtest.Bytes(700), 1<<20, 174)}
		want = append(want, dagtest.Bytes(700)...)
		for i := range segments {
			data := dagtest.Bytes(segBytes + i)
			window := uint32(4 * i / windowSeconds)
			if 4*i%windowSeconds == 0 {
				list += keyTag(window) + "\n"
			}
			dir[fmt.Sprintf("seg%d.m4s", i)] = b.File(sealed(t, keys, window, uint64(i), data), chunk, 174)
			list += fmt.Sprintf("#EXTINF:4.000,\nseg%d.m4s\n", i)
			want = append(want, data...)
		}
		dir["index.m3u8"] = b.File([]byte(list+"#EXT-X-ENDLIST\n"), 1<<20, 174)
		root := map[string]ipld.Node{rendition: b.Dir(dir), "master.m3u8": b.File([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n"+rendition+"/index.m3u8\n"), 1<<20, 174)}
		return b.Dir(root).Cid(), want
	}
}

func keyTag(window uint32) string { return media.KeyTag{Rendition: rendition, Window: window}.String() }

func sealed(t testing.TB, keys media.WindowKey, window uint32, sequence uint64, data []byte) []byte {
	out, err := keys(rendition, window)
	require.NoError(t, err)
	var b bytes.Buffer
	_, err = media.EncryptSegment(&b, bytes.NewReader(data), out.AES128(), media.SegmentIV(sequence))
	require.NoError(t, err)
	return b.Bytes()
}

// newSealedWorld is a world with an encrypted work and n holders of its keys.
func newSealedWorld(t testing.TB, nodes, holders int, d subtypes.AccessDecision, make func(testing.TB, media.WindowKey) func(dagtest.Builder) (cid.Cid, []byte)) *world {
	t.Helper()
	ks := keystest.New(t, holders).Active()
	w := newWorldOf(t, ks.Root, nodes, d, make(t, media.SecretKeys(ks.Secret)))
	c0 := ks.Secret.C0()
	w.holders = ks
	w.opened = &contenttypes.Work{
		Cid: ks.Root, Root: ks.Root, Head: ks.Root, Media: w.media.String(), DurationSeconds: total,
		Keys: &contenttypes.Keys{Suite: keyshare.Suite, C0: c0[:], WindowSeconds: windowSeconds},
	}
	ks.Each(func(c *nodetest.Chain) { c.Works[ks.Root] = *w.opened })
	w.decide(d)
	for _, n := range ks.Nodes {
		n.Before = func(_ http.ResponseWriter, r *http.Request) bool {
			w.syncLane(n, r)
			return false
		}
	}
	return w
}

// decide tells holders what the chain says of the viewer.
func (w *world) decide(d subtypes.AccessDecision) {
	if d.Granted && d.By != subtypes.ACCESS_BY_FREE {
		w.holders.Decide("", nodetest.Metered(price, 0))
		w.holders.Decide(w.account().String(), d)
		return
	}
	w.holders.Decide("", d)
}

func (w *world) grantAtHolders(pubkey []byte) {
	if w.holders == nil {
		return
	}
	owner := w.account().String()
	w.holders.Each(func(c *nodetest.Chain) {
		c.Keys[owner+"/"+string(pubkey)] = streamtypes.SessionKey{
			Owner: owner, Pubkey: pubkey, Expires: c.Live + 7200, Scope: streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
		}
	})
}

// syncLane lets a holder's chain know of the lane that a request is paid in.
func (w *world) syncLane(n *keystest.Node, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(raw))
	var req wire.KeysRequest
	if json.Unmarshal(raw, &req) != nil || req.Pay == nil {
		return
	}
	c, owner := w.of(req.Pay.Session.Provider).chain, w.account().String()
	c.Mu.Lock()
	l, ok := c.Lanes[owner+"/"+token.BaseDenom]
	c.Mu.Unlock()
	n.Chain.Mu.Lock()
	defer n.Chain.Mu.Unlock()
	if ok {
		n.Chain.Lanes[owner+"/"+token.BaseDenom] = l
	}
}

// shown is how many ticks holders have words for and how many windows they have released, the most of any.
func (w *world) shown() (ticks uint32, windows int) {
	for _, n := range w.holders.Nodes {
		files, err := filepath.Glob(filepath.Join(n.Dir, "keys", "sessions", "*.session"))
		require.NoError(w.t, err)
		var sum uint32
		count := 0
		for _, f := range files {
			raw, err := os.ReadFile(f)
			require.NoError(w.t, err)
			var newest uint32
			for line := range bytes.Lines(raw) {
				var e struct {
					N       uint32           `json:"n"`
					Windows []wire.KeyWindow `json:"windows"`
				}
				require.NoError(w.t, json.Unmarshal(line, &e))
				newest, count = max(newest, e.N), count+len(e.Windows)
			}
			sum += newest
		}
		ticks, windows = max(ticks, sum), max(windows, count)
	}
	return ticks, windows
}

// liesAbout makes a holder answer with another share than its own, sealed as it should be.
func (w *world) liesAbout(n *keystest.Node) {
	honest := n.Before
	n.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		if honest(rw, r) {
			return true
		}
		raw, _ := io.ReadAll(r.Body)
		var req wire.KeysRequest
		if json.Unmarshal(raw, &req) != nil {
			return false
		}
		set, _ := w.holders.ActiveKeySet(r.Context(), w.holders.Root)
		h := set.Holder(n.Operator)
		_, shares, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, int(set.Threshold), len(set.Holders))
		if err != nil || h == nil {
			return false
		}
		id := keyshare.KeyID(w.holders.Secret.C0())
		res := wire.KeysResponse{SetVersion: set.Version, Index: h.Index}
		for _, win := range req.Windows {
			a, _ := shares[h.Index-1].Answer(rand.Reader, keyshare.Window{Work: id, Rendition: win.Rendition, Number: win.Number})
			sealed, _ := keyshare.Seal(req.ReplyKey, keyshare.ForViewer, keyshare.AnswerContext(id, win.Rendition, win.Number, set.Version), a.Bytes())
			res.Sealed = append(res.Sealed, sealed)
		}
		_ = json.NewEncoder(rw).Encode(res)
		return true
	}
}

// hangs makes a holder take requests and say nothing.
func hangs(n *keystest.Node) {
	n.Before = func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
		}
		return true
	}
}
