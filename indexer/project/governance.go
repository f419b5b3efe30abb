package project

import (
	"fmt"
	"strconv"

	abci "github.com/cometbft/cometbft/abci/types"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/indexer/store"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
)

var governanceEvents = table{}.
	add(on((*run).enactedOne)).
	add(on((*run).enactmentExecuted)).
	add(on((*run).enactmentFailed)).
	add(on((*run).enactmentCancelled)).
	add(on((*run).seatTaken)).
	add(on((*run).seatExpired)).
	add(on((*run).paused)).
	add(on((*run).resumed))

// proposalID reads the id of x/gov's event; false where the event has none, as one that only says that voting has begun.
func proposalID(e abci.Event, key string) (int64, bool, error) {
	v := attribute(e, key)
	if v == "" {
		return 0, false, nil
	}
	id, err := strconv.ParseInt(v, 10, 64)
	return id, true, err
}

func (r *run) proposalSubmitted(e abci.Event) error {
	if id, ok, err := proposalID(e, govtypes.AttributeKeyVotingPeriodStart); ok || err != nil {
		return r.votingBegan(id, err)
	}
	id, ok, err := proposalID(e, govtypes.AttributeKeyProposalID)
	if err != nil || !ok {
		return err
	}
	// of several in one transaction the ids follow the messages
	var nth int64
	if _, err := r.tx.Row("SELECT COUNT(*) FROM proposals WHERE tx = ?", []any{r.at.hash}, &nth); err != nil {
		return err
	}
	msg, ok := find(r, func(*govv1.MsgSubmitProposal) bool { nth--; return nth < 0 })
	if !ok {
		return fmt.Errorf("proposal %d was submitted by no message of its transaction that this program reads", id)
	}
	return r.putProposal(proposal{
		id: id, title: msg.Title, summary: msg.Summary, proposer: msg.Proposer, metadata: msg.Metadata, messages: msg.Messages, expedited: msg.Expedited,
		status: "deposit", submitted: r.time,
	})
}

type proposal struct {
	id                                         int64
	title, summary, proposer, metadata, status string
	messages                                   []*codectypes.Any
	expedited                                  bool
	submitted, votingStart, closedAt           int64
	deposit                                    sdk.Coins
}

func (r *run) putProposal(p proposal) error {
	messages, inner := []any{}, []any{}
	for _, a := range p.messages {
		m, err := r.messageJSON(a)
		if err != nil {
			return err
		}
		messages = append(messages, m)
		enact, ok := r.message(a).(*governancetypes.MsgEnact)
		if !ok {
			continue
		}
		for _, a := range enact.Messages {
			m, err := r.messageJSON(a)
			if err != nil {
				return err
			}
			inner = append(inner, m)
		}
	}
	outerRaw, err := marshal(messages)
	if err != nil {
		return err
	}
	innerRaw, err := marshal(inner)
	if err != nil {
		return err
	}
	_, err = r.tx.Exec(`INSERT INTO proposals (id, title, summary, proposer, metadata, tx, messages, inner_messages, expedited, status, submit_time, voting_start, closed_at, denom, deposit, enactment)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'ustream', ?, 0)`, p.id, p.title, p.summary, p.proposer, p.metadata, r.at.hash, outerRaw, innerRaw, flag(p.expedited), p.status,
		p.submitted, p.votingStart, p.closedAt, p.deposit.AmountOf("ustream").String())
	return err
}

func (r *run) votingBegan(id int64, err error) error {
	if err != nil {
		return err
	}
	return r.proposal(id, "status = 'voting', voting_start = ?", r.time)
}

func (r *run) proposal(id int64, set string, args ...any) error {
	return r.one("proposal", fmt.Sprint(id))(r.tx.Exec("UPDATE proposals SET "+set+" WHERE id = ?", append(args, id)...))
}

func (r *run) proposalDeposit(e abci.Event) error {
	if id, ok, err := proposalID(e, govtypes.AttributeKeyVotingPeriodStart); ok || err != nil {
		return r.votingBegan(id, err)
	}
	id, ok, err := proposalID(e, govtypes.AttributeKeyProposalID)
	if err != nil || !ok {
		return err
	}
	coins, err := sdk.ParseCoinsNormalized(attribute(e, sdk.AttributeKeyAmount))
	if err != nil {
		return err
	}
	var had string
	if _, err := r.tx.Row("SELECT deposit FROM proposals WHERE id = ?", []any{id}, &had); err != nil {
		return err
	}
	sum, err := store.Add(had, coins.AmountOf("ustream").String())
	if err != nil {
		return err
	}
	return r.proposal(id, "deposit = ?", sum)
}

