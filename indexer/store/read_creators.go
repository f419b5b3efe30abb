package store

import (
	"context"
	"fmt"
	"strings"
)

// Creator is a creator as lists show it.
type Creator struct {
	ID           string `json:"id"`
	Handle       string `json:"handle,omitempty"`
	Controller   string `json:"controller"`
	Level        int64  `json:"level"`
	Works        int64  `json:"works"`
	RegisteredAt int64  `json:"registered_at"`

	n, score int64
}

// Attestation is one that stands.
type Attestation struct {
	Attester   string `json:"attester"`
	Level      int64  `json:"level"`
	AttestedAt int64  `json:"attested_at"`
	ExpiresAt  int64  `json:"expires_at"`
}

// Rotation is a change of controller that waits.
type Rotation struct {
	NewController string `json:"new_controller"`
	ReadyAt       int64  `json:"ready_at"`
}

// CreatorDetail is a creator whole.
type CreatorDetail struct {
	Creator
	Attestations []Attestation `json:"attestations"`
	Rotation     *Rotation     `json:"rotation,omitempty"`
	Collections  []Collection  `json:"collections"`
	Plans        []Plan        `json:"plans"`
	Earnings     Parts         `json:"earnings"`
}

const creatorColumns = "n, id, handle, controller, level, works, registered_at, score"

func scanCreator(row func(...any) error, c *Creator) error {
	return row(&c.n, &c.ID, &c.Handle, &c.Controller, &c.Level, &c.Works, &c.RegisteredAt, &c.score)
}

// Creators lists creators by a sort: newest, trending, handle. Errors: ErrCursor.
func (s *Store) Creators(ctx context.Context, sort string, level int64, p Page) ([]Creator, string, error) {
	cond, by, args := "level >= ?", "n DESC", []any{level}
	var n, score int64
	var handle string
	var ok bool
	var err error
	name := "creators/" + sort
	switch sort {
	case Newest:
		if ok, err = decodeCursor(name, p.Cursor, &n); ok {
			cond, args = cond+" AND n < ?", append(args, n)
		}
	case Trending:
		by = "score DESC, n DESC"
		if ok, err = decodeCursor(name, p.Cursor, &score, &n); ok {
			cond, args = cond+" AND (score, n) < (?, ?)", append(args, score, n)
		}
	case "handle":
		by, cond = "handle", cond+" AND handle <> ''"
		if ok, err = decodeCursor(name, p.Cursor, &handle); ok {
			cond, args = cond+" AND handle > ?", append(args, handle)
		}
	default:
		err = fmt.Errorf("index: no sort %q", sort)
	}
	if err != nil {
		return nil, "", err
	}
	out, err := list(ctx, s, "SELECT "+creatorColumns+" FROM creators WHERE "+cond+" ORDER BY "+by+" LIMIT ?", append(args, p.Limit+1), scanCreator)
	if err != nil || len(out) <= p.Limit {
		return out, "", err
	}
	out = out[:p.Limit]
	last := out[p.Limit-1]
	switch sort {
	case Newest:
		return out, encodeCursor(name, last.n), nil
	case Trending:
		return out, encodeCursor(name, last.score, last.n), nil
	}
	return out, encodeCursor(name, last.Handle), nil
}

// creatorsLike are the creators whose handle begins with a word of q.
func (s *Store) creatorsLike(ctx context.Context, q string) ([]Creator, error) {
	word := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(q)), "@")
	if len(word) < 2 || strings.ContainsAny(word, " %_\\") && !strings.Contains(word, "_") {
		return []Creator{}, nil
	}
	// handles are of [a-z0-9_]: what follows the last of them is above every handle that begins so
	return list(ctx, s, "SELECT "+creatorColumns+" FROM creators WHERE handle <> '' AND handle >= ? AND handle < ? ORDER BY score DESC, handle LIMIT 5", []any{word, word + "{"}, scanCreator)
}

// CreatorID finds a creator by id, handle or controller. ErrNotFound.
func (s *Store) CreatorID(ctx context.Context, name string) (id string, err error) {
	name = strings.TrimPrefix(name, "@")
	err = s.one(ctx, "SELECT id FROM creators WHERE id = ? OR (handle = ? AND handle <> '') OR controller = ? ORDER BY id = ? DESC, n LIMIT 1", []any{name, name, name, name}, &id)
	return id, err
}

