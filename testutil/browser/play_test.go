package browser_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/cmd/streamd/flow/play"
	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/watch"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	price  = 100 // ustream a second
	stream = 1_000_000
	window = 20 // seconds of a key, as publish makes them
)

// drive runs a task of browser.mjs.
func drive(t *testing.T, task string, args map[string]any, out any) {
	t.Helper()
	raw, err := json.Marshal(args)
	require.NoError(t, err)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "node", "browser.mjs", task, string(raw))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s", &stderr)
	require.NoError(t, json.Unmarshal(stdout.Bytes(), out), "%s", &stdout)
}

// need skips where there is no browser, unless there must be one.
func need(t *testing.T) {
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		chromium = "/usr/bin/chromium"
	}
	for _, path := range []string{"node_modules", chromium} {
		if _, err := os.Stat(path); err != nil {
			require.Empty(t, os.Getenv("BROWSER"), "%s is missing: make browser installs it", path)
			t.Skip("not installed: make browser")
		}
	}
}

// film is a minute of picture and sound.
func film(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "film.mp4")
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=24:d=60", "-f", "lavfi", "-i", "sine=d=60",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "48", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// world is a planet with the film on it, encrypted and clear.
type world struct {
	*planet.Planet
	sealed, clear string
}

func newWorld(t *testing.T) *world {
	need(t)
	w := &world{Planet: planet.New(t, planet.Config{Nodes: 5})}
	opt := publish.Options{
		File: film(t), Title: "sealed", Licence: "CC-BY-4.0", Renditions: "source", Copies: 3, PrepayDays: 30, Home: t.TempDir(), Private: true,
		Offers: []subscriptiontypes.Offer{subscriptiontypes.NewMeteredOffer(math.NewInt(price), 1, 0)},
	}
	res, err := publish.Publish(t.Context(), w.Chain.Client, w.Account("alice"), opt)
	require.NoError(t, err)
	w.sealed = res.Work
	opt.Title, opt.NoEncrypt = "clear", true
	res, err = publish.Publish(t.Context(), w.Chain.Client, w.Account("alice"), opt)
	require.NoError(t, err)
	w.clear = res.Work
	return w
}

// player opens the work for a viewer, and serves it until the test ends.
func (w *world) player(t *testing.T, viewer, work, home string, most uint64) (*play.Player, *watch.Session) {
	s, err := watch.Open(t.Context(), w.Chain.Client, w.Account(viewer), watch.Options{Work: work, Home: home, MaxSpend: most, AllowPrivate: true})
	require.NoError(t, err)
	l, err := play.Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	p, err := play.New(s, l.Addr().String(), watch.QualityBest)
	require.NoError(t, err)
	server := &http.Server{Handler: p, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }() // ends when it is closed
	t.Cleanup(func() {
		require.NoError(t, server.Close())
	})
	return p, s
}

type look struct {
	Time   float64  `json:"time"`
	Ready  int      `json:"ready"`
	Paused bool     `json:"paused"`
	Width  int      `json:"width"`
	Paid   string   `json:"paid"`
	Notice string   `json:"notice"`
	Error  string   `json:"error"`
	Errors []string `json:"errors"`
	Wide   bool     `json:"wide"`
}

// TestPlays: an encrypted film that is paid by the second plays in Chromium, which decrypts it, goes where it is told, and stops at the limit.
func TestPlays(t *testing.T) {
	w := newWorld(t)
	p, s := w.player(t, "viewer", w.sealed, t.TempDir(), 2*stream)
	var seen struct {
		Before, Played, Sought, Back look
		Trouble                      []string
	}
	drive(t, "plays", map[string]any{"url": p.URL(), "seek": 41}, &seen)
	require.Contains(t, seen.Before.Paid, "Paid 0 STREAM of at most 2 STREAM", "nothing is paid before it is played")
	require.Greater(t, seen.Played.Time, 3.2)
	require.GreaterOrEqual(t, seen.Played.Ready, 3)
	require.Equal(t, 640, seen.Played.Width)
	require.Greater(t, seen.Sought.Time, 42.0)
	require.Less(t, seen.Back.Time, 10.0)
	require.Empty(t, seen.Trouble)
	require.Empty(t, seen.Back.Errors)
	require.Empty(t, seen.Back.Notice)
	require.Contains(t, seen.Sought.Paid, "Paid 0.")
	t.Logf("%+v", seen.Sought)
	res, err := s.Close(t.Context())
	require.NoError(t, err)
	require.LessOrEqual(t, res.Ticks, uint64(61))
	require.Empty(t, res.Blamed)
	require.Empty(t, res.Keys.Liars)
	w.Settle()

	t.Run("limit", func(t *testing.T) {
		fee := uint64(0)
		_, err := fmt.Sscanf(res.Fees, "%dustream", &fee)
		require.NoError(t, err)
		p, s := w.player(t, "bob", w.sealed, t.TempDir(), fee+window*price+price)
		var seen struct {
			Reached, Ended look
			Trouble        []string
		}
		drive(t, "limit", map[string]any{"url": p.URL(), "end": 18, "shots": os.Getenv("SHOTS")}, &seen)
		require.Contains(t, seen.Reached.Notice, "The limit of 0.")
		require.Contains(t, seen.Reached.Notice, "--max-spend")
		require.Greater(t, seen.Ended.Time, 18.0, "what is paid plays to its end")
		require.Less(t, seen.Ended.Time, window+4.0)
		require.Empty(t, seen.Trouble)
		res, err := s.Close(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, window, res.Ticks)
	})
	t.Run("sight", func(t *testing.T) {
		shots := os.Getenv("SHOTS")
		if shots == "" {
			shots = t.TempDir()
		}
		p, s := w.player(t, "alice", w.sealed, t.TempDir(), 0)
		var seen []look
		drive(t, "shots", map[string]any{"url": p.URL(), "shots": shots, "notice": "The limit of 0.0021 STREAM is reached. What is paid plays to its end; start the player again with a higher --max-spend to go on."}, &seen)
		require.Len(t, seen, 4)
		for _, l := range seen {
			require.False(t, l.Wide, "nothing lies beside the screen")
			require.Contains(t, l.Paid, "nothing more to pay")
		}
		_, err := s.Close(t.Context())
		require.NoError(t, err)
	})
}

// TestStart measures the time from the click to the first frame, of the same film encrypted and clear, for its owner; STARTS says how often.
func TestStart(t *testing.T) {
	starts := 3
	if s := os.Getenv("STARTS"); s != "" {
		_, err := fmt.Sscan(s, &starts)
		require.NoError(t, err)
	}
	w := newWorld(t)
	for _, c := range []struct {
		name, viewer, work string
		most               uint64
	}{{"owned, clear", "alice", w.clear, 0}, {"owned, encrypted", "alice", w.sealed, 0}, {"by the second, encrypted", "viewer", w.sealed, stream}} {
		var took []float64
		home := t.TempDir()
		for range starts {
			p, s := w.player(t, c.viewer, c.work, home, c.most)
			var ms float64
			drive(t, "start", map[string]any{"url": p.URL()}, &ms)
			took = append(took, ms)
			_, err := s.Close(t.Context())
			require.NoError(t, err)
			require.NoError(t, watch.Forget(home, w.Addr(c.viewer), c.work)) // as if it had never been here
		}
		slices.Sort(took)
		t.Logf("%s: median %.0f ms, p95 %.0f ms of %d", c.name, took[len(took)/2], took[min(len(took)-1, len(took)*95/100)], len(took))
		require.Less(t, took[len(took)/2], 30_000.0)
	}
}
