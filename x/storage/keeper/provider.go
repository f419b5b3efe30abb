package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// GetProvider returns a provider, whatever its status. Errors: ErrProviderNotFound.
func (k *Keeper) GetProvider(ctx context.Context, operator string) (types.Provider, error) {
	p, err := k.providers.Get(ctx, operator)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Provider{}, errorsmod.Wrapf(types.ErrProviderNotFound, "%.100q", operator)
	}
	return p, err
}

// ProviderByAgent returns the provider whose agent or operator the account is. One that is
// leaving still has both; nobody acts for one that is gone. Errors: ErrProviderNotFound.
func (k *Keeper) ProviderByAgent(ctx context.Context, agent sdk.AccAddress) (types.Provider, error) {
	operator, err := k.agents.Get(ctx, agent.String())
	if errors.Is(err, collections.ErrNotFound) {
		return types.Provider{}, errorsmod.Wrapf(types.ErrProviderNotFound, "%s acts for none", agent)
	}
	if err != nil {
		return types.Provider{}, err
	}
	return k.GetProvider(ctx, operator)
}

// activeProvider returns a provider that takes deals.
func (k *Keeper) activeProvider(ctx context.Context, operator string) (types.Provider, error) {
	p, err := k.GetProvider(ctx, operator)
	if err == nil && p.Status != types.PROVIDER_STATUS_ACTIVE {
		return types.Provider{}, errorsmod.Wrap(types.ErrProviderInactive, operator)
	}
	return p, err
}

// RegisterProvider makes the operator a provider and locks its bond in ustream; one that has
// gone starts anew. Emits EventProviderRegistered. Errors: ErrProviderExists, ErrAgentTaken,
// ErrBondTooSmall, ErrBlockedAddress and the bank's.
func (k *Keeper) RegisterProvider(ctx context.Context, operator sdk.AccAddress, terms types.Terms, bond math.Int) error {
	if k.bank.BlockedAddr(operator) {
		return errorsmod.Wrap(types.ErrBlockedAddress, operator.String())
	}
	before, err := k.GetProvider(ctx, operator.String())
	if err == nil && before.Status != types.PROVIDER_STATUS_GONE {
		return errorsmod.Wrap(types.ErrProviderExists, operator.String())
	}
	if err != nil && !errors.Is(err, types.ErrProviderNotFound) {
		return err
	}
	if err := k.releaseAgent(ctx, operator); err != nil {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	p := terms.Apply(types.Provider{
		Operator: operator.String(), Bond: bond, Status: types.PROVIDER_STATUS_ACTIVE, RegisteredAt: now,
	})
	if err := k.requireBond(ctx, p); err != nil {
		return err
	}
	if err := k.lock(ctx, operator, bond, "bond"); err != nil {
		return err
	}
	if err := k.putProvider(ctx, before, p); err != nil {
		return err
	}
	return emit(ctx, &types.EventProviderRegistered{Provider: p})
}

// releaseAgent frees an account that another provider has named as its agent: naming needs no
// consent, so it must not keep the account from becoming a provider itself.
func (k *Keeper) releaseAgent(ctx context.Context, account sdk.AccAddress) error {
	other, err := k.ProviderByAgent(ctx, account)
	if errors.Is(err, types.ErrProviderNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	freed := other
	freed.Agent = other.Operator
	if err := k.putProvider(ctx, other, freed); err != nil {
		return err
	}
	return emit(ctx, &types.EventProviderUpdated{Provider: freed})
}

// UpdateProvider replaces the terms of an active provider. Live deals keep the rate that they
// were requested at. Emits EventProviderUpdated. Errors: ErrProviderNotFound,
// ErrProviderInactive, ErrAgentTaken, ErrInvalidCapacity, ErrBondTooSmall.
func (k *Keeper) UpdateProvider(ctx context.Context, operator sdk.AccAddress, terms types.Terms) error {
	before, err := k.activeProvider(ctx, operator.String())
	if err != nil {
		return err
	}
	p := terms.Apply(before)
	if p.CapacityBytes < p.CommittedBytes {
		return errorsmod.Wrapf(types.ErrInvalidCapacity, "%d bytes, deals are %d", p.CapacityBytes, p.CommittedBytes)
	}
	if err := k.requireBond(ctx, p); err != nil {
		return err
	}
	if err := k.putProvider(ctx, before, p); err != nil {
		return err
	}
	return emit(ctx, &types.EventProviderUpdated{Provider: p})
}

func (k *Keeper) requireBond(ctx context.Context, p types.Provider) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	if least := params.RequiredBond(p.CapacityBytes); p.Bond.LT(least) {
		return errorsmod.Wrapf(types.ErrBondTooSmall, "%s ustream, at least %s", p.Bond, least)
	}
	return nil
}

// putProvider writes the row after and moves the indexes of agents and prices from the row
// before. Whatever changes a provider's status, agent or price goes through it.
// Errors: ErrAgentTaken.
func (k *Keeper) putProvider(ctx context.Context, before, after types.Provider) error {
	actors := after.Actors()
	for _, a := range before.Actors() {
		if slices.Contains(actors, a) {
			continue
		}
		if err := k.agents.Remove(ctx, a); err != nil {
			return err
		}
	}
	for _, a := range actors {
		holder, err := k.agents.Get(ctx, a)
		if err == nil && holder != after.Operator {
			return errorsmod.Wrap(types.ErrAgentTaken, a)
		}
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return err
		}
		if err := k.agents.Set(ctx, a, after.Operator); err != nil {
			return err
		}
	}
	if err := k.movePrice(ctx, before, after); err != nil {
		return err
	}
	return k.providers.Set(ctx, after.Operator, after)
}
