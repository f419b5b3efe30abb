package store

import (
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"sort"
	"time"
)

// baseDenom is that of sums.
const baseDenom = "ustream"

// Parts are sums of what was shared out, in ustream: the parts sum to charged, and parents is within creator.
type Parts struct {
	Gross         string `json:"gross"`
	Charged       string `json:"charged"`
	Creator       string `json:"creator"`
	Parents       string `json:"parents"`
	Server        string `json:"server"`
	KeyHolders    string `json:"key_holders"`
	Endowment     string `json:"endowment"`
	StoragePool   string `json:"storage_pool"`
	Stakers       string `json:"stakers"`
	Treasury      string `json:"treasury"`
	Participation string `json:"participation"`
	Burn          string `json:"burn"`
	Royalty       string `json:"royalty"`
	Payments      int64  `json:"payments"`
}

const partColumns = "payments, gross, charged, creator_part, parents, server, key_holders, endowment, storage_pool, stakers, treasury, participation, burn, royalty"

func (p *Parts) fields() []*string {
	return []*string{&p.Gross, &p.Charged, &p.Creator, &p.Parents, &p.Server, &p.KeyHolders, &p.Endowment, &p.StoragePool, &p.Stakers, &p.Treasury, &p.Participation, &p.Burn, &p.Royalty}
}

func (p *Parts) dest() []any {
	out := []any{&p.Payments}
	for _, f := range p.fields() {
		out = append(out, f)
	}
	return out
}

func noParts() Parts {
	var p Parts
	for _, f := range p.fields() {
		*f = "0"
	}
	return p
}

// add adds o to p. Amounts can exceed 64 bits, so SQL does not sum them.
func (p *Parts) add(o Parts) error {
	mine, others := p.fields(), o.fields()
	for i := range mine {
		sum, err := Add(*mine[i], *others[i])
		if err != nil {
			return err
		}
		*mine[i] = sum
	}
	p.Payments += o.Payments
	return nil
}

// total is what totals say of a key, over all rails.
func (s *Store) total(ctx context.Context, scope, key string) (Parts, error) {
	sum := noParts()
	err := s.each(ctx, "SELECT "+partColumns+" FROM totals WHERE scope = ? AND key = ? AND denom = ?", []any{scope, key, baseDenom}, func(row func(...any) error) error {
		var p Parts
		if err := row(p.dest()...); err != nil {
			return err
		}
		return sum.add(p)
	})
	return sum, err
}

// StatementLine is one line of a statement.
type StatementLine struct {
	Key      string `json:"key"`
	Title    string `json:"title,omitempty"`
	Payments int64  `json:"payments"`
	Gross    string `json:"gross"`
	Charged  string `json:"charged"`
	Creator  string `json:"creator"`
}

// Statement is what a creator's works and the creator earned in a time.
type Statement struct {
	Creator string          `json:"creator"`
	From    int64           `json:"from"`
	To      int64           `json:"to"`
	Denom   string          `json:"denom"`
	Total   Parts           `json:"total"`
	ByRail  []StatementLine `json:"by_rail"`
	ByWork  []StatementLine `json:"by_work"`
	ByDay   []StatementLine `json:"by_day"`
}

const daySeconds = 86_400

// Day is how days are written.
func Day(day int64) string { return time.Unix(day*daySeconds, 0).UTC().Format(time.DateOnly) }

