package api

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/streamchain/streamchain/indexer/store"
	"github.com/streamchain/streamchain/publicnet"
)

const (
	// maxHooks bounds all webhooks, and hooksPerHost those that post to one host.
	maxHooks, hooksPerHost = 1000, 10
	hookBody               = 4096
	hookPatience           = 10 * time.Second
	hookBatch              = 50
	// hookTurn is how long one webhook is delivered to before others are: who answers just in time would else hold the others up for minutes.
	hookTurn        = 2 * time.Second
	hooksAtOnce     = 16
	hookFirstWait   = 10 * time.Second
	hookLongestWait = time.Hour
	// hookGivesUp is how many failures in a row end a webhook: about three days.
	hookGivesUp = 80
)

// hooks are the webhooks, and who delivers them.
type hooks struct {
	cfg    Config
	client *http.Client
	now    func() time.Time
}

func newHooks(cfg Config) *hooks {
	dialer := &net.Dialer{Timeout: hookPatience, Control: func(_, address string, _ syscall.RawConn) error {
		return publicnet.Dialable(address, cfg.App.AllowPrivateNodes)
	}}
	return &hooks{cfg: cfg, now: time.Now, client: &http.Client{
		Timeout:       hookPatience,
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: hookPatience, MaxResponseHeaderBytes: 16 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (h *hooks) create(w http.ResponseWriter, r *http.Request) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		problem(w, http.StatusUnsupportedMediaType, "unsupported-media-type", "send application/json")
		return
	}
	var body struct {
		URL   string   `json:"url"`
		Types []string `json:"types"`
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, hookBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil {
		problem(w, http.StatusBadRequest, "bad-body", "send {url, types}, at most 4096 bytes")
		return
	}
	url, err := publicnet.Endpoint(body.URL, h.cfg.App.AllowPrivateNodes)
	if err != nil {
		problem(w, http.StatusBadRequest, "bad-url", "url: "+err.Error())
		return
	}
	if len(body.URL) > len(url) { // Endpoint leaves a slash at the end out
		url = body.URL
	}
	if len(body.Types) == 0 || len(body.Types) > 20 {
		problem(w, http.StatusBadRequest, "bad-types", "types: 1 to 20 names of events")
		return
	}
	for _, t := range body.Types {
		if t == "" || len(t) > 200 {
			problem(w, http.StatusBadRequest, "bad-types", "types: names of 1 to 200 bytes")
			return
		}
	}
	id, secret := randomHex(12), randomHex(32)
	p, err := h.cfg.Store.Progress(r.Context())
	if err == nil {
		err = h.cfg.Store.AddWebhook(r.Context(), store.Webhook{ID: id, URL: url, Types: body.Types, Secret: secret, CreatedAt: h.now().Unix(), Height: p.Height + 1, Idx: -1}, maxHooks, hooksPerHost)
	}
	switch {
	case errors.Is(err, store.ErrTooMany):
		problem(w, http.StatusTooManyRequests, "too-many-webhooks", "there are as many as this indexer takes; remove one, or run an indexer of your own")
	case err != nil:
		h.cfg.Log.Error("a webhook was not made", "err", err)
		problem(w, http.StatusInternalServerError, "internal", "the webhook was not made; try again")
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]string{"id": id, "secret": secret})
	}
}

func randomHex(n int) string {
	raw := make([]byte, n)
	if _, err := rand.Read(raw); err != nil {
		panic(err) // crypto/rand does not fail
	}
	return hex.EncodeToString(raw)
}

// mine finds the webhook of a request that knows its secret.
func (h *hooks) mine(w http.ResponseWriter, r *http.Request) (store.Webhook, bool) {
	hook, err := h.cfg.Store.Webhook(r.Context(), r.PathValue("id"))
	secret, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if err != nil || subtle.ConstantTimeCompare([]byte(secret), []byte(hook.Secret)) != 1 {
		problem(w, http.StatusUnauthorized, "unauthorized", "send Authorization: Bearer <secret> of an existing webhook")
		return hook, false
	}
	return hook, true
}

func (h *hooks) get(w http.ResponseWriter, r *http.Request) {
	hook, ok := h.mine(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the caller went away
		"id": hook.ID, "url": hook.URL, "types": hook.Types, "delivered": fmt.Sprintf("%d.%d", hook.Height, max(hook.Idx, 0)), "failing": hook.Failing || hook.Attempts > 0, "last_error": hook.LastError,
	})
}

func (h *hooks) remove(w http.ResponseWriter, r *http.Request) {
	hook, ok := h.mine(w, r)
	if !ok {
		return
	}
	if err := h.cfg.Store.RemoveWebhook(r.Context(), hook.ID); err != nil {
		problem(w, http.StatusInternalServerError, "internal", "the webhook was not removed; try again")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// run delivers until ctx ends: each webhook in the order of the chain, at least once.
func (h *hooks) run(ctx context.Context) error {
	for {
		changed := h.cfg.Changed()
		due, err := h.cfg.Store.DueWebhooks(ctx, h.now().Unix())
		if err != nil && ctx.Err() == nil {
			h.cfg.Log.Error("webhooks were not read", "err", err)
		}
		var g errgroup.Group
		g.SetLimit(hooksAtOnce)
		for _, hook := range due {
			g.Go(func() error {
				if err := h.deliver(ctx, hook); err != nil && ctx.Err() == nil {
					h.cfg.Log.Error("a webhook was not written", "err", err)
				}
				return nil
			})
		}
		_ = g.Wait() // each has said what went wrong
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-time.After(5 * time.Second):
		}
	}
}

// deliver posts what a webhook has not had. A failure waits longer each time; what comes after it waits too.
func (h *hooks) deliver(ctx context.Context, hook store.Webhook) error {
	list, err := h.cfg.Store.Events(ctx, hook.Height, hook.Idx, hook.Types, hookBatch)
	if err != nil || len(list) == 0 {
		return err
	}
	start := time.Now()
	for _, e := range list {
		if time.Since(start) > hookTurn {
			return nil // the rest is of the next round
		}
		if err := h.post(ctx, hook, e); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			hook.Attempts++
			wait := hookFirstWait << min(hook.Attempts-1, 12)
			if wait <= 0 || wait > hookLongestWait {
				wait = hookLongestWait
			}
			hook.NextAt, hook.LastError, hook.Failing = h.now().Add(wait).Unix(), err.Error(), hook.Attempts >= hookGivesUp
			return h.cfg.Store.SaveWebhook(ctx, hook)
		}
		hook.Height, hook.Idx, hook.Attempts, hook.NextAt, hook.LastError = e.Height, e.Idx, 0, 0, ""
		if err := h.cfg.Store.SaveWebhook(ctx, hook); err != nil {
			return err
		}
	}
	return nil
}

// Sign is what Stream-Signature says of a body that is delivered at a time: an HMAC-SHA256 of "<time>.<body>" under the webhook's secret.
func Sign(secret string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strconv.FormatInt(at, 10) + "."))
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at, hex.EncodeToString(mac.Sum(nil)))
}

func (h *hooks) post(ctx context.Context, hook store.Webhook, e store.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address cannot be called")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Stream-Event", e.ID)
	req.Header.Set("Stream-Delivery", hook.ID+"."+e.ID) // the same whenever it is tried again
	req.Header.Set("Stream-Signature", Sign(hook.Secret, h.now().Unix(), body))
	res, err := h.client.Do(req)
	if err != nil {
		return errors.New("no answer")
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 4096)) // what it says does not matter
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}
