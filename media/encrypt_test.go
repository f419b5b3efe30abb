package media

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
)

func secretOf(t testing.TB, last byte) keyshare.Secret {
	b := make([]byte, keyshare.ScalarLen)
	b[0] = last
	s, err := keyshare.ParseSecret(b)
	require.NoError(t, err)
	return s
}

func keysOf(s keyshare.Secret, windowSeconds uint32) Keys {
	return Keys{ID: keyshare.KeyID(s.C0()), WindowSeconds: windowSeconds, Key: SecretKeys(s)}
}

// packaged is a film of 31 s with two renditions, captions and thumbnails.
func packaged(t *testing.T) Presentation {
	t.Helper()
	tmp := t.TempDir()
	in := ffmpeg(t, filepath.Join(tmp, "film.mp4"), "-f lavfi -i testsrc=d=31:s=320x240:r=10 -f lavfi -i sine=d=31 "+h264+"-g 20 -c:a aac")
	srt := write(t, filepath.Join(tmp, "en.srt"), []byte("1\n00:00:01,000 --> 00:00:02,000\nHello\n"))
	p, err := Package(context.Background(), in, filepath.Join(tmp, "out"), Options{Renditions: "source,144", Captions: []Sidecar{{Language: "en", Path: srt}}}, nil)
	require.NoError(t, err)
	require.Len(t, p.Renditions, 2)
	return p
}

// opened is an encrypted rendition's folder with the keys beside it: what any player of HLS can play.
func opened(t *testing.T, p Presentation, r Rendition, s keyshare.Secret) (playlist string, windows []uint32) {
	t.Helper()
	dir := filepath.Join(p.Dir, r.Name)
	list, err := os.ReadFile(filepath.Join(dir, "index.m3u8"))
	require.NoError(t, err)
	to := t.TempDir()
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	for line := range strings.Lines(string(list)) {
		if !IsKeyTag(line) {
			continue
		}
		k, err := ParseKeyTag(strings.TrimSpace(line))
		require.NoError(t, err)
		require.Equal(t, r.Name, k.Rendition)
		require.Nil(t, k.IV)
		windows = append(windows, k.Window)
		out, err := SecretKeys(s)(k.Rendition, k.Window)
		require.NoError(t, err)
		key := out.AES128()
		write(t, filepath.Join(to, fmt.Sprintf("%d.key", k.Window)), key[:])
		list = bytes.Replace(list, []byte(KeyURI(k.Rendition, k.Window)), fmt.Appendf(nil, "%d.key", k.Window), 1)
	}
	return write(t, filepath.Join(to, "index.m3u8"), list), windows
}

// pictures are the hashes of all decoded frames and samples.
func pictures(t *testing.T, playlist string) string {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-xerror", "-allowed_extensions", "ALL", "-i", playlist, "-map", "0", "-f", "framemd5", "-").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Greater(t, bytes.Count(out, []byte("\n")), 100)
	return string(out)
}

// What a player without a word of ours decodes from the encrypted film is, frame by frame, the clear one.
func TestEncryptedFilmIsHLS(t *testing.T) {
	p, s := packaged(t), secretOf(t, 1)
	for _, window := range []uint32{20, 7} {
		e, err := Encrypt(context.Background(), p, t.TempDir(), keysOf(s, window), nil)
		require.NoError(t, err)
		require.Equal(t, window, e.WindowSeconds)
		require.Len(t, e.Renditions, 2)
		for i, r := range e.Renditions {
			clear := p.Renditions[i]
			require.Regexp(t, "^"+clear.Name+"-[0-9a-f]{8}$", r.Name)
			require.Greater(t, r.Average, clear.Average, "padding counts")
			playlist, windows := opened(t, e, r, s)
			require.Equal(t, map[uint32][]uint32{20: {0, 1}, 7: {0, 1, 2, 3, 4}}[window], windows)
			require.Equal(t, pictures(t, filepath.Join(p.Dir, clear.Name, "index.m3u8")), pictures(t, playlist))
			checkSegments(t, p, e, i, s)
		}
		checkClear(t, p, e)
	}
}

