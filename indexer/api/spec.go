package api

import (
	_ "embed" // the document
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var specYAML []byte

//go:embed docs.css
var docsCSS []byte

// specJSON is the document as JSON.
func specJSON() ([]byte, error) {
	var doc map[string]any
	if err := yaml.Unmarshal(specYAML, &doc); err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	return json.Marshal(doc)
}

func (a *API) openapi(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, ".yaml") {
		send(w, r, "application/yaml", specYAML)
		return
	}
	send(w, r, "application/json", a.spec)
}

// operation is a row of the page that documents the API.
type operation struct {
	Method, Path, Summary, Tag string
	Parameters                 []parameter
}

type parameter struct{ Name, In, Description string }

var docsPage = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>StreamChain discovery API</title><link rel="stylesheet" href="docs.css">
<main><h1>Discovery API</h1><p>{{.Description}}</p><p>The whole of it, for programs: <a href="v1/openapi.json">openapi.json</a>, <a href="v1/openapi.yaml">openapi.yaml</a>.</p>
{{range .Operations}}<section><h2><code>{{.Method}} /api/v1{{.Path}}</code></h2><p>{{.Summary}}</p>{{if .Parameters}}<dl>{{range .Parameters}}<dt><code>{{.Name}}</code> <small>{{.In}}</small></dt><dd>{{.Description}}</dd>{{end}}</dl>{{end}}</section>
{{end}}</main></html>
`))

// docs is a page that documents the API, out of its document.
func (a *API) docs(w http.ResponseWriter, r *http.Request) {
	var doc struct {
		Info       struct{ Description string }
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Parameters map[string]parameterDoc
		}
	}
	if err := json.Unmarshal(a.spec, &doc); err != nil {
		a.fail(w, r, err)
		return
	}
	var ops []operation
	for path, methods := range doc.Paths {
		for method, raw := range methods {
			var o struct {
				Summary     string
				OperationID string `json:"operationId"`
				Parameters  []parameterDoc
			}
			if method == "parameters" || json.Unmarshal(raw, &o) != nil {
				continue
			}
			op := operation{Method: strings.ToUpper(method), Path: path, Summary: o.Summary}
			for _, p := range o.Parameters {
				if ref, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
					p = doc.Components.Parameters[ref]
				}
				op.Parameters = append(op.Parameters, parameter{p.Name, p.In, p.text()})
			}
			ops = append(ops, op)
		}
	}
	slices.SortFunc(ops, func(a, b operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	var b strings.Builder
	if err := docsPage.Execute(&b, map[string]any{"Description": doc.Info.Description, "Operations": ops}); err != nil {
		a.fail(w, r, err)
		return
	}
	send(w, r, "text/html; charset=utf-8", []byte(b.String()))
}

type parameterDoc struct {
	Ref         string `json:"$ref"`
	Name        string
	In          string
	Description string
	Schema      struct {
		Type string
		Enum []string
	}
}

func (p parameterDoc) text() string {
	if len(p.Schema.Enum) > 0 {
		return strings.TrimSpace(p.Description + " one of " + strings.Join(p.Schema.Enum, ", "))
	}
	return strings.TrimSpace(p.Description + " " + p.Schema.Type)
}
