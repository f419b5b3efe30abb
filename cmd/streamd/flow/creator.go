package flow

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// myWork is one of a creator's works, as `mine` shows it.
type myWork struct {
	Work        string   `json:"work"`
	Root        string   `json:"root"`
	Version     uint32   `json:"version"`
	Status      string   `json:"status"`
	Kind        string   `json:"kind"`
	Bytes       uint64   `json:"bytes"`
	Copies      uint32   `json:"copies"`
	Target      uint32   `json:"target_copies"`
	StorageTill int64    `json:"storage_paid_until"` // live time in Unix seconds; 0 when nothing is to be paid
	Earned      math.Int `json:"earned"`             // lifetime, of all versions, in ustream
}

// me is the creator that the signer controls.
func (s *session) me(cmd *cobra.Command) (contenttypes.Creator, error) {
	res, err := contenttypes.NewQueryClient(s.Conn()).CreatorByController(cmd.Context(), &contenttypes.QueryCreatorByControllerRequest{Controller: s.signer.Address().String()})
	if err != nil {
		return contenttypes.Creator{}, err
	}
	return res.Creator, nil
}

func mineCmd() *cobra.Command {
	return &cobra.Command{
		Use: "mine", Short: "Your works: where they lie, what they earned", Args: cobra.NoArgs, Example: "streamd mine --from alice",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer s.Close()
			works, err := mine(cmd, s)
			if err != nil {
				return err
			}
			return show(cmd, works, func(line func(string, ...any)) {
				for _, w := range works {
					line("%s v%d %s %s, %d of %d copies, earned %s", w.Work, w.Version, w.Kind, w.Status, w.Copies, w.Target, token.Format(sdk.NewCoin(token.BaseDenom, w.Earned)))
				}
			})
		},
	}
}

func mine(cmd *cobra.Command, s *session) ([]myWork, error) {
	creator, err := s.me(cmd)
	if err != nil {
		return nil, err
	}
	works := []myWork{}
	for page := (&query.PageRequest{Limit: 100}); ; {
		res, err := contenttypes.NewQueryClient(s.Conn()).WorksByCreator(cmd.Context(), &contenttypes.QueryWorksByCreatorRequest{Creator: creator.Id, Pagination: page})
		if err != nil {
			return nil, err
		}
		for _, w := range res.Works {
			row, err := s.row(cmd, w)
			if err != nil {
				return nil, err
			}
			works = append(works, row)
		}
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			return works, nil
		}
		page = &query.PageRequest{Limit: 100, Key: res.Pagination.NextKey}
	}
}

func (s *session) row(cmd *cobra.Command, w contenttypes.Work) (myWork, error) {
	q := storagetypes.NewQueryClient(s.Conn())
	row := myWork{
		Work: w.Cid, Root: w.Root, Version: w.Version, Kind: w.Kind, Bytes: w.PieceSize, Earned: math.ZeroInt(),
		Status: strings.ToLower(strings.TrimPrefix(w.Status.String(), "WORK_STATUS_")),
	}
	deals, err := q.DealsByWork(cmd.Context(), &storagetypes.QueryDealsByWorkRequest{Work: w.Cid})
	if err != nil {
		return row, err
	}
	escrow, err := q.WorkEscrow(cmd.Context(), &storagetypes.QueryWorkEscrowRequest{Root: w.Root})
	if err != nil {
		return row, err
	}
	totals, err := revenuetypes.NewQueryClient(s.Conn()).Totals(cmd.Context(), &revenuetypes.QueryTotalsRequest{Subject: w.Root})
	if err != nil {
		return row, err
	}
	for _, t := range totals.Totals {
		if t.Denom == token.BaseDenom {
			row.Earned = t.CreatorPart
		}
	}
	row.Copies, row.Target, row.StorageTill = deals.Copies, deals.TargetCopies, escrow.DryAt
	return row, nil
}

func repriceCmd() *cobra.Command {
	var p pricing
	cmd := &cobra.Command{
		Use: "reprice WORK|COLLECTION", Short: "Replace all that a work or a collection offers; what was bought stays", Args: cobra.ExactArgs(1),
		Long: `Replace all that a work or a collection offers; what was bought stays.

A work that is encrypted is sold once its holders have the keys: the command waits for them. One that is not stays as it is: storage nodes give it only to
who may watch, but whoever runs one can read it.`,
		Example: "streamd reprice bafyrei… --price 2stream --price-per-second 0.0001stream --from alice",
		RunE: func(cmd *cobra.Command, args []string) error {
			offers, err := p.offers()
			if err != nil {
				return err
			}
			if len(offers) == 0 {
				return exit.With(exit.Usage, errors.New("say what it costs: --price, --rent, --price-per-second, --plan, --pay-what-you-want, --tier, --token or --free; to sell a work no more: streamd retire"))
			}
			s, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer s.Close()
			res, err := reprice(cmd, s, args[0], offers)
			if err != nil {
				return err
			}
			return show(cmd, res, func(line func(string, ...any)) {
				line("done: %s at height %d", res.TX, res.Height)
				if publish.Priced(offers) && !res.Encrypted && !res.collection {
					line("not encrypted: %s", notEncrypted)
				}
			})
		},
	}
	p.flags(cmd)
	return cmd
}

