package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/dag"
)

// Class says who may read a file.
type Class uint8

// The classes of files.
const (
	Gated Class = iota // who has access, or pays the whole work's duration
	Timed              // who has access, or pays the ticks that it touches
	Free               // anybody
)

// Item is one file of a work.
type Item struct {
	Path      string `json:"path"` // beneath media; "cover" paths begin with "/"
	Class     Class  `json:"class"`
	Rendition uint16 `json:"rendition,omitempty"`
	Start     int64  `json:"start,omitempty"` // milliseconds of media time
	End       int64  `json:"end,omitempty"`
}

// Index is what a walk through a work's DAG finds.
type Index struct {
	Items []Item
	// Blocks maps each block of the DAG, by its multihash, to the items that it is part of; none for
	// blocks of directories, which are free.
	Blocks map[string][]uint32
	Size   uint64 // bytes of all blocks
}

const (
	maxFiles = 200_000
	// maxRead bounds the bytes of inner blocks that one walk reads: a few that link to each other many times make a
	// tree without end. A terabyte's tree has some hundred megabytes.
	maxRead = 1 << 30
	// minRead is what a block counts at least: decoding takes its time as well.
	minRead = 4 << 10
	// maxItems bounds the files that one block is noted for: each request for the block looks at them.
	maxItems = 256
)

// BuildIndex walks media and cover, checks that every block is there with the size that its
// parent claims, and classifies the files. Leaves are not read: they were verified when they entered.
func BuildIndex(ctx context.Context, s blob.Store, media, cover cid.Cid) (*Index, error) {
	b := builder{Store: s, Index: &Index{Blocks: map[string][]uint32{}}, files: map[string]cid.Cid{}, walked: map[string]uint64{}}
	if err := b.tree(ctx, "", media, 0); err != nil {
		return nil, err
	}
	playlists, err := b.classify(ctx)
	if err == nil && playlists > 0 {
		err = b.beside(ctx)
	} else if err == nil {
		err = b.fileIndex(ctx)
	}
	if err != nil {
		return nil, err
	}
	if cover.Defined() {
		b.Items = append(b.Items, Item{Path: "/cover", Class: Free})
		if err := b.file(ctx, cover, uint32(len(b.Items)-1), nil, 0); err != nil {
			return nil, err
		}
	}
	return b.Index, nil
}

type builder struct {
	blob.Store
	*Index
	files map[string]cid.Cid // by path

	walked map[string]uint64 // sizes of files, and of their parts, that were walked once
	read   int
}

// Get counts what the walk reads; leaves are not read.
func (b *builder) Get(ctx context.Context, c cid.Cid) ([]byte, error) {
	data, err := b.Store.Get(ctx, c)
	if b.read += max(len(data), minRead); b.read > maxRead {
		return nil, fmt.Errorf("%w: a tree of more than %d bytes of inner blocks", dag.ErrLimit, maxRead)
	}
	return data, err
}

// block notes that a block is part of item, or of the directories where item is nil.
func (b *builder) block(ctx context.Context, c cid.Cid, item *uint32) error {
	k := string(c.Hash())
	items, seen := b.Blocks[k]
	if !seen {
		n, err := b.Store.Size(ctx, c)
		if err != nil {
			return err
		}
		b.Index.Size += uint64(n)
		if len(b.Blocks) >= dag.MaxBlocks {
			return fmt.Errorf("%w: more than %d blocks", dag.ErrLimit, dag.MaxBlocks)
		}
	}
	// files are numbered as they come, so the one in hand is the last
	if item != nil && len(items) < maxItems && (len(items) == 0 || items[len(items)-1] != *item) {
		items = append(items, *item)
	}
	b.Blocks[k] = items
	return nil
}

