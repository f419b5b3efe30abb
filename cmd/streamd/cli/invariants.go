package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/cmd/internal/exit"
)

// invariantsCmd walks all of a stopped node's state.
func invariantsCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "verify-invariants",
		Short:   "Add up every ledger of a stopped or copied node",
		Example: "streamd verify-invariants --home .localnet/val0",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			home, err := cmd.Flags().GetString(flags.FlagHome)
			if err != nil {
				return err
			}
			data := filepath.Join(home, "data")
			if _, err := os.Stat(filepath.Join(data, "application.db")); err != nil {
				return exit.With(exit.NotFound, fmt.Errorf("%s holds no chain: point --home at a node's folder", home))
			}
			db, err := dbm.NewDB("application", dbm.GoLevelDBBackend, data)
			if err != nil {
				return fmt.Errorf("open the state; stop the node first: %w", err)
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			a := app.New(log.NewNopLogger(), db, true, app.Options{flags.FlagHome: home})
			if a.LastBlockHeight() == 0 {
				return exit.With(exit.NotFound, fmt.Errorf("%s holds no block yet", home))
			}
			if err := a.CheckInvariants(a.CommittedContext()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "height %d: every ledger adds up\n", a.LastBlockHeight())
			return nil
		},
	}
}
