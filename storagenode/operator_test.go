package storagenode_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// kept uploads a work to a running node that has an active deal of it.
func kept(t *testing.T, chain *nodetest.Chain, url string) contenttypes.Work {
	t.Helper()
	b := dagtest.New(t)
	media, cover := b.Presentation(1)
	car, root := b.Piece(media, cover)
	alice, _ := nodetest.Account("alice")
	chain.Mu.Lock()
	chain.Creators[nodetest.Address("alice")] = "streamcreator1alice"
	chain.Mu.Unlock()
	_, op := nodetest.Account("op")
	require.NoError(t, nodeclient.New(http.DefaultClient, url).Upload(context.Background(), root, bytes.NewReader(car), int64(len(car)), func() (string, error) {
		u := wire.Upload{Piece: root, Size: uint64(len(car)), Expires: time.Now().Unix() + 60, PubKey: alice.PubKey().Bytes()}
		sig, err := alice.Sign(u.SignBytes(nodetest.ChainID, op))
		u.Signature = sig
		return u.String(), err
	}, func(int64) {}))
	id := nodetest.WorkID("song")
	w := contenttypes.Work{Cid: id, Root: id, Creator: "streamcreator1alice", Media: media.String(), Cover: cover.String(), PieceRoot: root[:], PieceSize: uint64(len(car)), DurationSeconds: 20}
	chain.Decide("", id, nodetest.Metered(10, 4))
	chain.Mu.Lock()
	chain.Works[id] = w
	chain.DealRows[id+"/"+chain.Operator] = storagetypes.Deal{Work: id, Root: id, Operator: chain.Operator, Status: storagetypes.DEAL_STATUS_REQUESTED, RequestedAt: chain.Live, ExpiresAt: chain.Live + 600}
	chain.Mu.Unlock()
	chain.Changed <- struct{}{}
	require.Eventually(t, func() bool {
		code, _ := get(t, url+"/ipfs/"+w.Media+"/master.m3u8")
		chain.Mu.Lock()
		defer chain.Mu.Unlock()
		return code == 200 && chain.DealRows[id+"/"+chain.Operator].Status == storagetypes.DEAL_STATUS_ACTIVE
	}, 10*time.Second, 10*time.Millisecond)
	return w
}

// A rule that an operator adds to a running node counts within seconds, on every path, and the chain is told.
func TestDenylistOfARunningNode(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the node to read its list twice")
	}
	t.Parallel()
	chain, cfg := newChain(), config(t)
	_, url, stop := start(t, cfg, chain)
	w := kept(t, chain, url)
	within := func(what string, f func() bool) { require.Eventually(t, f, 15*time.Second, 50*time.Millisecond, what) }

	_, err := denylist.Add(cfg.OwnDenylist(), "/ipfs/"+w.Cid, "court order")
	require.NoError(t, err)
	within("the media is refused", func() bool { code, _ := get(t, url+"/ipfs/"+w.Media+"/master.m3u8"); return code == 451 })
	within("the chain is told", func() bool { chain.Mu.Lock(); defer chain.Mu.Unlock(); return chain.Refused[w.Cid] == "denylist.deny" })
	within("the bytes are gone", func() bool {
		_, body := get(t, url+"/metrics")
		return strings.Contains(string(body), "storaged_stored_bytes 0\n")
	})
	code, _ := get(t, url+"/ipfs/"+w.Media+"/v0/seg1.m4s")
	require.Equal(t, 451, code, "also when only the work is named and its bytes are gone")
	code, body := get(t, url+"/ipfs/"+w.Cover)
	require.Equal(t, 451, code)
	require.Equal(t, wire.Blocked, wire.ReadProblem(code, body).Slug)

	viewer, key, now := nodetest.Address("viewer"), nodetest.SessionKey("viewer"), chain.Now()
	chain.Grant(viewer, key, streamtypes.SESSION_KEY_SCOPE_PAYMENT)
	chain.Mu.Lock()
	chain.Escrows[viewer] = math.NewInt(0)
	chain.Lanes[viewer+"/ustream"] = streamtypes.Lane{Owner: viewer, Denom: "ustream", Provider: chain.Operator, Generation: 1, Pubkey: key.Public().(ed25519.PublicKey), Cap: 20_000, Expires: now + 3600, ClosesAt: now + 4000}
	chain.Mu.Unlock()
	s, _ := nodetest.Session(viewer, chain.Operator, w.Cid, 1, 1, 10, 60, now+3600, key)
	_, err = nodeclient.New(http.DefaultClient, url).Open(context.Background(), wire.OpenRequest{Session: &wire.Session{
		ChainID: s.ChainId, EscrowOwner: s.EscrowOwner, Denom: s.Denom, Provider: s.Provider, Generation: s.Generation, Session: s.Session, Work: s.Work,
		PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds, MaxTicks: s.MaxTicks, Root: s.Root, Expires: s.Expires, PubKey: s.Pubkey, Signature: s.Signature}})
	var p *wire.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, wire.Blocked, p.Slug, "no session is opened for it: %v", err)

	require.NoError(t, os.WriteFile(cfg.OwnDenylist(), []byte("<html>404</html>\n"), 0o600))
	within("the node says that its list is broken", func() bool {
		code, body := get(t, url+"/v1/health")
		var h wire.Health
		return json.Unmarshal(body, &h) == nil && code == 503 && len(h.Reasons) == 1 && h.Reasons[0] == wire.DenylistBroken
	})
	code, _ = get(t, url+"/ipfs/"+w.Media+"/master.m3u8")
	require.Equal(t, 451, code, "what it last said counts")
	_, body = get(t, url+"/metrics")
	require.Contains(t, string(body), "storaged_denylists_broken 1")
	stop()
	_, url, _ = start(t, cfg, chain)
	code, _ = get(t, url+"/ipfs/"+w.Media+"/master.m3u8")
	require.Equal(t, 451, code, "also after a restart")
}

