package blob

import (
	"container/list"
	"context"
	"sync"

	"github.com/ipfs/go-cid"
)

// Cache keeps recently read blocks in memory, so that a block which many viewers watch is read
// and hashed once. What it holds was verified when it was read.
type Cache struct {
	Store
	limit int

	mu    sync.Mutex
	size  int
	order *list.List // front is newest
	at    map[string]*list.Element
}

type cached struct {
	key  string
	data []byte
}

// NewCache keeps up to limit bytes of s in memory.
func NewCache(s Store, limit int) *Cache {
	return &Cache{Store: s, limit: limit, order: list.New(), at: map[string]*list.Element{}}
}

// Get implements Store.
func (c *Cache) Get(ctx context.Context, id cid.Cid) ([]byte, error) {
	if data, ok := c.lookup(key(id)); ok {
		return data, nil
	}
	data, err := c.Store.Get(ctx, id)
	if err == nil {
		c.keep(key(id), data)
	}
	return data, err
}

// Delete implements Store.
func (c *Cache) Delete(ctx context.Context, id cid.Cid) error {
	c.mu.Lock()
	if e, ok := c.at[key(id)]; ok {
		c.drop(e)
	}
	c.mu.Unlock()
	return c.Store.Delete(ctx, id)
}

func (c *Cache) lookup(k string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.at[k]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).data, true
}

func (c *Cache) keep(k string, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.at[k]; ok || len(data) > c.limit {
		return
	}
	for c.size+len(data) > c.limit {
		c.drop(c.order.Back())
	}
	c.at[k] = c.order.PushFront(&cached{key: k, data: data})
	c.size += len(data)
}

func (c *Cache) drop(e *list.Element) {
	v := c.order.Remove(e).(*cached)
	delete(c.at, v.key)
	c.size -= len(v.data)
}
