package denylist

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	_ "github.com/multiformats/go-multihash/register/blake3" // lists hash with it too
)

// ErrSyntax says that a file is no denylist, and at which line.
var ErrSyntax = errors.New("not a compact denylist (IPIP-383)")

const (
	maxHeader = 1 << 20 // bytes
	maxLine   = 2 << 20 // bytes
)

// kind is what an item matches by.
type kind uint8

const (
	byCID    kind = iota // multihash and path
	byHash               // a hash of base58 multihash and path
	byLegacy             // the SHA-256 of a base32 CIDv1 and path
	byName               // IPNS, which a node never resolves
)

// item is one line of a list.
type item struct {
	kind   kind
	allow  bool
	prefix bool   // path is the beginning of what is matched
	key    string // the multihash that is matched
	path   string // without a slash at either end
	line   int
}

// list is a file that was read.
type list struct {
	name  string
	items []item
}

// Parse reads a denylist and counts its rules. ErrSyntax.
func Parse(r io.Reader) (rules int, err error) {
	l, err := parse(r)
	if err != nil {
		return 0, err
	}
	return len(l.items), nil
}

func parse(r io.Reader) (*list, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	l, at := &list{}, 0
	if end, ok := headerEnd(raw); ok {
		if l.name, err = header(raw[:end]); err != nil {
			return nil, err
		}
		at = bytes.Count(raw[:end], []byte("\n")) + 1
		raw = raw[end+len("---"):]
		// what stands behind the dashes on their line is nothing's
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			raw = raw[i+1:]
		} else {
			raw = nil
		}
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		at++
		text, _, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if text, _, _ = strings.Cut(text, "\t"); text == "" || text[0] == '#' {
			continue
		}
		items, err := parseItem(text)
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrSyntax, at, err)
		}
		for _, it := range items {
			it.line = at
			l.items = append(l.items, it)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: line %d: %w", ErrSyntax, at+1, err)
	}
	return l, nil
}

// headerEnd finds the line of dashes that ends a header.
func headerEnd(raw []byte) (int, bool) {
	for at := 0; at < min(len(raw), maxHeader); {
		line, _, more := bytes.Cut(raw[at:], []byte("\n"))
		if strings.TrimRight(string(line), " \t\r") == "---" {
			return at, true
		}
		if !more {
			break
		}
		at += len(line) + 1
	}
	return 0, false
}

// header reads the name of the list and refuses other versions than 1. Of YAML it takes what a header has: fields at the
// beginning of a line, and what is indented belongs to the field above.
func header(raw []byte) (name string, err error) {
	block := false
	for i, line := range strings.Split(strings.ReplaceAll(string(raw), "\r", ""), "\n") {
		if line == "" || line[0] == '#' || line[0] == ' ' || line[0] == '\t' || block && line[0] == '-' {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok || value != "" && value[0] != ' ' && value[0] != '\t' {
			return "", fmt.Errorf("%w: line %d: %.80q is no field of a header", ErrSyntax, i+1, line)
		}
		value = strings.TrimSpace(value)
		block = value == ""
		switch key {
		case "version":
			if strings.Trim(value, `"'`) != "1" {
				return "", fmt.Errorf("%w: line %d: version %.20s, this node reads 1", ErrSyntax, i+1, value)
			}
		case "name":
			name = strings.Trim(value, `"'`)
		}
	}
	return name, nil
}

// parseItem reads one rule: two items where a double hash could be of either kind.
func parseItem(text string) ([]item, error) {
	rule, allow := strings.CutPrefix(text, "!")
	switch {
	case strings.HasPrefix(rule, "//"):
		items, err := parseHash(rule[2:])
		for i := range items {
			items[i].allow = allow
		}
		return items, err
	case strings.HasPrefix(rule, "/ipfs/"):
		it, err := parsePath(rule[len("/ipfs/"):])
		it.allow = allow
		return []item{it}, err
	case strings.HasPrefix(rule, "/ipns/") && len(rule) > len("/ipns/"):
		return []item{{kind: byName, allow: allow}}, nil
	}
	return nil, fmt.Errorf("%.80q: a rule begins with /ipfs/, /ipns/ or //, perhaps after !", text)
}

// parsePath reads CID[/path][*].
func parsePath(rest string) (item, error) {
	name, path, slash := strings.Cut(rest, "/")
	hash, err := multihash(name)
	if err != nil {
		return item{}, err
	}
	it := item{kind: byCID, key: string(hash)}
	path, it.prefix = strings.CutSuffix(path, "*")
	path = strings.TrimSuffix(path, "/")
	if it.path, err = url.PathUnescape(path); err != nil {
		return item{}, fmt.Errorf("%.80q: %w", path, err)
	}
	// a block that may not be read leads nowhere, so a CID's rule covers what lies beneath it
	it.prefix = it.prefix || !slash || it.path == ""
	return it, nil
}

// multihash reads a CID, or the multihash of one.
func multihash(name string) (mh.Multihash, error) {
	if c, err := cid.Decode(name); err == nil {
		return c.Hash(), nil
	}
	hash, err := mh.FromB58String(name)
	if err != nil {
		return nil, fmt.Errorf("%.80q is no CID", name)
	}
	return hash, nil
}

// parseHash reads a double hash.
func parseHash(text string) (items []item, err error) {
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == 32 {
		items = append(items, item{kind: byLegacy, key: string(raw)})
	}
	if hash, err := mh.FromB58String(text); err == nil {
		d, err := mh.Decode(hash)
		if err == nil {
			_, err = mh.Sum(nil, d.Code, d.Length)
		}
		if err == nil {
			return append(items, item{kind: byHash, key: string(hash)}), nil
		}
		if len(items) == 0 {
			return nil, fmt.Errorf("//%.80s: %w", text, err)
		}
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("//%.80s is no double hash", text)
	}
	return items, nil
}
