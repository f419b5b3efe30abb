package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/dispute/types"
)

// Liabilities is what the module's account must hold, in ustream: bonds of open disputes, stakes,
// what was taken back and waits, and what is owed.
func (k *Keeper) Liabilities(ctx context.Context) (math.Int, error) {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return math.Int{}, err
	}
	sum := math.ZeroInt()
	for _, d := range gs.Disputes {
		sum = sum.Add(d.Bonds())
	}
	for _, j := range gs.Jurors {
		sum = sum.Add(j.Stake).Add(j.Unstaking)
	}
	for _, o := range gs.Owed {
		sum = sum.Add(o.Amount)
	}
	return sum, nil
}

// CheckInvariants walks the whole state and returns an error that names the first row which does
// not fit: records as a genesis must, coins against liabilities, what jurors have locked against
// their seats, the tree against the weights, and each record against its place in every queue.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return errorsmod.Wrap(types.ErrInvariant, err.Error())
	}
	owes, err := k.Liabilities(ctx)
	if err != nil {
		return err
	}
	// anybody can send coins to the account: they are nobody's
	if held := k.bank.GetBalance(ctx, k.account, token.BaseDenom).Amount; held.LT(owes) {
		return errorsmod.Wrapf(types.ErrInvariant, "the account holds %s and owes %s", held, owes)
	}
	if err := k.checkLocks(gs); err != nil {
		return err
	}
	if err := k.checkTree(ctx, gs.Jurors); err != nil {
		return err
	}
	return k.checkQueues(ctx, gs)
}

// checkLocks: what a juror has locked is what its ballots can cost, and each round counts its seats.
func (k *Keeper) checkLocks(gs *types.GenesisState) error {
	locked := map[string]math.Int{}
	type place struct {
		dispute uint64
		round   uint32
	}
	drawn, jurors := map[place]uint32{}, map[place]uint32{}
	rounds := map[place]types.Round{}
	for _, d := range gs.Disputes {
		for i, r := range d.Rounds {
			if d.Open() {
				rounds[place{d.Id, uint32(i)}] = r
			}
		}
	}
	for _, b := range gs.Ballots {
		at := place{b.Dispute, b.Round}
		drawn[at], jurors[at] = drawn[at]+b.Seats, jurors[at]+1
		locked[b.Juror] = types.OrZero(locked[b.Juror]).Add(rounds[at].Terms.Lock().MulRaw(int64(b.Seats)))
	}
	for _, d := range gs.Disputes {
		for i, r := range d.Rounds {
			if at := (place{d.Id, uint32(i)}); d.Open() && (drawn[at] != r.Drawn || jurors[at] != r.Jurors) {
				return errorsmod.Wrapf(types.ErrInvariant, "dispute %d, round %d: %d seats on %d ballots", d.Id, i, drawn[at], jurors[at])
			}
		}
	}
	for _, j := range gs.Jurors {
		if want := types.OrZero(locked[j.Address]); !want.Equal(j.Locked) {
			return errorsmod.Wrapf(types.ErrInvariant, "juror %s has %s locked, not %s", j.Address, j.Locked, want)
		}
		delete(locked, j.Address)
	}
	if len(locked) > 0 {
		return errorsmod.Wrapf(types.ErrInvariant, "%d accounts sit on juries without a stake", len(locked))
	}
	return nil
}

// checkTree: every node sums the weights of its slots, and slots and jurors name each other.
func (k *Keeper) checkTree(ctx context.Context, jurors []types.Juror) error {
	weights := map[uint64]uint64{}
	total := uint64(0)
	for _, j := range jurors {
		if j.Slot == 0 {
			continue
		}
		addr, err := k.slots.Get(ctx, j.Slot)
		if err != nil || sdk.AccAddress(addr).String() != j.Address {
			return errorsmod.Wrapf(types.ErrInvariant, "slot %d is not %s's", j.Slot, j.Address)
		}
		weights[j.Slot], total = j.Weight, total+j.Weight
	}
	n, err := k.treeSize(ctx)
	if err != nil {
		return err
	}
	held, err := k.treeTotal(ctx)
	if err != nil {
		return err
	}
	if n != uint64(len(weights)) || held != total {
		return errorsmod.Wrapf(types.ErrInvariant, "the tree has %d slots of %d in all", n, held)
	}
	for i := uint64(1); i <= n; i++ {
		want := uint64(0)
		for slot := i - i&-i + 1; slot <= i; slot++ {
			want += weights[slot]
		}
		if sum, err := k.sums.Get(ctx, i); err != nil || sum != want {
			return errorsmod.Wrapf(types.ErrInvariant, "node %d sums %d, not %d", i, sum, want)
		}
	}
	return nil
}