// repriced is what reprice prints.
type repriced struct {
	sent
	Encrypted  bool `json:"encrypted"` // of a collection: false, its works tell
	collection bool
}

// reprice sets the offers. Those of an encrypted work wait until its holders have the keys: nobody pays for what nobody can open.
func reprice(cmd *cobra.Command, s *session, work string, offers []subscriptiontypes.Offer) (repriced, error) {
	var out repriced
	if _, err := contenttypes.ParseCollectionID(work); err == nil {
		out.collection = true
	} else {
		res, err := contenttypes.NewQueryClient(s.Conn()).Work(cmd.Context(), &contenttypes.QueryWorkRequest{Work: work})
		if err != nil {
			return repriced{}, err
		}
		out.Encrypted = res.Work.Keys != nil
	}
	if out.Encrypted && publish.Priced(offers) {
		bars := newBars(cmd)
		err := publish.AwaitHolders(cmd.Context(), s.Client, work, bars.stage)
		bars.done()
		if err != nil {
			return repriced{}, publishCode(err)
		}
	}
	res, _, err := s.send(cmd, &subscriptiontypes.MsgSetOffers{Controller: s.signer.Address().String(), Work: work, Offers: offers})
	out.sent = res
	return out, err
}

func retireCmd() *cobra.Command {
	return &cobra.Command{
		Use: "retire WORK", Short: "Sell a work no more, for good; who bought it keeps it, deposits return", Args: cobra.ExactArgs(1),
		Example: "streamd retire bafyrei… --from alice",
		RunE: func(cmd *cobra.Command, args []string) error {
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&contenttypes.MsgRetire{Controller: s.signer.Address().String(), Work: args[0]}}
			})
		},
	}
}

// earnings is what a creator has and had, in ustream.
type earnings struct {
	Creator   string    `json:"creator"`
	Claimable sdk.Coins `json:"claimable"`
	Lifetime  math.Int  `json:"lifetime"`
	Claimed   string    `json:"claimed,omitempty"` // by this command
	TX        string    `json:"tx,omitempty"`
}

func earningsCmd() *cobra.Command {
	var claim bool
	var to string
	cmd := &cobra.Command{
		Use: "earnings", Short: "What you earned and can claim; with --claim, withdraw it", Args: cobra.NoArgs,
		Example: "streamd earnings --claim --from alice",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer s.Close()
			e, err := s.earnings(cmd, claim, to)
			if err != nil {
				return err
			}
			return show(cmd, e, func(line func(string, ...any)) {
				line("creator    %s", e.Creator)
				line("claimable  %s", e.Claimable)
				line("lifetime   %s", token.Format(sdk.NewCoin(token.BaseDenom, e.Lifetime)))
				if claim {
					line("withdrawn  %s (tx %s)", e.Claimed, e.TX)
				}
			})
		},
	}
	cmd.Flags().BoolVar(&claim, "claim", false, "withdraw what can be claimed")
	cmd.Flags().StringVar(&to, "to", "", "with --claim: address to pay (default: the signer)")
	return cmd
}

func (s *session) earnings(cmd *cobra.Command, claim bool, to string) (earnings, error) {
	creator, err := s.me(cmd)
	if err != nil {
		return earnings{}, err
	}
	q := revenuetypes.NewQueryClient(s.Conn())
	e := earnings{Creator: creator.Id, Lifetime: math.ZeroInt()}
	totals, err := q.Totals(cmd.Context(), &revenuetypes.QueryTotalsRequest{Subject: creator.Id})
	if err != nil {
		return e, err
	}
	for _, t := range totals.Totals {
		if t.Denom == token.BaseDenom {
			e.Lifetime = t.CreatorPart
		}
	}
	if claim {
		res, tx, err := s.send(cmd, &revenuetypes.MsgClaim{Claimant: s.signer.Address().String(), Recipient: creator.Id, To: to})
		if err != nil {
			return e, err
		}
		e.TX = res.TX
		for _, ev := range tx.Events {
			if ev, ok := ev.(*revenuetypes.EventClaimed); ok {
				e.Claimed = ev.Amount.String()
			}
		}
	}
	claimable, err := q.Claimable(cmd.Context(), &revenuetypes.QueryClaimableRequest{Recipient: creator.Id})
	if err != nil {
		return e, err
	}
	e.Claimable = claimable.Coins
	return e, nil
}
