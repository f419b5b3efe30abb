package keeper

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// EndBlock releases due holds, pays the protocol's parts of the block, and sends what left
// custody. It must run after the bank has credited virtual coins. It never fails: a halted
// chain would cost everybody more than any of its steps. Each item runs in its own cache of the
// state, and what fails is kept for a later block, with an event.
func (k *Keeper) EndBlock(ctx context.Context) error {
	// in this order: what a release adds to the parts is swept in the same block
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{{"release", k.releaseDue}, {"rebates", k.rebates}, {"automatic", k.payAutomatic}, {"sweep", k.sweep}, {"payout", k.payOut}} {
		if err := guard(func() error { return step.run(ctx) }); err != nil {
			k.report(ctx, &types.EventBlockStepFailed{Step: step.name})
		}
	}
	s, _ := k.objectStore(ctx)
	s.Set([]byte{settledPrefix}, true)
	return nil
}

// payOut sends what left custody in this block. Their number is bounded by the block's gas:
// each was charged for when it was booked.
func (k *Keeper) payOut(ctx context.Context) error {
	for _, p := range k.blockPayouts(ctx) {
		k.pay(ctx, p)
	}
	return nil
}

// pay sends one payout. Where that fails, the recipient can claim the coins again.
func (k *Keeper) pay(ctx context.Context, p payout) {
	err := safely(ctx, func(ctx sdk.Context) error {
		if k.bank.BlockedAddr(p.to) {
			return types.ErrBlockedAddress
		}
		return k.bank.SendCoins(ctx, k.custody, p.to, p.coins)
	})
	if err == nil {
		return
	}
	err = safely(ctx, func(ctx sdk.Context) error {
		for _, c := range p.coins {
			if err := k.credit(ctx, p.recipient, c.Denom, c.Amount); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		// only where the ledger itself cannot be read: the event is the record of the debt
		k.report(ctx, &types.EventBlockStepFailed{Step: "payout"})
	}
	k.report(ctx, &types.EventPayoutFailed{Recipient: p.recipient, To: p.to.String(), Amount: p.coins})
}

// report emits an event where there is nobody to return an error to.
func (k *Keeper) report(ctx context.Context, event interface {
	Reset()
	String() string
	ProtoMessage()
}) {
	if err := emit(ctx, event); err != nil {
		sdk.UnwrapSDKContext(ctx).Logger().Error("revenue: event not emitted", "event", event.String(), "error", err)
	}
}

// safely runs f on a cache of the state and keeps its writes and events only where it
// succeeds. A panic becomes an error: it must not halt the chain.
func safely(ctx context.Context, f func(sdk.Context) error) error {
	return guard(func() error {
		cache, write := sdk.UnwrapSDKContext(ctx).CacheContext()
		if err := f(cache); err != nil {
			return err
		}
		write()
		return nil
	})
}

// guard turns a panic of f into an error.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}
