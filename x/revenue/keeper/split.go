package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// splitInForce is the sheet that shares out subject's creator part: the work's own, else its
// creator's, else all to the creator.
func (k *Keeper) splitInForce(ctx context.Context, subject contenttypes.Subject) (types.Split, error) {
	for _, s := range [2]string{subject.Work, subject.Creator} {
		if s == "" {
			continue
		}
		// Has first: most subjects have no sheet, and a failed Get spells its key into an error
		if found, err := k.splits.Has(ctx, s); err != nil {
			return types.Split{}, err
		} else if found {
			return k.splits.Get(ctx, s)
		}
	}
	return types.DefaultSplit(subject.Creator), nil
}

// subjectKey is what a subject's own rows are keyed by.
func subjectKey(s contenttypes.Subject) string {
	if s.Work != "" {
		return s.Work
	}
	return s.Creator
}

// SetSplit proposes a sheet for a work or creator of the signer's, in place of any that waits.
// It takes effect at once unless somebody's share shrinks against the sheet in force, which for
// a work without one is its creator's. Proposing the sheet in force again withdraws a pending one.
// Emits EventSplitProposed, and EventSplitSet when it takes effect. Errors: those of content,
// ErrForeignCreator, ErrBlockedAddress.
func (k *Keeper) SetSplit(ctx context.Context, controller sdk.AccAddress, subject string, shares []types.Share) (types.PendingSplit, []string, error) {
	s, err := k.content.ResolveSubject(ctx, subject)
	if err != nil {
		return types.PendingSplit{}, nil, err
	}
	if _, err := k.content.RequireController(ctx, s.Creator, controller); err != nil {
		return types.PendingSplit{}, nil, err
	}
	if err := k.checkRecipients(s.Creator, shares); err != nil {
		return types.PendingSplit{}, nil, err
	}
	inForce, err := k.splitInForce(ctx, s)
	if err != nil {
		return types.PendingSplit{}, nil, err
	}
	version, err := k.nextVersion(ctx, subjectKey(s))
	if err != nil {
		return types.PendingSplit{}, nil, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.PendingSplit{}, nil, err
	}
	p := types.PendingSplit{
		Subject: subjectKey(s), Version: version, Shares: shares, Proposer: controller.String(), ProposedAt: now,
		BaseSubject: inForce.Subject, BaseVersion: inForce.Version,
	}
	missing := p.Missing(inForce, s.Creator)
	err = emit(ctx, &types.EventSplitProposed{Subject: p.Subject, Version: version, Shares: shares, Proposer: p.Proposer, Missing: missing})
	if err != nil {
		return types.PendingSplit{}, nil, err
	}
	return p, missing, k.advance(ctx, p, missing, now)
}

// checkRecipients refuses who could never be paid, here rather than when the money comes.
func (k *Keeper) checkRecipients(creator string, shares []types.Share) error {
	if err := types.ValidateShares(shares); err != nil {
		return err
	}
	for _, share := range shares {
		if types.IsCreatorID(share.Recipient) {
			if share.Recipient != creator {
				return errorsmod.Wrap(types.ErrForeignCreator, share.Recipient)
			}
			continue
		}
		addr, err := types.ParseAddress(share.Recipient)
		if err != nil {
			return err
		}
		if k.bank.BlockedAddr(addr) {
			return errorsmod.Wrap(types.ErrBlockedAddress, share.Recipient)
		}
	}
	return nil
}

// nextVersion numbers proposals of a subject; no number is given twice.
func (k *Keeper) nextVersion(ctx context.Context, subject string) (uint64, error) {
	own, err := k.splits.Get(ctx, subject)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return 0, err
	}
	waiting, err := k.pending.Get(ctx, subject)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return 0, err
	}
	return max(own.Version, waiting.Version) + 1, nil
}

// advance puts p in force where nobody's consent is missing, and otherwise keeps it waiting.
func (k *Keeper) advance(ctx context.Context, p types.PendingSplit, missing []string, now int64) error {
	if len(missing) > 0 {
		return k.pending.Set(ctx, p.Subject, p)
	}
	if err := k.pending.Remove(ctx, p.Subject); err != nil {
		return err
	}
	split := types.Split{Subject: p.Subject, Version: p.Version, Shares: p.Shares, EffectiveAt: now}
	if err := k.splits.Set(ctx, p.Subject, split); err != nil {
		return err
	}
	return emit(ctx, &types.EventSplitSet{Subject: p.Subject, Version: p.Version, Shares: p.Shares})
}

// AcceptSplit consents to the pending sheet of this version, which takes effect with the last
// consent. It returns who must still accept. Emits EventSplitAccepted, and EventSplitSet when
// it takes effect. Errors: those of content, ErrSplitNotPending, ErrSplitVersion,
// ErrSplitLapsed, ErrAlreadyAccepted, ErrConsentNotNeeded.
func (k *Keeper) AcceptSplit(ctx context.Context, recipient sdk.AccAddress, subject string, version uint64) ([]string, error) {
	s, err := k.content.ResolveSubject(ctx, subject)
	if err != nil {
		return nil, err
	}
	p, err := k.pending.Get(ctx, subjectKey(s))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, errorsmod.Wrap(types.ErrSplitNotPending, subjectKey(s))
	}
	if err != nil {
		return nil, err
	}
	if p.Version != version {
		return nil, errorsmod.Wrapf(types.ErrSplitVersion, "version %d is pending, not %d", p.Version, version)
	}
	inForce, err := k.splitInForce(ctx, s)
	if err != nil {
		return nil, err
	}
	if k.lapsed(ctx, p, inForce, s.Creator) {
		return nil, errorsmod.Wrap(types.ErrSplitLapsed, p.Subject)
	}
	if p, err = k.accept(p, inForce, s.Creator, recipient.String()); err != nil {
		return nil, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return nil, err
	}
	err = emit(ctx, &types.EventSplitAccepted{Subject: p.Subject, Version: version, Recipient: recipient.String()})
	if err != nil {
		return nil, err
	}
	missing := p.Missing(inForce, s.Creator)
	return missing, k.advance(ctx, p, missing, now)
}

// accept adds recipient's consent where p misses it.
func (k *Keeper) accept(p types.PendingSplit, inForce types.Split, creator, recipient string) (types.PendingSplit, error) {
	for _, r := range p.Accepted {
		if r == recipient {
			return p, errorsmod.Wrap(types.ErrAlreadyAccepted, recipient)
		}
	}
	for _, r := range p.Missing(inForce, creator) {
		if r == recipient {
			p.Accepted = append(p.Accepted, recipient)
			return p, nil
		}
	}
	return p, errorsmod.Wrap(types.ErrConsentNotNeeded, recipient)
}

// lapsed reports whether p can no longer take effect: consent was given against another sheet,
// or for a controller who no longer speaks for the creator.
func (k *Keeper) lapsed(ctx context.Context, p types.PendingSplit, inForce types.Split, creator string) bool {
	proposer, err := types.ParseAddress(p.Proposer)
	if err != nil || !p.BasedOn(inForce) {
		return true
	}
	_, err = k.content.RequireController(ctx, creator, proposer)
	return err != nil
}
