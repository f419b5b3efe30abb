package sponsor

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNetworkOfARequest(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for name, c := range map[string]struct {
		trusted []netip.Prefix
		peer    string
		header  []string
		want    string
	}{
		"v4":                        {nil, "192.0.2.77:1", nil, "192.0.2.0/24"},
		"v6":                        {nil, "[2001:db8:1:2::3]:1", nil, "2001:db8:1::/48"},
		"v4 in v6":                  {nil, "[::ffff:192.0.2.77]:1", nil, "192.0.2.0/24"},
		"zone":                      {nil, "[fe80::1%eth0]:1", nil, "fe80::/48"},
		"a header nobody asked for": {nil, "192.0.2.77:1", []string{"203.0.113.5"}, "192.0.2.0/24"},
		"a header of a stranger":    {proxy, "192.0.2.77:1", []string{"203.0.113.5"}, "192.0.2.0/24"},
		"a header of the proxy":     {proxy, "10.1.1.1:1", []string{"203.0.113.5"}, "203.0.113.0/24"},
		"what the client said":      {proxy, "10.1.1.1:1", []string{"198.51.100.1, 203.0.113.5"}, "203.0.113.0/24"},
		"two proxies":               {proxy, "10.1.1.1:1", []string{"198.51.100.1, 203.0.113.5, 10.2.2.2"}, "203.0.113.0/24"},
		"two headers":               {proxy, "10.1.1.1:1", []string{"198.51.100.1", "203.0.113.5"}, "203.0.113.0/24"},
		"a client in the proxies":   {proxy, "10.1.1.1:1", []string{"198.51.100.1, 10.9.9.9"}, "198.51.100.0/24"},
		"no header":                 {proxy, "10.1.1.1:1", nil, "10.1.1.0/24"},
		"garbage":                   {proxy, "10.1.1.1:1", []string{"203.0.113.5, <script>"}, "10.1.1.0/24"},
		"v6 proxy":                  {proxy, "[::1]:1", []string{"2001:db8:1:2::3"}, "2001:db8:1::/48"},
		"no address":                {nil, "@", nil, "invalid Prefix"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		for _, h := range c.header {
			r.Header.Add("X-Forwarded-For", h)
		}
		require.Equal(t, c.want, networks{v4: 24, v6: 48, trusted: c.trusted}.of(r).String(), name)
	}
}

func TestSaltsAreForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "salt.json")
	s, err := openSalts(path)
	require.NoError(t, err)
	now, p := time.Unix(1_700_000_000, 0), netip.MustParsePrefix("192.0.2.0/24")
	hash := func(s *salts, p netip.Prefix, at time.Time) string {
		h, err := s.hash(p, at)
		require.NoError(t, err)
		require.Len(t, h, 16)
		return h
	}
	today := hash(s, p, now)
	require.Equal(t, today, hash(s, p, now.Add(time.Hour)))
	require.NotEqual(t, today, hash(s, netip.MustParsePrefix("192.0.3.0/24"), now))
	again, err := openSalts(path)
	require.NoError(t, err)
	require.Equal(t, today, hash(again, p, now), "a restart does not reset a network's count")
	require.NotEqual(t, today, hash(again, p, now.Add(24*time.Hour)))
	last, err := openSalts(path)
	require.NoError(t, err)
	require.NotEqual(t, today, hash(last, p, now), "yesterday's salt is gone")
}

func TestRates(t *testing.T) {
	r := &rates{most: 2}
	now, a, b := time.Unix(600, 0), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.0.3.0/24")
	require.NoError(t, r.take(a, now))
	require.NoError(t, r.take(a, now))
	require.ErrorIs(t, r.take(a, now.Add(59*time.Second)), ErrRate)
	require.NoError(t, r.take(b, now))
	require.NoError(t, r.take(a, now.Add(time.Minute)))
	for i := range maxNetworks {
		r.counts[netip.PrefixFrom(netip.AddrFrom4([4]byte{20, byte(i >> 16), byte(i >> 8), byte(i)}), 32)] = 1
	}
	require.ErrorIs(t, r.take(b, now.Add(time.Minute)), ErrBusy, "memory is bounded")
}
