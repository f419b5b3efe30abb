package keeper

import (
	"context"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/x/storage/types"
)

// SetBeacon commits a provider to a hash chain and returns the first period whose proof reveals
// of it. Emits EventBeaconSet. Errors: ErrProviderNotFound.
func (k *Keeper) SetBeacon(ctx context.Context, agent sdk.AccAddress, root []byte) (uint64, error) {
	provider, err := k.ProviderByAgent(ctx, agent)
	if err != nil {
		return 0, err
	}
	s, err := k.proofState(ctx, provider.Operator)
	if err != nil {
		return 0, err
	}
	p, err := k.Period(ctx)
	if err != nil {
		return 0, err
	}
	s = s.Commit(p.Number, root)
	if err := k.proofs.Set(ctx, s.Operator, s); err != nil {
		return 0, err
	}
	return s.BeaconFrom, emit(ctx, &types.EventBeaconSet{Operator: s.Operator, Root: root, From: s.BeaconFrom})
}

// Prove answers a provider's challenges of the period called number, which must be open, and
// returns the works whose deals ended because a challenge was left unanswered; then the
// period is missed too. One answer that is wrong refuses all of them, so that a bit that flipped on
// the way costs nothing. Emits EventProved. Errors: ErrProviderNotFound, ErrPeriodNotOpen,
// ErrAlreadyProved, ErrNoBeacon, ErrWrongReveal, ErrNoChallenge, ErrWrongProof.
func (k *Keeper) Prove(ctx context.Context, agent sdk.AccAddress, number uint64, reveal []byte, answers []types.ProofAnswer) ([]string, error) {
	provider, err := k.ProviderByAgent(ctx, agent)
	if err != nil {
		return nil, err
	}
	operator, err := types.ParseAddress(provider.Operator)
	if err != nil {
		return nil, err
	}
	p, err := k.Period(ctx)
	if err != nil {
		return nil, err
	}
	if !p.Open() || p.Number != number {
		return nil, errorsmod.Wrapf(types.ErrPeriodNotOpen, "%d, the newest is %d", number, p.Number)
	}
	s, err := k.proofState(ctx, provider.Operator)
	if err != nil {
		return nil, err
	}
	if s, err = s.Reveal(number, reveal); err != nil {
		return nil, err
	}
	challenges, err := k.challenges(ctx, p, s)
	if err != nil {
		return nil, err
	}
	open, err := verify(ctx, challenges, answers)
	if err != nil {
		return nil, err
	}
	p.Reveals = types.AddReveal(p.Reveals, operator, reveal)
	if err := k.period.Set(ctx, p); err != nil {
		return nil, err
	}
	return k.book(ctx, s, number, len(answers), open)
}

// book writes what an answer changes in the provider's standing, and returns the works whose
// deals end by it. open are the challenges that were left unanswered.
func (k *Keeper) book(ctx context.Context, s types.ProofState, number uint64, answers int, open []types.Challenge) ([]string, error) {
	var err error
	var lost, live []string
	for _, c := range open {
		if slices.Contains(lost, c.Work) {
			continue
		}
		lost = append(lost, c.Work)
		has, err := k.hasActive(ctx, c.Work, s.Operator)
		if err != nil {
			return nil, err
		}
		if has {
			live = append(live, c.Work)
		}
	}
	switch {
	case len(open) > 0:
		err = k.miss(ctx, s, number, live)
	case s.SetSize > 0:
		err = k.proofs.Set(ctx, s.Operator, s.Prove())
	default:
		err = k.proofs.Set(ctx, s.Operator, s)
	}
	if err != nil {
		return nil, err
	}
	return live, emit(ctx, &types.EventProved{Operator: s.Operator, Period: number, Answers: uint32(answers), Lost: lost})
}

// challenges are a provider's of period p, with piece roots.
func (k *Keeper) challenges(ctx context.Context, p types.Period, s types.ProofState) ([]types.Challenge, error) {
	operator, err := types.ParseAddress(s.Operator)
	if err != nil {
		return nil, err
	}
	draw := types.Draw{ChainID: sdk.UnwrapSDKContext(ctx).ChainID(), Seed: p.Seed, Operator: operator, Period: p.Number}
	challenges, err := draw.Challenges(frozenSet{k, ctx, s})
	if err != nil {
		return nil, err
	}
	for i := range challenges {
		w, err := k.content.GetWork(ctx, challenges[i].Work)
		if err != nil {
			return nil, err
		}
		challenges[i].PieceRoot = w.PieceRoot
	}
	return challenges, nil
}

// verify checks every answer and returns the challenges that have none. Answers are in the
// order of their indexes, as MsgProve.Validate has seen.
func verify(ctx context.Context, challenges []types.Challenge, answers []types.ProofAnswer) (open []types.Challenge, err error) {
	gas := sdk.UnwrapSDKContext(ctx).GasMeter()
	for _, c := range challenges {
		if len(answers) == 0 || answers[0].Index != c.Index {
			open = append(open, c)
			continue
		}
		slice := answers[0].Slice
		answers = answers[1:]
		gas.ConsumeGas(types.GasPerSlice+types.GasPerSliceByte*uint64(len(slice)), "proof of storage")
		if _, err := piece.Verify([32]byte(c.PieceRoot), c.PieceSize, c.Offset, slice); err != nil {
			return nil, errorsmod.Wrapf(types.ErrWrongProof, "%d: leaf %d of %s: %s", c.Index, c.Offset, c.Work, err)
		}
	}
	if len(answers) > 0 {
		return nil, errorsmod.Wrapf(types.ErrNoChallenge, "%d", answers[0].Index)
	}
	return open, nil
}

// Proofs is a provider's standing, and its challenges of the newest period while that is open:
// afterwards nobody asks for them, and the set that they were drawn from is gone.
func (k *Keeper) Proofs(ctx context.Context, operator string) (*types.QueryProofsResponse, error) {
	s, err := k.proofState(ctx, operator)
	if err != nil {
		return nil, err
	}
	p, err := k.Period(ctx)
	if err != nil {
		return nil, err
	}
	res := &types.QueryProofsResponse{State: s, Period: p.Number, Misses: s.RecentMisses()}
	if !p.Open() {
		return res, nil
	}
	res.Open = s.Answered < p.Number
	res.Challenges, err = k.challenges(ctx, p, s)
	return res, err
}

// proving reports whether any deal of a provider is in its frozen set, or will be.
func (k *Keeper) proving(ctx context.Context, operator string) (bool, error) {
	s, err := k.proofState(ctx, operator)
	if err != nil || s.SetSize > 0 {
		return true, err
	}
	p, err := k.Period(ctx)
	if err != nil {
		return true, err
	}
	for _, number := range []uint64{p.Number, p.Number + 1} {
		waits := false
		rng := collections.NewSuperPrefixedTripleRange[uint64, string, string](number, operator)
		err := k.changes.Walk(ctx, rng, func(changeKey, types.SetChange) (bool, error) {
			waits = true
			return true, nil
		})
		if err != nil || waits {
			return true, err
		}
	}
	return false, nil
}
