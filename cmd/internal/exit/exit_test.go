package exit_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/cmd/internal/exit"
)

func TestCode(t *testing.T) {
	refusal := &chainclient.TxError{Codespace: "content", Code: 7, Log: "no"}
	for want, errs := range map[int][]error{
		exit.OK:         {nil, exit.With(exit.Payment, nil)},
		exit.Other:      {errors.New("?"), status.Error(codes.Internal, "bug")},
		exit.Usage:      {exit.With(exit.Usage, errors.New("no such flag")), status.Error(codes.InvalidArgument, "cid")},
		exit.NotFound:   {status.Error(codes.NotFound, "work"), sdkerrors.ErrKeyNotFound.Wrap("alice")},
		exit.Refused:    {refusal, fmt.Errorf("publish: %w", refusal)},
		exit.Payment:    {sdkerrors.ErrInsufficientFunds.Wrap("1 < 2"), chainclient.ErrNoAccount},
		exit.Content:    {fmt.Errorf("watch: %w", exit.With(exit.Content, errors.New("corrupt")))},
		exit.Network:    {&net.OpError{Op: "dial", Err: errors.New("refused")}, status.Error(codes.Unavailable, "down"), context.DeadlineExceeded},
		exit.Unfinished: {chainclient.ErrUnconfirmed, context.Canceled},
	} {
		for _, err := range errs {
			require.Equal(t, want, exit.Code(err), "%v", err)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"insufficient funds: failed to execute message; message index: 0: spendable 1 is smaller than 5: insufficient funds [cosmos/cosmos-sdk@v0.55.0/x/bank/keeper/send.go:324] with gas used: '35435'": "insufficient funds: spendable 1 is smaller than 5: insufficient funds",
		`key "nobody": key not found [cosmos/cosmos-sdk@v0.55.0/crypto/keyring/keyring.go:549]; list them`:                                                                                                `key "nobody": key not found; list them`,
		"a [b] c.go:5": "a [b] c.go:5",
	} {
		require.Equal(t, want, exit.Text(errors.New(in)))
	}
}
