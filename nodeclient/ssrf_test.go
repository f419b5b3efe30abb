package nodeclient

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/streamchain/streamchain/publicnet"
)

// honeypot listens on every address of this machine, as a service does that trusts its network, and counts who comes.
func honeypot(t *testing.T) (port string, came *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	came = new(atomic.Int32)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			came.Add(1)
			_ = c.SetDeadline(time.Now().Add(2 * time.Second))
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}")
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	_, port, err = net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port, came
}

// names answers DNS queries on loopback: each name with its next list of addresses, the last again and again.
type names map[string][][]string

func (n names) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = pc.Close() })
	asked := map[string]int{}
	go func() {
		buf := make([]byte, 1500)
		for {
			k, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply := n.answer(buf[:k], asked); reply != nil {
				_, _ = pc.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

func (n names) answer(query []byte, asked map[string]int) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	lists := n[strings.TrimSuffix(q.Name.String(), ".")]
	m.Response, m.Additionals = true, nil
	if len(lists) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	} else {
		k := q.Name.String() + q.Type.String()
		list := lists[min(asked[k], len(lists)-1)]
		asked[k]++
		for _, a := range list {
			addr := netip.MustParseAddr(a)
			h := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 0}
			if addr.Is4() && q.Type == dnsmessage.TypeA {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: addr.As4()}})
			} else if addr.Is6() && q.Type == dnsmessage.TypeAAAA {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
			}
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

// insiders are hosts that lead to this machine or its network, in every spelling that a parser is known to read so.
func insiders() []string {
	hosts := []string{
		"localhost", "LOCALHOST", "localhost.", "api.localhost", "ip6-localhost", "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "0.0.0.0", "0",
		"0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "2130706433", "127.0x0.0.1", "127.0.0.01", "4294967296", "0.1.2.3",
		"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]",
		"[2002:7f00:1::1]", "[2001:0:7f00:1::1]", "[fe80::1]", "[fe80::1%25lo]", "[::1%25lo]", "[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]",
		"169.254.169.254", "[::ffff:169.254.169.254]", "169.254.170.2", "100.100.100.200", "192.0.0.192", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1",
		"198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1",
	}
	ifs, _ := net.InterfaceAddrs()
	for _, a := range ifs {
		if n, ok := a.(*net.IPNet); ok && !publicnet.Public(netip.MustParseAddr(n.IP.String()).Unmap()) {
			hosts = append(hosts, "["+n.IP.String()+"]", n.IP.String())
		}
	}
	return hosts
}

// vectors are endpoints as a hostile provider could register them, or an older chain could have let through.
func vectors(port string) []string {
	var out []string
	for _, h := range insiders() {
		out = append(out, "http://"+h+":"+port, "http://"+h+":"+port+"/x/../y", "http://public.example@"+h+":"+port, "http://"+h+":"+port+"#@public.example/")
	}
	for _, h := range []string{"127.0.0.1", "[::1]", "localhost"} {
		for _, s := range []string{
			"https://%s:PORT", "HTTP://%s:PORT", "http:\\\\%s:PORT", "http:%s:PORT", "http:/%s:PORT", "http:////%s:PORT", "//%s:PORT", "%s:PORT", "http://user:pw@%s:PORT/",
			"http://192.0.2.1:80@%s:PORT/", "http://%s:PORT\\@192.0.2.1/", "http://%s:PORT?@192.0.2.1", "http://192.0.2.1#@%s:PORT", "gopher://%s:PORT/_GET", "file://%s:PORT/etc/passwd",
			"ftp://%s:PORT/", "unix://%s:PORT", "dict://%s:PORT/", "http://%s:00PORT", "http://%s:PORT ", " http://%s:PORT", "http://%%31%%32%%37.0.0.1:PORT/%s", "jar:http://%s:PORT!/", "data:,%s:PORT",
		} {
			out = append(out, strings.ReplaceAll(fmt.Sprintf(s, h), "PORT", port))
		}
	}
	return out
}

