package blob

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/ipfs/go-cid"
)

// Mem is a store in memory, for tests and tools.
type Mem struct {
	mu       sync.RWMutex
	blocks   map[string][]byte
	used     uint64
	capacity uint64
}

// NewMem returns an empty store that holds at most capacity bytes.
func NewMem(capacity uint64) *Mem { return &Mem{blocks: map[string][]byte{}, capacity: capacity} }

// Check is nil: memory is always there.
func (m *Mem) Check() error { return nil }

// Get implements Store.
func (m *Mem) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	m.mu.RLock()
	data, ok := m.blocks[key(c)]
	m.mu.RUnlock()
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, c)
	}
	if err := Check(c, data); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrCorrupt, c)
	}
	return data, nil
}

// Has implements Store.
func (m *Mem) Has(_ context.Context, c cid.Cid) (bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, ok := m.blocks[key(c)]
	return ok, nil
}

// Size implements Store.
func (m *Mem) Size(_ context.Context, c cid.Cid) (int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	data, ok := m.blocks[key(c)]
	if !ok {
		return 0, fmt.Errorf("%w: %s", ErrNotFound, c)
	}
	return len(data), nil
}

// Put implements Store.
func (m *Mem) Put(_ context.Context, c cid.Cid, data []byte) error {
	if err := Check(c, data); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.blocks[key(c)]; ok {
		if Check(c, old) == nil {
			return nil
		}
		m.used -= uint64(len(old)) // a corrupt copy is replaced
	}
	if m.used+uint64(len(data)) > m.capacity {
		return fmt.Errorf("%w: %d of %d bytes used", ErrDiskFull, m.used, m.capacity)
	}
	m.used += uint64(len(data))
	m.blocks[key(c)] = slices.Clone(data)
	return nil
}

// Delete implements Store.
func (m *Mem) Delete(_ context.Context, c cid.Cid) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used -= uint64(len(m.blocks[key(c)]))
	delete(m.blocks, key(c))
	return nil
}

// Corrupt replaces the stored bytes without a check, for tests of what happens then.
func (m *Mem) Corrupt(c cid.Cid, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used += uint64(len(data)) - uint64(len(m.blocks[key(c)]))
	m.blocks[key(c)] = data
}

// Used implements Store.
func (m *Mem) Used() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.used
}

// Capacity implements Store.
func (m *Mem) Capacity() uint64 { return m.capacity }
