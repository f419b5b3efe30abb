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
	"sync"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var (
	// ErrPayment says that the work is not free for this viewer, and what it takes.
	ErrPayment = errors.New("the work has to be paid for")
	// ErrNoNode says that no storage node that keeps the work answers.
	ErrNoNode = nodeclient.ErrNoNode
	// ErrUnsupported says that the work is nothing that can be fetched.
	ErrUnsupported = errors.New("the work has neither a playlist nor a file")
	// ErrSeveralFiles says that the work has more files than one, and what they are called.
	ErrSeveralFiles = errors.New("the work has several files: say which")
	// ErrMeteredFile says that the work could be paid by the tick only, and has no ticks.
	ErrMeteredFile = errors.New("a file that does not play cannot be paid by the tick: buy the work, or subscribe to it")
)

// Options say what to watch and what it may cost.
type Options struct {
	Work         string
	Path         string    // the file to fetch of a work that has several and no playlist
	Home         string    // folder of session keys and what was watched, kept between runs
	Out          io.Writer // receives the media as one fragmented MP4, or the file as it is
	MaxSpend     uint64    // base units, fees included; 0 watches only what is granted
	Realtime     bool      // not faster than it plays
	Quality      Quality   // of what is played
	AllowPrivate bool      // dial nodes on private addresses: local networks only
	Private      bool      // prove to nobody what is watched: nothing of it stands on the chain, and no serving budget pays for it
	Progress     func(Progress)
}

// Progress tells how far a watch is.
type Progress struct {
	Seconds, Of float64 // of media; 0 of a file that does not play
	Bytes       int64
	Spent       uint64   // base units
	Node        string   // operator that gave most of what came last
	Blamed      []string // operators of nodes that failed so far
}

// Result is what was watched and what it cost, over all runs that it took.
type Result struct {
	Work           string            `json:"work"` // root
	Version        string            `json:"version"`
	GrantedBy      string            `json:"granted_by"` // free, purchase, plan, pass, creator or metered
	SecondsWatched float64           `json:"seconds_watched"`
	Bytes          int64             `json:"bytes"`
	Verified       bool              `json:"verified"`                 // every byte matched the work's id
	Ticks          uint64            `json:"ticks"`                    // signed for: the most that nodes can settle
	Spent          string            `json:"spent"`                    // for ticks; less is settled where a node died before it got a word
	Fees           string            `json:"fees"`                     // for opening lanes
	Proved         uint64            `json:"proved_seconds,omitempty"` // to nodes, which the work's serving budget pays for them
	Nodes          map[string]int    `json:"nodes"`                    // files by operator, of this run; one that several gave counts for each
	Blamed         []string          `json:"blamed,omitempty"`         // operators of nodes that failed, lied or fell silent
	Stats          []nodeclient.Stat `json:"node_stats,omitempty"`     // what each node did in this run
	Keys           *Keys             `json:"keys,omitempty"`           // of an encrypted work
}

// Keys say how an encrypted work's keys were got in this run.
type Keys struct {
	Windows   int `json:"windows"`   // that were opened, by keys of holders or what an earlier run had paid for
	Threshold int `json:"threshold"` // holders that it takes
	Holders   int `json:"holders"`   // that there are
	// Used counts, by operator, the windows that a holder helped to open.
	Used map[string]int `json:"used,omitempty"`
	// Liars are the operators of holders whose answers were false, which their answers prove.
	Liars []string `json:"liars,omitempty"`
}

// player is one run.
type player struct {
	Options
	chain   escrows
	device  *device
	fetch   *nodeclient.Fetcher
	media   cid.Cid
	root    string
	metered *subscriptiontypes.MeteredOffer
	pass    string // through which the viewer gets in; empty for other ways
	proof   bool   // the viewer is known to the node by its session key
	budget  *budget
	uses    *proofsOfUse // nil where nothing is proved
	result  *Result
	node    string // that gave most of what came last
	http    *http.Client

	holders       keyclient.Chain    // who finds the holders of keys
	encrypted     *contenttypes.Work // the first version of an encrypted work, as which holders know it; else nil
	windowSeconds uint32             // what a key opens of this version; 0 of one that is not encrypted
	keys          *keyring           // of an encrypted work

	mu     sync.Mutex
	payers map[string]*payer
	proofs map[string]proof
}

// Watch fetches the work whole, verified and decrypted, and writes it to Options.Out. A run that was stopped is
// continued by calling it again: what was fetched is kept, what was paid is not paid again. With an error, the result
// tells how far it came, unless it is nil.
func Watch(ctx context.Context, client *chainclient.Client, signer chainclient.Signer, opt Options) (*Result, error) {
	p, endpoints, err := find(ctx, client, signer, opt)
	if err != nil {
		return nil, err
	}
	return p.run(ctx, endpoints)
}

