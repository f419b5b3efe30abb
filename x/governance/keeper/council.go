package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

// Council returns the council; empty where none was elected.
func (k *Keeper) Council(ctx context.Context) (types.Council, error) {
	c, err := k.council.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Council{}, nil
	}
	return c, err
}

// SetCouncil replaces the council. Votes of who left no longer count. Emits EventCouncilSet. Errors: ErrInvalidCouncil, ErrInvalidAddress.
func (k *Keeper) SetCouncil(ctx context.Context, c types.Council) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if err := k.council.Set(ctx, c); err != nil {
		return err
	}
	return emit(ctx, &types.EventCouncilSet{Members: c.Members})
}

// pauseOf returns where a type of message stands.
func (k *Keeper) pauseOf(ctx context.Context, typeURL string) (types.Pause, error) {
	p, err := k.pauses.Get(ctx, typeURL)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Pause{TypeUrl: typeURL}, nil
	}
	return p, err
}

// Pause counts a member's vote; with the third the message is paused for the shortest time that was voted for. The governance account
// pauses at once. Emits EventPauseVoted and EventPaused. Errors: ErrNotCouncil, ErrNotPausable, ErrInvalidPause, ErrCooldown, ErrAlreadyVoted.
func (k *Keeper) Pause(ctx context.Context, msg *types.MsgPause) (types.Pause, error) {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Pause{}, err
	}
	p, err := k.pauseOf(ctx, msg.TypeUrl)
	if err != nil {
		return types.Pause{}, err
	}
	if msg.Member == k.Authority() {
		return p, k.begin(ctx, &p, now+msg.Seconds)
	}
	council, err := k.Council(ctx)
	if err != nil {
		return types.Pause{}, err
	}
	if !council.Has(msg.Member) {
		return types.Pause{}, errorsmod.Wrap(types.ErrNotCouncil, msg.Member)
	}
	if now < p.CooldownUntil {
		return types.Pause{}, errorsmod.Wrapf(types.ErrCooldown, "%s until %d, now %d", msg.TypeUrl, p.CooldownUntil, now)
	}
	p.Votes = slices.DeleteFunc(p.Votes, func(v types.PauseVote) bool {
		return now >= v.VotedAt+types.PauseVoteSeconds || !council.Has(v.Member)
	})
	if slices.ContainsFunc(p.Votes, func(v types.PauseVote) bool { return v.Member == msg.Member }) {
		return types.Pause{}, errorsmod.Wrap(types.ErrAlreadyVoted, msg.Member)
	}
	p.Votes = append(p.Votes, types.PauseVote{Member: msg.Member, Seconds: msg.Seconds, VotedAt: now, Reason: msg.Reason})
	if err := emit(ctx, &types.EventPauseVoted{TypeUrl: p.TypeUrl, Member: msg.Member, Seconds: msg.Seconds, Reason: msg.Reason}); err != nil {
		return types.Pause{}, err
	}
	if len(p.Votes) < types.PauseQuorum {
		return p, k.pauses.Set(ctx, p.TypeUrl, p)
	}
	shortest := slices.MinFunc(p.Votes, func(a, b types.PauseVote) int { return int(a.Seconds - b.Seconds) })
	return p, k.begin(ctx, &p, now+shortest.Seconds)
}

// begin pauses a message. The cooldown is the council's: a vote of everybody can pause again at any time.
func (k *Keeper) begin(ctx context.Context, p *types.Pause, until int64) error {
	p.Votes, p.PausedUntil, p.CooldownUntil = nil, until, until+types.CooldownSeconds
	if err := k.pauses.Set(ctx, p.TypeUrl, *p); err != nil {
		return err
	}
	return emit(ctx, &types.EventPaused{TypeUrl: p.TypeUrl, Until: until})
}

// Resume ends a pause before its time; one member is enough, since a pause is the exception. The cooldown stays.
// Emits EventResumed. Errors: ErrNotCouncil, ErrNotPaused.
func (k *Keeper) Resume(ctx context.Context, signer, typeURL string) error {
	council, err := k.Council(ctx)
	if err != nil {
		return err
	}
	if !council.Has(signer) && signer != k.Authority() {
		return errorsmod.Wrap(types.ErrNotCouncil, signer)
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	p, err := k.pauseOf(ctx, typeURL)
	if err != nil {
		return err
	}
	if now >= p.PausedUntil {
		return errorsmod.Wrap(types.ErrNotPaused, typeURL)
	}
	p.PausedUntil = now
	if err := k.pauses.Set(ctx, typeURL, p); err != nil {
		return err
	}
	return emit(ctx, &types.EventResumed{TypeUrl: typeURL, Signer: signer})
}

// IsAllowed reports whether a message may run; baseapp asks it of every message, nested ones too. It costs no gas, so that what a
// message costs does not depend on whether it can be paused. Errors: ErrPaused.
func (k *Keeper) IsAllowed(ctx context.Context, typeURL string) (bool, error) {
	if !types.Pausable(typeURL) {
		return true, nil
	}
	free := sdk.UnwrapSDKContext(ctx).WithGasMeter(storetypes.NewInfiniteGasMeter())
	p, err := k.pauses.Get(free, typeURL)
	if errors.Is(err, collections.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	now, err := k.clock.Now(free)
	if err != nil {
		return false, err
	}
	if now < p.PausedUntil {
		return false, errorsmod.Wrapf(types.ErrPaused, "%s until %d, now %d", typeURL, p.PausedUntil, now)
	}
	return true, nil
}
