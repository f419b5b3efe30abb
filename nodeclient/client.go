package nodeclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/wire"
)

// Stall is how long a node may stay silent before the next one is asked.
const Stall = 5 * time.Second

// maxJSON bounds a JSON answer, in bytes.
const maxJSON = 1 << 20

// ErrStalled says that a node stopped answering.
var ErrStalled = errors.New("the node stopped answering")

// Client speaks to one storage node. It is safe for concurrent use.
type Client struct {
	endpoint string
	http     *http.Client
}

// New returns a client of the node at endpoint, an http(s) URL.
func New(hc *http.Client, endpoint string) *Client {
	return &Client{endpoint: strings.TrimRight(endpoint, "/"), http: hc}
}

// Endpoint is the node's URL.
func (c *Client) Endpoint() string { return c.endpoint }

// Credentials go with a request for bytes; each may be empty.
type Credentials struct {
	Proof string // wire.Proof.String(): who is asking
	Pay   string // wire.Payment.String(): the newest word
}

// Info asks the node what it is.
func (c *Client) Info(ctx context.Context) (wire.Info, error) {
	var info wire.Info
	return info, c.json(ctx, http.MethodGet, "/v1/info", nil, &info)
}

// Open asks the node to open a lane, a session, or both.
func (c *Client) Open(ctx context.Context, req wire.OpenRequest) (wire.OpenResponse, error) {
	var res wire.OpenResponse
	return res, c.json(ctx, http.MethodPost, "/v1/sessions", req, &res)
}

// Session asks what the node knows of a session.
func (c *Client) Session(ctx context.Context, id wire.SessionID) (wire.OpenResponse, error) {
	var res wire.OpenResponse
	return res, c.json(ctx, http.MethodGet, "/v1/sessions/"+id.String(), nil, &res)
}

// CloseSession tells the node that no more ticks come, with the newest word.
func (c *Client) CloseSession(ctx context.Context, id wire.SessionID, last *wire.PayRequest) error {
	var body any
	if last != nil {
		body = last
	}
	return c.json(ctx, http.MethodDelete, "/v1/sessions/"+id.String(), body, nil)
}

// File fetches root/path and verifies every byte. paid is the node's Stream-Paid header, empty for what is not paid by the tick. It fails with *wire.Problem when the node
// refuses, ErrCorrupt when it lies, ErrStalled when it falls silent for Stall or sends less than MinRate. Every error but the first names
// the node.
func (c *Client) File(ctx context.Context, root cid.Cid, path []string, limit int64, cred Credentials) (data []byte, paid string, err error) {
	escaped := make([]string, len(path))
	for i, p := range path {
		escaped[i] = url.PathEscape(p)
	}
	target := "/ipfs/" + root.String()
	if len(path) > 0 {
		target += "/" + strings.Join(escaped, "/")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(Stall, func() { cancel(ErrStalled) })
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint+target+"?format=car", nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Accept", "application/vnd.ipld.car; version=1; order=dfs")
	if cred.Proof != "" {
		req.Header.Set(wire.HeaderAuth, cred.Proof)
	}
	if cred.Pay != "" {
		req.Header.Set(wire.HeaderPay, cred.Pay)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, "", c.failed(ctx, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(res.Body, maxJSON))
		if err != nil {
			return nil, "", c.failed(ctx, err)
		}
		return nil, "", wire.ReadProblem(res.StatusCode, body)
	}
	data, err = FileFromCAR(&Alive{R: res.Body, Within: Stall, Reset: func() { watch.Reset(Stall) }}, root, path, limit)
	if err != nil {
		return nil, "", c.failed(ctx, err)
	}
	return data, res.Header.Get(wire.HeaderPaid), nil
}

func (c *Client) failed(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrStalled) {
		return fmt.Errorf("%s: %w", c.endpoint, ErrStalled)
	}
	return fmt.Errorf("%s: %w", c.endpoint, err)
}

// json sends body and reads the answer into out; a refusal is a *wire.Problem.
func (c *Client) json(ctx context.Context, method, path string, body, out any) error {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(raw)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.endpoint+path, payload)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return c.failed(ctx, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxJSON))
	if err != nil {
		return c.failed(ctx, err)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return wire.ReadProblem(res.StatusCode, raw)
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("%s%s answered what is no JSON: %w", c.endpoint, path, err)
	}
	return nil
}

// Pay sends a word without asking for bytes, for ticks that lie further apart than one word may pay.
func (c *Client) Pay(ctx context.Context, id wire.SessionID, word wire.PayRequest) (wire.OpenResponse, error) {
	var res wire.OpenResponse
	return res, c.json(ctx, http.MethodPost, "/v1/sessions/"+id.String()+"/pay", word, &res)
}
