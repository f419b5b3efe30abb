package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// sweepUse removes rows of sessions of price zero that no report can be of any more, at most
// MaxUseSweep, first due first. One that fails is kept and tried again RetrySeconds later.
func (k *Keeper) sweepUse(ctx context.Context, now int64) {
	for _, due := range dueKeys(ctx, k.use.queue, func(key useDue) bool { return key.K1() < now }, types.MaxUseSweep) {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.removeUse(ctx, due, now) }); err == nil {
			continue
		}
		retry := now + types.RetrySeconds
		err := safely(ctx, func(ctx sdk.Context) error { return k.putOffUse(ctx, due, retry) })
		k.report(ctx, err, &types.EventUseSweepFailed{Viewer: text(due.K2()), Id: due.K3(), RetryAt: retry})
	}
}

// putOffUse moves an entry of the queue, and its row where that can be read.
func (k *Keeper) putOffUse(ctx context.Context, due useDue, retry int64) error {
	if err := k.use.queue.Remove(ctx, due); err != nil {
		return err
	}
	id := collections.Join(due.K2(), due.K3())
	row, err := k.use.rows.Get(ctx, id)
	if err != nil {
		return k.use.queue.Set(ctx, collections.Join3(retry, due.K2(), due.K3()))
	}
	row.RemovesAt = retry
	return k.putUse(ctx, id, row)
}

// removeUse removes a row, with the viewer's clock and count where they mean nothing any more. A
// clock or count that still does belongs to a later report, whose own session removes it: a row
// outlives its last report by UseWindowSeconds at least, which is more than a day.
func (k *Keeper) removeUse(ctx context.Context, due useDue, now int64) error {
	id := collections.Join(due.K2(), due.K3())
	if err := k.use.queue.Remove(ctx, due); err != nil {
		return err
	}
	row, err := k.use.rows.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := k.use.rows.Remove(ctx, id); err != nil {
		return err
	}
	reached, err := k.use.clocks.Get(ctx, due.K2())
	if err == nil && reached <= now-types.UseWindowSeconds {
		err = k.use.clocks.Remove(ctx, due.K2())
	}
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	digest, err := types.WorkDigest(row.Work)
	if err != nil {
		return err
	}
	at := collections.Join(due.K2(), digest)
	count, err := k.use.works.Get(ctx, at)
	if err == nil && count.Past(now) {
		err = k.use.works.Remove(ctx, at)
	}
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	return err
}

// initUse loads sessions of price zero.
func (k *Keeper) initUse(ctx context.Context, gs types.GenesisState) error {
	for _, u := range gs.Uses {
		viewer, err := types.ParseAddress(u.Viewer)
		if err != nil {
			return err
		}
		if err := k.putUse(ctx, collections.Join(viewer.Bytes(), u.Id), u.Row); err != nil {
			return err
		}
	}
	for _, c := range gs.ViewerClocks {
		viewer, err := types.ParseAddress(c.Viewer)
		if err != nil {
			return err
		}
		if err := k.use.clocks.Set(ctx, viewer, c.Reached); err != nil {
			return err
		}
	}
	for _, w := range gs.WorkUses {
		viewer, err := types.ParseAddress(w.Viewer)
		if err != nil {
			return err
		}
		digest, err := types.WorkDigest(w.Work)
		if err != nil {
			return err
		}
		if err := k.use.works.Set(ctx, collections.Join(viewer.Bytes(), digest), w.Use); err != nil {
			return err
		}
	}
	return nil
}

// exportUse adds sessions of price zero, in the order of their keys.
func (k *Keeper) exportUse(ctx context.Context, gs *types.GenesisState) error {
	works := map[string]string{} // digest -> cid: counts keep the digest only
	err := k.use.rows.Walk(ctx, nil, func(id useKey, row types.UseRow) (bool, error) {
		gs.Uses = append(gs.Uses, types.GenesisUse{Viewer: text(id.K1()), Id: id.K2(), Row: row})
		digest, err := types.WorkDigest(row.Work)
		works[string(digest)] = row.Work
		return false, err
	})
	if err != nil {
		return err
	}
	err = k.use.clocks.Walk(ctx, nil, func(viewer []byte, reached int64) (bool, error) {
		gs.ViewerClocks = append(gs.ViewerClocks, types.ViewerClock{Viewer: text(viewer), Reached: reached})
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.use.works.Walk(ctx, nil, func(at useKey, use types.WorkUse) (bool, error) {
		gs.WorkUses = append(gs.WorkUses, types.GenesisWorkUse{Viewer: text(at.K1()), Work: works[string(at.K2())], Use: use})
		return false, nil
	})
}

// checkUse refuses a queue that is not exactly one entry for each row, and a clock ahead of time.
func (k *Keeper) checkUse(ctx context.Context, uses []types.GenesisUse) error {
	for _, u := range uses {
		viewer, err := types.ParseAddress(u.Viewer)
		if err != nil {
			return err
		}
		if ok, err := k.use.queue.Has(ctx, collections.Join3(u.Row.RemovesAt, viewer.Bytes(), u.Id)); err != nil || !ok {
			return errorsmod.Wrapf(types.ErrInvariant, "use %x of %s is not queued for its end", u.Id, u.Viewer)
		}
	}
	if err := requireCount(ctx, "use_queue", k.use.queue, len(uses)); err != nil {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	return k.use.clocks.Walk(ctx, nil, func(viewer []byte, reached int64) (bool, error) {
		if reached > now {
			return true, errorsmod.Wrapf(types.ErrInvariant, "%s has watched to %d, now is %d", text(viewer), reached, now)
		}
		return false, nil
	})
}
