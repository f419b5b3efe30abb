package serve

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPace(t *testing.T) {
	var p pace
	require.Equal(t, Grace+4*time.Second, p.allow(64<<10))
	p.took(64<<10, 4*time.Second)
	require.Equal(t, Grace+4*time.Second, p.allow(64<<10), "exactly the least rate")
	p.took(1, Grace)
	require.Equal(t, 4*time.Second, p.allow(64<<10).Round(time.Second), "grace is given once")
	p.took(0, 5*time.Second)
	require.Less(t, p.allow(64<<10), time.Duration(0), "a drip ends it")
	p = pace{}
	p.took(1<<30, time.Second)
	require.Equal(t, Grace+4*time.Second, p.allow(64<<10), "who was early may not stop")
}

func TestConnectionsOfAllAddresses(t *testing.T) {
	inner, err := net.Listen("tcp", "0.0.0.0:0")
	require.NoError(t, err)
	l := Limit(inner, 4).(*limited)
	require.Equal(t, maxConnections, l.total)
	l.total = 10
	defer l.Close()
	accepted := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	_, port, err := net.SplitHostPort(inner.Addr().String())
	require.NoError(t, err)
	dial := func(i int) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 3, byte(i+1))}}
		c, err := d.Dial("tcp", "127.0.0.1:"+port)
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
	}
	for i := range 30 {
		dial(i)
	}
	time.Sleep(200 * time.Millisecond)
	require.Len(t, accepted, 10)
	for range 3 {
		c := <-accepted
		require.NoError(t, c.Close())
		_ = c.Close() // closing twice counts once
	}
	for i := range 30 {
		dial(100 + i)
	}
	require.Eventually(t, func() bool { return len(accepted) == 10 }, 5*time.Second, 10*time.Millisecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	require.Equal(t, 10, l.all)
}
