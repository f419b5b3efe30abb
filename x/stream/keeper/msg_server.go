package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

var _ types.MsgServer = msgServer{}

type msgServer struct{ k *Keeper }

// NewMsgServer serves the messages: it checks the fields, reads the signer and calls one
// keeper method each.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// checked validates a message and reads its signer.
func checked(msg interface{ Validate() error }, signer string) (sdk.AccAddress, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	return types.ParseAddress(signer)
}

// GrantSessionKey lets a key sign for the owner.
func (s msgServer) GrantSessionKey(ctx context.Context, msg *types.MsgGrantSessionKey) (*types.MsgGrantSessionKeyResponse, error) {
	owner, err := checked(msg, msg.Owner)
	if err != nil {
		return nil, err
	}
	grant := types.SessionKey{Pubkey: msg.Pubkey, Limit: msg.Limit, Expires: msg.Expires, Scope: msg.Scope}
	return &types.MsgGrantSessionKeyResponse{}, s.k.GrantSessionKey(ctx, owner, grant)
}

// RevokeSessionKey stops a key.
func (s msgServer) RevokeSessionKey(ctx context.Context, msg *types.MsgRevokeSessionKey) (*types.MsgRevokeSessionKeyResponse, error) {
	owner, err := checked(msg, msg.Owner)
	if err != nil {
		return nil, err
	}
	return &types.MsgRevokeSessionKeyResponse{}, s.k.RevokeSessionKey(ctx, owner, msg.Pubkey)
}

// Deposit adds to an escrow.
func (s msgServer) Deposit(ctx context.Context, msg *types.MsgDeposit) (*types.MsgDepositResponse, error) {
	owner, err := checked(msg, msg.Owner)
	if err != nil {
		return nil, err
	}
	return &types.MsgDepositResponse{}, s.k.Deposit(ctx, owner, msg.Amount)
}

// Withdraw takes from an escrow.
func (s msgServer) Withdraw(ctx context.Context, msg *types.MsgWithdraw) (*types.MsgWithdrawResponse, error) {
	owner, err := checked(msg, msg.Owner)
	if err != nil {
		return nil, err
	}
	to := owner
	if msg.To != "" {
		if to, err = types.ParseAddress(msg.To); err != nil {
			return nil, err
		}
	}
	return &types.MsgWithdrawResponse{}, s.k.Withdraw(ctx, owner, msg.Amount, to)
}

// OpenLanes opens lanes.
func (s msgServer) OpenLanes(ctx context.Context, msg *types.MsgOpenLanes) (*types.MsgOpenLanesResponse, error) {
	submitter, err := checked(msg, msg.Submitter)
	if err != nil {
		return nil, err
	}
	results, err := s.k.OpenLanes(ctx, submitter, msg.Intents)
	if err != nil {
		return nil, err
	}
	return &types.MsgOpenLanesResponse{Results: results}, nil
}

// Settle pays the ticks of sessions.
func (s msgServer) Settle(ctx context.Context, msg *types.MsgSettle) (*types.MsgSettleResponse, error) {
	submitter, err := checked(msg, msg.Submitter)
	if err != nil {
		return nil, err
	}
	results, err := s.k.Settle(ctx, submitter, msg.Settlements)
	if err != nil {
		return nil, err
	}
	return &types.MsgSettleResponse{Results: results}, nil
}