// proposalClosed comes when a vote is over, after the events of what the proposal did.
func (r *run) proposalClosed(e abci.Event) error {
	enacted := r.enacted
	r.enacted = nil
	id, ok, err := proposalID(e, govtypes.AttributeKeyProposalID)
	if err != nil || !ok {
		return err
	}
	switch result := attribute(e, govtypes.AttributeKeyProposalResult); result {
	case govtypes.AttributeValueProposalPassed:
		for _, n := range enacted {
			if _, err := r.tx.Exec("UPDATE enactments SET proposal = ? WHERE id = ?", id, seconds(n)); err != nil {
				return err
			}
			if err := r.proposal(id, "enactment = ?", seconds(n)); err != nil {
				return err
			}
		}
		return r.proposal(id, "status = 'passed', closed_at = ?", r.time)
	case govtypes.AttributeValueProposalRejected:
		return r.proposal(id, "status = 'rejected', closed_at = ?", r.time)
	case govtypes.AttributeValueProposalFailed:
		return r.proposal(id, "status = 'failed', closed_at = ?", r.time)
	case govtypes.AttributeValueExpeditedProposalRejected:
		return r.proposal(id, "expedited = 0") // it goes on as an ordinary one
	default:
		return fmt.Errorf("proposal %d ended as %q, which this program does not know", id, result)
	}
}

func (r *run) proposalDropped(e abci.Event) error { return r.closeProposal(e, "dropped") }

func (r *run) proposalCancelled(e abci.Event) error { return r.closeProposal(e, "cancelled") }

func (r *run) closeProposal(e abci.Event, status string) error {
	id, ok, err := proposalID(e, govtypes.AttributeKeyProposalID)
	if err != nil || !ok {
		return err
	}
	return r.proposal(id, "status = ?, closed_at = ?", status, r.time)
}

func (r *run) enactedOne(e *governancetypes.EventEnacted) error {
	r.enacted = append(r.enacted, e.Id)
	return r.putEnactment(seconds(e.Id), e.Track, e.TypeUrls, e.ExecuteAt)
}

func (r *run) putEnactment(id int64, track governancetypes.Track, urls []string, executeAt int64) error {
	types, err := list(urls)
	if err != nil {
		return err
	}
	_, err = r.tx.Exec("INSERT INTO enactments (id, proposal, track, types, execute_at, status, closed_at, failure) VALUES (?, 0, ?, ?, ?, 'queued', 0, '')",
		id, word(track, "TRACK_"), types, executeAt)
	return err
}

func (r *run) enactment(id uint64, set string, args ...any) error {
	return r.one("enactment", fmt.Sprint(id))(r.tx.Exec("UPDATE enactments SET "+set+" WHERE id = ?", append(args, seconds(id))...))
}

func (r *run) enactmentExecuted(e *governancetypes.EventEnactmentExecuted) error {
	return r.enactment(e.Id, "status = 'done', closed_at = ?", r.live)
}

func (r *run) enactmentFailed(e *governancetypes.EventEnactmentFailed) error {
	raw, err := protoRaw(&e.Failure)
	if err != nil {
		return err
	}
	return r.enactment(e.Id, "status = 'failed', closed_at = ?, failure = ?", r.live, string(raw))
}

func (r *run) enactmentCancelled(e *governancetypes.EventEnactmentCancelled) error {
	return r.enactment(e.Id, "status = 'cancelled', closed_at = ?", r.live)
}

func (r *run) seatTaken(e *governancetypes.EventSeatTaken) error { return r.putSeat(e.Seat) }

func (r *run) putSeat(s governancetypes.Seat) error {
	_, err := r.tx.Exec("INSERT INTO seats (creator, taken_at, expires_at) VALUES (?, ?, ?) ON CONFLICT (creator) DO UPDATE SET taken_at = excluded.taken_at, expires_at = excluded.expires_at",
		s.Creator, s.TakenAt, s.ExpiresAt)
	return err
}

func (r *run) seatExpired(e *governancetypes.EventSeatExpired) error {
	_, err := r.tx.Exec("DELETE FROM seats WHERE creator = ?", e.Creator)
	return err
}

func (r *run) paused(e *governancetypes.EventPaused) error {
	return r.putPause(e.TypeUrl, e.Until)
}

func (r *run) putPause(url string, until int64) error {
	_, err := r.tx.Exec("INSERT INTO pauses (type_url, until) VALUES (?, ?) ON CONFLICT (type_url) DO UPDATE SET until = excluded.until", url, until)
	return err
}

func (r *run) resumed(e *governancetypes.EventResumed) error {
	_, err := r.tx.Exec("DELETE FROM pauses WHERE type_url = ?", e.TypeUrl)
	return err
}