// Statement sums what was earned in the days that hold from and to. Errors: ErrNotFound.
func (s *Store) Statement(ctx context.Context, creator string, from, to int64) (Statement, error) {
	id, err := s.CreatorID(ctx, creator)
	if err != nil {
		return Statement{}, err
	}
	first, last := from/daySeconds, to/daySeconds
	out := Statement{Creator: id, From: first * daySeconds, To: (last + 1) * daySeconds, Denom: baseDenom, Total: noParts()}
	rails, works, days := map[string]*StatementLine{}, map[string]*StatementLine{}, map[string]*StatementLine{}
	err = s.each(ctx, "SELECT subject, rail, day, "+partColumns+" FROM earnings WHERE creator = ? AND day BETWEEN ? AND ? AND denom = ?", []any{id, first, last, baseDenom},
		func(row func(...any) error) error {
			var subject, rail string
			var day int64
			var p Parts
			if err := row(append([]any{&subject, &rail, &day}, p.dest()...)...); err != nil {
				return err
			}
			return errors.Join(out.Total.add(p), count(rails, rail, p), count(works, subject, p), count(days, Day(day), p))
		})
	if err != nil {
		return out, err
	}
	out.ByRail, out.ByWork, out.ByDay = lines(rails), lines(works), lines(days)
	for i := range out.ByWork {
		err := s.one(ctx, "SELECT title FROM works WHERE root = ?", []any{out.ByWork[i].Key}, &out.ByWork[i].Title)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return out, err
		}
	}
	return out, nil
}

func count(lines map[string]*StatementLine, key string, p Parts) error {
	l := lines[key]
	if l == nil {
		l = &StatementLine{Key: key, Gross: "0", Charged: "0", Creator: "0"}
		lines[key] = l
	}
	var errs [3]error
	l.Gross, errs[0] = Add(l.Gross, p.Gross)
	l.Charged, errs[1] = Add(l.Charged, p.Charged)
	l.Creator, errs[2] = Add(l.Creator, p.Creator)
	l.Payments += p.Payments
	return errors.Join(errs[:]...)
}

func lines(by map[string]*StatementLine) []StatementLine {
	out := []StatementLine{}
	for _, l := range by {
		out = append(out, *l)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Key < out[j].Key })
	return out
}

// Payment is one that an account made.
type Payment struct {
	Height     int64             `json:"height"`
	Time       int64             `json:"time"`
	TX         string            `json:"tx,omitempty"`
	Rail       string            `json:"rail"`
	Subject    string            `json:"subject"`
	Title      string            `json:"title,omitempty"`
	Creator    string            `json:"creator,omitempty"`
	Gross      Coin              `json:"gross"`
	Charged    Coin              `json:"charged"`
	CreatorBps int64             `json:"creator_bps"`
	Parts      map[string]string `json:"parts"`
	HeldUntil  int64             `json:"held_until,omitempty"`
	Hold       string            `json:"hold,omitempty"`

	idx int64
}

// paymentRows are payments that were shared out and, with no parts, those that are held.
const paymentRows = `SELECT x.height, x.idx, x.time, x.tx, x.rail, x.subject, x.creator, x.denom, x.gross, x.charged, x.creator_bps, x.parts, x.until, x.hold,
	COALESCE((SELECT title FROM works WHERE root = x.subject), (SELECT title FROM collections WHERE id = x.subject), (SELECT title FROM plans WHERE id = x.reference OR id = x.subject), '') FROM (
	SELECT height, idx, time, tx, rail, subject, creator, payer, denom, gross, charged, creator_bps, parts, 0 AS until, hold, reference FROM payments WHERE %COND%
	UNION ALL
	SELECT height, idx, time, tx, rail, subject, creator, payer, denom, gross, charged, 0, '{}', release_at, id, reference FROM holds WHERE status IN ('held', 'contested') AND %COND%) x `

func scanPayment(row func(...any) error, p *Payment) error {
	var parts string
	if err := row(&p.Height, &p.idx, &p.Time, &p.TX, &p.Rail, &p.Subject, &p.Creator, &p.Gross.Denom, &p.Gross.Amount, &p.Charged.Amount, &p.CreatorBps, &parts, &p.HeldUntil, &p.Hold, &p.Title); err != nil {
		return err
	}
	p.Charged.Denom = p.Gross.Denom
	return json.Unmarshal([]byte(parts), &p.Parts)
}

