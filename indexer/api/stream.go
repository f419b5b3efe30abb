package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

const (
	heartbeat = 15 * time.Second
	// slow is how long a reader may take for what is written to it: then it is dropped, and can resume.
	slow = 10 * time.Second
	// streamed is how many events are read at a time.
	streamed = 200
	// streamsOf is how many streams an address may have at a time, and streams how many there are in all.
	streamsOf, streams = 16, 2000
)

// stream sends events as they come: from Last-Event-ID on, else from now on.
func (a *API) stream(w http.ResponseWriter, r *http.Request) {
	q, err := readQuery(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	types := q.texts("type", 20, 200)
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = q.text("after", 40)
	}
	height, idx, err := place(last)
	if err != nil {
		q.fail("Last-Event-ID", "<height>.<index> of an event")
	}
	if err := q.unread(); err != nil {
		a.fail(w, r, err)
		return
	}
	if last == "" {
		p, err := a.cfg.Store.Progress(r.Context())
		if err != nil {
			a.fail(w, r, err)
			return
		}
		height, idx = p.Height+1, -1
	}
	who := a.caller(r)
	if !a.open.enter(who) {
		w.Header().Set("Retry-After", "30")
		problem(w, http.StatusTooManyRequests, "too-many-streams", "end one of your streams first, or run an indexer of your own")
		return
	}
	defer a.open.leave(who)
	c := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	write := func(text string) error {
		if err := c.SetWriteDeadline(time.Now().Add(slow)); err != nil {
			return err
		}
		if _, err := fmt.Fprint(w, text); err != nil {
			return err
		}
		return c.Flush()
	}
	if write(": "+a.cfg.App.ChainID+"\n\n") != nil {
		return
	}
	for {
		// before reading, so that what comes meanwhile wakes us
		changed := a.cfg.Changed()
		list, err := a.cfg.Store.Events(r.Context(), height, idx, types, streamed)
		if err != nil {
			return // the reader resumes where it was
		}
		for _, e := range list {
			data, err := json.Marshal(e)
			if err != nil || write(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", e.ID, e.Type, data)) != nil {
				return
			}
			height, idx = e.Height, e.Idx
		}
		if len(list) == streamed {
			continue
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		case <-time.After(heartbeat):
			if write(": \n\n") != nil {
				return
			}
		}
	}
}

// opened counts the streams of callers.
type opened struct {
	mu  sync.Mutex
	all int
	of  map[netip.Prefix]int
}

func (o *opened) enter(who netip.Prefix) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all >= streams || o.of[who] >= streamsOf {
		return false
	}
	if o.of == nil {
		o.of = map[netip.Prefix]int{}
	}
	o.all++
	o.of[who]++
	return true
}

func (o *opened) leave(who netip.Prefix) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all--
	if o.of[who]--; o.of[who] == 0 {
		delete(o.of, who)
	}
}
