package watch

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	// keyRounds is how often all holders are asked for a window, keyBreath how long is waited between: a set that has just been handed over, a lane that has
	// just been opened and a work that has just been bought are known to all holders a block later.
	keyRounds, keyBreath = 4, 600 * time.Millisecond
)

// keyTerms say what windows cost, as holders count.
type keyTerms struct {
	window   uint32 // seconds of media that one key opens
	duration uint64 // of the work, in seconds
	metered  *subscriptiontypes.MeteredOffer
}

func keyTermsOf(root contenttypes.Work, metered *subscriptiontypes.MeteredOffer) keyTerms {
	return keyTerms{window: root.Keys.WindowSeconds, duration: root.DurationSeconds, metered: metered}
}

// ticks is what a window costs; nothing where the viewer has a right to it, or it begins in the preview.
func (t keyTerms) ticks(w keyclient.Window) uint32 {
	if t.metered == nil {
		return 0
	}
	start := uint64(w.Number) * uint64(t.window)
	if start < uint64(t.metered.PreviewSeconds) && start < t.duration && !strings.ContainsAny(w.Rendition, "./") {
		return 0
	}
	seconds := uint64(t.window)
	if start < t.duration {
		seconds = min(seconds, t.duration-start)
	}
	return ticksIn(seconds, t.metered.TickSeconds)
}

// whole is what no window costs more than.
func (t keyTerms) whole() uint32 { return ticksIn(uint64(t.window), t.metered.TickSeconds) }

func ticksIn(seconds uint64, tick uint32) uint32 {
	return uint32((seconds + uint64(tick) - 1) / uint64(tick))
}

func keyTagName(rendition string, window uint32) string {
	return rendition + "/" + strconv.FormatUint(uint64(window), 10)
}

// want is a window that is wanted, and what the node that serves it asks for what it opens.
type want struct {
	keyclient.Window
	rendition string // as nodes count ticks
	from, to  uint32 // ticks that the node counts from where the viewer is through the window's end
	rest      uint32 // ticks that all windows from this one on cost
	windows   uint32 // how many those are
}

// opening is a window whose key is being got.
type opening struct {
	done chan struct{}
	key  [16]byte
	err  error
}

// wait returns the key.
func (o *opening) wait(ctx context.Context) ([16]byte, error) {
	select {
	case <-o.done:
		return o.key, o.err
	case <-ctx.Done():
		return [16]byte{}, ctx.Err()
	}
}

// keyring gets the keys of an encrypted work from their holders, each window once, and pays them first.
type keyring struct {
	*player
	client *keyclient.Client
	terms  keyTerms
	saved  *keyFile
	run    context.Context // of all that asks holders: whoever waits may have gone, what was paid for is kept

	mu      sync.Mutex
	windows map[keyclient.Window]*opening
	buyers  map[keyclient.Window]*buyer
	opened  atomic.Int64 // windows
	buying  sync.Mutex   // a word pays all before it: windows are paid in order
}

// buyer is who pays for a window.
type buyer struct {
	*payer
	want want
	err  error // why it could not
}

func (p *player) newKeyring(run context.Context, root contenttypes.Work) *keyring {
	k := &keyring{
		player: p, terms: keyTermsOf(root, p.metered), saved: openKeyFile(p.cacheDir()), run: run,
		windows: map[keyclient.Window]*opening{}, buyers: map[keyclient.Window]*buyer{},
	}
	cfg := keyclient.Config{Chain: p.holders, HTTP: p.http, Work: p.root, Pay: k.pay}
	if p.proof || p.metered != nil {
		cfg.Owner, cfg.Key = p.chain.account(), p.device.key
	}
	k.client = keyclient.New(cfg)
	return k
}

// begin starts to get a window's key, unless somebody has.
func (k *keyring) begin(w want) *opening {
	k.mu.Lock()
	defer k.mu.Unlock()
	o := k.windows[w.Window]
	if o == nil {
		o = &opening{done: make(chan struct{})}
		k.windows[w.Window] = o
		go k.open(w, o)
	}
	return o
}

