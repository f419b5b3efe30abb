package project

import (
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
)

var disputeEvents = table{}.
	add(on((*run).disputeOpened)).
	add(on((*run).responded)).
	add(on((*run).evidenceAdded)).
	add(on((*run).holdDisputed)).
	add(on((*run).juryDrawn)).
	add(on((*run).drawPostponed)).
	add(on((*run).revealOpened)).
	add(on((*run).ruled)).
	add(on((*run).appealed)).
	add(on((*run).roundVoid)).
	add(on((*run).disputeSettled)).
	add(on((*run).restricted)).
	add(on((*run).restored)).
	add(on((*run).remedyExecuted))

func kindOf(k disputetypes.Kind) string { return word(k, "KIND_") }

func (r *run) disputeOpened(e *disputetypes.EventDisputeOpened) error {
	if _, err := r.tx.Exec(`INSERT INTO disputes (id, kind, status, subject, claimant, respondent, responder, round, ruling, final, uphold, dismiss, opened_at, deadline, bond,
		counter_bond, interim_until, executed, settlement) VALUES (?, ?, 'evidence', ?, ?, ?, '', 0, '', 0, 0, 0, ?, ?, ?, '0', ?, 0, '')`,
		seconds(e.Dispute), kindOf(e.Kind), e.Subject, e.Claimant, e.Respondent, r.live, e.RespondUntil, amount(e.Bond), e.InterimUntil); err != nil {
		return err
	}
	if err := r.addEvidence(e.Dispute, e.Claimant, e.Evidence); err != nil {
		return err
	}
	return r.notice(e.Dispute, "opened", false, e.RespondUntil)
}

func (r *run) addEvidence(dispute uint64, by, cid string) error {
	if cid == "" {
		return nil
	}
	_, err := r.tx.Exec("INSERT INTO evidence (dispute, idx, by, cid, at) SELECT ?1, COUNT(*), ?2, ?3, ?4 FROM evidence WHERE dispute = ?1", seconds(dispute), by, cid, r.live)
	return err
}

// notice adds to the public log. The chain's log numbers the same notices in the same order.
func (r *run) notice(dispute uint64, action string, final bool, until int64) error {
	return r.one("dispute", "")(r.tx.Exec(`INSERT INTO notices (id, dispute, kind, subject, respondent, action, final, at, until)
		SELECT (SELECT COALESCE(MAX(id), 0) + 1 FROM notices), id, kind, subject, respondent, ?, ?, ?, ? FROM disputes WHERE id = ?`, action, flag(final), r.live, until, seconds(dispute)))
}

func (r *run) dispute(id uint64, set string, args ...any) error {
	return r.one("dispute", "")(r.tx.Exec("UPDATE disputes SET "+set+" WHERE id = ?", append(args, seconds(id))...))
}

func (r *run) responded(e *disputetypes.EventResponded) error {
	if err := r.addEvidence(e.Dispute, e.Responder, e.Evidence); err != nil {
		return err
	}
	return r.dispute(e.Dispute, "responder = ?, counter_bond = ?", e.Responder, amount(e.CounterBond))
}

func (r *run) evidenceAdded(e *disputetypes.EventEvidenceAdded) error {
	return r.addEvidence(e.Dispute, e.By, e.Evidence)
}

func (r *run) holdDisputed(e *disputetypes.EventHoldContested) error {
	return r.dispute(e.Dispute, "bond = ?", amount(e.Bond))
}

func (r *run) juryDrawn(e *disputetypes.EventJuryDrawn) error {
	return r.dispute(e.Dispute, "status = 'commit', round = ?, deadline = ?", e.Round, e.CommitUntil)
}

func (r *run) drawPostponed(e *disputetypes.EventDrawPostponed) error {
	return r.dispute(e.Dispute, "status = 'drawing', round = ?, deadline = 0", e.Round)
}

func (r *run) revealOpened(e *disputetypes.EventRevealOpened) error {
	return r.dispute(e.Dispute, "status = 'reveal', deadline = ?", e.RevealUntil)
}

func (r *run) ruled(e *disputetypes.EventRuled) error {
	status, action := "appeal", "dismissed"
	if e.Final {
		status = "closed"
	}
	if e.Ruling == disputetypes.CHOICE_UPHOLD {
		action = "upheld"
	}
	if err := r.dispute(e.Dispute, "status = ?, round = ?, ruling = ?, final = ?, uphold = ?, dismiss = ?, deadline = ?, interim_until = 0",
		status, e.Round, word(e.Ruling, "CHOICE_"), flag(e.Final), e.Uphold, e.Dismiss, e.AppealUntil); err != nil {
		return err
	}
	return r.notice(e.Dispute, action, e.Final, e.AppealUntil)
}

func (r *run) appealed(e *disputetypes.EventAppealed) error {
	return r.dispute(e.Dispute, "status = 'drawing', round = ?, deadline = 0", e.Round)
}

func (r *run) roundVoid(e *disputetypes.EventRoundVoid) error {
	return r.dispute(e.Dispute, "deadline = 0")
}

func (r *run) disputeSettled(e *disputetypes.EventSettled) error {
	raw, err := protoRaw(e)
	if err != nil {
		return err
	}
	return r.dispute(e.Dispute, "status = 'closed', final = 1, deadline = 0, settlement = ?", string(raw))
}

func (r *run) restricted(e *disputetypes.EventRestricted) error {
	return r.notice(e.Dispute, "restricted", false, 0)
}

func (r *run) restored(e *disputetypes.EventRestored) error {
	return r.notice(e.Dispute, "restored", false, 0)
}

func (r *run) remedyExecuted(e *disputetypes.EventRemedyExecuted) error {
	if err := r.dispute(e.Dispute, "executed = 1"); err != nil {
		return err
	}
	return r.notice(e.Dispute, "executed", true, 0)
}
