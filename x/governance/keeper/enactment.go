package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

// Enact puts the messages of msg into the timelock; they run once it has passed. Emits
// EventEnacted. Errors: those of MsgEnact.Validate, ErrWrongSigner, ErrUnroutable.
func (k *Keeper) Enact(ctx context.Context, msg *types.MsgEnact) (types.Enactment, error) {
	if err := msg.Validate(); err != nil {
		return types.Enactment{}, err
	}
	msgs, urls, err := k.requireRunnable(msg)
	if err != nil {
		return types.Enactment{}, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Enactment{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Enactment{}, err
	}
	id, err := k.sequence.Next(ctx)
	if err != nil {
		return types.Enactment{}, err
	}
	rule := k.ruleOf(ctx, msgs)
	e := types.Enactment{
		Id: id, Messages: msg.Messages, EnactedAt: now, ExecuteAt: now + params.Scale(rule.TimelockSeconds),
		Status: types.ENACTMENT_STATUS_QUEUED,
	}
	if err := k.setEnactment(ctx, e); err != nil {
		return types.Enactment{}, err
	}
	return e, emit(ctx, &types.EventEnacted{Id: id, TypeUrls: urls, ExecuteAt: e.ExecuteAt, Track: rule.Track})
}

// requireRunnable refuses messages that nothing handles or that somebody else than the
// governance account signs. It returns them and their types.
func (k *Keeper) requireRunnable(msg *types.MsgEnact) ([]sdk.Msg, []string, error) {
	msgs, err := msg.Msgs()
	if err != nil {
		return nil, nil, err
	}
	urls := make([]string, len(msgs))
	for i, m := range msgs {
		urls[i] = sdk.MsgTypeURL(m)
		signers, _, err := k.cdc.GetMsgV1Signers(m)
		if err != nil {
			return nil, nil, errorsmod.Wrapf(types.ErrWrongSigner, "message %d (%s): %s", i, urls[i], err)
		}
		if len(signers) != 1 || !bytes.Equal(signers[0], k.account) {
			return nil, nil, errorsmod.Wrapf(types.ErrWrongSigner, "message %d (%s); the governance account is %s", i, urls[i], k.account)
		}
		if k.router.Handler(m) == nil {
			return nil, nil, errorsmod.Wrapf(types.ErrUnroutable, "message %d (%s)", i, urls[i])
		}
	}
	return msgs, urls, nil
}

// CancelEnactment withdraws a queued enactment. Emits EventEnactmentCancelled.
// Errors: ErrEnactmentNotFound, ErrNotQueued.
func (k *Keeper) CancelEnactment(ctx context.Context, id uint64) error {
	e, err := k.GetEnactment(ctx, id)
	if err != nil {
		return err
	}
	if !e.Queued() {
		return errorsmod.Wrapf(types.ErrNotQueued, "enactment %d", id)
	}
	if err := k.leaveDue(ctx, e); err != nil {
		return err
	}
	if err := k.close(ctx, e, types.ENACTMENT_STATUS_CANCELLED, nil); err != nil {
		return err
	}
	return emit(ctx, &types.EventEnactmentCancelled{Id: id})
}

// GetEnactment returns an enactment. Errors: ErrEnactmentNotFound.
func (k *Keeper) GetEnactment(ctx context.Context, id uint64) (types.Enactment, error) {
	e, err := k.enactments.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Enactment{}, errorsmod.Wrapf(types.ErrEnactmentNotFound, "enactment %d", id)
	}
	return e, err
}

// leaveDue removes e from the queue of due enactments, wherever it was put off to.
func (k *Keeper) leaveDue(ctx context.Context, e types.Enactment) error {
	at := collections.Join(e.ExecuteAt, e.Id)
	planned, err := k.due.Has(ctx, at)
	if err != nil {
		return err
	}
	if !planned {
		// as many entries as proposals have passed within one timelock
		err := k.due.Walk(ctx, nil, func(other entry) (bool, error) {
			if other.K2() == e.Id {
				at = other
			}
			return other.K2() == e.Id, nil
		})
		if err != nil {
			return err
		}
	}
	return k.due.Remove(ctx, at)
}

// close ends an enactment that has left the queue of due ones, and queues its record for removal.
func (k *Keeper) close(ctx context.Context, e types.Enactment, status types.EnactmentStatus, failure *types.Failure) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	e.Status, e.ClosedAt, e.Failure = status, now, failure
	return k.setEnactment(ctx, e)
}

// setEnactment writes an enactment and its place in the queue that fits its status.
func (k *Keeper) setEnactment(ctx context.Context, e types.Enactment) error {
	if err := k.enactments.Set(ctx, e.Id, e); err != nil {
		return err
	}
	if e.Queued() {
		return k.due.Set(ctx, collections.Join(e.ExecuteAt, e.Id))
	}
	return k.prunes.Set(ctx, collections.Join(e.ClosedAt+types.RetentionSeconds, e.Id))
}
