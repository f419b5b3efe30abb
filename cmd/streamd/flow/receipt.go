package flow

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/receipt"
	"github.com/streamchain/streamchain/token"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
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
				showReceipt(r, line)
			})
		},
	}
	cmd.Flags().StringVar(&payer, "payer", "", "key or address: all that it paid since the first block")
	return cmd
}

func showReceipt(r *receipt.Receipt, line func(string, ...any)) {
	for _, p := range r.Payments {
		showPayment(p, line)
	}
	for _, p := range r.Pending {
		paid := token.Format(sdk.NewCoin(p.Denom, p.Charged))
		if p.Hold == "" {
			line("waits for the ends of its periods, each shared out when it has ended: %s for %s", paid, p.Subject)
			continue
		}
		line("waits for the end of its refund window: %s for %s", paid, p.Subject)
	}
	showServing(r.Serving, line)
	if len(r.Payments)+len(r.Pending)+len(r.Serving) == 0 {
		line("this transaction paid nobody")
	}
}

// showServing prints what nodes earned by serving, a line for each work.
func showServing(all []receipt.Serving, line func(string, ...any)) {
	type sum struct {
		seconds uint64
		paid    math.Int
	}
	works := map[string]sum{}
	for _, u := range all {
		w, ok := works[u.Work]
		if !ok {
			w.paid = math.ZeroInt()
		}
		works[u.Work] = sum{w.seconds + u.Seconds, w.paid.Add(u.Paid)}
	}
	for _, work := range slices.Sorted(maps.Keys(works)) {
		w := works[work]
		line("serving budget of %s: %s ustream to nodes for %d seconds served", work, nano(w.paid), w.seconds)
	}
}

// nano writes nano-ustream as ustream.
func nano(amount math.Int) string {
	one := math.NewInt(storagetypes.NanoPerUstream)
	return fmt.Sprintf("%s.%09d", amount.Quo(one), amount.Mod(one).Int64())
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
		showServing(st.Serving, line)
		coin := func(amount math.Int) string { return token.Format(sdk.NewCoin(token.BaseDenom, amount)) }
		if st.Funded.IsPositive() {
			line("put into serving budgets: %s", coin(st.Funded))
		}
		line("pending %s · fees %s · balance %s · escrow %s", coin(st.Pending), coin(st.Fees), coin(st.Balance), coin(st.Escrow))
	})
}

func showPayment(p receipt.Payment, line func(string, ...any)) {
	name := p.Subject
	if p.Title != "" {
		name = p.Title
	}
	how := ""
	if p.Encrypted {
		how = ", encrypted"
	}
	line("%s of %s for %s%s: creator %s%s (%d.%02d %%)", p.Rail, token.Format(sdk.NewCoin(p.Denom, p.Gross)), name, how, p.CreatorPaid, p.Denom, p.CreatorBps/100, p.CreatorBps%100)
	if p.Discount.IsPositive() {
		line("    %-14s %s%s, so that %s%s were paid", "tier discount", p.Discount, p.Denom, p.Charged, p.Denom)
	}
	for _, part := range slices.Sorted(maps.Keys(p.Parts)) {
		switch part {
		case "creator":
		case "royalty":
			line("    %-14s %s%s to %s, the author of its template", part, p.Parts[part], p.Denom, p.RoyaltyTo)
		default:
			line("    %-14s %s%s", part, p.Parts[part], p.Denom)
		}
	}
}
