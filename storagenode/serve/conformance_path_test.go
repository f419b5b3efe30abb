package serve_test

import (
	"strings"
	"testing"

	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
)

// TestTrustlessRaw are the groups about raw blocks, alone and beneath a path.
func TestTrustlessRaw(t *testing.T) {
	f := newConform(t)
	root, dir, ascii := f.ids["root"].String(), f.ids["duplicates"].String(), f.ids["ascii.txt"].String()
	block, text := f.data("duplicates", true), f.data("ascii.txt", true)
	raw := []string{"Accept", "application/vnd.ipld.raw"}
	caching := map[string]string{"ETag": exactly(`"` + ascii + `.raw"`), "X-Ipfs-Path": exactly("/ipfs/" + ascii), "X-Ipfs-Roots": exactly(ascii), "Cache-Control": exactly(immutable)}
	f.run(t, []row{
		{name: "GET with format=raw param returns a raw block", path: dir + "?format=raw", status: 200, body: block, heads: map[string]string{"Content-Location": ""}},
		{
			name: "GET with application/vnd.ipld.raw header returns a raw block", path: dir, header: raw, status: 200, body: block,
			heads: map[string]string{"Content-Location": exactly("/ipfs/" + dir + "?format=raw"), "Vary": "Accept"},
		}, {
			name: "GET with application/vnd.ipld.raw header returns expected response headers", path: ascii, header: raw, status: 200, body: text,
			heads: map[string]string{
				"Content-Type": "^application/vnd.ipld.raw$", "Content-Length": exactly(itoa(len(text))), "X-Content-Type-Options": "^nosniff$",
				"Content-Disposition": exactly(`attachment; filename="` + ascii + `.bin"`),
			},
		}, {
			name: "GET with application/vnd.ipld.raw header and filename param returns expected Content-Disposition header with custom filename",
			path: ascii + "?filename=foobar.bin", header: raw, status: 200, heads: map[string]string{"Content-Disposition": exactly(`attachment; filename="foobar.bin"`)},
		},
		{name: "GET with application/vnd.ipld.raw header returns expected caching headers", path: ascii, header: raw, status: 200, heads: caching},
		{
			name: "GET with application/vnd.ipld.raw with range request includes correct bytes", path: ascii, header: append(raw, "Range", "bytes=6-16"), status: 206, body: text[6:17],
			heads: map[string]string{"Content-Range": exactly("bytes 6-16/" + itoa(len(text))), "Content-Type": "^application/vnd.ipld.raw$"},
		},
		{name: "the same with several ranges", path: ascii, header: append(raw, "Range", "bytes=6-16,0-4"), status: 200, body: text},
		{name: "a range outside", path: ascii, header: append(raw, "Range", "bytes=999-"), status: 416, heads: map[string]string{"Content-Range": exactly("bytes */" + itoa(len(text)))}},
		{name: "GET with format=raw param returns a raw block (path)", path: root + "/dir?format=raw", status: 200, body: block},
		{
			name: "GET with application/vnd.ipld.raw with single range request includes correct bytes (path)", path: root + "/dir", header: append(raw, "Range", "bytes=6-16"),
			status: 206, body: block[6:17], heads: map[string]string{"Content-Range": exactly("bytes 6-16/" + itoa(len(block)))},
		}, {
			name: "GET with application/vnd.ipld.raw header returns expected caching headers (path)", path: root + "/dir/ascii.txt", header: raw, status: 200, body: text,
			heads: map[string]string{"X-Ipfs-Path": exactly("/ipfs/" + root + "/dir/ascii.txt"), "X-Ipfs-Roots": exactly(strings.Join([]string{root, dir, ascii}, ","))},
		},
		{name: "HEAD of a block", method: "HEAD", path: ascii, header: raw, status: 200, body: []byte{}, heads: map[string]string{"Content-Length": exactly(itoa(len(text)))}},
		{name: "GET probe path", path: "bafkqaaa?format=raw", status: 200, body: []byte{}},
		{name: "HEAD probe path", method: "HEAD", path: "bafkqaaa", header: raw, status: 200, body: []byte{}},
		{name: "GET probe path as a CAR", path: "bafkqaaa?format=car", status: 200, heads: map[string]string{"Content-Type": "vnd.ipld.car"}, body: []byte("\x19\xa2\x65roots\x81\xd8\x2a\x45\x00\x01\x55\x00\x00\x67version\x01")},
	})
}

