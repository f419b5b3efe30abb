package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// BoughtByTemplate is a purchase by a template as its message answers it.
type BoughtByTemplate struct {
	types.TemplatePurchase
	// Paid is the price less the buyer's discount.
	Paid sdk.Coin
}

// PurchaseByTemplate sells recipient what the item's template offer sells now, at the price that it asks now; buyer pays. The
// payment waits, whole, in x/revenue until its refund window ends, and its author's royalty is in it. Emits EventTemplatePurchased.
// Errors: ErrNotForSale, ErrWorkNotActive, ErrTermsChanged, ErrNotSoldNow, ErrPriceAboveMax, ErrInvalidReferrer, ErrTooManyRefundable, content's for
// the id, the bank's for the coins.
func (k *Keeper) PurchaseByTemplate(ctx context.Context, buyer, recipient sdk.AccAddress, msg *types.MsgPurchaseByTemplate) (BoughtByTemplate, error) {
	q, m, err := k.onSaleByTemplate(ctx, recipient, msg.Work, msg.OffersVersion)
	if err != nil {
		return BoughtByTemplate{}, err
	}
	if msg.Pay != nil {
		q.offered = msg.Pay.Amount.Int64()
	}
	if q.standing, err = q.standing.Settle(k.refundable(ctx, q.now)); err != nil {
		return BoughtByTemplate{}, err
	}
	// who bought keeps the terms that he bought under: nobody else changes them, or blocks his refund, by a gift
	if q.standing.Terms != nil && !buyer.Equals(recipient) && q.standing.Terms.String() != m.terms.String() {
		return BoughtByTemplate{}, errorsmod.Wrapf(types.ErrNotSoldNow, "%s has bought it under other terms", recipient)
	}
	before := q.standing.Sum()
	if err := k.refer(ctx, &q, buyer, msg.Referrer); err != nil {
		return BoughtByTemplate{}, err
	}
	price, access, err := k.askPrice(ctx, m, q)
	if err != nil {
		return BoughtByTemplate{}, err
	}
	if err := requireAllowed(price, msg.MaxPrice); err != nil {
		return BoughtByTemplate{}, err
	}
	bought := BoughtByTemplate{Paid: price, TemplatePurchase: types.TemplatePurchase{
		At: q.now, Price: price.Amount.Uint64(), Begins: !access || before.RunPurchases == 0,
	}}
	if err := k.payByTemplate(ctx, m, q, buyer, price, &bought); err != nil {
		return BoughtByTemplate{}, err
	}
	if q.standing, err = q.standing.Add(bought.TemplatePurchase); err != nil {
		return BoughtByTemplate{}, err
	}
	q.standing.Terms, q.standing.CollectionVersion = &m.terms, q.item.set.Version
	q.totals.Count(bought.Price, before.Purchases == 0)
	if err := k.setStanding(ctx, q); err != nil {
		return BoughtByTemplate{}, err
	}
	return bought, emit(ctx, &types.EventTemplatePurchased{
		Buyer: buyer.String(), Viewer: recipient.String(), Work: q.item.id, Creator: q.item.creator, Template: m.Id, Price: price,
		Paid: bought.Paid, HoldId: bought.HoldId, ReleaseAt: bought.ReleaseAt, Referrer: msg.Referrer,
	})
}

