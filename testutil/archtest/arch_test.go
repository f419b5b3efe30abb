package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"

	"github.com/streamchain/streamchain/testutil/archtest"
)

const root = "../.."

func list(t *testing.T) []archtest.Package {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,Deps", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var pkgs []archtest.Package
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p archtest.Package
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		pkgs = append(pkgs, p)
	}
	require.Greater(t, len(pkgs), 10)
	return pkgs
}

func TestImports(t *testing.T) {
	for _, p := range list(t) {
		for _, e := range archtest.ImportErrors(p) {
			t.Error(e)
		}
	}
}

func TestImportRulesBite(t *testing.T) {
	for _, p := range []archtest.Package{
		{ImportPath: archtest.Root + "/x/content/keeper", Imports: []string{archtest.Root + "/x/revenue/types"}},
		{ImportPath: archtest.Root + "/x/revenue/keeper", Imports: []string{archtest.Root + "/x/content/keeper"}},
		{ImportPath: archtest.Root + "/x/revenue/types", Imports: []string{archtest.Root + "/chainclient"}},
		{ImportPath: archtest.Root + "/x/new/types", Imports: []string{archtest.Root + "/x/content/types"}},
		{ImportPath: archtest.Root + "/voucher", Imports: []string{archtest.Root + "/token"}},
		{ImportPath: archtest.Root + "/piece", Imports: []string{"github.com/cosmos/cosmos-sdk/types"}},
		{ImportPath: archtest.Root + "/storagenode/serve", Deps: []string{archtest.Root + "/x/stream/keeper"}},
		{ImportPath: archtest.Root + "/chainclient", Deps: []string{archtest.Root + "/app"}},
		{ImportPath: archtest.Root + "/x/storage/keeper", Deps: []string{"github.com/ipfs/boxo/gateway"}},
	} {
		require.Len(t, archtest.ImportErrors(p), 1, p.ImportPath)
	}
}

func TestConsensusCode(t *testing.T) {
	cfg := &packages.Config{Dir: root, Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedExportFile}
	pkgs, err := packages.Load(cfg, "./x/...", "./manifest", "./voucher", "./piece", "./keyshare", "./publicnet")
	require.NoError(t, err)
	require.Greater(t, len(pkgs), 10)
	for _, p := range pkgs {
		require.Empty(t, p.Errors, p.PkgPath)
		for i, f := range p.Syntax {
			if name := p.GoFiles[i]; strings.HasSuffix(name, ".pb.go") || strings.HasSuffix(name, ".pb.gw.go") {
				continue
			}
			for _, e := range archtest.ConsensusErrors(p.Fset, f, p.TypesInfo) {
				t.Error(e)
			}
		}
	}
}

func TestConsensusRulesBite(t *testing.T) {
	for _, body := range []string{
		`import "time"; func f() { _ = time.Now() }`,
		`import "math/rand"; func f() int { return rand.Int() }`,
		`import "os"; func f() string { return os.Getenv("X") }`,
		`import "sync"; type t struct { sync.Mutex }`,
		`func f() { go f() }`,
		`func f(m map[string]int) { for range m { } }`,
		`func f(x int64) float64 { return 0 }`,
		`type t struct { c chan int }`,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "f.go", "package p; "+body, 0)
		require.NoError(t, err)
		info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}}
		_, err = (&types.Config{Importer: importer.ForCompiler(fset, "source", nil)}).Check("p", fset, []*ast.File{f}, info)
		require.NoError(t, err)
		require.NotEmpty(t, archtest.ConsensusErrors(fset, f, info), body)
	}
}

// maxLines is the hard limit of a hand-written Go file.
const maxLines = 600

var borders = regexp.MustCompile(`(?i)geoip|geolite|country_?code|maxmind|ip2location`)

func TestFiles(t *testing.T) {
	for _, p := range list(t) {
		hasDoc, written := false, 0
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			if strings.HasSuffix(name, ".pb.go") || strings.HasSuffix(name, ".pb.gw.go") {
				continue
			}
			written++
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			if n := bytes.Count(src, []byte("\n")); n > maxLines {
				t.Errorf("%s has %d lines, at most %d", path, n, maxLines)
			}
			// no decision anywhere reads a country, an IP region or a locale
			if m := borders.Find(src); m != nil && !strings.Contains(path, "archtest") {
				t.Errorf("%s mentions %q: StreamChain draws no borders", path, m)
			}
			hasDoc = hasDoc || bytes.Contains(src, []byte("\n// Package ")) || bytes.HasPrefix(src, []byte("// Package ")) || bytes.HasPrefix(src, []byte("// Command "))
		}
		if !hasDoc && written > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
