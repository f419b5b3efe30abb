package flow

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/templates"
	"github.com/streamchain/streamchain/x/subscription/template"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func templateCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "template", Short: "Monetization templates: check, try, publish, use and buy by them"}
	cmd.AddCommand(
		templateListCmd(), templateCheckCmd(), templateTryCmd(), templatePublishCmd(), templateUseCmd(), templateBuyCmd(), templateRefundCmd(),
	)
	return cmd
}

func templateListCmd() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the templates that come with this program", Args: cobra.NoArgs, Example: "streamd template list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			type row struct {
				Name  string `json:"name"`
				Title string `json:"title"`
				About string `json:"about"`
			}
			var rows []row
			for _, name := range templates.Names() {
				f, err := templates.Load(name)
				if err != nil {
					return err
				}
				rows = append(rows, row{name, f.Title, f.About})
			}
			return show(cmd, rows, func(line func(string, ...any)) {
				for _, r := range rows {
					line("%-18s %s", r.Name, r.About)
				}
			})
		},
	}
}

// load reads and checks a template file, or one that comes with this program.
func load(name string) (*templates.File, *template.Program, error) {
	f, err := templates.Load(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, exit.With(exit.NotFound, fmt.Errorf("there is no file and no template %q (`streamd template list` shows those that are there)", name))
	}
	if err != nil {
		return nil, nil, exit.With(exit.Content, err)
	}
	p, err := f.Check()
	return f, p, exit.With(exit.Content, err)
}

// checked is what `check` prints of one file.
type checked struct {
	File  string             `json:"file"`
	Title string             `json:"title"`
	Cost  template.Cost      `json:"cost"`
	Most  uint64             `json:"most_cost"`
	Tests []templates.Result `json:"tests"`
}

// failed is the number of tests that did not pass.
func (c checked) failed() (n int) {
	for _, r := range c.Tests {
		if r.Problem != "" {
			n++
		}
	}
	return n
}

func checkFile(name string) (checked, error) {
	f, p, err := load(name)
	if err != nil {
		return checked{}, err
	}
	tests, err := f.Run()
	if err != nil {
		return checked{}, exit.With(exit.Content, err)
	}
	return checked{File: name, Title: f.Title, Cost: p.Cost(), Most: template.MaxCost, Tests: tests}, nil
}

func templateCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use: "check FILE...", Short: "Check templates as the chain does, and run their tests", Args: cobra.MinimumNArgs(1),
		Long: "Reads each template, checks types and cost as the chain will, and runs the tables in the file beside it (x.yaml and x_test.yaml).\n" +
			"It needs no network. Exit codes: 0 all good, 3 no such file, 6 not a template, 1 a test failed.",
		Example: "streamd template check mine.yaml\nstreamd template check staged-course referral",
		RunE: func(cmd *cobra.Command, args []string) error {
			var all []checked
			failed := 0
			for _, name := range args {
				c, err := checkFile(name)
				if err != nil {
					return err
				}
				all, failed = append(all, c), failed+c.failed()
			}
			err := show(cmd, all, func(line func(string, ...any)) {
				for _, c := range all {
					line("%s: %s", c.File, c.Title)
					line("  costs at most: access %d, price %d, refund %d of %d units", c.Cost.Access, c.Cost.Price, c.Cost.Refund, c.Most)
					for _, r := range c.Tests {
						if r.Problem != "" {
							line("  FAILED %s: %s", r.Name, r.Problem)
						}
					}
					line("  %d of %d tests passed", len(c.Tests)-c.failed(), len(c.Tests))
				}
			})
			if err == nil && failed > 0 {
				err = fmt.Errorf("%d tests failed", failed)
			}
			return err
		},
	}
}

// settings are --param and --fact.
type settings struct{ params, facts []string }

