package replicas

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputekeeper "github.com/streamchain/streamchain/x/dispute/keeper"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// disputeParams are a court of a few blocks and a few STREAM.
func disputeParams() disputetypes.Params {
	p := disputetypes.DefaultParams().Shorten(10)
	for i := range p.Terms {
		t := &p.Terms[i]
		t.Bond, t.SeatFee, t.SeatStake = math.NewInt(2_000_000), math.NewInt(100_000), math.NewInt(200_001)
		if t.InterimBond.IsPositive() {
			t.InterimBond = math.NewInt(3_000_000)
		}
	}
	p.MinStake = math.NewInt(100_000_000)
	return p
}

// document is a CID that nothing is behind.
func (x *Traffic) document() string {
	return Publish(x.account(), x.name("document")).Media
}

// courts are the queries of the leader's last state.
func (x *Traffic) courts() (context.Context, disputetypes.QueryServer) {
	return x.c.App.CommittedContext(), disputekeeper.NewQueryServer(x.c.App.Dispute)
}

// disputes are the newest ones of a status.
func (x *Traffic) disputes(status disputetypes.Status) []disputetypes.Dispute {
	ctx, q := x.courts()
	res, err := q.Disputes(ctx, &disputetypes.QueryDisputesRequest{Status: status})
	if err != nil {
		return nil
	}
	return res.Disputes
}

func (x *Traffic) openDispute(from Account) sdk.Msg {
	if len(x.works) == 0 {
		return nil
	}
	w := pick(x.rng, x.works)
	m := &disputetypes.MsgOpenDispute{
		Claimant: from.String(), Subject: w.id, Evidence: x.document(), Bond: math.NewInt(2_000_000 + x.rng.Int64N(2_000_000)),
		Kind: pick(x.rng, []disputetypes.Kind{disputetypes.KIND_INFRINGEMENT, disputetypes.KIND_IMPERSONATION, disputetypes.KIND_SPLIT, disputetypes.KIND_PROVIDER_FAULT, disputetypes.KIND_REFUND}),
	}
	switch m.Kind {
	case disputetypes.KIND_INFRINGEMENT:
		m.Interim = x.rng.IntN(4) == 0
	case disputetypes.KIND_IMPERSONATION:
		m.Subject = contenttypes.NewCreatorID(w.by.Addr()).String()
	case disputetypes.KIND_SPLIT:
		m.Shares = []revenuetypes.Share{{Recipient: from.String(), Bps: 2500}, {Recipient: contenttypes.NewCreatorID(w.by.Addr()).String(), Bps: 7500}}
	case disputetypes.KIND_PROVIDER_FAULT:
		m.Subject = x.account().String()
	case disputetypes.KIND_REFUND:
		if len(x.holds) == 0 || !x.contestable() {
			return nil
		}
		m.Subject = pick(x.rng, x.holds).id
		payer, _, _ := strings.Cut(m.Subject, "-")
		m.Claimant = from.String()
		if payer != m.Claimant {
			return nil
		}
	}
	return m
}

// contestable says whether x/revenue can keep a payment for a ruling.
func (x *Traffic) contestable() bool {
	_, ok := any(x.c.App.Revenue).(interface {
		ContestHold(ctx context.Context, id string, amount math.Int, until int64) (string, error)
	})
	return ok
}

func (x *Traffic) contestHold(from Account) sdk.Msg {
	if len(x.holds) == 0 || !x.contestable() {
		return nil
	}
	for _, d := range append(x.disputes(disputetypes.STATUS_EVIDENCE), x.disputes(disputetypes.STATUS_DRAWING)...) {
		for _, h := range x.holds {
			held, err := x.c.App.Revenue.GetHold(x.c.App.CommittedContext(), h.id)
			if err == nil && d.Kind.Contests() && d.Claimant == from.String() && held.Payment.Subject == d.Subject {
				return &disputetypes.MsgContestHold{Claimant: d.Claimant, Dispute: d.Id, HoldId: h.id, AddBond: math.NewInt(1_000_000)}
			}
		}
	}
	return nil
}