// onSaleByTemplate finds what is sold by a template, and its model. The price that a buyer allows bounds no terms: a creator who changed them
// in the same block would sell an hour for what the buyer thought to be years.
func (k *Keeper) onSaleByTemplate(ctx context.Context, viewer sdk.AccAddress, id string, version uint64) (question, model, error) {
	i, err := k.item(ctx, id)
	if err != nil {
		return question{}, model{}, err
	}
	if err := i.requireOnSale(); err != nil {
		return question{}, model{}, err
	}
	list, err := k.offersOf(ctx, i.id, i.key)
	if err != nil {
		return question{}, model{}, err
	}
	offer, sold := list.Find(types.OFFER_KIND_TEMPLATE)
	if !sold {
		return question{}, model{}, errorsmod.Wrap(types.ErrNotForSale, i.id)
	}
	if list.Version != version {
		return question{}, model{}, errorsmod.Wrapf(types.ErrTermsChanged, "%s: version %d, not %d", i.id, list.Version, version)
	}
	m, err := k.model(ctx, offer.GetTemplate().Terms)
	if err != nil {
		return question{}, model{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return question{}, model{}, err
	}
	q, err := k.ask(ctx, i, i.root, viewer, now)
	return q, m, err
}

// askPrice is what the template asks now, and whether the viewer has access before it is paid. Errors: ErrNotSoldNow.
func (k *Keeper) askPrice(ctx context.Context, m model, q question) (sdk.Coin, bool, error) {
	cost := m.program.Cost()
	chargeUnits(ctx, cost.Price+cost.Access)
	facts, err := k.facts(ctx, m.program, q)
	if err != nil {
		return sdk.Coin{}, false, err
	}
	price, err := m.Bound.Price(facts)
	if err != nil {
		return sdk.Coin{}, false, errorsmod.Wrapf(types.ErrNotSoldNow, "%s: %s", m.Id, err)
	}
	// an error denies: then a new run begins
	access, _ := m.Bound.Access(facts)
	return token.Coin(price), access, nil
}

// refer sets who brought a viewer who buys for the first time. Errors: ErrInvalidReferrer.
func (k *Keeper) refer(ctx context.Context, q *question, buyer sdk.AccAddress, referrer string) error {
	if referrer == "" {
		return nil
	}
	// neither oneself nor the account that pays: those would bring themselves
	if q.standing.Sum().Purchases > 0 || referrer == q.viewer.String() || referrer == buyer.String() {
		return errorsmod.Wrap(types.ErrInvalidReferrer, referrer)
	}
	by, err := k.referrer(ctx, *q, referrer)
	if err != nil {
		return err
	}
	if by.Sum().Purchases == 0 {
		return errorsmod.Wrap(types.ErrInvalidReferrer, referrer)
	}
	by.Referrals++
	q.standing.Referrer = referrer
	return k.standings.Set(ctx, standingKey(by, q.item), by)
}

// referrer is the standing of the one who brought a viewer.
func (k *Keeper) referrer(ctx context.Context, q question, address string) (types.TemplateStanding, error) {
	addr, err := types.ParseAddress(address)
	if err != nil {
		return types.TemplateStanding{}, errorsmod.Wrap(types.ErrInvalidReferrer, err.Error())
	}
	return k.standingOf(ctx, addr, q.item)
}

// payByTemplate takes the price, with the author's royalty in it, and leaves it to its refund window. Nothing is paid for nothing.
func (k *Keeper) payByTemplate(ctx context.Context, m model, q question, buyer sdk.AccAddress, price sdk.Coin, bought *BoughtByTemplate) error {
	if price.IsZero() {
		return nil
	}
	p := paymentFor(m, q, buyer.String(), price)
	var err error
	if p.DiscountBps, err = k.discountOf(ctx, buyer); err != nil {
		return err
	}
	if bought.Paid, err = k.revenue.Quote(ctx, p); err != nil {
		return err
	}
	if err := k.revenue.Collect(ctx, buyer, bought.Paid); err != nil {
		return err
	}
	holdID, releaseAt, err := k.revenue.Hold(ctx, p)
	if holdID != "" {
		bought.HoldId, bought.ReleaseAt = holdID, releaseAt
	}
	return err
}

// paymentFor is the payment of a price, with the author's royalty in it.
func paymentFor(m model, q question, payer string, price sdk.Coin) revenuetypes.Payment {
	p := revenuetypes.Payment{Rail: revenuetypes.RAIL_PURCHASE, Subject: q.item.subject(), Payer: payer, Gross: price}
	if q.viewer != nil {
		p.Reference = types.Reference(q.viewer.String(), q.item.id)
	}
	if m.RoyaltyBps > 0 {
		p.RoyaltyTo, p.RoyaltyBps = m.Author, m.RoyaltyBps
	}
	return p
}

// discountOf is what the tier of an account takes off.
func (k *Keeper) discountOf(ctx context.Context, addr sdk.AccAddress) (uint32, error) {
	tier, err := k.stream.TierOf(ctx, addr)
	return tier.DiscountBps(), err
}

// refundable says whether a purchase can still be refunded.
func (k *Keeper) refundable(ctx context.Context, now int64) func(types.TemplatePurchase) (bool, error) {
	return func(p types.TemplatePurchase) (bool, error) {
		if p.HoldId == "" || now < p.ReleaseAt {
			return p.HoldId != "", nil
		}
		// the window has ended, but a dispute or a full queue can keep the payment
		_, err := k.revenue.GetHold(ctx, p.HoldId)
		if errors.Is(err, revenuetypes.ErrHoldNotFound) {
			return false, nil
		}
		return err == nil, err
	}
}

func standingKey(s types.TemplateStanding, i item) viewerItem {
	// a standing's viewer is an address: it was read from one
	addr, _ := types.ParseAddress(s.Viewer)
	return collections.Join([]byte(addr), i.key)
}

// setStanding writes a standing and the totals; one that says nothing any more goes.
func (k *Keeper) setStanding(ctx context.Context, q question) error {
	if err := k.totals.Set(ctx, q.item.key, q.totals); err != nil {
		return err
	}
	key := standingKey(q.standing, q.item)
	if q.standing.Terms == nil && q.standing.Referrals == 0 {
		return k.standings.Remove(ctx, key)
	}
	return k.standings.Set(ctx, key, q.standing)
}
