package publicnet_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/publicnet"
)

func TestPublic(t *testing.T) {
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "192.167.1.1", "223.255.255.254", "2606:4700::1111", "2a00::1"} {
		require.True(t, publicnet.Public(netip.MustParseAddr(a)), a)
		require.False(t, publicnet.Near(netip.MustParseAddr(a)), a)
	}
	for a, near := range map[string]bool{
		"127.0.0.1": true, "127.255.255.255": true, "10.0.0.1": true, "172.31.255.255": true, "192.168.0.1": true, "100.64.0.1": true, "::1": true, "fd00::1": true,
		"0.0.0.0": false, "0.1.2.3": false, "169.254.169.254": false, "192.0.0.8": false, "198.18.0.1": false, "240.0.0.1": false, "255.255.255.255": false, "224.0.0.1": false,
		"::": false, "fe80::1": false, "fe80::1%eth0": false, "ff02::1": false, "fec0::1": false, "::ffff:127.0.0.1": false, "::ffff:8.8.8.8": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::808:808": false, "2002:7f00:1::": false, "2001::1": false, "2001:db8::1": false, "2606:4700::1111%eth0": false, "fd00::1%lo": false,
	} {
		require.False(t, publicnet.Public(netip.MustParseAddr(a)), a)
		require.Equal(t, near, publicnet.Near(netip.MustParseAddr(a)), a)
	}
	require.False(t, publicnet.Public(netip.Addr{}))
	require.False(t, publicnet.Near(netip.Addr{}))
}

// The standard library's own judgement agrees wherever it has one.
func TestAgreesWithTheStandardLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200_000 {
		var b [16]byte
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		for _, a := range []netip.Addr{netip.AddrFrom16(b), netip.AddrFrom4([4]byte(b[:4]))} {
			if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || a.Is4In6() {
				require.False(t, publicnet.Public(a), a)
			}
			require.False(t, publicnet.Public(a) && publicnet.Near(a), a)
		}
	}
}

func TestWebPorts(t *testing.T) {
	for _, p := range []uint16{80, 443, 1024, 8080, 8443, 65535} {
		require.True(t, publicnet.WebPort(p), p)
	}
	for _, p := range []uint16{0, 1, 22, 23, 25, 53, 110, 143, 179, 445, 587, 993, 1023, 2049, 6000, 6667, 10080} {
		require.False(t, publicnet.WebPort(p), p)
	}
}
