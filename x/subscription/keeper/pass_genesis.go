package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

func (k *Keeper) importPasses(ctx context.Context, gs types.GenesisState) error {
	for i, r := range gs.Passes {
		number := uint64(i) + 1
		if err := k.passes.Set(ctx, number, r.Pass); err != nil {
			return err
		}
		for _, m := range r.Members {
			if err := k.setMember(ctx, number, m); err != nil {
				return err
			}
		}
	}
	for _, r := range gs.PassSubscriptions {
		key, err := passKey(r.Subscription.Viewer, r.Subscription.Pass)
		if err != nil {
			return err
		}
		if err := k.setPassSubscription(ctx, key, r.Subscription); err != nil {
			return err
		}
		for _, u := range r.Uses {
			digest, err := contenttypes.ParseWorkID(u.Work)
			if err != nil {
				return err
			}
			if err := k.passUses.Set(ctx, collections.Join3(key.K1(), key.K2(), digest[:]), u); err != nil {
				return err
			}
		}
	}
	return nil
}

func passKey(viewerText, passID string) (viewerPass, error) {
	viewer, err := types.ParseAddress(viewerText)
	if err != nil {
		return viewerPass{}, err
	}
	number, err := types.ParsePassID(passID)
	return collections.Join([]byte(viewer), number), err
}

func (k *Keeper) exportPasses(ctx context.Context, gs *types.GenesisState) error {
	err := k.passes.Walk(ctx, nil, func(number uint64, pass types.Pass) (bool, error) {
		r := types.PassRecord{Pass: pass}
		err := k.members.Walk(ctx, collections.NewPrefixedPairRange[uint64, []byte](number), func(_ passMember, m types.PassMember) (bool, error) {
			r.Members = append(r.Members, m)
			return false, nil
		})
		gs.Passes = append(gs.Passes, r)
		return false, err
	})
	if err != nil {
		return err
	}
	return k.passSubs.Walk(ctx, nil, func(key viewerPass, s types.PassSubscription) (bool, error) {
		uses, err := k.usesOf(ctx, key)
		gs.PassSubscriptions = append(gs.PassSubscriptions, types.PassSubscriptionRecord{Subscription: s, Uses: uses})
		return false, err
	})
}

// checkPassReferences refuses members that x/content does not have, and uses of what is not theirs or more than counts.
func (k *Keeper) checkPassReferences(ctx context.Context, gs types.GenesisState) error {
	for _, r := range gs.Passes {
		for _, m := range r.Members {
			if _, err := k.content.GetCreator(ctx, m.Creator); err != nil {
				return errorsmod.Wrapf(types.ErrInvalidGenesis, "%s: %s", r.Pass.Id, err)
			}
		}
	}
	for _, r := range gs.PassSubscriptions {
		for _, u := range r.Uses {
			root, err := k.requireRoot(ctx, u.Work)
			if err != nil {
				return err
			}
			if root.Creator != u.Creator || u.Seconds > types.MaxPassWatch*root.DurationSeconds {
				return errorsmod.Wrapf(types.ErrInvalidGenesis, "%s of %s: %d seconds of %s", r.Subscription.Pass, r.Subscription.Viewer, u.Seconds, u.Work)
			}
		}
	}
	return nil
}

// checkPasses checks that each row is under its own key, and that indexes and queue have exactly what the rows say.
func (k *Keeper) checkPasses(ctx context.Context, gs types.GenesisState) error {
	members, joined, uses := 0, 0, 0
	for i, r := range gs.Passes {
		if stored, err := k.passes.Get(ctx, uint64(i)+1); err != nil || stored.Id != r.Pass.Id {
			return errorsmod.Wrapf(types.ErrInvariant, "%s is stored under another number", r.Pass.Id)
		}
		for _, m := range r.Members {
			if stored, err := k.member(ctx, uint64(i)+1, m.Creator); err != nil || stored.Creator != m.Creator {
				return errorsmod.Wrapf(types.ErrInvariant, "%s: %s is stored under another key", r.Pass.Id, m.Creator)
			}
			key, err := contenttypes.ParseCreatorID(m.Creator)
			if err != nil {
				return err
			}
			in, err := k.joined.Has(ctx, collections.Join([]byte(key), uint64(i)+1))
			if err != nil || in != m.In() {
				return errorsmod.Wrapf(types.ErrInvariant, "%s: %s is in %t, yet in the index %t", r.Pass.Id, m.Creator, m.In(), in)
			}
			if in {
				joined++
			}
		}
		members += len(r.Members)
	}
	for _, r := range gs.PassSubscriptions {
		s := r.Subscription
		key, err := passKey(s.Viewer, s.Pass)
		if err != nil {
			return err
		}
		if stored, err := k.passSubs.Get(ctx, key); err != nil || stored.Viewer != s.Viewer || stored.Pass != s.Pass {
			return errorsmod.Wrapf(types.ErrInvariant, "%s of %s is stored under another key", s.Pass, s.Viewer)
		}
		if queued, err := k.passQueue.Has(ctx, collections.Join(s.DueAt, key)); err != nil || !queued {
			return errorsmod.Wrapf(types.ErrInvariant, "%s of %s is not queued for %d", s.Pass, s.Viewer, s.DueAt)
		}
		uses += len(r.Uses)
	}
	if err := sameCount(ctx, "creators of passes", members, k.members.Walk); err != nil {
		return err
	}
	if err := sameCount(ctx, "joined passes", joined, walkKeys(k.joined)); err != nil {
		return err
	}
	if err := sameCount(ctx, "uses of passes", uses, k.passUses.Walk); err != nil {
		return err
	}
	return sameCount(ctx, "queued passes", len(gs.PassSubscriptions), walkKeys(k.passQueue))
}
