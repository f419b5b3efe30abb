package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/voucher"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/stream/types"
)

type (
	// useKey is viewer, salt of the session.
	useKey = collections.Pair[[]byte, []byte]
	// useDue is removes_at, viewer, salt.
	useDue = collections.Triple[int64, []byte, []byte]
)

// useState is what the chain keeps of sessions of price zero.
type useState struct {
	rows   collections.Map[useKey, types.UseRow]
	queue  collections.KeySet[useDue]
	clocks collections.Map[[]byte, int64]         // viewer -> how far its proved time reaches
	works  collections.Map[useKey, types.WorkUse] // viewer, digest of the root
}

func newUseState(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) useState {
	pair := collections.PairKeyCodec(collections.BytesKey, collections.BytesKey)
	return useState{
		rows: collections.NewMap(sb, types.UsesKey, "uses", pair, codec.CollValue[types.UseRow](cdc)),
		queue: collections.NewKeySet(sb, types.UseQueueKey, "use_queue",
			collections.TripleKeyCodec(collections.Int64Key, collections.BytesKey, collections.BytesKey)),
		clocks: collections.NewMap(sb, types.ViewerClocksKey, "viewer_clocks", collections.BytesKey, collections.Int64Value),
		works:  collections.NewMap(sb, types.WorkUsesKey, "work_uses", pair, codec.CollValue[types.WorkUse](cdc)),
	}
}

// SetHooks sets who is told of proved use. It panics when called twice.
func (k *Keeper) SetHooks(h types.UseHooks) {
	if k.hooks != nil {
		panic("stream: hooks are set already")
	}
	k.hooks = h
}

