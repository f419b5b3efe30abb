package keeper

import (
	"context"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// Template returns a template by id.
func (q queryServer) Template(ctx context.Context, req *types.QueryTemplateRequest) (*types.QueryTemplateResponse, error) {
	t, err := q.k.GetTemplate(ctx, req.Template)
	if err != nil {
		return nil, err
	}
	return &types.QueryTemplateResponse{Template: t}, nil
}

// Templates lists templates: all, or those of one author.
func (q queryServer) Templates(ctx context.Context, req *types.QueryTemplatesRequest) (*types.QueryTemplatesResponse, error) {
	var opts []func(*query.CollectionsPaginateOptions[templateKey])
	if req.Author != "" {
		author, err := types.ParseAddress(req.Author)
		if err != nil {
			return nil, err
		}
		opts = append(opts, query.WithCollectionPaginationPairPrefix[[]byte, uint64](author))
	}
	found, next, err := query.CollectionPaginate(ctx, q.k.templates, page(req.Pagination),
		func(_ templateKey, t types.Template) (types.Template, error) { return t, nil }, opts...)
	if err != nil {
		return nil, err
	}
	return &types.QueryTemplatesResponse{Templates: found, Pagination: next}, nil
}

// TemplateStanding returns what a viewer has bought of a work or collection by templates.
func (q queryServer) TemplateStanding(ctx context.Context, req *types.QueryTemplateStandingRequest) (*types.QueryTemplateStandingResponse, error) {
	viewer, err := types.ParseAddress(req.Viewer)
	if err != nil {
		return nil, err
	}
	i, err := q.k.item(ctx, req.Work)
	if err != nil {
		return nil, err
	}
	standing, err := q.k.standingOf(ctx, viewer, i)
	if err != nil {
		return nil, err
	}
	totals, err := q.k.totalsOf(ctx, i)
	if err != nil {
		return nil, err
	}
	return &types.QueryTemplateStandingResponse{Standing: standing, Totals: totals}, nil
}

// TemplatePreview returns what terms answer to facts, and who would get what.
func (q queryServer) TemplatePreview(ctx context.Context, req *types.QueryTemplatePreviewRequest) (*types.QueryTemplatePreviewResponse, error) {
	preview, err := q.k.TemplatePreview(ctx, req)
	if err != nil {
		return nil, err
	}
	return &types.QueryTemplatePreviewResponse{Preview: preview}, nil
}
