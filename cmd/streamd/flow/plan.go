package flow

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// untilCancelled is so many renewals that nobody lives to see them end.
const untilCancelled = math.MaxUint32

func subscribeCmd() *cobra.Command {
	var maxPrice, gift string
	var periods, renew uint32
	cmd := &cobra.Command{
		Use: "subscribe PLAN", Short: "Buy periods of a plan, and let it renew itself with --renew", Args: cobra.ExactArgs(1),
		Example: "streamd subscribe streamcreator1…/1 --max-price 2stream --renew --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			price, err := amount(maxPrice)
			if err != nil {
				return err
			}
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&subscriptiontypes.MsgSubscribe{
					Subscriber: s.signer.Address().String(), Plan: args[0], MaxPrice: price, Periods: periods, Recipient: gift, Renewals: renew,
				}}
			})
		},
	}
	cmd.Flags().StringVar(&maxPrice, "max-price", "", "the most that you pay for one period, now and at each renewal (required)")
	cmd.Flags().Uint32Var(&periods, "periods", 1, "periods to buy now, 1 to 12")
	renewFlag(cmd, &renew)
	cmd.Flags().StringVar(&gift, "gift-to", "", "address of the account that shall have access")
	cmd.MarkFlagsOneRequired("max-price")
	return cmd
}

func renewFlag(cmd *cobra.Command, renew *uint32) {
	cmd.Flags().Uint32Var(renew, "renew", 0, "charge you for a further period when the last one has ended: --renew=5 five times, --renew until you end it")
	cmd.Flags().Lookup("renew").NoOptDefVal = fmt.Sprint(untilCancelled)
}

func cancelCmd() *cobra.Command {
	var atEnd bool
	cmd := &cobra.Command{
		Use: "cancel PLAN", Short: "End your subscription now and get back what is unused; with --at-end, only renew it no more", Args: cobra.ExactArgs(1),
		Example: "streamd cancel streamcreator1…/1 --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			return act(cmd, func(s *session) []sdk.Msg {
				me := s.signer.Address().String()
				if atEnd {
					return []sdk.Msg{&subscriptiontypes.MsgSetRenewal{Payer: me, Plan: args[0], MaxPrice: token.Coin(0)}}
				}
				return []sdk.Msg{&subscriptiontypes.MsgCancel{Viewer: me, Plan: args[0]}}
			})
		},
	}
	cmd.Flags().BoolVar(&atEnd, "at-end", false, "keep what is paid, and let nothing more be charged")
	return cmd
}

// told says in plain what an event means for who sent the transaction; empty where it says nothing new.
func told(e any) string {
	day := func(seconds int64) string { return time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04:05 UTC") }
	switch e := e.(type) {
	case *subscriptiontypes.EventPurchased:
		return fmt.Sprintf("bought for %s", token.Format(e.Entitlement.Price))
	case *subscriptiontypes.EventRented:
		return fmt.Sprintf("rented for %s until %s", token.Format(e.Rental.Price), day(e.Rental.ExpiresAt))
	case *subscriptiontypes.EventSubscribed:
		text := fmt.Sprintf("subscribed until %s for %s", day(e.Subscription.ExpiresAt), token.Format(e.Paid))
		if e.TrialUntil > 0 {
			text += fmt.Sprintf("; cancel before %s and pay nothing", day(e.TrialUntil))
		}
		return text + renewing(e.Subscription.Mandate)
	case *subscriptiontypes.EventRenewalSet:
		if e.Mandate == nil {
			return "it will not be renewed; what is paid runs to its end"
		}
		return "set" + renewing(e.Mandate)
	case *subscriptiontypes.EventCancelled:
		return fmt.Sprintf("cancelled; %s of the running period was used", token.Format(e.Kept)) + backTo(e.Refunds)
	case *contenttypes.EventCollectionCreated:
		return fmt.Sprintf("collection %s of %d works", e.Collection.Id, len(e.Works))
	case *contenttypes.EventCollectionUpdated:
		return fmt.Sprintf("collection %s has %d works now", e.Collection.Id, len(e.Works))
	}
	return toldOfPass(e)
}

func backTo(refunds []subscriptiontypes.PlanRefund) (text string) {
	for _, r := range refunds {
		text += fmt.Sprintf("\n%s goes back to %s", token.Format(r.Amount), r.Payer)
	}
	return text
}

func renewing(m *subscriptiontypes.Mandate) string {
	if m == nil {
		return ""
	}
	most := token.Format(m.MaxPrice)
	if m.Renewals == untilCancelled {
		return fmt.Sprintf("; renewed for at most %s each time until you end it", most)
	}
	return fmt.Sprintf("; renewed %d times for at most %s each", m.Renewals, most)
}

func planCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "plan", Short: "Subscription plans over your works"}
	var title, price, handle string
	var period, trial, least time.Duration
	var works []string
	var limit uint32
	create := &cobra.Command{
		Use: "create", Short: "Open a plan", Args: cobra.NoArgs,
		Example: `streamd plan create --title "Film club" --price 2stream --period 720h --from bob`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			coin, err := amount(price)
			if err != nil {
				return err
			}
			return createPlan(cmd, handle, &subscriptiontypes.MsgCreatePlan{
				Title: title, Price: coin, PeriodSeconds: int64(period / time.Second), Works: works, MaxSubscribers: limit,
				TrialSeconds: int64(trial / time.Second), MinSeconds: int64(least / time.Second),
			})
		},
	}
	f := create.Flags()
	f.StringVar(&title, "title", "", "title (required)")
	f.StringVar(&price, "price", "", "price of one period (required)")
	f.DurationVar(&period, "period", 30*24*time.Hour, "length of one period")
	f.StringSliceVar(&works, "work", nil, "works that the plan promises (default: all of yours, later ones too)")
	f.DurationVar(&trial, "trial", 0, "by how much a viewer's first period starts later; cancelling costs nothing until then")
	f.DurationVar(&least, "least", 0, "the least of a period that one who cancels pays for")
	f.Uint32Var(&limit, "limit", 0, "the most subscribers at a time (default: no limit)")
	f.StringVar(&handle, "handle", "", "handle to take, for an account that is no creator yet")
	create.MarkFlagsOneRequired("title")
	create.MarkFlagsOneRequired("price")
	cmd.AddCommand(create)
	return cmd
}

func createPlan(cmd *cobra.Command, handle string, msg *subscriptiontypes.MsgCreatePlan) error {
	if msg.Price.Denom != token.BaseDenom {
		return exit.With(exit.Usage, errors.New("--price is in STREAM"))
	}
	s, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer s.Close()
	controller := s.signer.Address().String()
	msg.Controller, msg.Coverage = controller, subscriptiontypes.COVERAGE_ALL
	if len(msg.Works) > 0 {
		msg.Coverage = subscriptiontypes.COVERAGE_LISTED
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
