package denylist_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/nodetest"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// example is that of the specification of the format.
const example = `version: 1
name: Example IPFSCorp blocking list
description: A collection of bad things we have found in the universe
author: abuse-ipfscorp@example.com
hints:
  hint: value
  hint2: value2
---
# Blocking by CID is codec-agnostic (blocks by multihash).
/ipfs/bafybeihvvulpp4evxj7x7armbqcyg6uezzuig6jp3lktpbovlqfkuqeuoq

/ipfs/Qmah2YDTfrox4watLCr3YgKyBwvjq8FJZEFdWY6WtJ3Xt2/test*
/ipfs/QmTuvSQbEDR3sarFAN9kAeXBpiBCyYYNxdxciazBba11eC/test/* hint=value

/ipfs/QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blocked*
!/ipfs/QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blockednot
!/ipfs/QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blocked/not
!/ipfs/QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blocked/exceptions*
/ipns/domain.example
/ipns/domain2.example/path
/ipns/k51qzi5uqu5dhmzyv3zac033i7rl9hkgczxyl81lwoukda2htteop7d3x0y1mf
//QmX9dhRcQcKUw3Ws8485T5a9dtjrSCQaUAHnG4iK9i4ceM
//gW813G35CnLsy7gRYYHuf63hrz71U1xoLFDVeV7actx6oX
//d9d295bde21f422d471a90f2a37ec53049fdf3e5fa3ee2e8f20e10003da429e7
//c555c4de78827ba42527dd3dc5398db38d6c0a8c345a88e0158b2d100f317e50
//3f8b9febd851873b3774b937cce126910699ceac56e72e64b866f8e258d09572
/ipfs/QmecDgNqCRirkc3Cjz9eoRBNwXGckJ9WvTdmY16HP88768/my%20path
//QmSju6XPmYLG611rmK7rEeCMFVuL6EHpqyvmEU6oGx3GR8
`

// write makes a file of an age that is read at once.
func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	old := time.Now().Add(-time.Minute)
	require.NoError(t, os.Chtimes(path, old, old))
}

func open(t *testing.T, own string, files ...string) *denylist.Lists {
	t.Helper()
	l, err := denylist.Open(filepath.Join(t.TempDir(), "keep"), own, files, quiet)
	require.NoError(t, err)
	return l
}

func TestSpecification(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.deny")
	write(t, file, example)
	l := open(t, filepath.Join(t.TempDir(), "own.deny"), file)
	for name, denied := range map[string]bool{
		"bafybeihvvulpp4evxj7x7armbqcyg6uezzuig6jp3lktpbovlqfkuqeuoq":                       true,
		"bafkreihvvulpp4evxj7x7armbqcyg6uezzuig6jp3lktpbovlqfkuqeuoq":                       true,
		"bafybeihvvulpp4evxj7x7armbqcyg6uezzuig6jp3lktpbovlqfkuqeuoq/seg/1.m4s":             true,
		"Qmah2YDTfrox4watLCr3YgKyBwvjq8FJZEFdWY6WtJ3Xt2":                                    false,
		"Qmah2YDTfrox4watLCr3YgKyBwvjq8FJZEFdWY6WtJ3Xt2/test":                               true,
		"Qmah2YDTfrox4watLCr3YgKyBwvjq8FJZEFdWY6WtJ3Xt2/testing/x":                          true,
		"Qmah2YDTfrox4watLCr3YgKyBwvjq8FJZEFdWY6WtJ3Xt2/tes":                                false,
		"QmTuvSQbEDR3sarFAN9kAeXBpiBCyYYNxdxciazBba11eC/test/a/b":                           true,
		"QmTuvSQbEDR3sarFAN9kAeXBpiBCyYYNxdxciazBba11eC/other":                              false,
		"QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blocked":                            true,
		"QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blockednot":                         false,
		"QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blocked/not":                        false,
		"QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blocked/yes":                        true,
		"QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blocked/exceptions/a":               false,
		"bafybeidjwik6im54nrpfg7osdvmx7zojl5oaxqel5cmsz46iuelwf5acja":                       true,
		"QmVTF1yEejXd9iMgoRTFDxBv7HAz9kuZcQNBzHrceuK9HR":                                    true,
		"QmVTF1yEejXd9iMgoRTFDxBv7HAz9kuZcQNBzHrceuK9HR/any/path":                           true,
		"bafyb4ieqht3b2rssdmc7sjv2cy2gfdilxkfh7623nvndziyqnawkmo266a":                       false,
		"bafyb4ieqht3b2rssdmc7sjv2cy2gfdilxkfh7623nvndziyqnawkmo266a/path":                  true,
		"bafyb4ieqht3b2rssdmc7sjv2cy2gfdilxkfh7623nvndziyqnawkmo266a/path2":                 false,
		"f01701e20903cf61d46521b05f926ba1634628d0bba8a7ffb5b6d5a3ca310682ca63b5ef0/path":    true,
		"bafybeiefwqslmf6zyyrxodaxx4vwqircuxpza5ri45ws3y5a62ypxti42e":                       true,
		"bafybeiefwqslmf6zyyrxodaxx4vwqircuxpza5ri45ws3y5a62ypxti42e/path":                  true,
		"QmecDgNqCRirkc3Cjz9eoRBNwXGckJ9WvTdmY16HP88768/my path":                            true,
		"bafybeihrw75yfhdx5qsqgesdnxejtjybscwuclpusvxkuttep6h7pkgmze/my/path":               true,
		"bafybeihrw75yfhdx5qsqgesdnxejtjybscwuclpusvxkuttep6h7pkgmze":                       false,
		"bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi":                       false,
		"bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/blocked/and/test/path": false,
	} {
		name, rest, _ := strings.Cut(name, "/")
		c, err := cid.Decode(name)
		require.NoError(t, err)
		var path []string
		if rest != "" {
			path = strings.Split(rest, "/")
		}
		v := l.Path(c, path)
		require.Equal(t, denied, v.Denied, "%s/%s", name, rest)
		if denied {
			require.Equal(t, "Example IPFSCorp blocking list", v.List)
			require.NotZero(t, v.Line)
		}
	}
	c, _ := cid.Decode("bafybeihvvulpp4evxj7x7armbqcyg6uezzuig6jp3lktpbovlqfkuqeuoq")
	require.Equal(t, 10, l.CID(c).Line)
}