// checkQueues: each record has its places, and there are no others.
func (k *Keeper) checkQueues(ctx context.Context, gs *types.GenesisState) error {
	due, waiting, remedies, open := 0, 0, 0, 0
	missing := func(name string, id uint64) error {
		return errorsmod.Wrapf(types.ErrInvariant, "%s: dispute %d is missing", name, id)
	}
	for _, d := range gs.Disputes {
		if d.Open() {
			due++
			if has, err := k.due.Has(ctx, collections.Join(d.DueAt, d.Id)); err != nil || !has {
				return missing("due", d.Id)
			}
		}
		if d.Status == types.STATUS_DRAWING {
			waiting++
			if has, err := k.waiting.Has(ctx, collections.Join(d.Last().Period, d.Id)); err != nil || !has {
				return missing("waiting", d.Id)
			}
		}
		if d.Remedy.NextAt > 0 {
			remedies++
			if has, err := k.remedies.Has(ctx, collections.Join(d.Remedy.NextAt, d.Id)); err != nil || !has {
				return missing("remedies", d.Id)
			}
		}
		if d.Open() && d.Kind != types.KIND_REFUND {
			open++
			if id, err := k.open.Get(ctx, collections.Join3(uint32(d.Kind), d.Subject, d.Claimant)); err != nil || id != d.Id {
				return missing("open claims", d.Id)
			}
		}
		if has, err := k.byRespondent.Has(ctx, collections.Join(d.Respondent, d.Id)); err != nil || !has {
			return missing("disputes by respondent", d.Id)
		}
	}
	for _, b := range gs.Ballots {
		if has, err := k.duties.Has(ctx, collections.Join3(sdk.MustAccAddressFromBech32(b.Juror).Bytes(), b.Dispute, b.Round)); err != nil || !has {
			return missing("duties", b.Dispute)
		}
	}
	for _, check := range []func() error{
		func() error { return sameCount(ctx, "due", due, walkKeys(k.due)) },
		func() error { return sameCount(ctx, "waiting", waiting, walkKeys(k.waiting)) },
		func() error { return sameCount(ctx, "remedies", remedies, walkKeys(k.remedies)) },
		func() error { return sameCount(ctx, "open claims", open, k.open.Walk) },
		func() error { return sameCount(ctx, "by respondent", len(gs.Disputes), walkKeys(k.byRespondent)) },
		func() error { return sameCount(ctx, "duties", len(gs.Ballots), walkKeys(k.duties)) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// sameCount refuses an index with another number of rows than its records imply: with each record
// found in it, equal counts mean that nothing else is in it.
func sameCount[K, V any](ctx context.Context, name string, want int, walk func(context.Context, collections.Ranger[K], func(K, V) (bool, error)) error) error {
	got := 0
	err := walk(ctx, nil, func(K, V) (bool, error) {
		got++
		return got > want, nil
	})
	if err == nil && got != want {
		err = errorsmod.Wrapf(types.ErrInvariant, "%s: the index does not have %d rows", name, want)
	}
	return err
}

// walkKeys gives a key set the walk of a map.
func walkKeys[K any](set collections.KeySet[K]) func(context.Context, collections.Ranger[K], func(K, collections.NoValue) (bool, error)) error {
	return func(ctx context.Context, r collections.Ranger[K], f func(K, collections.NoValue) (bool, error)) error {
		return set.Walk(ctx, r, func(key K) (bool, error) { return f(key, collections.NoValue{}) })
	}
}
