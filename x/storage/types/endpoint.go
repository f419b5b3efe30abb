package types

import (
	"net/netip"
	"net/url"
	"slices"
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

// ParseEndpoint normalises an http(s) URL that viewers, apps and other nodes will call, as publicnet.Endpoint says.
// Errors: ErrInvalidEndpoint.
func ParseEndpoint(s string, relaxed bool) (string, error) {
	normal, err := publicnet.Endpoint(s, relaxed)
	if err != nil {
		return "", errorsmod.Wrapf(ErrInvalidEndpoint, "%.300q: %s", s, err)
	}
	return normal, nil
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
