package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/storage/types"
)

// Liabilities is all that the module account owes, in ustream: bonds, and escrows, bounties,
// earnings and the pool, rounded up. It walks every row, so it is for checks and tools. Within a block it
// includes what x/revenue has credited and sends only at the block's end.
func (k *Keeper) Liabilities(ctx context.Context) (math.Int, error) {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return math.Int{}, err
	}
	return gs.Liabilities(), nil
}

// CheckInvariants walks the whole state and returns an error that names the first row which
// does not fit: records against each other (as a genesis must), every index against its
// records, and, at the end of a block, the module account against Liabilities.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	gs, err := k.ExportGenesis(ctx)
	if err != nil {
		return err
	}
	if err := gs.Validate(); err != nil {
		return errorsmod.Wrap(types.ErrInvariant, err.Error())
	}
	if err := k.requireCovered(ctx, gs.Liabilities()); err != nil {
		return err
	}
	if err := k.checkAgents(ctx, gs.Providers); err != nil {
		return err
	}
	if err := k.checkProofs(ctx, *gs); err != nil {
		return err
	}
	if err := k.checkPool(ctx, *gs); err != nil {
		return err
	}
	if err := k.checkKeySets(ctx, *gs); err != nil {
		return err
	}
	if err := k.checkBondClaims(ctx, gs.BondClaims); err != nil {
		return err
	}
	return k.checkDeals(ctx, gs.Deals)
}

// requireCovered refuses a module account that holds less than it owes. It may hold more:
// anybody can send coins to it.
func (k *Keeper) requireCovered(ctx context.Context, owed math.Int) error {
	held := k.bank.GetBalance(ctx, k.account, token.BaseDenom).Amount
	if held.LT(owed) {
		return errorsmod.Wrapf(types.ErrInvariant, "the module account holds %s ustream and owes %s", held, owed)
	}
	return nil
}

func invariant(format string, args ...any) error {
	return errorsmod.Wrapf(types.ErrInvariant, format, args...)
}

func (k *Keeper) checkAgents(ctx context.Context, providers []types.Provider) error {
	count := 0
	for _, p := range providers {
		if stored, err := k.providers.Get(ctx, p.Operator); err != nil || stored.Operator != p.Operator {
			return errorsmod.Wrapf(types.ErrInvariant, "provider %s is stored under another id", p.Operator)
		}
		for _, a := range p.Actors() {
			count++
			if operator, err := k.agents.Get(ctx, a); err != nil || operator != p.Operator {
				return errorsmod.Wrapf(types.ErrInvariant, "account %s does not lead to %s", a, p.Operator)
			}
		}
	}
	return sameCount(ctx, "agents", count, k.agents.Walk)
}

func (k *Keeper) checkDeals(ctx context.Context, deals []types.Deal) error {
	// a request that could not be removed waits at a later time than its own
	queued := map[[2]string]bool{}
	err := k.requests.Walk(ctx, nil, func(entry queueKey) (bool, error) {
		queued[[2]string{entry.K2(), entry.K3()}] = true
		return false, nil
	})
	if err != nil {
		return err
	}
	requested := 0
	for _, d := range deals {
		if stored, err := k.deals.Get(ctx, keyOf(d)); err != nil || stored.Work != d.Work || stored.Operator != d.Operator {
			return errorsmod.Wrapf(types.ErrInvariant, "deal %s of %s is stored under another id", d.Work, d.Operator)
		}
		if indexed, err := k.byRoot.Has(ctx, collections.Join3(d.Root, d.Work, d.Operator)); err != nil || !indexed {
			return errorsmod.Wrapf(types.ErrInvariant, "deal %s of %s is not among its root's", d.Work, d.Operator)
		}
		if indexed, err := k.byProvider.Has(ctx, collections.Join(d.Operator, d.Work)); err != nil || !indexed {
			return errorsmod.Wrapf(types.ErrInvariant, "deal %s of %s is not among its provider's", d.Work, d.Operator)
		}
		if d.Status != types.DEAL_STATUS_REQUESTED {
			continue
		}
		requested++
		if !queued[[2]string{d.Work, d.Operator}] {
			return errorsmod.Wrapf(types.ErrInvariant, "deal %s of %s is not queued for its end", d.Work, d.Operator)
		}
	}
	if err := sameCount(ctx, "deals by root", len(deals), walkKeys(k.byRoot)); err != nil {
		return err
	}
	if err := sameCount(ctx, "deals by provider", len(deals), walkKeys(k.byProvider)); err != nil {
		return err
	}
	return sameCount(ctx, "queued requests", requested, walkKeys(k.requests))
}

// errTooMany ends a walk early.
var errTooMany = errors.New("too many rows")

// sameCount refuses an index with more rows than its records imply: with each record found
// in it, equal counts mean that nothing else is in it.
func sameCount[K, V any](ctx context.Context, name string, want int, walk func(context.Context, collections.Ranger[K], func(K, V) (bool, error)) error) error {
	got := 0
	err := walk(ctx, nil, func(K, V) (bool, error) {
		got++
		if got > want {
			return true, errTooMany
		}
		return false, nil
	})
	if errors.Is(err, errTooMany) || (err == nil && got != want) {
		return errorsmod.Wrapf(types.ErrInvariant, "%s: the index does not have %d rows", name, want)
	}
	return err
}

// walkKeys gives a key set the walk of a map.
func walkKeys[K any](set collections.KeySet[K]) func(context.Context, collections.Ranger[K], func(K, collections.NoValue) (bool, error)) error {
	return func(ctx context.Context, r collections.Ranger[K], f func(K, collections.NoValue) (bool, error)) error {
		return set.Walk(ctx, r, func(key K) (bool, error) { return f(key, collections.NoValue{}) })
	}
}
