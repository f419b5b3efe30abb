package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ipfs/go-cid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var (
	// ErrPayment says that the work is not free for this viewer, and what it takes.
	ErrPayment = errors.New("the work has to be paid for")
	// ErrNoNode says that no storage node that keeps the work answers.
	ErrNoNode = errors.New("no storage node that keeps the work answers: try again later")
	// ErrUnsupported says that the work is nothing that can be played.
	ErrUnsupported = errors.New("the work has no playlist: it is not audio or video")
)

const (
	maxPlaylist = 4 << 20   // bytes
	maxSegment  = 256 << 20 // bytes
	patience    = 3 * time.Second
)

// Options say what to watch and what it may cost.
type Options struct {
	Work         string
	Home         string    // folder of session keys and what was watched, kept between runs
	Out          io.Writer // receives the media as one fragmented MP4
	MaxSpend     uint64    // base units, fees included; 0 watches only what is granted
	Realtime     bool      // not faster than it plays
	AllowPrivate bool      // dial nodes on private addresses: local networks only
	Progress     func(Progress)
}

// Progress tells how far a watch is.
type Progress struct {
	Seconds, Of float64 // of media
	Bytes       int64
	Spent       uint64 // base units
	Node        string
}

// Result is what was watched and what it cost, over all runs that it took.
type Result struct {
	Work           string         `json:"work"` // root
	Version        string         `json:"version"`
	GrantedBy      string         `json:"granted_by"` // free, purchase, plan, creator or metered
	SecondsWatched float64        `json:"seconds_watched"`
	Bytes          int64          `json:"bytes"`
	Verified       bool           `json:"verified"` // every byte matched the work's id
	Ticks          uint64         `json:"ticks"`    // signed for: the most that nodes can settle
	Spent          string         `json:"spent"`    // for ticks; less is settled where a node died before it got a word
	Fees           string         `json:"fees"`     // for opening lanes
	Nodes          map[string]int `json:"nodes"`    // files by operator
	Blamed         []string       `json:"blamed,omitempty"`
}

// player is one run.
type player struct {
	Options
	chain   chain
	device  *device
	media   cid.Cid
	root    string
	metered *subscriptiontypes.MeteredOffer
	proof   bool // the viewer is known to the node by its session key
	nodes   []nodeclient.Node
	payers  map[string]*payer
	budget  *budget
	view    *view
	rest    float64 // seconds of media still to come
	result  *Result
}

// Watch fetches the work whole, verified, and writes it to Options.Out. A run that was stopped is
// continued by calling it again: what was fetched is kept, what was paid is not paid again.
func Watch(ctx context.Context, client *chainclient.Client, signer chainclient.Signer, opt Options) (*Result, error) {
	p := &player{Options: opt, chain: chain{client, signer}, payers: map[string]*payer{}}
	head, root, err := p.chain.work(ctx, opt.Work)
	if err != nil {
		return nil, err
	}
	p.root = root
	p.result = &Result{Work: root, Version: head.Cid, Nodes: map[string]int{}}
	if p.media, err = cid.Decode(head.Media); err != nil {
		return nil, fmt.Errorf("media of %s: %w", head.Cid, err)
	}
	decision, err := p.chain.access(ctx, root)
	if err != nil {
		return nil, err
	}
	if err := p.admission(decision); err != nil {
		return nil, err
	}
	owner := p.chain.viewer()
	if owner == "" {
		owner = "anonymous"
	}
	if p.device, err = openDevice(ctx, opt.Home, owner); err != nil {
		return nil, err
	}
	defer p.device.close()
	if p.view, err = p.device.loadView(root); err != nil {
		return nil, err
	}
	p.budget = &budget{limit: opt.MaxSpend, view: p.view, save: func() error { return p.device.saveView(root, p.view) }}
	if p.proof {
		if err := p.chain.prepare(ctx, p.device.pubkey(), 0); err != nil {
			return nil, err
		}
	}
	if err := p.findNodes(ctx, head); err != nil {
		return nil, err
	}
	err = p.play(ctx)
	p.finish(ctx)
	return p.result, err
}

// admission decides how the viewer gets in: by right, or by the tick.
func (p *player) admission(d subscriptiontypes.AccessDecision) error {
	if d.Granted {
		p.result.GrantedBy = strings.ToLower(strings.TrimPrefix(d.By.String(), "ACCESS_BY_"))
		p.proof = d.By != subscriptiontypes.ACCESS_BY_FREE
		return nil
	}
	if d.Metered != nil && p.MaxSpend > 0 && p.chain.signer != nil {
		p.metered, p.result.GrantedBy = d.Metered, "metered"
		return nil
	}
	var ways []string
	for _, o := range d.Offers {
		ways = append(ways, strings.TrimSpace(fmt.Sprintf("%s %s %s", strings.ToLower(strings.TrimPrefix(o.Kind.String(), "OFFER_KIND_")), token.Format(o.Price), o.Plan)))
	}
	if len(ways) == 0 {
		ways = []string{"it is not for sale (" + d.Reason + ")"}
	}
	return fmt.Errorf("%w: %s", ErrPayment, strings.Join(ways, ", or "))
}

func (p *player) findNodes(ctx context.Context, head contenttypes.Work) error {
	endpoints, err := p.chain.endpoints(ctx, head.Cid)
	if err != nil {
		return err
	}
	hc := nodeclient.NewHTTP(p.AllowPrivate)
	if p.nodes = nodeclient.Pick(ctx, hc, p.chain.ChainID(), endpoints, patience); len(p.nodes) == 0 {
		return fmt.Errorf("%w (%d deals)", ErrNoNode, len(endpoints))
	}
	return nil
}

