package feeds_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/feeds"
	"github.com/streamchain/streamchain/indexer/feeds/wire"
)

// Every way to be slow, wrong, malicious or gone: the page comes within the deadline with the trending works, and says why.
func TestHostileGenerators(t *testing.T) {
	inside := make(chan string, 10) // what the redirects lead to
	target := serve(t, func(_ http.ResponseWriter, r *http.Request) { inside <- r.URL.Path })
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(bytes.Repeat([]byte("0"), 50<<20))
	require.NoError(t, z.Close())

	with := func(change func(*wire.Response)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			a := read(r)
			res := a.response(itemsOf(1, 2))
			change(&res)
			a.answer(w, res)
		}
	}
	reason := func(s string) http.HandlerFunc { return with(func(r *wire.Response) { r.Items[1].Reason = s }) }
	signed := func(make func(a asked) []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			a := read(r)
			a.sign(w, make(a))
		}
	}
	badly := func(sign func(a asked, answer []byte) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			a := read(r)
			answer, _ := json.Marshal(a.response(itemsOf(1)))
			w.Header().Set(wire.SignatureHeader, sign(a, answer))
			_, _ = w.Write(answer)
		}
	}
	redirect := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target+"/secret", code) }
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			a := read(r)
			answer, _ := json.Marshal(a.response(itemsOf(1)))
			w.Header().Set(wire.SignatureHeader, wire.Sign(keyOf("feed"), chainID, a.body, answer))
			w.WriteHeader(code)
			_, _ = w.Write(answer)
		}
	}

	for name, c := range map[string]struct {
		h   http.HandlerFunc
		why string
	}{
		// slow
		"sleeps":      {func(_ http.ResponseWriter, r *http.Request) { read(r); wait(r, 10*time.Second) }, feeds.Timeout},
		"drips":       {drip([]byte(`{"feed":`)), feeds.Timeout},
		"drips space": {drip(bytes.Repeat([]byte(" "), 1000)), feeds.Timeout},
		"late": {func(w http.ResponseWriter, r *http.Request) {
			a := read(r)
			answer, _ := json.Marshal(a.response(itemsOf(1)))
			w.Header().Set(wire.SignatureHeader, wire.Sign(keyOf("feed"), chainID, a.body, answer))
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			wait(r, 4*time.Second)
			_, _ = w.Write(answer)
		}, feeds.Timeout},
		// wrong
		"another feed":     {with(func(r *wire.Response) { r.Feed += "2" }), feeds.BadResponse},
		"another nonce":    {with(func(r *wire.Response) { r.Nonce = strings.Repeat("0", 32) }), feeds.BadResponse},
		"yesterday":        {with(func(r *wire.Response) { r.Time -= 86400 }), feeds.BadResponse},
		"tomorrow":         {with(func(r *wire.Response) { r.Time += 86400 }), feeds.BadResponse},
		"no list":          {with(func(r *wire.Response) { r.Items = nil }), feeds.BadResponse},
		"more than asked":  {with(func(r *wire.Response) { r.Items = slices.Repeat(itemsOf(1, 2, 3, 4, 5), 5) }), feeds.BadResponse},
		"a long cursor":    {with(func(r *wire.Response) { r.Cursor = strings.Repeat("x", 257) }), feeds.BadResponse},
		"an odd cursor":    {with(func(r *wire.Response) { r.Cursor = "a\nb" }), feeds.BadResponse},
		"no JSON":          {signed(func(asked) []byte { return []byte("<html>Hello</html>") }), feeds.BadResponse},
		"two answers":      {signed(func(a asked) []byte { b, _ := json.Marshal(a.response(itemsOf(1))); return append(b, b...) }), feeds.BadResponse},
		"nothing":          {signed(func(asked) []byte { return nil }), feeds.BadResponse},
		"another type":     {signed(func(asked) []byte { return []byte(`[1]`) }), feeds.BadResponse},
		"items a string":   {signed(func(a asked) []byte { return object(a, `"x"`) }), feeds.BadResponse},
		"items of numbers": {signed(func(a asked) []byte { return object(a, `[1,2]`) }), feeds.BadResponse},
		"not UTF-8":        {signed(func(a asked) []byte { return object(a, "[{\"work\":\""+work(1)+"\",\"reason\":\"a\xffb\"}]") }), feeds.BadResponse},
		"unknown works":    {with(func(r *wire.Response) { r.Items = itemsOf(200, 201) }), feeds.UnknownWorks},
		"no works":         {with(func(r *wire.Response) { r.Items = []wire.Item{{Work: "../../etc/passwd", Reason: "x"}} }), feeds.UnknownWorks},
		"refuses":          {status(403), feeds.Refused},
		"is busy":          {status(429), feeds.Refused},
		"is broken":        {status(500), feeds.Refused},
		"created":          {status(201), feeds.BadResponse},
		"not modified":     {status(304), feeds.BadResponse},
		// signatures
		"unsigned":         {badly(func(asked, []byte) string { return "" }), feeds.BadSignature},
		"half a signature": {badly(func(a asked, b []byte) string { return wire.Sign(keyOf("feed"), chainID, a.body, b)[:64] }), feeds.BadSignature},
		"loud signature":   {badly(func(a asked, b []byte) string { return strings.ToUpper(wire.Sign(keyOf("feed"), chainID, a.body, b)) }), feeds.BadSignature},
		"another's key":    {badly(func(a asked, b []byte) string { return wire.Sign(keyOf("x"), chainID, a.body, b) }), feeds.BadSignature},
		"another chain":    {badly(func(a asked, b []byte) string { return wire.Sign(keyOf("feed"), "other", a.body, b) }), feeds.BadSignature},
		"another request":  {badly(func(a asked, b []byte) string { return wire.Sign(keyOf("feed"), chainID, append(a.body, ' '), b) }), feeds.BadSignature},
		"another answer":   {badly(func(a asked, b []byte) string { return wire.Sign(keyOf("feed"), chainID, a.body, append(b, ' ')) }), feeds.BadSignature},
		"zero signature":   {badly(func(asked, []byte) string { return strings.Repeat("0", 128) }), feeds.BadSignature},
		"changed in flight": {badly(func(a asked, b []byte) string {
			return wire.Sign(keyOf("feed"), chainID, a.body, bytes.ReplaceAll(b, []byte("because"), []byte("although")))
		}), feeds.BadSignature},
		// malicious
		"to the inside":    {redirect(307), feeds.BadResponse},
		"to the inside, 1": {redirect(301), feeds.BadResponse},
		"to the inside, 8": {redirect(308), feeds.BadResponse},
		"markup":           {reason(`<img src=x onerror=alert(1)>`), feeds.BadResponse},
		"a script":         {reason("you like <script>alert(1)</script>"), feeds.BadResponse},
		"two lines":        {reason("a\nb"), feeds.BadResponse},
		"an escape":        {reason("a\x1b[31m"), feeds.BadResponse},
		"backwards":        {reason("a\u202egpj.exe"), feeds.BadResponse},
		"invisible":        {reason("a\u200bb"), feeds.BadResponse},
		"decomposed":       {reason("Cafe\u0301"), feeds.BadResponse},
		"no reason":        {reason(""), feeds.BadResponse},
		"a blank reason":   {reason("  "), feeds.BadResponse},
		"a long reason":    {reason(strings.Repeat("é", 201)), feeds.BadResponse},
		"a million items":  {with(func(r *wire.Response) { r.Items = make([]wire.Item, 1_000_000) }), feeds.TooLarge},
		"tiny items":       {signed(func(a asked) []byte { return object(a, "["+strings.Repeat("{},", 80_000)+"{}]") }), feeds.BadResponse},
		"deep":             {signed(func(a asked) []byte { return object(a, strings.Repeat("[", 250_000)) }), feeds.BadResponse},
		"announces a lot": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000000000")
			w.WriteHeader(http.StatusOK)
		}, feeds.TooLarge},
		"never ends": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("a"), 64<<10)); err != nil {
					return
				}
			}
		}, feeds.TooLarge},
		"a bomb": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			read(r).sign(w, bomb.Bytes())
		}, feeds.BadResponse},
		"a bomb of deflate": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "deflate")
			a := read(r)
			a.answer(w, a.response(itemsOf(1)))
		}, feeds.BadResponse},
		"large headers": {func(w http.ResponseWriter, r *http.Request) {
			for i := range 100 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 1000))
			}
			good(w, r)
		}, feeds.Unreachable},
		"cookies": {func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "who", Value: "1"})
			status(500)(w, r)
		}, feeds.Refused},
		"hangs up": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("{"))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, feeds.BadResponse},
		"hangs up at once": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, feeds.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newService(t, serve(t, c.h))
			start := time.Now()
			page := get(t, s, feeds.Query{})
			require.Less(t, time.Since(start), feeds.Deadline+2*time.Second, "a viewer waits no longer")
			require.Equal(t, c.why, page.Fallback)
			require.Equal(t, itemsOf(50, 51), page.Items)
			next := get(t, s, feeds.Query{Cursor: page.Cursor})
			require.Equal(t, feeds.Page{Items: itemsOf(52, 53), Fallback: c.why}, next, "and so does the page after it")
			list, err := s.List(t.Context())
			require.NoError(t, err)
			require.False(t, *list[1].Healthy)
		})
	}
	t.Cleanup(func() { require.Empty(t, inside, "a redirect was followed") })
}

