package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

type (
	// passMember is number of the pass, creator id.
	passMember = collections.Pair[uint64, []byte]
	// joinedPass is creator id, number of the pass.
	joinedPass = collections.Pair[[]byte, uint64]
	// viewerPass is viewer, number of the pass.
	viewerPass = collections.Pair[[]byte, uint64]
	// passUse is viewer, number of the pass, digest of the root.
	passUse = collections.Triple[[]byte, uint64, []byte]
	// passDue is when the end of a block deals with it, subscription.
	passDue = collections.Pair[int64, viewerPass]
)

// passState is the part of the store that passes have.
type passState struct {
	passes    collections.Map[uint64, types.Pass]
	members   collections.Map[passMember, types.PassMember]
	joined    collections.KeySet[joinedPass] // of creators that are in now
	passSubs  collections.Map[viewerPass, types.PassSubscription]
	passUses  collections.Map[passUse, types.PassUse] // of first periods
	passQueue collections.KeySet[passDue]
}

func newPassState(sb *collections.SchemaBuilder, cdc codec.BinaryCodec) passState {
	viewed := collections.PairKeyCodec(collections.BytesKey, collections.Uint64Key)
	return passState{
		passes: collections.NewMap(sb, types.PassesKey, "passes", collections.Uint64Key, codec.CollValue[types.Pass](cdc)),
		members: collections.NewMap(sb, types.PassMembersKey, "pass_members",
			collections.PairKeyCodec(collections.Uint64Key, collections.BytesKey), codec.CollValue[types.PassMember](cdc)),
		joined:   collections.NewKeySet(sb, types.PassJoinedKey, "pass_joined", viewed),
		passSubs: collections.NewMap(sb, types.PassSubscriptionsKey, "pass_subscriptions", viewed, codec.CollValue[types.PassSubscription](cdc)),
		passUses: collections.NewMap(sb, types.PassUsesKey, "pass_uses",
			collections.TripleKeyCodec(collections.BytesKey, collections.Uint64Key, collections.BytesKey), codec.CollValue[types.PassUse](cdc)),
		passQueue: collections.NewKeySet(sb, types.PassQueueKey, "pass_queue", collections.PairKeyCodec(collections.Int64Key, viewed)),
	}
}

// CreatePass makes a pass of curator and lists creators, who are in it once they accept. That of the governance account is a
// platform pass. Emits EventPassCreated. Errors: ErrInvalidTitle, ErrInvalidPassPrice, ErrInvalidPrice, ErrWrongDenom, ErrInvalidPeriod,
// content's for creators.
func (k *Keeper) CreatePass(ctx context.Context, curator sdk.AccAddress, msg *types.MsgCreatePass) (types.Pass, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Pass{}, err
	}
	if err := types.ValidatePeriod(msg.PeriodSeconds, params.MinPeriodSeconds); err != nil {
		return types.Pass{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Pass{}, err
	}
	last, err := k.lastPass(ctx)
	if err != nil {
		return types.Pass{}, err
	}
	pass := types.Pass{
		Id: types.PassID(last + 1), Curator: curator.String(), Title: msg.Title, Price: msg.Price, PeriodSeconds: msg.PeriodSeconds,
		Platform: curator.String() == k.authority, CreatedAt: now,
	}
	if err := pass.Validate(); err != nil {
		return types.Pass{}, err
	}
	if err := k.listCreators(ctx, last+1, &pass, msg.Creators); err != nil {
		return types.Pass{}, err
	}
	if err := k.passes.Set(ctx, last+1, pass); err != nil {
		return types.Pass{}, err
	}
	return pass, emit(ctx, &types.EventPassCreated{Pass: pass, Creators: msg.Creators})
}

// lastPass is the number of the newest pass. None is ever removed.
func (k *Keeper) lastPass(ctx context.Context) (uint64, error) {
	it, err := k.passes.Iterate(ctx, new(collections.Range[uint64]).Descending())
	if err != nil {
		return 0, err
	}
	defer it.Close()
	if !it.Valid() {
		return 0, nil
	}
	return it.Key()
}

