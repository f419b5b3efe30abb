package types_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/x/storage/types"
)

// private are hosts that must never be called for a stranger, in every spelling known to reach them.
var private = []string{
	// loopback
	"127.0.0.1", "127.0.0.0", "127.0.1.1", "127.1.2.3", "127.255.255.254", "127.255.255.255",
	// this network
	"0.0.0.0", "0.0.0.1", "0.255.255.255",
	// private
	"10.0.0.0", "10.0.0.1", "10.10.10.10", "10.255.255.255", "172.16.0.0", "172.16.0.1", "172.20.10.2", "172.31.255.255",
	"192.168.0.0", "192.168.0.1", "192.168.1.1", "192.168.255.255",
	// link-local and metadata
	"169.254.0.0", "169.254.1.1", "169.254.169.254", "169.254.170.2", "169.254.255.255",
	// carriers' NAT
	"100.64.0.0", "100.64.0.1", "100.100.100.200", "100.127.255.255",
	// special purposes
	"192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
	// multicast, reserved, broadcast
	"224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.254", "255.255.255.255",
	// short forms
	"127.1", "127.0.1", "10.1", "192.168.1", "0", "1", "127", "169.254.43518",
	// decimal
	"2130706433", "2852039166", "3232235521", "167772161", "0000002130706433", "4294967295", "4294967296", "18446744073709551616",
	// octal
	"0177.0.0.1", "0177.0.0.01", "017700000001", "0300.0250.0.1", "012.0.0.1", "127.0.0.01", "00.0.0.0", "0251.0376.0251.0376",
	// hexadecimal
	"0x7f000001", "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "0x7F000001", "0X7F000001", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0x0", "0x", "127.0.0.0x1", "0xC0A80001",
	// mixed, and out of range
	"127.0x0.0.1", "0x7f.1", "127.0.0.256", "256.256.256.256", "1.2.3.4.5", "127.0.0.1.", "127..0.1", "999999999999",
	// IPv6: loopback, unspecified, unique-local, link-local, site-local, multicast
	"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::1]", "[fc00::1]", "[fd00::1]", "[fdff:ffff::1]", "[fd00:ec2::254]",
	"[fe80::1]", "[fe80::1%25eth0]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[ff0e::1]", "[::2]", "[100::1]",
	// IPv4 inside IPv6
	"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:192.168.0.1]", "[::ffff:169.254.169.254]",
	"[::ffff:8.8.8.8]", "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::a00:1]",
	"[2002:7f00:1::]", "[2002:c0a8:1::1]", "[2001::1]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[2001:10::1]", "[2001:20::1]", "[3fff::1]", "[4000::1]",
	// names
	"localhost", "LOCALHOST", "LocalHost", "localhost.", "localhost.localdomain", "api.localhost", "x.y.localhost", "localdomain", "ip6-localhost",
	"router", "node", "metadata", "metadata.google.internal", "db.internal", "printer.local", "nas.lan", "wiki.corp", "box.home",
	"host.home.arpa", "1.0.0.127.in-addr.arpa", "hidden.onion", "a.test", "a.invalid", "a.example", "svc.cluster.local", "app.intranet", "x.private",
}

func TestEndpointsOfPrivateHostsAreRefused(t *testing.T) {
	require.GreaterOrEqual(t, len(private), 120)
	seen := map[string]bool{}
	for _, host := range private {
		require.False(t, seen[host], host)
		seen[host] = true
		for _, s := range []string{"http://" + host, "https://" + host + ":8443/x"} {
			normal, err := types.ParseEndpoint(s, false)
			require.ErrorIs(t, err, types.ErrInvalidEndpoint, "%s became %s", s, normal)
		}
	}
}

// Spellings that parsers disagree about are refused whatever the host, and whatever the rules.
func TestMalformedEndpointsAreRefused(t *testing.T) {
	for _, s := range []string{
		"", " ", "node.example.com", "//node.example.com", "ftp://node.example.com", "file:///etc/passwd", "gopher://node.example.com",
		"javascript:alert(1)", "HTTP:node.example.com", "http:node.example.com", "http:/node.example.com", "http:///node.example.com", "http://",
		"https://", "https:// node.example.com", "https://node.example.com ", "\thttps://node.example.com", "https://node.example.com\n",
		"https://user@node.example.com", "https://user:pass@node.example.com", "https://@node.example.com", "https://node.example.com@127.0.0.1",
		"https://127.0.0.1#@node.example.com", "https://node.example.com#", "https://node.example.com#x", "https://node.example.com?", "https://node.example.com?x=1",
		"https://node.example.com\\@127.0.0.1", "https:\\\\node.example.com", "https://node.example.com/%2e%2e", "https://%6eode.example.com", "https://node.example.com/a b",
		"https://node.example.com:", "https://node.example.com:0", "https://node.example.com:65536", "https://node.example.com:080", "https://node.example.com:-1",
		"https://node.example.com:80:80", "https://node.example.com:x", "https://.example.com", "https://node..example.com", "https://node.example.com.",
		"https://-node.example.com", "https://node-.example.com", "https://no_de.example.com", "https://nöde.example.com", "https://node。example.com", "https://ⓔxample.com",
		"https://node.example.com/../x", "https://node.example.com/./x", "https://node.example.com//x/y", "https://node.example.com/x//y", "https://[::1", "https://::1", "https://[::1]x",
		"https://[v1.x]", "https://[127.0.0.1]", "https://[fe80::1%25lo]", "https://node.example.com/\"", "https://node.example.com/<x>", "https://*.example.com",
		"https://" + strings.Repeat("a", 64) + ".com", "https://" + strings.Repeat("a.", 127) + "com", "https://node.example.com/" + strings.Repeat("a", 256),
	} {
		for _, relaxed := range []bool{false, true} {
			normal, err := types.ParseEndpoint(s, relaxed)
			require.ErrorIs(t, err, types.ErrInvalidEndpoint, "%q became %q", s, normal)
		}
	}
}