// CloseLane closes a lane before its time.
func (s msgServer) CloseLane(ctx context.Context, msg *types.MsgCloseLane) (*types.MsgCloseLaneResponse, error) {
	agent, err := checked(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	owner, err := types.ParseAddress(msg.Owner)
	if err != nil {
		return nil, err
	}
	returned, closesAt, err := s.k.CloseLane(ctx, agent, owner, msg.Denom, msg.Generation)
	if err != nil {
		return nil, err
	}
	return &types.MsgCloseLaneResponse{Returned: returned, ClosesAt: closesAt}, nil
}

// ReportUse proves what viewers watched.
func (s msgServer) ReportUse(ctx context.Context, msg *types.MsgReportUse) (*types.MsgReportUseResponse, error) {
	agent, err := checked(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	results, err := s.k.ReportUse(ctx, agent, msg.Items)
	if err != nil {
		return nil, err
	}
	return &types.MsgReportUseResponse{Results: results}, nil
}

// Tip pays a creator.
func (s msgServer) Tip(ctx context.Context, msg *types.MsgTip) (*types.MsgTipResponse, error) {
	payer, err := checked(msg, msg.Payer)
	if err != nil {
		return nil, err
	}
	return &types.MsgTipResponse{}, s.k.Tip(ctx, payer, msg.Subject, msg.Amount, msg.Memo)
}

// CreateFlow pays an account by the second.
func (s msgServer) CreateFlow(ctx context.Context, msg *types.MsgCreateFlow) (*types.MsgCreateFlowResponse, error) {
	sender, err := checked(msg, msg.Sender)
	if err != nil {
		return nil, err
	}
	recipient, err := types.ParseAddress(msg.Recipient)
	if err != nil {
		return nil, err
	}
	id, err := s.k.CreateFlow(ctx, sender, recipient, msg.Deposit, msg.RateAmount, msg.RateSeconds, msg.StartsAt)
	if err != nil {
		return nil, err
	}
	return &types.MsgCreateFlowResponse{Flow: id}, nil
}

// TopUpFlow adds to the deposit of a flow.
func (s msgServer) TopUpFlow(ctx context.Context, msg *types.MsgTopUpFlow) (*types.MsgTopUpFlowResponse, error) {
	payer, err := checked(msg, msg.Payer)
	if err != nil {
		return nil, err
	}
	return &types.MsgTopUpFlowResponse{}, s.k.TopUpFlow(ctx, payer, msg.Flow, msg.Amount)
}

// PauseFlow stops a flow.
func (s msgServer) PauseFlow(ctx context.Context, msg *types.MsgPauseFlow) (*types.MsgPauseFlowResponse, error) {
	sender, err := checked(msg, msg.Sender)
	if err != nil {
		return nil, err
	}
	return &types.MsgPauseFlowResponse{}, s.k.PauseFlow(ctx, sender, msg.Flow)
}

// ResumeFlow lets a flow accrue again.
func (s msgServer) ResumeFlow(ctx context.Context, msg *types.MsgResumeFlow) (*types.MsgResumeFlowResponse, error) {
	sender, err := checked(msg, msg.Sender)
	if err != nil {
		return nil, err
	}
	return &types.MsgResumeFlowResponse{}, s.k.ResumeFlow(ctx, sender, msg.Flow)
}

// ReRateFlow changes the rate of a flow.
func (s msgServer) ReRateFlow(ctx context.Context, msg *types.MsgReRateFlow) (*types.MsgReRateFlowResponse, error) {
	sender, err := checked(msg, msg.Sender)
	if err != nil {
		return nil, err
	}
	return &types.MsgReRateFlowResponse{}, s.k.ReRateFlow(ctx, sender, msg.Flow, msg.RateAmount, msg.RateSeconds)
}

// CancelFlow ends a flow.
func (s msgServer) CancelFlow(ctx context.Context, msg *types.MsgCancelFlow) (*types.MsgCancelFlowResponse, error) {
	signer, err := checked(msg, msg.Signer)
	if err != nil {
		return nil, err
	}
	f, err := s.k.CancelFlow(ctx, signer, msg.Flow)
	if err != nil {
		return nil, err
	}
	return &types.MsgCancelFlowResponse{Paid: f.Coin(f.Accrued), Returned: f.Coin(f.Balance)}, nil
}

// WithdrawFlow pays out what has accrued.
func (s msgServer) WithdrawFlow(ctx context.Context, msg *types.MsgWithdrawFlow) (*types.MsgWithdrawFlowResponse, error) {
	recipient, err := checked(msg, msg.Recipient)
	if err != nil {
		return nil, err
	}
	to := recipient
	if msg.To != "" {
		if to, err = types.ParseAddress(msg.To); err != nil {
			return nil, err
		}
	}
	amount, err := s.k.WithdrawFlow(ctx, recipient, msg.Flow, to)
	if err != nil {
		return nil, err
	}
	return &types.MsgWithdrawFlowResponse{Amount: amount}, nil
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
