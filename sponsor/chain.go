package sponsor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Messages are the only ones whose fees are paid: what a viewer's first use takes, and taking a session key back or ending
// a subscription, which must not wait until somebody has coins. They are no matter of configuration. What moves coins to whom one likes, stakes,
// votes, or carries other messages (x/authz) is not among them.
func Messages() []string {
	msgs := []sdk.Msg{
		&streamtypes.MsgGrantSessionKey{}, &streamtypes.MsgRevokeSessionKey{}, &streamtypes.MsgDeposit{}, &streamtypes.MsgTip{},
		&subscriptiontypes.MsgPurchase{}, &subscriptiontypes.MsgRent{}, &subscriptiontypes.MsgPurchaseByTemplate{},
		&subscriptiontypes.MsgSubscribe{}, &subscriptiontypes.MsgCancel{},
	}
	out := make([]string, len(msgs))
	for i, m := range msgs {
		out[i] = sdk.MsgTypeURL(m)
	}
	return out
}

// Standing is what the chain knows of an address.
type Standing struct {
	Signed  bool   // it has signed a transaction, or its key is known
	Balance uint64 // ustream, capped
	// Allowance is whether this sponsor's is there and has not expired.
	Allowance bool
}

// Terms are what each address of a batch gets.
type Terms struct {
	SpendLimit, Credit uint64 // ustream
	Expires            time.Time
	Until              int64  // the last height that may hold the transaction
	MaxFee             uint64 // of the whole transaction
}

// errNotSent says that a transaction was refused before anybody could include it: it cost nothing and never comes.
var errNotSent = errors.New("not sent")

// errReverted says that a block holds the transaction and it did nothing but cost its fee.
var errReverted = errors.New("included, but reverted")

// Chain is all that a sponsor asks of the chain. Client is the real one.
type Chain interface {
	ChainID() string
	Address() string // of the sponsor
	Height(ctx context.Context) (int64, error)
	// Balance is the sponsor's own, in ustream.
	Balance(ctx context.Context) (uint64, error)
	Standing(ctx context.Context, address string) (Standing, error)
	// Grant gives each address an allowance, all in one transaction, and returns when a block holds it. Other errors
	// than errNotSent and errReverted leave open whether one will.
	Grant(ctx context.Context, addresses []string, t Terms) (tx string, err error)
}

// Client is a Chain.
type Client struct {
	*chainclient.Client
	Signer chainclient.Signer
}

// Address implements Chain.
func (c Client) Address() string { return c.Signer.Address().String() }

// Height implements Chain.
func (c Client) Height(ctx context.Context) (int64, error) {
	st, err := c.Status(ctx)
	if err == nil && st.CatchingUp {
		err = errors.New("the node is catching up")
	}
	return st.Height, err
}

// Balance implements Chain.
func (c Client) Balance(ctx context.Context) (uint64, error) { return c.balance(ctx, c.Address()) }

func (c Client) balance(ctx context.Context, address string) (uint64, error) {
	// spendable: what is locked pays no fee
	res, err := banktypes.NewQueryClient(c.Conn()).SpendableBalanceByDenom(ctx, &banktypes.QuerySpendableBalanceByDenomRequest{Address: address, Denom: token.BaseDenom})
	if err != nil {
		return 0, err
	}
	if res.Balance == nil || !res.Balance.Amount.IsUint64() {
		return uint64(most), nil
	}
	return min(res.Balance.Amount.Uint64(), uint64(most)), nil
}

// Standing implements Chain.
func (c Client) Standing(ctx context.Context, address string) (s Standing, err error) {
	res, err := authtypes.NewQueryClient(c.Conn()).AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: address})
	switch {
	case status.Code(err) == codes.NotFound:
	case err != nil:
		return s, err
	default:
		s.Signed = res.Info.Sequence > 0 || res.Info.PubKey != nil
	}
	if s.Balance, err = c.balance(ctx, address); err != nil {
		return s, err
	}
	left, err := AllowanceOf(ctx, c.Client, c.Address(), address)
	s.Allowance = left != nil
	return s, err
}

// AllowanceOf is what granter still pays of grantee's fees, in ustream; nil where there is no allowance or it has expired.
func AllowanceOf(ctx context.Context, c *chainclient.Client, granter, grantee string) (*math.Int, error) {
	res, err := feegrant.NewQueryClient(c.Conn()).Allowance(ctx, &feegrant.QueryAllowanceRequest{Granter: granter, Grantee: grantee})
	// the SDK's query says by text alone that there is none
	if err != nil && strings.Contains(status.Convert(err).Message(), "not found") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var allowance feegrant.FeeAllowanceI
	if err := c.Registry.UnpackAny(res.Allowance.Allowance, &allowance); err != nil {
		return nil, err
	}
	if filtered, ok := allowance.(*feegrant.AllowedMsgAllowance); ok {
		if err := c.Registry.UnpackAny(filtered.Allowance, &allowance); err != nil {
			return nil, err
		}
	}
	basic, ok := allowance.(*feegrant.BasicAllowance)
	if !ok || basic.Expiration != nil && !basic.Expiration.After(time.Now()) {
		return nil, nil
	}
	left := basic.SpendLimit.AmountOf(token.BaseDenom)
	return &left, nil
}

// Grant implements Chain.
func (c Client) Grant(ctx context.Context, addresses []string, t Terms) (string, error) {
	var msgs []sdk.Msg
	for _, a := range addresses {
		grantee, err := sdk.AccAddressFromBech32(a)
		if err != nil {
			return "", fmt.Errorf("%w: %w", errNotSent, err)
		}
		allowance, err := feegrant.NewAllowedMsgAllowance(&feegrant.BasicAllowance{
			SpendLimit: sdk.NewCoins(token.Coin(int64(t.SpendLimit))), Expiration: &t.Expires,
		}, Messages())
		if err != nil {
			return "", fmt.Errorf("%w: %w", errNotSent, err)
		}
		grant, err := feegrant.NewMsgGrantAllowance(allowance, c.Signer.Address(), grantee)
		if err != nil {
			return "", fmt.Errorf("%w: %w", errNotSent, err)
		}
		msgs = append(msgs, grant)
		if t.Credit > 0 {
			msgs = append(msgs, banktypes.NewMsgSend(c.Signer.Address(), grantee, sdk.NewCoins(token.Coin(int64(t.Credit)))))
		}
	}
	res, err := c.BroadcastWithin(ctx, c.Signer, chainclient.Bounds{Until: uint64(t.Until), MaxFee: t.MaxFee}, msgs...)
	if err != nil {
		return "", sendError(err)
	}
	return res.Hash, nil
}

// sendError sorts the ways in which sending fails by what they cost.
func sendError(err error) error {
	var refused *chainclient.TxError
	switch {
	case errors.As(err, &refused) && refused.Hash != "":
		return fmt.Errorf("%w: %w", errReverted, err)
	case errors.As(err, &refused), errors.Is(err, chainclient.ErrFeeTooHigh), errors.Is(err, sdkerrors.ErrInsufficientFunds),
		errors.Is(err, sdkerrors.ErrInsufficientFee), errors.Is(err, chainclient.ErrNoAccount):
		return fmt.Errorf("%w: %w", errNotSent, err)
	}
	return err
}