// listCreators lists creators that the pass does not list yet.
func (k *Keeper) listCreators(ctx context.Context, number uint64, pass *types.Pass, creators []string) error {
	for _, id := range creators {
		creator, err := k.content.GetCreator(ctx, id)
		if err != nil {
			return err
		}
		key, err := contenttypes.ParseCreatorID(creator.Id)
		if err != nil {
			return err
		}
		listed, err := k.members.Has(ctx, collections.Join(number, []byte(key)))
		if err != nil {
			return err
		}
		if listed || pass.Creators >= types.MaxPassCreators {
			return errorsmod.Wrapf(types.ErrInvalidPassCreators, "%s: listed already, or one too many", id)
		}
		if err := k.members.Set(ctx, collections.Join(number, []byte(key)), types.PassMember{Creator: creator.Id}); err != nil {
			return err
		}
		pass.Creators++
	}
	return nil
}

// UpdatePass replaces title, price and closed, and whom the pass lists. It touches no period that is paid. Emits EventPassUpdated.
// Errors: ErrInvalidPassID, ErrPassNotFound, ErrNotCurator, ErrInvalidPassCreators, ErrNotListed, those of CreatePass.
func (k *Keeper) UpdatePass(ctx context.Context, curator sdk.AccAddress, msg *types.MsgUpdatePass) (types.Pass, error) {
	number, pass, err := k.pass(ctx, msg.Pass)
	if err != nil {
		return types.Pass{}, err
	}
	if pass.Curator != curator.String() {
		return types.Pass{}, errorsmod.Wrap(types.ErrNotCurator, msg.Pass)
	}
	pass.Title, pass.Price, pass.Closed = msg.Title, msg.Price, msg.Closed
	if err := pass.Validate(); err != nil {
		return types.Pass{}, err
	}
	for _, id := range msg.Remove {
		m, err := k.member(ctx, number, id)
		if err != nil {
			return types.Pass{}, err
		}
		if err := k.unlist(ctx, number, &pass, m); err != nil {
			return types.Pass{}, err
		}
	}
	if err := k.listCreators(ctx, number, &pass, msg.Add); err != nil {
		return types.Pass{}, err
	}
	if err := k.passes.Set(ctx, number, pass); err != nil {
		return types.Pass{}, err
	}
	return pass, emit(ctx, &types.EventPassUpdated{Pass: pass, Added: msg.Add, Removed: msg.Remove})
}

// unlist takes a creator out: one that never accepted without a trace, others as if they left.
func (k *Keeper) unlist(ctx context.Context, number uint64, pass *types.Pass, m types.PassMember) error {
	if m.In() {
		return k.leave(ctx, number, m)
	}
	if m.JoinedAt > 0 {
		return errorsmod.Wrapf(types.ErrNotJoined, "%s has left", m.Creator)
	}
	key, err := contenttypes.ParseCreatorID(m.Creator)
	if err != nil {
		return err
	}
	pass.Creators--
	return k.members.Remove(ctx, collections.Join(number, []byte(key)))
}

// JoinPass accepts for a creator; into a platform pass one that is verified needs no invitation. Emits EventPassJoined. Errors:
// ErrInvalidPassID, ErrPassNotFound, content's ErrNotController, ErrNotListed, ErrNotVerified, ErrAlreadyJoined, ErrTooManyJoined.
func (k *Keeper) JoinPass(ctx context.Context, controller sdk.AccAddress, passID, creator string) error {
	number, pass, err := k.pass(ctx, passID)
	if err != nil {
		return err
	}
	if _, err := k.content.RequireController(ctx, creator, controller); err != nil {
		return err
	}
	m, err := k.member(ctx, number, creator)
	invited := !errors.Is(err, types.ErrNotListed)
	if err != nil && (invited || !pass.Platform) {
		return err
	}
	if m.In() {
		return errorsmod.Wrap(types.ErrAlreadyJoined, passID)
	}
	fits, err := k.fitsPass(ctx, pass, creator)
	if err != nil {
		return err
	}
	if !fits {
		return errorsmod.Wrap(types.ErrNotVerified, creator)
	}
	if !invited {
		m.Creator, pass.Creators = creator, pass.Creators+1
		if err := k.passes.Set(ctx, number, pass); err != nil {
			return err
		}
	}
	in, err := k.joinedBy(ctx, creator)
	if err != nil {
		return err
	}
	if len(in) >= types.MaxJoinedPasses {
		return errorsmod.Wrap(types.ErrTooManyJoined, creator)
	}
	if m.JoinedAt, err = k.clock.Now(ctx); err != nil {
		return err
	}
	m.LeftAt = 0
	if err := k.setMember(ctx, number, m); err != nil {
		return err
	}
	return emit(ctx, &types.EventPassJoined{Pass: passID, Creator: creator})
}

