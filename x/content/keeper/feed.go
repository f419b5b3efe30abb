package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/content/types"
)

// RegisterFeed registers a feed generator that Parse returned, and locks a handle's deposit for it.
// Emits EventFeedRegistered. Errors: ErrBlockedAddress, ErrFeedExists.
func (k *Keeper) RegisterFeed(ctx context.Context, key types.FeedKey, feed types.Feed) error {
	// the deposit will go back to the owner, so ask now whether it can receive
	if k.bank.BlockedAddr(key.Owner) {
		return errorsmod.Wrap(types.ErrBlockedAddress, key.Owner.String())
	}
	exists, err := k.feeds.Has(ctx, feedRow(key))
	if err != nil {
		return err
	}
	if exists {
		return errorsmod.Wrap(types.ErrFeedExists, key.String())
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.lock(ctx, key.Owner, params.HandleDeposit); err != nil {
		return err
	}
	feed.RegisteredAt, feed.UpdatedAt, feed.Deposit = now, now, params.HandleDeposit
	if err := k.feeds.Set(ctx, feedRow(key), feed); err != nil {
		return err
	}
	return emit(ctx, &types.EventFeedRegistered{Feed: feed})
}

// UpdateFeed replaces what a feed says of itself; its deposit stays as it is. Emits EventFeedUpdated.
// Errors: ErrFeedNotFound.
func (k *Keeper) UpdateFeed(ctx context.Context, key types.FeedKey, feed types.Feed) error {
	old, err := k.getFeed(ctx, key)
	if err != nil {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	feed.RegisteredAt, feed.UpdatedAt, feed.Deposit = old.RegisteredAt, now, old.Deposit
	if err := k.feeds.Set(ctx, feedRow(key), feed); err != nil {
		return err
	}
	return emit(ctx, &types.EventFeedUpdated{Feed: feed})
}

// RemoveFeed removes a feed and returns its deposit in ustream. Emits EventFeedRemoved. Errors: ErrFeedNotFound.
func (k *Keeper) RemoveFeed(ctx context.Context, key types.FeedKey) (math.Int, error) {
	feed, err := k.getFeed(ctx, key)
	if err != nil {
		return math.Int{}, err
	}
	if err := k.feeds.Remove(ctx, feedRow(key)); err != nil {
		return math.Int{}, err
	}
	if err := k.unlock(ctx, key.Owner, feed.Deposit); err != nil {
		return math.Int{}, err
	}
	return feed.Deposit, emit(ctx, &types.EventFeedRemoved{Feed: feed.Id, Owner: feed.Owner, Returned: feed.Deposit})
}

// GetFeed returns a feed by id. Errors: ErrInvalidFeedID, ErrFeedNotFound.
func (k *Keeper) GetFeed(ctx context.Context, id string) (types.Feed, error) {
	key, err := types.ParseFeedID(id)
	if err != nil {
		return types.Feed{}, err
	}
	return k.getFeed(ctx, key)
}

func (k *Keeper) getFeed(ctx context.Context, key types.FeedKey) (types.Feed, error) {
	feed, err := k.feeds.Get(ctx, feedRow(key))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Feed{}, errorsmod.Wrap(types.ErrFeedNotFound, key.String())
	}
	return feed, err
}

func feedRow(key types.FeedKey) feedKey { return collections.Join([]byte(key.Owner), key.Name) }

func (k *Keeper) importFeeds(ctx context.Context, feeds []types.Feed) error {
	for _, f := range feeds {
		key, err := types.ParseFeedID(f.Id)
		if err != nil {
			return err
		}
		if err := k.feeds.Set(ctx, feedRow(key), f); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) exportFeeds(ctx context.Context) ([]types.Feed, error) {
	var feeds []types.Feed
	err := k.feeds.Walk(ctx, nil, func(_ feedKey, f types.Feed) (bool, error) {
		feeds = append(feeds, f)
		return false, nil
	})
	return feeds, err
}

// checkFeeds checks that each feed lies under its own id.
func (k *Keeper) checkFeeds(ctx context.Context) error {
	return k.feeds.Walk(ctx, nil, func(row feedKey, f types.Feed) (bool, error) {
		if key := (types.FeedKey{Owner: row.K1(), Name: row.K2()}); key.String() != f.Id {
			return true, errorsmod.Wrapf(types.ErrInvariant, "feed %s is stored under another id", f.Id)
		}
		return false, nil
	})
}

// RegisterFeed registers a feed generator.
func (s msgServer) RegisterFeed(ctx context.Context, msg *types.MsgRegisterFeed) (*types.MsgRegisterFeedResponse, error) {
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	key, feed, err := msg.Parse(params.RelaxedNetworkRules)
	if err != nil {
		return nil, err
	}
	if err := s.k.RegisterFeed(ctx, key, feed); err != nil {
		return nil, err
	}
	return &types.MsgRegisterFeedResponse{Feed: feed.Id}, nil
}

// UpdateFeed replaces what a feed says of itself.
func (s msgServer) UpdateFeed(ctx context.Context, msg *types.MsgUpdateFeed) (*types.MsgUpdateFeedResponse, error) {
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	key, feed, err := msg.Parse(params.RelaxedNetworkRules)
	if err != nil {
		return nil, err
	}
	return &types.MsgUpdateFeedResponse{}, s.k.UpdateFeed(ctx, key, feed)
}

// RemoveFeed removes a feed.
func (s msgServer) RemoveFeed(ctx context.Context, msg *types.MsgRemoveFeed) (*types.MsgRemoveFeedResponse, error) {
	key, err := msg.Parse()
	if err != nil {
		return nil, err
	}
	returned, err := s.k.RemoveFeed(ctx, key)
	if err != nil {
		return nil, err
	}
	return &types.MsgRemoveFeedResponse{Returned: returned}, nil
}

// Feed returns a feed generator by id.
func (q queryServer) Feed(ctx context.Context, req *types.QueryFeedRequest) (*types.QueryFeedResponse, error) {
	feed, err := q.k.GetFeed(ctx, req.Feed)
	if err != nil {
		return nil, err
	}
	return &types.QueryFeedResponse{Feed: feed}, nil
}

// Feeds lists feed generators, all of them or one account's.
func (q queryServer) Feeds(ctx context.Context, req *types.QueryFeedsRequest) (*types.QueryFeedsResponse, error) {
	var of []func(*query.CollectionsPaginateOptions[feedKey])
	if req.Owner != "" {
		owner, err := types.ParseAddress(req.Owner)
		if err != nil {
			return nil, err
		}
		of = append(of, query.WithCollectionPaginationPairPrefix[[]byte, string](owner))
	}
	feeds, next, err := query.CollectionPaginate(ctx, q.k.feeds, page(req.Pagination),
		func(_ feedKey, f types.Feed) (types.Feed, error) { return f, nil }, of...)
	if err != nil {
		return nil, err
	}
	return &types.QueryFeedsResponse{Feeds: feeds, Pagination: next}, nil
}
