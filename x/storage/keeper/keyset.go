package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyshare"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// ActiveKeySet returns the set that answers for the keys of the work whose first version is root. Errors: ErrNoKeySet.
func (k *Keeper) ActiveKeySet(ctx context.Context, root string) (types.KeySet, error) {
	s, err := k.keySets.Get(ctx, root)
	if errors.Is(err, collections.ErrNotFound) {
		return types.KeySet{}, errorsmod.Wrap(types.ErrNoKeySet, root)
	}
	return s, err
}

// pendingKeySet returns the set that is being prepared. Errors: ErrNoKeySet.
func (k *Keeper) pendingKeySet(ctx context.Context, root string) (types.KeySet, error) {
	s, err := k.pendingSets.Get(ctx, root)
	if errors.Is(err, collections.ErrNotFound) {
		return types.KeySet{}, errorsmod.Wrapf(types.ErrNoKeySet, "%s: none is being prepared", root)
	}
	return s, err
}

// encryptedRoot returns the root of an encrypted work, and the id of its keys. Errors: content's ErrWorkNotFound, ErrNotEncrypted.
func (k *Keeper) encryptedRoot(ctx context.Context, work string) (contenttypes.Work, [32]byte, error) {
	root, err := k.content.RootWork(ctx, work)
	if err != nil {
		return contenttypes.Work{}, [32]byte{}, err
	}
	if root.Keys == nil {
		return contenttypes.Work{}, [32]byte{}, errorsmod.Wrap(types.ErrNotEncrypted, root.Cid)
	}
	return root, keyshare.KeyID([keyshare.PointLen]byte(root.Keys.C0)), nil
}

