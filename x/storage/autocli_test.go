package storage_test

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
	"github.com/streamchain/streamchain/x/storage"
	"github.com/streamchain/streamchain/x/storage/types"
)

// Every query and message is a command with an example, and every field that a command names exists.
func TestCommands(t *testing.T) {
	token.Configure()
	registry := codectestutil.CodecOptions{AccAddressPrefix: token.Prefix, ValAddressPrefix: token.Prefix + "valoper"}.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	module := storage.NewAppModule(nil)
	root := &cobra.Command{Use: "streamd"}
	require.NoError(t, autocli.AppOptions{
		Modules:      map[string]appmodule.AppModule{types.ModuleName: module},
		AddressCodec: address.NewBech32Codec(token.Prefix), ValidatorAddressCodec: address.NewBech32Codec(token.Prefix + "valoper"),
		ConsensusAddressCodec: address.NewBech32Codec(token.Prefix + "valcons"),
		ClientCtx:             client.Context{}.WithCodec(cdc).WithInterfaceRegistry(registry).WithKeyring(keyring.NewInMemory(cdc)),
	}.EnhanceRootCommand(root))
	for group, names := range map[string][]string{
		"query": {"params", "provider", "providers", "provider-of", "deal", "deals", "deals-of", "escrow", "claimable", "period", "proofs", "repairs", "pool", "match", "keys", "keys-of"},
		"tx": {
			"register-provider", "update-provider", "add-bond", "leave", "withdraw-bond",
			"request-deals", "fund", "fund-serving", "accept", "end-deal", "claim", "set-beacon", "prove", "report-loss", "refuse", "repair",
			"offer-keys", "draw-keys", "deal-keys", "reshare", "accept-share",
		},
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
	register, _, err := root.Find([]string{"tx", types.ModuleName, "register-provider"})
	require.NoError(t, err)
	require.NoError(t, register.ParseFlags([]string{
		"--endpoints", "https://a.example.com", "--endpoints", "https://b.example.com", "--region", "eu-west",
		"--capacity-bytes", "107374182400", "--price-per-gib-day", "500", "--bond", "1100000000",
	}))
	providers, _, err := root.Find([]string{"query", types.ModuleName, "providers"})
	require.NoError(t, err)
	require.NoError(t, providers.ParseFlags([]string{"--status", "active", "--page-limit", "20"}))
	prove, _, err := root.Find([]string{"tx", types.ModuleName, "prove"})
	require.NoError(t, err)
	require.NoError(t, prove.ParseFlags([]string{"--reveal", "7a03", "--answers", `{"index":3,"slice":"AAAA"}`}))
	deal, _, err := root.Find([]string{"tx", types.ModuleName, "deal-keys"})
	require.NoError(t, err)
	require.NoError(t, deal.ParseFlags([]string{"--commitments", "5f", "--commitments", "e1", "--sealed", "7a03"}))
	offer, _, err := root.Find([]string{"tx", types.ModuleName, "offer-keys"})
	require.NoError(t, err)
	require.NoError(t, offer.ParseFlags([]string{"--seal-key", "5fe1"}))
	accept, _, err := root.Find([]string{"tx", types.ModuleName, "accept"})
	require.NoError(t, err)
	require.NoError(t, accept.ParseFlags([]string{"--piece-root", "5f", "--piece-size", "22700000"}))
}

// Hardware wallets show at most 39 characters of a name; the codec refuses more.
func TestAminoNames(t *testing.T) {
	require.NotPanics(t, func() { storage.NewAppModule(nil).RegisterLegacyAminoCodec(codec.NewLegacyAmino()) })
}