// checkSegments decrypts each segment by its window, which is the one in which it starts.
func checkSegments(t *testing.T, p, e Presentation, i int, s keyshare.Secret) {
	t.Helper()
	list, err := readPlaylist(filepath.Join(p.Dir, p.Renditions[i].Name))
	require.NoError(t, err)
	name, clock := e.Renditions[i].Name, int64(0)
	for k, seg := range list {
		out, err := SecretKeys(s)(name, uint32(clock/1e6)/e.WindowSeconds)
		require.NoError(t, err)
		clock += seg.micros
		data, err := os.ReadFile(filepath.Join(e.Dir, name, seg.name))
		require.NoError(t, err)
		got, err := DecryptSegment(data, out.AES128(), SegmentIV(uint64(k)))
		require.NoError(t, err)
		want, err := os.ReadFile(filepath.Join(p.Dir, p.Renditions[i].Name, seg.name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got))
	}
}

// checkClear: all but the segments is there as it was, and nothing of the clear renditions is left.
func checkClear(t *testing.T, p, e Presentation) {
	t.Helper()
	clear, err := sizes(p.Dir)
	require.NoError(t, err)
	got, err := sizes(e.Dir)
	require.NoError(t, err)
	require.Len(t, got, len(clear))
	same := func(a, b string) {
		x, err := os.ReadFile(filepath.Join(p.Dir, a))
		require.NoError(t, err)
		y, err := os.ReadFile(filepath.Join(e.Dir, b))
		require.NoError(t, err)
		require.True(t, bytes.Equal(x, y), a)
	}
	for i, r := range p.Renditions {
		same(r.Name+"/init.mp4", e.Renditions[i].Name+"/init.mp4")
	}
	for _, name := range []string{"poster.jpg", "captions/en.vtt", "captions/en.m3u8", "thumbnails/index.vtt"} {
		same(name, name)
	}
	require.Equal(t, filepath.Join(e.Dir, "poster.jpg"), e.Cover)
	master, err := os.ReadFile(filepath.Join(e.Dir, "master.m3u8"))
	require.NoError(t, err)
	for i, r := range e.Renditions {
		require.Contains(t, string(master), "\n"+r.Name+"/index.m3u8\n")
		require.NotContains(t, string(master), "\n"+p.Renditions[i].Name+"/")
		require.Contains(t, string(master), fmt.Sprintf("AVERAGE-BANDWIDTH=%d,", r.Average+int(float64(e.Captions[0].Bytes)*8/e.Renditions[0].Seconds)))
	}
}

// song is a presentation of so many segments that no tool has to make.
func song(t testing.TB, segments, size int) Presentation {
	dir := t.TempDir()
	list := "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-MAP:URI=\"init.mp4\"\n"
	data := randomBytes(size)
	for i := range segments {
		data[0] = byte(i)
		write(t, filepath.Join(dir, "audio", fmt.Sprintf("seg%05d.m4s", i)), data)
		list += fmt.Sprintf("#EXTINF:4.000000,\nseg%05d.m4s\n", i)
	}
	write(t, filepath.Join(dir, "audio", "init.mp4"), []byte("init"))
	write(t, filepath.Join(dir, "audio", "index.m3u8"), []byte(list+"#EXT-X-ENDLIST\n"))
	write(t, filepath.Join(dir, "master.m3u8"), []byte("#EXTM3U\n"))
	return Presentation{Dir: dir, Kind: KindAudio, Seconds: float64(segments) * 4, Renditions: []Rendition{{Name: "audio", Codecs: "mp4a.40.2", Seconds: float64(segments) * 4}}}
}

// root is what a presentation is known by.
func root(t testing.TB, p Presentation) string {
	id, _, err := BuildDAG(context.Background(), p.Dir, NewIndex())
	require.NoError(t, err)
	return id.String()
}

