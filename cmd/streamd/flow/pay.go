package flow

import (
	"errors"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func buyCmd() *cobra.Command {
	var maxPrice, gift string
	cmd := &cobra.Command{
		Use: "buy WORK", Short: "Buy a work, for yourself or as a gift", Args: cobra.ExactArgs(1),
		Example: "streamd buy bafyrei… --max-price 1.5stream --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			price, err := amount(maxPrice)
			if err != nil {
				return err
			}
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&subscriptiontypes.MsgPurchase{Buyer: s.signer.Address().String(), Work: args[0], MaxPrice: price, Recipient: gift}}
			})
		},
	}
	cmd.Flags().StringVar(&maxPrice, "max-price", "", "the most that you pay (required)")
	cmd.Flags().StringVar(&gift, "gift-to", "", "address of the account that shall own it")
	cmd.MarkFlagsOneRequired("max-price")
	return cmd
}

func subscribeCmd() *cobra.Command {
	var maxPrice, gift string
	var periods uint32
	cmd := &cobra.Command{
		Use: "subscribe PLAN", Short: "Buy periods of a plan", Args: cobra.ExactArgs(1),
		Example: "streamd subscribe streamcreator1…/1 --max-price 2stream --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			price, err := amount(maxPrice)
			if err != nil {
				return err
			}
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&subscriptiontypes.MsgSubscribe{Subscriber: s.signer.Address().String(), Plan: args[0], MaxPrice: price, Periods: periods, Recipient: gift}}
			})
		},
	}
	cmd.Flags().StringVar(&maxPrice, "max-price", "", "the most that you pay for one period (required)")
	cmd.Flags().Uint32Var(&periods, "periods", 1, "periods to buy, 1 to 12")
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

// act sends the messages and prints where they are.
func act(cmd *cobra.Command, msgs func(*session) []sdk.Msg) error {
	s, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer s.Close()
	res, _, err := s.send(cmd, msgs(s)...)
	if err != nil {
		return err
	}
	return show(cmd, res, func(line func(string, ...any)) {
		line("done: %s at height %d", res.TX, res.Height)
		line("streamd receipt %s shows who got what", res.TX)
	})
}

func planCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "plan", Short: "Subscription plans over your works"}
	var title, price, handle string
	var period time.Duration
	var works []string
	create := &cobra.Command{
		Use: "create", Short: "Open a plan", Args: cobra.NoArgs,
		Example: `streamd plan create --title "Film club" --price 2stream --period 720h --from bob`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			coin, err := amount(price)
			if err != nil {
				return err
			}
			return createPlan(cmd, title, coin, period, handle, works)
		},
	}
	f := create.Flags()
	f.StringVar(&title, "title", "", "title (required)")
	f.StringVar(&price, "price", "", "price of one period (required)")
	f.DurationVar(&period, "period", 30*24*time.Hour, "length of one period")
	f.StringSliceVar(&works, "work", nil, "works that the plan promises (default: all of yours, later ones too)")
	f.StringVar(&handle, "handle", "", "handle to take, for an account that is no creator yet")
	create.MarkFlagsOneRequired("title")
	create.MarkFlagsOneRequired("price")
	cmd.AddCommand(create)
	return cmd
}

func createPlan(cmd *cobra.Command, title string, price sdk.Coin, period time.Duration, handle string, works []string) error {
	if price.Denom != token.BaseDenom {
		return exit.With(exit.Usage, errors.New("--price is in STREAM"))
	}
	s, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer s.Close()
	controller := s.signer.Address().String()
	msg := &subscriptiontypes.MsgCreatePlan{
		Controller: controller, Title: title, Price: price, PeriodSeconds: int64(period / time.Second), Coverage: subscriptiontypes.COVERAGE_ALL,
	}
	if len(works) > 0 {
		msg.Coverage, msg.Works = subscriptiontypes.COVERAGE_LISTED, works
	}
	var msgs []sdk.Msg
	creator, err := contenttypes.NewQueryClient(s.Conn()).CreatorByController(cmd.Context(), &contenttypes.QueryCreatorByControllerRequest{Controller: controller})
	switch {
	case err == nil:
		msg.Creator = creator.Creator.Id
	case status.Code(err) == codes.NotFound:
		msg.Creator = contenttypes.NewCreatorID(s.signer.Address()).String()
		msgs = append(msgs, &contenttypes.MsgRegisterCreator{Controller: controller, Handle: handle})
	default:
		return err
	}
	res, tx, err := s.send(cmd, append(msgs, msg)...)
	if err != nil {
		return err
	}
	out := struct {
		Plan string `json:"plan"`
		sent
	}{sent: res}
	for _, e := range tx.Events {
		if e, ok := e.(*subscriptiontypes.EventPlanCreated); ok {
			out.Plan = e.Plan.Id
		}
	}
	return show(cmd, out, func(line func(string, ...any)) { line("plan %s (tx %s)", out.Plan, out.TX) })
}
