package project_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/project"
	"github.com/streamchain/streamchain/indexer/store"
)

// bench is an empty index and a chain that a test writes block by block.
type bench struct {
	*testing.T
	s      *store.Store
	p      *project.Projector
	height int64
	time   time.Time
	txs    []chainclient.RawTx
	end    []abci.Event
}

const genesisTime = 1_795_600_000

func newBench(t *testing.T, appState string) *bench {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	p, err := project.New(nil)
	require.NoError(t, err)
	b := &bench{T: t, s: s, p: p, time: time.Unix(genesisTime, 0)}
	if appState == "" {
		appState = "{}"
	}
	doc := fmt.Sprintf(`{"app_name":"x","genesis_time":%q,"initial_height":1,"app_state":%s}`, b.time.UTC().Format(time.RFC3339), appState)
	require.NoError(t, p.Genesis(t.Context(), s, strings.NewReader(doc)))
	return b
}

func event(t testing.TB, e proto.Message, attrs ...string) abci.Event {
	t.Helper()
	typed, err := sdk.TypedEventToEvent(e)
	require.NoError(t, err)
	out := abci.Event(typed)
	for i := 0; i < len(attrs); i += 2 {
		out.Attributes = append(out.Attributes, abci.EventAttribute{Key: attrs[i], Value: attrs[i+1]})
	}
	return out
}

// tx adds a transaction with the events of what it did, and returns its hash.
func (b *bench) tx(msgs []proto.Message, events ...proto.Message) string {
	b.Helper()
	var body txtypes.TxBody
	for _, m := range msgs {
		any, err := codectypes.NewAnyWithValue(m)
		require.NoError(b, err)
		body.Messages = append(body.Messages, any)
	}
	rawBody, err := proto.Marshal(&body)
	require.NoError(b, err)
	raw, err := proto.Marshal(&txtypes.TxRaw{BodyBytes: rawBody})
	require.NoError(b, err)
	tx := chainclient.RawTx{Hash: fmt.Sprintf("%062d%02d", b.height+1, len(b.txs)), Bytes: raw}
	for _, e := range events {
		tx.Events = append(tx.Events, event(b, e, "msg_index", "0"))
	}
	b.txs = append(b.txs, tx)
	return tx.Hash
}

// ends adds events of the block's end.
func (b *bench) ends(events ...proto.Message) {
	b.Helper()
	for _, e := range events {
		b.end = append(b.end, event(b, e, "mode", "EndBlock"))
	}
}

func (b *bench) next(wait time.Duration) chainclient.RawBlock {
	b.time = b.time.Add(wait)
	block := chainclient.RawBlock{Height: b.height + 1, Time: b.time, Hash: fmt.Sprintf("H%d", b.height+1), LastHash: fmt.Sprintf("H%d", b.height), Txs: b.txs, Events: b.end}
	b.txs, b.end = nil, nil
	return block
}

func (b *bench) put(block chainclient.RawBlock) error {
	return b.s.Write(context.Background(), func(tx *store.Tx) error { return b.p.Block(tx, block) })
}

// commit puts the drafted block in.
func (b *bench) commit(wait ...time.Duration) {
	b.Helper()
	d := time.Second
	if len(wait) > 0 {
		d = wait[0]
	}
	require.NoError(b, b.put(b.next(d)))
	b.height++
}

// fails requires that the drafted block is refused whole.
func (b *bench) fails(with string) {
	b.Helper()
	before, err := b.s.Digest(b.Context())
	require.NoError(b, err)
	require.ErrorContains(b, b.put(b.next(time.Second)), with)
	after, err := b.s.Digest(b.Context())
	require.NoError(b, err)
	require.Equal(b, before, after)
}

// rows answers a query as JSON lines.
func (b *bench) rows(query string, args ...any) string {
	b.Helper()
	rows, err := b.s.Read().Query(query, args...)
	require.NoError(b, err)
	defer rows.Close()
	cols, err := rows.Columns()
	require.NoError(b, err)
	var out bytes.Buffer
	for rows.Next() {
		values, dest := make([]any, len(cols)), make([]any, len(cols))
		for i := range values {
			dest[i] = &values[i]
		}
		require.NoError(b, rows.Scan(dest...))
		line := make([]string, len(values))
		for i, v := range values {
			line[i] = fmt.Sprint(v)
		}
		fmt.Fprintln(&out, strings.Join(line, "|"))
	}
	require.NoError(b, rows.Err())
	return strings.TrimSuffix(out.String(), "\n")
}

