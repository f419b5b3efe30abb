package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// chunk is how large the blocks are that a file is stored in, in bytes.
const chunk = 1 << 20

// sum is a SHA-256.
type sum = [sha256.Size]byte

// presentation is one that the publisher packaged: clear, or encrypted out of a clear one.
type presentation struct {
	dir       string
	encrypted bool
	init      sum
	whole     sum            // of each rendition's init and segments: what a viewer writes
	chunks    map[sum]string // of segments, the file of each
}

// sealed checks what encryption promises, on the bytes themselves: what the viewer wrote is what the publisher packaged, and what lies at the nodes is
// neither that nor anything that plays.
func (r *run) sealed(ctx context.Context, rec *Receipt) error {
	packed, err := r.packed()
	if err != nil {
		return err
	}
	rec.Encryption = Encryption{DecryptedOK: true}
	for _, name := range []string{"song.mp4", "film.mp4", "song-again.mp4", "film-rented.mp4"} {
		got, err := sumOf(filepath.Join(r.Home, name))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(packed, func(p presentation) bool { return !p.encrypted && p.whole == got }) {
			return fmt.Errorf("%s is not what was packaged before it was encrypted", name)
		}
	}
	example, err := r.nodes(rec, packed)
	if err != nil {
		return err
	}
	return r.unplayable(ctx, example, packed)
}

// packed reads all renditions that the publishers have packaged.
func (r *run) packed() (out []presentation, err error) {
	lists, err := filepath.Glob(filepath.Join(r.cli.net, "keys", "publish", "*", "*", "*", "index.m3u8"))
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		if filepath.Base(filepath.Dir(list)) == "captions" {
			continue
		}
		p, err := readPresentation(list)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	for _, want := range []bool{false, true} {
		if !slices.ContainsFunc(out, func(p presentation) bool { return p.encrypted == want }) {
			return nil, fmt.Errorf("the publishers' folders have no presentation with encrypted = %t", want)
		}
	}
	return out, nil
}

func readPresentation(list string) (presentation, error) {
	p := presentation{dir: filepath.Dir(list), chunks: map[sum]string{}}
	raw, err := os.ReadFile(list)
	if err != nil {
		return p, err
	}
	whole, files := sha256.New(), []string{"init.mp4"}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		p.encrypted = p.encrypted || strings.HasPrefix(line, "#EXT-X-KEY:METHOD=AES-128")
		if line != "" && !strings.HasPrefix(line, "#") {
			files = append(files, line)
		}
	}
	for i, name := range files {
		path := filepath.Join(filepath.Dir(list), name)
		data, err := os.ReadFile(path)
		if err != nil {
			return p, err
		}
		whole.Write(data)
		if i == 0 {
			p.init = sha256.Sum256(data)
		}
		for part := range slices.Chunk(data, chunk) {
			if i > 0 {
				p.chunks[sha256.Sum256(part)] = path
			}
		}
	}
	p.whole = sum(whole.Sum(nil))
	return p, nil
}

func sumOf(path string) (sum, error) {
	data, err := os.ReadFile(path)
	return sha256.Sum256(data), err
}

// nodes compares every block on the disks of the storage nodes, and returns the file of an encrypted segment that lies there.
func (r *run) nodes(rec *Receipt, packed []presentation) (example string, err error) {
	for i := range r.Nodes {
		blocks, err := filepath.Glob(filepath.Join(r.cli.net, fmt.Sprintf("node%d", i), "data", "blocks", "*", "*.data"))
		if err != nil {
			return "", err
		}
		if len(blocks) == 0 {
			return "", fmt.Errorf("node %d keeps no block", i)
		}
		for _, b := range blocks {
			got, err := sumOf(b)
			if err != nil {
				return "", err
			}
			for _, p := range packed {
				path, ok := p.chunks[got]
				switch {
				case !ok:
				case !p.encrypted:
					return "", fmt.Errorf("node %d has %s as it was before it was encrypted", i, path)
				default:
					rec.Encryption.Blocks++
					example = path
				}
			}
		}
	}
	if example == "" {
		return "", errors.New("no storage node has an encrypted segment")
	}
	return example, nil
}

// unplayable requires that an encrypted segment behind its init segment has nothing that a player finds, where the clear one has.
func (r *run) unplayable(ctx context.Context, segment string, packed []presentation) error {
	init, err := os.ReadFile(filepath.Join(filepath.Dir(segment), "init.mp4"))
	if err != nil {
		return err
	}
	begins := sha256.Sum256(init)
	i := slices.IndexFunc(packed, func(p presentation) bool { return !p.encrypted && p.init == begins })
	if i < 0 {
		return fmt.Errorf("%s was not packaged here", segment)
	}
	scratch := filepath.Join(r.Home, "sealed.mp4")
	defer os.Remove(scratch)
	for _, c := range []struct {
		path  string
		plays bool
	}{{filepath.Join(packed[i].dir, filepath.Base(segment)), true}, {segment, false}} {
		data, err := os.ReadFile(c.path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(scratch, append(bytes.Clone(init), data...), 0o600); err != nil {
			return err
		}
		// it fails on what is not media, which is as good as finding nothing
		out, _ := exec.CommandContext(ctx, "ffprobe", "-v", "quiet", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", scratch).Output()
		if plays := strings.ContainsAny(string(out), "123456789"); plays != c.plays {
			return fmt.Errorf("%s plays: %t (packets: %q)", c.path, plays, out)
		}
	}
	return ctx.Err()
}
