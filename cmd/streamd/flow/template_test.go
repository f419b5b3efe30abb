package flow

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/templates"
)

// runTemplate runs `streamd template` and returns what it printed.
func runTemplate(args ...string) (string, error) {
	cmd := templateCmd()
	addFlags(cmd)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.Execute()
	return out.String(), err
}

func TestTemplateCheck(t *testing.T) {
	out, err := runTemplate(append([]string{"check"}, templates.Names()...)...)
	require.NoError(t, err)
	require.Equal(t, 8, strings.Count(out, "tests passed"))
	require.Contains(t, out, "first-n-free: First N free")
	require.NotContains(t, out, "FAILED")
	out, err = runTemplate("list", "-o", "json")
	require.NoError(t, err)
	require.Contains(t, out, `{"name":"staged-course","title":"Staged course"`)

	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	good := write("good.yaml", "title: T\naccess: 'true'\nprice: '1'\nrefund: '0'\n")
	out, err = runTemplate("check", good)
	require.NoError(t, err)
	require.Contains(t, out, "0 of 0 tests passed")
	write("good_test.yaml", "tests: [{name: wrong, price: 2}]\n")
	out, err = runTemplate("check", good)
	require.Equal(t, exit.Other, exit.Code(err))
	require.Contains(t, out, "FAILED wrong: price is 1, expected 2")
	_, err = runTemplate("publish", good)
	require.Equal(t, exit.Content, exit.Code(err), "what fails its tests is not published")
	_, err = runTemplate("check", write("bad.yaml", "title: T\naccess: '1.5'\nprice: '1'\nrefund: '0'\n"))
	require.Equal(t, exit.Content, exit.Code(err))
	require.ErrorContains(t, err, "access: line 1, column 1: there are no fractions")
	_, err = runTemplate("check", "nothing.yaml")
	require.Equal(t, exit.NotFound, exit.Code(err))
}

func TestTemplateTry(t *testing.T) {
	out, err := runTemplate("try", "first-n-free", "--param", "places=10", "--fact", "work.buyers=10")
	require.NoError(t, err)
	require.Contains(t, out, "access  no\nprice   3 STREAM\n")
	require.Contains(t, out, "the creator's side     2.7 STREAM\n")
	require.Contains(t, out, "the template's author  0.015 STREAM\n")
	out, err = runTemplate("try", "patronage-tiers", "--param", "levels=[5, 7]", "--fact", "viewer.paid=7", "--fact", "work.index=1", "-o", "json")
	require.NoError(t, err)
	require.Contains(t, out, `"access":true`)
	out, err = runTemplate("try", "first-n-free", "--fact", "viewer.purchases=1")
	require.NoError(t, err)
	require.Contains(t, out, "access  yes\nprice   not for sale")
	for _, args := range [][]string{
		{"try"},
		{"try", "first-n-free", "--param", "places"},
		{"try", "first-n-free", "--param", "places=1.5"},
		{"try", "first-n-free", "--param", "places=0"},
		{"try", "first-n-free", "--param", "place=1"},
		{"try", "first-n-free", "--fact", "viewer.age=1"},
		{"try", "first-n-free", "--fact", "viewer.owns=1"},
		{"try", "first-n-free", "--work", "bafy"},
		{"try", "--work", "bafy", "--param", "places=1"},
		{"buy", "bafy", "--max-price", "x"},
		{"buy", "bafy", "--max-price", "1stream", "--pay", "x"},
	} {
		_, err := runTemplate(args...)
		require.Equal(t, exit.Usage, exit.Code(err), "%v: %v", args, err)
	}
}
