package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// miss books a missed period: its seconds earn nothing, more than FreeMisses of the remembered
// periods cost a part of the bond, and MaxMisses end the provider's deals. lost are the works
// whose challenges were not answered: their deals end, with equal parts of what was slashed as
// bounties. s is written, so the caller's copy is old afterwards. Emits EventProofMissed.
func (k *Keeper) miss(ctx context.Context, s types.ProofState, number uint64, lost []string) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	s = s.Miss(params.PeriodSeconds)
	misses, share := s.RecentMisses(), math.ZeroInt()
	if err := emit(ctx, &types.EventProofMissed{Operator: s.Operator, Period: number, Misses: misses}); err != nil {
		return err
	}
	if misses > types.FreeMisses {
		if share, err = k.slash(ctx, &s, len(lost)); err != nil {
			return err
		}
	}
	if misses >= types.MaxMisses {
		if s, err = k.terminate(ctx, s, params, misses); err != nil {
			return err
		}
	}
	if err := k.proofs.Set(ctx, s.Operator, s); err != nil {
		return err
	}
	for _, work := range lost {
		if err := k.endLost(ctx, s.Operator, work, share); err != nil {
			return err
		}
	}
	return nil
}

// slash takes one per cent of the bond that is left: a bond that shrinks to nothing would leave
// nothing to lose. It returns what each of so many lost works gets as a bounty, in
// nano-ustream; the rest goes to the pool. Emits EventSlashed.
func (k *Keeper) slash(ctx context.Context, s *types.ProofState, lost int) (share math.Int, err error) {
	share = math.ZeroInt()
	p, err := k.GetProvider(ctx, s.Operator)
	if err != nil {
		return share, err
	}
	amount := p.Bond.QuoRaw(types.SlashDivisor)
	if !amount.IsPositive() {
		return share, nil
	}
	p.Bond, s.Slashed = p.Bond.Sub(amount), s.Slashed.Add(amount)
	if err := k.providers.Set(ctx, p.Operator, p); err != nil {
		return share, err
	}
	rest := types.Nano(amount)
	if lost > 0 {
		share = rest.QuoRaw(int64(lost))
	}
	bounties := share.MulRaw(int64(lost))
	if err := k.poolAdd(ctx, rest.Sub(bounties)); err != nil {
		return share, err
	}
	return share, emit(ctx, &types.EventSlashed{Operator: p.Operator, Amount: amount, Bounties: bounties})
}

// terminate makes an active provider leave, and queues its deals to be ended. Its bond stays
// slashable for what is still in its set. Emits EventTerminated.
func (k *Keeper) terminate(ctx context.Context, s types.ProofState, params types.Params, misses uint32) (types.ProofState, error) {
	p, err := k.GetProvider(ctx, s.Operator)
	if err != nil || p.Status != types.PROVIDER_STATUS_ACTIVE {
		return s, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return s, err
	}
	left := p
	left.Status, left.UnbondAt = types.PROVIDER_STATUS_LEAVING, now+params.UnbondingSeconds
	if err := k.putProvider(ctx, p, left); err != nil {
		return s, err
	}
	if err := k.terminating.Set(ctx, p.Operator); err != nil {
		return s, err
	}
	s.Misses = 0
	return s, emit(ctx, &types.EventTerminated{Operator: p.Operator, Misses: misses})
}

// endTerminating ends at most MaxTerminate deals of terminated providers.
func (k *Keeper) endTerminating(ctx context.Context, now int64) error {
	var operators []string
	err := k.terminating.Walk(ctx, nil, func(operator string) (bool, error) {
		operators = append(operators, operator)
		return len(operators) == types.MaxTerminate, nil
	})
	if err != nil {
		return err
	}
	left := types.MaxTerminate
	for _, operator := range operators {
		works, err := k.firstWorks(ctx, operator, left)
		if err != nil {
			return err
		}
		for _, work := range works {
			if err := safely(ctx, func(ctx sdk.Context) error { return k.endTerminated(ctx, operator, work) }); err != nil {
				// it stays, and is tried again at the end of the next block
				if err := emit(ctx, &types.EventDealExpiryFailed{Work: work, Operator: operator, RetryAt: now}); err != nil {
					return err
				}
			}
		}
		if left -= len(works); left == 0 {
			return nil
		}
		if err := k.dropTerminated(ctx, operator); err != nil {
			return err
		}
	}
	return nil
}

// dropTerminated takes a provider that has no deals left off the list.
func (k *Keeper) dropTerminated(ctx context.Context, operator string) error {
	works, err := k.firstWorks(ctx, operator, 1)
	if err != nil || len(works) > 0 {
		return err
	}
	return k.terminating.Remove(ctx, operator)
}

// firstWorks are the works of a provider's first live deals.
func (k *Keeper) firstWorks(ctx context.Context, operator string, most int) ([]string, error) {
	var works []string
	rng := collections.NewPrefixedPairRange[string, string](operator)
	err := k.byProvider.Walk(ctx, rng, func(key dealKey) (bool, error) {
		works = append(works, key.K2())
		return len(works) == most, nil
	})
	return works, err
}

// ReportLoss ends active deals of works whose bytes the provider has lost. By itself it costs
// nothing but their pay: who says it at once is worth more than who hides it. What is drawn
// until the deals have left the frozen set is still asked for. Emits EventDealEnded and
// EventRepairOpened for each. Errors: ErrProviderNotFound, ErrDealNotFound, ErrDealNotActive.
func (k *Keeper) ReportLoss(ctx context.Context, agent sdk.AccAddress, works []string) error {
	p, err := k.ProviderByAgent(ctx, agent)
	if err != nil {
		return err
	}
	for _, work := range works {
		if _, err := k.activeDeal(ctx, work, p.Operator); err != nil {
			return err
		}
		if err := k.endLost(ctx, p.Operator, work, math.ZeroInt()); err != nil {
			return err
		}
	}
	return nil
}

// activeDeal returns an active deal. Errors: ErrDealNotFound, ErrDealNotActive.
func (k *Keeper) activeDeal(ctx context.Context, work, operator string) (types.Deal, error) {
	d, err := k.GetDeal(ctx, work, operator)
	if err == nil && d.Status != types.DEAL_STATUS_ACTIVE {
		return types.Deal{}, errorsmod.Wrapf(types.ErrDealNotActive, "%s of %s", work, operator)
	}
	return d, err
}

// hasActive reports whether the deal is live and active.
func (k *Keeper) hasActive(ctx context.Context, work, operator string) (bool, error) {
	_, err := k.activeDeal(ctx, work, operator)
	if errors.Is(err, types.ErrDealNotFound) || errors.Is(err, types.ErrDealNotActive) {
		return false, nil
	}
	return err == nil, err
}
