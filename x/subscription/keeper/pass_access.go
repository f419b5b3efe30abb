package keeper

import (
	"context"
	"errors"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// grantPass grants by a running pass that the work's creator is in, or left after the running period began. A platform pass covers only
// who is verified now. Of several, one whose fee the viewer pays: that is the one that sessions name, and nobody shall keep a viewer's fee
// from creators by the gift of a cheaper pass. Of those the one that lasts longest, of equals the lower number.
func (k *Keeper) grantPass(ctx context.Context, s subject, d *types.AccessDecision) error {
	if s.viewer == nil {
		return nil
	}
	subs, err := k.passesOf(ctx, s.viewer)
	if err != nil {
		return err
	}
	own, until := false, int64(0)
	for _, sub := range subs {
		end, err := k.passUntil(ctx, s, sub)
		if err != nil {
			return err
		}
		mine := sub.Periods[0].Payer == sub.Viewer
		if end == 0 || own && !mine || own == mine && end <= until {
			continue
		}
		own, until = mine, end
		d.Grant(types.ACCESS_BY_PASS, until)
		d.Pass = sub.Pass
	}
	return nil
}

// passUntil is up to when a subscription to a pass opens the work; zero where it does not now.
func (k *Keeper) passUntil(ctx context.Context, s subject, sub types.PassSubscription) (int64, error) {
	grace := s.params.PassGraceOf(sub.PeriodSeconds)
	since, running := sub.RunningSince(s.now, grace)
	if !running {
		return 0, nil
	}
	number, pass, err := k.pass(ctx, sub.Pass)
	if err != nil {
		return 0, err
	}
	m, err := k.member(ctx, number, s.root.Creator)
	if errors.Is(err, types.ErrNotListed) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	until := sub.Until(grace)
	if m.LeftAt > 0 {
		until = min(until, since+sub.PeriodSeconds)
	}
	if !m.Covered(since) || s.now >= until {
		return 0, nil
	}
	fits, err := k.fitsPass(ctx, pass, s.root.Creator)
	if err != nil || !fits {
		return 0, err
	}
	return until, nil
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
