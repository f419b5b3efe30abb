package api

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Problem is an RFC 9457 document. Branch on Slug.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Slug   string `json:"slug"`
	Detail string `json:"detail,omitempty"`
}

func (p *Problem) Error() string { return p.Slug + ": " + p.Detail }

func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller went away
}

func newProblem(status int, slug, format string, args ...any) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Slug: slug, Detail: fmt.Sprintf(format, args...)}
}

func problem(w http.ResponseWriter, status int, slug, detail string) {
	newProblem(status, slug, "%s", detail).write(w)
}

func badParameter(name, format string, args ...any) error {
	return newProblem(http.StatusBadRequest, "bad-parameter", "%s: %s", name, fmt.Sprintf(format, args...))
}
