package flow

import (
	"time"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func buyCmd() *cobra.Command {
	var maxPrice, pay, gift string
	cmd := &cobra.Command{
		Use: "buy WORK|COLLECTION", Short: "Buy a work or a collection, for yourself or as a gift", Args: cobra.ExactArgs(1),
		Example: "streamd buy bafyrei… --max-price 1.5stream --from viewer\nstreamd buy streamcreator1…/c1 --pay 3stream --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			msg := &subscriptiontypes.MsgPurchase{Work: args[0], Recipient: gift}
			var err error
			if pay == "" {
				msg.MaxPrice, err = amount(maxPrice)
			} else if msg.MaxPrice, err = amount(pay); err == nil {
				msg.Pay = &msg.MaxPrice
			}
			if err != nil {
				return err
			}
			return act(cmd, func(s *session) []sdk.Msg {
				msg.Buyer = s.signer.Address().String()
				return []sdk.Msg{msg}
			})
		},
	}
	cmd.Flags().StringVar(&maxPrice, "max-price", "", "the most that you pay")
	cmd.Flags().StringVar(&pay, "pay", "", "what you want to pay, where that is yours to choose")
	cmd.Flags().StringVar(&gift, "gift-to", "", "address of the account that shall own it")
	cmd.MarkFlagsOneRequired("max-price", "pay")
	cmd.MarkFlagsMutuallyExclusive("max-price", "pay")
	return cmd
}

func rentCmd() *cobra.Command {
	var maxPrice, gift string
	var length time.Duration
	cmd := &cobra.Command{
		Use: "rent WORK|COLLECTION", Short: "Rent a work or a collection from now, for yourself or as a gift", Args: cobra.ExactArgs(1),
		Example: "streamd rent bafyrei… --for 48h --max-price 0.5stream --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			price, err := amount(maxPrice)
			if err != nil {
				return err
			}
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&subscriptiontypes.MsgRent{
					Renter: s.signer.Address().String(), Work: args[0], DurationSeconds: int64(length / time.Second), MaxPrice: price, Recipient: gift,
				}}
			})
		},
	}
	cmd.Flags().DurationVar(&length, "for", 48*time.Hour, "how long, one of the lengths that are offered")
	cmd.Flags().StringVar(&maxPrice, "max-price", "", "the most that you pay (required)")
	cmd.Flags().StringVar(&gift, "gift-to", "", "address of the account that shall have access")
	cmd.MarkFlagsOneRequired("max-price")
	return cmd
}

func tipCmd() *cobra.Command {
	var memo string
	cmd := &cobra.Command{
		Use: "tip WORK_OR_CREATOR AMOUNT", Short: "Tip a creator", Args: cobra.ExactArgs(2),
		Example: "streamd tip bafyrei… 0.25stream --memo lovely --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			coin, err := amount(args[1])
			if err != nil {
				return err
			}
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&streamtypes.MsgTip{Payer: s.signer.Address().String(), Subject: args[0], Amount: coin, Memo: memo}}
			})
		},
	}
	cmd.Flags().StringVar(&memo, "memo", "", "a line that everybody can read, for good")
	return cmd
}

// act sends the messages and prints what became of them.
func act(cmd *cobra.Command, msgs func(*session) []sdk.Msg) error {
	s, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.act(cmd, msgs(s)...)
}

func (s *session) act(cmd *cobra.Command, msgs ...sdk.Msg) error {
	res, tx, err := s.send(cmd, msgs...)
	if err != nil {
		return err
	}
	return show(cmd, res, func(line func(string, ...any)) {
		for _, e := range tx.Events {
			if text := told(e); text != "" {
				line("%s", text)
			}
		}
		line("done: %s at height %d", res.TX, res.Height)
		line("streamd receipt %s shows who got what", res.TX)
	})
}
