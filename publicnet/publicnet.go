package publicnet

import (
	"net/netip"
	"slices"
)

// special are the special-purpose networks of IANA's registries inside the public ranges.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("10.0.0.0/8"),      // private
	netip.MustParsePrefix("100.64.0.0/10"),   // carriers' NAT
	netip.MustParsePrefix("127.0.0.0/8"),     // loopback
	netip.MustParsePrefix("169.254.0.0/16"),  // link-local, and clouds' metadata
	netip.MustParsePrefix("172.16.0.0/12"),   // private
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.31.196.0/24"), // AS112
	netip.MustParsePrefix("192.52.193.0/24"), // AMT
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),  // private
	netip.MustParsePrefix("192.175.48.0/24"), // AS112
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("224.0.0.0/3"),     // multicast, reserved, broadcast
	netip.MustParsePrefix("2001::/23"),       // protocol assignments: Teredo, ORCHID, benchmarks
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4: an IPv4 address inside
	netip.MustParsePrefix("3fff::/20"),       // documentation
}

// globalIPv6 is the only range of IPv6 that is given out: loopback, unique-local, link-local,
// multicast and the translations of IPv4 all lie outside.
var globalIPv6 = netip.MustParsePrefix("2000::/3")

// Public reports whether an address is reached over the public internet. An IPv4 address inside an IPv6 one is not,
// whichever it is, nor is an address with a zone.
func Public(addr netip.Addr) bool {
	if !addr.IsValid() || addr.Is6() && !globalIPv6.Contains(addr) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// near are the networks of a home, a company or a machine itself. Link-local is not among them: clouds keep their
// machines' secrets there.
var near = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fc00::/7"),
}

// Near reports whether an address is of this machine or of a private network, which only an operator's explicit
// word opens.
func Near(addr netip.Addr) bool {
	return slices.ContainsFunc(near, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// unwebly are ports from 1024 on that browsers refuse as well (WHATWG Fetch, "port blocking"): other protocols would
// read commands out of a request.
var unwebly = []uint16{1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}

// WebPort reports whether a web server may stand at a port: 80, 443, and those from 1024 on that browsers call.
func WebPort(port uint16) bool {
	return port == 80 || port == 443 || port >= 1024 && !slices.Contains(unwebly, port)
}
