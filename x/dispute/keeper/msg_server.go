package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
)

var _ types.MsgServer = msgServer{}

type msgServer struct{ k *Keeper }

// NewMsgServer serves the messages: it checks the fields and calls one keeper method each.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// signed validates a message and reads who signed it.
func signed(m interface{ Validate() error }, signer string) (sdk.AccAddress, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return types.ParseAddress(signer)
}

// OpenDispute makes a claim about a subject.
func (s msgServer) OpenDispute(ctx context.Context, m *types.MsgOpenDispute) (*types.MsgOpenDisputeResponse, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	d, err := s.k.OpenDispute(ctx, m)
	if err != nil {
		return nil, err
	}
	return &types.MsgOpenDisputeResponse{Id: d.Id, RespondUntil: d.OpenedAt + d.Terms().EvidenceSeconds}, nil
}

// Respond answers a claim.
func (s msgServer) Respond(ctx context.Context, m *types.MsgRespond) (*types.MsgRespondResponse, error) {
	responder, err := signed(m, m.Responder)
	if err != nil {
		return nil, err
	}
	return &types.MsgRespondResponse{}, s.k.Respond(ctx, responder, m.Dispute, m.Evidence)
}

// AddEvidence points jurors to another document.
func (s msgServer) AddEvidence(ctx context.Context, m *types.MsgAddEvidence) (*types.MsgAddEvidenceResponse, error) {
	party, err := signed(m, m.Party)
	if err != nil {
		return nil, err
	}
	return &types.MsgAddEvidenceResponse{}, s.k.AddEvidence(ctx, party, m.Dispute, m.Evidence)
}

// ContestHold lets another held payment wait for the ruling.
func (s msgServer) ContestHold(ctx context.Context, m *types.MsgContestHold) (*types.MsgContestHoldResponse, error) {
	claimant, err := signed(m, m.Claimant)
	if err != nil {
		return nil, err
	}
	id, err := s.k.ContestHold(ctx, claimant, m)
	if err != nil {
		return nil, err
	}
	return &types.MsgContestHoldResponse{HoldId: id}, nil
}

// Appeal asks for a larger jury.
func (s msgServer) Appeal(ctx context.Context, m *types.MsgAppeal) (*types.MsgAppealResponse, error) {
	appellant, err := signed(m, m.Appellant)
	if err != nil {
		return nil, err
	}
	round, bond, err := s.k.Appeal(ctx, appellant, m)
	if err != nil {
		return nil, err
	}
	return &types.MsgAppealResponse{Round: round, Bond: bond}, nil
}

// CommitVote seals a juror's vote.
func (s msgServer) CommitVote(ctx context.Context, m *types.MsgCommitVote) (*types.MsgCommitVoteResponse, error) {
	juror, err := signed(m, m.Juror)
	if err != nil {
		return nil, err
	}
	return &types.MsgCommitVoteResponse{}, s.k.CommitVote(ctx, juror, m.Dispute, m.Round, m.Commit)
}

// RevealVote shows it.
func (s msgServer) RevealVote(ctx context.Context, m *types.MsgRevealVote) (*types.MsgRevealVoteResponse, error) {
	juror, err := signed(m, m.Juror)
	if err != nil {
		return nil, err
	}
	return &types.MsgRevealVoteResponse{}, s.k.RevealVote(ctx, juror, m)
}

// StakeJuror adds to a juror's stake.
func (s msgServer) StakeJuror(ctx context.Context, m *types.MsgStakeJuror) (*types.MsgStakeJurorResponse, error) {
	juror, err := signed(m, m.Juror)
	if err != nil {
		return nil, err
	}
	from, err := s.k.StakeJuror(ctx, juror, m.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgStakeJurorResponse{CountsFrom: from}, nil
}

// UnstakeJuror takes free stake back, after a wait.
func (s msgServer) UnstakeJuror(ctx context.Context, m *types.MsgUnstakeJuror) (*types.MsgUnstakeJurorResponse, error) {
	juror, err := signed(m, m.Juror)
	if err != nil {
		return nil, err
	}
	at, err := s.k.UnstakeJuror(ctx, juror, m.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgUnstakeJurorResponse{ClaimableAt: at}, nil
}

// ClaimOwed pays out what the signer is owed.
func (s msgServer) ClaimOwed(ctx context.Context, m *types.MsgClaimOwed) (*types.MsgClaimOwedResponse, error) {
	account, err := signed(m, m.Account)
	if err != nil {
		return nil, err
	}
	amount, err := s.k.ClaimOwed(ctx, account)
	if err != nil {
		return nil, err
	}
	return &types.MsgClaimOwedResponse{Amount: amount}, nil
}

// UpdateParams replaces the parameters.
func (s msgServer) UpdateParams(ctx context.Context, m *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if m.Authority != s.k.authority {
		return nil, errorsmod.Wrapf(types.ErrNotAuthority, "%s; the authority is %s", m.Authority, s.k.authority)
	}
	return &types.MsgUpdateParamsResponse{}, s.k.UpdateParams(ctx, m.Params)
}
