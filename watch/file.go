package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/nodeclient"
)

const (
	// maxFile is the largest file that is fetched, in bytes.
	maxFile = 1 << 40
	// maxListed bounds the files that a work is looked through for, and its folders, maxFolders their depth. A few
	// empty folders that hold each other many times would else have no end.
	maxListed, maxFolders = 1000, 8
)

// file writes the one file of a work that has no playlist, or the one of Options.Path.
func (p *player) file(ctx context.Context) error {
	if p.metered != nil {
		return ErrMeteredFile
	}
	name := p.Path
	if name == "" {
		names, err := p.files(ctx, nil, p.media, nil, new(int))
		if err != nil {
			return err
		}
		// what lies in a work, for whoever may not read it yet, is not what he wants who may
		if len(names) > 1 {
			names = slices.DeleteFunc(names, func(n string) bool { return n == "index.json" })
		}
		switch len(names) {
		case 0:
			return ErrUnsupported
		case 1:
			name = names[0]
		default:
			return fmt.Errorf("%w: %s", ErrSeveralFiles, strings.Join(names[:min(len(names), 20)], ", "))
		}
	}
	req := nodeclient.Request{Admit: p.granted, Within: latest}
	id, err := p.fetch.Find(ctx, p.media, strings.Split(path.Clean(name), "/"), req)
	if err != nil {
		return err
	}
	out, done, err := p.opened(ctx, path.Clean(name), id, req)
	if err != nil {
		return err
	}
	copied, err := p.fetch.Copy(ctx, out, id, maxFile, req)
	p.count(copied.From)
	if err == nil {
		err = done()
	}
	p.result.Verified = err == nil
	return err
}

// opened is told, with what decrypts before it where the work is encrypted; done says whether all has been written.
func (p *player) opened(ctx context.Context, name string, id cid.Cid, req nodeclient.Request) (out io.Writer, done func() error, err error) {
	if p.keys == nil || name == "index.json" {
		return told{p}, func() error { return nil }, nil
	}
	sealed, err := p.fetch.Size(ctx, id, req)
	if err != nil {
		return nil, nil, err
	}
	size, err := media.PlainSize(sealed)
	if err != nil {
		return nil, nil, err
	}
	d, err := media.NewFileDecrypter(told{p}, size, 0, size, p.keys.ofFile(ctx, name, size))
	if err != nil {
		return nil, nil, err
	}
	return d, d.Close, nil
}

// files lists all files beneath a folder, by their paths.
func (p *player) files(ctx context.Context, names []string, id cid.Cid, at []string, listed *int) ([]string, error) {
	if *listed++; len(at) > maxFolders || *listed > 2*maxListed {
		return nil, fmt.Errorf("%w: folders deeper than %d, or more than %d", nodeclient.ErrUnsupportedDAG, maxFolders, maxListed)
	}
	if id.Type() == cid.Raw {
		return append(names, path.Join(at...)), nil
	}
	list, err := p.fetch.List(ctx, id, nodeclient.Request{Admit: p.granted})
	if errors.Is(err, nodeclient.ErrUnsupportedDAG) {
		return append(names, path.Join(at...)), nil
	}
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		if names, err = p.files(ctx, names, l.Cid, append(at[:len(at):len(at)], l.Name), listed); err != nil {
			return nil, err
		}
		if len(names) > maxListed {
			return nil, fmt.Errorf("%w: more than %d files", ErrSeveralFiles, maxListed)
		}
	}
	return names, nil
}

// told is Options.Out that reports what is written.
type told struct{ *player }

// Write implements io.Writer.
func (t told) Write(b []byte) (int, error) {
	n, err := t.Out.Write(b)
	t.result.Bytes += int64(n)
	t.report(0, 0)
	return n, err
}
