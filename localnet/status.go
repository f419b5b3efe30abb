package localnet

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Part is one process of the network.
type Part struct {
	Name    string `json:"name"`
	PID     int    `json:"pid"` // 0: not running
	Answers bool   `json:"answers"`
	Log     string `json:"log"`
}

// Status is what Status found out.
type Status struct {
	ChainID   string    `json:"chain_id"`
	Height    int64     `json:"height,string"`
	Home      string    `json:"home"`
	Keys      string    `json:"keys"`
	Endpoints Endpoints `json:"endpoints"`
	Parts     []Part    `json:"parts"`
	Accounts  []Account `json:"accounts"`
	// PairingCode pairs the web app with the packager: once, then there is another.
	PairingCode string `json:"pairing_code,omitempty"`
}

// Up says whether every part answers.
func (s Status) Up() bool {
	for _, p := range s.Parts {
		if !p.Answers {
			return false
		}
	}
	return true
}

// Status asks every part. Errors: ErrNotSetUp.
func (n *Net) Status(ctx context.Context) (Status, error) {
	if !n.setUp() {
		return Status{}, ErrNotSetUp
	}
	s := Status{ChainID: n.saved.ChainID, Home: n.cfg.Home, Keys: n.Keys(), Endpoints: n.Endpoints(), Accounts: n.saved.Accounts}
	height, err := n.height(ctx)
	s.Height = height
	s.Parts = append(s.Parts, Part{Name: "val0", PID: n.pid("val0"), Answers: err == nil && n.pid("val0") != 0, Log: n.logFile("val0")})
	for i, url := range s.Endpoints.Nodes {
		part := nodeName(i)
		pid := n.pid(part)
		s.Parts = append(s.Parts, Part{Name: part, PID: pid, Answers: pid != 0 && get(ctx, url+"/v1/info", nil) == nil, Log: n.logFile(part)})
	}
	if url := s.Endpoints.Sponsor; url != "" {
		pid := n.pid(sponsorPart)
		s.Parts = append(s.Parts, Part{Name: sponsorPart, PID: pid, Answers: pid != 0 && get(ctx, url+"/v1/health", nil) == nil, Log: n.logFile(sponsorPart)})
	}
	if url := s.Endpoints.Web; url != "" {
		pid := n.pid(indexerPart)
		s.Parts = append(s.Parts, Part{Name: indexerPart, PID: pid, Answers: pid != 0 && get(ctx, url+"/health", nil) == nil, Log: n.logFile(indexerPart)})
	}
	if url := s.Endpoints.Packager; url != "" {
		pid := n.pid(packagerPart)
		s.Parts = append(s.Parts, Part{Name: packagerPart, PID: pid, Answers: pid != 0 && get(ctx, url+"/v1/info", nil) == nil, Log: n.logFile(packagerPart)})
		s.PairingCode = n.PairingCode()
	}
	return s, nil
}

// height is the newest block's.
func (n *Net) height(ctx context.Context) (int64, error) {
	var answer struct {
		Result struct {
			NodeInfo struct {
				Network string `json:"network"`
			} `json:"node_info"`
			SyncInfo struct {
				Height string `json:"latest_block_height"`
			} `json:"sync_info"`
		} `json:"result"`
	}
	if err := get(ctx, n.Endpoints().RPC+"/status", &answer); err != nil {
		return 0, err
	}
	if id := answer.Result.NodeInfo.Network; id != n.saved.ChainID {
		return 0, fmt.Errorf("another chain answers: %s", id)
	}
	return strconv.ParseInt(answer.Result.SyncInfo.Height, 10, 64)
}

// get reads a JSON document into out.
func get(ctx context.Context, url string, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, res.Status)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(out)
}
