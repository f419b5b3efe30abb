package play

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/watch"
)

// keyScheme begins the address of a key in a work's playlist, as media.KeyURI writes it.
const keyScheme = "streamchain-key:"

// file is a file of the work: a segment as nodes keep it, a playlist with the addresses of keys as this player has them, or what is free.
func (p *Player) file(ctx context.Context, at []string) ([]byte, error) {
	if slices.ContainsFunc(at, func(n string) bool { return n == "" || n == "." || n == ".." }) {
		return nil, nodeclient.ErrNoSuchFile
	}
	if len(at) == 1 && at[0] == "master.m3u8" {
		return p.master(ctx)
	}
	folder := strings.Join(at[:len(at)-1], "/")
	if path.Ext(at[len(at)-1]) == ".m3u8" && folder != "captions" {
		return p.list(ctx, at)
	}
	p.mu.Lock()
	r, known := p.renditions[folder]
	p.mu.Unlock()
	if known {
		if i := slices.IndexFunc(r.Segments, func(s watch.Segment) bool { return slices.Equal(s.Path, at) }); i >= 0 {
			return p.session.Segment(ctx, r, i)
		}
	}
	return p.session.File(ctx, at)
}

// master is the work's, with the one quality that is played where each second is paid.
func (p *Player) master(ctx context.Context) ([]byte, error) {
	list, err := p.session.File(ctx, []string{"master.m3u8"})
	if err != nil || p.session.GrantedBy() != "metered" {
		return list, err
	}
	return watch.OneVariant(list, p.quality)
}

// list is a rendition's playlist.
func (p *Player) list(ctx context.Context, at []string) ([]byte, error) {
	r, err := p.session.Rendition(ctx, at)
	if err != nil {
		return nil, err
	}
	raw, err := p.session.File(ctx, at)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.renditions[strings.Join(at[:len(at)-1], "/")] = r
	p.mu.Unlock()
	// what names a key was read when the rendition was, and names one of its own windows
	up := strings.Repeat("../", len(at))
	return bytes.ReplaceAll(raw, []byte(`URI="`+keyScheme), []byte(`URI="`+up+"key/")), nil
}

// key is the key of a window, as <rendition>/<window>.
func (p *Player) key(ctx context.Context, name string) ([]byte, error) {
	rendition, window, err := media.ParseKeyURI(keyScheme + name)
	if err != nil {
		return nil, nodeclient.ErrNoSuchFile
	}
	p.mu.Lock()
	var r watch.Rendition
	i := -1
	for _, known := range p.renditions {
		at := slices.IndexFunc(known.Segments, func(s watch.Segment) bool {
			return s.Key != nil && s.Key.Rendition == rendition && s.Key.Window == window
		})
		if at >= 0 {
			r, i = known, at
		}
	}
	p.mu.Unlock()
	if i < 0 {
		return nil, nodeclient.ErrNoSuchFile
	}
	key, err := p.session.Key(ctx, r, i)
	return key[:], err
}