// A legacy rule holds whatever codec the bytes are asked for by.
func TestLegacyByEveryCodec(t *testing.T) {
	pb, _ := cid.Decode("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi")
	sum := sha256.Sum256([]byte(pb.String() + "/"))
	own := filepath.Join(t.TempDir(), "own.deny")
	write(t, own, "//"+hex.EncodeToString(sum[:])+"\n")
	l := open(t, own)
	require.True(t, l.CID(cid.NewCidV1(cid.Raw, pb.Hash())).Denied)
	require.True(t, l.CID(cid.NewCidV0(pb.Hash())).Denied)
}

func TestSyntax(t *testing.T) {
	for _, good := range []string{"", "---\n", "# only\n", "name: x\n---\n", "/ipfs/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", "\r\n/ipns/x\r\n",
		"x: |\n  text\nlist:\n- a\n---\n", "version: \"1\"\n---"} {
		_, err := denylist.Parse(strings.NewReader(good))
		require.NoError(t, err, "%q", good)
	}
	for _, bad := range []string{"/ipfs/", "/ipfs/zzz", "ipfs/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", "<html>", "//", "//zz", "//0", "/ipns/", "version: 2\n---\n", "nonsense\n---\n", "+/ipfs/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
		"/ipfs/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/%zz", "https://example.org/ipfs/x", "/ipfs/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fb", strings.Repeat("x", 3<<20)} {
		_, err := denylist.Parse(strings.NewReader("# first\n" + bad))
		require.ErrorIs(t, err, denylist.ErrSyntax, "%.40q", bad)
	}
	_, err := denylist.Parse(strings.NewReader("name: x\n---\n# c\n/ipfs/y\n"))
	require.ErrorContains(t, err, "line 4")
}

