package denylist

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
)

// ErrNotThere says that a file has no such rule.
var ErrNotThere = errors.New("the list has no such rule")

// Target reads what an operator names: a CID or work id, /ipfs/CID[/path], or a URL with that path.
func Target(text string) (root cid.Cid, path []string, err error) {
	if u, err := url.Parse(text); err == nil && u.Scheme != "" {
		text = u.EscapedPath()
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "/ipfs/"), "/")
	name, rest, _ := strings.Cut(text, "/")
	if root, err = cid.Decode(name); err != nil {
		return root, nil, fmt.Errorf("%.100q is no CID, /ipfs/CID/path or URL of one: %w", text, err)
	}
	if rest == "" {
		return root, nil, nil
	}
	if rest, err = url.PathUnescape(rest); err != nil {
		return root, nil, err
	}
	return root, strings.Split(rest, "/"), nil
}

// Rule writes the rule for a target: a hash of it where hidden is set, so that the list tells nobody what it is about.
func Rule(root cid.Cid, path []string, hidden, allow bool) (string, error) {
	rule := "/ipfs/" + root.String()
	for _, p := range path {
		rule += "/" + url.PathEscape(p)
	}
	if hidden {
		name := strings.Join(append([]string{root.Hash().B58String()}, path...), "/")
		sum, err := mh.Sum([]byte(name), mh.SHA2_256, -1)
		if err != nil {
			return "", err
		}
		rule = "//" + sum.B58String()
	}
	if allow {
		rule = "!" + rule
	}
	return rule, nil
}

// Add writes a rule at the end of the file, which is made where it is not there, and a comment above it. It says whether the
// file had not ended with the rule already.
func Add(path, rule, comment string) (bool, error) {
	if _, err := parseItem(rule); err != nil {
		return false, err
	}
	lines, err := readLines(path)
	if err != nil {
		return false, err
	}
	if n := len(lines); n > 0 && lines[n-1] == rule {
		return false, nil
	}
	// a rule counts by its place: the one before would not do
	lines = slices.DeleteFunc(lines, func(l string) bool { return l == rule })
	if comment = strings.Join(strings.Fields(comment), " "); comment != "" {
		lines = append(lines, "# "+comment)
	}
	return true, writeLines(path, append(lines, rule))
}

// Remove takes a rule out of the file. ErrNotThere.
func Remove(path, rule string) error {
	lines, err := readLines(path)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return firstWord(l) == rule })
	if len(left) == len(lines) {
		return fmt.Errorf("%w: %s", ErrNotThere, rule)
	}
	return writeLines(path, left)
}

func firstWord(line string) string {
	if f := strings.Fields(line); len(f) > 0 {
		return f[0]
	}
	return ""
}

func readLines(path string) ([]string, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		_, err = Parse(bytes.NewReader(raw))
	}
	text := strings.TrimRight(string(raw), "\n")
	if err != nil || text == "" {
		return nil, err
	}
	return strings.Split(text, "\n"), nil
}

func writeLines(path string, lines []string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	text := ""
	if len(lines) > 0 {
		text = strings.Join(lines, "\n") + "\n"
	}
	return replace(path, []byte(text))
}

// Rules are the lines of a file that are rules.
func Rules(path string) ([]string, error) {
	lines, err := readLines(path)
	header := slices.Index(lines, "---")
	var out []string
	for _, l := range lines[header+1:] {
		if w := firstWord(l); w != "" && w[0] != '#' {
			out = append(out, w)
		}
	}
	return out, err
}
