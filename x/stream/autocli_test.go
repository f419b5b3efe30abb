package stream_test

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
	"github.com/streamchain/streamchain/x/stream"
	"github.com/streamchain/streamchain/x/stream/types"
)

// Every query and message is a command with an example, and every field that a command names exists.
func TestCommands(t *testing.T) {
	token.Configure()
	registry := codectestutil.CodecOptions{AccAddressPrefix: token.Prefix, ValAddressPrefix: token.Prefix + "valoper"}.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	module := stream.NewAppModule(nil)
	root := &cobra.Command{Use: "streamd"}
	require.NoError(t, autocli.AppOptions{
		Modules:      map[string]appmodule.AppModule{types.ModuleName: module},
		AddressCodec: address.NewBech32Codec(token.Prefix), ValidatorAddressCodec: address.NewBech32Codec(token.Prefix + "valoper"),
		ConsensusAddressCodec: address.NewBech32Codec(token.Prefix + "valcons"),
		ClientCtx:             client.Context{}.WithCodec(cdc).WithInterfaceRegistry(registry).WithKeyring(keyring.NewInMemory(cdc)),
	}.EnhanceRootCommand(root))
	for group, names := range map[string][]string{
		"query": {"params", "escrow", "key", "keys", "lane", "lanes-by-owner", "lanes-by-provider", "next-generation", "session", "tier", "flow", "flows-by-sender", "flows-by-recipient", "economics"},
		"tx":    {"grant-key", "revoke-key", "deposit", "withdraw", "open-lanes", "settle", "report-use", "close-lane", "tip", "create-flow", "top-up-flow", "pause-flow", "resume-flow", "re-rate-flow", "cancel-flow", "withdraw-flow"},
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
	open, _, err := root.Find([]string{"tx", types.ModuleName, "open-lanes"})
	require.NoError(t, err)
	require.NoError(t, open.ParseFlags([]string{"--intents", `{"denom":"ustream","generation":1}`, "--intents", `{"denom":"ustream","generation":2}`}))
	lanes, _, err := root.Find([]string{"query", types.ModuleName, "lanes-by-provider"})
	require.NoError(t, err)
	require.NoError(t, lanes.ParseFlags([]string{"--closing", "--page-limit", "20"}))
	lane, _, err := root.Find([]string{"query", types.ModuleName, "lane"})
	require.NoError(t, err)
	require.NoError(t, lane.ParseFlags([]string{"--generation", "3"}))
	grant, _, err := root.Find([]string{"tx", types.ModuleName, "grant-key"})
	require.NoError(t, err)
	require.NoError(t, grant.ParseFlags([]string{
		"--pubkey", "O2onvM62pC1imqjQKm8Nc2UyFXceJDpjrASKGLWdopk=", "--limit", "5000000ustream",
		"--expires", "1798761600", "--scope", "payment-and-access",
	}))
}
