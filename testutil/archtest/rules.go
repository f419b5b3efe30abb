package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Root is the module path.
const Root = "github.com/streamchain/streamchain"

// Modules is the total order of the state machine's modules, low to high. Calls go
// down, news goes up through hooks.
var Modules = []string{"clock", "content", "storage", "revenue", "stream", "subscription", "dispute", "governance"}

// Pure packages import nothing of ours; the chain, the node and the tools share them.
var Pure = []string{"manifest", "voucher", "piece", "keyshare", "publicnet"}

// OnChain lists the top-level folders that may link the app or a keeper.
var OnChain = []string{"app", "x", "cmd/streamd", "testutil"}

// heavy is what consensus code must never link beyond what the SDK itself links.
var heavy = []string{"github.com/ipfs/boxo", "modernc.org/", Root + "/chainclient", Root + "/storagenode", Root + "/nodeclient", Root + "/media", Root + "/indexer"}

// Package is what `go list -json` says of a package.
type Package struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func rel(path string) (string, bool) {
	if path == Root {
		return "", true
	}
	return strings.CutPrefix(path, Root+"/")
}

func top(path string) string { s, _, _ := strings.Cut(path, "/"); return s }

// ImportErrors returns each breach of the import rules by p.
func ImportErrors(p Package) []string {
	here, ours := rel(p.ImportPath)
	if !ours {
		return nil
	}
	var errs []string
	fail := func(format string, args ...any) { errs = append(errs, here+": "+fmt.Sprintf(format, args...)) }
	for _, imp := range p.Imports {
		there, ours := rel(imp)
		if !ours {
			if slices.Contains(Pure, top(here)) && strings.HasPrefix(imp, "github.com/cosmos/cosmos-sdk") {
				fail("a pure package links the SDK: %s", imp)
			}
			continue
		}
		if slices.Contains(Pure, top(here)) && top(there) != top(here) {
			fail("a pure package imports %s", there)
		}
		if top(here) == "x" && top(there) == "x" {
			errs = append(errs, moduleErrors(here, there)...)
		}
		if top(here) == "x" && !slices.Contains(append([]string{"x", "token"}, Pure...), top(there)) {
			fail("the state machine imports %s", there)
		}
	}
	for _, dep := range p.Deps {
		there, ours := rel(dep)
		if top(here) == "x" && slices.ContainsFunc(heavy, func(h string) bool { return strings.HasPrefix(dep, h) }) {
			fail("the state machine links %s", dep)
		}
		offChain := !slices.ContainsFunc(OnChain, func(o string) bool { return here == o || strings.HasPrefix(here, o+"/") })
		if ours && offChain && (top(there) == "app" || strings.HasPrefix(there, "x/") && strings.Contains(there, "/keeper")) {
			fail("off-chain code links %s; it sees the chain through chainclient and x/*/types", there)
		}
	}
	return errs
}

func moduleErrors(here, there string) []string {
	h, t := strings.Split(here, "/"), strings.Split(there, "/")
	if len(h) < 2 || len(t) < 2 || h[1] == t[1] {
		return nil
	}
	hi, ti := slices.Index(Modules, h[1]), slices.Index(Modules, t[1])
	switch {
	case hi < 0 || ti < 0:
		return []string{fmt.Sprintf("%s imports %s: a module is missing from the order", here, there)}
	case len(t) > 2 && t[2] == "keeper":
		return []string{fmt.Sprintf("%s imports another module's keeper %s", here, there)}
	case ti > hi:
		return []string{fmt.Sprintf("%s imports the higher %s: calls go down, news goes up through hooks", here, there)}
	}
	return nil
}

// forbidden are the identifiers that make replicas differ.
var forbidden = map[string][]string{
	"time":    {"Now", "Since", "Until", "Local", "Tick", "After", "Sleep", "NewTimer"},
	"os":      {"Getenv", "LookupEnv", "Environ", "Hostname"},
	"runtime": {"NumCPU", "GOMAXPROCS", "NumGoroutine"},
	"strconv": {"ParseFloat"},
}

var forbiddenImports = []string{"math/rand", "math/rand/v2", "crypto/rand", "sync", "sync/atomic", "encoding/gob"}

// ConsensusErrors returns what in one file of the state machine could make replicas
// differ or halt: clocks, randomness, goroutines, floats, ranging over a map.
func ConsensusErrors(fset *token.FileSet, f *ast.File, info *types.Info) []string {
	var errs []string
	fail := func(n ast.Node, format string, args ...any) {
		errs = append(errs, fset.Position(n.Pos()).String()+": "+fmt.Sprintf(format, args...))
	}
	for _, imp := range f.Imports {
		if p := strings.Trim(imp.Path.Value, `"`); slices.Contains(forbiddenImports, p) {
			fail(imp, "imports %s", p)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			fail(n, "starts a goroutine")
		case *ast.SelectStmt, *ast.ChanType:
			fail(n, "uses a channel")
		case *ast.Ident:
			if b, ok := info.Uses[n].(*types.TypeName); ok && b.Pkg() == nil && strings.HasPrefix(b.Name(), "float") {
				fail(n, "uses %s", b.Name())
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				if pkg, ok := info.Uses[x].(*types.PkgName); ok && slices.Contains(forbidden[pkg.Imported().Path()], n.Sel.Name) {
					fail(n, "uses %s.%s", x.Name, n.Sel.Name)
				}
			}
		case *ast.RangeStmt:
			if t := info.TypeOf(n.X); t != nil {
				if _, ok := t.Underlying().(*types.Map); ok {
					fail(n, "ranges over a map: collect and sort the keys first")
				}
			}
		}
		return true
	})
	return errs
}
