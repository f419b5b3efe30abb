package keeper

import (
	"context"
	"errors"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// grantPass grants by the running pass that the work's creator is in, or left after the running period began; of several by the one
// that lasts longest, of equals by the lower number. A platform pass covers only who is verified now.
func (k *Keeper) grantPass(ctx context.Context, s subject, d *types.AccessDecision) error {
	if s.viewer == nil {
		return nil
	}
	subs, err := k.passesOf(ctx, s.viewer)
	if err != nil {
		return err
	}
	for _, sub := range subs {
		grace := s.params.PassGraceOf(sub.PeriodSeconds)
		since, running := sub.RunningSince(s.now, grace)
		if !running || sub.Until(grace) <= d.Until {
			continue
		}
		number, pass, err := k.pass(ctx, sub.Pass)
		if err != nil {
			return err
		}
		m, err := k.member(ctx, number, s.root.Creator)
		if errors.Is(err, types.ErrNotListed) {
			continue
		}
		if err != nil {
			return err
		}
		until := sub.Until(grace)
		if m.LeftAt > 0 {
			until = min(until, since+sub.PeriodSeconds)
		}
		if !m.Covered(since) || s.now >= until || until <= d.Until {
			continue
		}
		fits, err := k.fitsPass(ctx, pass, s.root.Creator)
		if err != nil {
			return err
		}
		if fits {
			d.Grant(types.ACCESS_BY_PASS, until)
			d.Pass = sub.Pass
		}
	}
	return nil
}

// quotePasses lists the passes on sale that the work's creator is in.
func (k *Keeper) quotePasses(ctx context.Context, s subject, d *types.AccessDecision) error {
	in, err := k.joinedBy(ctx, s.root.Creator)
	if err != nil {
		return err
	}
	for _, number := range in {
		pass, err := k.passes.Get(ctx, number)
		if err != nil {
			return err
		}
		if pass.Closed {
			continue
		}
		fits, err := k.fitsPass(ctx, pass, s.root.Creator)
		if err != nil {
			return err
		}
		if fits {
			d.Offers = append(d.Offers, types.PassCost(pass))
		}
	}
	return nil
}
