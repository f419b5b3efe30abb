package keeper

import (
	"context"
	"encoding/hex"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/stream/types"
)

// MaxPage is the most rows of one page.
const MaxPage = 100

var _ types.QueryServer = queryServer{}

type queryServer struct{ k *Keeper }

// NewQueryServer serves the queries.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// Params returns the parameters.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Escrow returns an escrow, all zero where there is none.
func (q queryServer) Escrow(ctx context.Context, req *types.QueryEscrowRequest) (*types.QueryEscrowResponse, error) {
	owner, err := types.ParseAddress(req.Owner)
	if err != nil {
		return nil, err
	}
	if err := types.ValidateDenom(req.Denom); err != nil {
		return nil, err
	}
	escrow, err := q.k.getEscrow(ctx, owner, req.Denom)
	if err != nil {
		return nil, err
	}
	return &types.QueryEscrowResponse{Escrow: escrow, Free: escrow.Free()}, nil
}

// SessionKey returns one key and what it may still spend.
func (q queryServer) SessionKey(ctx context.Context, req *types.QuerySessionKeyRequest) (*types.QuerySessionKeyResponse, error) {
	pubkey, err := hex.DecodeString(req.Pubkey)
	if err != nil || len(pubkey) != types.PubkeyLen {
		return nil, errorsmod.Wrapf(types.ErrInvalidPubkey, "%.100q is not 64 hex digits", req.Pubkey)
	}
	key, err := q.k.SessionKeyOwner(ctx, req.Owner, pubkey)
	if err != nil {
		return nil, err
	}
	now, err := q.k.clock.Now(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QuerySessionKeyResponse{Key: key, Available: key.Available(now)}, nil
}

// SessionKeys returns all keys of an owner.
func (q queryServer) SessionKeys(ctx context.Context, req *types.QuerySessionKeysRequest) (*types.QuerySessionKeysResponse, error) {
	owner, err := types.ParseAddress(req.Owner)
	if err != nil {
		return nil, err
	}
	keys, err := q.k.keysOf(ctx, owner)
	if err != nil {
		return nil, err
	}
	return &types.QuerySessionKeysResponse{Keys: keys}, nil
}

// Lane returns the open lane at a place, or that of a generation.
func (q queryServer) Lane(ctx context.Context, req *types.QueryLaneRequest) (*types.QueryLaneResponse, error) {
	at, err := placeOf(req.Owner, req.Denom, req.Provider)
	if err != nil {
		return nil, err
	}
	if req.Generation > 0 {
		lane, err := q.k.laneOf(ctx, at, req.Generation)
		if err != nil {
			return nil, err
		}
		return &types.QueryLaneResponse{Lane: lane}, nil
	}
	lane, err := q.k.lanes.Get(ctx, at.key())
	if errors.Is(err, collections.ErrNotFound) {
		return nil, errorsmod.Wrapf(types.ErrLaneNotFound, "%s with %s", at.owner, at.provider)
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryLaneResponse{Lane: lane}, nil
}

// LanesByOwner lists the open lanes of an owner, or the closing ones.
func (q queryServer) LanesByOwner(ctx context.Context, req *types.QueryLanesByOwnerRequest) (*types.QueryLanesByOwnerResponse, error) {
	owner, err := types.ParseAddress(req.Owner)
	if err != nil {
		return nil, err
	}
	if req.Closing {
		lanes, next, err := query.CollectionPaginate(ctx, q.k.closingLanes, page(req.Pagination),
			func(key closingKey, _ collections.NoValue) (types.Lane, error) {
				return q.k.closing.Get(ctx, types.LaneID(key.K1(), key.K2(), key.K3(), key.K4()))
			}, prefixed(collections.QuadPrefix[[]byte, string, []byte, uint64](owner)))
		return &types.QueryLanesByOwnerResponse{Lanes: lanes, Pagination: next}, err
	}
	lanes, next, err := query.CollectionPaginate(ctx, q.k.lanes, page(req.Pagination),
		func(_ laneKey, lane types.Lane) (types.Lane, error) { return lane, nil },
		prefixed(collections.TriplePrefix[[]byte, string, []byte](owner)))
	if err != nil {
		return nil, err
	}
	return &types.QueryLanesByOwnerResponse{Lanes: lanes, Pagination: next}, nil
}

// LanesByProvider lists the open lanes of a provider, or the closing ones.
func (q queryServer) LanesByProvider(ctx context.Context, req *types.QueryLanesByProviderRequest) (*types.QueryLanesByProviderResponse, error) {
	provider, err := types.ParseAddress(req.Provider)
	if err != nil {
		return nil, err
	}
	if req.Closing {
		lanes, next, err := query.CollectionPaginate(ctx, q.k.closingByProvider, page(req.Pagination),
			func(key closingProviderKey, _ collections.NoValue) (types.Lane, error) {
				return q.k.closing.Get(ctx, types.LaneID(key.K2(), key.K3(), key.K1(), key.K4()))
			}, prefixed(collections.QuadPrefix[[]byte, []byte, string, uint64](provider)))
		return &types.QueryLanesByProviderResponse{Lanes: lanes, Pagination: next}, err
	}
	lanes, next, err := query.CollectionPaginate(ctx, q.k.byProvider, page(req.Pagination),
		func(key collections.Triple[[]byte, []byte, string], _ collections.NoValue) (types.Lane, error) {
			return q.k.lanes.Get(ctx, collections.Join3(key.K2(), key.K3(), key.K1()))
		}, prefixed(collections.TriplePrefix[[]byte, []byte, string](provider)))
	if err != nil {
		return nil, err
	}
	return &types.QueryLanesByProviderResponse{Lanes: lanes, Pagination: next}, nil
}

// NextGeneration returns what the next lane intent must say.
func (q queryServer) NextGeneration(ctx context.Context, req *types.QueryNextGenerationRequest) (*types.QueryNextGenerationResponse, error) {
	at, err := placeOf(req.Owner, "", req.Provider)
	if err != nil {
		return nil, err
	}
	last, err := q.k.lastGeneration(ctx, at)
	if err != nil {
		return nil, err
	}
	return &types.QueryNextGenerationResponse{Generation: last + 1}, nil
}

// Session returns what has been settled of a session of an open or closing lane.
func (q queryServer) Session(ctx context.Context, req *types.QuerySessionRequest) (*types.QuerySessionResponse, error) {
	at, err := placeOf(req.Owner, req.Denom, req.Provider)
	if err != nil {
		return nil, err
	}
	if _, err := q.k.laneOf(ctx, at, req.Generation); err != nil {
		return nil, err
	}
	id := types.LaneID(at.owner, at.denom, at.provider, req.Generation)
	row, err := q.k.sessions.Get(ctx, collections.Join(id, req.Session))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, errorsmod.Wrapf(types.ErrSessionNotFound, "%d", req.Session)
	}
	if err != nil {
		return nil, err
	}
	return &types.QuerySessionResponse{Session: row}, nil
}

// prefixed limits a page to keys that begin with a part.
func prefixed[K any](prefix K) func(*query.CollectionsPaginateOptions[K]) {
	return func(o *query.CollectionsPaginateOptions[K]) { o.Prefix = &prefix }
}

// page caps a page, and serves no totals: counting walks the whole list.
func page(req *query.PageRequest) *query.PageRequest {
	if req == nil {
		return &query.PageRequest{Limit: MaxPage}
	}
	capped := *req
	capped.CountTotal = false
	if capped.Limit == 0 || capped.Limit > MaxPage {
		capped.Limit = MaxPage
	}
	return &capped
}

func text(addr []byte) string { return sdk.AccAddress(addr).String() }

// Tier returns an account's tier.
func (q queryServer) Tier(ctx context.Context, req *types.QueryTierRequest) (*types.QueryTierResponse, error) {
	addr, err := types.ParseAddress(req.Address)
	if err != nil {
		return nil, err
	}
	standing, err := q.k.Standing(ctx, addr)
	if err != nil {
		return nil, err
	}
	return &types.QueryTierResponse{Standing: standing}, nil
}
