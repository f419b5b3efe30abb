package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

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
	rows, err := s.read.QueryContext(ctx, query, args...)
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
	err := s.read.QueryRowContext(ctx, query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("index: %w in %s", err, head(query))
	}
	return nil
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
