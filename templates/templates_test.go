package templates_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/templates"
	"github.com/streamchain/streamchain/x/subscription/template"
)

// Every template that StreamChain comes with has tests, and they pass.
func TestShipped(t *testing.T) {
	names := templates.Names()
	require.Len(t, names, 8)
	for _, name := range names {
		f, err := templates.Load(name)
		require.NoError(t, err)
		require.NotEmpty(t, f.Title)
		require.LessOrEqual(t, f.RoyaltyBps, uint32(200))
		p, err := f.Check()
		require.NoError(t, err)
		cost := p.Cost()
		require.Less(t, max(cost.Access, cost.Price, cost.Refund), uint64(template.MaxCost/4), "%s: %+v", name, cost)
		results, err := f.Run()
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(results), 5, name)
		for _, r := range results {
			require.Empty(t, r.Problem, "%s: %s", name, r.Name)
		}
	}
}

func write(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return filepath.Join(dir, "x.yaml")
}

const simple = "title: X\nparams: [{name: p, type: int, min: 0, max: 9, default: 3}]\naccess: viewer.purchases > 0\nprice: params.p - 4 * viewer.purchases\nrefund: 1 / viewer.paid\n"

// A test that should fail does, with words that say why.
func TestFailures(t *testing.T) {
	for row, problem := range map[string]string{
		"{name: a, access: true}":                                      "access is false, expected true",
		"{name: a, price: 4}":                                          "price is 3, expected 4",
		"{name: a, facts: {viewer.purchases: 1}, price: 4}":            "price is not for sale, expected 4",
		"{name: a, refund: 0}":                                         "refund is error, expected 0",
		"{name: a, access: true, price: 9}":                            "access is false, expected true; price is 3, expected 9",
		"{name: a, params: {p: 10}, price: 10}":                        "parameter p: 10 is not between 0 and 9",
		"{name: a, params: {q: 1}, price: 1}":                          "no parameter is named",
		"{name: a, facts: {viewer.age: 1}, price: 1}":                  "no fact is named",
		"{name: a, facts: {viewer.owns: 1}, price: 1}":                 "fact viewer.owns is not a int",
		"{name: a, facts: {viewer.paid: 1.5}, price: 1}":               "1.5 is not an int",
		"{name: a, facts: {viewer.paid: 1}}":                           "it expects nothing",
		"{name: a, params: {p: 3}, invalid: x}":                        "must be refused",
		"{name: a, facts: {viewer.paid: 1}, access: false, refund: 1}": "",
		"{name: a, params: {p: 10}, invalid: is not between}":          "",
		"{name: a, facts: {viewer.purchases: 1}, price: not for sale}": "",
		"{name: a, refund: error}":                                     "",
	} {
		f, err := templates.Load(write(t, map[string]string{"x.yaml": simple, "x_test.yaml": "tests:\n  - " + row + "\n"}))
		require.NoError(t, err)
		results, err := f.Run()
		require.NoError(t, err)
		require.Len(t, results, 1)
		if problem == "" {
			require.Empty(t, results[0].Problem, row)
			continue
		}
		require.Contains(t, results[0].Problem, problem, row)
	}
}

func TestBadFiles(t *testing.T) {
	for text, reason := range map[string]string{
		"titel: X":                        "field titel not found",
		"title: [":                        "x.yaml",
		simple + "params2: 1":             "field params2",
		"title: X\naccess: \"1.5\"":       "access: line 1, column 1: there are no fractions",
		"params: [{name: p, type: uint}]": "type is int, bool, string or list",
		"params: [{name: p, type: int, default: 1.5}]":  "is not an int, a bool",
		"params: [{name: p, type: list, default: [a]}]": "a is not an int",
	} {
		f, err := templates.Load(write(t, map[string]string{"x.yaml": text}))
		if err == nil {
			_, err = f.Check()
		}
		require.ErrorContains(t, err, reason, text)
	}
	_, err := templates.Load(write(t, map[string]string{"x.yaml": string(make([]byte, templates.MaxFile+1))}))
	require.ErrorContains(t, err, "larger than")
	_, err = templates.Load("nothing.yaml")
	require.ErrorIs(t, err, os.ErrNotExist)
	f, err := templates.Load(write(t, map[string]string{"x.yaml": simple}))
	require.NoError(t, err)
	results, err := f.Run()
	require.NoError(t, err)
	require.Empty(t, results, "a template without tests is one")
	f, err = templates.Load(write(t, map[string]string{"x.yaml": simple, "x_test.yaml": "tests: [{nam: a}]"}))
	require.NoError(t, err)
	_, err = f.Run()
	require.ErrorContains(t, err, "field nam not found")
}

func TestParseValue(t *testing.T) {
	for text, want := range map[string]template.Value{
		"5": template.IntValue(5), "true": template.BoolValue(true), "once": template.TextValue("once"), "[1, 2]": template.ListValue(1, 2),
	} {
		v, err := templates.ParseValue(text)
		require.NoError(t, err)
		require.True(t, want.Equal(v), text)
	}
	for _, text := range []string{"1.5", "{a: 1}", "", "["} {
		_, err := templates.ParseValue(text)
		require.Error(t, err, text)
	}
}
