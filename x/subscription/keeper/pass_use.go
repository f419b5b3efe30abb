package keeper

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// servePass counts proved use that names a pass for its viewer's fee, and pays who served it out of the work's serving budget.
// It counts for the oldest period that has not closed: a report comes later than the watching, and says not when that
// was. That one viewer proves no more time than passes is x/stream's clock. Errors: ErrInvalidPassID, ErrPassNotFound, ErrNotCovered,
// ErrNotEntitled, ErrOwnWork.
func (k *Keeper) servePass(ctx context.Context, use streamtypes.Use) (math.Int, error) {
	number, pass, err := k.pass(ctx, use.Subscription)
	if err != nil {
		return math.Int{}, err
	}
	root, digest, err := k.root(ctx, use.Work)
	if err != nil {
		return math.Int{}, err
	}
	if root.Status != contenttypes.WORK_STATUS_ACTIVE && root.Status != contenttypes.WORK_STATUS_RETIRED {
		return math.Int{}, errorsmod.Wrap(types.ErrNotEntitled, types.ReasonWorkRestricted)
	}
	creator, err := k.content.GetCreator(ctx, root.Creator)
	if err != nil {
		return math.Int{}, err
	}
	if creator.Controller == use.Viewer.String() {
		return math.Int{}, errorsmod.Wrap(types.ErrOwnWork, use.Work)
	}
	key := collections.Join([]byte(use.Viewer), number)
	sub, err := k.passSubs.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return math.Int{}, err
	}
	m, e := k.member(ctx, number, root.Creator)
	if e != nil && !errors.Is(e, types.ErrNotListed) {
		return math.Int{}, e
	}
	if err != nil || e != nil || !m.Covered(sub.Periods[0].StartedAt) {
		return math.Int{}, errorsmod.Wrapf(types.ErrNotCovered, "%s", use.Subscription)
	}
	fits, err := k.fitsPass(ctx, pass, root.Creator)
	if err != nil {
		return math.Int{}, err
	}
	if !fits {
		return math.Int{}, errorsmod.Wrapf(types.ErrNotCovered, "%s: %s is not verified", use.Subscription, root.Creator)
	}
	if err := k.countPass(ctx, key, sub, root, digest, use.Seconds); err != nil {
		return math.Int{}, err
	}
	return k.storage.PayServing(ctx, use.Work, use.Provider, use.Seconds)
}

// countPass adds seconds to what counts of a work, as far as the bounds allow. Where as many works count as can, one that was watched
// for longer takes the place of the least watched: a series of tiny works would leave no place for any other. What is over the bounds
// is served all the same.
func (k *Keeper) countPass(ctx context.Context, key viewerPass, sub types.PassSubscription, root contenttypes.Work, digest []byte, seconds uint64) error {
	at := collections.Join3(key.K1(), key.K2(), digest)
	row, err := k.passUses.Get(ctx, at)
	known := err == nil
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	most := types.MaxPassWatch * root.DurationSeconds
	counted := min(seconds, most-min(most, row.Seconds))
	if !known && counted > 0 && sub.Works >= types.MaxPassWorks {
		yields, err := k.yieldPassUse(ctx, key, counted)
		if err != nil {
			return err
		}
		if yields {
			sub.Works--
		} else {
			counted = 0
		}
	}
	if counted == 0 {
		return emit(ctx, &types.EventPassCounted{Viewer: sub.Viewer, Pass: sub.Pass, Work: root.Cid, Seconds: row.Seconds})
	}
	row.Work, row.Creator, row.Seconds = root.Cid, root.Creator, row.Seconds+counted
	if err := k.passUses.Set(ctx, at, row); err != nil {
		return err
	}
	if !known {
		sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(types.PassWorkGas, "one more work of a fee")
		sub.Works++
		if err := k.passSubs.Set(ctx, key, sub); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventPassCounted{Viewer: sub.Viewer, Pass: sub.Pass, Work: root.Cid, Counted: counted, Seconds: row.Seconds})
}

// yieldPassUse removes what counts of the least watched work, of equals the first by digest, where that is less than seconds.
func (k *Keeper) yieldPassUse(ctx context.Context, key viewerPass, seconds uint64) (bool, error) {
	uses, err := k.usesOf(ctx, key)
	if err != nil || len(uses) == 0 {
		return false, err
	}
	least := slices.MinFunc(uses, func(a, b types.PassUse) int { return cmp.Compare(a.Seconds, b.Seconds) })
	if least.Seconds >= seconds {
		return false, nil
	}
	digest, err := contenttypes.ParseWorkID(least.Work)
	if err != nil {
		return false, err
	}
	return true, k.passUses.Remove(ctx, collections.Join3(key.K1(), key.K2(), digest[:]))
}

// usesOf is what counts for a subscription's first period, in the order of the works' digests.
func (k *Keeper) usesOf(ctx context.Context, key viewerPass) ([]types.PassUse, error) {
	var uses []types.PassUse
	rng := collections.NewSuperPrefixedTripleRange[[]byte, uint64, []byte](key.K1(), key.K2())
	err := k.passUses.Walk(ctx, rng, func(_ passUse, u types.PassUse) (bool, error) {
		uses = append(uses, u)
		return false, nil
	})
	return uses, err
}
