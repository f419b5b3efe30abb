package app

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	revenuekeeper "github.com/streamchain/streamchain/x/revenue/keeper"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// payments tells x/dispute of held payments, from the rows of x/revenue.
type payments struct{ *revenuekeeper.Keeper }

// contestable is what x/revenue does with a payment in dispute.
type contestable interface {
	ContestHold(ctx context.Context, id string, amount math.Int, until int64) (string, error)
	RefundHold(ctx context.Context, id string) (revenuetypes.Hold, error)
	ReleaseHold(ctx context.Context, id string) error
}

func (p payments) contestable() (contestable, error) {
	c, ok := any(p.Keeper).(contestable)
	if !ok {
		return nil, disputetypes.ErrContestClosed
	}
	return c, nil
}

// HeldPayment is a payment in its refund window, with what was paid.
func (p payments) HeldPayment(ctx context.Context, id string) (disputetypes.HeldPayment, error) {
	h, err := p.GetHold(ctx, id)
	if err != nil {
		return disputetypes.HeldPayment{}, err
	}
	charged := h.Payment.Gross
	if c, ok := any(h).(interface{ Coin() sdk.Coin }); ok {
		charged = c.Coin()
	}
	return disputetypes.HeldPayment{Payer: h.Payment.Payer, Creator: h.Creator, Subject: h.Payment.Subject, Charged: charged, HeldAt: h.HeldAt}, nil
}

// ContestHold keeps an amount of a payment for longer.
func (p payments) ContestHold(ctx context.Context, id string, amount math.Int, until int64) (string, error) {
	c, err := p.contestable()
	if err != nil {
		return "", err
	}
	return c.ContestHold(ctx, id, amount, until)
}

// RefundHold gives a payment back.
func (p payments) RefundHold(ctx context.Context, id string) (revenuetypes.Hold, error) {
	c, err := p.contestable()
	if err != nil {
		return revenuetypes.Hold{}, err
	}
	return c.RefundHold(ctx, id)
}

// ReleaseHold shares a payment out.
func (p payments) ReleaseHold(ctx context.Context, id string) error {
	c, err := p.contestable()
	if err != nil {
		return err
	}
	return c.ReleaseHold(ctx, id)
}
