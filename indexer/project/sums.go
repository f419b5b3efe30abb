package project

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/streamchain/streamchain/indexer/store"
)

// sumTable is a table of sums: its key, then payments, gross, charged and the parts.
type sumTable struct {
	read, write string
}

var (
	earnings = sums("earnings", "creator", "day", "subject", "rail", "denom")
	totals   = sums("totals", "scope", "key", "rail", "denom")
	days     = sums("days", "day", "rail", "denom")
)

func sums(name string, key ...string) sumTable {
	cols := []string{"gross", "charged"}
	for _, p := range parts {
		if p == "creator" {
			p = "creator_part" // creator is the id
		}
		cols = append(cols, p)
	}
	set := []string{"payments = payments + 1"}
	for _, c := range cols {
		set = append(set, c+" = excluded."+c)
	}
	return sumTable{
		read: fmt.Sprintf("SELECT %s FROM %s WHERE %s = ?", strings.Join(cols, ", "), name, strings.Join(key, " = ? AND ")),
		write: fmt.Sprintf("INSERT INTO %s (%s, payments, %s) VALUES (%s1%s) ON CONFLICT (%s) DO UPDATE SET %s", name, strings.Join(key, ", "), strings.Join(cols, ", "),
			strings.Repeat("?, ", len(key)), strings.Repeat(", ?", len(cols)), strings.Join(key, ", "), strings.Join(set, ", ")),
	}
}

// addTo adds a payment to one row of sums.
func (r *run) addTo(t sumTable, key []any, s share) error {
	add := append([]*big.Int{s.gross, s.charged}, s.parts...)
	had, dest := make([]string, len(add)), make([]any, len(add))
	for i := range had {
		dest[i] = &had[i]
	}
	if _, err := r.tx.Row(t.read, key, dest...); err != nil {
		return err
	}
	args := append([]any{}, key...)
	for i, a := range add {
		n, err := store.Amount(had[i])
		if err != nil {
			return err
		}
		args = append(args, n.Add(n, a).String())
	}
	_, err := r.tx.Exec(t.write, args...)
	return err
}