// object is an answer whose items are written as they are.
func object(a asked, items string) []byte {
	return []byte(fmt.Sprintf(`{"feed":%q,"nonce":%q,"time":%d,"items":%s}`, a.Feed, a.Nonce, a.Time, items))
}

func wait(r *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}

// drip sends a byte now and then.
func drip(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		read(r)
		for i := range b {
			_, _ = w.Write(b[i : i+1])
			w.(http.Flusher).Flush()
			wait(r, 50*time.Millisecond)
			if r.Context().Err() != nil {
				return
			}
		}
		wait(r, 5*time.Second)
	}
}

// Servers that do not speak HTTP.
func TestHostileConnections(t *testing.T) {
	for name, c := range map[string]struct {
		handle func(net.Conn)
		why    string
	}{
		"says nothing":   {func(c net.Conn) { time.Sleep(4 * time.Second) }, feeds.Timeout},
		"speaks SSH":     {func(c net.Conn) { _, _ = c.Write([]byte("SSH-2.0-OpenSSH_9.9\r\n")) }, feeds.Unreachable},
		"hangs up":       {func(net.Conn) {}, feeds.Unreachable},
		"drips a header": {func(c net.Conn) { dripConn(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("a", 1000)) }, feeds.Timeout},
		"early hints": {func(c net.Conn) {
			for range 1000 {
				_, _ = c.Write([]byte("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"))
			}
		}, feeds.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { l.Close() })
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer conn.Close()
						_, _ = conn.Read(make([]byte, 4096))
						c.handle(conn)
					}()
				}
			}()
			s, _ := newService(t, "http://"+l.Addr().String())
			start := time.Now()
			require.Equal(t, c.why, get(t, s, feeds.Query{}).Fallback)
			require.Less(t, time.Since(start), feeds.Deadline+2*time.Second)
		})
	}
	t.Run("gone", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, l.Close())
		s, _ := newService(t, "http://"+l.Addr().String())
		require.Equal(t, feeds.Unreachable, get(t, s, feeds.Query{}).Fallback)
	})
}

func dripConn(c net.Conn, text string) {
	for i := range text {
		if _, err := c.Write([]byte(text[i : i+1])); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// A registered address leads nowhere inside, whatever the chain let through.
func TestInsideIsNotDialled(t *testing.T) {
	var hits atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { hits.Add(1); good(w, r) })
	port := url[strings.LastIndex(url, ":"):]
	for _, endpoint := range []string{url, "http://localhost" + port, "http://[::1]" + port, "http://[::ffff:127.0.0.1]" + port, "http://10.0.0.1", "http://0.0.0.0" + port} {
		s, _ := newService(t, endpoint, func(c *feeds.Config) { c.AllowNear = false })
		require.Equal(t, feeds.Unreachable, get(t, s, feeds.Query{}).Fallback, endpoint)
	}
	// where clouds keep secrets, also on local networks
	for _, endpoint := range []string{"http://169.254.169.254", "http://[fe80::1]"} {
		s, _ := newService(t, endpoint)
		require.Equal(t, feeds.Unreachable, get(t, s, feeds.Query{}).Fallback, endpoint)
	}
	require.Zero(t, hits.Load())
}
