package project

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cosmos/gogoproto/proto"

	"github.com/streamchain/streamchain/indexer/store"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// genesisBatch is how many rows of a genesis one transaction takes: a large genesis must not fill the log twice over.
const genesisBatch = 20_000

// Genesis puts a genesis document into an empty index and moves the cursor to the height before the first block. A call that did not
// end leaves the cursor where it was; the index must be empty again before the next. What a genesis has is what is true then: payments
// that were shared out before it are not in it.
func (p *Projector) Genesis(ctx context.Context, s *store.Store, doc io.Reader) error {
	g := &genesis{Projector: p, ctx: ctx, s: s}
	if err := g.write(func(tx *store.Tx) error {
		at, err := tx.Height()
		if err == nil && at != -1 {
			err = fmt.Errorf("%w: the index is at block %d already", ErrGap, at)
		}
		if err == nil {
			_, err = tx.Exec("CREATE TABLE genesis_works (published_at INTEGER, version INTEGER, cid TEXT, data BLOB)")
		}
		return err
	}); err != nil {
		return fmt.Errorf("genesis: %w", err)
	}
	if err := g.read(doc); err != nil {
		return fmt.Errorf("genesis: %w", err)
	}
	if err := g.finish(); err != nil {
		return fmt.Errorf("genesis: %w", err)
	}
	return nil
}

// genesis is a document on its way into rows.
type genesis struct {
	*Projector
	ctx context.Context //nolint:containedctx // of one call
	s   *store.Store

	time        time.Time
	first       int64 // height of the first block
	clock       clocktypes.Clock
	creators    []contenttypes.Creator
	acceptances []revenuetypes.Acceptance
	proofs      []func(*run) error
	changed     changes
}

// write runs f in a transaction of its own.
func (g *genesis) write(f func(*store.Tx) error) error { return g.s.Write(g.ctx, f) }

