package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/streamchain/streamchain/indexer/ask"
)

var (
	// ErrNotFound says that the index has nothing by that name.
	ErrNotFound = errors.New("the index has nothing by that name")
	// ErrCursor says that a cursor is none that this list gave.
	ErrCursor = ask.ErrCursor
)

// Page asks for a part of a list.
type Page struct {
	Cursor string // as the part before gave it, or empty
	Limit  int    // 1 to 100
}

func encodeCursor(list string, keys ...any) string { return ask.EncodeCursor(list, keys...) }

func decodeCursor(list, cursor string, dest ...any) (bool, error) {
	return ask.DecodeCursor(list, cursor, dest...)
}

// each calls f for every row of a query.
func (s *Store) each(ctx context.Context, query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := s.query(ctx, query, args)
	if err != nil {
		return fmt.Errorf("index: %w in %s", err, head(query))
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one reads one row; ErrNotFound without one.
func (s *Store) one(ctx context.Context, query string, args []any, dest ...any) error {
	err := s.each(ctx, query, args, func(row func(...any) error) error { return cmp.Or(row(dest...), errDone) })
	switch {
	case err == nil:
		return ErrNotFound
	case errors.Is(err, errDone):
		return nil
	}
	return err
}

// errDone ends reading.
var errDone = errors.New("done")

// statements are queries that were prepared: to compile one takes longer than to answer it.
type statements struct {
	mu sync.Mutex
	by map[string]*sql.Stmt
}

// maxStatements bounds them. Texts of queries are of parts that are in the program: with all filters and sorts there are not many more.
const maxStatements = 500

func (s *Store) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	stmt, err := s.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return s.read.QueryContext(ctx, query, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

// prepared is nil where there is no more room. Nobody waits while a connection is waited for.
func (s *Store) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	stmt, room := s.stmts.get(query)
	if stmt != nil || !room {
		return stmt, nil
	}
	stmt, err := s.read.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.stmts.put(query, stmt)
}

func (c *statements) get(query string) (stmt *sql.Stmt, room bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[query], len(c.by) < maxStatements
}

// put keeps a statement, or the one that another reader has put there meanwhile.
func (c *statements) put(query string, stmt *sql.Stmt) (*sql.Stmt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if first := c.by[query]; first != nil {
		return first, stmt.Close()
	}
	if c.by == nil {
		c.by = map[string]*sql.Stmt{}
	}
	c.by[query] = stmt
	return stmt, nil
}

func (c *statements) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, stmt := range c.by {
		errs = append(errs, stmt.Close())
	}
	c.by = nil
	return errors.Join(errs...)
}

// list reads rows of one kind.
func list[T any](ctx context.Context, s *Store, query string, args []any, scan func(row func(...any) error, to *T) error) ([]T, error) {
	out := []T{}
	err := s.each(ctx, query, args, func(row func(...any) error) error {
		var v T
		if err := scan(row, &v); err != nil {
			return err
		}
		out = append(out, v)
		return nil
	})
	return out, err
}

// Coin is an amount of a denom, in base units.
type Coin struct {
	Denom  string `json:"denom"`
	Amount string `json:"amount"`
}

// JSON is text of a column that is JSON already.
type JSON string

// MarshalJSON gives the text.
func (j JSON) MarshalJSON() ([]byte, error) {
	if j == "" {
		return []byte("null"), nil
	}
	return []byte(j), nil
}

// UnmarshalJSON keeps the text.
func (j *JSON) UnmarshalJSON(raw []byte) error {
	*j = JSON(raw)
	return nil
}

// withCond puts a condition where a query has %COND%.
func withCond(query, cond string) string { return strings.ReplaceAll(query, "%COND%", cond) }
