package project

import (
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var planEvents = table{}.
	add(on((*run).planCreated)).
	add(on((*run).planUpdated))

var passEvents = table{}.
	add(on((*run).passCreated)).
	add(on((*run).passUpdated)).
	add(on((*run).passJoined)).
	add(on((*run).passLeft))

func (r *run) planCreated(e *subscriptiontypes.EventPlanCreated) error {
	return r.putPlan(e.Plan, e.Works)
}

func (r *run) putPlan(p subscriptiontypes.Plan, works []string) error {
	n, err := r.nextPlan()
	if err != nil {
		return err
	}
	if _, err := r.tx.Exec(`INSERT INTO plans (id, n, kind, creator, title, denom, price, period_seconds, trial_seconds, min_seconds, coverage, max_subscribers, closed, platform, created_at)
		VALUES (?, ?, 'plan', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`, p.Id, n, creatorOfID(p.Id), p.Title, p.Price.Denom, amount(p.Price.Amount), p.PeriodSeconds, p.TrialSeconds, p.MinSeconds,
		word(p.Coverage, "COVERAGE_"), p.MaxSubscribers, flag(p.Closed), p.CreatedAt); err != nil {
		return err
	}
	for _, w := range works {
		if _, err := r.tx.Exec("INSERT INTO plan_works (plan, work) VALUES (?, ?)", p.Id, w); err != nil {
			return err
		}
	}
	r.planChanged(p.Id, p.Coverage, works)
	return nil
}

// planChanged notes whose prices depend on a plan.
func (r *run) planChanged(id string, coverage subscriptiontypes.Coverage, works []string) {
	if coverage == subscriptiontypes.COVERAGE_ALL {
		r.changed.catalogs.add(creatorOfID(id))
		return
	}
	r.changed.prices.add(works...)
}

func (r *run) nextPlan() (int64, error) { return r.tx.Next("SELECT COALESCE(MAX(n), 0) FROM plans") }

func (r *run) planUpdated(e *subscriptiontypes.EventPlanUpdated) error {
	p := e.Plan
	works, err := r.tx.Strings("SELECT work FROM plan_works WHERE plan = ?", p.Id)
	if err != nil {
		return err
	}
	r.planChanged(p.Id, p.Coverage, works)
	return r.one("plan", p.Id)(r.tx.Exec("UPDATE plans SET title = ?, denom = ?, price = ?, max_subscribers = ?, closed = ? WHERE id = ?",
		p.Title, p.Price.Denom, amount(p.Price.Amount), p.MaxSubscribers, flag(p.Closed), p.Id))
}

func (r *run) passCreated(e *subscriptiontypes.EventPassCreated) error {
	if err := r.putPass(e.Pass); err != nil {
		return err
	}
	return r.listInPass(e.Pass.Id, e.Creators)
}

func (r *run) putPass(p subscriptiontypes.Pass) error {
	n, err := r.nextPlan()
	if err != nil {
		return err
	}
	_, err = r.tx.Exec(`INSERT INTO plans (id, n, kind, creator, title, denom, price, period_seconds, trial_seconds, min_seconds, coverage, max_subscribers, closed, platform, created_at)
		VALUES (?, ?, 'pass', ?, ?, ?, ?, ?, 0, 0, 'all', 0, ?, ?, ?)`, p.Id, n, p.Curator, p.Title, p.Price.Denom, amount(p.Price.Amount), p.PeriodSeconds, flag(p.Closed), flag(p.Platform), p.CreatedAt)
	return err
}

func (r *run) listInPass(pass string, creators []string) error {
	for _, c := range creators {
		if _, err := r.tx.Exec("INSERT INTO pass_creators (pass, creator, joined) VALUES (?, ?, 0) ON CONFLICT DO NOTHING", pass, c); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) passUpdated(e *subscriptiontypes.EventPassUpdated) error {
	p := e.Pass
	if err := r.one("pass", p.Id)(r.tx.Exec("UPDATE plans SET title = ?, denom = ?, price = ?, closed = ? WHERE id = ?",
		p.Title, p.Price.Denom, amount(p.Price.Amount), flag(p.Closed), p.Id)); err != nil {
		return err
	}
	if err := r.listInPass(p.Id, e.Added); err != nil {
		return err
	}
	members, err := r.tx.Strings("SELECT creator FROM pass_creators WHERE pass = ? AND joined = 1", p.Id)
	if err != nil {
		return err
	}
	r.changed.catalogs.add(members...)
	for _, c := range e.Removed {
		if _, err := r.tx.Exec("DELETE FROM pass_creators WHERE pass = ? AND creator = ?", p.Id, c); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) passJoined(e *subscriptiontypes.EventPassJoined) error {
	return r.setJoined(e.Pass, e.Creator, true)
}

func (r *run) passLeft(e *subscriptiontypes.EventPassLeft) error {
	return r.setJoined(e.Pass, e.Creator, false)
}

func (r *run) setJoined(pass, creator string, joined bool) error {
	r.changed.catalogs.add(creator)
	_, err := r.tx.Exec("INSERT INTO pass_creators (pass, creator, joined) VALUES (?, ?, ?) ON CONFLICT (pass, creator) DO UPDATE SET joined = excluded.joined", pass, creator, flag(joined))
	return err
}
