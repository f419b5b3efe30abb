package keeper

import (
	"context"
	"errors"
	"strconv"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/voucher"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/stream/types"
)

// Settle pays the ticks of sessions. Anyone may submit: a word is the viewer's consent, and the
// coins go where the session says. Each settlement succeeds or fails alone; out of gas fails
// all. Emits EventSessionSettled, or EventSettlementRefused, for each that pays or fails.
func (k *Keeper) Settle(ctx context.Context, submitter sdk.AccAddress, settlements []types.Settlement) ([]types.ItemResult, error) {
	hashes := uint32(types.MaxHashes)
	results := make([]types.ItemResult, 0, len(settlements))
	for i, s := range settlements {
		var paid uint64
		err := k.alone(ctx, func(ctx sdk.Context) (err error) {
			paid, err = k.settle(ctx, submitter, s, &hashes)
			return err
		})
		results = append(results, types.ResultOf(paid, err))
		if err == nil {
			continue
		}
		if err := emit(ctx, &types.EventSettlementRefused{
			Index: uint32(i), Owner: named(s.Session.EscrowOwner), Provider: named(s.Session.Provider),
			Generation: s.Session.Generation, Session: s.Session.Session,
			Codespace: results[i].Codespace, Code: results[i].Code, Log: types.Log(err),
		}); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// settle pays one session up to n and takes the hashes that it needs from the message's.
func (k *Keeper) settle(ctx sdk.Context, submitter sdk.AccAddress, s types.Settlement, hashes *uint32) (uint64, error) {
	at, lane, now, err := k.laneFor(ctx, s)
	if err != nil {
		return 0, err
	}
	signed, err := s.Session.Voucher()
	if err != nil {
		return 0, err
	}
	id := collections.Join(at.lane(lane.Generation), s.Session.Session)
	row, err := k.sessions.Get(ctx, id)
	first := errors.Is(err, collections.ErrNotFound)
	if err != nil && !first {
		return 0, err
	}
	if first {
		row = types.SessionRow{Word: s.Session.Root}
		if err := k.checkSession(ctx, lane, s.Session, signed); err != nil {
			return 0, err
		}
		lane.Sessions++
	}
	if err := checkWord(ctx, row, s, signed, hashes); err != nil || s.N == row.N {
		return 0, err
	}
	ticks := s.N - row.N
	amount, fits := voucher.Amount(ticks, s.Session.PricePerTick)
	if !fits || amount > lane.Remaining() {
		return 0, errorsmod.Wrapf(types.ErrOverCap, "%d ticks of %d, %d left", ticks, s.Session.PricePerTick, lane.Remaining())
	}
	if err := k.sessions.Set(ctx, id, types.SessionRow{N: s.N, Word: s.Word}); err != nil {
		return 0, err
	}
	if err := k.pay(ctx, at, lane, s.Session, amount, now); err != nil {
		return 0, err
	}
	ctx.EventManager().EmitEvent(types.EventSessionSettled{
		Owner: lane.Owner, Provider: lane.Provider, Generation: lane.Generation, Session: s.Session.Session, Work: s.Session.Work,
		N: s.N, Ticks: ticks, Paid: lane.Coin(amount), Spent: lane.Spent + amount, Submitter: submitter.String(),
	}.TypedEvent())
	return amount, nil
}

// laneFor finds the lane, open or closing, that a well-formed settlement is for.
func (k *Keeper) laneFor(ctx sdk.Context, s types.Settlement) (at place, lane types.Lane, now int64, err error) {
	if err := s.Validate(); err != nil {
		return at, lane, 0, err
	}
	if s.Session.ChainId != ctx.ChainID() {
		return at, lane, 0, errorsmod.Wrapf(types.ErrChainID, "%q", s.Session.ChainId)
	}
	if at, err = placeOf(s.Session.EscrowOwner, s.Session.Denom, s.Session.Provider); err != nil {
		return at, lane, 0, err
	}
	if lane, err = k.laneOf(ctx, at, s.Session.Generation); err != nil {
		return at, lane, 0, err
	}
	if now, err = k.clock.Now(ctx); err != nil {
		return at, lane, 0, err
	}
	return at, lane, now, lane.Accepts(s.Session, now)
}

// checkSession checks what is checked once, when a session is settled first. Later words need
// no signature: under a salt that binds all terms, only the viewer knows what hashes to the
// last settled word. So a ruling stops new sessions, never what began before it.
func (k *Keeper) checkSession(ctx sdk.Context, lane types.Lane, s types.Session, signed voucher.Session) error {
	if lane.Sessions >= types.MaxSessions {
		return types.ErrTooManySessions
	}
	root, err := k.content.RootWork(ctx, s.Work)
	if err != nil {
		return err
	}
	if root.Cid != s.Work {
		return errorsmod.Wrapf(types.ErrWorkNotRoot, "name %s", root.Cid)
	}
	if root.Status == contenttypes.WORK_STATUS_RESTRICTED {
		return errorsmod.Wrapf(types.ErrWorkRestricted, "%s", root.Cid)
	}
	ctx.GasMeter().ConsumeGas(types.SignatureGas, "session signature")
	if !signed.Verify(s.Pubkey, s.Signature) {
		return types.ErrInvalidSignature
	}
	return nil
}

// checkWord checks that the settlement's word leads to the last settled one in just as many
// steps as it claims ticks. Gas and the message's hashes are taken before the hashing.
func checkWord(ctx sdk.Context, row types.SessionRow, s types.Settlement, signed voucher.Session, hashes *uint32) error {
	if s.N < row.N {
		return errorsmod.Wrapf(types.ErrStale, "%d, settled %d", s.N, row.N)
	}
	gap := s.N - row.N
	if gap > *hashes {
		return errorsmod.Wrapf(types.ErrTooManyHashes, "%d, %d left", gap, *hashes)
	}
	*hashes -= gap
	ctx.GasMeter().ConsumeGas(types.HashGas*uint64(gap), "session words")
	salt := signed.Salt()
	if !voucher.Check(&salt, voucher.Word(row.Word), voucher.Word(s.Word), gap) {
		return errorsmod.Wrapf(types.ErrWrongWord, "session %d, n %d", s.Session.Session, s.N)
	}
	return nil
}

// pay moves amount from the lane's escrow to those who earn it. The cap counts the price; what
// a discount leaves of it stays in the escrow, free.
func (k *Keeper) pay(ctx context.Context, at place, lane types.Lane, s types.Session, amount uint64, now int64) error {
	d, err := k.revenue.Distribute(ctx, revenuetypes.Payment{
		Rail: revenuetypes.RAIL_METERED, Subject: s.Work, Payer: lane.Owner, Gross: lane.Coin(amount), Server: lane.Provider,
		Reference:   strconv.FormatUint(lane.Generation, 10) + "/" + strconv.FormatUint(s.Session, 10),
		DiscountBps: lane.DiscountBps,
	})
	if err != nil {
		return err
	}
	if err := k.unreserve(ctx, at, lane, amount, d.Charged().Uint64(), now); err != nil {
		return err
	}
	lane.Spent += amount
	return k.storeLane(ctx, at, lane)
}
