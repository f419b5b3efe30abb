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