// find asks the chain what the work is, whether the viewer may watch it, and who keeps it.
func find(ctx context.Context, client *chainclient.Client, signer chainclient.Signer, opt Options) (*player, map[string]string, error) {
	c := chain{client, signer}
	p := newPlayer(opt, c, keyclient.OnChain{Client: client})
	head, root, err := c.work(ctx, opt.Work)
	if err != nil {
		return nil, nil, err
	}
	if err := p.is(head, root); err != nil {
		return nil, nil, err
	}
	decision, err := c.access(ctx, p.root)
	if err != nil {
		return nil, nil, err
	}
	if err := p.admission(decision); err != nil {
		return nil, nil, err
	}
	endpoints, err := c.endpoints(ctx, head.Cid)
	return p, endpoints, err
}

// is takes up what the work is.
func (p *player) is(head, root contenttypes.Work) (err error) {
	p.root = root.Cid
	p.result = &Result{Work: root.Cid, Version: head.Cid, Nodes: map[string]int{}}
	if root.Keys != nil && head.Keys != nil {
		p.encrypted, p.windowSeconds = &root, head.Keys.WindowSeconds
	}
	if p.media, err = cid.Decode(head.Media); err != nil {
		return fmt.Errorf("media of %s: %w", head.Cid, err)
	}
	return nil
}

// run fetches the work from the nodes at endpoints, which are by URL their operators.
func (p *player) run(ctx context.Context, endpoints map[string]string) (*Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := p.begin(ctx, endpoints); err != nil {
		return nil, err
	}
	defer p.device.close()
	err := p.play(ctx)
	p.finish(ctx)
	return p.result, err
}

// begin opens what the viewer has of the work, and finds nodes. ctx is that of all that follows.
func (p *player) begin(ctx context.Context, endpoints map[string]string) (err error) {
	owner := p.chain.account().String()
	if owner == "" {
		owner = "anonymous"
	}
	if p.device, err = openDevice(ctx, p.Home, owner); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.device.close())
		}
	}()
	if err := p.remember(); err != nil {
		return err
	}
	if p.proof {
		if err := p.chain.prepare(ctx, p.device.pubkey(), 0); err != nil {
			return err
		}
	}
	p.uses = p.newUses(ctx)
	if p.encrypted != nil {
		p.keys = p.newKeyring(ctx, *p.encrypted)
	}
	return p.findNodes(ctx, endpoints)
}

func newPlayer(opt Options, c escrows, holders keyclient.Chain) *player {
	return &player{
		Options: opt, chain: c, holders: holders, http: nodeclient.NewHTTP(opt.AllowPrivate), payers: map[string]*payer{}, proofs: map[string]proof{},
	}
}

// remember takes up what earlier runs left of the work.
func (p *player) remember() error {
	view, err := p.device.loadView(p.root)
	if err != nil {
		return err
	}
	p.budget = &budget{limit: p.MaxSpend, view: view, save: func() error { return p.device.saveView(p.root, view) }}
	p.fetch = &nodeclient.Fetcher{
		Pool:  nodeclient.NewPool(p.book().Scores(time.Now())),
		Cache: blocks{p.cacheDir()},
	}
	return nil
}

// cacheDir is where what was fetched of this version is kept until it has been written whole.
func (p *player) cacheDir() string { return filepath.Join(p.device.workDir(p.root), p.media.String()) }

// book is where the scores of nodes are kept, for all accounts of the home.
func (p *player) book() *nodeclient.Book {
	return nodeclient.OpenBook(filepath.Join(p.Home, "nodes.json"))
}

// admission decides how the viewer gets in: by right, or by the tick.
func (p *player) admission(d subscriptiontypes.AccessDecision) error {
	if d.Granted {
		p.result.GrantedBy = strings.ToLower(strings.TrimPrefix(d.By.String(), "ACCESS_BY_"))
		p.pass = d.Pass
		p.proof = d.By != subscriptiontypes.ACCESS_BY_FREE
		return nil
	}
	if d.Metered != nil && p.MaxSpend > 0 && p.chain.account() != nil {
		p.metered, p.result.GrantedBy = d.Metered, "metered"
		return nil
	}
	return fmt.Errorf("%w: %s", ErrPayment, whatItTakes(d))
}

// finish closes the sessions and notes what the run was.
func (p *player) finish(ctx context.Context) {
	// a dead node is not waited for; a watch that was stopped goes on with the same sessions later
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var wg sync.WaitGroup
	for _, payer := range p.payers {
		wg.Go(func() {
			// where it fails the node settles by itself later: it holds the words
			_ = payer.finish(ctx)
		})
	}
	wg.Wait()
	p.result.Proved = p.uses.finish(ctx)
	// a hint for the next run, nothing that this one could fail for
	_ = p.book().Save(p.fetch.Pool.Scores(), time.Now())
	p.result.Blamed, p.result.Stats = p.fetch.Pool.Blamed(), p.fetch.Pool.Stats()
	paid, fees := p.budget.spent()
	p.result.Spent, p.result.Fees = fmt.Sprintf("%d%s", paid, token.BaseDenom), fmt.Sprintf("%d%s", fees, token.BaseDenom)
	p.result.Ticks = p.budget.ticks()
	if p.keys != nil {
		r := p.keys.client.Report()
		p.result.Keys = &Keys{Windows: int(p.keys.opened.Load()), Threshold: r.Threshold, Holders: r.Holders, Used: r.Used, Liars: r.Liars}
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