func TestEndpointsAreNormalised(t *testing.T) {
	for in, want := range map[string][2]string{
		"https://node.example.com":            {"https://node.example.com", "example.com"},
		"HTTPS://Node.Example.COM":            {"https://node.example.com", "example.com"},
		"https://node.example.com/":           {"https://node.example.com", "example.com"},
		"https://node.example.com:443/":       {"https://node.example.com", "example.com"},
		"https://node.example.com:80":         {"https://node.example.com:80", "example.com"},
		"http://node.example.com:80":          {"http://node.example.com", "example.com"},
		"http://node.example.com:8181/v1/":    {"http://node.example.com:8181/v1", "example.com"},
		"https://example.org/a/b":             {"https://example.org/a/b", "example.org"},
		"https://a.b.c.d.example.org":         {"https://a.b.c.d.example.org", "example.org"},
		"https://xn--nde-sna.example.com":     {"https://xn--nde-sna.example.com", "example.com"},
		"https://0x.example.com":              {"https://0x.example.com", "example.com"},
		"https://1.2.3.4.example.com":         {"https://1.2.3.4.example.com", "example.com"},
		"https://8.8.8.8":                     {"https://8.8.8.8", "8.8.8.0/24"},
		"http://1.1.1.1:8080":                 {"http://1.1.1.1:8080", "1.1.1.0/24"},
		"https://172.15.255.255":              {"https://172.15.255.255", "172.15.255.0/24"},
		"https://172.32.0.1":                  {"https://172.32.0.1", "172.32.0.0/24"},
		"https://100.63.255.255":              {"https://100.63.255.255", "100.63.255.0/24"},
		"https://100.128.0.1":                 {"https://100.128.0.1", "100.128.0.0/24"},
		"https://223.255.255.254":             {"https://223.255.255.254", "223.255.255.0/24"},
		"https://[2606:4700:4700:0::1111]":    {"https://[2606:4700:4700::1111]", "2606:4700:4700::/48"},
		"https://[2A00:1450:4001:82F::200E]/": {"https://[2a00:1450:4001:82f::200e]", "2a00:1450:4001::/48"},
		"https://[2003::1]:8443":              {"https://[2003::1]:8443", "2003::/48"},
	} {
		normal, err := types.ParseEndpoint(in, false)
		require.NoError(t, err, in)
		require.Equal(t, want[0], normal)
		require.Equal(t, want[1], types.NetworkPrefix(normal))
		again, err := types.ParseEndpoint(normal, false)
		require.NoError(t, err)
		require.Equal(t, normal, again, "normalising is stable")
	}
}

func TestRelaxedEndpoints(t *testing.T) {
	for in, want := range map[string]string{
		"http://localhost:8181": "localhost", "http://127.0.0.1:8181": "127.0.0.0/24", "http://[::1]:8181": "::/48",
		"http://node0": "node0", "http://node0.local": "node0.local", "http://192.168.1.7": "192.168.1.0/24",
	} {
		normal, err := types.ParseEndpoint(in, true)
		require.NoError(t, err, in)
		require.Equal(t, in, normal)
		require.Equal(t, want, types.NetworkPrefix(normal))
		_, err = types.ParseEndpoint(in, false)
		require.ErrorIs(t, err, types.ErrInvalidEndpoint)
	}
	for _, s := range []string{"http://127.1", "http://0x7f000001", "http://2130706433", "http://[::ffff:127.0.0.1]"} {
		_, err := types.ParseEndpoint(s, true)
		require.ErrorIs(t, err, types.ErrInvalidEndpoint, s)
	}
}

func TestParseEndpoints(t *testing.T) {
	_, err := types.ParseEndpoints(nil, false)
	require.ErrorIs(t, err, types.ErrInvalidEndpoint)
	_, err = types.ParseEndpoints([]string{"https://a.example.com", "https://A.example.com:443/"}, false)
	require.ErrorIs(t, err, types.ErrInvalidEndpoint, "one endpoint in two spellings")
	five := []string{"https://a.example.com", "https://b.example.com", "https://c.example.com", "https://d.example.com", "https://e.example.com"}
	_, err = types.ParseEndpoints(five, false)
	require.ErrorIs(t, err, types.ErrInvalidEndpoint)
	got, err := types.ParseEndpoints(five[:4], false)
	require.NoError(t, err)
	require.Equal(t, five[:4], got)
}

func FuzzParseEndpoint(f *testing.F) {
	for _, host := range private {
		f.Add("http://" + host)
	}
	f.Fuzz(func(t *testing.T, s string) {
		normal, err := types.ParseEndpoint(s, false)
		if err != nil {
			return
		}
		again, err := types.ParseEndpoint(normal, false)
		require.NoError(t, err)
		require.Equal(t, normal, again)
		require.NotEmpty(t, types.NetworkPrefix(normal))
	})
}
