package nodeclient

import (
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/streamchain/streamchain/publicnet"
)

// NewHTTP returns the transport for storage nodes, whose addresses are strangers' words. Whatever a node's name resolves
// to, only public addresses and the ports of web servers are dialled; with allowPrivate (local networks) also this
// machine and private networks at any port, but never link-local addresses, where clouds keep secrets. No redirect is
// followed and no proxy of the environment used.
func NewHTTP(allowPrivate bool) *http.Client { return newHTTP(allowPrivate, nil) }

// newHTTP resolves names with resolver, where there is one.
func newHTTP(allowPrivate bool, resolver *net.Resolver) *http.Client {
	// Control sees the address of each attempt after names are resolved: there is nothing between check and use
	dialer := &net.Dialer{Timeout: Stall, Resolver: resolver, Control: func(_, address string, _ syscall.RawConn) error {
		return publicnet.Dialable(address, allowPrivate)
	}}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:           dialer.DialContext,
			ResponseHeaderTimeout: 30 * time.Second,
			// what a stranger sends is read into memory before it can be refused
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        60 * time.Second,
			ForceAttemptHTTP2:      true,
			// a range or a CAR is asked for as it is: nobody can send a small answer that unpacks to a large one
			DisableCompression: true,
		},
		// a node's address stands on the chain: nothing legitimate redirects
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// MinRate is how slowly a node may send what it was asked for, in bytes a second.
const MinRate = 16 << 10

// Alive calls Reset when enough has come: MinRate for Within, or the end. A sender that drips a byte now and then, to hold
// its reader for hours, never makes it do so.
type Alive struct {
	R      io.Reader
	Within time.Duration
	Reset  func()

	came int64
}

// Read implements io.Reader.
func (a *Alive) Read(p []byte) (int, error) {
	n, err := a.R.Read(p)
	a.came += int64(n)
	if a.came >= int64(a.Within.Seconds()*MinRate) {
		a.came = 0
		a.Reset()
	}
	return n, err
}