// ReportUse proves what viewers watched at the agent's provider in sessions of price zero. Each
// item succeeds or fails alone; out of gas fails all. Emits EventUseProved, or EventUseRefused,
// for each that proves something or fails. Errors: ErrNotProvider.
func (k *Keeper) ReportUse(ctx context.Context, agent sdk.AccAddress, items []types.Settlement) ([]types.UseResult, error) {
	operator, err := k.storage.OperatorOf(ctx, agent)
	if err != nil {
		return nil, errorsmod.Wrapf(types.ErrNotProvider, "%s: %s", agent, err)
	}
	hashes := uint32(types.MaxHashes)
	results := make([]types.UseResult, 0, len(items))
	for i, s := range items {
		seconds, paid := uint64(0), math.ZeroInt()
		err := k.alone(ctx, func(ctx sdk.Context) (err error) {
			seconds, paid, err = k.reportUse(ctx, agent, operator, s, &hashes)
			return err
		})
		results = append(results, types.UseResultOf(seconds, paid, err))
		if err == nil {
			continue
		}
		if err := emit(ctx, &types.EventUseRefused{
			Index: uint32(i), Viewer: named(s.Session.EscrowOwner), Provider: operator, Session: s.Session.Session,
			Codespace: results[i].Codespace, Code: results[i].Code, Log: types.Log(err),
		}); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// reportUse proves one session up to n, and returns the seconds that are new and what they earned.
func (k *Keeper) reportUse(ctx sdk.Context, agent sdk.AccAddress, operator string, s types.Settlement, hashes *uint32) (uint64, math.Int, error) {
	none := math.ZeroInt()
	viewer, now, err := k.mayReport(ctx, agent, operator, s)
	if err != nil {
		return 0, none, err
	}
	root, err := k.watched(ctx, s.Session)
	if err != nil {
		return 0, none, err
	}
	signed, err := s.Session.Voucher()
	if err != nil {
		return 0, none, err
	}
	salt := signed.Salt()
	id := collections.Join(viewer.Bytes(), salt[:])
	row, err := k.use.rows.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		row = types.UseRow{Word: s.Session.Root, Work: root.Cid, RemovesAt: s.Session.Expires + types.UseGraceSeconds + types.UseWindowSeconds}
		err = k.checkUseSession(ctx, viewer, s.Session, signed, now)
	}
	if err != nil {
		return 0, none, err
	}
	if err := checkWord(ctx, types.SessionRow{N: row.N, Word: row.Word}, s, signed, hashes); err != nil || s.N == row.N {
		return 0, none, err
	}
	ticks := s.N - row.N
	u := types.Use{
		Viewer: viewer, Work: root.Cid, Creator: root.Creator, Provider: operator, Session: s.Session.Session,
		Ticks: ticks, Seconds: uint64(ticks) * uint64(s.Session.TickSeconds), Subscription: s.Session.Subscription,
	}
	row.N, row.Word = s.N, s.Word
	paid, err := k.prove(ctx, u, id, row, root.DurationSeconds, now)
	if err != nil {
		return 0, none, err
	}
	return u.Seconds, paid, emit(ctx, &types.EventUseProved{
		Viewer: viewer.String(), Provider: operator, Session: u.Session, Work: u.Work, Subscription: u.Subscription,
		N: s.N, Seconds: u.Seconds, Paid: paid,
	})
}

// mayReport checks an item's fields, parties and times.
func (k *Keeper) mayReport(ctx sdk.Context, agent sdk.AccAddress, operator string, s types.Settlement) (sdk.AccAddress, int64, error) {
	if err := s.ValidateUse(); err != nil {
		return nil, 0, err
	}
	if s.Session.ChainId != ctx.ChainID() {
		return nil, 0, errorsmod.Wrapf(types.ErrChainID, "%q", s.Session.ChainId)
	}
	if s.Session.Provider != operator {
		return nil, 0, errorsmod.Wrapf(types.ErrWrongProvider, "%s", s.Session.Provider)
	}
	viewer, err := types.ParseAddress(s.Session.EscrowOwner)
	if err != nil {
		return nil, 0, err
	}
	if viewer.Equals(agent) || viewer.String() == operator {
		return nil, 0, errorsmod.Wrapf(types.ErrOwnUse, "%s", viewer)
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return nil, 0, err
	}
	if now > s.Session.Expires+types.UseGraceSeconds {
		return nil, 0, errorsmod.Wrapf(types.ErrUseLate, "it expired at %d, now is %d", s.Session.Expires, now)
	}
	if s.Session.Expires > now+types.MaxUseSeconds {
		return nil, 0, errorsmod.Wrapf(types.ErrInvalidSession, "expires more than %d seconds from now", types.MaxUseSeconds)
	}
	return viewer, now, nil
}

// watched is the work of a session, and whether so many ticks of it can be watched.
func (k *Keeper) watched(ctx context.Context, s types.Session) (contenttypes.Work, error) {
	root, err := k.content.RootWork(ctx, s.Work)
	if err != nil {
		return root, err
	}
	if root.Cid != s.Work {
		return root, errorsmod.Wrapf(types.ErrWorkNotRoot, "name %s", root.Cid)
	}
	if root.Status == contenttypes.WORK_STATUS_RESTRICTED {
		return root, errorsmod.Wrapf(types.ErrWorkRestricted, "%s", root.Cid)
	}
	most := types.MostUseTicks(root.DurationSeconds, s.TickSeconds)
	if most == 0 {
		return root, errorsmod.Wrapf(types.ErrNoDuration, "%s", root.Cid)
	}
	if uint64(s.MaxTicks) > most {
		return root, errorsmod.Wrapf(types.ErrInvalidSession, "max_ticks is %d, at most %d: twice the work", s.MaxTicks, most)
	}
	return root, nil
}

// checkUseSession checks what is checked once: that the key may speak for the viewer, and signed.
func (k *Keeper) checkUseSession(ctx sdk.Context, viewer sdk.AccAddress, s types.Session, signed voucher.Session, now int64) error {
	key, err := k.getKey(ctx, viewer, s.Pubkey)
	if err != nil {
		return err
	}
	if err := key.Usable(types.SESSION_KEY_SCOPE_ACCESS, now); err != nil {
		return err
	}
	ctx.GasMeter().ConsumeGas(types.SignatureGas, "session signature")
	if !signed.Verify(s.Pubkey, s.Signature) {
		return types.ErrInvalidSignature
	}
	return nil
}

// prove counts use against the viewer's time and the day's share of the work, keeps the row, and
// tells who decides what it is worth.
func (k *Keeper) prove(ctx sdk.Context, u types.Use, id useKey, row types.UseRow, duration uint64, now int64) (math.Int, error) {
	if err := k.passTime(ctx, u, now); err != nil {
		return math.Int{}, err
	}
	if err := k.countWork(ctx, u, duration, now); err != nil {
		return math.Int{}, err
	}
	if err := k.putUse(ctx, id, row); err != nil {
		return math.Int{}, err
	}
	if k.hooks == nil {
		return math.ZeroInt(), nil
	}
	return k.hooks.AfterUse(ctx, u)
}

// passTime moves the viewer's clock by what was watched: it never passes real time, and begins
// where the viewer's first key was granted, so a new account has no time in store.
func (k *Keeper) passTime(ctx context.Context, u types.Use, now int64) error {
	reached, err := k.use.clocks.Get(ctx, u.Viewer)
	if errors.Is(err, collections.ErrNotFound) {
		reached, err = k.firstGrant(ctx, u.Viewer, now)
	}
	if err != nil {
		return err
	}
	moved, over := types.Reach(reached, now, u.Seconds)
	if over > 0 {
		return errorsmod.Wrapf(types.ErrUseTooFast, "by %d seconds", over)
	}
	return k.use.clocks.Set(ctx, u.Viewer, moved)
}

func (k *Keeper) firstGrant(ctx context.Context, viewer sdk.AccAddress, now int64) (int64, error) {
	keys, err := k.keysOf(ctx, viewer)
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		now = min(now, key.GrantedAt)
	}
	return now, nil
}

func (k *Keeper) countWork(ctx context.Context, u types.Use, duration uint64, now int64) error {
	digest, err := types.WorkDigest(u.Work)
	if err != nil {
		return err
	}
	at := collections.Join(u.Viewer.Bytes(), digest)
	count, err := k.use.works.Get(ctx, at)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	count = count.Add(now, u.Seconds)
	// a tick more: the last one of a work may be cut short
	if most := types.UsePerDay*duration + u.Seconds/uint64(u.Ticks); count.Seconds > most {
		return errorsmod.Wrapf(types.ErrUseTooMuch, "%d seconds, at most %d", count.Seconds, most)
	}
	return k.use.works.Set(ctx, at, count)
}

// putUse writes a row and its place in the queue, which it never leaves but by the sweep.
func (k *Keeper) putUse(ctx context.Context, id useKey, row types.UseRow) error {
	if err := k.use.rows.Set(ctx, id, row); err != nil {
		return err
	}
	return k.use.queue.Set(ctx, collections.Join3(row.RemovesAt, id.K1(), id.K2()))
}