// TestPathGatewayFiles are the groups about files, ranges, caches and names of the path gateway.
func TestPathGatewayFiles(t *testing.T) {
	f := newConform(t)
	root, dir, ascii, gap := f.ids["root"].String(), f.ids["duplicates"].String(), f.ids["ascii.txt"].String(), f.ids["missing"].String()
	text := f.data("ascii.txt", false)
	file, etag := dir+"/ascii.txt", `"`+ascii+`"`
	cached := []string{"Cache-Control", "only-if-cached"}
	absent := "QmYzfKSE55XCjD1MW128RfciAf2DViABhEiXfgVFMabSjN"
	f.run(t, []row{
		{
			name: "GET for /ipfs/ unixfs file succeeds", path: root + "/dir/ascii.txt", status: 200, body: text, heads: map[string]string{
				"Cache-Control": exactly(immutable), "X-Ipfs-Path": exactly("/ipfs/" + root + "/dir/ascii.txt"), "ETag": exactly(etag),
				"X-Ipfs-Roots": exactly(strings.Join([]string{root, dir, ascii}, ",")),
			},
		},
		{name: "GET for /ipfs/ unixfs dir as raw block succeeds", path: root + "/dir/?format=raw", status: 200, body: f.data("duplicates", true), heads: map[string]string{"Cache-Control": exactly(immutable)}},
		{name: "GET for /ipfs/cid/file UnixFS file that does not exist returns 404", path: dir + "/i-do-not-exist", status: 404},
		{name: "HEAD for /ipfs/ with only-if-cached succeeds when in local datastore", method: "HEAD", path: dir + "/?format=raw", header: cached, status: 200},
		{name: "HEAD for /ipfs/ with only-if-cached fails when not in local datastore", method: "HEAD", path: absent, header: cached, status: 412},
		{name: "GET for /ipfs/ with only-if-cached succeeds when in local datastore", path: dir + "/?format=raw", header: cached, status: 200},
		{name: "GET for /ipfs/ with only-if-cached fails when not in local datastore", path: absent, header: cached, status: 412},
		{name: "GET for /ipfs/ file with matching Etag in If-None-Match returns 304 Not Modified", path: file, header: []string{"If-None-Match", etag}, status: 304, body: []byte{}},
		{name: "GET for /ipfs/ file with matching third Etag in If-None-Match returns 304 Not Modified", path: file, header: []string{"If-None-Match", `"fakeEtag1", "fakeEtag2", ` + etag}, status: 304},
		{name: "GET for /ipfs/ file with matching weak Etag in If-None-Match returns 304 Not Modified", path: file, header: []string{"If-None-Match", "W/" + etag}, status: 304},
		{name: "GET for /ipfs/ file with wildcard Etag in If-None-Match returns 304 Not Modified", path: file, header: []string{"If-None-Match", "*"}, status: 304},
		{name: "the Etag of the file is not that of the block", path: file + "?format=raw", header: []string{"If-None-Match", etag}, status: 200},

		{name: "GET for /ipfs/ file includes Accept-Ranges header", path: file, status: 200, body: text, heads: map[string]string{"Accept-Ranges": "^bytes$"}},
		{name: "GET for /ipfs/ file with single range request includes correct bytes", path: file, header: []string{"Range", "bytes=6-16"}, status: 206, body: text[6:17], heads: map[string]string{"Content-Range": exactly("bytes 6-16/31")}},
		{name: "GET for /ipfs/ file with suffix range request includes correct bytes from the end of file", path: file, header: []string{"Range", "bytes=-3"}, status: 206, body: text[28:31], heads: map[string]string{"Content-Range": exactly("bytes 28-30/31")}},
		{name: "GET Range of file succeeds even if the gateway is missing a block AFTER the requested range", path: gap, header: []string{"Range", "bytes=997-1000"}, status: 206, body: dagtest.Bytes(3072)[997:1001], heads: map[string]string{"Content-Range": exactly("bytes 997-1000/3072")}},
		{name: "GET Range of file succeeds even if the gateway is missing a block BEFORE the requested range", path: gap, header: []string{"Range", "bytes=2200-2201"}, status: 206, body: dagtest.Bytes(3072)[2200:2202], heads: map[string]string{"Content-Range": exactly("bytes 2200-2201/3072")}},

		{name: "GET for /ipfs/ file whose filename contains percentage-encoded characters works", path: root + "/Portugal%252C+Espa%C3%B1a=Peninsula%20Ib%C3%A9rica.txt", status: 200, body: []byte("percent")},
		{name: "a path of other letters", path: root + "/%C4%85/%C4%99/ascii.txt", status: 200, body: text},
		{name: "GET UnixFS (dag-pb) file with format=dag-json returns 406 Not Acceptable", path: file + "?format=dag-json", status: 406},
		{name: "GET UnixFS (dag-pb) file with format=dag-cbor returns 406 Not Acceptable", path: file + "?format=dag-cbor", status: 406},
		{name: "GET UnixFS (dag-pb) file with Accept: application/vnd.ipld.dag-json returns 406 Not Acceptable", path: file, header: []string{"Accept", "application/vnd.ipld.dag-json"}, status: 406},
		{name: "a browser's Accept asks for the file", path: file, header: []string{"Accept", "text/html,application/xhtml+xml,image/webp,*/*;q=0.8"}, status: 200, body: text},
		{name: "a format wanted less than the file", path: file, header: []string{"Accept", "application/vnd.ipld.raw;q=0.1, video/mp4"}, status: 200, heads: map[string]string{"Content-Type": "octet-stream"}},
		{name: "an invalid CID", path: "bafyfoo", status: 400},
		{name: "a root that is not served", path: absent, status: 404},
		{name: "a directory has no index", path: dir + "/", status: 404},
	})
}

