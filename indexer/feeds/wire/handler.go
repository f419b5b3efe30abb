package wire

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// Generator recommends works: at most req.Limit items, each with a reason, and the cursor of the next page, or none at the
// end. ErrCursor says that a cursor is none of its own.
type Generator interface {
	Feed(ctx context.Context, req Request) (items []Item, cursor string, err error)
}

// ErrCursor is returned by a Generator for a cursor that it did not make.
var ErrCursor = errors.New("not a cursor of this feed")

// Handler serves a generator for the feeds of info with their key. Failures are application/problem+json.
func Handler(key ed25519.PrivateKey, info Info, g Generator) http.Handler {
	info.Version, info.Key = Version, hex.EncodeToString(key.Public().(ed25519.PublicKey))
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+InfoPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(info)
	})
	mux.HandleFunc("POST "+Path, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		if err != nil {
			problem(w, http.StatusRequestEntityTooLarge, "the request cannot be read, or is too large")
			return
		}
		req, why := readRequest(body, info)
		if why != "" {
			problem(w, http.StatusBadRequest, why)
			return
		}
		items, cursor, err := g.Feed(r.Context(), req)
		if err != nil {
			status, detail := http.StatusServiceUnavailable, "the feed cannot answer now; ask again later"
			if errors.Is(err, ErrCursor) {
				status, detail = http.StatusBadRequest, err.Error()
			}
			problem(w, status, detail)
			return
		}
		if items == nil {
			items = []Item{}
		}
		answer, err := json.Marshal(Response{Feed: req.Feed, Nonce: req.Nonce, Time: time.Now().Unix(), Items: items, Cursor: cursor})
		if err != nil {
			problem(w, http.StatusInternalServerError, "the answer cannot be written")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set(SignatureHeader, Sign(key, req.ChainID, body, answer))
		_, _ = w.Write(answer)
	})
	return mux
}

// readRequest returns the request, or why it is refused.
func readRequest(body []byte, info Info) (Request, string) {
	var req Request
	if err := json.Unmarshal(body, &req); err != nil {
		return req, "not a request: " + err.Error()
	}
	known := false
	for _, f := range info.Feeds {
		known = known || f == req.Feed
	}
	switch {
	case req.Version != Version:
		return req, "version is not 1"
	case req.ChainID != info.ChainID:
		return req, "another chain's feed"
	case !known:
		return req, "not a feed of this service"
	case req.Limit < 1 || req.Limit > MaxItems:
		return req, "limit is 1 to 100"
	case len(req.Seeds) > MaxSeeds:
		return req, "at most 20 seeds"
	case !isCursor(req.Cursor):
		return req, "not a cursor"
	}
	return req, ""
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "title": http.StatusText(status), "detail": detail})
}
