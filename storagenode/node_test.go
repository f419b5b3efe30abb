package storagenode_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

func config(t *testing.T) storagenode.Config {
	t.Helper()
	c := storagenode.DefaultConfig()
	c.Home, c.Identity.Operator = t.TempDir(), nodetest.Address("op")
	c.Offer.Endpoint, c.HTTP.Listen = "http://127.0.0.1:1", "127.0.0.1:0"
	c.Storage.Capacity, c.Storage.MaxUpload = 64<<20, 32<<20
	c.Payment.SettleEvery, c.Payment.LaneLinger = storagenode.Duration{Duration: 50 * time.Millisecond}, storagenode.Duration{Duration: 300 * time.Millisecond}
	c.Payment.SettleAtLeast = 1
	return c
}

func newChain() *nodetest.Chain {
	key, _ := nodetest.Account("agent")
	c := nodetest.NewChain(nodetest.Address("op"), nodetest.Address("agent"))
	c.AgentKey = key
	return c
}

// start runs a node until stop is called.
func start(t *testing.T, cfg storagenode.Config, chain *nodetest.Chain) (n *storagenode.Node, url string, stop func()) {
	t.Helper()
	n, err := storagenode.New(context.Background(), cfg, chain, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	at, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() { done <- n.Run(ctx, func(a net.Addr) { at <- a }) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			require.NoError(t, <-done)
		}
	}
	t.Cleanup(stop)
	return n, "http://" + (<-at).String(), stop
}

func get(t *testing.T, url string) (int, []byte) {
	t.Helper()
	res, err := http.Get(url)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, body
}

// The main job of a node: a creator uploads, a deal is accepted, a viewer pays and watches, all is settled, the rest
// returns; and it all stands after a restart.
func TestMainJob(t *testing.T) {
	chain, cfg := newChain(), config(t)
	_, url, stop := start(t, cfg, chain)
	b := dagtest.New(t)
	media, cover := b.Presentation(1)
	car, root := b.Piece(media, cover)
	id := nodetest.WorkID("song")
	alice, _ := nodetest.Account("alice")
	chain.Creators[nodetest.Address("alice")] = "streamcreator1alice"

	c := nodeclient.New(http.DefaultClient, url)
	_, op := nodetest.Account("op")
	require.NoError(t, c.Upload(context.Background(), root, bytes.NewReader(car), int64(len(car)), func() (string, error) {
		u := wire.Upload{Piece: root, Size: uint64(len(car)), Expires: time.Now().Unix() + 60, PubKey: alice.PubKey().Bytes()}
		sig, err := alice.Sign(u.SignBytes(nodetest.ChainID, op))
		u.Signature = sig
		return u.String(), err
	}, func(int64) {}))

	viewer, key, now := nodetest.Address("viewer"), nodetest.SessionKey("viewer"), chain.Now()
	chain.Decide("", id, nodetest.Metered(10, 4))
	chain.Grant(viewer, key, streamtypes.SESSION_KEY_SCOPE_PAYMENT)
	chain.Mu.Lock()
	chain.Escrows[viewer] = math.NewInt(1_000_000)
	chain.Works[id] = contenttypes.Work{Cid: id, Root: id, Creator: "streamcreator1alice", Media: media.String(), Cover: cover.String(), PieceRoot: root[:], PieceSize: uint64(len(car)), DurationSeconds: 20}
	chain.DealRows[id+"/"+chain.Operator] = storagetypes.Deal{Work: id, Root: id, Operator: chain.Operator, Status: storagetypes.DEAL_STATUS_REQUESTED, RequestedAt: now, ExpiresAt: now + 600}
	chain.Mu.Unlock()
	chain.Changed <- struct{}{}
	require.Eventually(t, func() bool { code, _ := get(t, url+"/ipfs/"+media.String()+"/master.m3u8"); return code == 200 }, 10*time.Second, 10*time.Millisecond)

	watch(t, c, chain, media, id, now)
	require.Eventually(t, func() bool { chain.Mu.Lock(); defer chain.Mu.Unlock(); return len(chain.Lanes) == 0 }, 10*time.Second, 20*time.Millisecond)
	chain.Mu.Lock()
	require.Equal(t, int64(1_000_000-10*20), chain.Escrows[viewer].Int64(), "twenty seconds at ten")
	chain.Mu.Unlock()

	// the step that settled counts once it is over
	require.Eventually(t, func() bool {
		_, body := get(t, url+"/metrics")
		return strings.Contains(string(body), "storaged_works 1") && strings.Contains(string(body), "storaged_settled_base_units_total 200")
	}, 10*time.Second, 10*time.Millisecond)
	stop()
	_, url, _ = start(t, cfg, chain)
	code, _ := get(t, url+"/ipfs/"+cover.String())
	require.Equal(t, 200, code, "all of it is there after a restart")
}

