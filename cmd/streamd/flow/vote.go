package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
)

// voteOutlook is what simulate-vote prints.
type voteOutlook struct {
	Track    string                                `json:"track"`
	Rule     governancetypes.Rule                  `json:"rule"`
	Seats    uint64                                `json:"seats,string"` // of the creators' house
	Messages []string                              `json:"messages"`
	Live     *governancetypes.QueryOutlookResponse `json:"live,omitempty"`
}

func simulateVoteCmd() *cobra.Command {
	var proposal uint64
	cmd := &cobra.Command{
		Use: "simulate-vote PROPOSAL.json", Short: "Say what a proposal would need; with --proposal, how its vote stands", Args: cobra.ExactArgs(1),
		Long: `Say what a proposal would need: how much of the vote and of the stake, whether the creators' house
has to agree, and how long it waits once it has passed. The file is the one of
streamd tx gov submit-proposal. With --proposal it also says how the vote on that proposal stands.`,
		Example: "streamd simulate-vote proposal.json --proposal 1",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := connect(cmd, false)
			if err != nil {
				return err
			}
			defer s.Close()
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			msgs, err := proposalMessages(s.ctx.Codec, raw)
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			o, err := s.outlook(cmd, msgs)
			if err != nil {
				return err
			}
			if proposal > 0 {
				if o.Live, err = governancetypes.NewQueryClient(s.Conn()).Outlook(cmd.Context(), &governancetypes.QueryOutlookRequest{ProposalId: proposal}); err != nil {
					return err
				}
			}
			return show(cmd, o, func(line func(string, ...any)) {
				for _, l := range o.words() {
					line("%s", l)
				}
			})
		},
	}
	cmd.Flags().Uint64Var(&proposal, "proposal", 0, "number of a proposal in its voting period")
	return cmd
}

// proposalMessages reads the messages of a proposal's file.
func proposalMessages(cdc codec.Codec, raw []byte) ([]sdk.Msg, error) {
	var file struct {
		Messages []json.RawMessage `json:"messages"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	if len(file.Messages) == 0 {
		return nil, errors.New("the file has no messages")
	}
	var msgs []sdk.Msg
	for i, m := range file.Messages {
		var msg sdk.Msg
		if err := cdc.UnmarshalInterfaceJSON(m, &msg); err != nil {
			return nil, fmt.Errorf("message %d: %w", i+1, err)
		}
		msgs = append(msgs, msg)
	}
	return msgs, nil
}

// outlook computes what messages need, as the chain would, from what the treasury has now.
func (s *session) outlook(cmd *cobra.Command, msgs []sdk.Msg) (voteOutlook, error) {
	balances, err := banktypes.NewQueryClient(s.Conn()).AllBalances(cmd.Context(), &banktypes.QueryAllBalancesRequest{
		Address: authtypes.NewModuleAddress(governancetypes.ModuleName).String(),
	})
	if err != nil {
		return voteOutlook{}, err
	}
	q := governancetypes.NewQueryClient(s.Conn())
	params, err := q.Params(cmd.Context(), &governancetypes.QueryParamsRequest{})
	if err != nil {
		return voteOutlook{}, err
	}
	seats, err := q.Seats(cmd.Context(), &governancetypes.QuerySeatsRequest{})
	if err != nil {
		return voteOutlook{}, err
	}
	o := voteOutlook{Seats: seats.Total, Rule: governancetypes.ProposalRule(msgs, func(denom string) math.Int { return balances.Balances.AmountOf(denom) })}
	o.Rule.TimelockSeconds = params.Params.Scale(o.Rule.TimelockSeconds)
	o.Track = trackName(o.Rule.Track)
	for _, m := range msgs {
		o.Messages = append(o.Messages, sdk.MsgTypeURL(m))
		if enact, ok := m.(*governancetypes.MsgEnact); ok {
			inner, err := enact.Msgs()
			if err != nil {
				return o, err
			}
			for _, i := range inner {
				o.Messages = append(o.Messages, "  "+sdk.MsgTypeURL(i))
			}
		}
	}
	return o, nil
}

func trackName(t governancetypes.Track) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(t.String(), "TRACK_"), "_", " "))
}

// words say it plainly.
func (o voteOutlook) words() []string {
	bps := func(n uint32) string { return fmt.Sprintf("%d.%02d %%", n/100, n%100) }
	lines := append([]string{"It would run:"}, o.Messages...)
	lines = append(lines,
		"Track:     "+o.Track,
		"Approval:  at least "+bps(o.Rule.ApprovalBps)+" Yes of all that do not abstain",
		"Turnout:   at least "+bps(o.Rule.TurnoutBps)+" of the bonded stake votes",
		"Timelock:  "+(time.Duration(o.Rule.TimelockSeconds)*time.Second).String()+" from passing to running",
	)
	switch {
	case !o.Rule.House:
		lines = append(lines, "House:     the creators' house is not asked")
	case o.Seats < governancetypes.HouseQuorumSeats:
		lines = append(lines, fmt.Sprintf("House:     the creators' house would be asked, and has %d of the %d seats from which it decides", o.Seats, governancetypes.HouseQuorumSeats))
	default:
		lines = append(lines, fmt.Sprintf("House:     most voting seats of the creators' house must say Yes, if a tenth of its %d vote", o.Seats))
	}
	if o.Live == nil {
		return lines
	}
	t := o.Live.Tally
	lines = append(lines, fmt.Sprintf("Now:       Yes %s, No %s, veto %s, abstain %s of %s bonded; %s of it through delegates",
		stake(t.Yes), stake(t.No), stake(t.Veto), stake(t.Abstain), stake(t.Bonded), stake(t.Delegated)))
	if h := o.Live.House; o.Live.Rule.House {
		lines = append(lines, fmt.Sprintf("           house: %d of %d seats voted, Yes %s, against %s: %s", h.Voted, h.Seats, h.Yes, h.Against,
			map[bool]string{true: "it decides", false: "it does not decide"}[h.Binding]))
	}
	if o.Live.Met {
		return append(lines, "So far:    it would pass this rule; x/gov's own quorum, threshold and veto come on top")
	}
	return append(lines, "So far:    it would NOT pass")
}

// stake writes an amount of ustream as STREAM.
func stake(amount string) string {
	n, ok := math.NewIntFromString(amount)
	if !ok {
		return amount
	}
	return token.Format(sdk.NewCoin(token.BaseDenom, n))
}
