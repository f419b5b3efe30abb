package packager

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/publish"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

func (h *helper) job(status int, raw []byte) Job {
	h.t.Helper()
	var j Job
	require.Less(h.t, status, 300, "%s", raw)
	require.NoError(h.t, json.Unmarshal(raw, &j))
	return j
}

func (h *helper) create(name string, size int) Job {
	h.t.Helper()
	status, _, raw := h.call("POST", "/v1/jobs", map[string]any{"name": name, "size": size})
	return h.job(status, raw)
}

func TestReceiving(t *testing.T) {
	home := t.TempDir()
	h := newHelper(t, home)
	h.pair()
	j := h.create("../../etc/pass wd.mp4", 10)
	at := "/v1/jobs/" + j.ID
	put := func(body, span string) (int, []byte) {
		status, _, raw := h.call("PUT", at+"/file", []byte(body), "Content-Range", span)
		return status, raw
	}
	for _, span := range []string{"", "bytes 0-9", "bytes 0-9/11", "bytes 0-10/10", "bytes 5-4/10", "bytes -1-4/10", "bytes x-4/10"} {
		status, raw := put("0123456789", span)
		require.Equal(t, 400, status, "%s: %s", span, raw)
	}
	status, raw := put("0123", "bytes 0-3/10")
	require.EqualValues(t, 4, h.job(status, raw).Received)
	status, raw = put("0123", "bytes 0-3/10")
	require.Equal(t, 409, status)
	require.Equal(t, "offset", h.slug(raw))
	require.Contains(t, string(raw), `"offset":4`)
	status, _, raw = h.call("POST", at+"/package", map[string]any{})
	require.Equal(t, "too-early", h.slug(raw))
	require.Equal(t, 409, status)
	status, raw = put("45", "bytes 4-8/10")
	require.EqualValues(t, 6, h.job(status, raw).Received, "what came counts, though it is less than was said")

	again := newHelper(t, home)
	again.token = h.token
	status, _, raw = again.call("GET", at, nil)
	require.EqualValues(t, 6, again.job(status, raw).Received, "a restart forgets no bytes")
	status, _, raw = again.call("PUT", at+"/file", []byte("6789"), "Content-Range", "bytes 6-9/10")
	require.Equal(t, Received, again.job(status, raw).State)
	got, err := os.ReadFile(again.s.jobs[j.ID].file())
	require.NoError(t, err)
	require.Equal(t, "0123456789", string(got))
	require.True(t, strings.HasPrefix(again.s.jobs[j.ID].file(), filepath.Join(home, "jobs", j.ID, "in")))
	require.NoFileExists(t, filepath.Join(home, "etc"))

	status, _, raw = again.call("PUT", at+"/captions/..%2F..%2Fx", []byte("WEBVTT\n"))
	require.Equal(t, 400, status, "%s", raw)
	status, _, raw = again.call("PUT", at+"/captions/pt-BR", []byte("WEBVTT\n"))
	require.Equal(t, []string{"pt-BR"}, again.job(status, raw).Captions)
	status, _, raw = again.call("PUT", at+"/captions/en", []byte("WEBVTT\n"))
	require.Equal(t, []string{"en", "pt-BR"}, again.job(status, raw).Captions)
	status, _, raw = again.call("DELETE", at+"/captions/pt-BR", nil)
	require.Equal(t, []string{"en"}, again.job(status, raw).Captions)

	status, _, raw = again.call("PUT", at+"/cover", []byte("<svg onload=alert(1)>"))
	require.Equal(t, 415, status, "%s", raw)
	png := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 10)...)
	status, _, raw = again.call("PUT", at+"/cover", png)
	require.Equal(t, "own", again.job(status, raw).Cover)
	status, header, raw := again.call("GET", at+"/cover", nil)
	require.Equal(t, 200, status)
	require.Equal(t, png, raw)
	require.Equal(t, "image/png", header.Get("Content-Type"))
	status, _, raw = again.call("PUT", at+"/cover", bytes.Repeat(png, 1<<20))
	require.Equal(t, "too-large", again.slug(raw))
	require.Equal(t, 413, status)
	status, _, raw = again.call("DELETE", at+"/cover", nil)
	require.Equal(t, "none", again.job(status, raw).Cover)

	status, _, _ = again.call("DELETE", at, nil)
	require.Equal(t, 204, status)
	require.NoDirExists(t, filepath.Join(home, "jobs", j.ID))
	status, _, raw = again.call("GET", at, nil)
	require.Equal(t, 404, status)
	require.Equal(t, "no-job", again.slug(raw))
}

