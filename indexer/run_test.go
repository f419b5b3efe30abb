package indexer

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Who asks and does not read is let go; a stream that sets the end of each write goes on.
func TestWhoDoesNotRead(t *testing.T) {
	defer func(was time.Duration) { writePatience = was }(writePatience)
	writePatience = 300 * time.Millisecond
	ended := make(chan error, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write(make([]byte, 64<<20))
		ended <- err
	})
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		for range 8 {
			if c.SetWriteDeadline(time.Now().Add(time.Minute)) != nil {
				return
			}
			_, _ = fmt.Fprintln(w, "event")
			_ = c.Flush()
			time.Sleep(writePatience / 4)
		}
		_, _ = fmt.Fprintln(w, "end")
	})
	ctx, cancel := context.WithCancel(t.Context())
	addr, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() { done <- serve(ctx, "127.0.0.1:0", mux, func(a net.Addr) { addr <- a }) }()
	at := (<-addr).String()
	ask := func(path string) net.Conn {
		conn, err := net.Dial("tcp", at)
		require.NoError(t, err)
		_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", path)
		require.NoError(t, err)
		return conn
	}
	mute := ask("/large")
	defer mute.Close()
	select {
	case err := <-ended:
		require.Error(t, err)
	case <-time.After(10 * time.Second):
		t.Error("the answer is still being written")
	}
	reader := ask("/stream")
	defer reader.Close()
	last := ""
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		if lines.Text() == "end" {
			last = lines.Text()
		}
	}
	require.Equal(t, "end", last)
	_ = mute.Close()
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}
