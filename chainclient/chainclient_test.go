package chainclient

import (
	"errors"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/token"
)

func testClient(t *testing.T) *Client {
	t.Helper()
	enc, err := NewEncoding()
	require.NoError(t, err)
	c := &Client{Encoding: enc, cfg: Config{ChainID: "streamchain-test-1"}, accounts: map[string]*account{}}
	c.gasPrice.Denom = token.BaseDenom
	c.gasPrice.Amount = dec(t, "0.001")
	return c
}

func TestSignedBytesDecodeAndVerify(t *testing.T) {
	c := testClient(t)
	key := secp256k1.GenPrivKey()
	signer := KeySigner(key)
	raw, err := c.sign(t.Context(), &account{number: 3, sequence: 7}, signer, 100_001, Bounds{},
		[]sdkMsg{banktypes.NewMsgSend(signer.Address(), signer.Address(), coins(5))})
	require.NoError(t, err)
	tx, err := c.TxConfig.TxDecoder()(raw)
	require.NoError(t, err)
	fee := tx.(feeTx)
	require.EqualValues(t, 100_001, fee.GetGas())
	require.Equal(t, "101ustream", fee.GetFee().String(), "the fee is rounded up")
}

func TestSimulationErrorsAreTyped(t *testing.T) {
	sentinel := errorsmod.Register("chainclienttest", 2, "the handle is taken: choose another")
	RegisterErrors(sentinel)
	err := simulationError(status.Error(codes.Unknown, "failed to execute message; message index: 0: x: the handle is taken: choose another [stack]"))
	require.ErrorIs(t, err, sentinel)
	var txErr *TxError
	require.True(t, errors.As(err, &txErr))
	require.Equal(t, "chainclienttest", txErr.Codespace)

	require.ErrorIs(t, simulationError(status.Error(codes.Unknown, "account sequence mismatch, expected 3, got 2: incorrect account sequence")), sdkerrors.ErrWrongSequence)
	require.ErrorIs(t, newTxError("", "chainclienttest", 2, "log"), sentinel)
}

func TestTransient(t *testing.T) {
	require.True(t, transient(status.Error(codes.Unavailable, "connection refused")))
	require.True(t, transient(status.Error(codes.Unknown, "context did not contain latest block height in either check state or finalize block state (0)")))
	require.False(t, transient(status.Error(codes.NotFound, "work not found")))
	require.False(t, transient(errors.New("plain")))
}

func TestDecodeEventsSkipsWhatItDoesNotKnow(t *testing.T) {
	events := DecodeEvents([]abci.Event{
		{Type: "transfer", Attributes: []abci.EventAttribute{{Key: "amount", Value: "5ustream"}}},
		{Type: "streamchain.unknown.v1.EventHappened", Attributes: []abci.EventAttribute{{Key: "a", Value: "1"}}},
	})
	require.Empty(t, events)
}
