package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// shareParents gives each parent its part of the creator part, rounded down, and shares that out
// by the parent's own sheet. It goes one step only: what a parent gets as a parent is not shared
// with its own parents, so that a payment has a bounded number of recipients. Parents are paid
// whether they consent or not; consent says that the work may be derived, not who is paid.
func (k *Keeper) shareParents(ctx context.Context, d *types.Distribution, subject contenttypes.Subject) error {
	for _, p := range subject.Parents {
		part := d.CreatorPart.MulRaw(int64(p.Bps)).QuoRaw(types.Bps)
		if !part.IsPositive() {
			continue
		}
		parent, err := k.content.ResolveSubject(ctx, p.Work)
		if err != nil {
			return err
		}
		sheet, err := k.splitInForce(ctx, parent)
		if err != nil {
			return err
		}
		for _, c := range types.Divide(part, sheet.Shares) {
			c.Parent = parent.Work
			d.Credits = append(d.Credits, c)
		}
		d.ParentsPart = d.ParentsPart.Add(part)
	}
	return nil
}

// addRoyalties adds what parents got to their totals and their creators'.
func (k *Keeper) addRoyalties(ctx context.Context, d types.Distribution, subject contenttypes.Subject) error {
	for _, p := range subject.Parents {
		part := d.CreatorPart.MulRaw(int64(p.Bps)).QuoRaw(types.Bps)
		if !part.IsPositive() {
			continue
		}
		parent, err := k.content.ResolveSubject(ctx, p.Work)
		if err != nil {
			return err
		}
		earned := types.Earned{Gross: math.ZeroInt(), CreatorPart: math.ZeroInt(), Royalties: part}
		for _, who := range [2]string{parent.Creator, parent.Work} {
			if err := k.addTotal(ctx, who, d.Gross.Denom, earned); err != nil {
				return err
			}
		}
	}
	return nil
}

// SetDerivationTerms says what works that derive from one of the signer's must give. It binds
// works that are published from now on. Emits EventDerivationTermsSet. Errors: ErrNotWork,
// ErrInvalidTerms, those of content.
func (k *Keeper) SetDerivationTerms(ctx context.Context, controller sdk.AccAddress, work string, open bool, minBps uint32) error {
	if minBps > types.MaxParentBps {
		return errorsmod.Wrapf(types.ErrInvalidTerms, "%d", minBps)
	}
	subject, err := k.workOf(ctx, work)
	if err != nil {
		return err
	}
	if _, err := k.content.RequireController(ctx, subject.Creator, controller); err != nil {
		return err
	}
	terms := types.DerivationTerms{Work: subject.Work, Open: open, MinBps: minBps}
	if err := k.terms.Set(ctx, subject.Work, terms); err != nil {
		return err
	}
	return emit(ctx, &types.EventDerivationTermsSet{Work: subject.Work, Open: open, MinBps: minBps})
}

// AcceptDerivation consents to one work that derives from one of the signer's, for good. Emits
// EventDerivationAccepted. Errors: ErrNotWork, ErrNotParent, ErrAlreadyGranted, those of content.
func (k *Keeper) AcceptDerivation(ctx context.Context, controller sdk.AccAddress, work, parent string) error {
	child, err := k.workOf(ctx, work)
	if err != nil {
		return err
	}
	from, err := k.workOf(ctx, parent)
	if err != nil {
		return err
	}
	if _, err := k.content.RequireController(ctx, from.Creator, controller); err != nil {
		return err
	}
	for _, p := range child.Parents {
		if p.Work != from.Work {
			continue
		}
		granted, err := k.acceptances.Has(ctx, collections.Join(child.Work, p.Work))
		if err != nil {
			return err
		}
		if granted {
			return errorsmod.Wrap(types.ErrAlreadyGranted, child.Work)
		}
		return k.grant(ctx, child.Work, p)
	}
	return errorsmod.Wrapf(types.ErrNotParent, "%s of %s", from.Work, child.Work)
}

// grant records the consent of a parent's creator.
func (k *Keeper) grant(ctx context.Context, work string, p contenttypes.Parent) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.acceptances.Set(ctx, collections.Join(work, p.Work), now); err != nil {
		return err
	}
	return emit(ctx, &types.EventDerivationAccepted{Work: work, Parent: p.Work, Bps: p.Bps})
}

// workOf resolves a subject that must be a work. Errors: ErrNotWork, those of content.
func (k *Keeper) workOf(ctx context.Context, work string) (contenttypes.Subject, error) {
	subject, err := k.content.ResolveSubject(ctx, work)
	if err == nil && subject.Work == "" {
		err = errorsmod.Wrap(types.ErrNotWork, work)
	}
	return subject, err
}

// termsOf are what works that derive from a root must give; closed where nothing was said.
func (k *Keeper) termsOf(ctx context.Context, root string) (types.DerivationTerms, error) {
	terms, err := k.terms.Get(ctx, root)
	if errors.Is(err, collections.ErrNotFound) {
		return types.DerivationTerms{Work: root}, nil
	}
	return terms, err
}

var _ contenttypes.ContentHooks = Hooks{}

// Hooks listens to x/content.
type Hooks struct{ k *Keeper }

// Hooks returns what the app joins to x/content.
func (k *Keeper) Hooks() Hooks { return Hooks{k} }

// AfterWorkPublished records the consent that the terms of parents give to the new work: terms
// that change later take nothing back.
func (h Hooks) AfterWorkPublished(ctx context.Context, work contenttypes.Work) error {
	for _, p := range work.Parents {
		terms, err := h.k.termsOf(ctx, p.Work)
		if err != nil {
			return err
		}
		if !terms.Open || p.Bps < terms.MinBps {
			continue
		}
		if err := h.k.grant(ctx, work.Cid, p); err != nil {
			return err
		}
	}
	return nil
}

// AfterWorkRetired changes nothing: what was paid for can still be paid.
func (Hooks) AfterWorkRetired(context.Context, contenttypes.Work) error { return nil }
