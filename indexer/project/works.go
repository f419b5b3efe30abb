package project

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/streamchain/streamchain/manifest"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

var workEvents = table{}.
	add(on((*run).workPublished)).
	add(on((*run).workRetired)).
	add(on((*run).workRestricted)).
	add(on((*run).workRestored)).
	add(on((*run).derivationTermsSet)).
	add(on((*run).derivationAccepted)).
	add(on((*run).splitSet))

// Texts has manifests of works by their ids: titles and descriptions, which the state of a chain leaves out.
type Texts interface {
	// Manifest returns what a work's id commits to; false where it is not known.
	Manifest(cid string) (manifest.Manifest, bool, error)
}

// version is one version of a work with its text.
type version struct {
	contenttypes.Work
	title, language, description, licence string
	tags                                  []string
}

func (r *run) workPublished(e *contenttypes.EventWorkPublished) error {
	v := version{
		Work: contenttypes.Work{
			Cid: e.Cid, Root: e.Root, Previous: e.Previous, Creator: e.Creator, Kind: e.Kind, Media: e.Media, Cover: e.Cover, PieceRoot: e.PieceRoot, PieceSize: e.PieceSize,
			DurationSeconds: e.DurationSeconds, Status: contenttypes.WORK_STATUS_ACTIVE, PublishedAt: e.PublishedAt, CommittedAt: e.CommittedAt, Version: e.Version,
		},
		title: e.Title, language: e.Language, description: e.Description, licence: e.Licence, tags: e.Tags,
	}
	// keys and parents are in the message, which the id commits to
	msg, ok := find(r, func(m *contenttypes.MsgPublish) bool {
		man, err := m.Manifest()
		if err != nil {
			return false
		}
		id, err := man.CID()
		return err == nil && id.String() == e.Cid
	})
	if !ok {
		return fmt.Errorf("work %s was published by no message of its transaction that this program reads", e.Cid)
	}
	v.Keys, v.Parents = msg.Keys, msg.Parents
	return r.putVersion(v)
}

// putVersion writes a version; versions of a root come in their order.
func (r *run) putVersion(v version) error {
	if _, err := r.tx.Exec("INSERT INTO versions (cid, root, version, published_at, tx) VALUES (?, ?, ?, ?, ?)", v.Cid, v.Root, v.Version, v.PublishedAt, r.at.hash); err != nil {
		return err
	}
	tags, err := list(v.tags)
	if err != nil {
		return err
	}
	keys := ""
	if v.Keys != nil {
		raw, err := protoRaw(v.Keys)
		if err != nil {
			return err
		}
		keys = string(raw)
	}
	fields := []any{
		v.Cid, v.Version, v.Kind, v.title, fold(v.title), v.description, v.language, v.licence, tags, seconds(v.DurationSeconds), v.Media, v.Cover,
		hex.EncodeToString(v.PieceRoot), fmt.Sprint(v.PieceSize), flag(v.Keys != nil), keys, v.PublishedAt,
	}
	r.changed.texts.add(v.Root)
	r.changed.prices.add(v.Root)
	if err := r.learn(append([]string{v.title}, v.tags...)...); err != nil {
		return err
	}
	if v.Cid != v.Root {
		return r.one("work", v.Root)(r.tx.Exec(`UPDATE works SET head = ?, version = ?, kind = ?, title = ?, title_key = ?, description = ?, language = ?, licence = ?, tags = ?,
			duration = ?, media = ?, cover = ?, piece_root = ?, piece_size = ?, encrypted = ?, keys = ?, updated_at = ? WHERE root = ?`, append(fields, v.Root)...))
	}
	n, err := r.tx.Next("SELECT COALESCE(MAX(n), 0) FROM works")
	if err != nil {
		return err
	}
	if _, err := r.tx.Exec(`INSERT INTO works (head, version, kind, title, title_key, description, language, licence, tags, duration, media, cover, piece_root, piece_size,
		encrypted, keys, updated_at, n, root, creator, status, retired, published_at, committed_at, prices, copies, score, payers)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)`,
		append(fields, n, v.Root, v.Creator, word(v.Status, "WORK_STATUS_"), flag(v.Status == contenttypes.WORK_STATUS_RETIRED), v.PublishedAt, v.CommittedAt)...); err != nil {
		return err
	}
	r.changed.counts.add(v.Creator)
	for i, p := range v.Parents {
		root, err := r.rootOf(p.Work)
		if err != nil {
			return err
		}
		if _, err := r.tx.Exec("INSERT INTO parents (work, parent, idx, bps, granted) VALUES (?, ?, ?, ?, 0)", v.Root, root, i, p.Bps); err != nil {
			return err
		}
	}
	return nil
}

