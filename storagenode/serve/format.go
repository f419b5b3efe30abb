package serve

import (
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/streamchain/streamchain/storagenode/wire"
)

// The media types of the answers that a client can verify.
const (
	typeRaw = "application/vnd.ipld.raw"
	typeCAR = "application/vnd.ipld.car"
)

// refusedTypes are formats of IPFS gateways that a node does not make: what a client cannot verify, or is no UnixFS.
var refusedTypes = map[string]bool{
	"application/vnd.ipld.dag-json": true, "application/vnd.ipld.dag-cbor": true, "application/x-tar": true,
	"application/vnd.ipfs.ipns-record": true, "application/cbor": true,
}

// format is what a request wants of the thing that it names.
type format struct {
	kind     string // "" for the file itself, raw, car
	inAccept bool   // the URL does not say it
	scope    string // of a CAR: block, entity, all
	bytes    *span  // of a CAR: which bytes of a file its blocks must prove
	dups     bool   // of a CAR: a block stands wherever it occurs
}

// carType is the media type of the CAR that is sent.
func (f format) carType() string {
	dups := "n"
	if f.dups {
		dups = "y"
	}
	return typeCAR + "; version=1; order=dfs; dups=" + dups
}

// params are the parameters of a CAR as media types and queries name them.
type params map[string]string

// dups reads the parameters; ok is false for a variant that a node does not write.
func (p params) dups() (dups, ok bool) {
	ok = (p["version"] == "" || p["version"] == "1") && (p["order"] == "" || p["order"] == "dfs" || p["order"] == "unk") &&
		(p["dups"] == "" || p["dups"] == "n" || p["dups"] == "y")
	return p["dups"] == "y", ok
}

func unacceptable(what string) error {
	return wire.NewProblem(http.StatusNotAcceptable, wire.UnsupportedFormat,
		"%.100q: formats are raw and car (version=1; order=dfs; dups=y or n), and the file itself", what)
}

// parseFormat reads the query and Accept; the query counts more, since caches and proxies see it.
func parseFormat(r *http.Request) (f format, err error) {
	q := r.URL.Query()
	kind, car, ok := accepted(strings.Join(r.Header.Values("Accept"), ","))
	switch {
	case q.Has("format"):
		if f.kind = q.Get("format"); f.kind != "raw" && f.kind != "car" {
			return f, unacceptable(f.kind)
		}
	case !ok:
		return f, unacceptable(r.Header.Get("Accept"))
	default:
		f.kind, f.inAccept = kind, kind != ""
	}
	if f.kind != "car" {
		return f, nil
	}
	for _, name := range []string{"version", "order", "dups"} {
		if q.Has("car-" + name) {
			car[name] = q.Get("car-" + name)
		}
	}
	if f.dups, ok = car.dups(); !ok {
		return f, unacceptable(r.URL.RawQuery + " " + r.Header.Get("Accept"))
	}
	if f.scope = q.Get("dag-scope"); f.scope == "" {
		f.scope = "all"
	}
	if f.scope != "all" && f.scope != "entity" && f.scope != "block" {
		return f, wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "dag-scope %.20q: scopes are all, entity, block", f.scope)
	}
	if q.Has("entity-bytes") {
		f.scope = "entity"
		f.bytes, err = parseSpan(q.Get("entity-bytes"))
	}
	return f, err
}

// accepted reads Accept: the best format that a node makes, with the parameters of a CAR. ok is false when the client
// takes only what a node does not make. Types of files do not matter: a file has the type that it has.
func accepted(header string) (kind string, car params, ok bool) {
	best, car, refused := -1.0, params{}, false
	for _, part := range strings.Split(header, ",") {
		t, ps, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		weight := 1.0
		if q, err := strconv.ParseFloat(ps["q"], 64); err == nil && q >= 0 && q < 1 {
			weight = q
		}
		k := ""
		switch t {
		case typeRaw:
			k = "raw"
		case typeCAR:
			k = "car"
			if _, writes := params(ps).dups(); !writes {
				refused = true
				continue
			}
		}
		if refusedTypes[t] || weight == 0 {
			refused = true
			continue
		}
		// of two wanted alike, the one that can be verified
		if weight > best || weight == best && kind == "" && k != "" {
			kind, best = k, weight
			if k == "car" {
				car = ps
			}
		}
	}
	return kind, car, best >= 0 || !refused
}

// span is entity-bytes: both ends count, and what is negative counts from the end.
type span struct{ from, to int64 }

func parseSpan(s string) (*span, error) {
	bad := wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "entity-bytes %.50q: wanted from:to, where to may be *", s)
	from, to, ok := strings.Cut(s, ":")
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil || !ok {
		return nil, bad
	}
	last := int64(math.MaxInt64)
	if to != "*" {
		if last, err = strconv.ParseInt(to, 10, 64); err != nil {
			return nil, bad
		}
	}
	return &span{first, last}, nil
}

// of is the span's part of a file of size bytes; n is 0 where both ends cross. Without any byte in common, it refuses.
func (s *span) of(size uint64) (off, n uint64, err error) {
	end := int64(size) // dag holds sizes to int64
	from, to := s.from, s.to
	if from < 0 {
		from = max(0, end+from)
	}
	if to < 0 {
		to += end
	}
	if end > 0 && (from >= end || to < 0) {
		return 0, 0, wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "entity-bytes lies outside of the file's %d bytes", size)
	}
	if to = min(to, end-1); from > to {
		return 0, 0, nil
	}
	return uint64(from), uint64(to-from) + 1, nil
}
