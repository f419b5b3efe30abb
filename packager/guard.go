package packager

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// guard lets a request through that comes from this machine, and from a page of the list where it comes from a page.
//
// Host keeps out a stranger's page whose name resolves to loopback: its origin would be its own, and its requests of the same
// origin. Origin keeps out all other pages before anything is looked at. The token keeps out pages of the list that nobody paired.
func (s *Service) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if !s.ownHost(r.Host) {
			s.refuse(w, r, problem(http.StatusMisdirectedRequest, "wrong-host", "this helper is 127.0.0.1, not %.100q", r.Host))
			return
		}
		h.Set("Vary", "Origin")
		if origins := r.Header.Values("Origin"); len(origins) > 0 {
			if len(origins) > 1 || !slices.Contains(s.cfg.HTTP.Origins, origins[0]) {
				s.refuse(w, r, problem(http.StatusForbidden, "wrong-origin", "%.100q is not among the origins of this helper's configuration", origins[0]))
				return
			}
			h.Set("Access-Control-Allow-Origin", origins[0])
			h.Set("Access-Control-Expose-Headers", "Retry-After")
		}
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Content-Range")
			h.Set("Access-Control-Allow-Private-Network", "true")
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownHost says whether a Host header names this machine and the port that is listened on.
func (s *Service) ownHost(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return false
	}
	_, own, err := net.SplitHostPort(s.listening())
	return err == nil && port == own && (name == "127.0.0.1" || name == "::1" || name == "localhost")
}

// paired requires a good token.
func (s *Service) paired(next func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return s.open(func(w http.ResponseWriter, r *http.Request) error {
		if !s.pairs.good(bearer(r)) {
			return problem(http.StatusUnauthorized, "not-paired", "pair this page first: the code is where the helper was started, or of `streamd packager code`")
		}
		return next(w, r)
	})
}

// open answers without a token.
func (s *Service) open(next func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := next(w, r); err != nil {
			s.refuse(w, r, err)
		}
	}
}

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}