// rootOf is the root of any version of a work.
func (r *run) rootOf(cid string) (root string, err error) {
	found, err := r.tx.Row("SELECT root FROM versions WHERE cid = ?", []any{cid}, &root)
	if err == nil && !found {
		err = fmt.Errorf("the index has no work %q: rebuild it with `indexerd reindex`", cid)
	}
	return root, err
}

func (r *run) workRetired(e *contenttypes.EventWorkRetired) error {
	return r.setStatus(e.Root, e.Creator, "UPDATE works SET retired = 1, status = CASE status WHEN 'active' THEN 'retired' ELSE status END WHERE root = ?")
}

func (r *run) workRestricted(e *contenttypes.EventWorkRestricted) error {
	return r.setStatus(e.Root, e.Creator, "UPDATE works SET status = 'restricted' WHERE root = ?")
}

func (r *run) workRestored(e *contenttypes.EventWorkRestored) error {
	return r.setStatus(e.Root, e.Creator, "UPDATE works SET status = CASE retired WHEN 1 THEN 'retired' ELSE 'active' END WHERE root = ?")
}

func (r *run) setStatus(root, creator, query string) error {
	r.changed.texts.add(root)
	r.changed.counts.add(creator)
	return r.one("work", root)(r.tx.Exec(query, root))
}

func (r *run) derivationTermsSet(e *revenuetypes.EventDerivationTermsSet) error {
	return r.putTerms(revenuetypes.DerivationTerms{Work: e.Work, Open: e.Open, MinBps: e.MinBps})
}

func (r *run) putTerms(t revenuetypes.DerivationTerms) error {
	_, err := r.tx.Exec("INSERT INTO derivation_terms (work, open, min_bps) VALUES (?, ?, ?) ON CONFLICT (work) DO UPDATE SET open = excluded.open, min_bps = excluded.min_bps",
		t.Work, flag(t.Open), t.MinBps)
	return err
}

func (r *run) derivationAccepted(e *revenuetypes.EventDerivationAccepted) error {
	// a work that is published under open terms comes before the consent to it
	return r.one("parent of", e.Work)(r.tx.Exec("UPDATE parents SET granted = 1 WHERE work = ? AND parent = ?", e.Work, e.Parent))
}

func (r *run) splitSet(e *revenuetypes.EventSplitSet) error {
	return r.putSplit(revenuetypes.Split{Subject: e.Subject, Version: e.Version, Shares: e.Shares})
}

func (r *run) putSplit(s revenuetypes.Split) error {
	type share struct {
		Recipient string `json:"recipient"`
		Bps       uint32 `json:"bps"`
	}
	shares := []share{}
	for _, v := range s.Shares {
		shares = append(shares, share{v.Recipient, v.Bps})
	}
	raw, err := marshal(shares)
	if err != nil {
		return err
	}
	_, err = r.tx.Exec("INSERT INTO splits (subject, version, shares) VALUES (?, ?, ?) ON CONFLICT (subject) DO UPDATE SET version = excluded.version, shares = excluded.shares",
		s.Subject, seconds(s.Version), raw)
	return err
}

// isWork tells a work's id from a creator's and a collection's.
func isWork(subject string) bool { return strings.HasPrefix(subject, "bafy") }
