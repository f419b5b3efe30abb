package serve

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/dag"
)

// maxFilename is how many characters of a name a browser is told.
const maxFilename = 128

// disposition is a Content-Disposition with the name that the request asks for, or name. Names come from strangers:
// nothing of them may end the header, lead to another folder or show as another extension.
func disposition(kind string, r *http.Request, name string) string {
	if q := r.URL.Query().Get("filename"); q != "" {
		name = q
	}
	full := make([]rune, 0, maxFilename)
	for _, c := range name {
		if !unicode.IsPrint(c) || strings.ContainsRune(`"\/`, c) {
			c = '_'
		}
		if full = append(full, c); len(full) == maxFilename {
			break
		}
	}
	if len(full) == 0 {
		return kind
	}
	plain := strings.Map(func(c rune) rune {
		if c > unicode.MaxASCII || c == '%' {
			return '_'
		}
		return c
	}, string(full))
	out := kind + `; filename="` + plain + `"`
	if plain != string(full) {
		out += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(string(full)), "+", "%20")
	}
	return out
}

// probeCID is the empty identity block, by which clients of trustless gateways ask whether this is one.
var probeCID = cid.MustParse("bafkqaaa")

// probing answers a request for probeCID, which is in no store.
func probing(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/ipfs/"+probeCID.String() {
		return false
	}
	f, err := parseFormat(r)
	if err != nil || f.kind == "" {
		return false
	}
	h := w.Header()
	h.Set("Vary", "Accept")
	h.Set("Cache-Control", "public, max-age=29030400, immutable")
	if f.kind == "raw" {
		h.Set("Content-Type", typeRaw)
		h.Set("Content-Length", strconv.Itoa(0))
		return true
	}
	h.Set("Content-Type", f.carType())
	if out, err := dag.NewCARWriter(w, []cid.Cid{probeCID}); err == nil && r.Method == http.MethodGet {
		_ = out.Close() // the client may be gone
	}
	return true
}
