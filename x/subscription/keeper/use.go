package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// ServeUse pays who served proved use out of the work's serving budget, and returns what that
// was, in nano-ustream. It is for what costs nothing by the tick: a free offer, a purchase, a
// plan. A session that names a plan is held to that plan, one that names a pass counts for it. Errors: ErrNotEntitled, ErrOwnWork,
// ErrInvalidPlanID, ErrPlanNotFound, ErrNotCovered, those of Access.
func (k *Keeper) ServeUse(ctx context.Context, use streamtypes.Use) (math.Int, error) {
	if types.IsPass(use.Subscription) {
		return k.servePass(ctx, use)
	}
	decision, err := k.Access(ctx, use.Viewer.String(), use.Work)
	if err != nil {
		return math.Int{}, err
	}
	if !decision.Granted {
		return math.Int{}, errorsmod.Wrapf(types.ErrNotEntitled, "%s", decision.Reason)
	}
	if decision.By == types.ACCESS_BY_CREATOR {
		return math.Int{}, errorsmod.Wrap(types.ErrOwnWork, use.Work)
	}
	if use.Subscription != "" {
		if err := k.requireSubscribed(ctx, use); err != nil {
			return math.Int{}, err
		}
	}
	return k.storage.PayServing(ctx, use.Work, use.Provider, use.Seconds)
}

// requireSubscribed refuses use that names a plan which the viewer does not run now, or which
// does not cover the work.
func (k *Keeper) requireSubscribed(ctx context.Context, use streamtypes.Use) error {
	key, err := types.ParsePlanID(use.Subscription)
	if err != nil {
		return err
	}
	plan, err := k.getPlan(ctx, key)
	if err != nil {
		return err
	}
	s, err := k.subjectOf(ctx, use.Viewer.String(), use.Work)
	if err != nil {
		return err
	}
	sub, err := k.subscriptions.Get(ctx, collections.Join3([]byte(use.Viewer), []byte(key.Creator), key.Number))
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	covered, e := k.covers(ctx, key, plan, s)
	if e != nil {
		return e
	}
	if err != nil || !sub.Running(s.now, s.params.GraceOf(plan)) || key.Creator.String() != s.root.Creator || !covered {
		return errorsmod.Wrapf(types.ErrNotCovered, "%s", use.Subscription)
	}
	return nil
}
