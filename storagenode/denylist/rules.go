package denylist

import (
	"crypto/sha256"
	"strings"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
)

// Verdict is what the lists say; the zero value is that nobody denies.
type Verdict struct {
	Denied bool
	List   string // its name, or its file's
	File   string
	Line   int
}

// ranked is an item with its place among all: the highest that matches counts.
type ranked struct {
	*item
	rank int
	from *source
}

// rules are all lists together. They never change.
type rules struct {
	total  int
	cids   map[string][]ranked // by multihash, in order
	hashed map[string]ranked
	legacy map[string]ranked
	fns    []hashFn // that hashed uses
}

type hashFn struct {
	code   uint64
	length int
}

// compile puts lists together; the last comes last.
func compile(sources []*source) *rules {
	r := &rules{cids: map[string][]ranked{}, hashed: map[string]ranked{}, legacy: map[string]ranked{}}
	seen := map[hashFn]bool{}
	for _, s := range sources {
		if s.list == nil {
			continue
		}
		for i := range s.list.items {
			it := &s.list.items[i]
			r.total++
			k := ranked{it, r.total, s}
			switch it.kind {
			case byCID:
				r.cids[it.key] = append(r.cids[it.key], k)
			case byHash:
				r.hashed[it.key] = k
				if d, err := mh.Decode(mh.Multihash(it.key)); err == nil && !seen[hashFn{d.Code, d.Length}] {
					seen[hashFn{d.Code, d.Length}] = true
					r.fns = append(r.fns, hashFn{d.Code, d.Length})
				}
			case byLegacy:
				r.legacy[it.key] = k
			case byName:
			}
		}
	}
	return r
}

// empty says that nothing is denied, whatever is asked.
func (r *rules) empty() bool { return len(r.cids)+len(r.hashed)+len(r.legacy) == 0 }

// verdict is that of the last rule that matches the path under the CID. A CID that is denied itself denies every path.
func (r *rules) verdict(c cid.Cid, path string) Verdict {
	var last ranked
	take := func(k ranked) {
		if k.item != nil && k.rank > last.rank {
			last = k
		}
	}
	for _, k := range r.cids[string(c.Hash())] {
		if path == k.path || k.prefix && strings.HasPrefix(path, k.path) {
			take(k)
		}
	}
	for _, p := range both(path) {
		if len(r.fns) > 0 {
			name := []byte(c.Hash().B58String())
			if p != "" {
				name = append(append(name, '/'), p...)
			}
			for _, fn := range r.fns {
				if sum, err := mh.Sum(name, fn.code, fn.length); err == nil {
					take(r.hashed[string(sum)])
				}
			}
		}
		if len(r.legacy) > 0 {
			for _, v1 := range versions(c) {
				sum := sha256.Sum256([]byte(v1.String() + "/" + p))
				take(r.legacy[string(sum[:])])
			}
		}
	}
	if last.item == nil || last.allow {
		return Verdict{}
	}
	return last.from.verdict(last.line)
}

// both are the paths that a double hash could have been made of: a hash says nothing of what lies beneath, so the CID's own
// is looked for besides.
func both(path string) []string {
	if path == "" {
		return []string{""}
	}
	return []string{"", path}
}

// versions are the CIDs by which the same bytes could be asked for: a legacy rule knows only one of them.
func versions(c cid.Cid) []cid.Cid {
	out := []cid.Cid{cid.NewCidV1(cid.DagProtobuf, c.Hash()), cid.NewCidV1(cid.Raw, c.Hash()), cid.NewCidV1(cid.DagCBOR, c.Hash())}
	if t := c.Type(); t != cid.DagProtobuf && t != cid.Raw && t != cid.DagCBOR {
		out = append(out, cid.NewCidV1(t, c.Hash()))
	}
	return out
}