// DrawKeySet draws who shall hold the keys of an encrypted work, by the chain's newest randomness out of those who were willing before
// anybody knew it. The first set is for the controller to draw; a later one also for anybody, where a holder of the active one is gone.
// Emits EventKeySetDrawn. Errors: ErrNotEncrypted, ErrKeySetPending, ErrNoHolders, content's ErrNotController and ErrWorkNotFound.
func (k *Keeper) DrawKeySet(ctx context.Context, signer sdk.AccAddress, work string) (types.KeySet, error) {
	root, keyID, err := k.encryptedRoot(ctx, work)
	if err != nil {
		return types.KeySet{}, err
	}
	version, err := k.mayDraw(ctx, signer, root)
	if err != nil {
		return types.KeySet{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.KeySet{}, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.KeySet{}, err
	}
	var kept []types.KeyHolder
	var shunned []string
	failed, err := k.pendingKeySet(ctx, root.Cid)
	switch {
	case err == nil && now < failed.Deadline:
		return types.KeySet{}, errorsmod.Wrapf(types.ErrKeySetPending, "%s until %d, now %d", root.Cid, failed.Deadline, now)
	case err == nil:
		// another version, so that no late acceptance of the shares before counts for the next
		version = failed.Version + 1
		for _, h := range failed.Holders {
			switch {
			case failed.Status != types.KEY_SET_STATUS_DEALT:
			case h.Accepted:
				kept = append(kept, h)
			default:
				shunned = append(shunned, h.Operator)
			}
		}
	case !errors.Is(err, types.ErrNoKeySet):
		return types.KeySet{}, err
	}
	holders, err := k.drawHolders(ctx, params, keyID, version, kept, shunned)
	if err != nil {
		return types.KeySet{}, err
	}
	s := types.KeySet{
		Root: root.Cid, Version: version, Status: types.KEY_SET_STATUS_DRAWN, Holders: holders,
		Threshold: types.KeyThreshold(len(holders)), DrawnAt: now, Deadline: now + params.KeySetSeconds(),
	}
	if err := k.putPending(ctx, &s, root.Cid); err != nil {
		return types.KeySet{}, err
	}
	return s, emit(ctx, &types.EventKeySetDrawn{KeySet: s})
}

// mayDraw returns the version that the signer may draw.
func (k *Keeper) mayDraw(ctx context.Context, signer sdk.AccAddress, root contenttypes.Work) (uint64, error) {
	_, refused := k.content.RequireController(ctx, root.Creator, signer)
	active, err := k.ActiveKeySet(ctx, root.Cid)
	if errors.Is(err, types.ErrNoKeySet) {
		return 1, refused
	}
	if err != nil || refused == nil {
		return active.Version + 1, err
	}
	for _, h := range active.Holders {
		p, err := k.GetProvider(ctx, h.Operator)
		if err != nil {
			return 0, err
		}
		if p.Status != types.PROVIDER_STATUS_ACTIVE {
			return active.Version + 1, nil
		}
	}
	return 0, refused
}

// drawHolders asks willing providers, in an order that nobody chose, until enough are found or tries are used up. The number is odd.
// Who accepted a share of the set before, which failed, keeps a seat: else one who is drawn with others he does not like could let set
// after set fail until he likes the draw.
func (k *Keeper) drawHolders(ctx context.Context, params types.Params, keyID [32]byte, version uint64, kept []types.KeyHolder, shunned []string) ([]types.KeyHolder, error) {
	count, err := k.countWilling(ctx)
	if err != nil {
		return nil, err
	}
	if count == 0 {
		return nil, types.ErrNoHolders
	}
	number, seed, err := k.Seed(ctx)
	if err != nil {
		return nil, err
	}
	d := draw{params: params, number: number, shunned: shunned}
	for _, h := range kept {
		if err := k.offerSeat(ctx, &d, h.Operator); err != nil {
			return nil, err
		}
	}
	for try := uint32(0); try < types.MaxKeyTries && len(d.holders) < types.MaxKeyHolders; try++ {
		operator, err := k.willing.Get(ctx, types.PickHolder(seed, keyID, version, try, count))
		if err != nil {
			return nil, err
		}
		if err := k.offerSeat(ctx, &d, operator); err != nil {
			return nil, err
		}
	}
	if len(d.holders) == 0 {
		return nil, types.ErrNoHolders
	}
	return d.holders[:types.KeySetSize(len(d.holders))], nil
}

// draw is a key set while its holders are drawn.
type draw struct {
	params   types.Params
	number   uint64 // of the period whose seed draws
	shunned  []string
	networks []string
	holders  []types.KeyHolder
}

// offerSeat gives a provider a seat, or passes it over.
func (k *Keeper) offerSeat(ctx context.Context, d *draw, operator string) error {
	taken := func(h types.KeyHolder) bool { return h.Operator == operator }
	if slices.Contains(d.shunned, operator) || slices.ContainsFunc(d.holders, taken) {
		return nil
	}
	p, err := k.GetProvider(ctx, operator)
	if err != nil || !p.Willing() {
		return err
	}
	// who offers when the seed is known already chooses which works he may get
	early := d.params.RelaxedNetworkRules || p.OfferedKeysAt+2 <= d.number
	if !early || !d.params.RelaxedNetworkRules && slices.Contains(d.networks, p.NetworkPrefix) {
		return nil
	}
	d.networks = append(d.networks, p.NetworkPrefix)
	d.holders = append(d.holders, types.KeyHolder{Operator: operator, Index: uint32(len(d.holders) + 1), SealKey: p.SealKey})
	return nil
}

// DealKeys gives the holders of a drawn set their shares of the secret whose public side the manifest names: only who knows the secret can.
// Emits EventKeySetDealt. Errors: ErrNoKeySet, ErrKeySetStatus, ErrInvalidDealing, content's ErrNotController.
func (k *Keeper) DealKeys(ctx context.Context, controller sdk.AccAddress, root string, commitments, sealed [][]byte) error {
	work, _, err := k.encryptedRoot(ctx, root)
	if err != nil {
		return err
	}
	if _, err := k.content.RequireController(ctx, work.Creator, controller); err != nil {
		return err
	}
	s, err := k.pendingKeySet(ctx, work.Cid)
	if err != nil {
		return err
	}
	switch {
	case s.Status != types.KEY_SET_STATUS_DRAWN:
		return errorsmod.Wrap(types.ErrKeySetStatus, "the shares are dealt already")
	case len(commitments) != int(s.Threshold) || len(sealed) != len(s.Holders):
		return errorsmod.Wrapf(types.ErrInvalidDealing, "%d commitments and %d shares, not %d and %d", len(commitments), len(sealed), s.Threshold, len(s.Holders))
	case string(commitments[0]) != string(work.Keys.C0):
		return errorsmod.Wrap(types.ErrInvalidDealing, "the first commitment is not the manifest's C0")
	}
	for i := range s.Holders {
		s.Holders[i].Sealed = sealed[i]
	}
	s.Commitments, s.Dealings = commitments, nil
	return k.dealt(ctx, s)
}

// dealt makes a set wait for its holders.
func (k *Keeper) dealt(ctx context.Context, s types.KeySet) error {
	s.Status = types.KEY_SET_STATUS_DEALT
	if err := k.pendingSets.Set(ctx, s.Root, s); err != nil {
		return err
	}
	return emit(ctx, &types.EventKeySetDealt{KeySet: s})
}

// Reshare hands a holder's share over to the holders that were drawn next. With as many dealings as the old threshold the new commitments
// stand: the secret stays what it was, and nobody has put it together. A dealing of anything but the dealer's own share is refused, so that
// no liar can hold up the others. Emits EventKeySetDealt with the last one. Errors: ErrNoKeySet, ErrKeySetStatus, ErrNotHolder,
// ErrInvalidDealing, ErrProviderNotFound.
func (k *Keeper) Reshare(ctx context.Context, agent sdk.AccAddress, root string, version uint64, commitments, sealed [][]byte) error {
	p, err := k.ProviderByAgent(ctx, agent)
	if err != nil {
		return err
	}
	s, err := k.pendingKeySet(ctx, root)
	if err != nil {
		return err
	}
	active, err := k.ActiveKeySet(ctx, root)
	if err != nil {
		return err
	}
	dealer := active.Holder(p.Operator)
	switch {
	case dealer == nil:
		return errorsmod.Wrap(types.ErrNotHolder, p.Operator)
	case s.Version != version || s.Status != types.KEY_SET_STATUS_DRAWN:
		return errorsmod.Wrapf(types.ErrKeySetStatus, "version %d", s.Version)
	case slices.ContainsFunc(s.Dealings, func(d types.ShareDealing) bool { return d.Dealer == dealer.Index }):
		return errorsmod.Wrap(types.ErrKeySetStatus, "this share is handed over already")
	case len(commitments) != int(s.Threshold) || len(sealed) != len(s.Holders):
		return errorsmod.Wrapf(types.ErrInvalidDealing, "%d commitments and %d parts, not %d and %d", len(commitments), len(sealed), s.Threshold, len(s.Holders))
	}
	// every dealing pays for the last one's work: old holders deal at the same time, and whoever becomes the last has estimated its gas as another
	work := types.GasPerMultiplication * uint64(active.Threshold) * uint64(1+active.Threshold+s.Threshold)
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(work, "resharing")
	old, err := keyshare.ParseCommitments(active.Commitments)
	if err != nil {
		return err
	}
	if public := old.Public(uint16(dealer.Index)); string(commitments[0]) != string(public[:]) {
		return errorsmod.Wrap(types.ErrInvalidDealing, "the first commitment is not the public side of the dealer's share")
	}
	s.Dealings = append(s.Dealings, types.ShareDealing{Dealer: dealer.Index, Commitments: commitments, Sealed: sealed})
	if len(s.Dealings) < int(active.Threshold) {
		return k.pendingSets.Set(ctx, root, s)
	}
	if s.Commitments, err = reshared(old, s.Dealings); err != nil {
		return errorsmod.Wrap(types.ErrInvalidDealing, err.Error())
	}
	return k.dealt(ctx, s)
}

func reshared(old keyshare.Commitments, rows []types.ShareDealing) ([][]byte, error) {
	dealings := make([]keyshare.Dealing, len(rows))
	for i, r := range rows {
		c, err := keyshare.ParseCommitments(r.Commitments)
		if err != nil {
			return nil, err
		}
		dealings[i] = keyshare.Dealing{Dealer: uint16(r.Dealer), Commitments: c}
	}
	c, err := keyshare.Reshared(old, dealings)
	return c.Bytes(), err
}

// AcceptShare says that a holder has checked its share. When all have, the set answers and the one before is gone. Emits EventShareAccepted,
// and EventKeySetActive with the last. Errors: ErrNoKeySet, ErrKeySetStatus, ErrNotHolder, ErrProviderNotFound.
func (k *Keeper) AcceptShare(ctx context.Context, agent sdk.AccAddress, root string, version uint64) (active bool, err error) {
	p, err := k.ProviderByAgent(ctx, agent)
	if err != nil {
		return false, err
	}
	s, err := k.pendingKeySet(ctx, root)
	if err != nil {
		return false, err
	}
	h := s.Holder(p.Operator)
	switch {
	case h == nil:
		return false, errorsmod.Wrap(types.ErrNotHolder, p.Operator)
	case s.Version != version || s.Status != types.KEY_SET_STATUS_DEALT:
		return false, errorsmod.Wrapf(types.ErrKeySetStatus, "version %d", s.Version)
	case h.Accepted:
		return false, errorsmod.Wrap(types.ErrKeySetStatus, "the share is accepted already")
	}
	h.Accepted = true
	if err := emit(ctx, &types.EventShareAccepted{Root: root, Version: version, Operator: p.Operator}); err != nil {
		return false, err
	}
	if !s.Complete() {
		return false, k.pendingSets.Set(ctx, root, s)
	}
	return true, k.answer(ctx, s.Activate())
}
