package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Event is a typed event in its place.
type Event struct {
	ID     string `json:"id"`
	Height int64  `json:"height"`
	Time   int64  `json:"time"`
	TX     string `json:"tx,omitempty"`
	Type   string `json:"type"`
	Data   JSON   `json:"data"`

	// Idx is the place in the block.
	Idx int64 `json:"-"`
}

const (
	eventColumns = "SELECT e.height, e.idx, b.time, e.tx, e.type, e.data FROM events e JOIN blocks b ON b.height = e.height WHERE "
	eventsAfter  = "(e.height, e.idx) > (?, ?) ORDER BY e.height, e.idx LIMIT ?"
)

// eventsOf is the query for events of so many types: the first ones of each, and of them the first. Asked for as one list, all that follow a place
// would be read and sorted. It is one query, so that a block that is written meanwhile is seen whole or not at all.
func eventsOf(types int) string {
	each := "SELECT * FROM (" + eventColumns + "e.type = ? AND " + eventsAfter + ")"
	return each + strings.Repeat(" UNION ALL "+each, types-1) + " ORDER BY 1, 2 LIMIT ?"
}

// Events lists events after a place in the chain's order, of some types where there are any.
func (s *Store) Events(ctx context.Context, height, idx int64, types []string, limit int) ([]Event, error) {
	query, args := eventColumns+eventsAfter, []any{height, idx, limit}
	if len(types) > 0 {
		types = slices.Compact(slices.Sorted(slices.Values(types)))
		query, args = eventsOf(len(types)), nil
		for _, name := range types {
			args = append(args, name, height, idx, limit)
		}
		args = append(args, limit)
	}
	return list(ctx, s, query, args, func(row func(...any) error, e *Event) error {
		err := row(&e.Height, &e.Idx, &e.Time, &e.TX, &e.Type, &e.Data)
		e.ID = fmt.Sprintf("%d.%d", e.Height, e.Idx)
		return err
	})
}
