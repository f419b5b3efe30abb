package project

import (
	"encoding/json"

	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var templateEvents = table{}.
	add(on((*run).templatePublished)).
	add(on((*run).templateRemoved))

func (r *run) templatePublished(e *subscriptiontypes.EventTemplatePublished) error {
	return r.putTemplate(e.Template)
}

func (r *run) putTemplate(t subscriptiontypes.Template) error {
	params := []json.RawMessage{}
	for _, p := range t.Params {
		raw, err := protoRaw(&p)
		if err != nil {
			return err
		}
		params = append(params, raw)
	}
	raw, err := marshal(params)
	if err != nil {
		return err
	}
	n, err := r.tx.Next("SELECT COALESCE(MAX(n), 0) FROM templates")
	if err != nil {
		return err
	}
	_, err = r.tx.Exec(`INSERT INTO templates (id, n, author, title, access, price, refund, params, royalty_bps, previous, version, created_at, works)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`, t.Id, n, t.Author, t.Title, t.Access, t.Price, t.Refund, raw, t.RoyaltyBps, t.Previous, t.Version, t.CreatedAt)
	return err
}

func (r *run) templateRemoved(e *subscriptiontypes.EventTemplateRemoved) error {
	return r.one("template", e.Template)(r.tx.Exec("DELETE FROM templates WHERE id = ?", e.Template))
}
