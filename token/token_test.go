package token_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"1.5stream": "1500000ustream", "1500000ustream": "1500000ustream", "0.000001STREAM": "1ustream",
		"2stream": "2000000ustream", "7ibc/ABC123": "7ibc/ABC123", "1.50stream": "1500000ustream",
	} {
		c, err := token.Parse(in)
		require.NoError(t, err, in)
		require.Equal(t, want, c.String(), in)
	}
	for _, in := range []string{"", "stream", "1", "-1stream", "1.2.3stream", "0.0000001stream", "1.5ustream", ".5stream", "1 2stream"} {
		_, err := token.Parse(in)
		require.Error(t, err, in)
	}
}

func TestFormat(t *testing.T) {
	for in, want := range map[int64]string{0: "0 STREAM", 1: "0.000001 STREAM", 1_500_000: "1.5 STREAM", 12_000_000: "12 STREAM"} {
		require.Equal(t, want, token.Format(token.Coin(in)))
	}
	require.Equal(t, "5uatom", token.Format(sdk.NewInt64Coin("uatom", 5)))
}
