package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTrustlessCARPathing is the suite's group of that name.
func TestTrustlessCARPathing(t *testing.T) {
	f := newConform(t)
	two, sharded := f.ids["two"], f.ids["sharded"]
	f.run(t, asCARs([]row{
		{
			name: "GET default CAR response with pathing through UnixFS Directory", path: two.String() + "/subdir/ascii.txt", status: 200,
			blocks: join(two, f.ids["two/subdir"], f.ids["ascii.txt"]),
		}, {
			name: "GET default CAR response of UnixFS file on a path with HAMT-sharded directory", path: sharded.String() + "/685.txt", status: 200,
			blocks: join(sharded, f.way(sharded, "685.txt"), f.ids["685.txt"], f.beneath(f.ids["685.txt"])),
		}, {
			name: "GET default CAR response for non-existing file", path: two.String() + "/subdir/i-do-not-exist", status: 404,
		},
	}))
}

// TestTrustlessCARScopes are the groups about dag-scope.
func TestTrustlessCARScopes(t *testing.T) {
	f := newConform(t)
	two, sharded, mixed, multi := f.ids["two"], f.ids["sharded"], f.ids["mixed"], f.ids["multiblock.txt"]
	whole := join(mixed, f.ids["mixed/subdir"], multi, f.beneath(multi))
	f.run(t, asCARs([]row{
		{
			name: "GET CAR with dag-scope=block of UnixFS directory on a path", path: two.String() + "/subdir?dag-scope=block", status: 200,
			blocks: join(two, f.ids["two/subdir"]),
		}, {
			name: "GET CAR with dag-scope=block of UnixFS file on a path", path: two.String() + "/subdir/ascii.txt?dag-scope=block", status: 200,
			blocks: join(two, f.ids["two/subdir"], f.ids["ascii.txt"]),
		}, {
			name: "GET CAR with dag-scope=block of UnixFS file on a path with sharded directory", path: sharded.String() + "/685.txt?dag-scope=block", status: 200,
			blocks: join(sharded, f.way(sharded, "685.txt"), f.ids["685.txt"]),
		}, {
			name: "GET CAR with dag-scope=entity of a UnixFS directory", path: two.String() + "?dag-scope=entity", status: 200, blocks: join(two),
		}, {
			name: "GET CAR with dag-scope=entity of a UnixFS sharded directory", path: sharded.String() + "?dag-scope=entity", status: 200,
			blocks: join(sharded, f.shards(sharded)),
		}, {
			name: "GET CAR with dag-scope=entity of a UnixFS file", path: mixed.String() + "/subdir/ascii.txt?dag-scope=entity", status: 200,
			blocks: join(mixed, f.ids["mixed/subdir"], f.ids["ascii.txt"]),
		}, {
			name: "GET CAR with dag-scope=entity of a chunked UnixFS file", path: mixed.String() + "/subdir/multiblock.txt?dag-scope=entity", status: 200, blocks: whole,
		}, {
			name: "GET CAR with dag-scope=all of UnixFS directory with multiple files", path: mixed.String() + "/subdir?dag-scope=all", status: 200,
			blocks: join(mixed, f.ids["mixed/subdir"], f.beneath(f.ids["mixed/subdir"])),
		}, {
			name: "GET CAR with dag-scope=all of a chunked UnixFS file", path: mixed.String() + "/subdir/multiblock.txt?dag-scope=all", status: 200, blocks: whole,
		},
		{name: "a scope that there is not", path: mixed.String() + "?dag-scope=some", status: 400},
	}))
}

