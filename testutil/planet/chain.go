package planet

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cmtdbm "github.com/cometbft/cometbft-db"
	cmtcfg "github.com/cometbft/cometbft/config"
	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/rpc/client/local"
	rpcserver "github.com/cometbft/cometbft/rpc/jsonrpc/server"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/config"
	servergrpc "github.com/cosmos/cosmos-sdk/server/grpc"
	servercmtlog "github.com/cosmos/cosmos-sdk/server/log"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/chainclient"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// BlockTime is about the time between two blocks.
const BlockTime = 200 * time.Millisecond

// Chain is a validator that can be stopped and started again.
type Chain struct {
	App    *app.App            // nil while it is stopped
	Client *chainclient.Client // goes on working after a restart
	GRPC   string
	RPC    string

	cfg    *cmtcfg.Config
	clock  clock
	halted halted
	node   *node.Node
	grpc   *grpc.Server
	rpc    *http.Server
	dbs    []cmtdbm.DB // of the consensus engine, which leaves some open
}

// newChain starts a chain in a folder of its own.
func newChain(t testing.TB, cfg Config) *Chain {
	t.Helper()
	c := &Chain{GRPC: freeAddress(t)}
	c.RPC = "http://" + freeAddress(t)
	c.cfg = consensusConfig(t.TempDir())
	for _, dir := range []string{"config", "data"} {
		require.NoError(t, os.MkdirAll(filepath.Join(c.cfg.RootDir, dir), 0o755))
	}
	key := privval.LoadOrGenFilePV(c.cfg.PrivValidatorKeyFile(), c.cfg.PrivValidatorStateFile())
	pub, err := key.GetPubKey()
	require.NoError(t, err)
	writeGenesis(t, c.cfg.GenesisFile(), cmttypes.NewValidator(pub, 1), cfg)
	c.Start(t)
	t.Cleanup(func() {
		c.Stop(t)
		c.halted.mu.Lock()
		defer c.halted.mu.Unlock()
		require.Empty(t, c.halted.lines)
	})
	c.Client, err = chainclient.Dial(t.Context(), c.clientConfig())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Client.Close()) })
	c.WaitBlocks(t, 1)
	return c
}

func (c *Chain) clientConfig() chainclient.Config {
	return chainclient.Config{
		GRPC: c.GRPC, RPC: c.RPC, ChainID: ChainID,
		Register: []func(codectypes.InterfaceRegistry){
			contenttypes.RegisterInterfaces, storagetypes.RegisterInterfaces, revenuetypes.RegisterInterfaces,
			streamtypes.RegisterInterfaces, subscriptiontypes.RegisterInterfaces, disputetypes.RegisterInterfaces, governancetypes.RegisterInterfaces,
		},
	}
}

func consensusConfig(home string) *cmtcfg.Config {
	cfg := cmtcfg.DefaultConfig()
	cfg.SetRoot(home)
	cfg.Moniker = "planet"
	// the engine's own server would go on answering on connections that are open when the chain stops
	cfg.RPC.ListenAddress, cfg.RPC.PprofListenAddress = "", ""
	cfg.P2P.ListenAddress, cfg.P2P.PexReactor = "tcp://127.0.0.1:0", false
	cfg.Consensus.TimeoutCommit = BlockTime
	cfg.Consensus.TimeoutPropose = time.Second
	cfg.Instrumentation.Prometheus = false
	return cfg
}

// Start starts a chain that is stopped.
func (c *Chain) Start(t testing.TB) {
	t.Helper()
	require.Nil(t, c.App, "the chain runs already")
	logger := log.NewLogger(&c.halted, log.ColorOption(false))
	db, err := dbm.NewGoLevelDB("application", c.cfg.DBDir(), nil)
	require.NoError(t, err)
	c.App = app.New(logger, db, true, app.Options{server.FlagBlockExecutor: config.BlockExecutorSequential},
		baseapp.SetChainID(ChainID), baseapp.SetMinGasPrices("0.001ustream"))
	nodeKey, err := p2p.LoadOrGenNodeKey(c.cfg.NodeKeyFile())
	require.NoError(t, err)
	c.node, err = node.NewNode(c.cfg, privval.LoadOrGenFilePV(c.cfg.PrivValidatorKeyFile(), c.cfg.PrivValidatorStateFile()), nodeKey,
		proxy.NewLocalClientCreator(timed{server.NewCometABCIWrapper(c.App), &c.clock}), c.genesis, c.openDB,
		node.DefaultMetricsProvider(c.cfg.Instrumentation), servercmtlog.CometLoggerWrapper{Logger: logger})
	require.NoError(t, err)
	require.NoError(t, c.node.Start())
	c.serve(t)
}

