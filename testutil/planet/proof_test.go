package planet_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/cometbft/cometbft/crypto/merkle"
	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer"
	"github.com/streamchain/streamchain/indexer/config"
	"github.com/streamchain/streamchain/testutil/planet"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// proof is what the discovery API says of a work's record.
type proof struct {
	Height  int64
	AppHash []byte `json:"app_hash"`
	Store   string
	Key     []byte
	Value   []byte
	Ops     []struct {
		Type      string
		Key, Data []byte
	}
}

// verify checks the proof against an app hash that its caller trusts.
func (p proof) verify(appHash []byte) error {
	ops := &cmtcrypto.ProofOps{}
	for _, op := range p.Ops {
		ops.Ops = append(ops.Ops, cmtcrypto.ProofOp{Type: op.Type, Key: op.Key, Data: op.Data})
	}
	path := merkle.KeyPath{}
	path = path.AppendKey([]byte(p.Store), merkle.KeyEncodingURL)
	path = path.AppendKey(p.Key, merkle.KeyEncodingHex)
	return rootmulti.DefaultProofRuntime().VerifyValue(ops, appHash, path.String(), p.Value)
}

// indexerd runs an indexer of the planet's chain until the test ends, and returns its address.
func indexerd(p *planet.Planet) string {
	p.T.Helper()
	cfg := config.Default()
	cfg.Home, cfg.Chain.RPC, cfg.Chain.GRPC, cfg.HTTP.Listen, cfg.Apps.AllowPrivateNodes = p.T.TempDir(), p.Chain.RPC, p.Chain.GRPC, "127.0.0.1:0", true
	ctx, stop := context.WithCancel(context.Background())
	ready, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() { done <- indexer.Run(ctx, cfg, slog.New(slog.DiscardHandler), func(a net.Addr) { ready <- a }) }()
	p.T.Cleanup(func() { stop(); require.NoError(p.T, <-done) })
	select {
	case a := <-ready:
		return "http://" + a.String()
	case err := <-done:
		done <- err
		require.NoError(p.T, err)
	}
	return ""
}

// TestWorkProof: what the index says of a work is proved against the header of a node that one trusts, and what it does not say is not.
func TestWorkProof(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 1})
	song := p.Publish("alice", p.Song("6"), subscriptiontypes.NewFreeOffer())
	url := indexerd(p) + "/api/v1/works/" + song.Work + "/proof"
	var got proof
	p.Eventually(func() bool {
		res, err := http.Get(url) //nolint:noctx,gosec // the test's own server
		require.NoError(t, err)
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK && json.NewDecoder(res.Body).Decode(&got) == nil
	}, "the index has the work")

	node, err := rpchttp.New(p.Chain.RPC, "/websocket")
	require.NoError(t, err)
	next := got.Height + 1
	header, err := node.Header(t.Context(), &next)
	require.NoError(t, err)
	require.Equal(t, []byte(header.Header.AppHash), got.AppHash)
	require.NoError(t, got.verify(header.Header.AppHash))
	var work contenttypes.Work
	require.NoError(t, work.Unmarshal(got.Value))
	require.Equal(t, song.Work, work.Cid)
	require.Equal(t, contenttypes.StoreKey, got.Store)

	for name, spoil := range map[string]func(*proof){
		"another value":     func(p *proof) { p.Value[len(p.Value)/2] ^= 1 },
		"another key":       func(p *proof) { p.Key[len(p.Key)-1] ^= 1 },
		"another store":     func(p *proof) { p.Store = "bank" },
		"another proof":     func(p *proof) { p.Ops[0].Data[len(p.Ops[0].Data)/2] ^= 1 },
		"a step less":       func(p *proof) { p.Ops = p.Ops[:1] },
		"the steps swapped": func(p *proof) { p.Ops[0], p.Ops[1] = p.Ops[1], p.Ops[0] },
	} {
		raw, err := json.Marshal(got)
		require.NoError(t, err)
		var bad proof
		require.NoError(t, json.Unmarshal(raw, &bad))
		bad.AppHash = got.AppHash
		spoil(&bad)
		require.Error(t, bad.verify(header.Header.AppHash), name)
	}
	other := append([]byte{}, header.Header.AppHash...)
	other[0] ^= 1
	require.Error(t, got.verify(other), "another chain's header")
}