// TestTrustlessCAREntityBytes is the group of that name, and what the specification says beside it.
func TestTrustlessCAREntityBytes(t *testing.T) {
	f := newConform(t)
	missing, sharded, mixed, multi := f.ids["missing"], f.ids["sharded"], f.ids["mixed"], f.ids["multiblock.txt"]
	parts := f.children(multi)
	at := func(span string) string { return multi.String() + "?dag-scope=entity&entity-bytes=" + span }
	rows := []row{
		{
			name: "GET CAR with entity-bytes succeeds even if the gateway is missing a block after the requested range",
			path: missing.String() + "?dag-scope=entity&entity-bytes=0:1000", blocks: join(missing, f.children(missing)[0]),
		}, {
			name: "GET CAR with entity-bytes succeeds even if the gateway is missing a block before the requested range",
			path: missing.String() + "?dag-scope=entity&entity-bytes=2200:*", blocks: join(missing, f.children(missing)[2]),
		}, {
			name: "GET CAR with entity-bytes of a full UnixFS file", path: mixed.String() + "/subdir/multiblock.txt?dag-scope=entity&entity-bytes=0:*",
			blocks: join(mixed, f.ids["mixed/subdir"], multi, parts),
		}, {
			name: "GET CAR with entity-bytes of a UnixFS directory", path: sharded.String() + "?dag-scope=entity&entity-bytes=0:*",
			blocks: join(sharded, f.shards(sharded)),
		},
		{name: "GET CAR with entity-bytes equivalent to a HTTP Range Request from the middle of a file to the end", path: at("512:*"), blocks: join(multi, parts[2:])},
		{name: "GET CAR with entity-bytes equivalent to a HTTP Range Request for the middle of a file", path: at("512:1023"), blocks: join(multi, parts[2:4])},
		{
			name: "GET CAR with entity-bytes equivalent to a HTTP Range Request for the middle of a file (negative ending)",
			path: at("512:-256"), blocks: join(multi, parts[2:4]),
		},
		{name: "GET CAR with entity-bytes equivalent to HTTP Suffix Range Request for part of a file", path: at("-5:*"), blocks: join(multi, parts[3:])},
		{name: "GET CAR with entity-bytes requesting a negative range bigger than the length of a file", path: at("-9999:*"), blocks: join(multi, parts)},
		{
			name: "GET CAR with entity-bytes requesting a range from the end of a file that is bigger than a file itself",
			path: at("-9999:-3"), blocks: join(multi, parts[:4]),
		},
		{name: "GET CAR with entity-bytes requesting only the blocks for the first byte of a file", path: at("0:0"), blocks: join(multi, parts[:1])},

		{name: "to the last byte but one", path: at("0:-2"), blocks: join(multi, parts)},
		{name: "to the last byte but two", path: at("0:-3"), blocks: join(multi, parts[:4])},
		{name: "implies dag-scope=entity", path: multi.String() + "?entity-bytes=256:256", blocks: join(multi, parts[1])},
		{name: "also of a directory", path: mixed.String() + "?entity-bytes=0:*", blocks: join(mixed)},
		{name: "partly outside", path: at("1024:99999"), blocks: join(multi, parts[4])},
		{name: "of no length is dag-scope=block", path: at("600:300"), blocks: join(multi)},
	}
	for i := range rows {
		rows[i].status = 200
	}
	for _, span := range []string{"1026:*", "0:-1027", "5", "a:b", "*:5", ":", "0:99999999999999999999"} {
		rows = append(rows, row{name: "refused: " + span, path: at(span), status: 400})
	}
	f.run(t, asCARs(rows))
}

