package chainclient

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
)

// account is a signer's place in its own queue: one transaction at a time.
type account struct {
	mu       sync.Mutex
	known    bool
	number   uint64
	sequence uint64
	fees     feeSource
}

// gasMargin covers what changes between simulation and execution, in percent.
const gasMargin = 150

// inclusion is how long Broadcast waits for a block to hold the transaction.
const inclusion = 60 * time.Second

// resend is how long a transaction may be missing before its bytes are sent again.
const resend = 4 * time.Second

// Broadcast signs msgs in one transaction, sends it and waits until a block holds it.
//
// A chain that refuses returns *TxError, which unwraps to the module's sentinel error. A sequence
// that another program used is read again. Where the outcome is unknown (ErrUnconfirmed), the
// transaction may still be included: look before sending again.
func (c *Client) Broadcast(ctx context.Context, signer Signer, msgs ...sdk.Msg) (*TxResult, error) {
	return c.BroadcastWithin(ctx, signer, Bounds{}, msgs...)
}

// BroadcastWithin is Broadcast of a transaction that has bounds. Errors: also ErrFeeTooHigh.
func (c *Client) BroadcastWithin(ctx context.Context, signer Signer, bounds Bounds, msgs ...sdk.Msg) (*TxResult, error) {
	acc := c.account(signer.Address().String())
	acc.mu.Lock()
	defer acc.mu.Unlock()
	if err := acc.fees.settle(ctx); err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		res, err := c.broadcastOnce(ctx, acc, signer, bounds, msgs)
		if err == nil || !errors.Is(err, sdkerrors.ErrWrongSequence) || attempt == 5 {
			return res, err
		}
		acc.known = false
	}
}

func (c *Client) account(addr string) *account {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.accounts[addr] == nil {
		c.accounts[addr] = &account{}
	}
	return c.accounts[addr]
}

func (c *Client) broadcastOnce(ctx context.Context, acc *account, signer Signer, bounds Bounds, msgs []sdk.Msg) (*TxResult, error) {
	if err := c.loadAccount(ctx, acc, signer.Address()); err != nil {
		return nil, err
	}
	service := txtypes.NewServiceClient(c.conn)
	draft, err := c.sign(ctx, acc, signer, 0, bounds, msgs)
	if err != nil {
		return nil, err
	}
	sim, err := service.Simulate(ctx, &txtypes.SimulateRequest{TxBytes: draft})
	if err != nil {
		return nil, simulationError(err)
	}
	raw, err := c.sign(ctx, acc, signer, sim.GasInfo.GasUsed*gasMargin/100+20_000, bounds, msgs)
	if err != nil {
		return nil, err
	}
	sent, err := service.BroadcastTx(ctx, &txtypes.BroadcastTxRequest{TxBytes: raw, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC})
	if err != nil {
		acc.known = false
		return nil, fmt.Errorf("broadcast: %w", err)
	}
	hash := hex.EncodeToString(cmttypes.Tx(raw).Hash())
	if r := sent.TxResponse; r.Code != 0 && !(r.Codespace == sdkerrors.RootCodespace && r.Code == sdkerrors.ErrTxInMempoolCache.ABCICode()) {
		return nil, newTxError(hash, r.Codespace, r.Code, r.RawLog)
	}
	acc.sequence++
	res, err := c.include(ctx, service, raw, hash)
	if err != nil && !isTxError(err) {
		acc.known = false
	}
	return res, err
}

// include waits for a block that holds the transaction. It sends the same bytes again now and then: a node that is killed
// forgets what no block holds yet, and the same bytes can be included only once.
func (c *Client) include(ctx context.Context, service txtypes.ServiceClient, raw []byte, hash string) (*TxResult, error) {
	for deadline := time.Now().Add(inclusion); ; {
		res, err := c.WaitTx(ctx, hash, resend)
		if !errors.Is(err, ErrUnconfirmed) || ctx.Err() != nil || time.Now().After(deadline) {
			return res, err
		}
		// whether it is refused now says nothing: a block may hold it since
		_, _ = service.BroadcastTx(ctx, &txtypes.BroadcastTxRequest{TxBytes: raw, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC})
	}
}

func isTxError(err error) bool {
	var txErr *TxError
	return errors.As(err, &txErr)
}

func (c *Client) loadAccount(ctx context.Context, acc *account, addr sdk.AccAddress) error {
	if acc.known {
		return nil
	}
	res, err := authtypes.NewQueryClient(c.conn).AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: addr.String()})
	if status.Code(err) == codes.NotFound {
		return fmt.Errorf("%w: %s", ErrNoAccount, addr)
	}
	if err != nil {
		return fmt.Errorf("account %s: %w", addr, err)
	}
	acc.known, acc.number, acc.sequence = true, res.Info.AccountNumber, res.Info.Sequence
	return nil
}

// sign builds the transaction's bytes; with gas 0 it is a draft for simulation.
func (c *Client) sign(ctx context.Context, acc *account, signer Signer, gas uint64, bounds Bounds, msgs []sdk.Msg) ([]byte, error) {
	builder := c.TxConfig.NewTxBuilder()
	if err := builder.SetMsgs(msgs...); err != nil {
		return nil, err
	}
	builder.SetGasLimit(gas)
	builder.SetFeeGranter(acc.fees.granter)
	builder.SetTimeoutHeight(bounds.Until)
	if gas > 0 {
		fee := c.gasPrice.Amount.Mul(math.LegacyNewDecFromInt(math.NewIntFromUint64(gas))).Ceil().TruncateInt()
		if err := bounds.check(fee); err != nil {
			return nil, err
		}
		builder.SetFeeAmount(sdk.NewCoins(sdk.NewCoin(c.gasPrice.Denom, fee)))
	}
	sig := signing.SignatureV2{
		PubKey:   signer.PubKey(),
		Data:     &signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_DIRECT},
		Sequence: acc.sequence,
	}
	// the signer's info is part of the signed bytes, so it is set before signing
	if err := builder.SetSignatures(sig); err != nil {
		return nil, err
	}
	if gas > 0 {
		bytes, err := authsigning.GetSignBytesAdapter(ctx, c.TxConfig.SignModeHandler(), signing.SignMode_SIGN_MODE_DIRECT, authsigning.SignerData{
			Address: signer.Address().String(), ChainID: c.cfg.ChainID, AccountNumber: acc.number, Sequence: acc.sequence, PubKey: signer.PubKey(),
		}, builder.GetTx())
		if err != nil {
			return nil, err
		}
		signature, err := signer.Sign(bytes)
		if err != nil {
			return nil, fmt.Errorf("signing: %w", err)
		}
		sig.Data = &signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_DIRECT, Signature: signature}
		if err := builder.SetSignatures(sig); err != nil {
			return nil, err
		}
	}
	return c.TxConfig.TxEncoder()(builder.GetTx())
}

// simulationError finds the module's error in what a failed simulation says.
func simulationError(err error) error {
	msg := status.Convert(err).Message()
	for _, known := range []error{sdkerrors.ErrWrongSequence, sdkerrors.ErrInsufficientFunds, sdkerrors.ErrInsufficientFee} {
		if strings.Contains(msg, known.Error()) {
			return fmt.Errorf("%w: %s", known, msg)
		}
	}
	if found := sentinelIn(msg); found != nil {
		return &TxError{err: found, Log: msg, Codespace: found.Codespace(), Code: found.ABCICode()}
	}
	if status.Code(err) == codes.Unavailable {
		return err
	}
	return &TxError{Log: msg, err: err}
}
