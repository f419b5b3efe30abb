package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNotFound says that the index has nothing by that name.
	ErrNotFound = errors.New("the index has nothing by that name")
	// ErrCursor says that a cursor is none that this list gave.
	ErrCursor = errors.New("not a cursor of this list: pass it on as it came, or leave it out")
)

// Page asks for a part of a list.
type Page struct {
	Cursor string // as the part before gave it, or empty
	Limit  int    // 1 to 100
}

// maxCursor is more than any cursor has.
const maxCursor = 500

// encodeCursor makes a cursor out of a list's name and the keys of its last row.
func encodeCursor(list string, keys ...any) string {
	raw, err := json.Marshal(append([]any{list}, keys...))
	if err != nil {
		return "" // keys are numbers and strings
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decodeCursor reads the keys of a cursor into dest; false for an empty one. ErrCursor.
func decodeCursor(list, cursor string, dest ...any) (bool, error) {
	if cursor == "" {
		return false, nil
	}
	if len(cursor) > maxCursor {
		return false, ErrCursor
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return false, ErrCursor
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil || len(parts) != len(dest)+1 {
		return false, ErrCursor
	}
	var name string
	if err := json.Unmarshal(parts[0], &name); err != nil || name != list {
		return false, ErrCursor
	}
	for i, d := range dest {
		if err := json.Unmarshal(parts[i+1], d); err != nil {
			return false, ErrCursor
		}
	}
	return true, nil
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

// withCond puts a condition where a query has %COND%.
func withCond(query, cond string) string { return strings.ReplaceAll(query, "%COND%", cond) }
