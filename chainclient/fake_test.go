package chainclient_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/p2p"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	rpcserver "github.com/cometbft/cometbft/rpc/jsonrpc/server"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/chainclient"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

const (
	fakeChainID = "streamchain-example-1"
	fakeTime    = 1_800_000_000
	fakeGas     = 80_000
)

// fake is a chain of one message, MsgRegisterCreator, for examples that run in a moment: it checks signatures' sequences, keeps
// handles apart, and puts each transaction into a block of its own.
type fake struct {
	txtypes.UnimplementedServiceServer
	enc chainclient.Encoding
	rpc *httptest.Server
	srv *grpc.Server
	cfg chainclient.Config

	mu       sync.Mutex
	sequence uint64
	handles  map[string]string
	blocks   []cmttypes.Tx // of heights from 1
	granter  sdk.AccAddress
}

// startFake serves a chain on ports that are free. Examples cannot fail but by what they print, so it panics.
func startFake() *fake {
	enc, err := chainclient.NewEncoding(contenttypes.RegisterInterfaces)
	must(err)
	f := &fake{enc: enc, handles: map[string]string{"taken": ""}}
	listen, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	must(err)
	f.srv = grpc.NewServer()
	txtypes.RegisterServiceServer(f.srv, f)
	authtypes.RegisterQueryServer(f.srv, &accounts{f: f})
	contenttypes.RegisterQueryServer(f.srv, &creators{f: f})
	go func() { _ = f.srv.Serve(listen) }()
	mux := http.NewServeMux()
	rpcserver.RegisterRPCFuncs(mux, map[string]*rpcserver.RPCFunc{
		"status": rpcserver.NewRPCFunc(f.status, ""), "tx": rpcserver.NewRPCFunc(f.tx, "hash,prove"),
		"block": rpcserver.NewRPCFunc(f.block, "height"), "block_results": rpcserver.NewRPCFunc(f.results, "height"),
	}, cmtlog.NewNopLogger())
	f.rpc = httptest.NewServer(mux)
	f.cfg = chainclient.Config{GRPC: listen.Addr().String(), RPC: f.rpc.URL, ChainID: fakeChainID, Register: []func(registry){contenttypes.RegisterInterfaces}}
	return f
}

