package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"time"
)

// Indexed is a work as the discovery API has it.
type Indexed struct {
	Root     string  `json:"root"`
	Title    string  `json:"title"`
	Handle   string  `json:"handle"`
	Payments int64   `json:"payments"`
	Charged  ustream `json:"charged"` // by all payments for it
}

// indexPatience is how long the index may take until it has what the chain has.
const indexPatience = 60 * time.Second

// apiWork is what of the API's WorkDetail is checked.
type apiWork struct {
	Root    string `json:"root"`
	Title   string `json:"title"`
	Creator struct {
		Handle string `json:"handle"`
	} `json:"creator"`
	Encrypted bool `json:"encrypted"`
	Holders   []struct {
		Operator string `json:"operator"`
	} `json:"holders"`
	Earnings map[string]any `json:"earnings"`
}

// indexed waits until the index has both works with their payments, and compares them with the chain's.
func (r *run) indexed(ctx context.Context, j job, rec *Receipt) error {
	var network struct {
		Endpoints struct {
			Web string `json:"web"`
		} `json:"endpoints"`
	}
	if err := r.cli.json(ctx, &network, "localnet", "status", "--home", r.cli.net, "--output", "json"); err != nil {
		return err
	}
	if rec.Web = network.Endpoints.Web; rec.Web == "" {
		return errors.New("the network has no indexer: `make build` makes indexerd, which must stand beside streamd")
	}
	start := time.Now()
	paid := map[string]ustream{}
	for _, p := range rec.Payments {
		paid[p.Subject] += p.Charged
	}
	want := []Indexed{
		{Root: j.Song.Work, Title: songTitle, Handle: "alice", Charged: paid[j.Song.Work]},
		{Root: j.Film.Work, Title: filmTitle, Handle: "bob", Charged: paid[j.Film.Work]},
	}
	for _, w := range want {
		got, err := r.awaitIndexed(ctx, rec.Web, w)
		if err != nil {
			return err
		}
		rec.Indexed = append(rec.Indexed, got)
	}
	fmt.Fprintf(r.Out, "· the index has both works and every payment … %.1f s\n", time.Since(start).Seconds())
	return nil
}

func (r *run) awaitIndexed(ctx context.Context, base string, want Indexed) (Indexed, error) {
	for end := time.Now().Add(indexPatience); ; {
		var w apiWork
		got, err := Indexed{}, fetch(ctx, base+"/api/v1/works/"+want.Root, &w)
		if err == nil {
			got, err = w.check(want)
		}
		if err == nil || time.Now().After(end) {
			return got, err
		}
		select {
		case <-ctx.Done():
			return got, ctx.Err()
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// check compares what the API says with what the chain did.
func (w apiWork) check(want Indexed) (Indexed, error) {
	charged, err := strconv.ParseInt(fmt.Sprint(w.Earnings["charged"]), 10, 64)
	if err != nil {
		return Indexed{}, fmt.Errorf("the index says that %s earned %v", want.Root, w.Earnings)
	}
	payments, _ := w.Earnings["payments"].(float64)
	got := Indexed{Root: w.Root, Title: w.Title, Handle: w.Creator.Handle, Payments: int64(payments), Charged: ustream(charged)}
	sum := int64(0)
	for name, v := range w.Earnings {
		switch name {
		case "gross", "charged", "payments", "parents": // parents is within creator
			continue
		}
		part, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
		if err != nil {
			return got, fmt.Errorf("the index says that %s earned %v", want.Root, w.Earnings)
		}
		sum += part
	}
	want.Payments = got.Payments
	switch {
	case got != want:
		return got, fmt.Errorf("the index has %+v, the chain %+v", got, want)
	case sum != charged || got.Payments == 0:
		return got, fmt.Errorf("the index has parts of %s that sum to %d of %d", want.Root, sum, charged)
	case !w.Encrypted || len(w.Holders) == 0:
		return got, fmt.Errorf("the index does not know that %s is encrypted and kept", want.Root)
	}
	return got, nil
}

func fetch(ctx context.Context, url string, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
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
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %.200s", filepath.Base(url), res.Status, raw)
	}
	return json.Unmarshal(raw, out)
}