// TestPathGatewayCORS is the group of that name.
func TestPathGatewayCORS(t *testing.T) {
	f := newConform(t)
	heads := map[string]string{"Access-Control-Allow-Origin": `^\*$`}
	for header, has := range map[string][]string{
		"Access-Control-Allow-Methods":  {"GET", "HEAD", "OPTIONS"},
		"Access-Control-Allow-Headers":  {"Content-Type", "Range", "User-Agent", "X-Requested-With"},
		"Access-Control-Expose-Headers": {"Content-Range", "Content-Length", "X-Ipfs-Path", "X-Ipfs-Roots", "X-Chunked-Output", "X-Stream-Output"},
	} {
		for _, name := range has {
			with := map[string]string{header: `(^|, )` + name + `(,|$)`}
			for k, v := range heads {
				with[k] = v
			}
			f.run(t, []row{
				{name: "GET Responses from Gateway should include CORS headers allowing JS from other origins to read the data cross-origin: " + name, path: f.ids["ascii.txt"].String(), status: 200, heads: with},
				{name: "OPTIONS to Gateway succeeds: " + name, method: "OPTIONS", path: f.ids["ascii.txt"].String(), status: 204, heads: with},
			})
		}
	}
}

// Names of files that strangers choose end no header and hide no extension.
func TestFilenames(t *testing.T) {
	f := newConform(t)
	at := func(q string) string { return f.ids["ascii.txt"].String() + "?" + q }
	says := func(v string) map[string]string { return map[string]string{"Content-Disposition": exactly(v)} }
	f.run(t, []row{
		{name: "other letters", path: at("filename=test%D1%82%D0%B5%D1%81%D1%82.jpg"), status: 200, heads: says(`attachment; filename="test____.jpg"; filename*=UTF-8''test%D1%82%D0%B5%D1%81%D1%82.jpg`)},
		{name: "quotes and paths", path: at("filename=..%2F%22a%5Cb"), status: 200, heads: says(`attachment; filename=".._` + `_a_b"`)},
		{name: "new lines", path: at("filename=a%0D%0ASet-Cookie:%20x"), status: 200, heads: map[string]string{"Content-Disposition": exactly(`attachment; filename="a__Set-Cookie: x"`), "Set-Cookie": ""}},
		{name: "right to left", path: at("filename=a%E2%80%AEgpj.exe"), status: 200, heads: says(`attachment; filename="a_gpj.exe"`)},
		{name: "long", path: at("filename=" + strings.Repeat("x", 999)), status: 200, heads: says(`attachment; filename="` + strings.Repeat("x", 128) + `"`)},
		{name: "percent", path: at("filename=100%25.txt"), status: 200, heads: says(`attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt`)},
	})
}
