package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// Distribute shares out a payment whose coins the caller has in custody, and is the only way
// that money reaches a creator. Ledgers change at once; the protocol's parts move at the end of
// the block. It does not ask for the denom again: what is in custody can always go on. What
// must be in custody is what Quote says: the gross, less the discount.
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
	shares, err := params.Shares(p.Rail)
	if err != nil {
		return types.Distribution{}, err
	}
	d, err := k.cut(ctx, shares, p, subject, shares.Charged(p))
	if err != nil {
		return types.Distribution{}, err
	}
	return d, k.book(ctx, params, d, subject)
}

// Quote is what the payer of p pays: its gross less the discount. Whoever collects for a
// payment with a discount collects this. Errors: as Distribute for the payment's fields.
func (k *Keeper) Quote(ctx context.Context, p types.Payment) (sdk.Coin, error) {
	if err := p.Validate(); err != nil {
		return sdk.Coin{}, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return sdk.Coin{}, err
	}
	shares, err := params.Shares(p.Rail)
	if err != nil {
		return sdk.Coin{}, err
	}
	return sdk.Coin{Denom: p.Gross.Denom, Amount: shares.Charged(p)}, nil
}

// cut computes the distribution of a payment of which charged was paid, and changes nothing.
func (k *Keeper) cut(ctx context.Context, shares types.RailShares, p types.Payment, subject contenttypes.Subject, charged math.Int) (types.Distribution, error) {
	if err := p.Validate(); err != nil {
		return types.Distribution{}, err
	}
	// checked when it was written; checked again, because no row in any state may pay less
	if err := shares.Validate(); err != nil {
		return types.Distribution{}, err
	}
	held := false
	if subject.Work != "" {
		var err error
		if held, err = k.storage.HasKeySet(ctx, subject.Work); err != nil {
			return types.Distribution{}, err
		}
	}
	d := shares.CutCharged(p, subject, held, charged)
	if sum := d.Sum(); !sum.Equal(charged) {
		return types.Distribution{}, errorsmod.Wrapf(types.ErrInvariant, "the parts sum to %s of %s", sum, charged)
	}
	if err := k.share(ctx, &d, subject); err != nil {
		return types.Distribution{}, err
	}
	return d, nil
}

// share shares out the creator part: to parents first, and the rest by the sheet in force.
func (k *Keeper) share(ctx context.Context, d *types.Distribution, subject contenttypes.Subject) error {
	if err := k.shareParents(ctx, d, subject); err != nil {
		return err
	}
	sheet, err := k.splitInForce(ctx, subject)
	if err != nil {
		return err
	}
	d.SplitVersion = sheet.Version
	d.Credits = append(d.Credits, types.Divide(d.CreatorPart.Sub(d.ParentsPart), sheet.Shares)...)
	return nil
}

// book writes a distribution to the ledgers.
func (k *Keeper) book(ctx context.Context, params types.Params, d types.Distribution, subject contenttypes.Subject) error {
	denom := d.Gross.Denom
	for _, c := range d.Credits {
		if err := k.credit(ctx, c.Recipient, denom, c.Amount); err != nil {
			return err
		}
	}
	if err := k.credit(ctx, d.Server, denom, d.ServerPart); err != nil {
		return err
	}
	if err := k.credit(ctx, d.RoyaltyTo, denom, d.RoyaltyPart); err != nil {
		return err
	}
	if err := k.bookStorage(ctx, params, d, subject); err != nil {
		return err
	}
	if err := k.addTotals(ctx, d, subject); err != nil {
		return err
	}
	parts := partsOf(d)
	left, err := k.recordSpending(ctx, d)
	if err != nil {
		return err
	}
	parts[spentSlot] = left
	if err := k.addAmounts(ctx, denom, parts); err != nil {
		return err
	}
	event, err := d.TypedEvent()
	if err != nil {
		return err
	}
	sdk.UnwrapSDKContext(ctx).EventManager().EmitEvent(event)
	return nil
}

// bookStorage credits what keeps the work: its escrow, those who hold its keys, and what may be
// matched by emission.
func (k *Keeper) bookStorage(ctx context.Context, params types.Params, d types.Distribution, subject contenttypes.Subject) error {
	if d.EndowmentPart.IsPositive() {
		if err := k.storage.EndowCounted(ctx, subject.Work, d.EndowmentPart, d.Countable(params.RebateBps)); err != nil {
			return err
		}
	}
	if d.KeyHoldersPart.IsPositive() {
		if _, err := k.storage.PayHolders(ctx, subject.Work, d.KeyHoldersPart); err != nil {
			return err
		}
	}
	return k.recordLeft(ctx, d, subject)
}

// recordLeft tells x/storage what a work's payment left to burn and treasury: no emission for
// keeping the work is ever more than half of it.
func (k *Keeper) recordLeft(ctx context.Context, d types.Distribution, subject contenttypes.Subject) error {
	left := d.Left()
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
	// x/storage has credited both
	a[types.PART_KIND_ENDOWMENT] = d.EndowmentPart.Add(d.KeyHoldersPart)
	a[types.PART_KIND_STORAGE_POOL] = d.StoragePoolPart
	return a
}

// addTotals adds a payment to the lifetime totals of its work, its creator and the parents.
func (k *Keeper) addTotals(ctx context.Context, d types.Distribution, subject contenttypes.Subject) error {
	earned := types.Earned{Gross: d.Gross.Amount, CreatorPart: d.CreatorPart, Royalties: math.ZeroInt()}
	if err := k.addTotal(ctx, d.Creator, d.Gross.Denom, earned); err != nil {
		return err
	}
	if subject.Work == "" {
		return nil
	}
	if err := k.addTotal(ctx, subject.Work, d.Gross.Denom, earned); err != nil {
		return err
	}
	return k.addRoyalties(ctx, d, subject)
}

// addTotal adds to one lifetime total.
func (k *Keeper) addTotal(ctx context.Context, subject, denom string, earned types.Earned) error {
	key := collections.Join(subject, denom)
	old, err := k.totals.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return k.totals.Set(ctx, key, earned)
	}
	if err != nil {
		return err
	}
	if earned.Gross, err = old.Gross.SafeAdd(earned.Gross); err != nil {
		return err
	}
	if earned.Royalties, err = old.Royalties.SafeAdd(earned.Royalties); err != nil {
		return err
	}
	earned.CreatorPart = old.CreatorPart.Add(earned.CreatorPart)
	return k.totals.Set(ctx, key, earned)
}
