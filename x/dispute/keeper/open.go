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

// GetDispute returns a dispute. Errors: ErrDisputeNotFound.
func (k *Keeper) GetDispute(ctx context.Context, id uint64) (types.Dispute, error) {
	d, err := k.disputes.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Dispute{}, errorsmod.Wrapf(types.ErrDisputeNotFound, "%d", id)
	}
	return d, err
}

// OpenDispute makes a claim, whose message was validated, with the terms of today. The
// respondent is told by EventDisputeOpened, the public log and a query. An interim measure
// restricts the work at once. Emits EventDisputeOpened. Errors: those of content, storage and
// revenue for the subject; ErrInvalidSubject, ErrAlreadyOpen, ErrOwnSubject, ErrNotPayer,
// ErrNoHandle, ErrNothingToSlash, ErrBondTooSmall, ErrInterimActive and the bank's.
func (k *Keeper) OpenDispute(ctx context.Context, m *types.MsgOpenDispute) (types.Dispute, error) {
	claimant, err := types.ParseAddress(m.Claimant)
	if err != nil {
		return types.Dispute{}, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.Dispute{}, err
	}
	d, err := k.newDispute(ctx, m, params)
	if err != nil {
		return types.Dispute{}, err
	}
	if err := k.claimSubject(ctx, &d, m); err != nil {
		return types.Dispute{}, err
	}
	if m.Interim {
		if err := k.takeInterim(ctx, &d, params); err != nil {
			return types.Dispute{}, err
		}
	}
	if need := d.RequiredBond(); d.Bond.LT(need) {
		return types.Dispute{}, errorsmod.Wrapf(types.ErrBondTooSmall, "%sustream of %s", d.Bond, need)
	}
	if err := k.lock(ctx, claimant, d.Bond.Add(d.InterimBond), "bond"); err != nil {
		return types.Dispute{}, err
	}
	return d, k.begin(ctx, &d, m.Evidence)
}