// Receipts lists what an account paid, newest first; what it paid by the second is not there. Errors: ErrCursor.
func (s *Store) Receipts(ctx context.Context, payer string, p Page) ([]Payment, string, error) {
	args, after := []any{payer, payer}, ""
	var height, idx int64
	ok, err := decodeCursor("receipts", p.Cursor, &height, &idx)
	if err != nil {
		return nil, "", err
	}
	if ok {
		after, args = "WHERE (x.height, x.idx) < (?, ?) ", append(args, height, idx)
	}
	out, err := list(ctx, s, withCond(paymentRows, "payer = ?")+after+"ORDER BY x.height DESC, x.idx DESC LIMIT ?", append(args, p.Limit+1), scanPayment)
	if err != nil || len(out) <= p.Limit {
		return out, "", err
	}
	out = out[:p.Limit]
	return out, encodeCursor("receipts", out[p.Limit-1].Height, out[p.Limit-1].idx), nil
}

// PaymentsOf lists what one transaction paid.
func (s *Store) PaymentsOf(ctx context.Context, tx string) ([]Payment, error) {
	return list(ctx, s, withCond(paymentRows, "tx = ? AND tx <> ''")+"ORDER BY x.height, x.idx LIMIT 500", []any{tx, tx}, scanPayment)
}

// Transaction is one that a block has.
type Transaction struct {
	Hash             string
	Height, Time     int64
	Code             int64
	Codespace, Log   string
	Payer            string
	Fee              Coin
	Messages, Events []string // type URLs; types and JSON of the events
	Data             []JSON
}

// Transaction returns one by its hash. ErrNotFound.
func (s *Store) Transaction(ctx context.Context, hash string) (Transaction, error) {
	t := Transaction{Hash: hash}
	var messages string
	err := s.one(ctx, "SELECT height, time, code, codespace, log, payer, fee_denom, fee, messages FROM txs WHERE hash = ?", []any{hash},
		&t.Height, &t.Time, &t.Code, &t.Codespace, &t.Log, &t.Payer, &t.Fee.Denom, &t.Fee.Amount, &messages)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(messages), &t.Messages); err != nil {
		return t, err
	}
	return t, s.each(ctx, "SELECT type, data FROM events WHERE tx = ? AND tx <> '' ORDER BY height, idx LIMIT 1000", []any{hash}, func(row func(...any) error) error {
		var name string
		var data JSON
		if err := row(&name, &data); err != nil {
			return err
		}
		t.Events, t.Data = append(t.Events, name), append(t.Data, data)
		return nil
	})
}

// Owned is a work that an account has a right to.
type Owned struct {
	Work            Work   `json:"work"`
	Right           string `json:"right"`
	Until           int64  `json:"until,omitempty"`
	RefundableUntil int64  `json:"refundable_until,omitempty"`
	Hold            string `json:"hold,omitempty"`
}

// Subscribed is a plan that an account subscribes to.
type Subscribed struct {
	Plan      Plan  `json:"plan"`
	StartedAt int64 `json:"started_at"`
	ExpiresAt int64 `json:"expires_at"`
	Renews    bool  `json:"renews"`
	MaxPrice  *Coin `json:"max_price,omitempty"`
}

// Library is what an account has.
type Library struct {
	Works         []Owned      `json:"works"`
	Subscriptions []Subscribed `json:"subscriptions"`
}

// Library lists rights that live: works bought, rented or had by a template, also through collections, the newest 500; and plans.
func (s *Store) Library(ctx context.Context, viewer string) (Library, error) {
	var now int64
	if err := s.one(ctx, "SELECT live FROM blocks ORDER BY height DESC LIMIT 1", nil, &now); err != nil && !errors.Is(err, ErrNotFound) {
		return Library{}, err
	}
	var l Library
	var err error
	l.Works, err = list(ctx, s, "SELECT "+workColumns+`, e.right, e.until, COALESCE(h.release_at, 0), COALESCE(h.id, '')
		FROM entitlements e LEFT JOIN holds h ON h.id = e.hold AND h.status = 'held' AND h.release_at > ?
		JOIN works w ON w.root = e.work OR w.root IN (SELECT work FROM collection_works WHERE collection = e.work) JOIN creators c ON c.id = w.creator
		WHERE e.viewer = ? AND (e.until = 0 OR e.until > ?) AND (e.right <> 'template' OR e.purchases > 0) GROUP BY w.n ORDER BY max(e.at) DESC, w.n LIMIT 500`,
		[]any{now, viewer, now}, func(row func(...any) error, o *Owned) error {
			return scanWorkAnd(row, &o.Work, &o.Right, &o.Until, &o.RefundableUntil, &o.Hold)
		})
	if err != nil {
		return l, err
	}
	l.Subscriptions, err = list(ctx, s, "SELECT "+planColumns+", u.started_at, u.expires_at, u.renewals, u.max_denom, u.max_price FROM subscriptions u JOIN plans p ON p.id = u.plan WHERE u.viewer = ? ORDER BY u.expires_at DESC, p.n",
		[]any{viewer}, func(row func(...any) error, u *Subscribed) error {
			var renewals int64
			var most Coin
			if err := scanPlanAnd(row, &u.Plan, &u.StartedAt, &u.ExpiresAt, &renewals, &most.Denom, &most.Amount); err != nil {
				return err
			}
			if u.Renews = renewals > 0; u.Renews && most.Amount != "" {
				u.MaxPrice = &most
			}
			return nil
		})
	return l, err
}

