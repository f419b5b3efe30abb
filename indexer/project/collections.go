package project

import (
	"strings"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

var collectionEvents = table{}.
	add(on((*run).collectionCreated)).
	add(on((*run).collectionUpdated))

func (r *run) collectionCreated(e *contenttypes.EventCollectionCreated) error {
	return r.putCollection(e.Collection, e.Works)
}

func (r *run) collectionUpdated(e *contenttypes.EventCollectionUpdated) error {
	return r.putCollection(e.Collection, e.Works)
}

func (r *run) putCollection(c contenttypes.Collection, works []string) error {
	creator, _, _ := strings.Cut(c.Id, "/")
	if _, err := r.tx.Exec(`INSERT INTO collections (id, creator, kind, title, works, version, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, works = excluded.works, version = excluded.version, updated_at = excluded.updated_at`,
		c.Id, creator, word(c.Kind, "COLLECTION_KIND_"), c.Title, c.Works, seconds(c.Version), c.CreatedAt, c.UpdatedAt); err != nil {
		return err
	}
	before, err := r.tx.Strings("SELECT work FROM collection_works WHERE collection = ?", c.Id)
	if err != nil {
		return err
	}
	r.changed.prices.add(before...)
	r.changed.prices.add(works...)
	if _, err := r.tx.Exec("DELETE FROM collection_works WHERE collection = ?", c.Id); err != nil {
		return err
	}
	for i, w := range works {
		if _, err := r.tx.Exec("INSERT INTO collection_works (collection, idx, work) VALUES (?, ?, ?)", c.Id, i, w); err != nil {
			return err
		}
	}
	return r.learn(c.Title)
}
