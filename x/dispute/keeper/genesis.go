package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// InitGenesis loads the state and derives queues, indexes and the tree. It checks everything
// before the first write.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	if err := k.sequence.Set(ctx, gs.NextDispute); err != nil {
		return err
	}
	if err := k.noticeSeq.Set(ctx, gs.NextNotice); err != nil {
		return err
	}
	for _, d := range gs.Disputes {
		if err := k.importDispute(ctx, d); err != nil {
			return err
		}
	}
	if err := k.importJurors(ctx, gs); err != nil {
		return err
	}
	for _, b := range gs.Ballots {
		addr := sdk.MustAccAddressFromBech32(b.Juror).Bytes()
		if err := k.ballots.Set(ctx, collections.Join3(b.Dispute, b.Round, addr), b); err != nil {
			return err
		}
		if err := k.duties.Set(ctx, collections.Join3(addr, b.Dispute, b.Round)); err != nil {
			return err
		}
	}
	return k.importRecords(ctx, gs)
}

// importDispute stores a dispute with its places in the queues, which follow from its row.
func (k *Keeper) importDispute(ctx context.Context, d types.Dispute) error {
	if err := k.disputes.Set(ctx, d.Id, d); err != nil {
		return err
	}
	if err := k.byRespondent.Set(ctx, collections.Join(d.Respondent, d.Id)); err != nil {
		return err
	}
	if d.Remedy.NextAt > 0 {
		if err := k.remedies.Set(ctx, collections.Join(d.Remedy.NextAt, d.Id)); err != nil {
			return err
		}
	}
	if !d.Open() {
		return nil
	}
	if err := k.setOpen(ctx, d); err != nil {
		return err
	}
	if d.Status == types.STATUS_DRAWING {
		if err := k.waiting.Set(ctx, collections.Join(d.Last().Period, d.Id)); err != nil {
			return err
		}
	}
	return k.due.Set(ctx, collections.Join(d.DueAt, d.Id))
}

// importJurors rebuilds the tree slot by slot.
func (k *Keeper) importJurors(ctx context.Context, gs types.GenesisState) error {
	bySlot := make([]types.Juror, len(gs.Jurors)+1)
	total := uint64(0)
	for _, j := range gs.Jurors {
		if err := k.jurors.Set(ctx, sdk.MustAccAddressFromBech32(j.Address), j); err != nil {
			return err
		}
		if j.Slot == 0 {
			continue
		}
		bySlot[j.Slot] = j
		if total += j.Weight; total < j.Weight {
			return errorsmod.Wrap(types.ErrInvalidGenesis, "the stakes overflow")
		}
	}
	for slot, j := range bySlot {
		if j.Slot == 0 {
			continue
		}
		if err := k.appendSlot(ctx, uint64(slot), sdk.MustAccAddressFromBech32(j.Address), j.Weight); err != nil {
			return err
		}
	}
	for _, c := range gs.Changes {
		if err := k.changes.Set(ctx, collections.Join(c.Period, sdk.MustAccAddressFromBech32(c.Juror).Bytes()), c.Weight); err != nil {
			return err
		}
	}
	if total == 0 {
		return nil
	}
	return k.total.Set(ctx, total)
}

func (k *Keeper) importRecords(ctx context.Context, gs types.GenesisState) error {
	for _, o := range gs.Owed {
		if err := k.owed.Set(ctx, sdk.MustAccAddressFromBech32(o.Account), o.Amount); err != nil {
			return err
		}
	}
	for _, r := range gs.Restrictions {
		if err := k.restrictions.Set(ctx, collections.Join(r.Work, r.Dispute), r); err != nil {
			return err
		}
	}
	for _, p := range gs.Interims {
		if err := k.interims.Set(ctx, p.Work, p.Until); err != nil {
			return err
		}
	}
	for _, n := range gs.Notices {
		if err := k.notices.Set(ctx, n.Id, n); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the whole state in the order of its keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.params.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.DefaultGenesis(), nil
	} else if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	if gs.NextDispute, err = k.sequence.Peek(ctx); err != nil {
		return nil, err
	}
	if gs.NextNotice, err = k.noticeSeq.Peek(ctx); err != nil {
		return nil, err
	}
	for _, export := range []func(context.Context, *types.GenesisState) error{k.exportDisputes, k.exportJurors, k.exportRecords} {
		if err := export(ctx, gs); err != nil {
			return nil, err
		}
	}
	return gs, nil
}

func (k *Keeper) exportDisputes(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Disputes, err = collect(ctx, k.disputes, func(_ uint64, d types.Dispute) types.Dispute { return d }); err != nil {
		return err
	}
	gs.Ballots, err = collect(ctx, k.ballots, func(_ ballotKey, b types.Ballot) types.Ballot { return b })
	return err
}

func (k *Keeper) exportJurors(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Jurors, err = collect(ctx, k.jurors, func(_ []byte, j types.Juror) types.Juror { return j }); err != nil {
		return err
	}
	if gs.Changes, err = collect(ctx, k.changes, func(key changeKey, weight uint64) types.WeightChange {
		return types.WeightChange{Period: key.K1(), Juror: sdk.AccAddress(key.K2()).String(), Weight: weight}
	}); err != nil {
		return err
	}
	gs.Owed, err = collect(ctx, k.owed, func(addr []byte, amount math.Int) types.Owed {
		return types.Owed{Account: sdk.AccAddress(addr).String(), Amount: amount}
	})
	return err
}

func (k *Keeper) exportRecords(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Restrictions, err = collect(ctx, k.restrictions, func(_ workKey, r types.Restriction) types.Restriction { return r }); err != nil {
		return err
	}
	if gs.Interims, err = collect(ctx, k.interims, func(work string, until int64) types.InterimPause {
		return types.InterimPause{Work: work, Until: until}
	}); err != nil {
		return err
	}
	gs.Notices, err = collect(ctx, k.notices, func(_ uint64, n types.Notice) types.Notice { return n })
	return err
}

func collect[K, V, T any](ctx context.Context, m collections.Map[K, V], row func(K, V) T) (out []T, err error) {
	err = m.Walk(ctx, nil, func(key K, value V) (bool, error) {
		out = append(out, row(key, value))
		return false, nil
	})
	return out, err
}