// EconomicsDay is one day of the whole chain.
type EconomicsDay struct {
	Day      string `json:"day"`
	Charged  string `json:"charged"`
	Creator  string `json:"creator"`
	Burned   string `json:"burned"`
	Minted   string `json:"minted"`
	Payments int64  `json:"payments"`
}

// Economics is who got what of everything.
type Economics struct {
	Denom  string           `json:"denom"`
	Minted string           `json:"minted"`
	Burned string           `json:"burned"`
	Total  Parts            `json:"total"`
	ByRail map[string]Parts `json:"by_rail"`
	Days   []EconomicsDay   `json:"days"`
}

// Economics sums the whole chain, and its newest days, oldest first.
func (s *Store) Economics(ctx context.Context, days int64) (Economics, error) {
	out := Economics{Denom: baseDenom, Total: noParts(), ByRail: map[string]Parts{}, Days: []EconomicsDay{}}
	err := s.each(ctx, "SELECT rail, "+partColumns+" FROM totals WHERE scope = 'all' AND denom = ?", []any{baseDenom}, func(row func(...any) error) error {
		var rail string
		var p Parts
		if err := row(append([]any{&rail}, p.dest()...)...); err != nil {
			return err
		}
		out.ByRail[rail] = p
		return out.Total.add(p)
	})
	if err != nil {
		return out, err
	}
	by, minted, burned := map[int64]*EconomicsDay{}, new(big.Int), new(big.Int)
	var last int64
	day := func(n int64) *EconomicsDay {
		if by[n] == nil {
			by[n] = &EconomicsDay{Day: Day(n), Charged: "0", Creator: "0", Burned: "0", Minted: "0"}
		}
		last = max(last, n)
		return by[n]
	}
	err = s.each(ctx, "SELECT day, minted, burned FROM supply_days", nil, func(row func(...any) error) error {
		var n int64
		var m, b string
		if err := row(&n, &m, &b); err != nil {
			return err
		}
		x, errM := Amount(m)
		y, errB := Amount(b)
		if err := errors.Join(errM, errB); err != nil {
			return err
		}
		minted.Add(minted, x)
		burned.Add(burned, y)
		d := day(n)
		d.Minted, d.Burned = m, b
		return nil
	})
	if err != nil {
		return out, err
	}
	out.Minted, out.Burned = minted.String(), burned.String()
	err = s.each(ctx, "SELECT day, payments, charged, creator_part FROM days WHERE denom = ?", []any{baseDenom}, func(row func(...any) error) error {
		var n, payments int64
		var charged, creator string
		if err := row(&n, &payments, &charged, &creator); err != nil {
			return err
		}
		d := day(n)
		var errs [2]error
		d.Charged, errs[0] = Add(d.Charged, charged)
		d.Creator, errs[1] = Add(d.Creator, creator)
		d.Payments += payments
		return errors.Join(errs[:]...)
	})
	if err != nil {
		return out, err
	}
	for n := last - days + 1; n <= last; n++ {
		if by[n] != nil {
			out.Days = append(out.Days, *by[n])
		}
	}
	return out, nil
}
