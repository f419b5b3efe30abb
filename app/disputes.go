package app

import (
	"context"

	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	revenuekeeper "github.com/streamchain/streamchain/x/revenue/keeper"
)

// payments tells x/dispute of held payments, from the rows of x/revenue, and does with them what rulings say.
type payments struct{ *revenuekeeper.Keeper }

// HeldPayment is a payment in its refund window, with what was paid.
func (p payments) HeldPayment(ctx context.Context, id string) (disputetypes.HeldPayment, error) {
	h, err := p.GetHold(ctx, id)
	if err != nil {
		return disputetypes.HeldPayment{}, err
	}
	return disputetypes.HeldPayment{Payer: h.Payment.Payer, Creator: h.Creator, Subject: h.Payment.Subject, Charged: h.Coin(), HeldAt: h.HeldAt}, nil
}
