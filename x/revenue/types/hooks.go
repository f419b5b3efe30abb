package types

import "context"

// RevenueHooks is news for the modules above. An error refuses the transaction.
type RevenueHooks interface {
	// AfterHoldRefunded follows a refund: what the payment bought must end.
	AfterHoldRefunded(ctx context.Context, hold Hold) error
}

var _ RevenueHooks = MultiRevenueHooks{}

// MultiRevenueHooks calls several hooks in order and stops at the first error.
type MultiRevenueHooks []RevenueHooks

// AfterHoldRefunded calls each hook in order.
func (m MultiRevenueHooks) AfterHoldRefunded(ctx context.Context, hold Hold) error {
	for _, h := range m {
		if err := h.AfterHoldRefunded(ctx, hold); err != nil {
			return err
		}
	}
	return nil
}