// fitsPass says whether a pass covers a creator by what it is: a platform pass covers verified ones.
func (k *Keeper) fitsPass(ctx context.Context, pass types.Pass, creator string) (bool, error) {
	if !pass.Platform {
		return true, nil
	}
	level, err := k.content.Level(ctx, creator)
	return level >= types.MinPlatformLevel, err
}

// LeavePass takes a creator out of a pass: periods that have begun cover it to their end. Emits EventPassLeft. Errors: ErrInvalidPassID,
// ErrPassNotFound, content's ErrNotController, ErrNotListed, ErrNotJoined.
func (k *Keeper) LeavePass(ctx context.Context, controller sdk.AccAddress, passID, creator string) error {
	number, _, err := k.pass(ctx, passID)
	if err != nil {
		return err
	}
	if _, err := k.content.RequireController(ctx, creator, controller); err != nil {
		return err
	}
	m, err := k.member(ctx, number, creator)
	if err != nil {
		return err
	}
	if !m.In() {
		return errorsmod.Wrap(types.ErrNotJoined, passID)
	}
	if err := k.leave(ctx, number, m); err != nil {
		return err
	}
	return emit(ctx, &types.EventPassLeft{Pass: passID, Creator: creator})
}

func (k *Keeper) leave(ctx context.Context, number uint64, m types.PassMember) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	m.LeftAt = now
	return k.setMember(ctx, number, m)
}

// setMember writes a member and its place in the index.
func (k *Keeper) setMember(ctx context.Context, number uint64, m types.PassMember) error {
	key, err := contenttypes.ParseCreatorID(m.Creator)
	if err != nil {
		return err
	}
	if err := k.members.Set(ctx, collections.Join(number, []byte(key)), m); err != nil {
		return err
	}
	if m.In() {
		return k.joined.Set(ctx, collections.Join([]byte(key), number))
	}
	return k.joined.Remove(ctx, collections.Join([]byte(key), number))
}

// member is a creator that a pass lists. Errors: content's ErrInvalidCreatorID, ErrNotListed.
func (k *Keeper) member(ctx context.Context, number uint64, creator string) (types.PassMember, error) {
	key, err := contenttypes.ParseCreatorID(creator)
	if err != nil {
		return types.PassMember{}, err
	}
	m, err := k.members.Get(ctx, collections.Join(number, []byte(key)))
	if errors.Is(err, collections.ErrNotFound) {
		err = errorsmod.Wrap(types.ErrNotListed, creator)
	}
	return m, err
}

// joinedBy are the numbers of the passes that a creator is in.
func (k *Keeper) joinedBy(ctx context.Context, creator string) ([]uint64, error) {
	key, err := contenttypes.ParseCreatorID(creator)
	if err != nil {
		return nil, err
	}
	var in []uint64
	err = k.joined.Walk(ctx, collections.NewPrefixedPairRange[[]byte, uint64](key), func(row joinedPass) (bool, error) {
		in = append(in, row.K2())
		return false, nil
	})
	return in, err
}

// pass finds a pass. Errors: ErrInvalidPassID, ErrPassNotFound.
func (k *Keeper) pass(ctx context.Context, id string) (uint64, types.Pass, error) {
	number, err := types.ParsePassID(id)
	if err != nil {
		return 0, types.Pass{}, err
	}
	pass, err := k.passes.Get(ctx, number)
	if errors.Is(err, collections.ErrNotFound) {
		err = errorsmod.Wrap(types.ErrPassNotFound, id)
	}
	return number, pass, err
}