// newDispute is the row of a claim before its subject is looked at.
func (k *Keeper) newDispute(ctx context.Context, m *types.MsgOpenDispute, params types.Params) (types.Dispute, error) {
	terms, err := params.Of(m.Kind)
	if err != nil {
		return types.Dispute{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Dispute{}, err
	}
	id, err := k.sequence.Next(ctx)
	return types.Dispute{
		Id: id, Kind: m.Kind, Status: types.STATUS_EVIDENCE, Claimant: m.Claimant, Bond: m.Bond,
		CounterBond: math.ZeroInt(), InterimBond: math.ZeroInt(), Shares: m.Shares, Standing: types.CHOICE_DISMISS, OpenedAt: now,
		Evidence: []types.Evidence{{By: m.Claimant, Cid: m.Evidence, At: now}}, Rounds: []types.Round{types.NewRound(0, terms)},
	}, err
}

// begin stores a dispute that is complete, with its places in the indexes, and tells of it.
func (k *Keeper) begin(ctx context.Context, d *types.Dispute, evidence string) error {
	if err := k.setOpen(ctx, *d); err != nil {
		return err
	}
	if err := k.byRespondent.Set(ctx, collections.Join(d.Respondent, d.Id)); err != nil {
		return err
	}
	until := d.OpenedAt + d.Terms().EvidenceSeconds
	if err := k.reschedule(ctx, d, until); err != nil {
		return err
	}
	err := emit(ctx, &types.EventDisputeOpened{
		Dispute: d.Id, Kind: d.Kind, Claimant: d.Claimant, Subject: d.Subject, Respondent: d.Respondent, Evidence: evidence,
		RespondUntil: until, Bond: d.Bond, InterimUntil: d.InterimUntil,
	})
	if err != nil {
		return err
	}
	if err := k.note(ctx, *d, types.ACTION_OPENED, false, until); err != nil || d.InterimUntil == 0 {
		return err
	}
	return k.execute(ctx, d.Id)
}

// setOpen remembers an open claim. Refunds are about one payment each, which can wait for one
// dispute only.
func (k *Keeper) setOpen(ctx context.Context, d types.Dispute) error {
	if d.Kind == types.KIND_REFUND || !d.Open() {
		return nil
	}
	key := collections.Join3(uint32(d.Kind), d.Subject, d.Claimant)
	if found, err := k.open.Has(ctx, key); err != nil {
		return err
	} else if found {
		return errorsmod.Wrap(types.ErrAlreadyOpen, d.Subject)
	}
	return k.open.Set(ctx, key, d.Id)
}

// claimSubject finds out whose the subject is, and whether the claim can be about it.
func (k *Keeper) claimSubject(ctx context.Context, d *types.Dispute, m *types.MsgOpenDispute) error {
	switch d.Kind {
	case types.KIND_INFRINGEMENT, types.KIND_ILLEGAL_CONTENT:
		root, err := k.content.RootWork(ctx, m.Subject)
		if err != nil {
			return err
		}
		d.Subject, d.Respondent = root.Cid, root.Creator
	case types.KIND_IMPERSONATION:
		creator, err := k.content.GetCreator(ctx, m.Subject)
		if err != nil {
			return err
		}
		if creator.Handle == "" {
			return errorsmod.Wrap(types.ErrNoHandle, m.Subject)
		}
		d.Subject, d.Respondent, d.Handle = creator.Id, creator.Id, creator.Handle
	case types.KIND_SPLIT:
		subject, err := k.content.ResolveSubject(ctx, m.Subject)
		if err != nil {
			return err
		}
		if d.Subject, d.Respondent = subject.Creator, subject.Creator; subject.Work != "" {
			d.Subject = subject.Work
		}
		if err := k.revenue.CheckSplit(ctx, d.Subject, m.Shares); err != nil {
			return err
		}
	case types.KIND_PROVIDER_FAULT:
		// who leaves during the dispute must not take along what the ruling would cost
		amount, err := k.storage.ClaimBond(ctx, m.Subject, d.Terms().SlashBps, types.Reference(d.Id))
		if err != nil {
			return err
		}
		if !amount.IsPositive() {
			return errorsmod.Wrap(types.ErrNothingToSlash, m.Subject)
		}
		d.Subject, d.Respondent = m.Subject, m.Subject
	case types.KIND_REFUND:
		if err := k.claimRefund(ctx, d, m); err != nil {
			return err
		}
	}
	return k.requireStranger(ctx, *d)
}

// claimRefund lets the payment that is claimed back wait for the ruling.
func (k *Keeper) claimRefund(ctx context.Context, d *types.Dispute, m *types.MsgOpenDispute) error {
	held, err := k.revenue.HeldPayment(ctx, m.Subject)
	if err != nil {
		return err
	}
	if held.Payer != d.Claimant {
		return errorsmod.Wrap(types.ErrNotPayer, m.Subject)
	}
	d.Subject, d.Respondent = held.Subject, held.Creator
	return k.contest(ctx, d, m.Subject, held, m.Amount)
}

// requireStranger refuses a claim against oneself: it would only buy rulings to show around.
func (k *Keeper) requireStranger(ctx context.Context, d types.Dispute) error {
	account, err := k.respondentAccount(ctx, d)
	if err != nil {
		return err
	}
	if account == d.Claimant {
		return errorsmod.Wrap(types.ErrOwnSubject, d.Subject)
	}
	return nil
}

// respondentAccount is the account that answers for a dispute now.
func (k *Keeper) respondentAccount(ctx context.Context, d types.Dispute) (string, error) {
	if d.Kind == types.KIND_PROVIDER_FAULT {
		return d.Respondent, nil
	}
	creator, err := k.content.GetCreator(ctx, d.Respondent)
	return creator.Controller, err
}

// takeInterim restricts the work before a ruling. It can be done once in a while only, whoever
// asks: else a row of claims could keep any work from being seen for ever.
func (k *Keeper) takeInterim(ctx context.Context, d *types.Dispute, params types.Params) error {
	until, err := k.interims.Get(ctx, d.Subject)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	held, err := k.restrictors(ctx, d.Subject)
	if err != nil {
		return err
	}
	if d.OpenedAt < until || len(held) > 0 {
		return errorsmod.Wrap(types.ErrInterimActive, d.Subject)
	}
	d.InterimUntil, d.InterimBond = d.OpenedAt+params.InterimSeconds, d.Terms().InterimBond
	return k.interims.Set(ctx, d.Subject, d.InterimUntil+types.InterimCooldownSeconds)
}

// Respond answers a claim, with as much as the kind's bond was on opening. Emits EventResponded.
// Errors: ErrDisputeNotFound, ErrNotRespondent, ErrAlreadyResponded, ErrEvidenceClosed and the bank's.
func (k *Keeper) Respond(ctx context.Context, responder sdk.AccAddress, id uint64, evidence string) error {
	d, err := k.GetDispute(ctx, id)
	if err != nil {
		return err
	}
	account, err := k.respondentAccount(ctx, d)
	if err != nil {
		return err
	}
	switch {
	case account != responder.String():
		return errorsmod.Wrapf(types.ErrNotRespondent, "%s of %s", responder, d.Respondent)
	case d.Responder != "":
		return errorsmod.Wrap(types.ErrAlreadyResponded, d.Responder)
	case d.Status != types.STATUS_EVIDENCE:
		return errorsmod.Wrapf(types.ErrEvidenceClosed, "%s", d.Status)
	}
	d.Responder, d.CounterBond = account, d.Terms().Bond
	if err := k.lock(ctx, responder, d.CounterBond, "bond"); err != nil {
		return err
	}
	if err := k.addEvidence(ctx, &d, account, evidence); err != nil {
		return err
	}
	return emit(ctx, &types.EventResponded{Dispute: id, Responder: account, Evidence: evidence, CounterBond: d.CounterBond})
}

// AddEvidence points jurors to another document of a party's, until votes are revealed. Emits
// EventEvidenceAdded. Errors: ErrDisputeNotFound, ErrNotParty, ErrEvidenceClosed, ErrTooMuchEvidence.
func (k *Keeper) AddEvidence(ctx context.Context, party sdk.AccAddress, id uint64, evidence string) error {
	d, err := k.GetDispute(ctx, id)
	if err != nil {
		return err
	}
	by := party.String()
	switch {
	case by != d.Claimant && by != d.Responder:
		return errorsmod.Wrap(types.ErrNotParty, by)
	case d.Status != types.STATUS_EVIDENCE && d.Status != types.STATUS_DRAWING:
		return errorsmod.Wrapf(types.ErrEvidenceClosed, "%s", d.Status)
	case d.EvidenceBy(by) > types.MaxPartyEvidence:
		return errorsmod.Wrap(types.ErrTooMuchEvidence, by)
	}
	if err := k.addEvidence(ctx, &d, by, evidence); err != nil {
		return err
	}
	return emit(ctx, &types.EventEvidenceAdded{Dispute: id, By: by, Evidence: evidence})
}

func (k *Keeper) addEvidence(ctx context.Context, d *types.Dispute, by, evidence string) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	d.Evidence = append(d.Evidence, types.Evidence{By: by, Cid: evidence, At: now})
	return k.disputes.Set(ctx, d.Id, *d)
}
