package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/content/types"
)

// SetAttester names an attester.
func (s msgServer) SetAttester(ctx context.Context, msg *types.MsgSetAttester) (*types.MsgSetAttesterResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	if msg.Authority != s.k.authority {
		return nil, errorsmod.Wrap(types.ErrNotAuthority, msg.Authority)
	}
	attester, err := types.ParseAddress(msg.Attester)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetAttesterResponse{}, s.k.SetAttester(ctx, attester, msg.Levels, msg.Active)
}

// Attest vouches for a creator.
func (s msgServer) Attest(ctx context.Context, msg *types.MsgAttest) (*types.MsgAttestResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	attester, err := types.ParseAddress(msg.Attester)
	if err != nil {
		return nil, err
	}
	level, err := s.k.Attest(ctx, attester, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgAttestResponse{Level: level}, nil
}

// RevokeAttestation ends an attestation.
func (s msgServer) RevokeAttestation(ctx context.Context, msg *types.MsgRevokeAttestation) (*types.MsgRevokeAttestationResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	signer, err := types.ParseAddress(msg.Signer)
	if err != nil {
		return nil, err
	}
	attester, err := types.ParseAddress(msg.Attester)
	if err != nil {
		return nil, err
	}
	level, err := s.k.RevokeAttestation(ctx, signer, attester, msg.Creator)
	if err != nil {
		return nil, err
	}
	return &types.MsgRevokeAttestationResponse{Level: level}, nil
}

// RotateController asks for another controller.
func (s msgServer) RotateController(ctx context.Context, msg *types.MsgRotateController) (*types.MsgRotateControllerResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	heir, err := types.ParseAddress(msg.NewController)
	if err != nil {
		return nil, err
	}
	r, err := s.k.RotateController(ctx, controller, heir, msg.Creator)
	if err != nil {
		return nil, err
	}
	return &types.MsgRotateControllerResponse{ReadyAt: r.ReadyAt, ExpiresAt: r.ExpiresAt}, nil
}

// VetoRotation refuses a change of controllers.
func (s msgServer) VetoRotation(ctx context.Context, msg *types.MsgVetoRotation) (*types.MsgVetoRotationResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	return &types.MsgVetoRotationResponse{}, s.k.VetoRotation(ctx, controller, msg.Creator)
}

// AcceptRotation takes a creator over.
func (s msgServer) AcceptRotation(ctx context.Context, msg *types.MsgAcceptRotation) (*types.MsgAcceptRotationResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	heir, err := types.ParseAddress(msg.NewController)
	if err != nil {
		return nil, err
	}
	return &types.MsgAcceptRotationResponse{}, s.k.AcceptRotation(ctx, heir, msg.Creator)
}

// Level says how far a creator is verified.
func (q queryServer) Level(ctx context.Context, req *types.QueryLevelRequest) (*types.QueryLevelResponse, error) {
	s, err := q.k.standing(ctx, req.Creator)
	if err != nil {
		return nil, err
	}
	return &types.QueryLevelResponse{Level: s.Level(), Standing: s[:]}, nil
}

// Attestations lists what attesters said for a creator.
func (q queryServer) Attestations(ctx context.Context, req *types.QueryAttestationsRequest) (*types.QueryAttestationsResponse, error) {
	all, err := q.k.Attestations(ctx, req.Creator)
	if err != nil {
		return nil, err
	}
	return &types.QueryAttestationsResponse{Attestations: all}, nil
}

// Attesters lists who may vouch for creators.
func (q queryServer) Attesters(ctx context.Context, req *types.QueryAttestersRequest) (*types.QueryAttestersResponse, error) {
	all, next, err := query.CollectionPaginate(ctx, q.k.attesters, page(req.Pagination),
		func(_ []byte, a types.Attester) (types.Attester, error) { return a, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryAttestersResponse{Attesters: all, Pagination: next}, nil
}

// Rotation returns the change of a creator's controller that waits.
func (q queryServer) Rotation(ctx context.Context, req *types.QueryRotationRequest) (*types.QueryRotationResponse, error) {
	r, err := q.k.GetRotation(ctx, req.Creator)
	if err != nil {
		return nil, err
	}
	return &types.QueryRotationResponse{Rotation: r}, nil
}

// RotationsTo lists the changes that name an account as the new controller.
func (q queryServer) RotationsTo(ctx context.Context, req *types.QueryRotationsToRequest) (*types.QueryRotationsToResponse, error) {
	heir, err := types.ParseAddress(req.NewController)
	if err != nil {
		return nil, err
	}
	all, next, err := query.CollectionPaginate(ctx, q.k.rotationsTo, page(req.Pagination),
		func(at collections.Pair[[]byte, []byte], _ collections.NoValue) (types.Rotation, error) {
			return q.k.rotations.Get(ctx, at.K2())
		},
		query.WithCollectionPaginationPairPrefix[[]byte, []byte](heir))
	if err != nil {
		return nil, err
	}
	return &types.QueryRotationsToResponse{Rotations: all, Pagination: next}, nil
}
