package store

import (
	"context"
	"encoding/json"
)

// Dispute is a dispute as far as the index knows it.
type Dispute struct {
	ID         int64    `json:"id"`
	Kind       string   `json:"kind"`
	Status     string   `json:"status"`
	Subject    string   `json:"subject"`
	Claimant   string   `json:"complainant"`
	Respondent string   `json:"respondent"`
	Round      int64    `json:"round"`
	Ruling     string   `json:"ruling,omitempty"`
	OpenedAt   int64    `json:"opened_at"`
	Deadline   int64    `json:"deadline,omitempty"`
	Evidence   []string `json:"evidence"`
	Bond       Coin     `json:"bond"`
}

// Disputes lists disputes, newest first: all, of a work, or those that were ruled. Errors: ErrCursor.
func (s *Store) Disputes(ctx context.Context, work string, ruled bool, p Page) ([]Dispute, string, error) {
	cond, args := "1", []any{}
	if work != "" {
		cond, args = cond+" AND subject = ?", append(args, work)
	}
	if ruled {
		cond += " AND ruling <> ''"
	}
	var id int64
	ok, err := decodeCursor("disputes", p.Cursor, &id)
	if err != nil {
		return nil, "", err
	}
	if ok {
		cond, args = cond+" AND id < ?", append(args, id)
	}
	out, err := list(ctx, s, `SELECT id, kind, status, subject, claimant, respondent, round, ruling, opened_at, deadline, bond,
		(SELECT json_group_array(cid) FROM (SELECT cid FROM evidence e WHERE e.dispute = d.id ORDER BY e.idx LIMIT 100)) FROM disputes d WHERE `+cond+" ORDER BY id DESC LIMIT ?", append(args, p.Limit+1),
		func(row func(...any) error, d *Dispute) error {
			var evidence string
			if err := row(&d.ID, &d.Kind, &d.Status, &d.Subject, &d.Claimant, &d.Respondent, &d.Round, &d.Ruling, &d.OpenedAt, &d.Deadline, &d.Bond.Amount, &evidence); err != nil {
				return err
			}
			d.Bond.Denom = baseDenom
			return json.Unmarshal([]byte(evidence), &d.Evidence)
		})
	if err != nil || len(out) <= p.Limit {
		return out, "", err
	}
	out = out[:p.Limit]
	return out, encodeCursor("disputes", out[p.Limit-1].ID), nil
}

// Proposal is what the index knows of a proposal; where its votes stand only the chain knows.
type Proposal struct {
	ID          int64  `json:"id"`
	Title       string `json:"title"`
	Summary     string `json:"summary"`
	Proposer    string `json:"proposer"`
	Status      string `json:"status"`
	Messages    JSON   `json:"messages"`
	SubmitTime  int64  `json:"submit_time"`
	Deposit     Coin   `json:"deposit"`
	Track       string `json:"track"`
	ExecutesAt  int64  `json:"executes_at,omitempty"`
	VotingStart int64  `json:"-"`
}

const proposalColumns = `p.id, p.title, p.summary, p.proposer, p.status, p.messages, p.submit_time, p.denom, p.deposit, COALESCE(e.track, ''), COALESCE(CASE e.status WHEN 'queued' THEN e.execute_at END, 0), p.voting_start
	FROM proposals p LEFT JOIN enactments e ON e.id = p.enactment `

func scanProposal(row func(...any) error, p *Proposal) error {
	return row(&p.ID, &p.Title, &p.Summary, &p.Proposer, &p.Status, &p.Messages, &p.SubmitTime, &p.Deposit.Denom, &p.Deposit.Amount, &p.Track, &p.ExecutesAt, &p.VotingStart)
}

// Proposals lists proposals, newest first, of one status where it is not empty. Errors: ErrCursor.
func (s *Store) Proposals(ctx context.Context, status string, p Page) ([]Proposal, string, error) {
	cond, args := "1", []any{}
	if status != "" {
		cond, args = "p.status = ?", []any{status}
	}
	var id int64
	ok, err := decodeCursor("proposals", p.Cursor, &id)
	if err != nil {
		return nil, "", err
	}
	if ok {
		cond, args = cond+" AND p.id < ?", append(args, id)
	}
	out, err := list(ctx, s, "SELECT "+proposalColumns+"WHERE "+cond+" ORDER BY p.id DESC LIMIT ?", append(args, p.Limit+1), scanProposal)
	if err != nil || len(out) <= p.Limit {
		return out, "", err
	}
	out = out[:p.Limit]
	return out, encodeCursor("proposals", out[p.Limit-1].ID), nil
}

// Proposal returns one. ErrNotFound.
func (s *Store) Proposal(ctx context.Context, id int64) (Proposal, error) {
	var p Proposal
	err := scanProposal(func(dest ...any) error {
		return s.one(ctx, "SELECT "+proposalColumns+"WHERE p.id = ?", []any{id}, dest...)
	}, &p)
	return p, err
}

// FeedRow is a feed generator that is registered.
type FeedRow struct {
	ID, Owner, Title, Description, Endpoint, Pubkey string
}

// FeedRows lists feed generators, oldest first; one where id is not empty.
func (s *Store) FeedRows(ctx context.Context, id string) ([]FeedRow, error) {
	cond, args := "1", []any{}
	if id != "" {
		cond, args = "id = ?", []any{id}
	}
	return list(ctx, s, "SELECT id, owner, title, description, endpoint, pubkey FROM feeds WHERE "+cond+" ORDER BY n LIMIT 1000", args, func(row func(...any) error, f *FeedRow) error {
		return row(&f.ID, &f.Owner, &f.Title, &f.Description, &f.Endpoint, &f.Pubkey)
	})
}
