package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	carv2 "github.com/ipld/go-car/v2"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/serve"
)

// These tests are the cases of ipfs/gateway-conformance that apply to a node, by their names there. What does not apply
// stands in docs/spec/node-api.md with the reason.

// public lets everybody read everything, as a work with a free offer does.
type public struct{}

func (public) Admit(context.Context, serve.Ask) (serve.Grant, error) { return serve.Grant{}, nil }

// conform is a node that serves one work of everything that the cases ask for.
type conform struct {
	dagtest.Builder
	*httptest.Server
	ids map[string]cid.Cid // by name, and by name and chunk
}

const multiblock = 4*256 + 2 // bytes, in chunks of 256

func newConform(t *testing.T) *conform {
	t.Helper()
	b := dagtest.New(t)
	f := &conform{Builder: b, ids: map[string]cid.Cid{}}
	put := func(name string, n ipld.Node) ipld.Node {
		f.ids[name] = n.Cid()
		return n
	}
	ascii := put("ascii.txt", b.File([]byte("hello application/vnd.ipld.raw\n"), 256, 174))
	hello := put("hello.txt", b.File([]byte("hello world\n"), 256, 174))
	multi := put("multiblock.txt", b.File(dagtest.Bytes(multiblock), 256, 174))
	gap := put("missing", b.File(dagtest.Bytes(3072), 1024, 174))
	encoded := put("encoded", b.File([]byte("percent"), 256, 174))
	duplicates := put("duplicates", b.Dir(map[string]ipld.Node{"ascii-copy.txt": ascii, "ascii.txt": ascii, "hello.txt": hello, "multiblock.txt": multi}))
	two := put("two", b.Dir(map[string]ipld.Node{"subdir": put("two/subdir", b.Dir(map[string]ipld.Node{"ascii.txt": ascii, "hello.txt": hello}))}))
	mixed := put("mixed", b.Dir(map[string]ipld.Node{
		"subdir": put("mixed/subdir", b.Dir(map[string]ipld.Node{"ascii.txt": ascii, "hello.txt": hello, "multiblock.txt": multi})),
	}))
	many := map[string]ipld.Node{}
	for i := range 200 {
		many[fmt.Sprintf("%d.txt", 5*i)] = b.File(dagtest.Bytes(600+i), 256, 174)
	}
	put("685.txt", many["685.txt"])
	sharded := put("sharded", b.Dir(many, uio.WithMaxLinks(50), uio.WithMaxHAMTFanout(8)))
	require.Greater(t, len(f.shards(sharded.Cid())), 16, "of several levels")
	root := put("root", b.Dir(map[string]ipld.Node{
		"dir": duplicates, "two": two, "mixed": mixed, "sharded": sharded, "gap": gap, "ą": b.Dir(map[string]ipld.Node{"ę": duplicates}),
		"Portugal%2C+España=Peninsula Ibérica.txt": encoded,
	}))
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cat.Close()) })
	ix, err := catalog.BuildIndex(context.Background(), b.Store, root.Cid(), cid.Undef)
	require.NoError(t, err)
	require.NoError(t, cat.Add(catalog.Entry{ID: "w", Live: true, Root: "w"}, ix))
	require.NoError(t, b.Store.Delete(context.Background(), f.children(gap.Cid())[1]), "a block that the node has lost")
	f.Server = httptest.NewServer(serve.Common(&serve.Server{Blocks: b.Store, Catalog: cat, Gate: public{}}))
	t.Cleanup(f.Server.Close)
	return f
}

// children are the links of a block, in their order.
func (f *conform) children(c cid.Cid) (out []cid.Cid) {
	f.T.Helper()
	n, err := f.Get(context.Background(), c)
	require.NoError(f.T, err)
	for _, l := range n.Links() {
		out = append(out, l.Cid)
	}
	return out
}

// beneath are all blocks beneath c, depth first, as boxo sees them.
func (f *conform) beneath(c cid.Cid) (out []cid.Cid) {
	f.T.Helper()
	for _, child := range f.children(c) {
		out = append(append(out, child), f.beneath(child)...)
	}
	return out
}

// shards are the parts of the sharded directory, depth first: the links whose names are a place alone.
func (f *conform) shards(c cid.Cid) (out []cid.Cid) {
	f.T.Helper()
	n, err := f.Get(context.Background(), c)
	require.NoError(f.T, err)
	for _, l := range n.Links() {
		if len(l.Name) == 1 {
			out = append(append(out, l.Cid), f.shards(l.Cid)...)
		}
	}
	return out
}