func TestEncryptIsDeterministic(t *testing.T) {
	ctx, p, s := context.Background(), song(t, 12, 1000), secretOf(t, 1)
	out := t.TempDir()
	first, err := Encrypt(ctx, p, out, keysOf(s, 20), nil)
	require.NoError(t, err)
	require.False(t, first.Reused)
	elsewhere, err := Encrypt(ctx, p, t.TempDir(), keysOf(s, 20), nil)
	require.NoError(t, err)
	require.Equal(t, root(t, first), root(t, elsewhere))
	forgotten := keysOf(s, 20)
	forgotten.Key = nil
	again, err := Encrypt(ctx, p, out, forgotten, nil)
	require.NoError(t, err, "what is finished needs no key")
	require.True(t, again.Reused)
	again.Reused = false
	require.Equal(t, first, again)

	seen := map[string]bool{first.Renditions[0].Name: true}
	for name, change := range map[string]func() (Presentation, Keys){
		"other bytes": func() (Presentation, Keys) {
			q := song(t, 12, 1000)
			write(t, filepath.Join(q.Dir, "audio", "seg00011.m4s"), []byte("x"))
			return q, keysOf(s, 20)
		},
		"other windows":  func() (Presentation, Keys) { return p, keysOf(s, 10) },
		"a segment less": func() (Presentation, Keys) { return song(t, 11, 1000), keysOf(s, 20) },
	} {
		q, keys := change()
		e, err := Encrypt(ctx, q, out, keys, nil)
		require.NoError(t, err)
		require.False(t, seen[e.Renditions[0].Name], "%s under the same keys", name)
		seen[e.Renditions[0].Name] = true
	}
	e, err := Encrypt(ctx, p, out, keysOf(secretOf(t, 2), 20), nil)
	require.NoError(t, err)
	require.NotEqual(t, root(t, first), root(t, e))
	require.Equal(t, first.Renditions[0].Name, e.Renditions[0].Name)
}