// inBatches calls next until it says that it has ended, in transactions of genesisBatch calls.
func (g *genesis) inBatches(next func(*run) (more bool, err error)) error {
	for more := true; more; {
		if err := g.write(func(tx *store.Tx) error {
			r := &run{Projector: g.Projector, tx: tx, time: g.time.Unix(), day: g.time.Unix() / 86400, live: g.clock.LiveNanos / int64(time.Second), changed: g.changed}
			if r.live == 0 {
				r.live = r.time
			}
			for n := 0; n < genesisBatch && more; n++ {
				var err error
				if more, err = next(r); err != nil {
					return err
				}
				r.at.idx++
			}
			g.changed = r.changed
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// element is one value of a module's state: an element of a list, or a field whole.
type element struct {
	name string // module and field
	raw  json.RawMessage
}

// read walks the document and puts in what does not need all of it.
func (g *genesis) read(doc io.Reader) error {
	elements, errs := make(chan element, 64), make(chan error, 1)
	ctx, cancel := context.WithCancel(g.ctx)
	defer cancel()
	// rows have the genesis time: none is made before it is known
	headed := make(chan struct{})
	begin := sync.OnceFunc(func() { close(headed) })
	go func() {
		defer close(elements)
		defer begin()
		errs <- g.walk(begin, json.NewDecoder(doc), func(e element) error {
			select {
			case elements <- e:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	<-headed
	err := g.inBatches(func(r *run) (bool, error) {
		e, ok := <-elements
		if !ok {
			return false, nil
		}
		if err := genesisFields[e.name].put(g, r, e.raw); err != nil {
			return false, fmt.Errorf("%s: %w", e.name, err)
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return <-errs
}

// walk calls begin when it has read what stands before the state, and f for every value of the state that the index wants.
func (g *genesis) walk(begin func(), dec *json.Decoder, f func(element) error) error {
	begun := false
	return object(dec, func(key string) error {
		switch key {
		case "chain_id", "genesis_time", "initial_height":
			if begun {
				return fmt.Errorf("%s stands after app_state; a node gives it before: index from a node's RPC", key)
			}
			var v any
			if err := dec.Decode(&v); err != nil {
				return err
			}
			return g.header(key, fmt.Sprint(v))
		case "app_state":
			begun = true
			begin()
			return object(dec, func(module string) error {
				return object(dec, func(field string) error { return values(dec, module+"."+field, f) })
			})
		}
		var skip json.RawMessage
		return dec.Decode(&skip)
	})
}

func (g *genesis) header(key, value string) (err error) {
	switch key {
	case "genesis_time":
		g.time, err = time.Parse(time.RFC3339Nano, value)
	case "initial_height":
		g.first, err = strconv.ParseInt(value, 10, 64)
	}
	return err
}

// values calls f for a field, or for each of its elements.
func values(dec *json.Decoder, name string, f func(element) error) error {
	want, ok := genesisFields[name]
	var raw json.RawMessage
	if !ok || !want.list {
		if err := dec.Decode(&raw); err != nil || !ok || string(raw) == "null" {
			return err
		}
		return f(element{name, raw})
	}
	open, err := dec.Token()
	if err != nil || open == nil {
		return err
	}
	if open != json.Delim('[') {
		return fmt.Errorf("%s is no list", name)
	}
	for dec.More() {
		raw = nil
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		if err := f(element{name, raw}); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// object calls f with each key of an object, whose value f reads.
func object(dec *json.Decoder, f func(key string) error) error {
	open, err := dec.Token()
	if err != nil || open == nil {
		return err
	}
	if open != json.Delim('{') {
		return errors.New("it is no genesis document: an object was expected")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		name, ok := key.(string)
		if !ok {
			return errors.New("it is no genesis document: a key was expected")
		}
		if err := f(name); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// finish puts in what needs all of the document: creators and works in the order of their time.
func (g *genesis) finish() error {
	slices.SortFunc(g.creators, func(a, b contenttypes.Creator) int {
		return cmp.Or(cmp.Compare(a.RegisteredAt, b.RegisteredAt), cmp.Compare(a.Id, b.Id))
	})
	i := 0
	if err := g.inBatches(func(r *run) (bool, error) {
		if i == len(g.creators) {
			return false, nil
		}
		i++
		return true, r.putCreator(g.creators[i-1])
	}); err != nil {
		return err
	}
	// works compute their own
	g.changed.prices, g.changed.texts, g.changed.catalogs, g.changed.handles = nil, nil, nil, nil
	if err := g.works(); err != nil {
		return err
	}
	return g.write(func(tx *store.Tx) error {
		r := &run{Projector: g.Projector, tx: tx, time: g.time.Unix(), live: g.clock.LiveNanos / int64(time.Second), changed: g.changed}
		if r.live == 0 {
			r.live = r.time
		}
		for _, a := range g.acceptances {
			if err := r.derivationAccepted(&revenuetypes.EventDerivationAccepted{Work: a.Work, Parent: a.Parent}); err != nil {
				return err
			}
		}
		for _, f := range g.proofs {
			if err := f(r); err != nil {
				return err
			}
		}
		if err := r.settle(); err != nil {
			return err
		}
		for _, q := range []string{
			"UPDATE offers SET creator = COALESCE((SELECT creator FROM works WHERE root = subject), (SELECT creator FROM collections WHERE id = subject), '')",
			"DROP TABLE genesis_works",
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		at := max(g.first, 1) - 1
		if _, err := tx.Exec("INSERT INTO blocks (height, hash, app_hash, time, live, nanos, live_nanos, txs, events) VALUES (?, '', '', ?, ?, ?, ?, 0, 0)",
			at, g.time.Unix(), g.clock.LiveNanos/int64(time.Second), g.clock.BlockNanos, g.clock.LiveNanos); err != nil {
			return err
		}
		return tx.SetHeight(at)
	})
}

// works puts the staged works in, oldest first, so that their numbers follow their age.
func (g *genesis) works() error {
	if err := g.write(func(tx *store.Tx) error {
		_, err := tx.Exec("CREATE INDEX genesis_works_order ON genesis_works (published_at, version, cid)")
		return err
	}); err != nil {
		return err
	}
	last := staged{published: -1}
	for {
		done := false
		if err := g.write(func(tx *store.Tx) error {
			batch, err := nextStaged(tx, last)
			if err != nil {
				return err
			}
			if done = len(batch) == 0; done {
				return nil
			}
			last = batch[len(batch)-1]
			r := &run{Projector: g.Projector, tx: tx, time: g.time.Unix(), live: g.time.Unix()}
			for _, s := range batch {
				if err := g.work(r, s); err != nil {
					return fmt.Errorf("work %s: %w", s.cid, err)
				}
			}
			return r.settle()
		}); err != nil {
			return err
		}
		if done {
			return nil
		}
	}
}

type staged struct {
	published, version int64
	cid                string
	data               []byte
}

func nextStaged(tx *store.Tx, after staged) (batch []staged, err error) {
	err = tx.Each(`SELECT published_at, version, cid, data FROM genesis_works WHERE (published_at, version, cid) > (?, ?, ?) ORDER BY published_at, version, cid LIMIT ?`,
		[]any{after.published, after.version, after.cid, genesisBatch}, func(scan func(...any) error) error {
			var s staged
			if err := scan(&s.published, &s.version, &s.cid, &s.data); err != nil {
				return err
			}
			batch = append(batch, s)
			return nil
		})
	return batch, err
}

func (g *genesis) work(r *run, s staged) error {
	var w contenttypes.Work
	if err := proto.Unmarshal(s.data, &w); err != nil {
		return err
	}
	v := version{Work: w}
	if g.texts != nil {
		man, ok, err := g.texts.Manifest(w.Cid)
		if err != nil {
			return err
		}
		if ok {
			v.title, v.language, v.description, v.licence, v.tags = man.Title, man.Language, man.Description, man.Licence, man.Tags
		}
	}
	return r.putVersion(v)
}
