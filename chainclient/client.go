package chainclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"

	"github.com/streamchain/streamchain/token"
)

// Config says where the chain is.
type Config struct {
	GRPC    string // host:port, or https://host:port for TLS
	RPC     string // CometBFT RPC, http(s)://host:port
	ChainID string // empty: taken from the node; otherwise the node must agree
	// GasPrice is paid per unit of gas, in ustream; empty: 0.001.
	GasPrice string
	// Patience is how long a call waits for a chain that is restarting; zero: 30 s.
	Patience time.Duration
	// Register adds the messages of modules.
	Register []func(codectypes.InterfaceRegistry)
}

// Client speaks to one node of the chain. It is safe for concurrent use.
type Client struct {
	Encoding
	cfg      Config
	gasPrice sdk.DecCoin
	conn     *grpc.ClientConn
	rpc      *rpchttp.HTTP

	mu       sync.Mutex
	accounts map[string]*account // by signer address
}

// ErrChainID is returned by Dial when the node belongs to another chain.
var ErrChainID = errors.New("the node belongs to another chain")

// Dial connects and asks the node for its chain id.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	if cfg.GasPrice == "" {
		cfg.GasPrice = "0.001" + token.BaseDenom
	}
	if cfg.Patience == 0 {
		cfg.Patience = 30 * time.Second
	}
	enc, err := NewEncoding(cfg.Register...)
	if err != nil {
		return nil, err
	}
	price, err := sdk.ParseDecCoin(cfg.GasPrice)
	if err != nil {
		return nil, fmt.Errorf("gas price %q: %w", cfg.GasPrice, err)
	}
	c := &Client{Encoding: enc, cfg: cfg, gasPrice: price, accounts: map[string]*account{}}
	creds, target := insecure.NewCredentials(), strings.TrimPrefix(cfg.GRPC, "http://")
	if rest, ok := strings.CutPrefix(cfg.GRPC, "https://"); ok {
		creds, target = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12}), rest
	}
	c.conn, err = grpc.NewClient(target, grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(codec.NewProtoCodec(enc.Registry).GRPCCodec()), grpc.MaxCallRecvMsgSize(16<<20)),
		grpc.WithChainUnaryInterceptor(c.retry))
	if err != nil {
		return nil, fmt.Errorf("grpc %s: %w", cfg.GRPC, err)
	}
	if c.rpc, err = rpchttp.New(cfg.RPC, "/websocket"); err != nil {
		return nil, errors.Join(fmt.Errorf("rpc %s: %w", cfg.RPC, err), c.conn.Close())
	}
	st, err := c.Status(ctx)
	if err != nil {
		return nil, errors.Join(err, c.conn.Close())
	}
	if cfg.ChainID != "" && cfg.ChainID != st.ChainID {
		return nil, errors.Join(fmt.Errorf("%w: %s says %s, wanted %s", ErrChainID, cfg.RPC, st.ChainID, cfg.ChainID), c.conn.Close())
	}
	c.cfg.ChainID = st.ChainID
	return c, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// ChainID is the chain's id.
func (c *Client) ChainID() string { return c.cfg.ChainID }

// Conn carries queries: pass it to a module's `types.NewQueryClient`. Calls that fail
// because the chain is restarting are repeated for Config.Patience.
func (c *Client) Conn() grpc.ClientConnInterface { return c.conn }

// AtHeight makes queries with the returned context see the state right after block height, which a node keeps as long as
// its pruning allows.
func AtHeight(ctx context.Context, height int64) context.Context {
	return metadata.AppendToOutgoingContext(ctx, grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(height, 10))
}

// Status is what a node says of itself.
type Status struct {
	ChainID    string
	Height     int64
	Time       time.Time // of the newest block
	CatchingUp bool
}

// Status asks the node for its newest block.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var st Status
	err := c.patiently(ctx, func(ctx context.Context) error {
		res, err := c.rpc.Status(ctx)
		if err != nil {
			return fmt.Errorf("rpc %s: %w", c.cfg.RPC, err)
		}
		st = Status{ChainID: res.NodeInfo.Network, Height: res.SyncInfo.LatestBlockHeight, Time: res.SyncInfo.LatestBlockTime, CatchingUp: res.SyncInfo.CatchingUp}
		return nil
	}, func(error) bool { return true })
	return st, err
}

// retry repeats queries that a restarting node cannot answer yet.
func (c *Client) retry(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return c.patiently(ctx, func(ctx context.Context) error {
		return invoke(ctx, method, req, reply, cc, opts...)
	}, transient)
}

// transient says whether err goes away by itself when the chain is up again.
func transient(err error) bool {
	st, ok := status.FromError(err)
	if !ok {
		return false
	}
	switch {
	case st.Code() == codes.Unavailable:
		return true
	case strings.Contains(st.Message(), "context did not contain latest block height"),
		strings.Contains(st.Message(), "is not ready; please wait for first block"),
		strings.Contains(st.Message(), "cannot query with height in the future"):
		return true
	}
	return false
}

// patiently calls f until it succeeds, fails for good, or patience or ctx ends.
func (c *Client) patiently(ctx context.Context, f func(context.Context) error, again func(error) bool) error {
	deadline := time.Now().Add(c.cfg.Patience)
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := f(ctx)
		if err == nil || !again(err) || time.Now().Add(wait).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(wait):
		}
	}
}