func (f *fake) stop() {
	f.srv.Stop()
	f.rpc.Close()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// exampleKey is the same each time, so that examples print the same.
func exampleKey() *secp256k1.PrivKey {
	return secp256k1.GenPrivKeyFromSecret([]byte("an example, and nothing else"))
}

type accounts struct {
	authtypes.UnimplementedQueryServer
	f *fake
}

func (a *accounts) AccountInfo(_ context.Context, req *authtypes.QueryAccountInfoRequest) (*authtypes.QueryAccountInfoResponse, error) {
	a.f.mu.Lock()
	defer a.f.mu.Unlock()
	return &authtypes.QueryAccountInfoResponse{Info: &authtypes.BaseAccount{Address: req.Address, AccountNumber: 5, Sequence: a.f.sequence}}, nil
}

type creators struct {
	contenttypes.UnimplementedQueryServer
	f *fake
}

func (c *creators) CreatorByHandle(_ context.Context, req *contenttypes.QueryCreatorByHandleRequest) (*contenttypes.QueryCreatorByHandleResponse, error) {
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	id, ok := c.f.handles[req.Handle]
	if !ok || id == "" {
		return nil, status.Error(codes.NotFound, contenttypes.ErrCreatorNotFound.Error())
	}
	return &contenttypes.QueryCreatorByHandleResponse{Creator: contenttypes.Creator{Id: id, Handle: req.Handle}}, nil
}

func (f *fake) read(raw []byte) (authsigning.Tx, *contenttypes.MsgRegisterCreator) {
	tx, err := f.enc.TxConfig.TxDecoder()(raw)
	must(err)
	signed, ok := tx.(authsigning.Tx)
	if !ok {
		panic("not a signed transaction")
	}
	m, ok := signed.GetMsgs()[0].(*contenttypes.MsgRegisterCreator)
	if !ok {
		panic("this chain knows one message")
	}
	return signed, m
}

func (f *fake) Simulate(_ context.Context, req *txtypes.SimulateRequest) (*txtypes.SimulateResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, m := f.read(req.TxBytes); f.known(m.Handle) {
		return nil, status.Errorf(codes.Unknown, "failed to execute message; message index: 0: %s: %s with gas used: '%d'", m.Handle, contenttypes.ErrHandleTaken, fakeGas)
	}
	return &txtypes.SimulateResponse{GasInfo: &sdk.GasInfo{GasUsed: fakeGas}}, nil
}

func (f *fake) known(handle string) bool { _, ok := f.handles[handle]; return ok }

func (f *fake) BroadcastTx(_ context.Context, req *txtypes.BroadcastTxRequest) (*txtypes.BroadcastTxResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tx, m := f.read(req.TxBytes)
	sigs, err := tx.GetSignaturesV2()
	must(err)
	if sigs[0].Sequence != f.sequence {
		return &txtypes.BroadcastTxResponse{TxResponse: &sdk.TxResponse{Codespace: sdkerrors.RootCodespace, Code: sdkerrors.ErrWrongSequence.ABCICode(), RawLog: sdkerrors.ErrWrongSequence.Error()}}, nil
	}
	f.sequence++
	f.granter = tx.FeeGranter()
	f.handles[m.Handle] = contenttypes.NewCreatorID(sdk.MustAccAddressFromBech32(m.Controller)).String()
	f.blocks = append(f.blocks, req.TxBytes)
	return &txtypes.BroadcastTxResponse{TxResponse: &sdk.TxResponse{TxHash: hex.EncodeToString(cmttypes.Tx(req.TxBytes).Hash())}}, nil
}

func (f *fake) status(*rpctypes.Context) (*ctypes.ResultStatus, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &ctypes.ResultStatus{
		NodeInfo: p2p.DefaultNodeInfo{Network: fakeChainID},
		SyncInfo: ctypes.SyncInfo{LatestBlockHeight: int64(len(f.blocks)), LatestBlockTime: time.Unix(fakeTime, 0)},
	}, nil
}

// result is what a block says of its transaction.
func (f *fake) result(height int64) abci.ExecTxResult {
	_, m := f.read(f.blocks[height-1])
	event, err := sdk.TypedEventToEvent(&contenttypes.EventCreatorRegistered{
		Creator: contenttypes.NewCreatorID(sdk.MustAccAddressFromBech32(m.Controller)).String(), Controller: m.Controller, RegisteredAt: fakeTime,
	})
	must(err)
	return abci.ExecTxResult{GasUsed: fakeGas, Events: []abci.Event{abci.Event(event)}}
}

func (f *fake) tx(_ *rpctypes.Context, hash []byte, _ bool) (*ctypes.ResultTx, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, raw := range f.blocks {
		if bytes.Equal(raw.Hash(), hash) {
			return &ctypes.ResultTx{Hash: raw.Hash(), Height: int64(i) + 1, TxResult: f.result(int64(i) + 1), Tx: raw}, nil
		}
	}
	return nil, status.Error(codes.NotFound, "tx not found")
}

func (f *fake) block(_ *rpctypes.Context, height *int64) (*ctypes.ResultBlock, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &ctypes.ResultBlock{Block: &cmttypes.Block{
		Header: cmttypes.Header{Height: *height, Time: time.Unix(fakeTime, 0)}, Data: cmttypes.Data{Txs: cmttypes.Txs{f.blocks[*height-1]}},
	}}, nil
}

func (f *fake) results(_ *rpctypes.Context, height *int64) (*ctypes.ResultBlockResults, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.result(*height)
	return &ctypes.ResultBlockResults{Height: *height, TxsResults: []*abci.ExecTxResult{&r}}, nil
}

// short is how examples print what is long.
func short(s string) string { return s[:strings.Index(s, "1")+5] + "…" }

// nameOf is the type of an event.
func nameOf(m proto.Message) string { return proto.MessageName(m) }
