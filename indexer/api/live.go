package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"

	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/indexer/store"
	"github.com/streamchain/streamchain/manifest"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
)

// proposal is a proposal with where its votes stand.
type proposal struct {
	store.Proposal
	VotingEnd int64  `json:"voting_end,omitempty"`
	Tally     tally  `json:"tally"`
	Needs     *needs `json:"needs,omitempty"`
	House     *house `json:"house,omitempty"`
}

type tally struct {
	Yes     string `json:"yes"`
	Abstain string `json:"abstain"`
	No      string `json:"no"`
	Veto    string `json:"veto"`
}

type needs struct {
	ApprovalBps     uint32 `json:"approval_bps"`
	TurnoutBps      uint32 `json:"turnout_bps"`
	TimelockSeconds int64  `json:"timelock_seconds"`
}

type house struct {
	Required bool   `json:"required"`
	Eligible uint64 `json:"eligible"`
	Yes      int64  `json:"yes"`
	No       int64  `json:"no"`
}

// live remembers what the chain said of proposals at the newest block.
type live struct {
	cfg    Config
	mu     sync.Mutex
	height int64
	said   map[int64]proposal
}

func newLive(cfg Config) *live { return &live{cfg: cfg, said: map[int64]proposal{}} }

// maxRemembered is how many proposals are remembered within one block.
const maxRemembered = 1000

// fill asks the chain where the votes stand, once a block for each proposal. A chain that does not answer leaves the counts at zero.
func (l *live) fill(ctx context.Context, p store.Proposal) proposal {
	height := l.cfg.ChainHeight()
	l.mu.Lock()
	if height != l.height || len(l.said) >= maxRemembered {
		l.height, l.said = height, map[int64]proposal{}
	}
	known, ok := l.said[p.ID]
	l.mu.Unlock()
	if ok {
		known.Proposal = fillTrack(p, known.Track)
		return known
	}
	out := proposal{Proposal: p, Tally: tally{"0", "0", "0", "0"}}
	conn := l.cfg.Chain.Conn()
	g, err := govv1.NewQueryClient(conn).Proposal(ctx, &govv1.QueryProposalRequest{ProposalId: uint64(p.ID)})
	if err != nil {
		return out
	}
	if t := g.Proposal.FinalTallyResult; t != nil {
		out.Tally = tally{t.YesCount, t.AbstainCount, t.NoCount, t.NoWithVetoCount}
	}
	if g.Proposal.VotingEndTime != nil {
		out.VotingEnd = g.Proposal.VotingEndTime.Unix()
	}
	if o, err := governancetypes.NewQueryClient(conn).Outlook(ctx, &governancetypes.QueryOutlookRequest{ProposalId: uint64(p.ID)}); err == nil {
		out.Proposal = fillTrack(p, trackName(o.Rule.Track))
		out.Needs = &needs{o.Rule.ApprovalBps, o.Rule.TurnoutBps, o.Rule.TimelockSeconds}
		if p.Status == "voting" {
			out.Tally = tally{o.Tally.Yes, o.Tally.Abstain, o.Tally.No, o.Tally.Veto}
		}
		out.House = &house{Required: o.Rule.House, Eligible: o.House.Seats, Yes: whole(o.House.Yes), No: whole(o.House.Against)}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if height == l.height {
		l.said[p.ID] = out
	}
	return out
}

// trackName is a track as the index writes it.
func trackName(t governancetypes.Track) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(t.String(), "TRACK_")), "_", "-")
}

// whole is the part of a decimal before its point.
func whole(dec string) int64 {
	head, _, _ := strings.Cut(dec, ".")
	n, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func fillTrack(p store.Proposal, track string) store.Proposal {
	if p.Track == "" {
		p.Track = track
	}
	return p
}

func (a *API) proposals(r *http.Request, q *query) (any, error) {
	status, p := q.one("status", "", "deposit", "voting", "passed", "rejected", "failed"), q.page()
	if err := q.unread(); err != nil {
		return nil, err
	}
	list, cursor, err := a.cfg.Store.Proposals(r.Context(), status, p)
	if err != nil {
		return nil, err
	}
	var out []proposal
	for _, p := range list {
		out = append(out, a.live.fill(r.Context(), p))
	}
	return page(out, cursor, nil)
}

func (a *API) proposal(r *http.Request, _ *query) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("proposal"), 10, 64)
	if err != nil || id < 1 {
		return nil, badParameter("proposal", "a number")
	}
	p, err := a.cfg.Store.Proposal(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return a.live.fill(r.Context(), p), nil
}

// Proof is a row of the chain's state and why the app hash of a block says so.
type Proof struct {
	Height  int64
	AppHash []byte // of the header of Height + 1
	Value   []byte
	Ops     []ProofOp
}

// ProofOp is one step of a proof, as CometBFT has it.
type ProofOp struct {
	Type string `json:"type"`
	Key  string `json:"key"`  // base64
	Data string `json:"data"` // base64
}

func (a *API) proof(r *http.Request, _ *query) (any, error) {
	root, err := a.cfg.Store.Root(r.Context(), r.PathValue("root"))
	if err != nil {
		return nil, err
	}
	digest, err := manifest.ParseWorkID(root)
	if err != nil {
		return nil, err
	}
	key := append(contenttypes.WorksKey.Bytes(), digest[:]...)
	p, err := a.cfg.Chain.Prove(r.Context(), contenttypes.StoreKey, key)
	if err != nil {
		return nil, err
	}
	b64 := base64.StdEncoding.EncodeToString
	return map[string]any{
		"height": p.Height, "app_hash": b64(p.AppHash), "store": contenttypes.StoreKey, "key": b64(key), "value": b64(p.Value), "ops": p.Ops,
	}, nil
}
