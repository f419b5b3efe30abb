package flow

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/token"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
)

func jurorCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "juror", Short: "Judge disputes",
		Long: `Judge disputes.

A vote is sealed with a salt, which follows from your key: there is no file to lose, and the same
key can reveal the vote on another machine. Let nothing else sign with this key what it does not
show you: whoever has that one signature can read your sealed vote.`,
	}
	cmd.AddCommand(jurorStakeCmd(), jurorDutiesCmd(), jurorCommitCmd(), jurorRevealCmd())
	return cmd
}

func jurorStakeCmd() *cobra.Command {
	return &cobra.Command{
		Use: "stake AMOUNT", Short: "Stake as a juror: you can be drawn, by what you stake", Args: cobra.ExactArgs(1),
		Example: "streamd juror stake 500stream --from juror",
		RunE: func(cmd *cobra.Command, args []string) error {
			coin, err := amount(args[0])
			if err != nil {
				return err
			}
			if coin.Denom != token.BaseDenom {
				return exit.With(exit.Usage, errors.New("jurors stake STREAM"))
			}
			return act(cmd, func(s *session) []sdk.Msg {
				return []sdk.Msg{&disputetypes.MsgStakeJuror{Juror: s.signer.Address().String(), Amount: coin.Amount}}
			})
		},
	}
}

// duty is one line of what a juror has to do.
type duty struct {
	Dispute uint64 `json:"dispute,string"`
	Round   uint32 `json:"round"`
	Seats   uint32 `json:"seats"`
	Todo    string `json:"todo"`
	Until   int64  `json:"until,string"`
}

func jurorDutiesCmd() *cobra.Command {
	return &cobra.Command{
		Use: "duties", Short: "List the juries that you sit on, and what they wait for", Args: cobra.NoArgs,
		Example: "streamd juror duties --from juror",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := connect(cmd, true)
			if err != nil {
				return err
			}
			defer s.Close()
			res, err := disputetypes.NewQueryClient(s.Conn()).Duties(cmd.Context(), &disputetypes.QueryDutiesRequest{Address: s.signer.Address().String()})
			if err != nil {
				return err
			}
			duties := []duty{}
			for _, d := range res.Duties {
				duties = append(duties, duty{d.Ballot.Dispute, d.Ballot.Round, d.Ballot.Seats, todo(d), d.DueAt})
			}
			return show(cmd, duties, func(line func(string, ...any)) {
				for _, d := range duties {
					line("dispute %d, round %d, %d seats: %s (until %d)", d.Dispute, d.Round, d.Seats, d.Todo, d.Until)
				}
			})
		},
	}
}

func todo(d disputetypes.Duty) string {
	sealed, shown := len(d.Ballot.Commit) > 0, d.Ballot.Choice != disputetypes.CHOICE_UNSPECIFIED
	switch {
	case d.Current && d.Status == disputetypes.STATUS_COMMIT && !sealed:
		return "seal your vote: streamd juror commit"
	case d.Current && d.Status == disputetypes.STATUS_REVEAL && sealed && !shown:
		return "show your vote: streamd juror reveal"
	}
	return "wait"
}

func jurorCommitCmd() *cobra.Command {
	return &cobra.Command{
		Use: "commit DISPUTE uphold|dismiss", Short: "Seal your vote in a dispute's newest round", Args: cobra.ExactArgs(2),
		Example: "streamd juror commit 1 uphold --from juror",
		RunE: func(cmd *cobra.Command, args []string) error {
			choice, err := parseChoice(args[1])
			if err != nil {
				return err
			}
			return withBallot(cmd, args[0], func(s *session, b place) (sdk.Msg, error) {
				return &disputetypes.MsgCommitVote{Juror: b.juror.String(), Dispute: b.dispute, Round: b.round, Commit: b.seal(choice)}, nil
			})
		},
	}
}

