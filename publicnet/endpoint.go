package publicnet

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// MaxEndpointLen bounds an endpoint in bytes.
const MaxEndpointLen = 256

// Endpoint normalises an http(s) URL that strangers' programs will call. Unless relaxed, its host must be public: who
// registers it could otherwise point everybody at services inside their own networks. Only one spelling of a host passes,
// so that no caller's parser reads another host out of it than this one did. The error says what is wrong with it.
//
// What a name resolves to is not known here: who dials it checks the address again, with Dialable.
func Endpoint(s string, relaxed bool) (string, error) {
	u, err := splitEndpoint(s)
	if err != nil {
		return "", err
	}
	host, err := parseHost(u.Hostname(), relaxed)
	if err != nil {
		return "", err
	}
	if port := u.Port(); port != "" && port != defaultPort(u.Scheme) {
		host += ":" + port
	}
	return u.Scheme + "://" + host + u.Path, nil
}

// Dialable refuses to dial an address (host:port, resolved) that is not public or whose port no web server stands at. With
// near, for local networks, this machine and private networks may be dialled too, at any port, but never link-local
// addresses, where clouds keep secrets. Call it in a net.Dialer's Control: it sees the address of each attempt after names
// are resolved, so nothing lies between check and use.
func Dialable(address string, near bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := ap.Addr().Unmap()
	if near && Near(ip) {
		return nil
	}
	if !Public(ip) {
		return fmt.Errorf("%s is not a public address", ip)
	}
	if !near && !WebPort(ap.Port()) {
		return fmt.Errorf("%d is no port of a web server", ap.Port())
	}
	return nil
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
	if !relaxed && !Public(addr) {
		return "", reason("not a public address")
	}
	return host, nil
}

func parseIPv6(host string, relaxed bool) (string, error) {
	addr, err := netip.ParseAddr(host)
	if err != nil || !addr.Is6() || addr.Zone() != "" || addr.Is4In6() {
		return "", reason("not an IPv6 address, or an IPv4 address inside one")
	}
	if !relaxed && !Public(addr) {
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