func (s *settings) flags(cmd *cobra.Command, facts bool) {
	cmd.Flags().StringArrayVar(&s.params, "param", nil, "a parameter, as name=value; a list as name=[1,2]")
	if facts {
		cmd.Flags().StringArrayVar(&s.facts, "fact", nil, "a fact, as viewer.purchases=1 (see templates/README.md for all)")
	}
}

// pairs reads name=value.
func pairs(flag string, in []string) (names []string, values []template.Value, err error) {
	for _, pair := range in {
		name, text, found := strings.Cut(pair, "=")
		v, err := templates.ParseValue(text)
		if !found || name == "" || err != nil {
			return nil, nil, exit.With(exit.Usage, fmt.Errorf("write --%s name=value, with an int, true or false, a word, or [1,2]: %q", flag, pair))
		}
		names, values = append(names, name), append(values, v)
	}
	return names, values, nil
}

func (s *settings) args() ([]template.Arg, error) {
	names, values, err := pairs("param", s.params)
	var args []template.Arg
	for i, name := range names {
		args = append(args, template.Arg{Name: name, Value: values[i]})
	}
	return args, err
}

// bind sets the parameters of a program.
func (s *settings) bind(p *template.Program) (template.Bound, error) {
	args, err := s.args()
	if err != nil {
		return template.Bound{}, err
	}
	b, err := p.Bind(args)
	return b, exit.With(exit.Usage, err)
}

func templatePublishCmd() *cobra.Command {
	var previous, title string
	var royalty int32
	cmd := &cobra.Command{
		Use: "publish FILE", Short: "Publish a template, for everybody to use", Args: cobra.ExactArgs(1),
		Long: "Checks the template and runs its tests first; one that fails is not published. A published template never changes: publish a new\n" +
			"version with --previous. It keeps a deposit of 10 STREAM, which comes back with `streamd tx subscription remove-template` as long as\n" +
			"nobody has used it.",
		Example: "streamd template publish mine.yaml --from bob\nstreamd template publish mine.yaml --previous stream1…/1 --from bob",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := checkFile(args[0])
			if err != nil {
				return err
			}
			if n := c.failed(); n > 0 {
				return exit.With(exit.Content, fmt.Errorf("%d of its tests fail: run `streamd template check %s`", n, args[0]))
			}
			f, _, err := load(args[0])
			if err != nil {
				return err
			}
			if title != "" {
				f.Title = title
			}
			if royalty >= 0 {
				f.RoyaltyBps = uint32(royalty)
			}
			return publishTemplate(cmd, f, previous)
		},
	}
	cmd.Flags().StringVar(&previous, "previous", "", "id of your template that this is a new version of")
	cmd.Flags().StringVar(&title, "title", "", "another title than the file's")
	cmd.Flags().Int32Var(&royalty, "royalty-bps", -1, "another royalty than the file's: 0 to 200 basis points of each sale")
	return cmd
}

func publishTemplate(cmd *cobra.Command, f *templates.File, previous string) error {
	src, err := f.Source()
	if err != nil {
		return exit.With(exit.Content, err)
	}
	s, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer s.Close()
	res, tx, err := s.send(cmd, &subscriptiontypes.MsgPublishTemplate{
		Author: s.signer.Address().String(), Title: f.Title, Access: src.Access, Price: src.Price, Refund: src.Refund,
		Params: subscriptiontypes.NewTemplateParams(src.Params), RoyaltyBps: f.RoyaltyBps, Previous: previous,
	})
	if err != nil {
		return err
	}
	out := struct {
		Template string `json:"template"`
		sent
	}{sent: res}
	for _, e := range tx.Events {
		if e, ok := e.(*subscriptiontypes.EventTemplatePublished); ok {
			out.Template = e.Template.Id
		}
	}
	return show(cmd, out, func(line func(string, ...any)) {
		line("template %s (tx %s)", out.Template, out.TX)
		line("sell a work by it: streamd template use WORK %s --from KEY", out.Template)
	})
}

