package store

import "context"

// WorkDetail is a work whole.
type WorkDetail struct {
	Work
	Description string       `json:"description"`
	Media       string       `json:"media"`
	PieceRoot   string       `json:"piece_root"`
	PieceSize   string       `json:"piece_size"`
	CommittedAt int64        `json:"committed_at,omitempty"`
	Versions    []Version    `json:"versions"`
	Holders     []Holder     `json:"holders"`
	Earnings    Parts        `json:"earnings"`
	Parents     []Relation   `json:"parents"`
	Children    []Relation   `json:"children"`
	Disputes    []Dispute    `json:"disputes"`
	Collections []Collection `json:"collections"`
	Split       JSON         `json:"split,omitempty"`
}

// Version is one version of a work.
type Version struct {
	CID         string `json:"cid"`
	Version     int64  `json:"version"`
	PublishedAt int64  `json:"published_at"`
	TX          string `json:"tx"`
}

// Holder is a node with an active deal.
type Holder struct {
	Operator       string `json:"operator"`
	Endpoint       string `json:"endpoint"`
	Region         string `json:"region"`
	PricePerGibDay Coin   `json:"price_per_gib_day"`
}

// Relation is a work that another derives from, or the other way.
type Relation struct {
	Work  string `json:"work"`
	Bps   int64  `json:"bps"`
	Title string `json:"title,omitempty"`
}

// Root finds the root of a work by the CID of any of its versions. ErrNotFound.
func (s *Store) Root(ctx context.Context, cid string) (root string, err error) {
	err = s.one(ctx, "SELECT root FROM versions WHERE cid = ?", []any{cid}, &root)
	return root, err
}

// Work returns a work by the CID of any of its versions, whatever its status. ErrNotFound.
func (s *Store) Work(ctx context.Context, cid string) (WorkDetail, error) {
	var d WorkDetail
	root, err := s.Root(ctx, cid)
	if err != nil {
		return d, err
	}
	err = scanWorkAnd(func(dest ...any) error {
		return s.one(ctx, "SELECT "+workColumns+", w.description, w.media, w.piece_root, w.piece_size, w.committed_at"+workTables+"WHERE w.root = ?", []any{root}, dest...)
	}, &d.Work, &d.Description, &d.Media, &d.PieceRoot, &d.PieceSize, &d.CommittedAt)
	if err != nil {
		return d, err
	}
	if d.Versions, err = list(ctx, s, "SELECT cid, version, published_at, tx FROM versions WHERE root = ? ORDER BY version DESC LIMIT 200", []any{root},
		func(row func(...any) error, v *Version) error {
			return row(&v.CID, &v.Version, &v.PublishedAt, &v.TX)
		}); err != nil {
		return d, err
	}
	if d.Holders, err = list(ctx, s, `SELECT p.operator, p.endpoints, p.region, p.price FROM deals d JOIN providers p ON p.operator = d.operator
		WHERE d.root = ? AND d.status = 'active' GROUP BY p.operator ORDER BY p.operator`, []any{root}, func(row func(...any) error, h *Holder) error {
		err := row(&h.Operator, &h.Endpoint, &h.Region, &h.PricePerGibDay.Amount)
		h.Endpoint, h.PricePerGibDay.Denom = firstOf(h.Endpoint), baseDenom
		return err
	}); err != nil {
		return d, err
	}
	if d.Earnings, err = s.total(ctx, "work", root); err != nil {
		return d, err
	}
	relation := func(row func(...any) error, r *Relation) error { return row(&r.Work, &r.Bps, &r.Title) }
	if d.Parents, err = list(ctx, s, "SELECT r.parent, r.bps, COALESCE(w.title, '') FROM parents r LEFT JOIN works w ON w.root = r.parent WHERE r.work = ? ORDER BY r.idx", []any{root}, relation); err != nil {
		return d, err
	}
	if d.Children, err = list(ctx, s, "SELECT r.work, r.bps, COALESCE(w.title, '') FROM parents r JOIN works w ON w.root = r.work WHERE r.parent = ? ORDER BY w.n DESC LIMIT 100", []any{root}, relation); err != nil {
		return d, err
	}
	if d.Disputes, _, err = s.Disputes(ctx, root, false, Page{Limit: 20}); err != nil {
		return d, err
	}
	if d.Collections, err = s.collections(ctx, "id IN (SELECT collection FROM collection_works WHERE work = ?)", root); err != nil {
		return d, err
	}
	return d, s.each(ctx, "SELECT shares FROM splits WHERE subject IN (?, ?) ORDER BY subject = ? DESC LIMIT 1", []any{root, d.Creator.ID, root},
		func(row func(...any) error) error { return row(&d.Split) })
}
