package flow

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/receipt"
	"github.com/streamchain/streamchain/token"
)

func receiptCmd() *cobra.Command {
	var payer string
	cmd := &cobra.Command{
		Use:   "receipt [TX]",
		Short: "Who paid and who got what: of a transaction, or of all that an account paid",
		Example: `streamd receipt 9F2C…
streamd receipt --payer viewer`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (payer == "") == (len(args) == 0) {
				return exit.With(exit.Usage, errors.New("name a transaction, or an account with --payer"))
			}
			s, err := connect(cmd, false)
			if err != nil {
				return err
			}
			defer s.Close()
			if payer != "" {
				return s.statement(cmd, payer)
			}
			r, err := receipt.OfTx(cmd.Context(), s.Client, args[0])
			if err != nil {
				return err
			}
			return show(cmd, r, func(line func(string, ...any)) {
				for _, p := range r.Payments {
					showPayment(p, line)
				}
				for _, p := range r.Pending {
					if p.Hold == "" {
						line("waits for the ends of its periods, each shared out when it has ended: %s%s for %s", p.Gross, p.Denom, p.Subject)
						continue
					}
					line("waits for the end of its refund window: %s%s for %s", p.Gross, p.Denom, p.Subject)
				}
				if len(r.Payments)+len(r.Pending) == 0 {
					line("this transaction paid no creator")
				}
			})
		},
	}
	cmd.Flags().StringVar(&payer, "payer", "", "key or address: all that it paid since the first block")
	return cmd
}

func (s *session) statement(cmd *cobra.Command, payer string) error {
	if rec, err := s.ctx.Keyring.Key(payer); err == nil {
		addr, err := rec.GetAddress()
		if err != nil {
			return err
		}
		payer = addr.String()
	} else if _, err := sdk.AccAddressFromBech32(payer); err != nil {
		return exit.With(exit.NotFound, fmt.Errorf("%q is neither a key nor an address", payer))
	}
	st, err := receipt.OfPayer(cmd.Context(), s.Client, payer)
	if err != nil {
		return err
	}
	return show(cmd, st, func(line func(string, ...any)) {
		for _, p := range st.Payments {
			showPayment(p, line)
		}
		coin := func(c sdk.Coin) string { return token.Format(c) }
		line("pending %s · fees %s · balance %s · escrow %s", coin(sdk.NewCoin(token.BaseDenom, st.Pending)), coin(sdk.NewCoin(token.BaseDenom, st.Fees)),
			coin(sdk.NewCoin(token.BaseDenom, st.Balance)), coin(sdk.NewCoin(token.BaseDenom, st.Escrow)))
	})
}

func showPayment(p receipt.Payment, line func(string, ...any)) {
	name := p.Subject
	if p.Title != "" {
		name = p.Title
	}
	line("%s of %s for %s: creator %s%s (%d.%02d %%)", p.Rail, token.Format(sdk.NewCoin(p.Denom, p.Gross)), name, p.CreatorPaid, p.Denom, p.CreatorBps/100, p.CreatorBps%100)
	for _, part := range slices.Sorted(maps.Keys(p.Parts)) {
		if part != "creator" {
			line("    %-14s %s%s", part, p.Parts[part], p.Denom)
		}
	}
}
