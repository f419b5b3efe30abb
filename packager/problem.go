package packager

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Problem is a refusal as RFC 9457 has it. Slug is stable, Detail is for people.
type Problem struct {
	Status int    `json:"status"`
	Slug   string `json:"slug"`
	Detail string `json:"detail"`
	Offset *int64 `json:"offset,omitempty"` // of slug offset: what the helper has
}

// Error implements error.
func (p *Problem) Error() string { return p.Slug + ": " + p.Detail }

func problem(status int, slug, format string, args ...any) *Problem {
	return &Problem{Status: status, Slug: slug, Detail: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) *Problem {
	return problem(http.StatusBadRequest, "bad-request", format, args...)
}

// refuse writes a problem. What is none is the helper's own failure, and its text stays in the log.
func (s *Service) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *Problem
	if !errors.As(err, &p) {
		s.log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "err", err)
		p = problem(http.StatusInternalServerError, "internal", "the helper failed; its log says why")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // who asked may be gone
}

func answer(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who asked may be gone
	return nil
}
