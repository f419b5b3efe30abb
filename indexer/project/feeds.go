package project

import (
	"encoding/hex"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

var feedEvents = table{}.
	add(on(func(r *run, e *contenttypes.EventFeedRegistered) error { return r.putFeed(e.Feed) })).
	add(on(func(r *run, e *contenttypes.EventFeedUpdated) error { return r.putFeed(e.Feed) })).
	add(on((*run).feedRemoved))

func (r *run) putFeed(f contenttypes.Feed) error {
	n, err := r.tx.Next("SELECT COALESCE(MAX(n), 0) FROM feeds")
	if err != nil {
		return err
	}
	raw, err := protoRaw(&f)
	if err != nil {
		return err
	}
	_, err = r.tx.Exec(`INSERT INTO feeds (id, n, owner, title, description, endpoint, pubkey, data, registered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, description = excluded.description, endpoint = excluded.endpoint, pubkey = excluded.pubkey, data = excluded.data`,
		f.Id, n, f.Owner, f.Title, f.Description, f.Endpoint, hex.EncodeToString(f.Key), string(raw), f.RegisteredAt)
	return err
}

func (r *run) feedRemoved(e *contenttypes.EventFeedRemoved) error {
	return r.one("feed", e.Feed)(r.tx.Exec("DELETE FROM feeds WHERE id = ?", e.Feed))
}