// A run that is stopped at any key goes on, and ends as one that was not.
func TestEncryptIsResumed(t *testing.T) {
	p, s := song(t, 12, 1000), secretOf(t, 1)
	require.NoError(t, os.CopyFS(filepath.Join(p.Dir, "audio64"), os.DirFS(filepath.Join(p.Dir, "audio"))))
	low := p.Renditions[0]
	low.Name = "audio64"
	p.Renditions = append(p.Renditions, low)
	want, err := Encrypt(context.Background(), p, t.TempDir(), keysOf(s, 20), nil)
	require.NoError(t, err)
	out, stopped := t.TempDir(), errors.New("stopped")
	for at := range 5 { // a rendition has three keys
		keys, n := keysOf(s, 20), 0
		keys.Key = func(rendition string, window uint32) (keyshare.Output, error) {
			if n++; n > at {
				return keyshare.Output{}, stopped
			}
			require.False(t, at > 3 && strings.HasPrefix(rendition, "audio-"), "what is finished is not encrypted again")
			return SecretKeys(s)(rendition, window)
		}
		_, err := Encrypt(context.Background(), p, out, keys, nil)
		if at < 4 {
			require.ErrorIs(t, err, stopped, "%d", at)
		} else {
			require.NoError(t, err)
		}
	}
	got, err := Encrypt(context.Background(), p, out, Keys{ID: keyshare.KeyID(s.C0()), WindowSeconds: 20}, nil)
	require.NoError(t, err)
	require.Equal(t, root(t, want), root(t, got))
	require.Equal(t, want.Renditions, got.Renditions)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Encrypt(ctx, p, t.TempDir(), keysOf(s, 20), nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestEncryptedFile(t *testing.T) {
	ctx, tmp, s := context.Background(), t.TempDir(), secretOf(t, 1)
	plain := counted(2<<20 + 5)
	in := write(t, filepath.Join(tmp, strings.Repeat("ä", 45)+".pdf"), plain)
	p, err := Package(ctx, in, filepath.Join(tmp, "out"), Options{Kind: KindDocument}, nil)
	require.NoError(t, err)
	e, err := Encrypt(ctx, p, filepath.Join(tmp, "enc"), keysOf(s, 20), nil)
	require.NoError(t, err)
	require.Regexp(t, "^files/ä+-[0-9a-f]{8}\\.pdf$", e.File)
	require.LessOrEqual(t, len(e.File), maxKeyName)
	require.Equal(t, p.Size, e.Size)
	data, err := os.ReadFile(filepath.Join(e.Dir, e.File))
	require.NoError(t, err)
	require.EqualValues(t, CipherSize(uint64(len(plain))), len(data))
	key := func(window uint32) ([32]byte, error) {
		out, err := SecretKeys(s)(e.File, window)
		return out.AES256(), err
	}
	got, err := open(data, uint64(e.Size), 0, uint64(e.Size), key, 1<<20)
	require.NoError(t, err)
	require.True(t, bytes.Equal(plain, got))
	var index fileIndex
	raw, err := os.ReadFile(filepath.Join(e.Dir, "index.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &index))
	require.Equal(t, fileIndex{1, []fileEntry{{e.File, int64(len(plain)), p.Type}}}, index)
	files, err := sizes(e.Dir)
	require.NoError(t, err)
	require.Len(t, files, 2, "nothing clear is left")
}

func TestWhatCannotBeEncrypted(t *testing.T) {
	s := secretOf(t, 1)
	list := func(p Presentation, change func(string) string) Presentation {
		path := filepath.Join(p.Dir, "audio", "index.m3u8")
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		write(t, path, []byte(change(string(data))))
		return p
	}
	with := func(line string) func(string) string {
		return func(s string) string { return strings.Replace(s, "#EXTINF", line+"\n#EXTINF", 1) }
	}
	for name, c := range map[string]struct {
		p      func(p Presentation) Presentation
		window uint32
		err    error
	}{
		"no windows":    {func(p Presentation) Presentation { return p }, 0, ErrWindowSeconds},
		"long windows":  {func(p Presentation) Presentation { return p }, 3601, ErrWindowSeconds},
		"nothing":       {func(p Presentation) Presentation { p.Renditions = nil; return p }, 20, ErrNotPackaged},
		"twice":         {func(p Presentation) Presentation { p.WindowSeconds = 20; return p }, 20, ErrNotPackaged},
		"no folder":     {func(p Presentation) Presentation { p.Dir += "x"; return p }, 20, ErrNotPackaged},
		"no such file":  {func(p Presentation) Presentation { p.File = "files/x"; return p }, 20, ErrNotPackaged},
		"odd rendition": {func(p Presentation) Presentation { p.Renditions[0].Name = "../x"; return p }, 20, ErrNotPackaged},
		"cover outside": {func(p Presentation) Presentation { p.Cover = "/etc/passwd"; return p }, 20, ErrNotPackaged},
		"keys already":  {func(p Presentation) Presentation { return list(p, with(KeyTag{Rendition: "a"}.String())) }, 20, ErrNotPackaged},
		"later sequence": {func(p Presentation) Presentation {
			return list(p, func(s string) string { return strings.Replace(s, "SEQUENCE:0", "SEQUENCE:5", 1) })
		}, 20, ErrNotPackaged},
		"two inits": {func(p Presentation) Presentation { return list(p, with(`#EXT-X-MAP:URI="init.mp4"`)) }, 20, ErrNotPackaged},
		"no init": {func(p Presentation) Presentation {
			return list(p, func(s string) string { return strings.Replace(s, "#EXT-X-MAP", "#X", 1) })
		}, 20, ErrNotPackaged},
		"ranges": {func(p Presentation) Presentation { return list(p, with("#EXT-X-BYTERANGE:1@0")) }, 20, ErrNotPackaged},
		"outside": {func(p Presentation) Presentation {
			return list(p, func(s string) string { return strings.Replace(s, "seg00001", "../audio/seg00001", 1) })
		}, 20, ErrNotPackaged},
		"a link": {func(p Presentation) Presentation {
			require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(p.Dir, "x")))
			return p
		}, 20, ErrNotPackaged},
	} {
		out := t.TempDir()
		_, err := Encrypt(context.Background(), c.p(song(t, 3, 100)), out, keysOf(s, c.window), nil)
		require.ErrorIs(t, err, c.err, name)
		folders, err := filepath.Glob(filepath.Join(out, "*", "master.m3u8"))
		require.NoError(t, err)
		require.Empty(t, folders, "%s: nothing looks finished", name)
	}
}

// A segment of 64 MiB is never in memory.
func TestEncryptHoldsABuffer(t *testing.T) {
	p, s := song(t, 1, 64<<20), secretOf(t, 1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Encrypt(context.Background(), p, t.TempDir(), keysOf(s, 20), nil)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
}

// BenchmarkEncrypt encrypts a packaged song: hash, encrypt, write.
func BenchmarkEncrypt(b *testing.B) {
	p, keys := song(b, 16, benchSize/16-1), keysOf(secretOf(b, 1), 20)
	out := b.TempDir()
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encrypt(context.Background(), p, out, keys, nil); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := os.RemoveAll(out); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkAESCBC is the peer of BenchmarkEncrypt: one core that only encrypts.
func BenchmarkAESCBC(b *testing.B) {
	data := randomBytes(benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		raw(data)
	}
}
