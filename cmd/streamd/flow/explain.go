package flow

import (
	"encoding/hex"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/receipt"
)

func explainCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "explain TX",
		Short:   "Say in plain words what a transaction asked for, what it did, and who got what",
		Example: "streamd explain 9F2C…",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := connect(cmd, false)
			if err != nil {
				return err
			}
			defer s.Close()
			hash := strings.ToUpper(strings.TrimPrefix(strings.ToLower(args[0]), "0x"))
			if raw, err := hex.DecodeString(hash); err != nil || len(raw) != 32 {
				return exit.With(exit.Usage, errors.New("name a transaction by its hash: 64 hexadecimal digits"))
			}
			res, err := txtypes.NewServiceClient(s.Client.Conn()).GetTx(cmd.Context(), &txtypes.GetTxRequest{Hash: hash})
			if err != nil {
				return err
			}
			e := receipt.Explain(res)
			return show(cmd, e, func(line func(string, ...any)) {
				for _, l := range e.Lines() {
					line("%s", l)
				}
			})
		},
	}
}
