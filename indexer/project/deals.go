package project

import (
	"fmt"

	"github.com/streamchain/streamchain/indexer/store"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

var dealEvents = table{}.
	add(on((*run).dealRequested)).
	add(on((*run).dealAccepted)).
	add(on((*run).dealEnded)).
	add(on((*run).repairOpened)).
	add(on((*run).workRepaired)).
	add(on((*run).repairClosed))

func (r *run) dealRequested(e *storagetypes.EventDealRequested) error { return r.putDeal(e.Deal) }

func (r *run) dealAccepted(e *storagetypes.EventDealAccepted) error { return r.putDeal(e.Deal) }

func (r *run) putDeal(d storagetypes.Deal) error {
	r.changed.copies.add(d.Root)
	r.changed.operators.add(d.Operator)
	_, err := r.tx.Exec(`INSERT INTO deals (work, operator, root, status, piece_size, rate, requested_at, expires_at, accepted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (work, operator) DO UPDATE SET status = excluded.status, piece_size = excluded.piece_size, rate = excluded.rate, requested_at = excluded.requested_at,
		expires_at = excluded.expires_at, accepted_at = excluded.accepted_at`,
		d.Work, d.Operator, d.Root, word(d.Status, "DEAL_STATUS_"), fmt.Sprint(d.PieceSize), amount(d.Rate), d.RequestedAt, d.ExpiresAt, d.AcceptedAt)
	return err
}

func (r *run) dealEnded(e *storagetypes.EventDealEnded) error {
	r.changed.copies.add(e.Root)
	r.changed.operators.add(e.Operator)
	return r.one("deal for", e.Work)(r.tx.Exec("DELETE FROM deals WHERE work = ? AND operator = ?", e.Work, e.Operator))
}

func (r *run) repairOpened(e *storagetypes.EventRepairOpened) error { return r.putRepair(e.Repair) }

func (r *run) putRepair(p storagetypes.Repair) error {
	_, err := r.tx.Exec(`INSERT INTO repairs (work, operator, root, opened_at, reason) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (work, operator) DO UPDATE SET opened_at = excluded.opened_at, reason = excluded.reason`, p.Work, p.Operator, p.Root, p.OpenedAt, word(p.Reason, "DEAL_END_"))
	return err
}

func (r *run) workRepaired(e *storagetypes.EventWorkRepaired) error {
	if err := r.putDeal(e.Deal); err != nil {
		return err
	}
	return r.dropRepair(e.Deal.Work, e.Operator)
}

func (r *run) repairClosed(e *storagetypes.EventRepairClosed) error {
	return r.dropRepair(e.Work, e.Operator)
}

func (r *run) dropRepair(work, operator string) error {
	return r.one("wanted copy of", work)(r.tx.Exec("DELETE FROM repairs WHERE work = ? AND operator = ?", work, operator))
}

// copiesOf counts who keeps a work.
func (r *run) copiesOf(root string) error {
	return r.one("work", root)(r.tx.Exec("UPDATE works SET copies = (SELECT COUNT(DISTINCT operator) FROM deals WHERE root = ?1 AND status = 'active') WHERE root = ?1", root))
}

// load adds up what a provider keeps.
func (r *run) load(operator string) error {
	sizes, err := r.tx.Strings("SELECT piece_size FROM deals WHERE operator = ? AND status = 'active'", operator)
	if err != nil {
		return err
	}
	sum := "0"
	for _, s := range sizes {
		if sum, err = store.Add(sum, s); err != nil {
			return err
		}
	}
	return r.provider(operator, "deals = ?, stored_bytes = ?", len(sizes), sum)
}
