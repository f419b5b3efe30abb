package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/store"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
)

var (
	// ErrGap is returned for a block that does not follow the newest one that is in.
	ErrGap = errors.New("blocks are missing")
	// ErrFork is returned for a block that has another past than the rows.
	ErrFork = errors.New("the node's chain is not the one that was indexed: point to a node of that chain, or rebuild with `indexerd reindex`")
)

// Projector turns blocks of one chain into rows.
type Projector struct {
	enc   chainclient.Encoding
	texts Texts
}

// New makes a projector. texts may be nil.
func New(texts Texts) (*Projector, error) {
	enc, err := chainclient.NewEncoding(Modules...)
	if err != nil {
		return nil, err
	}
	return &Projector{enc: enc, texts: texts}, nil
}

// run is one block on its way into rows.
type run struct {
	*Projector
	tx     *store.Tx
	height int64
	time   int64 // of the header, Unix seconds
	day    int64
	live   int64 // x/clock's live time, Unix seconds
	at     place

	enacted []uint64 // enactments since the last proposal was closed
	passed  []share  // payments of the pass period that is being closed
	changed changes
}

// place is where an event is.
type place struct {
	idx  int64
	hash string // of the transaction, or empty
	body *body  // of the transaction, or nil
}

// Block puts one block into rows and moves the cursor. It must be the one after the cursor. Errors: ErrGap, ErrFork.
func (p *Projector) Block(tx *store.Tx, b chainclient.RawBlock) error {
	r := &run{Projector: p, tx: tx, height: b.Height, time: b.Time.Unix(), day: b.Time.Unix() / 86400}
	clock, err := r.follow(b)
	if err != nil {
		return err
	}
	r.live = clock.LiveNanos / int64(time.Second)
	if err := r.newDay(); err != nil {
		return r.wrap("", err)
	}
	begin, end := split(b.Events)
	if err := r.events(begin, place{}); err != nil {
		return err
	}
	for i, raw := range b.Txs {
		if err := r.transaction(i, raw); err != nil {
			return err
		}
	}
	if err := r.events(end, place{}); err != nil {
		return err
	}
	if err := r.settle(); err != nil {
		return r.wrap("", err)
	}
	if _, err := tx.Exec("INSERT INTO blocks (height, hash, app_hash, time, live, nanos, live_nanos, txs, events) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		b.Height, b.Hash, b.AppHash, r.time, r.live, clock.BlockNanos, clock.LiveNanos, len(b.Txs), r.at.idx); err != nil {
		return r.wrap("", err)
	}
	return tx.SetHeight(b.Height)
}

// follow checks that the block is the next one, and advances live time as x/clock does.
func (r *run) follow(b chainclient.RawBlock) (clocktypes.Clock, error) {
	at, err := r.tx.Height()
	if err != nil {
		return clocktypes.Clock{}, err
	}
	if b.Height != at+1 {
		return clocktypes.Clock{}, fmt.Errorf("%w: block %d came after block %d", ErrGap, b.Height, at)
	}
	var hash string
	var last clocktypes.Clock
	found, err := r.tx.Row("SELECT hash, nanos, live_nanos FROM blocks WHERE height = ?", []any{at}, &hash, &last.BlockNanos, &last.LiveNanos)
	switch {
	case err != nil:
		return last, err
	case !found:
		return last, fmt.Errorf("%w: block %d is the cursor and is not in; rebuild with `indexerd reindex`", ErrGap, at)
	case hash != "" && hash != b.LastHash: // the genesis has no hash
		return last, fmt.Errorf("%w: block %d comes after %s, the index has %s", ErrFork, b.Height, b.LastHash, hash)
	}
	if last.LiveNanos == 0 {
		return clocktypes.Clock{LiveNanos: b.Time.UnixNano(), BlockNanos: b.Time.UnixNano()}, nil
	}
	return last.Advance(b.Time.UnixNano()), nil
}

// split tells the events of a block's beginning from those of its end.
func split(events []abci.Event) (begin, end []abci.Event) {
	for i, e := range events {
		if attribute(e, "mode") == "EndBlock" {
			return events[:i], events[i:]
		}
	}
	return events, nil
}

