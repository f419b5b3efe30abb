package recommend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Source reads the discovery API (indexer/api/openapi.yaml): what everybody can read.
type Source struct {
	// Base is the API's address, such as http://127.0.0.1:8080/api/v1.
	Base string
	// HTTP does the requests; nil is a client with a timeout.
	HTTP *http.Client
	// MaxWorks bounds how many works are read; 0 is 200,000.
	MaxWorks int
	// Pause is the time between two requests, so that a crawl is no attack.
	Pause time.Duration
}

const maxReply = 16 << 20

// Fetch reads all works, and for each which were bought together with it.
func (s Source) Fetch(ctx context.Context) (Dataset, error) {
	if s.HTTP == nil {
		s.HTTP = &http.Client{Timeout: 30 * time.Second}
	}
	if s.MaxWorks == 0 {
		s.MaxWorks = 200_000
	}
	var d Dataset
	var config struct {
		ChainID string `json:"chain_id"`
	}
	if err := s.get(ctx, "/config", nil, &config); err != nil {
		return d, err
	}
	d.ChainID = config.ChainID
	place := map[string]int{}
	err := s.works(ctx, "newest", s.MaxWorks, func(w apiWork) {
		if _, known := place[w.Root]; !known {
			place[w.Root] = len(d.Works)
			d.Works = append(d.Works, w.work())
		}
	})
	if err != nil {
		return d, err
	}
	trend := 0
	err = s.works(ctx, "trending", 200, func(w apiWork) {
		trend++
		if i, known := place[w.Root]; known {
			d.Works[i].Trend = trend
		}
	})
	if err != nil {
		return d, err
	}
	d.Pairs, err = s.pairs(ctx, d.Works, place)
	return d, err
}

// apiWork is the part of a Work that is learned from.
type apiWork struct {
	Root    string `json:"root"`
	Title   string `json:"title"`
	Kind    string `json:"kind"`
	Creator struct {
		ID string `json:"id"`
	} `json:"creator"`
	Language  string   `json:"language"`
	Tags      []string `json:"tags"`
	Published int64    `json:"published_at"`
}

func (w apiWork) work() Work {
	return Work{Root: w.Root, Title: w.Title, Creator: w.Creator.ID, Kind: w.Kind, Language: w.Language, Tags: w.Tags, Published: w.Published}
}

// works calls with each of at most so many works.
func (s Source) works(ctx context.Context, sort string, most int, with func(apiWork)) error {
	cursor := ""
	for n := 0; n < most; {
		q := url.Values{"sort": {sort}, "limit": {"100"}}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		var page struct {
			Items  []apiWork `json:"items"`
			Cursor string    `json:"cursor"`
		}
		if err := s.get(ctx, "/works", q, &page); err != nil {
			return err
		}
		for _, w := range page.Items {
			with(w)
		}
		n += len(page.Items)
		if page.Cursor == "" || len(page.Items) == 0 {
			return nil
		}
		cursor = page.Cursor
	}
	return nil
}

// pairs reads for each work which others were bought together with it. Both works of a pair name each other, so each pair is
// taken from whichever names it with the greater count.
func (s Source) pairs(ctx context.Context, works []Work, place map[string]int) ([]Pair, error) {
	counts := map[[2]int]int{}
	for i, w := range works {
		var page struct {
			Items []struct {
				Work     apiWork `json:"work"`
				Together int     `json:"together"`
			} `json:"items"`
		}
		if err := s.get(ctx, "/works/"+url.PathEscape(w.Root)+"/related", url.Values{"limit": {"100"}}, &page); err != nil {
			if errors.Is(err, errGone) {
				continue // retired meanwhile
			}
			return nil, err
		}
		for _, r := range page.Items {
			if j, known := place[r.Work.Root]; known && j != i && r.Together > 0 {
				key := [2]int{min(i, j), max(i, j)}
				counts[key] = max(counts[key], r.Together)
			}
		}
	}
	return sorted(counts), nil
}

var errGone = errors.New("not there")

func (s Source) get(ctx context.Context, path string, q url.Values, into any) error {
	for try := 0; ; try++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(s.Base, "/")+path+"?"+q.Encode(), nil)
		if err != nil {
			return err
		}
		res, err := s.HTTP.Do(req)
		if err != nil {
			return fmt.Errorf("discovery API: %w", err)
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, maxReply))
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return fmt.Errorf("discovery API %s: %w", path, err)
		}
		switch {
		case res.StatusCode == http.StatusTooManyRequests && try < 5:
			if err := sleep(ctx, retryAfter(res)); err != nil {
				return err
			}
			continue
		case res.StatusCode == http.StatusNotFound:
			return fmt.Errorf("discovery API %s: %w", path, errGone)
		case res.StatusCode != http.StatusOK:
			return fmt.Errorf("discovery API %s: status %d", path, res.StatusCode)
		}
		if err := json.Unmarshal(body, into); err != nil {
			return fmt.Errorf("discovery API %s: %w", path, err)
		}
		return sleep(ctx, s.Pause)
	}
}

// retryAfter is how long the API asks to wait, 1 to 60 seconds.
func retryAfter(res *http.Response) time.Duration {
	n, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil {
		n = 1
	}
	return time.Duration(min(max(n, 1), 60)) * time.Second
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