// Who is told to heed a list that cannot be read does not start.
func TestNoListNoStart(t *testing.T) {
	chain, cfg := newChain(), config(t)
	cfg.Denylist.Files = []string{"others.deny"}
	_, err := storagenode.New(context.Background(), cfg, chain, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.ErrorContains(t, err, "others.deny")
	require.NoError(t, os.WriteFile(filepath.Join(cfg.Home, "others.deny"), []byte("/ipfs/"+nodetest.WorkID("x")), 0o600))
	_, url, _ := start(t, cfg, chain)
	code, _ := get(t, url+"/ipfs/"+nodetest.WorkID("x"))
	require.Equal(t, 451, code)
}

// A node that is drained takes nothing, serves until its works are elsewhere, and says when it may go.
func TestDrainOfARunningNode(t *testing.T) {
	t.Parallel()
	chain, cfg := newChain(), config(t)
	chain.Storage.MinDealSeconds, chain.Storage.TargetCopies = 0, 1
	n, url, stop := start(t, cfg, chain)
	w := kept(t, chain, url)
	_, err := cfg.DrainFiles().Ask()
	require.NoError(t, err)
	_, err = n.Drain(context.Background())
	require.NoError(t, err)
	info, err := nodeclient.New(http.DefaultClient, url).Info(context.Background())
	require.NoError(t, err)
	require.True(t, info.Draining)
	require.Zero(t, info.Free)
	stop()
	require.NotContains(t, chain.DealRows, w.Cid+"/"+chain.Operator)
	require.Contains(t, chain.RepairRows, w.Cid+"/"+chain.Operator)
	n, url, _ = start(t, cfg, chain)
	_, err = n.SyncDeals(context.Background())
	require.NoError(t, err)
	code, _ := get(t, url+"/ipfs/"+w.Media+"/master.m3u8")
	require.Equal(t, 200, code, "it is served until another has it")
	chain.Mu.Lock()
	delete(chain.RepairRows, w.Cid+"/"+chain.Operator)
	other := nodetest.Address("other")
	chain.DealRows[w.Cid+"/"+other] = storagetypes.Deal{Work: w.Cid, Operator: other, Status: storagetypes.DEAL_STATUS_ACTIVE}
	chain.Mu.Unlock()
	st, err := n.Drain(context.Background())
	require.NoError(t, err)
	require.True(t, st.Ready())
	_, err = n.SyncDeals(context.Background())
	require.NoError(t, err)
	code, _ = get(t, url+"/ipfs/"+w.Media+"/master.m3u8")
	require.Equal(t, 404, code)
	_, body := get(t, url+"/metrics")
	require.NotContains(t, string(body), "storaged_stored_bytes 0\n", "the bytes stay as long as the chain may ask for proofs")
}

// What a crash left half fetched is gone after the start.
func TestFetchingIsCleared(t *testing.T) {
	chain, cfg := newChain(), config(t)
	dir := filepath.Join(cfg.Home, "data", "fetching")
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "replica-1.car"), []byte("x"), 0o600))
	start(t, cfg, chain)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
