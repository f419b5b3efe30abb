package keeper

import (
	"context"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/x/content/types"
)

// Publish registers the work that man describes, as a new work or as the next version of
// man.Previous, and locks its deposit. man must be valid. Emits EventWorkPublished and
// calls AfterWorkPublished. Errors: ErrWorkExists, ErrWorkNotFound (previous),
// ErrPreviousForeign, ErrPreviousNotHead, ErrWorkNotActive, ErrKeysChanged, ErrTooManyVersions and those
// of RequireController.
func (k *Keeper) Publish(ctx context.Context, controller sdk.AccAddress, man manifest.Manifest, salt []byte) (types.Work, error) {
	creator, err := k.RequireController(ctx, types.CreatorID(man.Creator).String(), controller)
	if err != nil {
		return types.Work{}, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.Work{}, err
	}
	work, err := k.newWork(ctx, creator, man, salt)
	if err != nil {
		return types.Work{}, err
	}
	work.Deposit = params.WorkDeposit
	if err := k.lock(ctx, controller, work.Deposit); err != nil {
		return types.Work{}, err
	}
	if err := k.setWork(ctx, work); err != nil {
		return types.Work{}, err
	}
	if err := emit(ctx, published(work, man)); err != nil {
		return types.Work{}, err
	}
	if k.hooks != nil {
		return work, k.hooks.AfterWorkPublished(ctx, work)
	}
	return work, nil
}

// newWork builds the row of a new version and moves the head of its root.
func (k *Keeper) newWork(ctx context.Context, creator types.Creator, man manifest.Manifest, salt []byte) (types.Work, error) {
	id, err := man.CID()
	if err != nil {
		return types.Work{}, errorsmod.Wrap(types.ErrInvalidManifest, err.Error())
	}
	if err := k.requireUnpublished(ctx, id.String()); err != nil {
		return types.Work{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Work{}, err
	}
	work := types.Work{
		Cid: id.String(), Creator: creator.Id, Kind: man.Kind, Media: man.Media.String(), PieceRoot: man.Piece.Root[:],
		PieceSize: man.Piece.Size, DurationSeconds: man.DurationSeconds, Status: types.WORK_STATUS_ACTIVE, PublishedAt: now,
	}
	if man.Cover.Defined() {
		work.Cover = man.Cover.String()
	}
	if man.Keys != nil {
		work.Keys = &types.Keys{Suite: man.Keys.Suite, C0: man.Keys.C0, WindowSeconds: uint32(man.Keys.WindowSeconds)}
	}
	if work.CommittedAt, err = k.committedAt(ctx, man, salt, now); err != nil {
		return types.Work{}, err
	}
	if work.Parents, err = k.parentsOf(ctx, man); err != nil {
		return types.Work{}, err
	}
	if man.Previous.Defined() {
		return k.asVersion(ctx, work, man.Previous.String())
	}
	work.Root, work.Head, work.Version = work.Cid, work.Cid, 1
	return work, nil
}

// requireUnpublished refuses a cid that was ever published: a retired work stays one.
func (k *Keeper) requireUnpublished(ctx context.Context, id string) error {
	digest, err := types.ParseWorkID(id)
	if err != nil {
		return err
	}
	exists, err := k.works.Has(ctx, digest)
	if err != nil {
		return err
	}
	if exists {
		return errorsmod.Wrap(types.ErrWorkExists, id)
	}
	return nil
}

// asVersion places work after previous, which must be the newest version of an active work
// of the same creator, and points the root's head at it.
func (k *Keeper) asVersion(ctx context.Context, work types.Work, previousID string) (types.Work, error) {
	previous, err := k.GetWork(ctx, previousID)
	if err != nil {
		return types.Work{}, errorsmod.Wrap(err, "previous")
	}
	root, err := k.GetWork(ctx, previous.Root)
	if err != nil {
		return types.Work{}, err
	}
	switch {
	case root.Creator != work.Creator:
		return types.Work{}, errorsmod.Wrap(types.ErrPreviousForeign, previous.Cid)
	case root.Status != types.WORK_STATUS_ACTIVE:
		return types.Work{}, errorsmod.Wrap(types.ErrWorkNotActive, root.Cid)
	case root.Head != previous.Cid:
		return types.Work{}, errorsmod.Wrapf(types.ErrPreviousNotHead, "%s; the head is %s", previous.Cid, root.Head)
	case !types.SameSecret(root.Keys, work.Keys):
		// whoever holds the keys of a work holds those of all its versions
		return types.Work{}, errorsmod.Wrap(types.ErrKeysChanged, root.Cid)
	case !slices.Equal(root.Parents, work.Parents):
		// money keys on the root: no version takes from its parents what the first one gave
		return types.Work{}, errorsmod.Wrapf(types.ErrInvalidParents, "the parents of %s never change", root.Cid)
	case previous.Version >= types.MaxVersions:
		return types.Work{}, errorsmod.Wrap(types.ErrTooManyVersions, root.Cid)
	}
	work.Root, work.Previous, work.Version, work.Parents = root.Cid, previous.Cid, previous.Version+1, nil
	root.Head = work.Cid
	return work, k.putWork(ctx, root)
}

// setWork stores a new version with its places in the indexes.
func (k *Keeper) setWork(ctx context.Context, work types.Work) error {
	digest, err := types.ParseWorkID(work.Cid)
	if err != nil {
		return err
	}
	root, err := types.ParseWorkID(work.Root)
	if err != nil {
		return err
	}
	creator, err := types.ParseCreatorID(work.Creator)
	if err != nil {
		return err
	}
	if err := k.works.Set(ctx, digest, work); err != nil {
		return err
	}
	if err := k.versions.Set(ctx, collections.Join(root, work.Version), digest); err != nil {
		return err
	}
	return k.byCreator.Set(ctx, collections.Join3([]byte(creator), work.PublishedAt, digest))
}

// putWork stores a changed row; nothing that an index holds ever changes.
func (k *Keeper) putWork(ctx context.Context, work types.Work) error {
	digest, err := types.ParseWorkID(work.Cid)
	if err != nil {
		return err
	}
	return k.works.Set(ctx, digest, work)
}

// GetWork returns the version called cid. Errors: ErrInvalidWorkID, ErrWorkNotFound.
func (k *Keeper) GetWork(ctx context.Context, cid string) (types.Work, error) {
	digest, err := types.ParseWorkID(cid)
	if err != nil {
		return types.Work{}, err
	}
	work, err := k.works.Get(ctx, digest)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Work{}, errorsmod.Wrap(types.ErrWorkNotFound, cid)
	}
	return work, err
}

// RootWork returns the first version of the work that has the version cid. Errors: as GetWork.
func (k *Keeper) RootWork(ctx context.Context, cid string) (types.Work, error) {
	work, err := k.GetWork(ctx, cid)
	if err != nil || work.IsRoot() {
		return work, err
	}
	return k.GetWork(ctx, work.Root)
}

func published(w types.Work, man manifest.Manifest) *types.EventWorkPublished {
	return &types.EventWorkPublished{
		Cid: w.Cid, Root: w.Root, Previous: w.Previous, Creator: w.Creator, Kind: w.Kind,
		Title: man.Title, Language: man.Language, Description: man.Description, Tags: man.Tags,
		DurationSeconds: w.DurationSeconds, Media: w.Media, Cover: w.Cover,
		PieceRoot: w.PieceRoot, PieceSize: w.PieceSize, Licence: man.Licence,
		Version: w.Version, PublishedAt: w.PublishedAt, CommittedAt: w.CommittedAt, Deposit: w.Deposit,
	}
}
