package wire_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/feeds/wire"
)

// vector is testdata/feed.json, which other languages are held to as well.
type vector struct {
	ChainID   string `json:"chain_id"`
	Seed      string `json:"seed"`
	Key       string `json:"key"`
	Request   string `json:"request"`
	Response  string `json:"response"`
	SignBytes string `json:"sign_bytes"`
	Signature string `json:"signature"`
}

func readVector(t testing.TB) vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/feed.json")
	require.NoError(t, err)
	var v vector
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}

func TestVector(t *testing.T) {
	v := readVector(t)
	seed, err := hex.DecodeString(v.Seed)
	require.NoError(t, err)
	key := ed25519.NewKeyFromSeed(seed)
	require.Equal(t, v.Key, hex.EncodeToString(key.Public().(ed25519.PublicKey)))
	require.Equal(t, v.SignBytes, hex.EncodeToString(wire.SignBytes(v.ChainID, []byte(v.Request), []byte(v.Response))))
	require.Equal(t, v.Signature, wire.Sign(key, v.ChainID, []byte(v.Request), []byte(v.Response)))
	var req wire.Request
	require.NoError(t, json.Unmarshal([]byte(v.Request), &req))
	res, err := wire.Check(key.Public().(ed25519.PublicKey), req, []byte(v.Request), v.Signature, []byte(v.Response), req.Time)
	require.NoError(t, err)
	require.Len(t, res.Items, 2)
	require.Equal(t, "next", res.Cursor)
}

type generator func(wire.Request) ([]wire.Item, string, error)

func (g generator) Feed(_ context.Context, req wire.Request) ([]wire.Item, string, error) {
	return g(req)
}

func TestHandler(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	var fail error
	h := httptest.NewServer(wire.Handler(key, wire.Info{ChainID: "c", Feeds: []string{"a/b"}, About: "x"}, generator(func(req wire.Request) ([]wire.Item, string, error) {
		return nil, "", fail
	})))
	defer h.Close()
	good := wire.Request{Version: 1, ChainID: "c", Feed: "a/b", Limit: 5, Nonce: "n", Time: 100}
	post := func(change func(*wire.Request)) (int, http.Header, []byte, []byte) {
		req := good
		change(&req)
		body, err := json.Marshal(req)
		require.NoError(t, err)
		res, err := http.Post(h.URL+wire.Path, "application/json", bytes.NewReader(body))
		require.NoError(t, err)
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, res.Header, body, answer
	}
	code, header, body, answer := post(func(*wire.Request) {})
	require.Equal(t, 200, code)
	var res wire.Response
	require.NoError(t, json.Unmarshal(answer, &res))
	_, err := wire.Check(key.Public().(ed25519.PublicKey), good, body, header.Get(wire.SignatureHeader), answer, res.Time)
	require.NoError(t, err, "an empty list is a list")

	for name, change := range map[string]func(*wire.Request){
		"version": func(r *wire.Request) { r.Version = 2 }, "chain": func(r *wire.Request) { r.ChainID = "d" }, "feed": func(r *wire.Request) { r.Feed = "a/c" },
		"limit": func(r *wire.Request) { r.Limit = 101 }, "none": func(r *wire.Request) { r.Limit = 0 },
		"seeds": func(r *wire.Request) { r.Seeds = make([]string, 21) }, "cursor": func(r *wire.Request) { r.Cursor = "\n" },
	} {
		code, header, _, _ = post(change)
		require.Equal(t, 400, code, name)
		require.Empty(t, header.Get(wire.SignatureHeader), name)
	}
	code, _, _, _ = post(func(r *wire.Request) { r.Language = strings.Repeat("x", wire.MaxBody) })
	require.Equal(t, 413, code)
	fail = wire.ErrCursor
	code, _, _, _ = post(func(*wire.Request) {})
	require.Equal(t, 400, code)
	fail = io.ErrUnexpectedEOF
	code, _, _, answer = post(func(*wire.Request) {})
	require.Equal(t, 503, code)
	require.NotContains(t, string(answer), "EOF")

	info, err := http.Get(h.URL + wire.InfoPath)
	require.NoError(t, err)
	defer info.Body.Close()
	var i wire.Info
	require.NoError(t, json.NewDecoder(info.Body).Decode(&i))
	require.Equal(t, wire.Info{Version: 1, ChainID: "c", Feeds: []string{"a/b"}, Key: hex.EncodeToString(key.Public().(ed25519.PublicKey)), About: "x"}, i)
}

func TestReasons(t *testing.T) {
	for _, s := range []string{"a", "Café, weil du „Bach“ magst", "因为你选择了", "لأنك اخترت", "हिन्दी", "👩‍🚀 from space", strings.Repeat("é", 200)} {
		require.True(t, wire.IsReason(s), s)
	}
	for _, s := range []string{"", " ", "\u00a0", "a\tb", "a\u0000", "a\u2028b", "a\u202eb", "a\u2066b", "a\ufeffb", "a\u200bb", "\xff", "\ufffd", "e\u0301", "a<b", "a>b", strings.Repeat("a", 201), strings.Repeat("a", 1<<20)} {
		require.False(t, wire.IsReason(s), "%.20q", s)
	}
}

// What is wrong beside the fields that are read is refused too, and a long list is not read to its end.
func TestStrictness(t *testing.T) {
	v := readVector(t)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	var req wire.Request
	require.NoError(t, json.Unmarshal([]byte(v.Request), &req))
	check := func(answer string) error {
		_, err := wire.Check(key.Public().(ed25519.PublicKey), req, []byte(v.Request), wire.Sign(key, req.ChainID, []byte(v.Request), []byte(answer)), []byte(answer), req.Time)
		return err
	}
	require.NoError(t, check(v.Response))
	require.ErrorIs(t, check(strings.Replace(v.Response, `{`, "{\"other\":\"\xff\",", 1)), wire.ErrResponse)
	require.NoError(t, check(strings.Replace(v.Response, `{`, `{"other":"x",`, 1)), "fields of later versions")
	require.ErrorContains(t, check(`{"items":[`+strings.Repeat("{},", 1000)+`"not even an item"]}`), "more than 100 items")
}

// FuzzCheck: whatever is signed and sent, what passes can be shown, and is no more than was asked for.
func FuzzCheck(f *testing.F) {
	v := readVector(f)
	f.Add([]byte(v.Response))
	f.Add([]byte(`{"items":[{}]}`))
	f.Add([]byte(`{"Items":[],"items":[[]]}`))
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	var req wire.Request
	if err := json.Unmarshal([]byte(v.Request), &req); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		res, err := wire.Check(key.Public().(ed25519.PublicKey), req, []byte(v.Request), wire.Sign(key, req.ChainID, []byte(v.Request), answer), answer, req.Time)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(res.Items), req.Limit)
		require.NotNil(t, res.Items)
		for _, i := range res.Items {
			require.True(t, wire.IsReason(i.Reason))
		}
	})
}
