package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/version"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/cmd/internal/exit"
)

// initCmd is ours and not the SDK's, whose genesis lets a block hold any amount of gas.
func initCmd(bare *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "init MONIKER",
		Short:   "Make the keys, configuration and genesis of a new node",
		Example: "streamd init my-node --chain-id streamchain-1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cfg := client.GetClientContextFromCmd(cmd), server.GetServerContextFromCmd(cmd).Config
			chainID, err := cmd.Flags().GetString(flags.FlagChainID)
			if err != nil {
				return err
			}
			if chainID == "" {
				return exit.With(exit.Usage, errors.New("--chain-id is missing: name the chain, for example streamchain-local-1"))
			}
			overwrite, err := cmd.Flags().GetBool("overwrite")
			if err != nil {
				return err
			}
			cfg.SetRoot(ctx.HomeDir)
			cfg.Moniker = args[0]
			return initNode(cmd, cfg, chainID, overwrite, bare.DefaultGenesis())
		},
	}
	cmd.Flags().String(flags.FlagChainID, "", "id of the chain")
	cmd.Flags().BoolP("overwrite", "o", false, "replace a genesis that is there")
	return cmd
}

func initNode(cmd *cobra.Command, cfg *cmtcfg.Config, chainID string, overwrite bool, state app.GenesisState) error {
	if _, err := os.Stat(cfg.GenesisFile()); err == nil && !overwrite {
		return fmt.Errorf("%s exists: use --overwrite to replace it", cfg.GenesisFile())
	}
	nodeID, _, err := genutil.InitializeNodeValidatorFiles(cfg)
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	genesis := &genutiltypes.AppGenesis{
		AppName: version.AppName, AppVersion: version.Version, ChainID: chainID, InitialHeight: 1, AppState: raw,
		Consensus: &genutiltypes.ConsensusGenesis{Params: app.ConsensusParams()},
	}
	if err := genutil.ExportGenesisFile(genesis, cfg.GenesisFile()); err != nil {
		return err
	}
	cmtcfg.WriteConfigFile(filepath.Join(cfg.RootDir, "config", "config.toml"), cfg)
	out, err := json.Marshal(map[string]string{"moniker": cfg.Moniker, "chain_id": chainID, "node_id": nodeID, "home": cfg.RootDir})
	if err != nil {
		return err
	}
	cmd.Println(string(out))
	return nil
}