// Creator returns a creator by id, handle or controller. ErrNotFound.
func (s *Store) Creator(ctx context.Context, name string) (CreatorDetail, error) {
	var d CreatorDetail
	id, err := s.CreatorID(ctx, name)
	if err != nil {
		return d, err
	}
	if err := scanCreator(func(dest ...any) error {
		return s.one(ctx, "SELECT "+creatorColumns+" FROM creators WHERE id = ?", []any{id}, dest...)
	}, &d.Creator); err != nil {
		return d, err
	}
	if d.Attestations, err = list(ctx, s, "SELECT attester, level, attested_at, expires_at FROM attestations WHERE creator = ? ORDER BY level DESC, attester", []any{id},
		func(row func(...any) error, a *Attestation) error {
			return row(&a.Attester, &a.Level, &a.AttestedAt, &a.ExpiresAt)
		}); err != nil {
		return d, err
	}
	waits, err := list(ctx, s, "SELECT new_controller, ready_at FROM rotations WHERE creator = ?", []any{id},
		func(row func(...any) error, r *Rotation) error { return row(&r.NewController, &r.ReadyAt) })
	if err != nil {
		return d, err
	}
	if len(waits) > 0 {
		d.Rotation = &waits[0]
	}
	if d.Collections, err = s.collections(ctx, "creator = ?", id); err != nil {
		return d, err
	}
	if d.Plans, _, err = s.Plans(ctx, id, Page{Limit: 100}); err != nil {
		return d, err
	}
	d.Earnings, err = s.total(ctx, "creator", id)
	return d, err
}

// Collection is an album, series, course or podcast.
type Collection struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	Works   int64  `json:"works"`
	Creator string `json:"creator"`
}

// CollectionDetail is a collection with its works in order.
type CollectionDetail struct {
	Collection
	Items  []Work `json:"items"`
	Offers JSON   `json:"offers"`
}

func (s *Store) collections(ctx context.Context, cond string, arg any) ([]Collection, error) {
	return list(ctx, s, "SELECT id, kind, title, works, creator FROM collections WHERE "+cond+" ORDER BY created_at DESC, id LIMIT 200", []any{arg},
		func(row func(...any) error, c *Collection) error {
			return row(&c.ID, &c.Kind, &c.Title, &c.Works, &c.Creator)
		})
}

// Collection returns one by id. ErrNotFound.
func (s *Store) Collection(ctx context.Context, id string) (CollectionDetail, error) {
	var d CollectionDetail
	found, err := s.collections(ctx, "id = ?", id)
	if err != nil {
		return d, err
	}
	if len(found) == 0 {
		return d, ErrNotFound
	}
	d.Collection, d.Offers = found[0], "[]"
	if d.Items, err = list(ctx, s, "SELECT "+workColumns+workTables+"JOIN collection_works m ON m.work = w.root WHERE m.collection = ? AND w.status = 'active' ORDER BY m.idx LIMIT 1000",
		[]any{id}, scanWork); err != nil {
		return d, err
	}
	return d, s.each(ctx, "SELECT offers FROM offers WHERE subject = ?", []any{id}, func(row func(...any) error) error { return row(&d.Offers) })
}

// Plan is a creator's plan or a pass over many creators.
type Plan struct {
	ID             string   `json:"id"`
	Kind           string   `json:"kind"`
	Title          string   `json:"title"`
	Creator        string   `json:"creator,omitempty"`
	Price          Coin     `json:"price"`
	PeriodSeconds  int64    `json:"period_seconds"`
	TrialSeconds   int64    `json:"trial_seconds,omitempty"`
	MinSeconds     int64    `json:"min_seconds,omitempty"`
	Coverage       string   `json:"coverage,omitempty"`
	Works          int64    `json:"works,omitempty"`
	Creators       []string `json:"creators,omitempty"`
	MaxSubscribers int64    `json:"max_subscribers,omitempty"`
	Subscribers    int64    `json:"subscribers"`
	Closed         bool     `json:"closed"`

	n int64
}