// tree indexes what lies at p: a file, or a directory and all in it.
func (b *builder) tree(ctx context.Context, p string, c cid.Cid, depth int) error {
	if depth > dag.MaxDepth {
		return fmt.Errorf("%w: directories deeper than %d", dag.ErrLimit, dag.MaxDepth)
	}
	// a file of many names is read once
	_, isFile := b.walked[c.KeyString()]
	n := &dag.Node{Kind: dag.File}
	if !isFile && c.Type() != cid.Raw {
		var err error
		if n, err = dag.Load(ctx, b, c); err != nil {
			return err
		}
	}
	if n.Kind == dag.File {
		if len(b.Items) >= maxFiles {
			return fmt.Errorf("%w: more than %d files", dag.ErrLimit, maxFiles)
		}
		b.Items = append(b.Items, Item{Path: p})
		b.files[p] = c
		return b.file(ctx, c, uint32(len(b.Items)-1), nil, 0)
	}
	if err := b.block(ctx, c, nil); err != nil {
		return err
	}
	var entries []dag.Link
	parts, err := dag.Entries(ctx, b, n, func(l dag.Link) error {
		if entries = append(entries, l); len(entries) > maxFiles {
			return fmt.Errorf("%w: a directory of more than %d entries", dag.ErrLimit, maxFiles)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := b.block(ctx, part, nil); err != nil {
			return err
		}
	}
	slices.SortFunc(entries, func(x, y dag.Link) int { return strings.Compare(x.Name, y.Name) })
	for _, l := range entries {
		if l.Name == "" || l.Name == "." || l.Name == ".." || strings.ContainsAny(l.Name, "/\x00") {
			return fmt.Errorf("%w: an entry called %q", dag.ErrMalformed, l.Name)
		}
		if err := b.tree(ctx, path.Join(p, l.Name), l.Cid, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// file indexes the blocks of a file; want is its size where a parent claims one.
func (b *builder) file(ctx context.Context, c cid.Cid, item uint32, want *uint64, depth int) error {
	if depth > dag.MaxDepth {
		return fmt.Errorf("%w: a file deeper than %d", dag.ErrLimit, dag.MaxDepth)
	}
	k := c.KeyString()
	size, walked := b.walked[k]
	if items := b.Blocks[string(c.Hash())]; !walked || len(items) < maxItems && items[len(items)-1] != item {
		if err := b.block(ctx, c, &item); err != nil {
			return err
		}
		var err error
		if size, err = b.parts(ctx, c, item, depth); err != nil {
			return err
		}
		b.walked[k] = size
	}
	if want != nil && size != *want {
		return fmt.Errorf("%w: %s has %d bytes, not %d", dag.ErrMalformed, c, size, *want)
	}
	return nil
}

// parts indexes what a file consists of, and returns its size.
func (b *builder) parts(ctx context.Context, c cid.Cid, item uint32, depth int) (uint64, error) {
	if c.Type() == cid.Raw {
		size, err := b.Store.Size(ctx, c)
		return uint64(size), err
	}
	n, err := dag.Load(ctx, b, c)
	if err != nil {
		return 0, err
	}
	if n.Kind != dag.File {
		return 0, fmt.Errorf("%w: %s is not the part of a file that its parent claims", dag.ErrMalformed, c)
	}
	for _, l := range n.Links {
		if err := b.file(ctx, l.Cid, item, &l.Size, depth+1); err != nil {
			return 0, err
		}
	}
	return n.Size, nil
}

// classify reads the playlists and gives segments their time. It returns how many media
// playlists there are.
func (b *builder) classify(ctx context.Context) (int, error) {
	at := make(map[string]int, len(b.Items))
	for i, it := range b.Items {
		at[it.Path] = i
	}
	playlists := 0
	for i := range b.Items {
		p := b.Items[i].Path
		if path.Ext(p) != ".m3u8" {
			continue
		}
		body, err := dag.ReadFile(ctx, b.Store, b.files[p], maxPlaylist)
		if err != nil {
			return 0, err
		}
		b.Items[i].Class = Free
		inits, segments, ok := parsePlaylist(p, body)
		if !ok {
			continue
		}
		for _, in := range inits {
			if j, ok := at[in]; ok && b.Items[j].Class == Gated {
				if err := b.free(ctx, j, maxInit); err != nil {
					return 0, err
				}
			}
		}
		timed, err := b.timed(ctx, at, segments, uint16(playlists))
		if err != nil {
			return 0, err
		}
		if timed {
			playlists++
		}
		if playlists > 1<<12 {
			return 0, fmt.Errorf("%w: more than %d playlists", dag.ErrLimit, 1<<12)
		}
	}
	return playlists, nil
}

// timed gives the segments of a playlist their time, but captions, which are free. It is false where there are no
// others: ticks are media time, and captions are read beside some.
func (b *builder) timed(ctx context.Context, at map[string]int, segments []segment, rendition uint16) (any bool, err error) {
	for _, s := range segments {
		j, ok := at[s.path]
		if !ok {
			continue
		}
		captions, err := b.captions(ctx, s.path)
		if err != nil {
			return false, err
		}
		it := &b.Items[j]
		switch {
		case captions:
			it.Class = Free
		case it.Class == Timed && it.Rendition == rendition:
			// byte ranges of one file: it is all of them
			it.Start, it.End = min(it.Start, s.start), max(it.End, s.end)
			any = true
		case it.Class != Timed && path.Ext(s.path) != ".m3u8":
			// an init segment that is also listed as media is media
			*it = Item{Path: it.Path, Class: Timed, Rendition: rendition, Start: s.start, End: s.end}
			any = true
		}
	}
	return any, nil
}

// What is larger is no init segment, no captions, no picture beside a presentation: it needs access, whatever it is
// called. Else one wrong line or name would give a film away.
const (
	maxInit   = 1 << 20
	maxBeside = 8 << 20
	maxIndex  = 64 << 10
)

// captions says whether a file is WebVTT.
func (b *builder) captions(ctx context.Context, p string) (bool, error) {
	if strings.ToLower(path.Ext(p)) != ".vtt" {
		return false, nil
	}
	n, err := dag.Load(ctx, b.Store, b.files[p])
	if err != nil || n.Size > maxBeside {
		return false, err
	}
	var head bytes.Buffer
	err = dag.WriteRange(ctx, b.Store, n, 0, min(n.Size, 9), &head)
	return bytes.HasPrefix(bytes.TrimPrefix(head.Bytes(), []byte("\ufeff")), []byte("WEBVTT")), err
}

// free frees an item of at most so many bytes.
func (b *builder) free(ctx context.Context, item int, limit uint64) error {
	c := b.files[b.Items[item].Path]
	var size uint64
	if c.Type() == cid.Raw {
		n, err := b.Store.Size(ctx, c)
		if err != nil {
			return err
		}
		size = uint64(n)
	} else {
		n, err := dag.Load(ctx, b.Store, c)
		if err != nil {
			return err
		}
		size = n.Size
	}
	if size <= limit {
		b.Items[item].Class = Free
	}
	return nil
}

// besideMedia are the extensions of what accompanies a presentation and sells it.
var besideMedia = []string{".jpg", ".jpeg", ".png", ".webp", ".avif", ".vtt", ".srt", ".json"}

// beside frees the pictures and captions of a presentation. In a work without playlists, pictures may be the work
// itself.
func (b *builder) beside(ctx context.Context) error {
	for i := range b.Items {
		if b.Items[i].Class == Gated && slices.Contains(besideMedia, strings.ToLower(path.Ext(b.Items[i].Path))) {
			if err := b.free(ctx, i, maxBeside); err != nil {
				return err
			}
		}
	}
	return nil
}

// fileIndex frees the index of a work that does not play: which files it has, of what type and size.
func (b *builder) fileIndex(ctx context.Context) error {
	c, ok := b.files["index.json"]
	if !ok {
		return nil
	}
	body, err := dag.ReadFile(ctx, b.Store, c, maxIndex)
	if errors.Is(err, dag.ErrLimit) {
		return nil
	}
	if err != nil {
		return err
	}
	if !b.lists(body) {
		return nil
	}
	for i := range b.Items {
		if b.Items[i].Path == "index.json" {
			b.Items[i].Class = Free
		}
	}
	return nil
}

// lists says whether a text is an index of other files of the work and nothing beside: a work that is itself a JSON
// file is none.
func (b *builder) lists(body []byte) bool {
	var index struct {
		Version int `json:"version"`
		Files   []struct {
			Path string `json:"path"`
			Size uint64 `json:"size"`
			Type string `json:"type"`
		} `json:"files"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if d.Decode(&index) != nil || d.More() || index.Version != 1 || len(index.Files) == 0 {
		return false
	}
	for _, f := range index.Files {
		if _, ok := b.files[f.Path]; !ok || f.Path == "index.json" || len(f.Type) > 128 {
			return false
		}
	}
	return true
}
