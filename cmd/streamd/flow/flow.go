package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	flagGRPC = "grpc"
	// defaultGRPC is where a node on this machine answers.
	defaultGRPC = "localhost:9090"
)

// Commands are the flows, for the root command.
func Commands() []*cobra.Command {
	watching, buying, subscribing, tipping := watchCmd(), buyCmd(), subscribeCmd(), tipCmd()
	sponsored(watching, buying, subscribing, tipping)
	cmds := []*cobra.Command{
		publishCmd(), watching, playCmd(), buying, rentCmd(), subscribing, cancelCmd(), tipping, planCmd(), collectionCmd(),
		mineCmd(), repriceCmd(), retireCmd(), earningsCmd(), receiptCmd(), explainCmd(), templateCmd(), passCmd(), jurorCmd(), attestCmd(), simulateVoteCmd(),
	}
	for _, c := range cmds {
		addFlags(c)
	}
	return append(cmds, packagerCmd(), sponsorCmd(), doctorCmd(), demoCmd())
}

func addFlags(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		addFlags(sub)
	}
	if cmd.RunE == nil {
		return
	}
	f := cmd.Flags()
	f.String(flags.FlagFrom, "", "name or address of the key that signs")
	f.String(flags.FlagNode, "tcp://localhost:26657", "CometBFT RPC of a node")
	f.String(flagGRPC, "", "gRPC of the same node (default from client.toml, else "+defaultGRPC+")")
	f.String(flags.FlagChainID, "", "the chain's id")
	f.String(flags.FlagKeyringBackend, "os", "where keys are kept (os|file|test)")
	f.String(flags.FlagFeeGranter, "", "address of the account whose allowance to you pays the fees")
	f.StringP(flags.FlagOutput, "o", "text", "format of the result (text|json)")
}

// session is a connection with the account that a command acts for.
type session struct {
	*chainclient.Client
	ctx    client.Context
	signer chainclient.Signer // nil without --from
}

// connect dials the chain. With needKey, --from must name a key.
func connect(cmd *cobra.Command, needKey bool) (*session, error) {
	ctx, err := client.GetClientQueryContext(cmd)
	if err != nil {
		return nil, err
	}
	grpc, err := cmd.Flags().GetString(flagGRPC)
	if err != nil {
		return nil, err
	}
	if grpc == "" && ctx.Viper != nil {
		grpc = ctx.Viper.GetString(flagGRPC)
	}
	if grpc == "" {
		grpc = defaultGRPC
	}
	// the SDK takes --dry-run for its own, and gives such commands a keyring without keys
	if ctx.Simulate {
		backend, err := cmd.Flags().GetString(flags.FlagKeyringBackend)
		if err != nil {
			return nil, err
		}
		if !cmd.Flags().Changed(flags.FlagKeyringBackend) && ctx.Viper != nil && ctx.Viper.GetString(flags.FlagKeyringBackend) != "" {
			backend = ctx.Viper.GetString(flags.FlagKeyringBackend)
		}
		ctx = ctx.WithSimulation(false)
		if ctx.Keyring, err = client.NewKeyringFromBackend(ctx, backend); err != nil {
			return nil, err
		}
	}
	s := &session{ctx: ctx}
	from, err := cmd.Flags().GetString(flags.FlagFrom)
	if err != nil {
		return nil, err
	}
	if from == "" && needKey {
		return nil, exit.With(exit.Usage, errors.New("say who signs: --from KEY (`streamd keys list` shows the keys that are there)"))
	}
	if from != "" {
		if s.signer, err = chainclient.KeyringSigner(ctx.Keyring, from); err != nil {
			return nil, exit.With(exit.NotFound, err)
		}
	}
	chainclient.RegisterErrors(contenttypes.ErrCreatorExists, subscriptiontypes.ErrAlreadyOwned, storagetypes.ErrNoHolders)
	s.Client, err = chainclient.Dial(cmd.Context(), chainclient.Config{
		GRPC: grpc, RPC: strings.Replace(ctx.NodeURI, "tcp://", "http://", 1), ChainID: ctx.ChainID,
		Register: []func(codectypes.InterfaceRegistry){
			contenttypes.RegisterInterfaces, storagetypes.RegisterInterfaces, revenuetypes.RegisterInterfaces,
			streamtypes.RegisterInterfaces, subscriptiontypes.RegisterInterfaces, disputetypes.RegisterInterfaces, governancetypes.RegisterInterfaces,
		},
	})
	if err != nil {
		return nil, exit.With(exit.Network, err)
	}
	if err := s.payFees(cmd); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// relaxed says whether the chain allows nodes on private addresses: a local network.
func (s *session) relaxed(cmd *cobra.Command) (bool, error) {
	res, err := storagetypes.NewQueryClient(s.Conn()).Params(cmd.Context(), &storagetypes.QueryParamsRequest{})
	if err != nil {
		return false, err
	}
	return res.Params.RelaxedNetworkRules, nil
}

// folder is where a flow keeps what it must not forget between runs.
func (s *session) folder(name string) string { return filepath.Join(s.ctx.HomeDir, name) }

// sent is what a flow of one message prints.
type sent struct {
	TX     string `json:"tx"`
	Height int64  `json:"height"`
}

// send broadcasts and returns what to print.
func (s *session) send(cmd *cobra.Command, msgs ...sdk.Msg) (sent, *chainclient.TxResult, error) {
	res, err := s.Broadcast(cmd.Context(), s.signer, msgs...)
	if err != nil {
		return sent{}, nil, err
	}
	return sent{TX: res.Hash, Height: res.Height}, res, nil
}

// show prints v as JSON, or text's lines.
func show(cmd *cobra.Command, v any, text func(line func(format string, args ...any))) error {
	output, err := cmd.Flags().GetString(flags.FlagOutput)
	if err != nil {
		return err
	}
	if output == flags.OutputFormatJSON {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), string(raw))
		return err
	}
	text(func(format string, args ...any) { fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...) })
	return nil
}

// amount reads a flag or argument as STREAM.
func amount(s string) (sdk.Coin, error) {
	c, err := token.Parse(s)
	if err != nil {
		return c, exit.With(exit.Usage, err)
	}
	return c, nil
}
