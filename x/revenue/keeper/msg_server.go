package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/revenue/types"
)

var _ types.MsgServer = msgServer{}

type msgServer struct{ k *Keeper }

// NewMsgServer serves the messages: it checks the fields, reads the signer and calls one
// keeper method each.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// Claim pays out claimable coins.
func (s msgServer) Claim(ctx context.Context, msg *types.MsgClaim) (*types.MsgClaimResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	claimant, to, err := msg.Parse()
	if err != nil {
		return nil, err
	}
	recipient := msg.Recipient
	if recipient == "" {
		recipient = msg.Claimant
	}
	coins, err := s.k.Claim(ctx, claimant, recipient, msg.Denoms, to)
	if err != nil {
		return nil, err
	}
	return &types.MsgClaimResponse{Amount: coins}, nil
}

// SetSplit proposes a split sheet.
func (s msgServer) SetSplit(ctx context.Context, msg *types.MsgSetSplit) (*types.MsgSetSplitResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	proposal, missing, err := s.k.SetSplit(ctx, controller, msg.Subject, msg.Shares)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetSplitResponse{Version: proposal.Version, Missing: missing}, nil
}

// AcceptSplit consents to a proposed sheet.
func (s msgServer) AcceptSplit(ctx context.Context, msg *types.MsgAcceptSplit) (*types.MsgAcceptSplitResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	recipient, err := types.ParseAddress(msg.Recipient)
	if err != nil {
		return nil, err
	}
	missing, err := s.k.AcceptSplit(ctx, recipient, msg.Subject, msg.Version)
	if err != nil {
		return nil, err
	}
	return &types.MsgAcceptSplitResponse{Missing: missing}, nil
}

// Refund gives a held payment back.
func (s msgServer) Refund(ctx context.Context, msg *types.MsgRefund) (*types.MsgRefundResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	hold, err := s.k.Refund(ctx, controller, msg.HoldId)
	if err != nil {
		return nil, err
	}
	return &types.MsgRefundResponse{Amount: hold.Payment.Gross}, nil
}

// SetPayout chooses automatic payouts.
func (s msgServer) SetPayout(ctx context.Context, msg *types.MsgSetPayout) (*types.MsgSetPayoutResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	claimant, to, err := (&types.MsgClaim{Claimant: msg.Claimant, To: msg.To}).Parse()
	if err != nil {
		return nil, err
	}
	recipient := msg.Recipient
	if recipient == "" {
		recipient = msg.Claimant
	}
	return &types.MsgSetPayoutResponse{}, s.k.SetPayout(ctx, claimant, recipient, to, msg.Threshold)
}

// ClaimRebate pays out a rebate.
func (s msgServer) ClaimRebate(ctx context.Context, msg *types.MsgClaimRebate) (*types.MsgClaimRebateResponse, error) {
	viewer, err := types.ParseAddress(msg.Viewer)
	if err != nil {
		return nil, err
	}
	amount, err := s.k.ClaimRebate(ctx, viewer)
	if err != nil {
		return nil, err
	}
	return &types.MsgClaimRebateResponse{Amount: amount}, nil
}

// SetDerivationTerms says what derived works must give.
func (s msgServer) SetDerivationTerms(ctx context.Context, msg *types.MsgSetDerivationTerms) (*types.MsgSetDerivationTermsResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetDerivationTermsResponse{}, s.k.SetDerivationTerms(ctx, controller, msg.Work, msg.Open, msg.MinBps)
}

// AcceptDerivation consents to a derived work.
func (s msgServer) AcceptDerivation(ctx context.Context, msg *types.MsgAcceptDerivation) (*types.MsgAcceptDerivationResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	return &types.MsgAcceptDerivationResponse{}, s.k.AcceptDerivation(ctx, controller, msg.Work, msg.Parent)
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