// Whatever stands on the chain as an endpoint, nothing inside the caller's network is connected to.
func TestNoEndpointReachesInside(t *testing.T) {
	port, came := honeypot(t)
	all := vectors(port)
	require.GreaterOrEqual(t, len(all), 200)
	hash, err := mh.Sum([]byte("x"), mh.SHA2_256, -1)
	require.NoError(t, err)
	hc := newHTTP(false, names{}.resolver(t))
	for _, v := range all {
		// what is public would be dialled, which a test must not do: no vector may be
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		c := New(hc, v)
		_, err := c.Info(ctx)
		require.Error(t, err, v)
		_, _, err = c.File(ctx, cid.NewCidV1(cid.Raw, hash), nil, 10, Credentials{})
		require.Error(t, err, v)
		cancel()
	}
	require.Zero(t, came.Load())

	// the pot works: the operator's own word opens this machine, and nothing but it
	_, err = New(NewHTTP(true), "http://127.0.0.1:"+port).Info(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, came.Load())
	for _, h := range []string{"169.254.169.254", "[fe80::1%25lo]", "[64:ff9b::127.0.0.1]", "0.0.0.0", "[::]", "255.255.255.255"} {
		_, err = New(NewHTTP(true), "http://"+h+":"+port).Info(t.Context())
		require.Error(t, err, h)
	}
	require.EqualValues(t, 1, came.Load(), "no flag opens link-local and unspecified addresses")
}

// A name may lead elsewhere at each look-up, to several addresses at once, or through an alias.
func TestRebinding(t *testing.T) {
	port, came := honeypot(t)
	hc := newHTTP(false, names{
		"inside.example":  {{"127.0.0.1"}},
		"six.example":     {{"::1"}},
		"mapped.example":  {{"::ffff:127.0.0.1"}},
		"nat64.example":   {{"64:ff9b::7f00:1"}},
		"several.example": {{"127.0.0.1", "::1", "127.0.0.2"}},
		"rebind.example":  {{"127.0.0.2"}, {"127.0.0.1"}, {"::1"}},
		"meta.example":    {{"169.254.169.254"}},
	}.resolver(t))
	for _, name := range []string{"inside", "six", "mapped", "nat64", "several", "rebind", "rebind", "rebind", "meta", "none"} {
		_, err := New(hc, "http://"+name+".example:"+port).Info(t.Context())
		require.Error(t, err, name)
		if name != "none" {
			require.ErrorContains(t, err, "not a public address", name)
		}
	}
	require.Zero(t, came.Load())
}

// What the name led to when it was checked does not matter: the socket's own address is what is judged.
func TestDialJudgesTheSocketsAddress(t *testing.T) {
	for a, ok := range map[string]bool{
		"1.1.1.1:443": true, "1.1.1.1:8080": true, "[2606:4700::1111]:80": true, "[::ffff:1.1.1.1]:443": true,
		"1.1.1.1:22": false, "1.1.1.1:25": false, "1.1.1.1:6667": false, "1.1.1.1:0": false,
		"127.0.0.1:443": false, "[::ffff:127.0.0.1]:443": false, "[fe80::1%eth0]:443": false, "[2606:4700::1111%eth0]:443": false, "nonsense": false,
	} {
		err := publicnet.Dialable(a, false)
		require.Equal(t, ok, err == nil, "%s: %v", a, err)
	}
}

// A redirect is an answer, not a way: not even one from a node that may be called.
func TestRedirectsAreNotFollowed(t *testing.T) {
	port, came := honeypot(t)
	asked := 0
	node := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		code := []int{301, 302, 303, 307, 308}[asked%5]
		http.Redirect(w, r, "http://127.0.0.1:"+port+r.URL.Path, code)
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = node.Serve(l) }()
	defer node.Close()
	c := New(NewHTTP(true), "http://"+l.Addr().String())
	hash, err := mh.Sum([]byte("x"), mh.SHA2_256, -1)
	require.NoError(t, err)
	for range 10 {
		_, err = c.Info(t.Context())
		require.Error(t, err)
		_, _, err = c.File(t.Context(), cid.NewCidV1(cid.Raw, hash), nil, 10, Credentials{Proof: "secret"})
		require.Error(t, err)
		_, err = c.uploadOnce(t.Context(), [32]byte{}, strings.NewReader("x"), 1, "secret", func(int64) {})
		require.Error(t, err)
	}
	require.Zero(t, came.Load())
	require.NotZero(t, asked)
}

// The environment's proxy would be a way around every check.
func TestNoProxy(t *testing.T) {
	port, came := honeypot(t)
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:"+port)
	t.Setenv("http_proxy", "http://127.0.0.1:"+port)
	require.Nil(t, NewHTTP(false).Transport.(*http.Transport).Proxy)
	_, err := New(newHTTP(false, names{}.resolver(t)), "http://nowhere.example").Info(t.Context())
	require.Error(t, err)
	require.Zero(t, came.Load())
}
