package flow

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func passCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "pass", Short: "Passes over many creators: your fee goes only to what you watch"}
	cmd.AddCommand(passCreateCmd(), passJoinCmd(), passLeaveCmd(), passSubscribeCmd(), passCancelCmd(), passShowCmd())
	return cmd
}

func passCreateCmd() *cobra.Command {
	var title, price string
	var period time.Duration
	var creators []string
	cmd := &cobra.Command{
		Use: "create", Short: "Make a pass and list creators, who have to accept", Args: cobra.NoArgs,
		Example: `streamd pass create --title "All of it" --price 10stream --period 720h --creator streamcreator1… --creator streamcreator1… --from bob`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			coin, err := amount(price)
			if err != nil {
				return err
			}
			if coin.Denom != token.BaseDenom {
				return exit.With(exit.Usage, errors.New("--price is in STREAM"))
			}
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&subscriptiontypes.MsgCreatePass{
					Curator: s.signer.Address().String(), Title: title, Price: coin, PeriodSeconds: int64(period / time.Second), Creators: creators,
				}}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&title, "title", "", "title (required)")
	f.StringVar(&price, "price", "", "price of one period (required)")
	f.DurationVar(&period, "period", 30*24*time.Hour, "length of one period")
	f.StringSliceVar(&creators, "creator", nil, "id of a creator to list, as often as you like, up to 256")
	cmd.MarkFlagsOneRequired("title")
	cmd.MarkFlagsOneRequired("price")
	return cmd
}

// ofCreator makes messages for the creator that the signer controls.
func ofCreator(cmd *cobra.Command, msg func(controller, creator string) sdk.Msg) error {
	s, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer s.Close()
	me := s.signer.Address().String()
	res, err := contenttypes.NewQueryClient(s.Conn()).CreatorByController(cmd.Context(), &contenttypes.QueryCreatorByControllerRequest{Controller: me})
	if err != nil {
		return err
	}
	return s.act(cmd, msg(me, res.Creator.Id))
}

func passJoinCmd() *cobra.Command {
	return &cobra.Command{
		Use: "join PASS", Short: "Accept, as a creator, that a pass sells your works", Args: cobra.ExactArgs(1),
		Example: "streamd pass join pass-1 --from alice",
		RunE: func(cmd *cobra.Command, args []string) error {
			return ofCreator(cmd, func(controller, creator string) sdk.Msg {
				return &subscriptiontypes.MsgJoinPass{Controller: controller, Pass: args[0], Creator: creator}
			})
		},
	}
}

func passLeaveCmd() *cobra.Command {
	return &cobra.Command{
		Use: "leave PASS", Short: "Leave a pass, as a creator; periods that have begun cover you to their end", Args: cobra.ExactArgs(1),
		Example: "streamd pass leave pass-1 --from alice",
		RunE: func(cmd *cobra.Command, args []string) error {
			return ofCreator(cmd, func(controller, creator string) sdk.Msg {
				return &subscriptiontypes.MsgLeavePass{Controller: controller, Pass: args[0], Creator: creator}
			})
		},
	}
}

func passSubscribeCmd() *cobra.Command {
	var maxPrice, gift string
	var periods, renew uint32
	cmd := &cobra.Command{
		Use: "subscribe PASS", Short: "Buy periods of a pass, for yourself or as a gift, and let it renew itself with --renew", Args: cobra.ExactArgs(1),
		Example: "streamd pass subscribe pass-1 --max-price 10stream --renew --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			price, err := amount(maxPrice)
			if err != nil {
				return err
			}
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&subscriptiontypes.MsgSubscribePass{
					Subscriber: s.signer.Address().String(), Pass: args[0], MaxPrice: price, Periods: periods, Recipient: gift, Renewals: renew,
				}}
			})
		},
	}
	cmd.Flags().StringVar(&maxPrice, "max-price", "", "the most that you pay for one period, now and at each renewal (required)")
	cmd.Flags().Uint32Var(&periods, "periods", 1, "periods to buy now, 1 to 12")
	renewFlag(cmd, &renew)
	cmd.Flags().StringVar(&gift, "gift-to", "", "address of the account that shall have access; a gift is not renewed")
	cmd.MarkFlagsOneRequired("max-price")
	return cmd
}

func passCancelCmd() *cobra.Command {
	return &cobra.Command{
		Use: "cancel PASS", Short: "End renewals and give the periods that have not begun back to who paid", Args: cobra.ExactArgs(1),
		Example: "streamd pass cancel pass-1 --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&subscriptiontypes.MsgCancelPass{Viewer: s.signer.Address().String(), Pass: args[0]}}
			})
		},
	}
}

func passShowCmd() *cobra.Command {
	return &cobra.Command{
		Use: "show PASS", Short: "Show what of your watching counts, and who would get what of your fee now", Args: cobra.ExactArgs(1),
		Example: "streamd pass show pass-1 --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer s.Close()
			res, err := subscriptiontypes.NewQueryClient(s.Conn()).PassPreview(cmd.Context(), &subscriptiontypes.QueryPassPreviewRequest{
				Viewer: s.signer.Address().String(), Pass: args[0],
			})
			if err != nil {
				return err
			}
			return show(cmd, res, func(line func(string, ...any)) {
				for _, u := range res.Uses {
					line("watched %s for %d s", u.Work, u.Seconds)
				}
				for _, share := range res.Shares {
					line("%s to %s", token.Format(subscriptiontypes.Coin(share.Amount)), share.Work)
				}
				line("%s is not proved: it rolls into the next period, or comes back to who paid", token.Format(res.Rest))
			})
		},
	}
}

// toldOfPass says in plain what an event of a pass means; empty where it is of something else.
func toldOfPass(e any) string {
	switch e := e.(type) {
	case *subscriptiontypes.EventPassCreated:
		return fmt.Sprintf("pass %s lists %d creators; each has to join", e.Pass.Id, e.Pass.Creators)
	case *subscriptiontypes.EventPassJoined:
		return fmt.Sprintf("%s is in %s", e.Creator, e.Pass)
	case *subscriptiontypes.EventPassLeft:
		return fmt.Sprintf("%s has left %s", e.Creator, e.Pass)
	case *subscriptiontypes.EventPassSubscribed:
		text := fmt.Sprintf("subscribed until %s for %s", time.Unix(e.Subscription.ExpiresAt(), 0).UTC().Format("2006-01-02 15:04:05 UTC"), token.Format(e.Paid))
		if e.Subscription.Viewer != e.Subscriber {
			text += fmt.Sprintf(", as a gift to %s", e.Subscription.Viewer)
		}
		return text
	case *subscriptiontypes.EventPassCancelled:
		return "cancelled; the running period goes on to its end" + backTo(e.Refunds)
	}
	return ""
}