// halted keeps the log lines that say why the chain halted.
type halted struct {
	mu    sync.Mutex
	lines []string
}

// Write gets one line of the log.
func (h *halted) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("CONSENSUS FAILURE")) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.lines = append(h.lines, string(line))
	}
	return len(line), nil
}

func (c *Chain) genesis() (*cmttypes.GenesisDoc, error) {
	g, err := genutiltypes.AppGenesisFromFile(c.cfg.GenesisFile())
	if err != nil {
		return nil, err
	}
	return g.ToGenesisDoc()
}

func (c *Chain) openDB(ctx *cmtcfg.DBContext) (cmtdbm.DB, error) {
	db, err := cmtcfg.DefaultDBProvider(ctx)
	if err == nil {
		c.dbs = append(c.dbs, db)
	}
	return db, err
}

// serve starts the gRPC server of the SDK and the RPC of the engine.
func (c *Chain) serve(t testing.TB) {
	t.Helper()
	env, err := c.node.ConfigureRPC()
	require.NoError(t, err)
	mux := http.NewServeMux()
	rpcserver.RegisterRPCFuncs(mux, env.GetRoutes(), cmtlog.NewNopLogger())
	c.rpc = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func(s *http.Server, l net.Listener) { _ = s.Serve(l) }(c.rpc, listen(t, strings.TrimPrefix(c.RPC, "http://"))) // ends when it is closed
	ctx := client.Context{}.WithChainID(ChainID).WithCodec(c.App.AppCodec()).WithInterfaceRegistry(c.App.InterfaceRegistry()).
		WithTxConfig(c.App.TxConfig()).WithLegacyAmino(c.App.LegacyAmino()).WithClient(local.New(c.node))
	cfg := config.DefaultConfig()
	c.App.RegisterTxService(ctx)
	c.App.RegisterTendermintService(ctx)
	c.App.RegisterNodeService(ctx, *cfg)
	c.grpc, err = servergrpc.NewGRPCServer(ctx, c.App, cfg.GRPC)
	require.NoError(t, err)
	go func(s *grpc.Server, l net.Listener) { _ = s.Serve(l) }(c.grpc, listen(t, c.GRPC)) // ends when it is stopped
}

// Stop stops the chain; what it wrote stays. Stopping what is stopped does nothing.
func (c *Chain) Stop(t testing.TB) {
	t.Helper()
	if c.App == nil {
		return
	}
	c.grpc.Stop()
	require.NoError(t, c.rpc.Close())
	require.NoError(t, c.node.Stop())
	c.node.Wait()
	for _, db := range c.dbs {
		_ = db.Close() // the engine has closed most of them
	}
	require.NoError(t, c.App.Close())
	c.App, c.dbs = nil, nil
}

// Restart stops the chain and starts it after pause.
func (c *Chain) Restart(t testing.TB, pause time.Duration) {
	t.Helper()
	c.Stop(t)
	time.Sleep(pause)
	c.Start(t)
}

// WaitBlocks waits for so many more blocks.
func (c *Chain) WaitBlocks(t testing.TB, n int64) {
	t.Helper()
	st, err := c.Client.Status(t.Context())
	require.NoError(t, err)
	for want := st.Height + n; st.Height < want; time.Sleep(20 * time.Millisecond) {
		st, err = c.Client.Status(t.Context())
		require.NoError(t, err)
	}
}

func listen(t testing.TB, address string) net.Listener {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", address)
	require.NoError(t, err)
	return l
}

// freeAddress is an address of this machine where nothing listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l := listen(t, "127.0.0.1:0")
	defer l.Close()
	return l.Addr().String()
}
