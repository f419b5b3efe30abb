package keeper

import (
	"context"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// note adds an entry to the public log. Ids have no gaps, so who asks for what came after the
// last one that it knows misses nothing.
func (k *Keeper) note(ctx context.Context, d types.Dispute, action types.Action, final bool, until int64) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	id, err := k.noticeSeq.Next(ctx)
	if err != nil {
		return err
	}
	return k.notices.Set(ctx, id, types.Notice{
		Id: id, Dispute: d.Id, Kind: d.Kind, Subject: d.Subject, Respondent: d.Respondent,
		Action: action, Final: final, At: now, Until: until,
	})
}

// Notices returns entries of the public log with higher ids than after, at most so many.
func (k *Keeper) Notices(ctx context.Context, after uint64, most int) (out []types.Notice, err error) {
	for id := after + 1; len(out) < most && id > after; id++ {
		found, err := k.notices.Has(ctx, id)
		if err != nil || !found {
			return out, err
		}
		n, err := k.notices.Get(ctx, id)
		if err != nil {
			return out, err
		}
		out = append(out, n)
	}
	return out, nil
}