func TestLimits(t *testing.T) {
	h := newHelper(t, t.TempDir())
	h.pair()
	for slug, body := range map[string]map[string]any{
		"too-large":   {"name": "a.mp4", "size": 1<<20 + 1},
		"bad-request": {"name": "a.mp4", "size": 0},
	} {
		_, _, raw := h.call("POST", "/v1/jobs", body)
		require.Equal(t, slug, h.slug(raw))
	}
	_, _, raw := h.call("POST", "/v1/jobs", map[string]any{"name": "a", "size": 1, "more": 1})
	require.Equal(t, "bad-request", h.slug(raw))
	h.create("a.mp4", 5)
	h.create("b.mp4", 5)
	status, _, raw := h.call("POST", "/v1/jobs", map[string]any{"name": "c.mp4", "size": 5})
	require.Equal(t, 429, status)
	require.Equal(t, "too-many-jobs", h.slug(raw))
}

// Jobs that nobody touched for a week are gone after a restart, unless something was paid for them; what worked is stopped.
func TestRestart(t *testing.T) {
	home := t.TempDir()
	h := newHelper(t, home)
	keep := func(change func(*record)) string {
		j, err := h.s.create("a.mp4", 5)
		require.NoError(t, err)
		change(&j.rec)
		raw, err := json.Marshal(j.rec)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(j.dir, "job.json"), raw, 0o600))
		return j.rec.ID
	}
	h.s.cfg.Limits.MaxJobs = 10
	long := time.Now().Add(-sweepAfter - time.Hour).Unix()
	forgotten := keep(func(r *record) { r.Touched = long })
	paid := keep(func(r *record) { r.Touched, r.Registers, r.State = long, true, Publishing })
	fresh := keep(func(r *record) { r.Touched, r.State = time.Now().Unix(), Packaging })
	again := newHelper(t, home)
	require.Nil(t, again.s.jobs[forgotten])
	require.NoDirExists(t, filepath.Join(home, "jobs", forgotten))
	require.Equal(t, Stopped, again.s.jobs[paid].rec.State)
	require.Equal(t, Stopped, again.s.jobs[fresh].rec.State)
	again.pair()
	status, _, raw := again.call("DELETE", "/v1/jobs/"+paid, nil)
	require.Equal(t, 409, status)
	require.Equal(t, "paid", again.slug(raw))
	status, _, _ = again.call("DELETE", "/v1/jobs/"+paid+"?force=true", nil)
	require.Equal(t, 204, status)
}

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"film.mp4": "film.mp4", "../x": "x", "..": "file", "": "file", "a/b\\c.mkv": "a_b_c.mkv", ".hidden": "file.hidden", "-rf.mp4": "rf.mp4", "música ñ.ogg": "música_ñ.ogg",
		"x.": "x.", "a\x00b.mp4": "a_b.mp4", "file:/etc/passwd": "file__etc_passwd", "\xff.mp4": "file.mp4",
	} {
		got := safeName(in)
		require.Equal(t, want, got, in)
		require.Equal(t, got, filepath.Base(got))
	}
	require.Less(t, len(safeName(strings.Repeat("ü", 500)+".mp4")), 200)
}

