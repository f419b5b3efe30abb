package keeper

import (
	"context"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// PublishTemplate publishes a monetization template.
func (s msgServer) PublishTemplate(ctx context.Context, msg *types.MsgPublishTemplate) (*types.MsgPublishTemplateResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	author, err := types.ParseAddress(msg.Author)
	if err != nil {
		return nil, err
	}
	t, err := s.k.PublishTemplate(ctx, author, msg.Template())
	if err != nil {
		return nil, err
	}
	return &types.MsgPublishTemplateResponse{Template: t.Id}, nil
}

// RemoveTemplate takes back a template that was never used.
func (s msgServer) RemoveTemplate(ctx context.Context, msg *types.MsgRemoveTemplate) (*types.MsgRemoveTemplateResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	author, err := types.ParseAddress(msg.Author)
	if err != nil {
		return nil, err
	}
	return &types.MsgRemoveTemplateResponse{}, s.k.RemoveTemplate(ctx, author, msg.Template)
}

// PurchaseByTemplate buys what a template sells.
func (s msgServer) PurchaseByTemplate(ctx context.Context, msg *types.MsgPurchaseByTemplate) (*types.MsgPurchaseByTemplateResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	buyer, recipient, err := msg.Parties()
	if err != nil {
		return nil, err
	}
	b, err := s.k.PurchaseByTemplate(ctx, buyer, recipient, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgPurchaseByTemplateResponse{HoldId: b.HoldId, Paid: b.Paid, ReleaseAt: b.ReleaseAt}, nil
}

// RefundByTemplate gives back the last purchase, as far as its template allows.
func (s msgServer) RefundByTemplate(ctx context.Context, msg *types.MsgRefundByTemplate) (*types.MsgRefundByTemplateResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	buyer, recipient, err := msg.Parties()
	if err != nil {
		return nil, err
	}
	back, err := s.k.RefundByTemplate(ctx, buyer, recipient, msg.Work)
	if err != nil {
		return nil, err
	}
	return &types.MsgRefundByTemplateResponse{Refunded: back}, nil
}