// play fetches playlists, then segment after segment, and writes them out.
func (p *player) play(ctx context.Context) error {
	master, err := p.fetch(ctx, []string{"master.m3u8"}, maxPlaylist, nil)
	if errors.Is(err, nodeclient.ErrNoSuchFile) {
		return ErrUnsupported
	}
	if err != nil {
		return err
	}
	variant, err := bestVariant(master)
	if err != nil {
		return err
	}
	playlist, err := p.fetch(ctx, variant, maxPlaylist, nil)
	if err != nil {
		return err
	}
	r, err := parseRendition(variant, playlist)
	if err != nil {
		return err
	}
	if r.Init != nil {
		if err := p.part(ctx, r.Init, nil, r); err != nil {
			return err
		}
	}
	start := time.Now()
	for _, s := range r.Segments {
		p.rest = r.Seconds() - float64(s.Start)/1000
		if p.Realtime {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Until(start.Add(time.Duration(s.Start) * time.Millisecond))):
			}
		}
		if err := p.part(ctx, s.Path, &s, r); err != nil {
			return err
		}
		p.result.SecondsWatched += s.Seconds()
	}
	p.result.Verified = true
	return nil
}

// part writes one file out, from an earlier run where that had it.
func (p *player) part(ctx context.Context, path []string, s *Segment, r Rendition) error {
	kept := filepath.Join(append([]string{p.device.workDir(p.root), p.media.String()}, path...)...)
	data, err := os.ReadFile(kept)
	if errors.Is(err, os.ErrNotExist) {
		if data, err = p.fetch(ctx, path, maxSegment, s); err == nil {
			err = writeFile(kept, data)
		}
	}
	if err != nil {
		return err
	}
	if _, err := p.Out.Write(data); err != nil {
		return err
	}
	p.result.Bytes += int64(len(data))
	if p.Progress != nil && s != nil {
		paid, _ := p.view.sum()
		p.Progress(Progress{Seconds: float64(s.End) / 1000, Of: r.Seconds(), Bytes: p.result.Bytes, Spent: paid, Node: p.nodes[0].Info.Operator})
	}
	return nil
}

// fetch asks the nodes in order until one gives the bytes. One that fails goes to the end of the line.
func (p *player) fetch(ctx context.Context, path []string, limit int64, s *Segment) ([]byte, error) {
	var errs []error
	for range len(p.nodes) {
		node := p.nodes[0]
		data, err := p.fetchFrom(ctx, node, path, limit, s)
		if err == nil {
			p.result.Nodes[node.Info.Operator]++
			return data, nil
		}
		// neither a limit nor a fact about the content gets better elsewhere
		if ctx.Err() != nil || errors.Is(err, ErrSpendLimit) || errors.Is(err, nodeclient.ErrNoSuchFile) {
			return nil, err
		}
		errs = append(errs, fmt.Errorf("%s: %w", node.Endpoint(), err))
		p.result.Blamed = append(p.result.Blamed, node.Info.Operator)
		p.nodes = append(p.nodes[1:], node)
	}
	return nil, errors.Join(append([]error{ErrNoNode}, errs...)...)
}

// finish closes the sessions and drops what was kept, once all is written.
func (p *player) finish(ctx context.Context) {
	for _, payer := range p.payers {
		if err := payer.finish(ctx); err != nil {
			// the node settles by itself later: it holds the words
			continue
		}
	}
	paid, fees := p.view.sum()
	p.result.Spent, p.result.Fees = fmt.Sprintf("%d%s", paid, token.BaseDenom), fmt.Sprintf("%d%s", fees, token.BaseDenom)
	for _, n := range p.view.Ticks {
		p.result.Ticks += uint64(n)
	}
}

// Forget drops the bytes kept of a work that has been written whole.
func Forget(home, owner, root string) error {
	if owner == "" {
		owner = "anonymous"
	}
	entries, err := os.ReadDir(filepath.Join(home, owner, "works", root))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := os.RemoveAll(filepath.Join(home, owner, "works", root, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetchFrom asks one node, with what it takes to be let in.
func (p *player) fetchFrom(ctx context.Context, node nodeclient.Node, path []string, limit int64, s *Segment) ([]byte, error) {
	var cred nodeclient.Credentials
	account, err := sdk.AccAddressFromBech32(node.Info.Operator)
	if err != nil {
		return nil, err
	}
	if p.proof {
		if cred.Proof, err = p.sign(account, http.MethodGet); err != nil {
			return nil, err
		}
	}
	if p.metered == nil || s == nil || s.Start < int64(p.metered.PreviewSeconds)*1000 {
		data, _, err := node.File(ctx, p.media, path, limit, cred)
		return data, err
	}
	return p.payer(node, account).fetch(ctx, *s, func(pay string) ([]byte, string, error) {
		return node.File(ctx, p.media, path, limit, nodeclient.Credentials{Pay: pay})
	})
}

func (p *player) payer(node nodeclient.Node, account sdk.AccAddress) *payer {
	pay := p.payers[node.Info.Operator]
	if pay == nil {
		pay = &payer{
			chain: p.chain, device: p.device, node: node, budget: p.budget, root: p.root, operator: node.Info.Operator, account: account,
			price: p.metered.PricePerTick.Uint64(), tick: p.metered.TickSeconds,
		}
		p.payers[node.Info.Operator] = pay
	}
	// the first and the last tick may be begun only
	pay.ticks = uint32(p.rest/float64(pay.tick)) + 2
	return pay
}
