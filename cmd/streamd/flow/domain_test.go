package flow

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// site is a web server that every name leads to, and a DNS.
type site struct {
	*domainChecker
	*http.ServeMux
	records []string
	dnsErr  error
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{domainChecker: newDomainChecker(true, ""), ServeMux: http.NewServeMux(), dnsErr: errors.New("no such host")}
	server := httptest.NewTLSServer(s)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	require.NoError(t, err)
	transport := s.client.Transport.(*http.Transport)
	real := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) { return real(ctx, network, at.Host) }
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // the stub's certificate is for another name
	s.txt = func(context.Context, string) ([]string, error) { return s.records, s.dnsErr }
	s.now = func() time.Time { return time.Unix(1_800_000_000, 0) }
	return s
}

func (s *site) serves(body string) {
	s.HandleFunc(wellKnownPath, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
}

var someCreator = contenttypes.NewCreatorID([]byte("somebody")).String()

func TestDomainNamesCreator(t *testing.T) {
	for name, body := range map[string]string{
		"one":  fmt.Sprintf(`{"creator":%q}`, someCreator),
		"many": fmt.Sprintf(`{"creators":["x",%q]}`, someCreator),
	} {
		s := newSite(t)
		s.serves(body)
		p, err := s.check(t.Context(), "example.org", someCreator)
		require.NoError(t, err, name)
		require.Equal(t, proof{someCreator, "example.org", "well-known", "https://example.org" + wellKnownPath, body, 1_800_000_000}, p)
		first, _, err := p.hash()
		require.NoError(t, err)
		p.Found += " "
		second, _, err := p.hash()
		require.NoError(t, err)
		require.NotEqual(t, first, second)
		require.Len(t, first, contenttypes.HashLen)
	}
	s := newSite(t)
	s.records, s.dnsErr = []string{"v=spf1 -all", txtPrefix + someCreator}, nil
	p, err := s.check(t.Context(), "example.org", someCreator)
	require.NoError(t, err)
	require.Equal(t, "dns", p.Method)
}

func TestDomainRefused(t *testing.T) {
	for name, body := range map[string]string{
		"another creator": `{"creator":"streamcreator1x"}`, "empty": ``, "a page": `<html>`, "a list": `[]`,
		"a prefix":  fmt.Sprintf(`{"creator":%q}`, someCreator+"x"),
		"too large": fmt.Sprintf(`{"creator":%q,"x":%q}`, someCreator, strings.Repeat("x", maxWellKnown)),
	} {
		s := newSite(t)
		s.serves(body)
		_, err := s.check(t.Context(), "example.org", someCreator)
		require.ErrorContains(t, err, "does not name", name)
	}
	s := newSite(t)
	s.dnsErr = nil
	for range maxTXT {
		s.records = append(s.records, "filler")
	}
	for _, r := range []string{someCreator, txtPrefix + someCreator + " ", strings.ToUpper(txtPrefix + someCreator)} {
		_, err := (&domainChecker{client: s.client, now: s.now, txt: func(context.Context, string) ([]string, error) { return []string{r}, nil }}).check(t.Context(), "example.org", someCreator)
		require.ErrorContains(t, err, "no record", r)
	}
	s.records = append(s.records, txtPrefix+someCreator)
	_, err := s.check(t.Context(), "example.org", someCreator)
	require.ErrorContains(t, err, "no record", "behind a flood")
	for _, bad := range []string{"", "localhost", "127.0.0.1", "[::1]", "example.org:22", "https://example.org", "user@example.org", "example.org/x", "Example.org", "a..b", "xn--.org-", strings.Repeat("a.", 150) + "org"} {
		_, err := s.check(t.Context(), bad, someCreator)
		require.ErrorContains(t, err, "is no domain", bad)
	}
}

func TestDomainRedirects(t *testing.T) {
	good := fmt.Sprintf(`{"creator":%q}`, someCreator)
	for to, ok := range map[string]bool{
		"https://www.example.org/here": true, "http://www.example.org/here": false, "https://evil.org/here": false, "https://notexample.org/here": false, "ftp://example.org/here": false,
	} {
		s := newSite(t)
		s.HandleFunc("/here", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(good)) })
		s.HandleFunc(wellKnownPath, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
		_, err := s.check(t.Context(), "example.org", someCreator)
		require.Equal(t, ok, err == nil, "%s: %v", to, err)
	}
	for hops, ok := range map[int]bool{maxRedirects: true, maxRedirects + 1: false} {
		s := newSite(t)
		left := hops
		s.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			if left--; left >= 0 {
				http.Redirect(w, r, fmt.Sprint("https://example.org/", left), http.StatusFound)
				return
			}
			_, _ = w.Write([]byte(good))
		})
		_, err := s.check(t.Context(), "example.org", someCreator)
		require.Equal(t, ok, err == nil, "%d: %v", hops, err)
	}
}

// Whatever a name leads to, the attester's own network is not asked.
func TestDomainsInside(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was asked") }))
	defer server.Close()
	_, _, err := newDomainChecker(false, "").wellKnown(t.Context(), server.URL, someCreator)
	require.ErrorContains(t, err, "not a public address")
}
