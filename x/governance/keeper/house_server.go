package keeper

import (
	"context"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/governance/types"
)

// TakeSeat takes a seat in the creators' house, or renews it.
func (s msgServer) TakeSeat(ctx context.Context, msg *types.MsgTakeSeat) (*types.MsgTakeSeatResponse, error) {
	if err := msg.Validate(); err != nil {
		return nil, err
	}
	controller, err := types.ParseAddress(msg.Controller)
	if err != nil {
		return nil, err
	}
	seat, err := s.k.TakeSeat(ctx, controller, msg.Creator)
	if err != nil {
		return nil, err
	}
	return &types.MsgTakeSeatResponse{ExpiresAt: seat.ExpiresAt}, nil
}

// Seat returns a creator's seat.
func (q queryServer) Seat(ctx context.Context, req *types.QuerySeatRequest) (*types.QuerySeatResponse, error) {
	seat, err := q.k.GetSeat(ctx, req.Creator)
	if err != nil {
		return nil, err
	}
	now, err := q.k.clock.Now(ctx)
	if err != nil {
		return nil, err
	}
	why, err := q.k.unfit(ctx, req.Creator, now)
	if err != nil {
		return nil, err
	}
	return &types.QuerySeatResponse{Seat: seat, Counts: seat.Live(now) && why == ""}, nil
}

// Seats lists the creators' house.
func (q queryServer) Seats(ctx context.Context, req *types.QuerySeatsRequest) (*types.QuerySeatsResponse, error) {
	seats, next, err := query.CollectionPaginate(ctx, q.k.seats, page(req.Pagination),
		func(_ []byte, s types.Seat) (types.Seat, error) { return s, nil })
	if err != nil {
		return nil, err
	}
	total, err := q.k.EligibleSeats(ctx)
	return &types.QuerySeatsResponse{Seats: seats, Pagination: next, Total: total}, err
}
