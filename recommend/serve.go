package recommend

import (
	"context"
	"strconv"
	"sync/atomic"

	"github.com/streamchain/streamchain/indexer/feeds/wire"
)

// Generator serves a model as a feed. The model can be replaced while it serves. It keeps nothing of what it is asked.
type Generator struct{ model atomic.Pointer[Model] }

// NewGenerator returns a generator of m.
func NewGenerator(m *Model) *Generator {
	g := &Generator{}
	g.Replace(m)
	return g
}

// Replace takes another model from the next question on.
func (g *Generator) Replace(m *Model) { g.model.Store(m) }

// Feed implements wire.Generator. A cursor is how many items came before.
func (g *Generator) Feed(_ context.Context, req wire.Request) ([]wire.Item, string, error) {
	offset := 0
	if req.Cursor != "" {
		n, err := strconv.Atoi(req.Cursor)
		if err != nil || n < 1 || n > pool || strconv.Itoa(n) != req.Cursor {
			return nil, "", wire.ErrCursor
		}
		offset = n
	}
	var items []wire.Item
	for _, r := range g.model.Load().Recommend(req.Seeds, req.Language, offset, req.Limit) {
		items = append(items, wire.Item{Work: r.Work.Root, Reason: r.Reason})
	}
	cursor := ""
	if next := offset + len(items); len(items) == req.Limit && next <= pool {
		cursor = strconv.Itoa(next)
	}
	return items, cursor, nil
}
