package storagenode

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// MyKeySets asks x/storage for all key sets in which this provider has a seat.
func (c *Chain) MyKeySets(ctx context.Context) ([]storagetypes.KeySet, error) {
	var out []storagetypes.KeySet
	q, page := storagetypes.NewQueryClient(c.Conn()), &query.PageRequest{Limit: 100}
	for {
		res, err := q.KeySetsByHolder(ctx, &storagetypes.QueryKeySetsByHolderRequest{Operator: c.operator, Pagination: page})
		if err != nil {
			return nil, err
		}
		out = append(out, res.KeySets...)
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			return out, nil
		}
		page = &query.PageRequest{Key: res.Pagination.NextKey, Limit: 100}
	}
}

// KeySets asks x/storage who holds a work's keys, and who is to.
func (c *Chain) KeySets(ctx context.Context, root string) (active, pending *storagetypes.KeySet, err error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).KeySet(ctx, &storagetypes.QueryKeySetRequest{Work: root})
	if status.Code(err) == codes.NotFound {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return res.Active, res.Pending, nil
}

// OfferKeys offers this provider as a holder, or without a key no more.
func (c *Chain) OfferKeys(ctx context.Context, sealKey []byte) error {
	_, err := c.send(ctx, nil, &storagetypes.MsgOfferKeys{Agent: c.Agent(), SealKey: sealKey})
	return err
}

// Reshare hands this provider's share over.
func (c *Chain) Reshare(ctx context.Context, root string, version uint64, commitments, sealed [][]byte) error {
	_, err := c.send(ctx, nil, &storagetypes.MsgReshare{Agent: c.Agent(), Root: root, Version: version, Commitments: commitments, Sealed: sealed})
	return err
}

// AcceptShare says that this provider keeps its share.
func (c *Chain) AcceptShare(ctx context.Context, root string, version uint64) error {
	_, err := c.send(ctx, nil, &storagetypes.MsgAcceptShare{Agent: c.Agent(), Root: root, Version: version})
	return err
}

// LaneOf asks x/stream for a lane with any provider, open or closing.
func (c *Chain) LaneOf(ctx context.Context, owner, denom, provider string, generation uint64) (streamtypes.Lane, error) {
	res, err := streamtypes.NewQueryClient(c.Conn()).Lane(ctx, &streamtypes.QueryLaneRequest{Owner: owner, Denom: denom, Provider: provider, Generation: generation})
	if err != nil {
		return streamtypes.Lane{}, is(err, streamtypes.ErrLaneNotFound)
	}
	return res.Lane, nil
}

// SettledTicks asks x/stream what it has paid of a session.
func (c *Chain) SettledTicks(ctx context.Context, s streamtypes.Session) (uint32, error) {
	res, err := streamtypes.NewQueryClient(c.Conn()).Session(ctx, &streamtypes.QuerySessionRequest{
		Owner: s.EscrowOwner, Denom: s.Denom, Provider: s.Provider, Generation: s.Generation, Session: s.Session,
	})
	if status.Code(err) == codes.NotFound {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return res.Session.N, nil
}