// way are the parts of the sharded directory that lead to a name, nil where it is not beneath.
func (f *conform) way(c cid.Cid, name string) []cid.Cid {
	f.T.Helper()
	n, err := f.Get(context.Background(), c)
	require.NoError(f.T, err)
	for _, l := range n.Links() {
		if len(l.Name) > 1 && l.Name[1:] == name {
			return []cid.Cid{}
		}
		if len(l.Name) == 1 {
			if rest := f.way(l.Cid, name); rest != nil {
				return append([]cid.Cid{l.Cid}, rest...)
			}
		}
	}
	return nil
}

// data is a file's content, or the block where raw is set.
func (f *conform) data(name string, raw bool) []byte {
	f.T.Helper()
	if !raw {
		data, err := dag.ReadFile(context.Background(), f.Store, f.ids[name], 1<<20)
		require.NoError(f.T, err)
		return data
	}
	block, err := f.Store.Get(context.Background(), f.ids[name])
	require.NoError(f.T, err)
	return block
}

// row is one case: a request, and what of the answer counts.
type row struct {
	name   string // as the suite names it
	method string // GET where empty
	path   string // beneath /ipfs/
	header []string
	status int
	heads  map[string]string // regular expressions that a header must match; "" for absent
	body   []byte
	blocks []cid.Cid // of a CAR, in that order
}

func (f *conform) run(t *testing.T, rows []row) {
	for _, tc := range rows {
		t.Run(tc.name, func(t *testing.T) {
			method := tc.method
			if method == "" {
				method = http.MethodGet
			}
			req, err := http.NewRequestWithContext(t.Context(), method, f.URL+"/ipfs/"+tc.path, nil)
			require.NoError(t, err)
			for i := 0; i < len(tc.header); i += 2 {
				req.Header.Add(tc.header[i], tc.header[i+1])
			}
			res, err := http.DefaultTransport.RoundTrip(req)
			require.NoError(t, err)
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.Equal(t, tc.status, res.StatusCode, "%s", body)
			for name, want := range tc.heads {
				got := strings.Join(res.Header.Values(name), ", ")
				if want == "" {
					require.Empty(t, got, name)
				} else {
					require.Regexp(t, regexp.MustCompile(want), got, name)
				}
			}
			if tc.body != nil {
				require.Equal(t, tc.body, body)
			}
			if tc.blocks != nil {
				require.Equal(t, texts(tc.blocks), texts(readCAR(t, body)))
			}
		})
	}
}

// readCAR reads a CAR with go-car, which verifies each block.
func readCAR(t *testing.T, body []byte) (ids []cid.Cid) {
	t.Helper()
	r, err := carv2.NewBlockReader(bytes.NewReader(body))
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Version)
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			return ids
		}
		require.NoError(t, err)
		ids = append(ids, b.Cid())
	}
}

func texts(ids []cid.Cid) []string {
	out := make([]string, len(ids))
	for i, c := range ids {
		out[i] = c.String()
	}
	return out
}

// join makes one list of CIDs and lists of them.
func join(parts ...any) (out []cid.Cid) {
	for _, p := range parts {
		switch p := p.(type) {
		case cid.Cid:
			out = append(out, p)
		case []cid.Cid:
			out = append(out, p...)
		}
	}
	return out
}

// exactly is a regular expression for one value.
func exactly(s string) string { return "^" + regexp.QuoteMeta(s) + "$" }

// asCARs gives each case the headers that the suite wants of every CAR, once asked for by the URL and once by Accept.
func asCARs(rows []row) (out []row) {
	for _, tc := range rows {
		heads := map[string]string{
			"Content-Type": "application/vnd\\.ipld\\.car; version=1; order=dfs; dups=n", "X-Content-Type-Options": "^nosniff$", "Accept-Ranges": "^none$",
			"Content-Disposition": `attachment; filename=".*\.car"`, "ETag": ".", "Cache-Control": exactly(immutable),
		}
		if tc.status != http.StatusOK {
			heads = nil
		}
		before, query, _ := strings.Cut(tc.path, "?")
		q, _ := url.ParseQuery(query)
		byAccept := row{tc.name + " (Accept Header)", tc.method, before, []string{"Accept", "application/vnd.ipld.car"}, tc.status, heads, tc.body, tc.blocks}
		if len(q) > 0 {
			byAccept.path += "?" + q.Encode()
		}
		q.Set("format", "car")
		byFormat := row{tc.name + " (format=car)", tc.method, before + "?" + q.Encode(), tc.header, tc.status, heads, tc.body, tc.blocks}
		out = append(out, byFormat, byAccept)
	}
	return out
}

const immutable = "public, max-age=29030400, immutable"
