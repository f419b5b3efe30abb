package keeper

import (
	"context"
	"encoding/hex"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/content/types"
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

// Creator returns a creator by id.
func (q queryServer) Creator(ctx context.Context, req *types.QueryCreatorRequest) (*types.QueryCreatorResponse, error) {
	creator, err := q.k.GetCreator(ctx, req.Creator)
	if err != nil {
		return nil, err
	}
	return &types.QueryCreatorResponse{Creator: creator}, nil
}

// CreatorByHandle returns the creator that holds exactly this handle.
func (q queryServer) CreatorByHandle(ctx context.Context, req *types.QueryCreatorByHandleRequest) (*types.QueryCreatorByHandleResponse, error) {
	creator, err := q.k.CreatorByHandle(ctx, req.Handle)
	if err != nil {
		return nil, err
	}
	return &types.QueryCreatorByHandleResponse{Creator: creator}, nil
}

// HandleReservation returns the reservation that keeps a handle from being taken.
func (q queryServer) HandleReservation(ctx context.Context, req *types.QueryHandleReservationRequest) (*types.QueryHandleReservationResponse, error) {
	r, err := q.k.GetReservation(ctx, req.Handle)
	if err != nil {
		return nil, err
	}
	return &types.QueryHandleReservationResponse{Reservation: r}, nil
}

// CreatorByController returns the creator that an account controls.
func (q queryServer) CreatorByController(ctx context.Context, req *types.QueryCreatorByControllerRequest) (*types.QueryCreatorByControllerResponse, error) {
	controller, err := types.ParseAddress(req.Controller)
	if err != nil {
		return nil, err
	}
	creator, err := q.k.CreatorOf(ctx, controller)
	if err != nil {
		return nil, err
	}
	return &types.QueryCreatorByControllerResponse{Creator: creator}, nil
}

// Creators lists all creators.
func (q queryServer) Creators(ctx context.Context, req *types.QueryCreatorsRequest) (*types.QueryCreatorsResponse, error) {
	creators, next, err := query.CollectionPaginate(ctx, q.k.creators, page(req.Pagination),
		func(_ []byte, c types.Creator) (types.Creator, error) { return c, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryCreatorsResponse{Creators: creators, Pagination: next}, nil
}

// Work returns one version of a work.
func (q queryServer) Work(ctx context.Context, req *types.QueryWorkRequest) (*types.QueryWorkResponse, error) {
	work, err := q.k.GetWork(ctx, req.Work)
	if err != nil {
		return nil, err
	}
	return &types.QueryWorkResponse{Work: work}, nil
}

// WorksByCreator lists a creator's works of one status, or of any.
func (q queryServer) WorksByCreator(ctx context.Context, req *types.QueryWorksByCreatorRequest) (*types.QueryWorksByCreatorResponse, error) {
	if req.Status != types.WORK_STATUS_UNSPECIFIED && !req.Status.Known() {
		return nil, errorsmod.Wrapf(types.ErrInvalidStatus, "%d", req.Status)
	}
	creator, err := types.ParseCreatorID(req.Creator)
	if err != nil {
		return nil, err
	}
	type key = collections.Triple[[]byte, int64, []byte]
	prefix := collections.TriplePrefix[[]byte, int64, []byte](creator)
	works, next, err := query.CollectionFilteredPaginate(ctx, q.k.byCreator, page(req.Pagination),
		func(at key, _ collections.NoValue) (bool, error) {
			work, err := q.k.works.Get(ctx, at.K3())
			return req.Status == types.WORK_STATUS_UNSPECIFIED || req.Status == work.Status, err
		},
		func(at key, _ collections.NoValue) (types.Work, error) { return q.k.works.Get(ctx, at.K3()) },
		func(o *query.CollectionsPaginateOptions[key]) { o.Prefix = &prefix })
	if err != nil {
		return nil, err
	}
	return &types.QueryWorksByCreatorResponse{Works: works, Pagination: next}, nil
}

// Versions lists the versions of a work.
func (q queryServer) Versions(ctx context.Context, req *types.QueryVersionsRequest) (*types.QueryVersionsResponse, error) {
	root, err := types.ParseWorkID(req.Root)
	if err != nil {
		return nil, err
	}
	works, next, err := query.CollectionPaginate(ctx, q.k.versions, page(req.Pagination),
		func(_ collections.Pair[[]byte, uint32], version []byte) (types.Work, error) {
			return q.k.works.Get(ctx, version)
		},
		query.WithCollectionPaginationPairPrefix[[]byte, uint32](root))
	if err != nil {
		return nil, err
	}
	return &types.QueryVersionsResponse{Works: works, Pagination: next}, nil
}

// Commit returns a live commit.
func (q queryServer) Commit(ctx context.Context, req *types.QueryCommitRequest) (*types.QueryCommitResponse, error) {
	hash, err := hex.DecodeString(req.Hash)
	if err != nil {
		return nil, errorsmod.Wrap(types.ErrInvalidHash, err.Error())
	}
	commit, err := q.k.GetCommit(ctx, hash)
	if err != nil {
		return nil, err
	}
	return &types.QueryCommitResponse{Commit: commit}, nil
}

// Collection returns a collection with its works in order.
func (q queryServer) Collection(ctx context.Context, req *types.QueryCollectionRequest) (*types.QueryCollectionResponse, error) {
	c, err := q.k.GetCollection(ctx, req.Collection)
	if err != nil {
		return nil, err
	}
	works, err := q.k.CollectionWorks(ctx, req.Collection)
	if err != nil {
		return nil, err
	}
	return &types.QueryCollectionResponse{Collection: c, Works: works}, nil
}

// CollectionsByCreator lists a creator's collections.
func (q queryServer) CollectionsByCreator(ctx context.Context, req *types.QueryCollectionsByCreatorRequest) (*types.QueryCollectionsByCreatorResponse, error) {
	creator, err := types.ParseCreatorID(req.Creator)
	if err != nil {
		return nil, err
	}
	rows, next, err := query.CollectionPaginate(ctx, q.k.collections, page(req.Pagination),
		func(_ collectionKey, c types.Collection) (types.Collection, error) { return c, nil },
		query.WithCollectionPaginationPairPrefix[[]byte, uint64](creator))
	if err != nil {
		return nil, err
	}
	return &types.QueryCollectionsByCreatorResponse{Collections: rows, Pagination: next}, nil
}

// CollectionsOfWork lists the collections that a work is in, or was.
func (q queryServer) CollectionsOfWork(ctx context.Context, req *types.QueryCollectionsOfWorkRequest) (*types.QueryCollectionsOfWorkResponse, error) {
	root, err := q.k.RootWork(ctx, req.Work)
	if err != nil {
		return nil, err
	}
	in, err := q.k.CollectionsOf(ctx, root.Cid)
	if err != nil {
		return nil, err
	}
	return &types.QueryCollectionsOfWorkResponse{Memberships: in}, nil
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
