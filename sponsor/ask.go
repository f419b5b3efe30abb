package sponsor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/streamchain/streamchain/chainclient"
)

// Remote is a sponsor that is asked.
type Remote struct {
	HTTP   *http.Client
	origin string
}

// NewRemote is the sponsor at a URL, of which only the origin counts.
func NewRemote(rawURL string) (*Remote, error) {
	origin, err := Origin(rawURL)
	if err != nil {
		return nil, err
	}
	// a sponsor that sends us elsewhere is not the one that we were told of
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Remote{HTTP: &http.Client{Timeout: answerTime + 15*time.Second, CheckRedirect: stay}, origin: origin}, nil
}

// Info asks what the sponsor gives.
func (r *Remote) Info(ctx context.Context) (Info, error) {
	var out Info
	return out, r.do(ctx, http.MethodGet, "/v1/info", nil, &out)
}

// Health asks how the sponsor is.
func (r *Remote) Health(ctx context.Context) (Health, error) {
	var out Health
	return out, r.do(ctx, http.MethodGet, "/v1/health", nil, &out)
}

// Ask gets the signer a grant: it does the work and signs the challenge, after checking that the challenge is for this
// chain, this service and this address and nothing else. working is called before the work with its difficulty; it may
// be nil. Errors: *Problem where the sponsor refuses.
func (r *Remote) Ask(ctx context.Context, chainID string, signer chainclient.Signer, working func(difficulty int)) (Grant, error) {
	var issued Issued
	var g Grant
	address := signer.Address().String()
	if err := r.do(ctx, http.MethodGet, "/v1/challenge?address="+url.QueryEscape(address), nil, &issued); err != nil {
		return g, err
	}
	c, err := ParseChallenge(issued.Challenge)
	if err != nil {
		return g, fmt.Errorf("what %s asks to sign is no challenge", r.origin)
	}
	if c.ChainID != chainID || c.Service != r.origin || c.Address != address {
		return g, fmt.Errorf("%s asks to sign for chain %s, service %s, address %s: that is not what was asked for", r.origin, c.ChainID, c.Service, c.Address)
	}
	if working != nil {
		working(c.Difficulty)
	}
	work, err := Solve(ctx, issued.Challenge, c.Difficulty)
	if err != nil {
		return g, err
	}
	signature, err := signer.Sign(SignBytes(address, issued.Challenge))
	if err != nil {
		return g, fmt.Errorf("signing: %w", err)
	}
	body, err := json.Marshal(Request{
		Address: address, PubKey: signer.PubKey().Bytes(), Proof: Proof{Challenge: issued.Challenge, Signature: signature, Work: work},
	})
	if err != nil {
		return g, err
	}
	return g, r.do(ctx, http.MethodPost, "/v1/sponsor", body, &g)
}

func (r *Remote) do(ctx context.Context, method, path string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, r.origin+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := r.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("sponsor: %w", err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("sponsor: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		p := &Problem{}
		if json.Unmarshal(raw, p) != nil || p.Slug == "" {
			return fmt.Errorf("sponsor: %s answers %s", r.origin, res.Status)
		}
		return p
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("sponsor: %s: %w", r.origin, err)
	}
	return nil
}