func (r *run) events(events []abci.Event, at place) error {
	for _, e := range events {
		r.at.hash, r.at.body = at.hash, at.body
		if err := r.event(e); err != nil {
			return r.wrap(e.Type, err)
		}
		r.at.idx++
	}
	return nil
}

// event keeps one event and lets its handler change rows.
func (r *run) event(e abci.Event) error {
	if !strings.Contains(e.Type, ".") {
		if f := plain[e.Type]; f != nil {
			return f(r, e)
		}
		return nil // bookkeeping of the SDK
	}
	handle := handlers[e.Type]
	var msg proto.Message
	if handle != nil || sometimes[e.Type] {
		var err error
		if msg, err = sdk.ParseTypedEvent(typed(e)); err != nil {
			return fmt.Errorf("this program does not read it (is it older than the chain?): %w", err)
		}
	}
	if !private(e.Type, msg) {
		data, err := document(e)
		if err != nil {
			return err
		}
		if _, err := r.tx.Exec("INSERT INTO events (height, idx, tx, type, data) VALUES (?, ?, ?, ?, ?)", r.height, r.at.idx, r.at.hash, e.Type, data); err != nil {
			return err
		}
	}
	if handle == nil {
		return nil
	}
	return handle(r, msg)
}

// handler changes rows as an event says.
type handler func(*run, proto.Message) error

// handlers by the event's proto name. A type that is not here is kept raw.
var handlers = merge(creatorEvents, workEvents, collectionEvents, offerEvents, planEvents, passEvents, templateEvents, rightEvents, paymentEvents, holdEvents,
	supplyEvents, providerEvents, dealEvents, disputeEvents, governanceEvents, paramEvents, feedEvents)

// plain are handlers of the SDK's untyped events.
var plain = map[string]func(*run, abci.Event) error{
	"submit_proposal": (*run).proposalSubmitted, "proposal_deposit": (*run).proposalDeposit, "active_proposal": (*run).proposalClosed,
	"inactive_proposal": (*run).proposalDropped, "cancel_proposal": (*run).proposalCancelled, "burn": (*run).burned,
}

func merge(all ...map[string]handler) map[string]handler {
	out := map[string]handler{}
	for _, m := range all {
		for name, h := range m {
			if out[name] != nil {
				panic("two handlers of " + name)
			}
			out[name] = h
		}
	}
	return out
}

// on makes a table of one handler.
func on[E proto.Message](f func(*run, E) error) (string, handler) {
	var e E
	return proto.MessageName(e), func(r *run, m proto.Message) error {
		typed, ok := m.(E)
		if !ok {
			return fmt.Errorf("%T is not %s", m, proto.MessageName(e))
		}
		return f(r, typed)
	}
}

// table collects handlers.
type table map[string]handler

func (t table) add(name string, h handler) table {
	t[name] = h
	return t
}

func (r *run) wrap(event string, err error) error {
	where := fmt.Sprintf("block %d", r.height)
	if event != "" {
		where = fmt.Sprintf("event %d.%d (%s)", r.height, r.at.idx, event)
	}
	if r.at.hash != "" {
		where += " of transaction " + r.at.hash
	}
	return fmt.Errorf("%s: %w", where, err)
}

// added are attributes that the app adds to typed events.
func added(key string) bool { return key == "mode" || key == "msg_index" }

// typed is the event as its module emitted it.
func typed(e abci.Event) abci.Event {
	attrs := make([]abci.EventAttribute, 0, len(e.Attributes))
	for _, a := range e.Attributes {
		if !added(a.Key) {
			attrs = append(attrs, a)
		}
	}
	return abci.Event{Type: e.Type, Attributes: attrs}
}

// document is the event as JSON: attributes of typed events are JSON values; what is none is a text.
func document(e abci.Event) (string, error) {
	out := map[string]json.RawMessage{}
	for _, a := range e.Attributes {
		if added(a.Key) {
			continue
		}
		raw := json.RawMessage(a.Value)
		if !json.Valid(raw) {
			text, err := json.Marshal(a.Value)
			if err != nil {
				return "", err
			}
			raw = text
		}
		out[a.Key] = raw
	}
	return marshal(out)
}

func attribute(e abci.Event, key string) string {
	for _, a := range e.Attributes {
		if a.Key == key {
			return a.Value
		}
	}
	return ""
}
