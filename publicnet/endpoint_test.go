package publicnet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/publicnet"
)

// The tables of spellings are those of x/storage and of nodeclient, which call these two.
func TestEndpoint(t *testing.T) {
	for in, want := range map[string]string{"HTTPS://Node.Example.COM:443/": "https://node.example.com", "http://1.1.1.1:8080/x": "http://1.1.1.1:8080/x"} {
		got, err := publicnet.Endpoint(in, false)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, in := range []string{"", "https://localhost", "https://127.0.0.1", "https://a@b.example.com", "ftp://node.example.com"} {
		_, err := publicnet.Endpoint(in, false)
		require.Error(t, err, in)
	}
	_, err := publicnet.Endpoint("http://127.0.0.1:9000", true)
	require.NoError(t, err)
}

func TestDialable(t *testing.T) {
	for address, want := range map[string][2]bool{ // strictly, near
		"1.1.1.1:443": {true, true}, "1.1.1.1:25": {false, true}, "127.0.0.1:443": {false, true}, "127.0.0.1:25": {false, true}, "[::1]:80": {false, true},
		"[::ffff:127.0.0.1]:80": {false, true}, "169.254.169.254:80": {false, false}, "[fe80::1%eth0]:80": {false, false}, "localhost:80": {false, false},
	} {
		require.Equal(t, want, [2]bool{publicnet.Dialable(address, false) == nil, publicnet.Dialable(address, true) == nil}, address)
	}
}
