package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// Distribute shares out a payment whose coins the caller has in custody, and is the only way
// that money reaches a creator. Ledgers change at once; the protocol's parts move at the end of
// the block. It does not ask for the denom again: what is in custody can always go on.
// Emits EventDistributed. Errors: ErrInvalidAmount, ErrInvalidPayment, ErrInvalidAddress,
// ErrInvalidRail, those of content.ResolveSubject, of storage.Endow and of storage.RecordLeft.
func (k *Keeper) Distribute(ctx context.Context, p types.Payment) (types.Distribution, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Distribution{}, err
	}
	return k.distribute(ctx, params, p)
}

func (k *Keeper) distribute(ctx context.Context, params types.Params, p types.Payment) (types.Distribution, error) {
	subject, err := k.content.ResolveSubject(ctx, p.Subject)
	if err != nil {
		return types.Distribution{}, err
	}
	d, err := k.cut(ctx, params, p, subject)
	if err != nil {
		return types.Distribution{}, err
	}
	return d, k.book(ctx, d, subject)
}

// cut computes a distribution and changes nothing.
func (k *Keeper) cut(ctx context.Context, params types.Params, p types.Payment, subject contenttypes.Subject) (types.Distribution, error) {
	if err := p.Validate(); err != nil {
		return types.Distribution{}, err
	}
	shares, err := params.Shares(p.Rail)
	if err != nil {
		return types.Distribution{}, err
	}
	// checked when it was written; checked again, because no row in any state may pay less
	if err := shares.Validate(); err != nil {
		return types.Distribution{}, err
	}
	d := shares.Cut(p, subject)
	sheet, err := k.splitInForce(ctx, subject)
	if err != nil {
		return types.Distribution{}, err
	}
	d.SplitVersion, d.Credits = sheet.Version, types.Divide(d.CreatorPart, sheet.Shares)
	return d, nil
}

// book writes a distribution to the ledgers.
func (k *Keeper) book(ctx context.Context, d types.Distribution, subject contenttypes.Subject) error {
	denom := d.Gross.Denom
	for _, c := range d.Credits {
		if err := k.credit(ctx, c.Recipient, denom, c.Amount); err != nil {
			return err
		}
	}
	if err := k.credit(ctx, d.Server, denom, d.ServerPart); err != nil {
		return err
	}
	if d.EndowmentPart.IsPositive() {
		if err := k.storage.Endow(ctx, subject.Work, d.EndowmentPart); err != nil {
			return err
		}
	}
	if err := k.recordLeft(ctx, d, subject); err != nil {
		return err
	}
	if err := k.addTotal(ctx, d.Creator, d); err != nil {
		return err
	}
	if subject.Work != "" {
		if err := k.addTotal(ctx, subject.Work, d); err != nil {
			return err
		}
	}
	if err := k.addAmounts(ctx, denom, partsOf(d)); err != nil {
		return err
	}
	event, err := d.TypedEvent()
	if err != nil {
		return err
	}
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(event)
	return nil
}

// recordLeft tells x/storage what a work's payment left to burn and treasury: no emission for
// keeping the work is ever more than half of it.
func (k *Keeper) recordLeft(ctx context.Context, d types.Distribution, subject contenttypes.Subject) error {
	left := d.BurnPart.Add(d.TreasuryPart)
	if subject.Work == "" || d.Gross.Denom != token.BaseDenom || !left.IsPositive() {
		return nil
	}
	return k.storage.RecordLeft(ctx, subject.Work, left)
}

// partsOf are the parts that move at the end of the block.
func partsOf(d types.Distribution) amounts {
	var a amounts
	a[types.PART_KIND_STAKERS] = d.StakersPart
	a[types.PART_KIND_TREASURY] = d.TreasuryPart
	a[types.PART_KIND_PARTICIPATION] = d.ParticipationPart
	a[types.PART_KIND_BURN] = d.BurnPart
	a[types.PART_KIND_ENDOWMENT] = d.EndowmentPart
	a[types.PART_KIND_STORAGE_POOL] = d.StoragePoolPart
	return a
}

// addTotal adds a payment to the lifetime total of its work or creator.
func (k *Keeper) addTotal(ctx context.Context, subject string, d types.Distribution) error {
	key := collections.Join(subject, d.Gross.Denom)
	old, err := k.totals.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		old = types.Earned{Gross: math.ZeroInt(), CreatorPart: math.ZeroInt()}
	} else if err != nil {
		return err
	}
	gross, err := old.Gross.SafeAdd(d.Gross.Amount)
	if err != nil {
		return err
	}
	return k.totals.Set(ctx, key, types.Earned{Gross: gross, CreatorPart: old.CreatorPart.Add(d.CreatorPart)})
}