const planColumns = `p.n, p.id, p.kind, p.title, p.creator, p.denom, p.price, p.period_seconds, p.trial_seconds, p.min_seconds, p.coverage,
	(SELECT count(*) FROM plan_works l WHERE l.plan = p.id), p.max_subscribers, (SELECT count(*) FROM subscriptions s WHERE s.plan = p.id), p.closed`

func scanPlan(row func(...any) error, p *Plan) error { return scanPlanAnd(row, p) }

func scanPlanAnd(row func(...any) error, p *Plan, more ...any) error {
	return row(append([]any{&p.n, &p.ID, &p.Kind, &p.Title, &p.Creator, &p.Price.Denom, &p.Price.Amount, &p.PeriodSeconds, &p.TrialSeconds, &p.MinSeconds, &p.Coverage, &p.Works,
		&p.MaxSubscribers, &p.Subscribers, &p.Closed}, more...)...)
}

// members fills in who is in passes.
func (s *Store) members(ctx context.Context, plans []Plan) error {
	for i := range plans {
		if plans[i].Kind != "pass" {
			continue
		}
		in, err := list(ctx, s, "SELECT creator FROM pass_creators WHERE pass = ? AND joined = 1 ORDER BY creator LIMIT 256", []any{plans[i].ID}, func(row func(...any) error, c *string) error { return row(c) })
		if err != nil {
			return err
		}
		plans[i].Creators = in
	}
	return nil
}

// Plans lists plans and passes, newest first: all, or those of a creator and the passes that it is in. Errors: ErrCursor.
func (s *Store) Plans(ctx context.Context, creator string, p Page) ([]Plan, string, error) {
	cond, args := "1", []any{}
	if creator != "" {
		id, err := s.CreatorID(ctx, creator)
		if err != nil {
			return nil, "", err
		}
		cond, args = "(p.creator = ? OR p.id IN (SELECT pass FROM pass_creators WHERE creator = ? AND joined = 1))", []any{id, id}
	}
	var n int64
	ok, err := decodeCursor("plans", p.Cursor, &n)
	if err != nil {
		return nil, "", err
	}
	if ok {
		cond, args = cond+" AND p.n < ?", append(args, n)
	}
	out, err := list(ctx, s, "SELECT "+planColumns+" FROM plans p WHERE "+cond+" ORDER BY p.n DESC LIMIT ?", append(args, p.Limit+1), scanPlan)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(out) > p.Limit {
		out = out[:p.Limit]
		next = encodeCursor("plans", out[p.Limit-1].n)
	}
	return out, next, s.members(ctx, out)
}

// Template is a monetization template on the chain.
type Template struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	Author     string `json:"author"`
	RoyaltyBps int64  `json:"royalty_bps"`
	Version    int64  `json:"version"`
	Access     string `json:"access"`
	Price      string `json:"price"`
	Refund     string `json:"refund"`
	Params     JSON   `json:"params"`
	Works      int64  `json:"works"`

	n int64
}

// Templates lists templates, newest first. Errors: ErrCursor.
func (s *Store) Templates(ctx context.Context, p Page) ([]Template, string, error) {
	cond, args := "1", []any{}
	var n int64
	ok, err := decodeCursor("templates", p.Cursor, &n)
	if err != nil {
		return nil, "", err
	}
	if ok {
		cond, args = "n < ?", []any{n}
	}
	out, err := list(ctx, s, "SELECT n, id, title, author, royalty_bps, version, access, price, refund, params, works FROM templates WHERE "+cond+" ORDER BY n DESC LIMIT ?", append(args, p.Limit+1),
		func(row func(...any) error, t *Template) error {
			return row(&t.n, &t.ID, &t.Title, &t.Author, &t.RoyaltyBps, &t.Version, &t.Access, &t.Price, &t.Refund, &t.Params, &t.Works)
		})
	if err != nil || len(out) <= p.Limit {
		return out, "", err
	}
	out = out[:p.Limit]
	return out, encodeCursor("templates", out[p.Limit-1].n), nil
}
