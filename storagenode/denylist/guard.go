package denylist

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/wire"
)

// Work is what a list may name a work by.
type Work struct {
	ID    string `json:"id"`
	Root  string `json:"root"`
	Media string `json:"media"`
	Cover string `json:"cover,omitempty"`
	Piece []byte `json:"piece,omitempty"`
}

// Memory keeps a value on the disk; nil is one that was never set.
type Memory interface {
	Meta(name string) ([]byte, error)
	SetMeta(name string, value []byte) error
}

const (
	memory = "denied"
	// maxRemembered bounds the works that are remembered.
	maxRemembered = 1 << 16
)

// Guard answers for works what the lists say of CIDs, and writes down what it refused. It remembers denied works, so that
// their files and uploads stay refused when the list only names the work and its bytes are gone. A nil Guard denies nothing.
type Guard struct {
	lists   *Lists
	log     *slog.Logger
	memory  Memory
	refused atomic.Uint64

	mu     sync.RWMutex
	works  map[string]Work   // by id
	cids   map[string]string // id by multihash of media and cover
	pieces map[string]string // id by piece root
}

// NewGuard reads what m remembers.
func NewGuard(l *Lists, m Memory, log *slog.Logger) (*Guard, error) {
	g := &Guard{lists: l, log: log, memory: m, works: map[string]Work{}, cids: map[string]string{}, pieces: map[string]string{}}
	raw, err := m.Meta(memory)
	if err != nil || raw == nil {
		return g, err
	}
	var works []Work
	if err := json.Unmarshal(raw, &works); err != nil {
		return nil, fmt.Errorf("remembered works: %w", err)
	}
	for _, w := range works {
		g.add(w)
	}
	return g, nil
}

func (g *Guard) add(w Work) {
	g.works[w.ID] = w
	for _, name := range []string{w.Media, w.Cover} {
		if c, err := cid.Decode(name); err == nil {
			g.cids[string(c.Hash())] = w.ID
		}
	}
	if len(w.Piece) > 0 {
		g.pieces[string(w.Piece)] = w.ID
	}
}

// Remember keeps a work that is denied.
func (g *Guard) Remember(w Work) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.works[w.ID]; ok || len(g.works) >= maxRemembered {
		return nil
	}
	g.add(w)
	all := make([]Work, 0, len(g.works))
	for _, w := range g.works {
		all = append(all, w)
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return g.memory.SetMeta(memory, raw)
}

// Refused is how many requests were refused since the start.
func (g *Guard) Refused() uint64 { return g.refused.Load() }

// Empty says that nothing at all is denied.
func (g *Guard) Empty() bool { return g == nil || g.lists.Empty() }

// Work says whether a list names the work, or what all of it is made of.
func (g *Guard) Work(w Work) Verdict {
	if g.Empty() {
		return Verdict{}
	}
	for _, name := range []string{w.ID, w.Root, w.Media, w.Cover} {
		c, err := cid.Decode(name)
		if err != nil {
			continue // an upload's id is no CID
		}
		if v := g.lists.CID(c); v.Denied {
			return v
		}
	}
	return Verdict{}
}

// Root says whether a list names a work's first version, or every version of it that versions and memory know of.
func (g *Guard) Root(root string, versions []Work) Verdict {
	if g.Empty() {
		return Verdict{}
	}
	if v := g.Work(Work{Root: root}); v.Denied {
		return v
	}
	g.mu.RLock()
	if len(versions) == 0 {
		for _, w := range g.works {
			if w.Root == root {
				versions = append(versions, w)
			}
		}
	}
	g.mu.RUnlock()
	var last Verdict
	for _, w := range versions {
		if last = g.Work(w); !last.Denied {
			break
		}
	}
	return last
}

// CID says whether a list names the CID, or a denied work whose media or cover it is.
func (g *Guard) CID(c cid.Cid) Verdict { return g.Path(c, nil) }

// Path is CID for what lies at path under root.
func (g *Guard) Path(root cid.Cid, path []string) Verdict {
	if g.Empty() {
		return Verdict{}
	}
	if v := g.lists.Path(root, path); v.Denied {
		return v
	}
	g.mu.RLock()
	w, ok := g.works[g.cids[string(root.Hash())]]
	g.mu.RUnlock()
	if !ok {
		return Verdict{}
	}
	// asked again: the rule may be gone
	return g.Work(w)
}

// Piece says whether the piece is that of a denied work.
func (g *Guard) Piece(root []byte) Verdict {
	if g.Empty() {
		return Verdict{}
	}
	g.mu.RLock()
	w, ok := g.works[g.pieces[string(root)]]
	g.mu.RUnlock()
	if !ok {
		return Verdict{}
	}
	return g.Work(w)
}

// Refuse writes down that a request was refused and says so to whoever asked: not by which rule, which a list may hide.
// what is the CID, path, work or piece that was asked for.
func (g *Guard) Refuse(route, what string, v Verdict) *wire.Problem {
	g.refused.Add(1)
	g.log.Info("refused by denylist", "route", route, "what", what, "list", v.List, "file", v.File, "line", v.Line)
	return wire.NewProblem(http.StatusUnavailableForLegalReasons, wire.Blocked, "the operator of this node does not serve it (%s)", v.List)
}

// PieceText is a piece as it is written down.
func PieceText(root []byte) string { return hex.EncodeToString(root) }
