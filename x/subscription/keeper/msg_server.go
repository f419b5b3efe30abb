package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/subscription/types"
)

var _ types.MsgServer = msgServer{}

type msgServer struct{ k *Keeper }

// NewMsgServer serves the messages: it checks the fields, reads the signer and calls one
// keeper method each.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k: k} }

// SetOffers replaces all that a work or a collection offers.
func (s msgServer) SetOffers(ctx context.Context, msg *types.MsgSetOffers) (*types.MsgSetOffersResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	list, err := s.k.SetOffers(ctx, controller, msg.Work, msg.Offers)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetOffersResponse{Version: list.Version}, nil
}

// CreatePlan makes a plan.
func (s msgServer) CreatePlan(ctx context.Context, msg *types.MsgCreatePlan) (*types.MsgCreatePlanResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	plan, err := s.k.CreatePlan(ctx, controller, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgCreatePlanResponse{Plan: plan.Id}, nil
}

// UpdatePlan changes a plan.
func (s msgServer) UpdatePlan(ctx context.Context, msg *types.MsgUpdatePlan) (*types.MsgUpdatePlanResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	if _, err := s.k.UpdatePlan(ctx, controller, msg); err != nil {
		return nil, err
	}
	return &types.MsgUpdatePlanResponse{}, nil
}

// Purchase buys lasting access to a work or a collection.
func (s msgServer) Purchase(ctx context.Context, msg *types.MsgPurchase) (*types.MsgPurchaseResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	buyer, recipient, err := msg.Parties()
	if err != nil {
		return nil, err
	}
	b, err := s.k.Purchase(ctx, buyer, recipient, msg.Work, msg.MaxPrice, msg.Pay)
	if err != nil {
		return nil, err
	}
	return &types.MsgPurchaseResponse{HoldId: b.HoldId, Paid: b.Price, ReleaseAt: b.ReleaseAt}, nil
}

// Subscribe buys periods of a plan.
func (s msgServer) Subscribe(ctx context.Context, msg *types.MsgSubscribe) (*types.MsgSubscribeResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	subscriber, recipient, err := msg.Parties()
	if err != nil {
		return nil, err
	}
	sub, err := s.k.Subscribe(ctx, subscriber, recipient, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgSubscribeResponse{ExpiresAt: sub.ExpiresAt, Paid: sub.Paid, TrialUntil: sub.TrialUntil}, nil
}

// Rent buys access to a work or a collection that ends.
func (s msgServer) Rent(ctx context.Context, msg *types.MsgRent) (*types.MsgRentResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	renter, recipient, err := msg.Parties()
	if err != nil {
		return nil, err
	}
	r, err := s.k.Rent(ctx, renter, recipient, msg.Work, msg.DurationSeconds, msg.MaxPrice)
	if err != nil {
		return nil, err
	}
	return &types.MsgRentResponse{HoldId: r.HoldId, Paid: r.Price, ReleaseAt: r.ReleaseAt, ExpiresAt: r.ExpiresAt}, nil
}

// SetRenewal changes or ends what renews a subscription.
func (s msgServer) SetRenewal(ctx context.Context, msg *types.MsgSetRenewal) (*types.MsgSetRenewalResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	payer, viewer, err := msg.Parties()
	if err != nil {
		return nil, err
	}
	return &types.MsgSetRenewalResponse{}, s.k.SetRenewal(ctx, payer, viewer, msg)
}

// Cancel ends a subscription now.
func (s msgServer) Cancel(ctx context.Context, msg *types.MsgCancel) (*types.MsgCancelResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	viewer, err := types.ParseAddress(msg.Viewer)
	if err != nil {
		return nil, err
	}
	out, err := s.k.Cancel(ctx, viewer, msg.Plan)
	if err != nil {
		return nil, err
	}
	return &types.MsgCancelResponse{Refunded: out.Refunded(), Kept: out.Kept}, nil
}

// UpdateParams replaces the parameters.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	if msg.Authority != s.k.authority {
		return nil, errorsmod.Wrap(types.ErrNotAuthority, msg.Authority)
	}
	return &types.MsgUpdateParamsResponse{}, s.k.UpdateParams(ctx, msg.Params)
}
