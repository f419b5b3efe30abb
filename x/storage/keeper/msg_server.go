package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

var _ types.MsgServer = msgServer{}

type msgServer struct{ k *Keeper }

// NewMsgServer serves the messages: it checks the fields, reads the signer and calls one
// keeper method each.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// validate checks a message's fields and reads its signer.
func validate(msg interface{ Validate() error }, signer string) (sdk.AccAddress, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	return types.ParseAddress(signer)
}

// terms checks what a provider offers by the parameters' network rules.
func (s msgServer) terms(ctx context.Context, msg interface {
	Terms(relaxed bool) (types.Terms, error)
}) (types.Terms, error) {
	params, err := s.k.Params(ctx)
	if err != nil {
		return types.Terms{}, err
	}
	return msg.Terms(params.RelaxedNetworkRules)
}

// RegisterProvider makes the signer a provider.
func (s msgServer) RegisterProvider(ctx context.Context, msg *types.MsgRegisterProvider) (*types.MsgRegisterProviderResponse, error) {
	operator, err := validate(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	terms, err := s.terms(ctx, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgRegisterProviderResponse{}, s.k.RegisterProvider(ctx, operator, terms, msg.Bond)
}

// UpdateProvider replaces a provider's terms.
func (s msgServer) UpdateProvider(ctx context.Context, msg *types.MsgUpdateProvider) (*types.MsgUpdateProviderResponse, error) {
	operator, err := validate(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	terms, err := s.terms(ctx, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgUpdateProviderResponse{}, s.k.UpdateProvider(ctx, operator, terms)
}

// AddBond adds to a provider's bond.
func (s msgServer) AddBond(ctx context.Context, msg *types.MsgAddBond) (*types.MsgAddBondResponse, error) {
	operator, err := validate(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	p, err := s.k.AddBond(ctx, operator, msg.Amount)
	if err != nil {
		return nil, err
	}
	return &types.MsgAddBondResponse{Bond: p.Bond}, nil
}

// Leave stops a provider from taking deals.
func (s msgServer) Leave(ctx context.Context, msg *types.MsgLeave) (*types.MsgLeaveResponse, error) {
	operator, err := validate(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	p, err := s.k.Leave(ctx, operator)
	if err != nil {
		return nil, err
	}
	return &types.MsgLeaveResponse{UnbondAt: p.UnbondAt}, nil
}

// WithdrawBond gives a provider that has left its bond back.
func (s msgServer) WithdrawBond(ctx context.Context, msg *types.MsgWithdrawBond) (*types.MsgWithdrawBondResponse, error) {
	operator, err := validate(msg, msg.Operator)
	if err != nil {
		return nil, err
	}
	bond, err := s.k.WithdrawBond(ctx, operator)
	if err != nil {
		return nil, err
	}
	return &types.MsgWithdrawBondResponse{Amount: bond}, nil
}

// RequestDeals asks providers to keep a work.
func (s msgServer) RequestDeals(ctx context.Context, msg *types.MsgRequestDeals) (*types.MsgRequestDealsResponse, error) {
	funder, err := validate(msg, msg.Funder)
	if err != nil {
		return nil, err
	}
	expiresAt, err := s.k.RequestDeals(ctx, funder, msg.Work, msg.Providers, msg.Prepayment.Amount, msg.MaxPricePerGibDay)
	if err != nil {
		return nil, err
	}
	return &types.MsgRequestDealsResponse{ExpiresAt: expiresAt}, nil
}

// FundWork pays into a work's escrow.
func (s msgServer) FundWork(ctx context.Context, msg *types.MsgFundWork) (*types.MsgFundWorkResponse, error) {
	funder, err := validate(msg, msg.Funder)
	if err != nil {
		return nil, err
	}
	return &types.MsgFundWorkResponse{}, s.k.FundWork(ctx, funder, msg.Work, msg.Amount.Amount)
}

// FundServing pays into a work's serving budget.
func (s msgServer) FundServing(ctx context.Context, msg *types.MsgFundServing) (*types.MsgFundServingResponse, error) {
	funder, err := validate(msg, msg.Funder)
	if err != nil {
		return nil, err
	}
	return &types.MsgFundServingResponse{}, s.k.FundServing(ctx, funder, msg.Work, msg.Amount.Amount)
}

// AcceptDeal makes a requested deal active.
func (s msgServer) AcceptDeal(ctx context.Context, msg *types.MsgAcceptDeal) (*types.MsgAcceptDealResponse, error) {
	agent, err := validate(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	return &types.MsgAcceptDealResponse{}, s.k.AcceptDeal(ctx, agent, msg.Work, msg.PieceRoot, msg.PieceSize)
}

// EndDeal ends a deal, or declines or cancels a request.
func (s msgServer) EndDeal(ctx context.Context, msg *types.MsgEndDeal) (*types.MsgEndDealResponse, error) {
	signer, err := validate(msg, msg.Signer)
	if err != nil {
		return nil, err
	}
	return &types.MsgEndDealResponse{}, s.k.EndDeal(ctx, signer, msg.Work, msg.Operator)
}

// ClaimStorage pays a provider what it has earned.
func (s msgServer) ClaimStorage(ctx context.Context, msg *types.MsgClaimStorage) (*types.MsgClaimStorageResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	operator, to, err := msg.Parse()
	if err != nil {
		return nil, err
	}
	amount, err := s.k.Claim(ctx, operator, msg.Works, to)
	if err != nil {
		return nil, err
	}
	return &types.MsgClaimStorageResponse{Amount: amount}, nil
}

// RefuseWork ends the deal of a work that the provider's denylist names.
func (s msgServer) RefuseWork(ctx context.Context, msg *types.MsgRefuseWork) (*types.MsgRefuseWorkResponse, error) {
	agent, err := validate(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	paid, err := s.k.RefuseWork(ctx, agent, msg.Work, msg.Denylist)
	if err != nil {
		return nil, err
	}
	return &types.MsgRefuseWorkResponse{Paid: paid}, nil
}

// RepairWork takes a copy that is wanted.
func (s msgServer) RepairWork(ctx context.Context, msg *types.MsgRepairWork) (*types.MsgRepairWorkResponse, error) {
	agent, err := validate(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	d, err := s.k.RepairWork(ctx, agent, msg.Work, msg.Operator, msg.PieceRoot, msg.PieceSize)
	if err != nil {
		return nil, err
	}
	return &types.MsgRepairWorkResponse{Rate: d.Rate, Bounty: d.Bounty}, nil
}

// SetBeacon commits a provider to a hash chain.
func (s msgServer) SetBeacon(ctx context.Context, msg *types.MsgSetBeacon) (*types.MsgSetBeaconResponse, error) {
	agent, err := validate(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	from, err := s.k.SetBeacon(ctx, agent, msg.Root)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetBeaconResponse{From: from}, nil
}

// Prove answers a provider's challenges.
func (s msgServer) Prove(ctx context.Context, msg *types.MsgProve) (*types.MsgProveResponse, error) {
	agent, err := validate(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	lost, err := s.k.Prove(ctx, agent, msg.Period, msg.Reveal, msg.Answers)
	if err != nil {
		return nil, err
	}
	return &types.MsgProveResponse{Lost: lost}, nil
}

// ReportLoss ends the deals of works that a provider has lost.
func (s msgServer) ReportLoss(ctx context.Context, msg *types.MsgReportLoss) (*types.MsgReportLossResponse, error) {
	agent, err := validate(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	return &types.MsgReportLossResponse{}, s.k.ReportLoss(ctx, agent, msg.Works)
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

// OfferKeys makes the signer's provider one of those who hold keys.
func (s msgServer) OfferKeys(ctx context.Context, msg *types.MsgOfferKeys) (*types.MsgOfferKeysResponse, error) {
	agent, err := validate(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	return &types.MsgOfferKeysResponse{}, s.k.OfferKeys(ctx, agent, msg.SealKey)
}

// DrawKeySet draws who shall hold a work's keys.
func (s msgServer) DrawKeySet(ctx context.Context, msg *types.MsgDrawKeySet) (*types.MsgDrawKeySetResponse, error) {
	signer, err := validate(msg, msg.Signer)
	if err != nil {
		return nil, err
	}
	set, err := s.k.DrawKeySet(ctx, signer, msg.Work)
	return &types.MsgDrawKeySetResponse{KeySet: set}, err
}

// DealKeys gives the drawn holders their shares.
func (s msgServer) DealKeys(ctx context.Context, msg *types.MsgDealKeys) (*types.MsgDealKeysResponse, error) {
	controller, err := validate(msg, msg.Controller)
	if err != nil {
		return nil, err
	}
	return &types.MsgDealKeysResponse{}, s.k.DealKeys(ctx, controller, msg.Root, msg.Commitments, msg.Sealed)
}

// Reshare hands a share over to the holders that were drawn next.
func (s msgServer) Reshare(ctx context.Context, msg *types.MsgReshare) (*types.MsgReshareResponse, error) {
	agent, err := validate(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	return &types.MsgReshareResponse{}, s.k.Reshare(ctx, agent, msg.Root, msg.Version, msg.Commitments, msg.Sealed)
}

// AcceptShare says that the signer's provider holds its share.
func (s msgServer) AcceptShare(ctx context.Context, msg *types.MsgAcceptShare) (*types.MsgAcceptShareResponse, error) {
	agent, err := validate(msg, msg.Agent)
	if err != nil {
		return nil, err
	}
	active, err := s.k.AcceptShare(ctx, agent, msg.Root, msg.Version)
	return &types.MsgAcceptShareResponse{Active: active}, err
}
