package revenue_test

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/revenue"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// Every query and message is a command with an example, and every field that a command names exists.
func TestCommands(t *testing.T) {
	token.Configure()
	registry := codectestutil.CodecOptions{AccAddressPrefix: token.Prefix, ValAddressPrefix: token.Prefix + "valoper"}.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	module := revenue.NewAppModule(nil)
	root := &cobra.Command{Use: "streamd"}
	require.NoError(t, autocli.AppOptions{
		Modules:      map[string]appmodule.AppModule{types.ModuleName: module},
		AddressCodec: address.NewBech32Codec(token.Prefix), ValidatorAddressCodec: address.NewBech32Codec(token.Prefix + "valoper"),
		ConsensusAddressCodec: address.NewBech32Codec(token.Prefix + "valcons"),
		ClientCtx:             client.Context{}.WithCodec(cdc).WithInterfaceRegistry(registry).WithKeyring(keyring.NewInMemory(cdc)),
	}.EnhanceRootCommand(root))
	for group, names := range map[string][]string{
		"query": {"params", "claimable", "split", "hold", "holds", "totals", "pools", "preview", "payouts", "rebate", "derivation"},
		"tx":    {"claim", "set-split", "accept-split", "refund", "set-payout", "claim-rebate", "set-derivation-terms", "accept-derivation"},
	} {
		for _, name := range names {
			cmd, _, err := root.Find([]string{group, types.ModuleName, name})
			require.NoError(t, err)
			require.Equal(t, name, cmd.Name())
			require.NotEmpty(t, cmd.Example, name)
		}
		parent, _, err := root.Find([]string{group, types.ModuleName})
		require.NoError(t, err)
		require.Len(t, parent.Commands(), len(names), "no command without a name of ours")
	}
	set, _, err := root.Find([]string{"tx", types.ModuleName, "set-split"})
	require.NoError(t, err)
	require.NoError(t, set.ParseFlags([]string{"--shares", `{"recipient":"a","bps":7000}`, "--shares", `{"recipient":"b","bps":3000}`}))
}