func jurorRevealCmd() *cobra.Command {
	return &cobra.Command{
		Use: "reveal DISPUTE", Short: "Show the vote that you have sealed; your key knows which it was", Args: cobra.ExactArgs(1),
		Example: "streamd juror reveal 1 --from juror",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withBallot(cmd, args[0], func(s *session, b place) (sdk.Msg, error) {
				choice, err := b.open()
				if err != nil {
					return nil, err
				}
				return &disputetypes.MsgRevealVote{Juror: b.juror.String(), Dispute: b.dispute, Round: b.round, Choice: choice, Salt: b.salt}, nil
			})
		},
	}
}

// place is a seat on a jury with the salt that the juror's key gives it.
type place struct {
	chainID string
	dispute uint64
	round   uint32
	juror   sdk.AccAddress
	salt    []byte
	commit  []byte // on the chain
}

// newPlace derives the salt. A key that signs the same bytes in two ways could never find the
// salt again, so that is refused before anything is sealed.
func newPlace(chainID string, dispute uint64, round uint32, signer chainclient.Signer) (place, error) {
	p := place{chainID: chainID, dispute: dispute, round: round, juror: signer.Address()}
	text := disputetypes.SaltBytes(chainID, dispute, round, p.juror)
	for range 2 {
		signature, err := signer.Sign(text)
		if err != nil {
			return p, err
		}
		salt := disputetypes.SaltOf(signature)
		if p.salt != nil && !bytes.Equal(p.salt, salt) {
			return p, errors.New("this key does not sign deterministically; seal with streamd tx dispute commit-vote and keep the salt yourself")
		}
		p.salt = salt
	}
	return p, nil
}

func (p place) seal(choice disputetypes.Choice) []byte {
	return disputetypes.VoteHash(p.chainID, p.dispute, p.round, p.juror, choice, p.salt)
}

// open finds the vote that was sealed with the salt.
func (p place) open() (disputetypes.Choice, error) {
	for _, c := range []disputetypes.Choice{disputetypes.CHOICE_UPHOLD, disputetypes.CHOICE_DISMISS} {
		if bytes.Equal(p.commit, p.seal(c)) {
			return c, nil
		}
	}
	if len(p.commit) == 0 {
		return 0, exit.With(exit.NotFound, errors.New("you have sealed no vote in this round"))
	}
	return 0, exit.With(exit.Refused, errors.New("the sealed vote was not made by streamd juror commit with this key; use streamd tx dispute reveal-vote with your salt"))
}

// withBallot finds the signer's place in a dispute's newest round, and sends what make makes.
func withBallot(cmd *cobra.Command, id string, make func(*session, place) (sdk.Msg, error)) error {
	dispute, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return exit.With(exit.Usage, fmt.Errorf("%q is no dispute's number", id))
	}
	s, err := connect(cmd, true)
	if err != nil {
		return err
	}
	defer s.Close()
	q := disputetypes.NewQueryClient(s.Conn())
	found, err := q.Dispute(cmd.Context(), &disputetypes.QueryDisputeRequest{Id: dispute})
	if err != nil {
		return err
	}
	p, err := newPlace(s.ChainID(), dispute, found.Dispute.LastIndex(), s.signer)
	if err != nil {
		return err
	}
	jury, err := q.Ballots(cmd.Context(), &disputetypes.QueryBallotsRequest{Dispute: dispute, Round: p.round})
	if err != nil {
		return err
	}
	sits := false
	for _, b := range jury.Ballots {
		if b.Juror == p.juror.String() {
			sits, p.commit = true, b.Commit
		}
	}
	if !sits {
		return exit.With(exit.NotFound, fmt.Errorf("%s does not sit on the jury of dispute %d, round %d", p.juror, dispute, p.round))
	}
	msg, err := make(s, p)
	if err != nil {
		return err
	}
	res, _, err := s.send(cmd, msg)
	if err != nil {
		return err
	}
	return show(cmd, res, func(line func(string, ...any)) { line("done: %s at height %d", res.TX, res.Height) })
}

func parseChoice(s string) (disputetypes.Choice, error) {
	switch s {
	case "uphold":
		return disputetypes.CHOICE_UPHOLD, nil
	case "dismiss":
		return disputetypes.CHOICE_DISMISS, nil
	}
	return 0, exit.With(exit.Usage, fmt.Errorf("%q is no vote: uphold (for the claimant) or dismiss", s))
}
