package chainclient

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

func TestBoundsAndGranterAreSigned(t *testing.T) {
	c := testClient(t)
	signer, granter := KeySigner(secp256k1.GenPrivKey()), sdk.AccAddress("granter_____________")
	msgs := []sdkMsg{banktypes.NewMsgSend(signer.Address(), signer.Address(), coins(5))}
	acc := &account{fees: feeSource{granter: granter}}
	for _, gas := range []uint64{0, 100_001} {
		raw, err := c.sign(t.Context(), acc, signer, gas, Bounds{Until: 7, MaxFee: 101}, msgs)
		require.NoError(t, err)
		tx, err := c.TxConfig.TxDecoder()(raw)
		require.NoError(t, err)
		require.Equal(t, []byte(granter), tx.(feeTx).FeeGranter(), "the simulation too meets the allowance's rules")
		require.EqualValues(t, 7, tx.(sdk.TxWithTimeoutHeight).GetTimeoutHeight())
	}
	_, err := c.sign(t.Context(), acc, signer, 100_001, Bounds{MaxFee: 100}, msgs)
	require.ErrorIs(t, err, ErrFeeTooHigh)
}

func TestFeesFromIsAskedOnce(t *testing.T) {
	c, calls, fail := testClient(t), 0, true
	who, granter := sdk.AccAddress("account_____________"), sdk.AccAddress("granter_____________")
	c.FeesFrom(who, func(context.Context) (sdk.AccAddress, error) {
		if calls++; fail {
			return nil, errors.New("not now")
		}
		return granter, nil
	})
	acc := c.account(who.String())
	require.Zero(t, calls)
	require.Error(t, acc.fees.settle(t.Context()))
	fail = false
	require.NoError(t, acc.fees.settle(t.Context()))
	require.NoError(t, acc.fees.settle(t.Context()))
	require.Equal(t, 2, calls, "again after a failure, never after an answer")
	require.Equal(t, granter, acc.fees.granter)
	require.NoError(t, c.account("somebody else").fees.settle(t.Context()))
}
