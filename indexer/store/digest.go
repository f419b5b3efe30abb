package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// left says which columns are not a function of the chain: how a node words a failure, and the keyed hash of a payer.
var left = map[string]string{"txs": "log", "spends": "who"}

// Digest is SHA-256 over all projected rows, the text index included, in an order of their own: two indexes of one chain at one height
// have the same. It reads everything; nothing may write meanwhile.
func (s *Store) Digest(ctx context.Context) (string, error) {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	defer conn.Close()
	tables, err := projected(ctx, conn)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, name := range tables {
		if err := digestTable(ctx, conn, sum, name); err != nil {
			return "", fmt.Errorf("digest of %s: %w", name, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// projected are the tables of schema.sql, sorted; a text index by its vocabulary, which does not depend on how its writes were cut
// into transactions.
func projected(ctx context.Context, conn *sql.Conn) ([]string, error) {
	rows, err := conn.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('meta', 'webhooks', 'deliveries')
		AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%\_fts\_%' ESCAPE '\' ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("digest: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name, def string
		if err := rows.Scan(&name, &def); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	// a view of a vocabulary is a table of the connection's own
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only(0)"); err != nil {
		return nil, fmt.Errorf("digest: %w", err)
	}
	for i, name := range names {
		if strings.HasSuffix(name, "_fts") {
			names[i] = name + "_vocab"
			if _, err := conn.ExecContext(ctx, fmt.Sprintf("CREATE VIRTUAL TABLE IF NOT EXISTS temp.%s_vocab USING fts5vocab(main, %s, row)", name, name)); err != nil {
				return nil, fmt.Errorf("digest: %w", err)
			}
		}
	}
	_, err = conn.ExecContext(ctx, "PRAGMA query_only(1)")
	return names, err
}

func digestTable(ctx context.Context, conn *sql.Conn, sum hash.Hash, name string) error {
	cols, err := columns(ctx, conn, name)
	if err != nil {
		return err
	}
	list := strings.Join(cols, ", ")
	rows, err := conn.QueryContext(ctx, "SELECT "+list+" FROM "+name+" ORDER BY "+list)
	if err != nil {
		return err
	}
	defer rows.Close()
	put(sum, name)
	values, dest := make([]any, len(cols)), make([]any, len(cols))
	for i := range values {
		dest[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				v = hex.EncodeToString(b)
			}
			put(sum, fmt.Sprintf("%T:%v", v, v))
		}
	}
	return rows.Err()
}

func columns(ctx context.Context, conn *sql.Conn, table string) ([]string, error) {
	rows, err := conn.QueryContext(ctx, "SELECT name FROM pragma_table_info(?) WHERE name <> ? ORDER BY cid", table, left[table])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			return nil, err
		}
		out = append(out, `"`+c+`"`)
	}
	return out, rows.Err()
}

// put writes a text with its length, so that no two rows run together.
func put(sum hash.Hash, s string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(s)))
	sum.Write(n[:])
	sum.Write([]byte(s))
}
