package watch

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/nodeclient"
)

const (
	maxPlaylist = 4 << 20   // bytes
	maxSegment  = 256 << 20 // bytes
	// ahead is how many segments that cost nothing are fetched at once. One that is paid for is fetched when the one
	// before it has been written: nobody pays for what he does not come to see.
	ahead = 4
	// latest is the longest that a block of a segment may take before another node is asked beside the first.
	latest = 3 * time.Second
)

// part is one file of a rendition.
type part struct {
	path []string
	seg  *Segment // nil for the init segment
	rest float64  // seconds of media from here
	key  *want    // the window that opens it; nil of what is clear
	next *want    // the window that will be wanted next, where it is time to ask for it
}

// fetched is a part that came, or why it did not.
type fetched struct {
	data []byte
	from map[string]int
	err  error
}

// play writes the rendition with the most bandwidth, or the file where the work has no playlist.
func (p *player) play(ctx context.Context) error {
	master, err := p.small(ctx, []string{"master.m3u8"})
	if errors.Is(err, nodeclient.ErrNoSuchFile) {
		return p.file(ctx)
	}
	if err != nil {
		return err
	}
	variant, err := pickVariant(master, p.Quality)
	if err != nil {
		return err
	}
	r, err := p.rendition(ctx, variant)
	if err != nil {
		return err
	}
	if err := p.stream(ctx, r); err != nil {
		return err
	}
	p.result.Verified = true
	return nil
}

func (p *player) rendition(ctx context.Context, path []string) (Rendition, error) {
	playlist, err := p.small(ctx, path)
	if err != nil {
		return Rendition{}, err
	}
	return parseRendition(path, playlist, p.windowSeconds)
}

// small fetches a playlist.
func (p *player) small(ctx context.Context, path []string) ([]byte, error) {
	got := p.get(ctx, path, maxPlaylist, nodeclient.Request{Admit: p.granted})
	if got.err == nil {
		p.count(got.from)
	}
	return got.data, got.err
}

// get fetches a file of the work. Its directories are free.
func (p *player) get(ctx context.Context, path []string, limit int64, req nodeclient.Request) fetched {
	var got fetched
	var file cid.Cid
	if file, got.err = p.fetch.Find(ctx, p.media, path, nodeclient.Request{Admit: p.granted}); got.err != nil {
		return got
	}
	var out bytes.Buffer
	var copied nodeclient.Copied
	copied, got.err = p.fetch.Copy(ctx, &out, file, limit, req)
	got.data, got.from = out.Bytes(), copied.From
	return got
}

// request says how a part is asked for.
func (p *player) request(of part) nodeclient.Request {
	req := nodeclient.Request{Admit: p.granted}
	if of.seg == nil {
		return req
	}
	req.Within = min(max(time.Duration(of.seg.Seconds()*float64(time.Second)), nodeclient.Silence), latest)
	if p.metered != nil && of.seg.Start >= int64(p.metered.PreviewSeconds)*1000 {
		req.Admit, req.Sole = p.paid(*of.seg, of.rest), true
	}
	return req
}

func (p *player) parts(r Rendition) []part {
	var out []part
	if r.Init != nil {
		out = append(out, part{path: r.Init})
	}
	for i := range r.Segments {
		out = append(out, p.part(r, i))
	}
	return out
}

// part is segment i.
func (p *player) part(r Rendition, i int) part {
	s := &r.Segments[i]
	of := part{path: s.Path, seg: s, rest: r.Seconds() - float64(s.Start)/1000}
	if s.Key == nil {
		return of
	}
	_, end := r.windowOf(i)
	of.key = p.want(r, i, i)
	// keys that cost nothing are asked for a window ahead, those that are paid for when the last segment before them is: payment runs one window and
	// that segment ahead of what the viewer has
	if end < len(r.Segments) && r.Segments[end].Key != nil && (p.metered == nil || i == end-1) {
		of.next = p.want(r, i, end)
	}
	return of
}