// TestTrustlessCAROrderAndDuplicates is the optional group of that name, with the precedence of formats.
func TestTrustlessCAROrderAndDuplicates(t *testing.T) {
	f := newConform(t)
	dir, multi := f.ids["duplicates"], f.ids["multiblock.txt"]
	rest := join(f.ids["hello.txt"], multi, f.children(multi))
	each, once := join(dir, f.ids["ascii.txt"], f.ids["ascii.txt"], rest), join(dir, f.ids["ascii.txt"], rest)
	car := func(params string) []string { return []string{"Accept", "application/vnd.ipld.car" + params} }
	says := func(dups string) map[string]string {
		return map[string]string{"Content-Type": "^application/vnd.ipld.car; version=1; order=dfs; dups=" + dups + "$"}
	}
	p := dir.String()
	f.run(t, []row{
		{
			name: "GET CAR with order=dfs and dups=y of UnixFS Directory With Duplicate Files", path: p, header: car("; version=1; order=dfs; dups=y"),
			status: 200, heads: says("y"), blocks: each,
		}, {
			name: "GET CAR with order=dfs and dups=n of UnixFS Directory With Duplicate Files", path: p, header: car("; version=1; order=dfs; dups=n"),
			status: 200, heads: says("n"), blocks: once,
		}, {
			name: "GET CAR smoke-test with order=unk of UnixFS Directory", path: p, header: car("; version=1; order=unk"), status: 200, heads: says("n"), blocks: once,
		}, {
			name: "GET CAR with ?format=car respects Accept header order and dups params", path: p + "?format=car", header: car("; version=1; order=dfs; dups=y"),
			status: 200, heads: says("y"), blocks: each,
		}, {
			name: "GET CAR with ?car-order=dfs takes precedence over order=unk in Accept", path: p + "?format=car&car-order=dfs", header: car("; order=unk"),
			status: 200, heads: says("n"),
		}, {
			name: "GET CAR with ?car-dups=y takes precedence over dups=n in Accept", path: p + "?format=car&car-dups=y", header: car("; dups=n"),
			status: 200, heads: says("y"), blocks: each,
		}, {
			name: "GET with format=car query parameter takes precedence over Accept header", path: p + "?format=car", header: []string{"Accept", "application/vnd.ipld.raw"},
			status: 200, heads: says("n"),
		}, {
			name: "GET with format=raw query parameter takes precedence over Accept header", path: p + "?format=raw", header: car(""),
			status: 200, heads: map[string]string{"Content-Type": "^application/vnd.ipld.raw$"},
		},
		{name: "a variant that is not there is refused", path: p, header: car("; version=2"), status: 406},
		{name: "also by the query", path: p + "?format=car&car-order=bfs", status: 406},
		{
			name: "the next best that is there is sent", path: p, header: car("; order=foo, application/vnd.ipld.car; order=dfs; dups=y; q=0.5"),
			status: 200, heads: says("y"), blocks: each,
		},
	})
}

// The ETag of a CAR is that of all that shapes it: a cache that has one never takes it for another.
func TestTrustlessCARETags(t *testing.T) {
	f := newConform(t)
	mixed, multi := f.ids["mixed"].String(), f.ids["multiblock.txt"].String()
	seen := map[string]string{}
	for _, path := range []string{
		multi + "?format=car", multi + "?format=car&dag-scope=block", multi + "?format=car&dag-scope=entity", multi + "?format=car&entity-bytes=0:0",
		multi + "?format=car&entity-bytes=0:1", multi + "?format=car&car-dups=y", mixed + "/subdir/multiblock.txt?format=car", mixed + "?format=car",
	} {
		res, err := f.Client().Head(f.URL + "/ipfs/" + path)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		etag := res.Header.Get("ETag")
		require.NotContains(t, seen, etag, "%s has the tag of %s", path, seen[etag])
		seen[etag] = path
		f.run(t, []row{
			{name: path + " again", path: path, header: []string{"If-None-Match", etag}, status: 304, body: []byte{}},
			{name: path + " changed", path: path, header: []string{"If-None-Match", `"x"`}, status: 200, heads: map[string]string{"ETag": exactly(etag)}},
		})
	}
}

// A block that is lost or damaged is noticed before the first byte of a CAR that needs it, and by no other.
func TestTrustlessCARDamage(t *testing.T) {
	f := newConform(t)
	multi := f.ids["multiblock.txt"]
	f.Store.Corrupt(f.children(multi)[2], []byte("damage"))
	at := multi.String() + "?format=car"
	f.run(t, []row{
		{name: "whole", path: at, status: 500},
		{name: "its bytes", path: at + "&entity-bytes=512:512", status: 500},
		{name: "bytes before", path: at + "&entity-bytes=0:511", status: 200},
		{name: "bytes after", path: at + "&entity-bytes=768:*", status: 200},
		{name: "the root alone", path: at + "&dag-scope=block", status: 200, blocks: join(multi)},
		{name: "HEAD", method: "HEAD", path: at, status: 200},
	})
}
