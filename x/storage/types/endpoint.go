package types

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/publicnet"
)

// ParseEndpoints normalises 1 to MaxEndpoints different endpoints. Errors: ErrInvalidEndpoint.
func ParseEndpoints(endpoints []string, relaxed bool) ([]string, error) {
	if len(endpoints) == 0 || len(endpoints) > MaxEndpoints {
		return nil, errorsmod.Wrapf(ErrInvalidEndpoint, "%d endpoints", len(endpoints))
	}
	out := make([]string, 0, len(endpoints))
	for _, e := range endpoints {
		normal, err := ParseEndpoint(e, relaxed)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out, normal) {
			return nil, errorsmod.Wrapf(ErrInvalidEndpoint, "%q twice", normal)
		}
		out = append(out, normal)
	}
	return out, nil
}

// ParseEndpoint normalises an http(s) URL that viewers, apps and other nodes will call. Unless
// relaxed, its host must be public: a provider could otherwise point everybody at services
// inside their own networks. Only one spelling of a host passes, so that no caller's parser
// reads another host out of it than this one did. Errors: ErrInvalidEndpoint.
//
// What a name resolves to is not known here: who dials it checks the address again.
func ParseEndpoint(s string, relaxed bool) (string, error) {
	u, err := splitEndpoint(s)
	if err != nil {
		return "", errorsmod.Wrapf(ErrInvalidEndpoint, "%.300q: %s", s, err)
	}
	host, err := parseHost(u.Hostname(), relaxed)
	if err != nil {
		return "", errorsmod.Wrapf(ErrInvalidEndpoint, "%.300q: %s", s, err)
	}
	if port := u.Port(); port != "" && port != defaultPort(u.Scheme) {
		host += ":" + port
	}
	return u.Scheme + "://" + host + u.Path, nil
}

// NetworkPrefix names the network of a normalised endpoint: the /24 of an IPv4 address, the
// /48 of an IPv6 address, the last two labels of a name.
func NetworkPrefix(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil {
		bits := 48
		if addr.Is4() {
			bits = 24
		}
		prefix, err := addr.Prefix(bits)
		if err != nil {
			return ""
		}
		return prefix.String()
	}
	labels := strings.Split(host, ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}

// reason is why an endpoint is refused.
type reason string

func (r reason) Error() string { return string(r) }

// splitEndpoint takes a URL apart, without a slash at its end, and checks all but its host.
func splitEndpoint(s string) (*url.URL, error) {
	if len(s) > MaxEndpointLen {
		return nil, reason("longer than 256 bytes")
	}
	for i := range len(s) {
		// no spaces, controls, other scripts, escapes, back slashes, users, queries or fragments:
		// URL parsers disagree about nearly all of them
		if c := s[i]; c <= ' ' || c > '~' || strings.IndexByte("\\%@?#\"<>^`{|}", c) >= 0 {
			return nil, reason("a character that is not allowed")
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, reason("not a URL")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" || !strings.HasPrefix(s[len(u.Scheme):], "://") {
		return nil, reason("write it as http://… or https://…")
	}
	if err := checkPort(u); err != nil {
		return nil, err
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	if u.Path == "" {
		return u, nil
	}
	for segment := range strings.SplitSeq(u.Path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return nil, reason("a path that is not plain")
		}
	}
	return u, nil
}

// checkPort refuses an empty port, and one with another spelling.
func checkPort(u *url.URL) error {
	if strings.HasSuffix(u.Host, ":") {
		return reason("a port must follow the colon")
	}
	port := u.Port()
	if port == "" {
		return nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return reason("not a port")
	}
	return nil
}

func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// parseHost returns the host as it is written in a URL.
func parseHost(host string, relaxed bool) (string, error) {
	if strings.Contains(host, ":") {
		return parseIPv6(host, relaxed)
	}
	host = strings.ToLower(host)
	labels := strings.Split(host, ".")
	if numeric(labels[len(labels)-1]) {
		return parseIPv4(host, relaxed)
	}
	return host, checkName(host, labels, relaxed)
}

// parseIPv4 takes the dotted decimal form alone: callers also read 127.1, 0x7f.1, 017700000001
// and 2130706433, each in its own way.
func parseIPv4(host string, relaxed bool) (string, error) {
	addr, err := netip.ParseAddr(host)
	if err != nil || !addr.Is4() || addr.String() != host {
		return "", reason("write an IPv4 address as four decimal numbers")
	}
	if !relaxed && !publicnet.Public(addr) {
		return "", reason("not a public address")
	}
	return host, nil
}

func parseIPv6(host string, relaxed bool) (string, error) {
	addr, err := netip.ParseAddr(host)
	if err != nil || !addr.Is6() || addr.Zone() != "" || addr.Is4In6() {
		return "", reason("not an IPv6 address, or an IPv4 address inside one")
	}
	if !relaxed && !publicnet.Public(addr) {
		return "", reason("not a public address")
	}
	return "[" + addr.String() + "]", nil
}

// numeric reports whether the last label of a host makes it an IPv4 address to some parsers.
func numeric(label string) bool {
	if label == "" {
		return false
	}
	if strings.HasPrefix(label, "0x") {
		return true
	}
	return strings.Trim(label, "0123456789") == ""
}

// privateZones are the last labels of names that do not lead to the public internet.
var privateZones = []string{
	"localhost", "localdomain", "local", "internal", "intranet", "private", "lan", "home", "corp", "mail",
	"arpa", "onion", "test", "invalid", "example", "alt",
}

func checkName(host string, labels []string, relaxed bool) error {
	if len(host) > 253 {
		return reason("a name longer than 253 bytes")
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return reason("not a host name")
		}
		for i := range len(label) {
			c := label[i]
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return reason("not a host name")
			}
		}
	}
	if relaxed {
		return nil
	}
	if len(labels) < 2 || slices.Contains(privateZones, labels[len(labels)-1]) {
		return reason("not a public name")
	}
	return nil
}