// want is the window of segment i, for who is at segment from.
func (p *player) want(r Rendition, from, i int) *want {
	k := r.Segments[i].Key
	w := &want{Window: keyclient.Window{Rendition: k.Rendition, Number: k.Window}, rendition: r.Segments[i].rendition()}
	if p.metered == nil {
		return w
	}
	_, end := r.windowOf(i)
	w.from, _ = r.Segments[from].Ticks(p.metered.TickSeconds)
	_, w.to = r.Segments[end-1].Ticks(p.metered.TickSeconds)
	for last := r.Segments[len(r.Segments)-1].Key; last != nil && w.Number+w.windows <= last.Window; w.windows++ {
		w.rest += p.keys.terms.ticks(keyclient.Window{Rendition: k.Rendition, Number: w.Number + w.windows})
	}
	return w
}

// sealed fetches a part as it lies at nodes, and begins to get its key, if it has one. Where that is paid for, it comes first: nobody pays a node for what
// nobody opens.
func (p *player) sealed(ctx context.Context, of part) (fetched, *opening) {
	if of.key == nil {
		return p.get(ctx, of.path, maxSegment, p.request(of)), nil
	}
	o := p.keys.begin(*of.key)
	if p.keys.terms.ticks(of.key.Window) > 0 {
		if _, err := o.wait(ctx); err != nil {
			return fetched{err: err}, nil
		}
	}
	if of.next != nil {
		p.keys.begin(*of.next)
	}
	return p.get(ctx, of.path, maxSegment, p.request(of)), o
}

// clear fetches a part and decrypts it.
func (p *player) clear(ctx context.Context, of part) fetched {
	got, o := p.sealed(ctx, of)
	if got.err != nil || o == nil {
		return got
	}
	key, err := o.wait(ctx)
	if err != nil {
		return fetched{err: err}
	}
	got.data, got.err = media.DecryptSegment(got.data, key, of.seg.Key.IVOf(of.seg.Sequence))
	return got
}

// stream fetches the parts ahead of writing them out in order.
func (p *player) stream(ctx context.Context, r Rendition) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all, most := p.parts(r), ahead
	if p.metered != nil {
		most = 1
	}
	begun, slots := make(chan struct{}, most), make(chan chan fetched, most)
	go func() {
		defer close(slots)
		for _, of := range all {
			select {
			case begun <- struct{}{}:
			case <-ctx.Done():
				return
			}
			slot := make(chan fetched, 1)
			slots <- slot
			if p.metered != nil {
				// a word pays all before it: they go out in order
				slot <- p.clear(ctx, of)
				continue
			}
			go func() { slot <- p.clear(ctx, of) }()
		}
	}()
	start, i := time.Now(), 0
	for slot := range slots {
		if err := p.deliver(ctx, slot, all[i], start, r.Seconds()); err != nil {
			return err
		}
		<-begun
		i++
	}
	return ctx.Err()
}

// deliver waits for a part, and with Options.Realtime until it plays, and writes it out.
func (p *player) deliver(ctx context.Context, slot chan fetched, of part, start time.Time, total float64) error {
	if p.Realtime && of.seg != nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(start.Add(time.Duration(of.seg.Start) * time.Millisecond))):
		}
	}
	var got fetched
	select {
	case got = <-slot:
	case <-ctx.Done():
		return ctx.Err()
	}
	if got.err != nil {
		return got.err
	}
	if _, err := p.Out.Write(got.data); err != nil {
		return err
	}
	p.count(got.from)
	p.uses.watched(of.seg, got.from)
	p.result.Bytes += int64(len(got.data))
	if of.seg != nil {
		p.result.SecondsWatched += of.seg.Seconds()
		p.report(float64(of.seg.End)/1000, total)
	}
	return nil
}

// count notes who gave a file.
func (p *player) count(from map[string]int) {
	most := 0
	for operator, n := range from {
		p.result.Nodes[operator]++
		if n > most {
			p.node, most = operator, n
		}
	}
}

func (p *player) report(seconds, of float64) {
	if p.Progress == nil {
		return
	}
	node := p.node
	if node == "" {
		node = p.fetch.Pool.Best()
	}
	paid, _ := p.budget.spent()
	p.Progress(Progress{Seconds: seconds, Of: of, Bytes: p.result.Bytes, Spent: paid, Node: node, Blamed: p.fetch.Pool.Blamed()})
}