func TestGapsAndForksAreRefused(t *testing.T) {
	b := newBench(t, "")
	b.commit()
	b.commit()
	gap := b.next(time.Second)
	gap.Height++
	require.ErrorIs(t, b.put(gap), project.ErrGap)
	again := b.next(time.Second)
	again.Height = 2
	require.ErrorIs(t, b.put(again), project.ErrGap)
	fork := b.next(time.Second)
	fork.LastHash = "other"
	require.ErrorIs(t, b.put(fork), project.ErrFork)
	b.commit()
	require.Equal(t, "0|\n1|H1\n2|H2\n3|H3", b.rows("SELECT height, hash FROM blocks"))
}

// Live time does not follow a halt, as x/clock's.
func TestLiveTime(t *testing.T) {
	b := newBench(t, "")
	b.commit(time.Hour)
	b.commit(10 * time.Second)
	b.commit(24 * time.Hour)
	start := int64(genesisTime + 3600)
	require.Equal(t, fmt.Sprintf("%d\n%d\n%d", start, start+10, start+70), b.rows("SELECT live FROM blocks WHERE height > 0"))

	b = newBench(t, fmt.Sprintf(`{"clock":{"clock":{"live_nanos":"%d","block_nanos":"%d"}}}`, int64(genesisTime-1000)*1_000_000_000, int64(genesisTime-500)*1_000_000_000))
	b.commit(10 * time.Second)
	require.Equal(t, fmt.Sprint(genesisTime-1000+60), b.rows("SELECT live FROM blocks WHERE height > 0"))
}

func TestWhatIsUnknownIsKept(t *testing.T) {
	b := newBench(t, "")
	hash := b.tx(nil)
	raw, err := proto.Marshal(&txtypes.TxBody{Messages: []*codectypes.Any{{TypeUrl: "/streamchain.future.v1.MsgX", Value: []byte{1, 2}}}})
	require.NoError(t, err)
	b.txs[0].Bytes, err = proto.Marshal(&txtypes.TxRaw{BodyBytes: raw})
	require.NoError(t, err)
	b.txs[0].Events = []abci.Event{
		{Type: "transfer", Attributes: []abci.EventAttribute{{Key: "amount", Value: "1ustream"}}},
		{Type: "streamchain.future.v1.EventX", Attributes: []abci.EventAttribute{{Key: "b", Value: `{"c":"1"}`}, {Key: "a", Value: "plain"}, {Key: "msg_index", Value: "0"}}},
	}
	b.commit()
	require.Equal(t, "1|1|"+hash+`|streamchain.future.v1.EventX|{"a":"plain","b":{"c":"1"}}`, b.rows("SELECT height, idx, tx, type, data FROM events"))
	require.Equal(t, hash+"|0|/streamchain.future.v1.MsgX|[1 2]", b.rows("SELECT * FROM unknown_messages"))
	require.Equal(t, `["/streamchain.future.v1.MsgX"]`, b.rows("SELECT messages FROM txs"))
}

// A type that the program knows and that does not fit stops it: nothing of the block is in.
func TestWhatDoesNotFitStops(t *testing.T) {
	for name, attrs := range map[string][]abci.EventAttribute{
		"of another form":            {{Key: "creator", Value: `{"id":1}`}},
		"about what is not there":    {{Key: "creator", Value: `"streamcreator1x"`}, {Key: "handle", Value: `"x"`}, {Key: "deposit", Value: `"1"`}, {Key: "returned", Value: `"0"`}},
		"of a work that no tx makes": nil,
	} {
		b := newBench(t, "")
		b.tx(nil)
		e := abci.Event{Type: "streamchain.content.v1.EventHandleSet", Attributes: attrs}
		if attrs == nil {
			e = event(t, published(film, "alice"))
		}
		b.txs[0].Events = []abci.Event{e}
		b.fails("event 1.0 (" + e.Type + ")")
		_ = name
	}
}

// A transaction that failed in one block can be in a later one again.
func TestFailedThenIncluded(t *testing.T) {
	b := newBench(t, "")
	b.tx(nil, published(film, "alice"))
	b.txs[0].Code, b.txs[0].Log, b.txs[0].Hash = 5, "no", "h"
	b.commit()
	require.Equal(t, "1|5|no", b.rows("SELECT height, code, log FROM txs"))
	require.Empty(t, b.rows("SELECT root FROM works"), "what failed changed nothing")
	b.tx(nil)
	b.txs[0].Hash = "h"
	b.commit()
	require.Equal(t, "2|0|", b.rows("SELECT height, code, log FROM txs"))
}

func TestBytesThatAreNoTransaction(t *testing.T) {
	b := newBench(t, "")
	b.tx(nil)
	b.txs[0].Bytes, b.txs[0].Code = []byte{0xff, 1}, 2
	b.commit()
	require.Equal(t, "2|[]", b.rows("SELECT code, messages FROM txs"))
	b.tx(nil)
	b.txs[0].Bytes = []byte{0xff, 1}
	b.fails("transaction")
}
