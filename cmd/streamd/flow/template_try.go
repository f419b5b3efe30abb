package flow

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/template"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func templateTryCmd() *cobra.Command {
	var set settings
	var work, viewer string
	cmd := &cobra.Command{
		Use: "try [FILE or ID]", Short: "Show what a template says, and who would get what", Args: cobra.MaximumNArgs(1),
		Long: "Of a FILE, it needs no network: all facts are zero but those of --fact, and the parts are those of the default parameters.\n" +
			"Of the ID of a published template, or of what --work offers, the chain answers, by the real facts of --work and --viewer,\n" +
			"of which --fact replaces single ones.",
		Example: "streamd template try first-n-free --param places=10 --fact work.buyers=10\n" +
			"streamd template try --work bafyrei… --viewer stream1…",
		RunE: func(cmd *cobra.Command, args []string) error {
			name := strings.Join(args, "")
			if work == "" && name == "" {
				return exit.With(exit.Usage, errors.New("name a file, the id of a template, or --work"))
			}
			preview, err := set.try(cmd, name, work, viewer)
			if err != nil {
				return err
			}
			return show(cmd, preview, func(line func(string, ...any)) { printPreview(preview, line) })
		},
	}
	set.flags(cmd, true)
	cmd.Flags().StringVar(&work, "work", "", "work or collection whose facts are taken, and whose offer, unless a template is named")
	cmd.Flags().StringVar(&viewer, "viewer", "", "address of the account whose facts are taken")
	return cmd
}

func (s *settings) try(cmd *cobra.Command, name, work, viewer string) (subscriptiontypes.TemplatePreview, error) {
	if _, err := subscriptiontypes.ParseTemplateID(name); name == "" || err == nil {
		return s.tryOnChain(cmd, name, work, viewer)
	}
	if work != "" || viewer != "" {
		return subscriptiontypes.TemplatePreview{}, exit.With(exit.Usage, errors.New("a file knows no --work and no --viewer: give --fact, or publish it first"))
	}
	return s.tryFile(name)
}

func (s *settings) tryOnChain(cmd *cobra.Command, id, work, viewer string) (preview subscriptiontypes.TemplatePreview, err error) {
	args, err := s.args()
	if err != nil {
		return preview, err
	}
	req := &subscriptiontypes.QueryTemplatePreviewRequest{Work: work, Viewer: viewer}
	if id != "" {
		req.Terms = &subscriptiontypes.TemplateTerms{Template: id, Args: subscriptiontypes.NewTemplateArgs(args)}
	} else if len(args) > 0 {
		return preview, exit.With(exit.Usage, errors.New("--param needs a template: without one, the work's own parameters are taken"))
	}
	names, values, err := pairs("fact", s.facts)
	if err != nil {
		return preview, err
	}
	for i, name := range names {
		req.Facts = append(req.Facts, subscriptiontypes.TemplateFact{Name: name, Value: subscriptiontypes.NewTemplateValue(values[i])})
	}
	c, err := connect(cmd, false)
	if err != nil {
		return preview, err
	}
	defer c.Close()
	res, err := subscriptiontypes.NewQueryClient(c.Conn()).TemplatePreview(cmd.Context(), req)
	if err != nil {
		return preview, err
	}
	return res.Preview, nil
}

// tryFile evaluates without a chain, and shares out by the default parameters as for a work whose keys somebody holds.
func (s *settings) tryFile(name string) (preview subscriptiontypes.TemplatePreview, err error) {
	f, p, err := load(name)
	if err != nil {
		return preview, err
	}
	bound, err := s.bind(p)
	if err != nil {
		return preview, err
	}
	var facts template.Facts
	names, values, err := pairs("fact", s.facts)
	if err != nil {
		return preview, err
	}
	for i, name := range names {
		if err := facts.Set(name, values[i]); err != nil {
			return preview, exit.With(exit.Usage, err)
		}
	}
	preview = subscriptiontypes.NewTemplatePreview(p, bound, facts)
	if !preview.Price.IsPositive() {
		return preview, nil
	}
	shares, err := revenuetypes.DefaultParams().Shares(revenuetypes.RAIL_PURCHASE)
	if err != nil {
		return preview, err
	}
	payment := revenuetypes.Payment{Rail: revenuetypes.RAIL_PURCHASE, Gross: preview.Price, RoyaltyBps: f.RoyaltyBps}
	if f.RoyaltyBps > 0 {
		payment.RoyaltyTo = "the author"
	}
	d := shares.Cut(payment, contenttypes.Subject{Work: "some work"}, true)
	preview.Distribution = &d
	return preview, nil
}

func printPreview(p subscriptiontypes.TemplatePreview, line func(string, ...any)) {
	yes := map[bool]string{true: "yes", false: "no"}
	because := func(why string) string {
		if why == "" {
			return ""
		}
		return " (" + why + ")"
	}
	line("access  %s%s", yes[p.Access], because(p.AccessError))
	if p.ForSale {
		line("price   %s", token.Format(p.Price))
	} else {
		line("price   not for sale%s", because(p.PriceError))
	}
	line("refund  %d.%02d %% of the last purchase%s", p.RefundBps/100, p.RefundBps%100, because(p.RefundError))
	if p.Distribution == nil {
		return
	}
	d := *p.Distribution
	line("of the price:")
	for _, part := range []struct {
		name   string
		amount math.Int
	}{
		{"the creator's side", d.CreatorPart}, {"the template's author", d.RoyaltyPart}, {"key holders", d.KeyHoldersPart}, {"storage of the work", d.EndowmentPart},
		{"storage of all works", d.StoragePoolPart}, {"stakers", d.StakersPart}, {"treasury", d.TreasuryPart}, {"participation", d.ParticipationPart},
		{"burned", d.BurnPart}, {"the buyer's discount", d.Discount},
	} {
		if !part.amount.IsNil() && part.amount.IsPositive() {
			line("  %-22s %s", part.name, token.Format(sdk.NewCoin(d.Gross.Denom, part.amount)))
		}
	}
}
