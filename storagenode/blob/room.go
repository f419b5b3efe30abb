package blob

import (
	"fmt"
	"sync"
)

// Room keeps room for what is on its way into a store, so that two that fit one at a time do not both begin and both fail.
// The store's quota holds whatever is kept here.
type Room struct {
	store Store
	// disk is how many bytes the disk has left; nil is as many as the quota.
	disk func() uint64

	mu   sync.Mutex
	held map[string]uint64
}

// NewRoom returns the room of s on a disk that has so much left.
func NewRoom(s Store, disk func() uint64) *Room {
	return &Room{store: s, disk: disk, held: map[string]uint64{}}
}

// Hold keeps n bytes for id, in place of what was kept for it. ErrDiskFull.
func (r *Room) Hold(id string, n uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if left := r.left(id); n > left {
		return fmt.Errorf("%w: no room for %d bytes, %d are left", ErrDiskFull, n, left)
	}
	r.held[id] = n
	return nil
}

// Release gives back what was kept for id.
func (r *Room) Release(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.held, id)
}

// Left is how many bytes could be held now.
func (r *Room) Left() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left("")
}

func (r *Room) left(except string) uint64 {
	used, capacity := r.store.Used(), r.store.Capacity()
	left := capacity - min(used, capacity)
	if r.disk != nil {
		left = min(left, r.disk())
	}
	for id, n := range r.held {
		if id != except {
			left -= min(n, left)
		}
	}
	return left
}
