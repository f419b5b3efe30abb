package chainclient

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
)

type (
	sdkMsg = sdk.Msg
	feeTx  = sdk.FeeTx
)

func coins(n int64) sdk.Coins { return sdk.NewCoins(token.Coin(n)) }

func dec(t *testing.T, s string) math.LegacyDec {
	t.Helper()
	d, err := math.LegacyNewDecFromStr(s)
	require.NoError(t, err)
	return d
}