// A node commits when it starts, proves when a period opens, and says so.
func TestProving(t *testing.T) {
	chain, cfg := newChain(), config(t)
	b := dagtest.New(t)
	media, cover := b.Presentation(1)
	car, root := b.Piece(media, cover)
	id := nodetest.WorkID("song")
	alice, _ := nodetest.Account("alice")
	_, op := nodetest.Account("op")
	chain.Creators[nodetest.Address("alice")] = "streamcreator1alice"
	chain.Works[id] = contenttypes.Work{Cid: id, Root: id, Creator: "streamcreator1alice", Media: media.String(), Cover: cover.String(), PieceRoot: root[:], PieceSize: uint64(len(car)), DurationSeconds: 20}
	chain.DealRows[id+"/"+chain.Operator] = storagetypes.Deal{Work: id, Root: id, Operator: chain.Operator, Status: storagetypes.DEAL_STATUS_REQUESTED, RequestedAt: chain.Live, ExpiresAt: chain.Live + 600}
	_, url, stop := start(t, cfg, chain)
	require.NoError(t, nodeclient.New(http.DefaultClient, url).Upload(context.Background(), root, bytes.NewReader(car), int64(len(car)), func() (string, error) {
		u := wire.Upload{Piece: root, Size: uint64(len(car)), Expires: time.Now().Unix() + 60, PubKey: alice.PubKey().Bytes()}
		sig, err := alice.Sign(u.SignBytes(nodetest.ChainID, op))
		u.Signature = sig
		return u.String(), err
	}, func(int64) {}))
	seen := func(what string) {
		t.Helper()
		require.Eventually(t, func() bool { _, body := get(t, url+"/metrics"); return strings.Contains(string(body), what) }, 10*time.Second, 20*time.Millisecond, what)
	}
	seen("storaged_works 1\n")
	require.Eventually(t, func() bool { chain.Mu.Lock(); defer chain.Mu.Unlock(); return len(chain.Game.State.NextBeacon) == 32 }, 10*time.Second, 10*time.Millisecond)
	leaves := []storagetypes.Challenge{{Work: id}, {Work: id, Offset: 4096}}
	chain.OpenPeriod(leaves...)
	chain.Changed <- struct{}{}
	seen("storaged_proofs_sent_total 1\n")
	seen("storaged_challenges_answered_total 2\n")
	stop()
	// another process goes on where this one stopped
	_, url, _ = start(t, cfg, chain)
	chain.Pass(30)
	chain.OpenPeriod(leaves...)
	chain.Changed <- struct{}{}
	seen("storaged_proofs_sent_total 1\n")
	chain.Mu.Lock()
	require.EqualValues(t, 2, chain.Game.State.Proven)
	require.Zero(t, chain.Game.Refused)
	chain.Mu.Unlock()
	chain.Pass(30)
	seen("storaged_proofs_proven 2\n")
	// where nobody has the damaged bytes, nothing is sent early, and it is said once
	var blocks []string
	require.NoError(t, filepath.WalkDir(filepath.Join(cfg.Home, "data", "blocks"), func(path string, e os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".data") {
			blocks = append(blocks, path)
		}
		return err
	}))
	for _, b := range blocks {
		require.NoError(t, os.WriteFile(b, []byte("rot"), 0o600))
	}
	chain.OpenPeriod(leaves...)
	chain.Changed <- struct{}{}
	seen("storaged_proofs_owed 2\n")
	seen(`storaged_failed_steps_total{step="prove"} 1` + "\n")
	chain.Mu.Lock()
	require.NotContains(t, chain.Game.Ended, id)
	chain.Mu.Unlock()
	seen("storaged_bond_ustream 1000\n")
	seen("storaged_misses_of_14 0\n")
}