func (k *keyring) open(w want, o *opening) {
	defer close(o.done)
	var known bool
	if o.key, known = k.saved.get(w.Window); known {
		k.opened.Add(1)
		return
	}
	var got map[keyclient.Window]keyshare.Output
	paid := k.terms.ticks(w.Window) > 0
	if paid {
		got, o.err = k.buy(w)
	} else {
		got, o.err = k.ask(w.Window)
	}
	if o.err != nil {
		k.mu.Lock()
		delete(k.windows, w.Window) // whoever wants it next tries again
		k.mu.Unlock()
		return
	}
	k.opened.Add(1)
	if o.key = got[w.Window].AES128(); paid {
		k.saved.put(w.Window, o.key)
	}
}

// ask asks the holders, again while they may not have heard yet of what gives a right to the window.
func (k *keyring) ask(windows ...keyclient.Window) (map[keyclient.Window]keyshare.Output, error) {
	for round := 1; ; round++ {
		got, err := k.client.Windows(k.run, windows)
		soon := errors.Is(err, keyclient.ErrTooFewHolders) || errors.Is(err, keyclient.ErrNotEntitled)
		if err == nil || round == keyRounds || !soon || k.run.Err() != nil {
			return got, err
		}
		select {
		case <-time.After(keyBreath):
		case <-k.run.Done():
		}
	}
}

// buy pays holders for a window with the words of a session with the node that serves, or with the next one's where that opens none.
func (k *keyring) buy(w want) (map[keyclient.Window]keyshare.Output, error) {
	k.buying.Lock()
	defer k.buying.Unlock()
	failed, left, errs := map[string]bool{}, map[string]bool{}, []error{ErrNoNode}
	for k.run.Err() == nil {
		node, ok := k.fetch.Pool.Sole(failed)
		if !ok {
			return nil, errors.Join(errs...)
		}
		pay, err := k.payer(node)
		if err != nil {
			return nil, err
		}
		b := &buyer{payer: pay, want: w}
		k.setBuyer(w.Window, b)
		got, err := k.ask(w.Window)
		switch {
		case err == nil:
			return got, nil
		case b.err != nil && !nodeclient.IsFinal(b.err):
		case b.err == nil && unusable(err):
			if err := pay.leave(); err != nil {
				return nil, err
			}
			if !left[node.Info.Operator] {
				left[node.Info.Operator] = true // once more, in a new lane
				continue
			}
		default:
			return nil, err
		}
		k.fetch.Pool.Fail(node.Info.Operator, err)
		failed[node.Info.Operator], errs = true, append(errs, fmt.Errorf("%s: %w", node.Info.Operator, err))
	}
	return nil, k.run.Err()
}

func (k *keyring) setBuyer(w keyclient.Window, b *buyer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.buyers[w] = b
}

// pay is the keyclient's Pay.
func (k *keyring) pay(ctx context.Context, windows []keyclient.Window, due uint32) (*wire.KeyPay, error) {
	k.mu.Lock()
	b := k.buyers[windows[0]]
	k.mu.Unlock()
	if b == nil {
		return nil, nil
	}
	var paid *wire.KeyPay
	paid, b.err = b.keyPay(ctx, b.want, k.terms, due)
	return paid, b.err
}

// unusable says whether so many holders say that the session pays nothing any more that too few are left.
func unusable(err error) bool {
	var holders *keyclient.HoldersError
	if !errors.As(err, &holders) {
		return false
	}
	n := 0
	for _, said := range holders.Holders {
		var p *wire.Problem
		if errors.As(said, &p) && (p.Slug == wire.LaneUnusable || p.Slug == wire.SessionClosed || p.Slug == wire.LaneExhausted) {
			n++
		}
	}
	return 2*n > len(holders.Holders)
}
