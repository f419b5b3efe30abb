package keys_test

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/storagenode/keys"
	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// set is the active one.
func set(w *keystest.World) storagetypes.KeySet {
	w.Sets.Mu.Lock()
	defer w.Sets.Mu.Unlock()
	return w.Sets.Active[w.Root]
}

// answered asks each of the nodes for a window and returns what they answer, and their refusals.
func answered(t *testing.T, w *keystest.World, viewer string, win wire.KeyWindow, nodes ...*keystest.Node) (out []keyshare.Answer, slugs []string) {
	for _, n := range nodes {
		a := ask(t, w, viewer)
		a.n, a.to = n, n.Account
		answers, p := a.answers(nil, win)
		out = append(out, answers...)
		if p != nil {
			slugs = append(slugs, p.Slug)
		}
	}
	return out, slugs
}

// combines says whether answers give the window's key under a set's commitments, and holds it to be the right one.
func combines(t *testing.T, w *keystest.World, s storagetypes.KeySet, win wire.KeyWindow, answers []keyshare.Answer) bool {
	c, err := keyshare.ParseCommitments(s.Commitments)
	require.NoError(t, err)
	window := keyshare.Window{Work: keyshare.KeyID(w.Secret.C0()), Rendition: win.Rendition, Number: win.Number}
	got, _, err := keyshare.Combine(c, window, answers)
	if err != nil {
		return false
	}
	require.Equal(t, w.Output(win).AES128(), got.AES128())
	return true
}

// TestResharingUnderLoad hands a secret over from three holders to seven while viewers go on opening windows. Then the honest holders of before have
// erased their shares, answer nothing by them, and what they answered before does not go together with what the new ones answer. What nobody can take
// back is said too: a quorum of the old set that kept copies against the rules opens windows still.
func TestResharingUnderLoad(t *testing.T) {
	w := keystest.New(t, 9)
	old := w.Nodes[:3]
	w.Draw(old...)
	w.Deal()
	w.Step()
	first := set(w)
	require.EqualValues(t, 1, first.Version)
	w.Decide("", nodetest.Metered(price, 0))
	_, owner := nodetest.Account("viewer")
	w.Decide(owner.String(), subtypes.AccessDecision{Granted: true, Reason: "purchased"})
	w.Grant(owner.String(), nodetest.SessionKey("viewer"), streamtypes.SESSION_KEY_SCOPE_ACCESS)
	clock := time.Now()
	for _, n := range w.Nodes {
		n.Holder.Clock = func() time.Time { return clock }
	}
	var kept []keyshare.Share // what colluders copy
	for _, n := range old {
		share, err := n.Store.Get(keys.Held{Root: w.Root, Version: 1})
		require.NoError(t, err)
		kept = append(kept, share)
	}
	before, _ := answered(t, w, "viewer", keystest.Windows(5)[0], old...)
	require.True(t, combines(t, w, first, keystest.Windows(5)[0], before))

	var opened, retried atomic.Int64
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for worker := range uint32(2) {
		wg.Go(func() {
			for n := worker; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				win := keystest.Windows(n % 10)[0]
				for try := 0; ; try++ {
					if try == 5 {
						t.Errorf("window %d was not opened", win.Number)
						return
					}
					s := set(w) // as a viewer does who was refused by the set before
					var of []*keystest.Node
					for _, node := range w.Nodes {
						if s.Holder(node.Operator) != nil {
							of = append(of, node)
						}
					}
					answers, _ := answered(t, w, "viewer", win, of[:s.Threshold]...)
					if combines(t, w, s, win, answers) {
						opened.Add(1)
						break
					}
					retried.Add(1)
				}
			}
		})
	}
	wait := func(n int64) {
		for have := opened.Load(); opened.Load() < have+n; time.Sleep(time.Millisecond) {
			require.False(t, t.Failed())
		}
	}
	wait(50)
	w.Draw(w.Nodes[2:]...) // one of the old ones stays
	for range 2 {          // dealings, acceptances
		for _, n := range w.Nodes {
			_, err := n.Holder.Step(ctx)
			require.NoError(t, err)
			wait(5)
		}
	}
	second := set(w)
	require.EqualValues(t, 2, second.Version)
	require.Len(t, second.Holders, 7)
	require.EqualValues(t, 4, second.Threshold)
	wait(50)
	close(stop)
	wg.Wait()
	t.Logf("%d windows were opened meanwhile, %d asked for again", opened.Load(), retried.Load())

	// the old set answers nothing, whatever it still has on disk; and a minute later it has nothing
	w.Step()
	for range 1000 {
		_, slugs := answered(t, w, "viewer", keystest.Windows(6)[0], old[:2]...)
		require.Equal(t, []string{wire.NotAHolder, wire.NotAHolder}, slugs)
	}
	clock = clock.Add(keys.EraseAfter + time.Second)
	w.Step()
	for _, n := range old {
		_, err := n.Store.Get(keys.Held{Root: w.Root, Version: 1})
		require.ErrorIs(t, err, keys.ErrNoShare)
	}
	// old answers and new ones do not go together, in any number
	now, _ := answered(t, w, "viewer", keystest.Windows(5)[0], w.Nodes[2:]...)
	require.True(t, combines(t, w, second, keystest.Windows(5)[0], now))
	for few := range 4 {
		mixed := append(append([]keyshare.Answer{}, before[:2]...), now[:few]...)
		require.False(t, combines(t, w, second, keystest.Windows(5)[0], mixed), few)
		require.False(t, combines(t, w, first, keystest.Windows(5)[0], append([]keyshare.Answer{before[0]}, now[:few]...)), few)
	}
	// a quorum that kept what it should have erased opens what it likes: no resharing can undo that
	win := keystest.Windows(9)[0]
	var colluders []keyshare.Answer
	for _, share := range kept[:first.Threshold] {
		a, err := share.Answer(rand.Reader, keyshare.Window{Work: keyshare.KeyID(w.Secret.C0()), Rendition: win.Rendition, Number: win.Number})
		require.NoError(t, err)
		colluders = append(colluders, a)
	}
	require.True(t, combines(t, w, first, win, colluders))
	require.False(t, combines(t, w, first, win, colluders[:1]), "one alone does not")
}
