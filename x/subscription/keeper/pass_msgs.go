package keeper

import (
	"context"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// CreatePass makes a pass over many creators.
func (s msgServer) CreatePass(ctx context.Context, msg *types.MsgCreatePass) (*types.MsgCreatePassResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	curator, err := types.ParseAddress(msg.Curator)
	if err != nil {
		return nil, err
	}
	pass, err := s.k.CreatePass(ctx, curator, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgCreatePassResponse{Pass: pass.Id}, nil
}

// UpdatePass changes a pass and whom it lists.
func (s msgServer) UpdatePass(ctx context.Context, msg *types.MsgUpdatePass) (*types.MsgUpdatePassResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	curator, err := types.ParseAddress(msg.Curator)
	if err != nil {
		return nil, err
	}
	if _, err := s.k.UpdatePass(ctx, curator, msg); err != nil {
		return nil, err
	}
	return &types.MsgUpdatePassResponse{}, nil
}

// JoinPass accepts that a pass sells a creator's works.
func (s msgServer) JoinPass(ctx context.Context, msg *types.MsgJoinPass) (*types.MsgJoinPassResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	return &types.MsgJoinPassResponse{}, s.k.JoinPass(ctx, controller, msg.Pass, msg.Creator)
}

// LeavePass takes a creator out of a pass.
func (s msgServer) LeavePass(ctx context.Context, msg *types.MsgLeavePass) (*types.MsgLeavePassResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	return &types.MsgLeavePassResponse{}, s.k.LeavePass(ctx, controller, msg.Pass, msg.Creator)
}

// SubscribePass buys periods of a pass.
func (s msgServer) SubscribePass(ctx context.Context, msg *types.MsgSubscribePass) (*types.MsgSubscribePassResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	subscriber, recipient, err := msg.Parties()
	if err != nil {
		return nil, err
	}
	sub, paid, err := s.k.SubscribePass(ctx, subscriber, recipient, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgSubscribePassResponse{ExpiresAt: sub.ExpiresAt(), Paid: paid}, nil
}

// CancelPass ends renewals and gives back what has not begun.
func (s msgServer) CancelPass(ctx context.Context, msg *types.MsgCancelPass) (*types.MsgCancelPassResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	viewer, err := types.ParseAddress(msg.Viewer)
	if err != nil {
		return nil, err
	}
	back, err := s.k.CancelPass(ctx, viewer, msg.Pass)
	if err != nil {
		return nil, err
	}
	return &types.MsgCancelPassResponse{Refunded: back}, nil
}
