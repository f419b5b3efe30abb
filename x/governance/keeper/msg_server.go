package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

var _ types.MsgServer = msgServer{}

type msgServer struct{ k *Keeper }

// NewMsgServer serves the messages: it checks the fields, compares the signer and calls one
// keeper method each.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// Enact puts messages into the timelock.
func (s msgServer) Enact(ctx context.Context, msg *types.MsgEnact) (*types.MsgEnactResponse, error) {
	if msg.Authority != s.k.gov {
		return nil, errorsmod.Wrapf(types.ErrNotGov, "%.100q; x/gov's account is %s", msg.Authority, s.k.gov)
	}
	e, err := s.k.Enact(ctx, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgEnactResponse{Id: e.Id, ExecuteAt: e.ExecuteAt}, nil
}

// CancelEnactment withdraws an enactment before its time.
func (s msgServer) CancelEnactment(ctx context.Context, msg *types.MsgCancelEnactment) (*types.MsgCancelEnactmentResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	if msg.Authority != s.k.gov {
		return nil, errorsmod.Wrapf(types.ErrNotGov, "%.100q; x/gov's account is %s", msg.Authority, s.k.gov)
	}
	return &types.MsgCancelEnactmentResponse{}, s.k.CancelEnactment(ctx, msg.Id)
}

// UpdateParams replaces the parameters.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	if msg.Authority != s.k.Authority() {
		return nil, errorsmod.Wrapf(types.ErrNotAuthority, "%.100q; the governance account is %s", msg.Authority, s.k.account)
	}
	return &types.MsgUpdateParamsResponse{}, s.k.UpdateParams(ctx, msg.Params)
}

// DelegateVote lends the signer's vote.
func (s msgServer) DelegateVote(ctx context.Context, msg *types.MsgDelegateVote) (*types.MsgDelegateVoteResponse, error) {
	d := msg.Delegation()
	if err := d.Validate(); err != nil {
		return nil, err
	}
	if err := s.k.requireStake(ctx, sdk.MustAccAddressFromBech32(d.Delegator)); err != nil {
		return nil, err
	}
	return &types.MsgDelegateVoteResponse{}, s.k.DelegateVote(ctx, d)
}

// UndelegateVote ends a delegation.
func (s msgServer) UndelegateVote(ctx context.Context, msg *types.MsgUndelegateVote) (*types.MsgUndelegateVoteResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	return &types.MsgUndelegateVoteResponse{}, s.k.UndelegateVote(ctx, msg.Signer, msg.Delegator, msg.Track)
}

// SetCouncil replaces the council.
func (s msgServer) SetCouncil(ctx context.Context, msg *types.MsgSetCouncil) (*types.MsgSetCouncilResponse, error) {
	if msg.Authority != s.k.Authority() {
		return nil, errorsmod.Wrapf(types.ErrNotAuthority, "%.100q; the governance account is %s", msg.Authority, s.k.account)
	}
	return &types.MsgSetCouncilResponse{}, s.k.SetCouncil(ctx, msg.Council())
}

// Pause votes for a pause.
func (s msgServer) Pause(ctx context.Context, msg *types.MsgPause) (*types.MsgPauseResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	p, err := s.k.Pause(ctx, msg)
	if err != nil {
		return nil, err
	}
	if len(p.Votes) > 0 {
		return &types.MsgPauseResponse{}, nil
	}
	return &types.MsgPauseResponse{PausedUntil: p.PausedUntil}, nil
}

// Resume ends a pause.
func (s msgServer) Resume(ctx context.Context, msg *types.MsgResume) (*types.MsgResumeResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	return &types.MsgResumeResponse{}, s.k.Resume(ctx, msg.Signer, msg.TypeUrl)
}
