package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Tx is a running write. It is valid until the function that got it returns.
type Tx struct {
	store *Store
	ctx   context.Context //nolint:containedctx // of the running write
	stmts map[string]*sql.Stmt
}

// Who hashes a payer.
func (t *Tx) Who(payer string) []byte { return t.store.Who(payer) }

// Exec runs a statement and returns how many rows it changed. Statements are prepared once: query must not be built from data.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	stmt, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("index: %w in %s", err, head(query))
	}
	return res.RowsAffected()
}

// Row reads one row into dest; false without one.
func (t *Tx) Row(query string, args []any, dest ...any) (bool, error) {
	stmt, err := t.stmt(query)
	if err != nil {
		return false, err
	}
	err = stmt.QueryRowContext(t.ctx, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("index: %w in %s", err, head(query))
	}
	return true, nil
}

// Strings reads a column of text.
func (t *Tx) Strings(query string, args ...any) ([]string, error) {
	return column[string](t, query, args)
}

// Ints reads a column of integers.
func (t *Tx) Ints(query string, args ...any) ([]int64, error) { return column[int64](t, query, args) }

func column[T any](t *Tx, query string, args []any) (out []T, err error) {
	err = t.Each(query, args, func(scan func(...any) error) error {
		var v T
		if err := scan(&v); err != nil {
			return err
		}
		out = append(out, v)
		return nil
	})
	return out, err
}

// Each calls f for every row. f must not run statements: the rows share the connection.
func (t *Tx) Each(query string, args []any, f func(scan func(...any) error) error) error {
	stmt, err := t.stmt(query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(t.ctx, args...)
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

// Meta reads a value that is not projected.
func (t *Tx) Meta(key string) (value string, ok bool, err error) {
	ok, err = t.Row("SELECT value FROM meta WHERE key = ?", []any{key}, &value)
	return value, ok, err
}

// SetMeta writes one.
func (t *Tx) SetMeta(key, value string) error {
	_, err := t.Exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}

// Height is the cursor within the write.
func (t *Tx) Height() (int64, error) {
	v, ok, err := t.Meta("height")
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, errors.New("index: it has no cursor: rebuild it with `indexerd reindex`")
	}
	return strconv.ParseInt(v, 10, 64)
}

// SetHeight moves the cursor.
func (t *Tx) SetHeight(height int64) error { return t.SetMeta("height", strconv.FormatInt(height, 10)) }

// Next is the number of a table's next row, from 1. Rows of such a table are never removed, so numbers follow the chain's order.
func (t *Tx) Next(query string) (n int64, err error) {
	_, err = t.Row(query, nil, &n)
	return n + 1, err
}

// Add adds two decimal amounts, of which either may be empty.
func Add(a, b string) (string, error) {
	x, err := Amount(a)
	if err != nil {
		return "", err
	}
	y, err := Amount(b)
	if err != nil {
		return "", err
	}
	return x.Add(x, y).String(), nil
}

// Sub takes b off a.
func Sub(a, b string) (string, error) {
	x, err := Amount(a)
	if err != nil {
		return "", err
	}
	y, err := Amount(b)
	if err != nil {
		return "", err
	}
	return x.Sub(x, y).String(), nil
}

// Amount reads a decimal amount; empty is zero.
func Amount(s string) (*big.Int, error) {
	if s == "" {
		return new(big.Int), nil
	}
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, fmt.Errorf("index: %q is no amount", s)
	}
	return n, nil
}

func (t *Tx) stmt(query string) (*sql.Stmt, error) {
	if s, ok := t.stmts[query]; ok {
		return s, nil
	}
	s, err := t.store.conn.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, fmt.Errorf("index: %w in %s", err, head(query))
	}
	t.stmts[query] = s
	return s, nil
}

func (t *Tx) close() {
	for _, s := range t.stmts {
		_ = s.Close() // the connection closes next
	}
}

func head(query string) string {
	return strings.Join(strings.Fields(query), " ")
}