func templateUseCmd() *cobra.Command {
	var set settings
	cmd := &cobra.Command{
		Use: "use WORK TEMPLATE", Short: "Sell a work or a collection by a template; its other offers stay", Args: cobra.ExactArgs(2),
		Example: "streamd template use bafyrei… stream1…/1 --param price=3000000 --from alice",
		RunE: func(cmd *cobra.Command, args []string) error {
			values, err := set.args()
			if err != nil {
				return err
			}
			s, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer s.Close()
			list, err := subscriptiontypes.NewQueryClient(s.Conn()).Offers(cmd.Context(), &subscriptiontypes.QueryOffersRequest{Work: args[0]})
			if err != nil {
				return err
			}
			offers := []subscriptiontypes.Offer{subscriptiontypes.NewTemplateOffer(args[1], subscriptiontypes.NewTemplateArgs(values)...)}
			for _, o := range list.List.Offers {
				if o.GetTemplate() == nil {
					offers = append(offers, o)
				}
			}
			res, _, err := s.send(cmd, &subscriptiontypes.MsgSetOffers{Controller: s.signer.Address().String(), Work: list.List.Work, Offers: offers})
			if err != nil {
				return err
			}
			return show(cmd, res, func(line func(string, ...any)) {
				line("sold by %s (tx %s)", args[1], res.TX)
				line("see what it says: streamd template try --work %s", args[0])
			})
		},
	}
	set.flags(cmd, false)
	return cmd
}

func templateBuyCmd() *cobra.Command {
	var maxPrice, pay, gift, referrer string
	var version uint64
	cmd := &cobra.Command{
		Use: "buy WORK", Short: "Buy what a template sells now", Args: cobra.ExactArgs(1),
		Example: "streamd template buy bafyrei… --max-price 5stream --from viewer\nstreamd template buy bafyrei… --max-price 5stream --pay 2stream --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			most, err := amount(maxPrice)
			if err != nil {
				return err
			}
			msg := &subscriptiontypes.MsgPurchaseByTemplate{Work: args[0], MaxPrice: most, Recipient: gift, Referrer: referrer}
			if pay != "" {
				c, err := amount(pay)
				if err != nil {
					return err
				}
				msg.Pay = &c
			}
			s, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer s.Close()
			msg.Buyer = s.signer.Address().String()
			if msg.OffersVersion = version; version == 0 {
				list, err := subscriptiontypes.NewQueryClient(s.Conn()).Offers(cmd.Context(), &subscriptiontypes.QueryOffersRequest{Work: args[0]})
				if err != nil {
					return err
				}
				msg.OffersVersion = list.List.Version
			}
			return s.act(cmd, msg)
		},
	}
	cmd.Flags().StringVar(&maxPrice, "max-price", "", "the most that you pay (required)")
	cmd.Flags().StringVar(&pay, "pay", "", "what you want to pay, where the template lets you choose")
	cmd.Flags().StringVar(&gift, "gift-to", "", "address of the account that shall have it")
	cmd.Flags().StringVar(&referrer, "referrer", "", "address of the viewer who brought you")
	cmd.Flags().Uint64Var(&version, "offers-version", 0, "version of the offers that you have seen (streamd query subscription offers); without it, those of now")
	cmd.MarkFlagsOneRequired("max-price")
	return cmd
}

func templateRefundCmd() *cobra.Command {
	var gift string
	cmd := &cobra.Command{
		Use: "refund WORK", Short: "Give back your last purchase, as far as its template allows", Args: cobra.ExactArgs(1),
		Example: "streamd template refund bafyrei… --from viewer",
		RunE: func(cmd *cobra.Command, args []string) error {
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&subscriptiontypes.MsgRefundByTemplate{Buyer: s.signer.Address().String(), Work: args[0], Recipient: gift}}
			})
		},
	}
	cmd.Flags().StringVar(&gift, "gift-to", "", "address of the account that you bought it for")
	return cmd
}
