package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/content/types"
)

var _ types.MsgServer = msgServer{}

type msgServer struct{ k *Keeper }

// NewMsgServer serves the messages: it checks the fields, reads the signer and calls one
// keeper method each.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// RegisterCreator makes the signer a creator.
func (s msgServer) RegisterCreator(ctx context.Context, msg *types.MsgRegisterCreator) (*types.MsgRegisterCreatorResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	creator, err := s.k.RegisterCreator(ctx, controller, msg.Handle)
	if err != nil {
		return nil, err
	}
	return &types.MsgRegisterCreatorResponse{Creator: creator.Id}, nil
}

// SetHandle takes, changes or gives up a handle.
func (s msgServer) SetHandle(ctx context.Context, msg *types.MsgSetHandle) (*types.MsgSetHandleResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	if _, err := s.k.SetHandle(ctx, controller, msg.Creator, msg.Handle); err != nil {
		return nil, err
	}
	return &types.MsgSetHandleResponse{}, nil
}

// Commit dates a hash.
func (s msgServer) Commit(ctx context.Context, msg *types.MsgCommit) (*types.MsgCommitResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	sender, err := types.ParseAddress(msg.Sender)
	if err != nil {
		return nil, err
	}
	commit, err := s.k.Commit(ctx, sender, msg.Hash)
	if err != nil {
		return nil, err
	}
	return &types.MsgCommitResponse{CommittedAt: commit.CommittedAt, ExpiresAt: commit.ExpiresAt}, nil
}

// Publish publishes a work or a new version of one.
func (s msgServer) Publish(ctx context.Context, msg *types.MsgPublish) (*types.MsgPublishResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, man, err := msg.Parse()
	if err != nil {
		return nil, err
	}
	work, err := s.k.Publish(ctx, controller, man, msg.Salt)
	if err != nil {
		return nil, err
	}
	return &types.MsgPublishResponse{Cid: work.Cid, Root: work.Root, CommittedAt: work.CommittedAt}, nil
}

// Retire withdraws a work.
func (s msgServer) Retire(ctx context.Context, msg *types.MsgRetire) (*types.MsgRetireResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	_, returned, err := s.k.Retire(ctx, controller, msg.Work)
	if err != nil {
		return nil, err
	}
	return &types.MsgRetireResponse{Returned: returned}, nil
}

// CreateCollection makes a collection of works.
func (s msgServer) CreateCollection(ctx context.Context, msg *types.MsgCreateCollection) (*types.MsgCreateCollectionResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	c, err := s.k.CreateCollection(ctx, controller, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgCreateCollectionResponse{Collection: c.Id}, nil
}

// UpdateCollection changes a collection's title, works and their order.
func (s msgServer) UpdateCollection(ctx context.Context, msg *types.MsgUpdateCollection) (*types.MsgUpdateCollectionResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	c, err := s.k.UpdateCollection(ctx, controller, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgUpdateCollectionResponse{Version: c.Version}, nil
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