func (x *Traffic) respond(from Account) sdk.Msg {
	for _, d := range x.disputes(disputetypes.STATUS_EVIDENCE) {
		if d.Respondent == contenttypes.NewCreatorID(from.Addr()).String() && (d.Responder == "" || x.rng.IntN(10) == 0) {
			return &disputetypes.MsgRespond{Responder: from.String(), Dispute: d.Id, Evidence: x.document()}
		}
	}
	return nil
}

func (x *Traffic) addEvidence(from Account) sdk.Msg {
	open := append(x.disputes(disputetypes.STATUS_EVIDENCE), x.disputes(disputetypes.STATUS_DRAWING)...)
	if len(open) == 0 {
		return nil
	}
	d := pick(x.rng, open)
	party := d.Claimant
	if d.Responder != "" && x.rng.IntN(2) == 0 {
		party = d.Responder
	}
	if party != from.String() {
		return nil
	}
	return &disputetypes.MsgAddEvidence{Party: party, Dispute: d.Id, Evidence: x.document()}
}

func (x *Traffic) appeal(from Account) sdk.Msg {
	ruled := x.disputes(disputetypes.STATUS_APPEAL)
	if len(ruled) == 0 {
		return nil
	}
	return &disputetypes.MsgAppeal{Appellant: from.String(), Dispute: pick(x.rng, ruled).Id, Evidence: x.document(), MaxBond: token.Coin(20_000_000).Amount}
}

func (x *Traffic) stakeJuror(from Account) sdk.Msg {
	return &disputetypes.MsgStakeJuror{Juror: from.String(), Amount: math.NewInt(100_000_000 + x.rng.Int64N(50_000_000))}
}

func (x *Traffic) unstakeJuror(from Account) sdk.Msg {
	return &disputetypes.MsgUnstakeJuror{Juror: from.String(), Amount: math.NewInt(1 + x.rng.Int64N(60_000_000))}
}

func (x *Traffic) claimOwed(from Account) sdk.Msg {
	return &disputetypes.MsgClaimOwed{Account: from.String()}
}

// duty is a ballot of the sender's in a dispute of that status.
func (x *Traffic) duty(from Account, status disputetypes.Status) (disputetypes.Ballot, bool) {
	ctx, q := x.courts()
	res, err := q.Duties(ctx, &disputetypes.QueryDutiesRequest{Address: from.String()})
	if err != nil {
		return disputetypes.Ballot{}, false
	}
	var fit []disputetypes.Ballot
	for _, d := range res.Duties {
		sealed, shown := len(d.Ballot.Commit) > 0, d.Ballot.Choice.Known()
		if d.Current && d.Status == status && !shown && sealed == (status == disputetypes.STATUS_REVEAL) {
			fit = append(fit, d.Ballot)
		}
	}
	if len(fit) == 0 {
		return disputetypes.Ballot{}, false
	}
	return pick(x.rng, fit), true
}

// voteOf is what an account votes: the same whenever it is asked.
func voteOf(from Account, b disputetypes.Ballot) (disputetypes.Choice, []byte) {
	salt := sha256.Sum256([]byte(fmt.Sprint("salt of ", from.Name, b.Dispute, b.Round)))
	return disputetypes.Choice(1 + salt[0]%2), salt[:]
}

func (x *Traffic) commitVote(from Account) sdk.Msg {
	b, ok := x.duty(from, disputetypes.STATUS_COMMIT)
	if !ok {
		return nil
	}
	choice, salt := voteOf(from, b)
	return &disputetypes.MsgCommitVote{
		Juror: b.Juror, Dispute: b.Dispute, Round: b.Round,
		Commit: disputetypes.VoteHash(ChainID, b.Dispute, b.Round, from.Addr(), choice, salt),
	}
}

func (x *Traffic) revealVote(from Account) sdk.Msg {
	b, ok := x.duty(from, disputetypes.STATUS_REVEAL)
	if !ok {
		return nil
	}
	choice, salt := voteOf(from, b)
	return &disputetypes.MsgRevealVote{Juror: b.Juror, Dispute: b.Dispute, Round: b.Round, Choice: choice, Salt: salt}
}