// watch pays for and fetches every segment of a rendition.
func watch(t *testing.T, c *nodeclient.Client, chain *nodetest.Chain, media cid.Cid, work string, now int64) {
	t.Helper()
	ctx := context.Background()
	viewer, key := nodetest.Address("viewer"), nodetest.SessionKey("viewer")
	i := nodetest.Intent(viewer, chain.Operator, 1, 20_000, now+60, now+3600, key)
	s, words := nodetest.Session(viewer, chain.Operator, work, 1, 1, 10, 60, now+3600, key)
	res, err := c.Open(ctx, wire.OpenRequest{
		Lane: &wire.LaneIntent{ChainID: i.ChainId, EscrowOwner: i.EscrowOwner, Denom: i.Denom, Provider: i.Provider, Generation: i.Generation, Cap: i.Cap, SubmitBy: i.SubmitBy, Expires: i.Expires, PubKey: i.Pubkey, Signature: i.Signature},
		Session: &wire.Session{ChainID: s.ChainId, EscrowOwner: s.EscrowOwner, Denom: s.Denom, Provider: s.Provider, Generation: s.Generation, Session: s.Session, Work: s.Work,
			PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds, MaxTicks: s.MaxTicks, Root: s.Root, Expires: s.Expires, PubKey: s.Pubkey, Signature: s.Signature},
	})
	require.NoError(t, err)
	sid, err := wire.ParseSessionID(res.Session.ID)
	require.NoError(t, err)
	paid := uint32(0)
	for seg := range dagtest.Segments {
		path := []string{"v1", "seg" + string(rune('0'+seg)) + ".m4s"}
		if seg > 0 { // the first is a preview
			paid += 4
		}
		data, _, err := c.File(ctx, media, path, 1<<20, nodeclient.Credentials{Pay: wire.Payment{Session: sid, N: paid, Word: words.Word(paid)}.String()})
		require.NoError(t, err, "segment %d", seg)
		require.Len(t, data, 1+3000+100+seg)
	}
	_, _, err = c.File(ctx, media, []string{"v0", "seg1.m4s"}, 1<<20, nodeclient.Credentials{})
	var p *wire.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, wire.PaymentRequired, p.Slug)
	last := words.Word(20)
	require.NoError(t, c.CloseSession(ctx, sid, &wire.PayRequest{N: 20, Word: last[:]}))
}

func TestInfoAndHealth(t *testing.T) {
	chain, cfg := newChain(), config(t)
	n, url, _ := start(t, cfg, chain)
	info, err := nodeclient.New(http.DefaultClient, url).Info(context.Background())
	require.NoError(t, err)
	require.Equal(t, nodetest.ChainID, info.ChainID)
	require.Equal(t, chain.Operator, info.Operator)
	require.Equal(t, nodetest.Address("agent"), info.Agent)
	require.Equal(t, "10", info.PricePerGiBDay, "the chain's price counts")
	require.EqualValues(t, 64<<20, info.Free)
	require.Equal(t, "10000", info.Lanes.MinCap)
	code, _ := get(t, url+"/v1/health")
	require.Equal(t, 200, code)
	chain.Mu.Lock()
	chain.Tip = 2 * time.Minute
	chain.Mu.Unlock()
	code, body := get(t, url+"/v1/health")
	require.Equal(t, 503, code)
	var h wire.Health
	require.NoError(t, json.Unmarshal(body, &h))
	require.Equal(t, []string{wire.ChainBehind}, h.Reasons)
	require.False(t, n.Health().OK)
	code, body = get(t, url+"/nothing")
	require.Equal(t, 404, code)
	require.Equal(t, wire.NotFound, wire.ReadProblem(code, body).Slug)
}

func TestOneNodeAHome(t *testing.T) {
	chain, cfg := newChain(), config(t)
	start(t, cfg, chain)
	_, err := storagenode.New(context.Background(), cfg, chain, slog.Default())
	require.Error(t, err)
}

func TestConfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	c := storagenode.DefaultConfig()
	c.Identity.Operator, c.Offer.Endpoint = nodetest.Address("op"), "https://node.example.org"
	require.NoError(t, os.WriteFile(path, []byte(c.Text()), 0o600))
	got, err := storagenode.LoadConfig(path)
	require.NoError(t, err)
	require.Equal(t, c, got, "what is written is what is read")
	for what, change := range map[string][2]string{
		"unknown key":  {"[deals]", "[deals]\nspeed = 3"},
		"operator":     {c.Identity.Operator, "stream1x"},
		"endpoint":     {"https://node.example.org", "ftp://x"},
		"size":         {`"100GiB"`, `"many"`},
		"max upload":   {`"64GiB"`, `"200GiB"`},
		"price":        {`"0.001stream"`, `"cheap"`},
		"duration":     {`"10m0s"`, `"10"`},
		"listen":       {`"0.0.0.0:8080"`, `"nowhere"`},
		"zero seconds": {`settle_every = "10m0s"`, `settle_every = "0s"`},
	} {
		text := strings.Replace(c.Text(), change[0], change[1], 1)
		require.NotEqual(t, c.Text(), text, what)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := storagenode.LoadConfig(path)
		require.ErrorIs(t, err, storagenode.ErrConfig, what)
	}
}
