package store

import (
	"context"
	"encoding/json"
	"fmt"
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

// Events lists events after a place in the chain's order, of some types where there are any.
func (s *Store) Events(ctx context.Context, height, idx int64, types []string, limit int) ([]Event, error) {
	cond, args := "(e.height, e.idx) > (?, ?)", []any{height, idx}
	if len(types) > 0 {
		raw, err := json.Marshal(types)
		if err != nil {
			return nil, err
		}
		cond, args = cond+" AND e.type IN (SELECT value FROM json_each(?))", append(args, string(raw))
	}
	return list(ctx, s, "SELECT e.height, e.idx, b.time, e.tx, e.type, e.data FROM events e JOIN blocks b ON b.height = e.height WHERE "+cond+" ORDER BY e.height, e.idx LIMIT ?", append(args, limit),
		func(row func(...any) error, e *Event) error {
			err := row(&e.Height, &e.Idx, &e.Time, &e.TX, &e.Type, &e.Data)
			e.ID = fmt.Sprintf("%d.%d", e.Height, e.Idx)
			return err
		})
}