// A change counts; a file that breaks, or goes, leaves what it said, also after a restart.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	keep, own, other := filepath.Join(dir, "keep"), filepath.Join(dir, "own.deny"), filepath.Join(dir, "other.deny")
	a, b := nodetest.WorkID("a"), nodetest.WorkID("b")
	ca, cb := must(cid.Decode(a)), must(cid.Decode(b))
	write(t, other, "/ipfs/"+a)
	l, err := denylist.Open(keep, own, []string{other}, quiet)
	require.NoError(t, err)
	now := time.Now()
	require.True(t, l.CID(ca).Denied)
	require.False(t, l.Reload(now))
	write(t, own, "/ipfs/"+b)
	require.True(t, l.Reload(now))
	require.True(t, l.CID(cb).Denied)

	require.NoError(t, os.WriteFile(other, []byte("/ipfs/"+a+"\n/ipfs/"+b[:20]), 0o600))
	require.False(t, l.Reload(time.Now()), "it may still be written")
	require.Zero(t, l.Broken())
	require.False(t, l.Reload(time.Now().Add(2*time.Second)))
	require.Equal(t, 1, l.Broken())
	require.True(t, l.CID(ca).Denied, "the last good list counts")
	require.Contains(t, l.States()[0].Broken, "line 2")
	again, err := denylist.Open(keep, own, []string{other}, quiet)
	require.NoError(t, err)
	require.True(t, again.CID(ca).Denied)
	require.Equal(t, 1, again.Broken())

	write(t, other, "")
	require.True(t, l.Reload(now))
	require.False(t, l.CID(ca).Denied)
	require.Zero(t, l.Broken())
	require.NoError(t, os.Remove(own))
	require.False(t, l.Reload(now))
	require.True(t, l.CID(cb).Denied, "a file that is gone is no empty list")
	require.Equal(t, 1, l.Broken())
	again, err = denylist.Open(keep, own, []string{other}, quiet)
	require.NoError(t, err)
	require.True(t, again.CID(cb).Denied)

	// the operator's own file comes last
	write(t, other, "/ipfs/"+a)
	write(t, own, "!/ipfs/"+a)
	require.True(t, l.Reload(now))
	require.False(t, l.CID(ca).Denied)

	_, err = denylist.Open(filepath.Join(dir, "fresh"), own, []string{filepath.Join(dir, "nowhere.deny")}, quiet)
	require.Error(t, err, "nobody serves without the list that he was told to heed")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestEdit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "own.deny")
	id := nodetest.WorkID("a")
	root, at, err := denylist.Target("https://node.example.org/ipfs/" + id + "/v0/a%20b.m4s?x=1")
	require.NoError(t, err)
	require.Equal(t, []string{"v0", "a b.m4s"}, at)
	_, _, err = denylist.Target("nonsense")
	require.Error(t, err)
	file, err := denylist.Rule(root, at, false, false)
	require.NoError(t, err)
	whole, _ := denylist.Rule(root, nil, true, false)
	allow, _ := denylist.Rule(root, nil, false, true)
	require.Equal(t, "!/ipfs/"+id, allow)
	for _, rule := range []string{file, whole} {
		added, err := denylist.Add(path, rule, "a reason\nof two lines")
		require.NoError(t, err)
		require.True(t, added)
	}
	added, err := denylist.Add(path, whole, "")
	require.NoError(t, err)
	require.False(t, added)
	l := open(t, path)
	require.True(t, l.CID(root).Denied)
	require.NoError(t, denylist.Remove(path, whole))
	require.ErrorIs(t, denylist.Remove(path, whole), denylist.ErrNotThere)
	rules, err := denylist.Rules(path)
	require.NoError(t, err)
	require.Equal(t, []string{file}, rules)
	l = open(t, path)
	require.False(t, l.CID(root).Denied)
	require.True(t, l.Path(root, at).Denied)
	_, err = denylist.Add(path, allow, "")
	require.NoError(t, err)
	_, err = denylist.Add(path, "/ipfs/"+id, "")
	require.NoError(t, err)
	_, err = denylist.Add(path, allow, "again: it comes last")
	require.NoError(t, err)
	require.False(t, open(t, path).CID(root).Denied)
}

type memory map[string][]byte

func (m memory) Meta(name string) ([]byte, error)        { return m[name], nil }
func (m memory) SetMeta(name string, value []byte) error { m[name] = value; return nil }

func TestGuard(t *testing.T) {
	var log bytes.Buffer
	own := filepath.Join(t.TempDir(), "own.deny")
	w := denylist.Work{ID: nodetest.WorkID("a"), Root: nodetest.WorkID("root"), Media: nodetest.WorkID("media"), Cover: nodetest.WorkID("cover"), Piece: []byte("piece")}
	media := must(cid.Decode(w.Media))
	for _, name := range []string{w.ID, w.Root, w.Media, w.Cover} {
		write(t, own, "/ipfs/"+name)
		m := memory{}
		g, err := denylist.NewGuard(open(t, own), m, slog.New(slog.NewTextHandler(&log, nil)))
		require.NoError(t, err)
		v := g.Work(w)
		require.True(t, v.Denied, name)
		require.False(t, g.Work(denylist.Work{ID: "upload/x", Media: nodetest.WorkID("other")}).Denied)
		require.NoError(t, g.Remember(w))
		g, err = denylist.NewGuard(open(t, own), m, quiet)
		require.NoError(t, err)
		require.True(t, g.Path(media, []string{"v0", "seg1.m4s"}).Denied, name)
		require.True(t, g.Piece([]byte("piece")).Denied)
		// the rule goes, and what was remembered with it
		write(t, own, "# none")
		g, err = denylist.NewGuard(open(t, own), m, quiet)
		require.NoError(t, err)
		require.False(t, g.CID(media).Denied)
		require.False(t, g.Piece([]byte("piece")).Denied)
	}
	g, err := denylist.NewGuard(open(t, own), memory{}, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	p := g.Refuse("ipfs", w.Media, denylist.Verdict{Denied: true, List: "list", Line: 3})
	require.Equal(t, 451, p.Status)
	require.Contains(t, log.String(), fmt.Sprintf("route=ipfs what=%s list=list", w.Media))
	require.EqualValues(t, 1, g.Refused())
	var none *denylist.Guard
	require.False(t, none.Work(w).Denied)
	require.False(t, none.CID(media).Denied)
	require.False(t, none.Piece(w.Piece).Denied)
}

func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Fuzz(func(_ *testing.T, text string) { _, _ = denylist.Parse(strings.NewReader(text)) })
}