// A wallet may write what was asked for in another way, and nothing else.
func TestSameMessages(t *testing.T) {
	enc, err := chainclient.NewEncoding(registered...)
	require.NoError(t, err)
	pack := func(msgs ...sdk.Msg) *txtypes.Tx {
		tx := &txtypes.Tx{Body: &txtypes.TxBody{}}
		for _, m := range msgs {
			packed, err := codectypes.NewAnyWithValue(m)
			require.NoError(t, err)
			tx.Body.Messages = append(tx.Body.Messages, packed)
		}
		return tx
	}
	a, b := &contenttypes.MsgCommit{Sender: "a", Hash: []byte{1}}, &contenttypes.MsgRetire{Controller: "a", Work: "w"}
	cdc := codec.NewProtoCodec(enc.Registry)
	require.NoError(t, sameMessages(cdc, pack(a, b), []sdk.Msg{a, b}))
	other := pack(a, b)
	// the same fields in another order
	other.Body.Messages[0] = &codectypes.Any{TypeUrl: other.Body.Messages[0].TypeUrl, Value: []byte{0x12, 1, 1, 0x0a, 1, 'a'}}
	require.NoError(t, sameMessages(cdc, other, []sdk.Msg{a, b}))
	for name, tx := range map[string]*txtypes.Tx{
		"none": nil, "empty": {}, "fewer": pack(a), "more": pack(a, b, b), "another order": pack(b, a),
		"another value": pack(&contenttypes.MsgCommit{Sender: "a", Hash: []byte{2}}, b),
	} {
		require.ErrorIs(t, sameMessages(cdc, tx, []sdk.Msg{a, b}), errRefused, name)
	}
}

// An answer is for one ask, of its kind, once.
func TestAnswers(t *testing.T) {
	h := newHelper(t, t.TempDir())
	j, err := h.s.create("a.mp4", 5)
	require.NoError(t, err)
	type got struct {
		a   Answer
		err error
	}
	results := make(chan got, 1)
	ask := func(kind, purpose string) Ask {
		h.s.retake() // its turn
		before := j.view().Revision
		go func() {
			a, err := j.ask(t.Context(), Ask{Kind: kind, Purpose: purpose})
			h.s.leave()
			results <- got{a, err}
		}()
		for v := j.wait(t.Context(), before); ; v = j.wait(t.Context(), v.Revision) {
			if v.Ask != nil {
				return *v.Ask
			}
		}
	}
	hash := strings.Repeat("0a", 32)
	a := ask("send", "date")
	for name, bad := range map[string]Answer{
		"another ask": {Ask: "x", TxHash: hash}, "nothing": {Ask: a.ID}, "no hash": {Ask: a.ID, TxHash: "x"}, "another kind": {Ask: a.ID, PubKey: []byte{1}, Signature: []byte{1}},
	} {
		require.Error(t, j.answered(bad), name)
	}
	require.NoError(t, j.answered(Answer{Ask: a.ID, TxHash: hash}))
	require.Error(t, j.answered(Answer{Ask: a.ID, TxHash: hash}), "once")
	require.Equal(t, hash, (<-results).a.TxHash)

	require.NoError(t, j.answered(Answer{Ask: ask("send", "register").ID, Cancelled: true}))
	require.ErrorIs(t, (<-results).err, errCancelled)
	require.False(t, j.rec.Registers, "nothing was sent")
	require.NoError(t, j.answered(Answer{Ask: ask("send", "register").ID, Refused: &Refusal{Log: "x: " + storagetypes.ErrNoHolders.Error()}}))
	err = (<-results).err
	require.ErrorIs(t, err, storagetypes.ErrNoHolders)
	require.ErrorIs(t, err, errRefused)
	require.NoError(t, j.answered(Answer{Ask: ask("send", string(publish.ForWork)).ID, TxHash: hash}))
	require.NoError(t, (<-results).err)
	require.True(t, j.rec.Registers)
	e := contenttypes.ErrCreatorExists
	require.ErrorIs(t, refused(Refusal{Codespace: e.Codespace(), Code: e.ABCICode()}), contenttypes.ErrCreatorExists)
}
