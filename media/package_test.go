package media

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	film  = "-f lavfi -i testsrc=d=9:s=160x120:r=10 -f lavfi -i sine=d=9 "
	tone  = "-f lavfi -i sine=d=9 "
	h264  = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p "
	cover = "-f lavfi -i color=red:s=64x64:d=1:r=1 -map 0:a -map 1:v -frames:v 1 -disposition:v attached_pic "
	told  = "-metadata title=SECRET -metadata location=+48.1+011.5/ -metadata:s:a:0 handler_name=SECRET "
)

// ffmpeg makes a test's media in a file of that name.
func ffmpeg(t testing.TB, path, args string) string {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Fatal("ffmpeg is missing: run make deps")
	}
	all := append([]string{"-nostdin", "-v", "error", "-y"}, strings.Fields(args)...)
	out, err := exec.Command("ffmpeg", append(all, "file:"+path)...).CombinedOutput()
	require.NoError(t, err, "%s: %s", args, out)
	return path
}

// plays decodes a presentation from its first to its last frame and returns how long it is.
func plays(t testing.TB, p Presentation) {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", filepath.Join(p.Dir, "master.m3u8"), "-f", "null", "-").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Empty(t, string(out))
}

func TestMedia(t *testing.T) {
	for name, c := range map[string]struct {
		make   string
		opt    Options
		dir    string
		codecs string
		w, h   int
		copied bool
		cover  string
	}{
		"film.mp4":    {make: film + h264 + "-g 40 -c:a aac " + told, dir: "v0", codecs: "avc1.42c00a,mp4a.40.2", w: 160, h: 120, copied: true, cover: "poster.jpg"},
		"film.ts":     {make: film + h264 + "-g 40 -c:a aac", dir: "v0", codecs: "avc1.42c00a,mp4a.40.2", w: 160, h: 120, copied: true, cover: "poster.jpg"},
		"again.mp4":   {make: film + h264 + "-g 40 -c:a aac", opt: Options{Encode: true, Threads: 1}, dir: "v0", codecs: "avc1.64001e,mp4a.40.2", w: 160, h: 120, cover: "poster.jpg"},
		"ac3.mkv":     {make: film + h264 + "-g 40 -c:a ac3", dir: "v0", codecs: "avc1.42c00a,mp4a.40.2", w: 160, h: 120, copied: true, cover: "poster.jpg"},
		"live.mkv":    {make: film + h264 + "-g 40 -c:a aac -live 1", dir: "v0", codecs: "avc1.42c00a,mp4a.40.2", w: 160, h: 120, copied: true, cover: "poster.jpg"},
		"vp8.webm":    {make: film + "-c:v libvpx -c:a libopus", dir: "v0", codecs: "avc1.64001e,mp4a.40.2", w: 160, h: 120, cover: "poster.jpg"},
		"silent.mp4":  {make: "-f lavfi -i testsrc=d=9:s=160x120:r=10 " + h264 + "-g 40", dir: "v0", codecs: "avc1.42c00a", w: 160, h: 120, copied: true, cover: "poster.jpg"},
		"444.mp4":     {make: film + "-c:v libx264 -preset ultrafast -pix_fmt yuv444p -c:a aac", dir: "v0", codecs: "avc1.64001e,mp4a.40.2", w: 160, h: 120, cover: "poster.jpg"},
		"wide.mkv":    {make: film + h264 + "-vf setsar=2 -c:a aac", dir: "v0", codecs: "avc1.64001e,mp4a.40.2", w: 320, h: 120, cover: "poster.jpg"},
		"fields.mp4":  {make: film + h264 + "-flags +ilme+ildct -field_order tt -x264opts tff=1 -c:a aac", dir: "v0", codecs: "avc1.64001e,mp4a.40.2", w: 160, h: 120, cover: "poster.jpg"},
		"large.mp4":   {make: "-f lavfi -i color=blue:d=5:s=2560x1440:r=1 " + h264, opt: Options{Renditions: RenditionsSource}, dir: "v0", codecs: "avc1.640028", w: 1920, h: 1080, cover: "poster.jpg"},
		"upright.mp4": {make: "-f lavfi -i color=blue:d=5:s=1080x1920:r=1 " + h264 + "-g 4", opt: Options{Renditions: RenditionsSource}, dir: "v0", codecs: "avc1.42c028", w: 1080, h: 1920, copied: true, cover: "poster.jpg"},
		"keys.mp4":    {make: "-f lavfi -i testsrc=d=30:s=160x120:r=2 " + h264 + "-g 1000", dir: "v0", codecs: "avc1.64001e", w: 160, h: 120, cover: "poster.jpg"},
		"sound.mp4":   {make: film + h264 + "-c:a aac", opt: Options{Kind: KindAudio}, dir: "audio", codecs: "mp4a.40.2", copied: true},
		"song.mp3":    {make: tone + cover + "-c:a libmp3lame -c:v png -id3v2_version 3 " + told, dir: "audio", codecs: "mp4a.40.2", cover: "cover.jpg"},
		"song.m4a":    {make: tone + cover + "-c:a aac -c:v mjpeg", dir: "audio", codecs: "mp4a.40.2", copied: true, cover: "cover.jpg"},
		"song.aac":    {make: tone + "-c:a aac", dir: "audio", codecs: "mp4a.40.2", copied: true},
		"song.flac":   {make: tone + "-c:a flac -ac 6 -ar 96000", opt: Options{Renditions: RenditionsSource}, dir: "audio", codecs: "mp4a.40.2"},
		"song.ogg":    {make: tone + "-c:a libvorbis", dir: "audio", codecs: "mp4a.40.2"},
		"song.wav":    {make: tone + "-ar 8000 -ac 1", dir: "audio", codecs: "mp4a.40.2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tmp := t.TempDir()
			in := ffmpeg(t, filepath.Join(tmp, name), c.make)
			var steps []string
			p, err := Package(context.Background(), in, filepath.Join(tmp, "out"), c.opt, func(p Progress) {
				if len(steps) == 0 || steps[len(steps)-1] != p.Step {
					steps = append(steps, p.Step)
				}
			})
			require.NoError(t, err)
			require.Len(t, p.Renditions, 1)
			r := p.Renditions[0]
			require.Equal(t, c.dir, r.Name)
			require.Equal(t, c.codecs, r.Codecs)
			require.Equal(t, [2]int{c.w, c.h}, [2]int{r.Width, r.Height})
			require.Equal(t, c.copied, r.Copied)
			require.Equal(t, map[bool]Kind{true: KindVideo, false: KindAudio}[c.dir == "v0"], p.Kind)
			require.LessOrEqual(t, r.Longest, 4.2)
			require.InDelta(t, map[string]float64{"large.mp4": 5, "upright.mp4": 5, "keys.mp4": 30}[name]+9*map[bool]float64{true: 0, false: 1}[strings.Contains("large.mp4 upright.mp4 keys.mp4", name)], p.Seconds, 0.15)
			require.Equal(t, "reading", steps[0])
			require.Equal(t, "done", steps[len(steps)-1])
			plays(t, p)
			checkFolder(t, p, c.cover)
		})
	}
}

// checkFolder holds a presentation to its layout; nothing beside it is published.
func checkFolder(t *testing.T, p Presentation, cover string) {
	t.Helper()
	files, err := sizes(p.Dir)
	require.NoError(t, err)
	want := []string{"master.m3u8"}
	for _, r := range p.Renditions {
		want = append(want, r.Name+"/init.mp4", r.Name+"/index.m3u8")
		for i := range r.Segments {
			want = append(want, fmt.Sprintf("%s/seg%05d.m4s", r.Name, i))
		}
	}
	for _, c := range p.Captions {
		want = append(want, c.File, strings.TrimSuffix(c.File, ".vtt")+".m3u8")
	}
	if p.Kind == KindVideo {
		require.Equal(t, "thumbnails/index.vtt", p.Thumbnails)
		want = append(want, p.Thumbnails)
		for i := range (int(p.Seconds)/thumbSeconds + 25) / 25 {
			want = append(want, fmt.Sprintf("thumbnails/%05d.jpg", i))
		}
	}
	if cover != "" {
		want = append(want, cover)
		require.Equal(t, filepath.Join(p.Dir, cover), p.Cover)
		info, err := Probe(context.Background(), p.Cover)
		require.ErrorIs(t, err, ErrNotMedia, "%v", info)
		data, err := os.ReadFile(p.Cover)
		require.NoError(t, err)
		require.Equal(t, "\xff\xd8\xff", string(data[:3]), "a JPEG")
	} else {
		require.Empty(t, p.Cover)
	}
	require.Len(t, files, len(want), "%v", files)
	for _, f := range want {
		require.Positive(t, files[f], f)
		data, err := os.ReadFile(filepath.Join(p.Dir, f))
		require.NoError(t, err)
		require.NotContains(t, string(data), "SECRET", f)
		require.NotContains(t, string(data), "+48.1", f)
	}
}

func TestFiles(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	for _, c := range []struct {
		name, stored, data string
		opt                Options
		kind               Kind
		mime               string
	}{
		{"Paper (final).pdf", "Paper__final_.pdf", "%PDF-1.7 x", Options{}, KindDocument, "application/pdf"},
		{"a.epub", "a.epub", "PK\x03\x04 x", Options{}, KindDocument, "application/epub+zip"},
		{"notes.md", "notes.md", "# Notes", Options{}, KindDocument, "text/markdown"},
		{"pic.PNG", "pic.PNG", "\x89PNG\x0d\x0a\x1a\x0a", Options{}, KindImage, "image/png"},
		{"..-x\n#%?.zip", "x____.zip", "PK\x03\x04 x", Options{Kind: KindSoftware}, KindSoftware, "application/zip"},
		{"\u00fcber \u65e5\u672c.bin", "\u00fcber_\u65e5\u672c.bin", "\x00\x01", Options{Kind: KindOther}, KindOther, "application/octet-stream"},
		{"...", "file", "x", Options{Kind: KindOther}, KindOther, "text/plain"},
		{strings.Repeat("\u00fc", 120) + ".txt", strings.Repeat("\u00fc", 48) + ".txt", "x", Options{}, KindDocument, "text/plain"},
	} {
		in := write(t, filepath.Join(dir, "in", c.name), []byte(c.data))
		p, err := Package(ctx, in, filepath.Join(dir, "out"), c.opt, nil)
		require.NoError(t, err, c.name)
		require.Equal(t, Presentation{Dir: p.Dir, Kind: c.kind, File: "files/" + c.stored, Size: int64(len(c.data)), Type: c.mime}, p)
		got, err := os.ReadFile(filepath.Join(p.Dir, p.File))
		require.NoError(t, err)
		require.Equal(t, c.data, string(got))
		index, err := os.ReadFile(filepath.Join(p.Dir, "index.json"))
		require.NoError(t, err)
		var x fileIndex
		require.NoError(t, json.Unmarshal(index, &x))
		require.Equal(t, fileIndex{1, []fileEntry{{p.File, p.Size, p.Type}}}, x)
	}
	renamed := write(t, filepath.Join(dir, "in", "other.md"), []byte("# Notes"))
	p, err := Package(ctx, renamed, filepath.Join(dir, "out"), Options{}, nil)
	require.NoError(t, err)
	require.Equal(t, "files/other.md", p.File, "the same bytes under another name")
}

// A finished presentation is used again, byte for byte; a damaged one is made anew; a lost one too, with the same CID.
func TestReuse(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	in := ffmpeg(t, filepath.Join(dir, "-i 100%d.mp4"), film+h264+"-g 40 -c:a ac3")
	out := filepath.Join(dir, "out %d -y")
	first, err := Package(ctx, in, out, Options{}, nil)
	require.NoError(t, err)
	require.False(t, first.Reused)
	root, _, err := BuildDAG(ctx, first.Dir, NewIndex())
	require.NoError(t, err)

	again, err := Package(ctx, in, out, Options{}, nil)
	require.NoError(t, err)
	require.True(t, again.Reused)
	again.Reused = false
	require.Equal(t, first, again)
	other, err := Package(ctx, in, out, Options{Encode: true}, nil)
	require.NoError(t, err)
	require.NotEqual(t, first.Dir, other.Dir, "other options, another presentation")

	require.NoError(t, os.Truncate(filepath.Join(first.Dir, "v0", "seg00001.m4s"), 10))
	again, err = Package(ctx, in, out, Options{}, nil)
	require.NoError(t, err)
	require.False(t, again.Reused)
	elsewhere, err := Package(ctx, in, filepath.Join(dir, "elsewhere"), Options{}, nil)
	require.NoError(t, err)
	for _, p := range []Presentation{again, elsewhere} {
		same, _, err := BuildDAG(ctx, p.Dir, NewIndex())
		require.NoError(t, err)
		require.Equal(t, root, same)
	}
}

// An interrupted run leaves nothing that looks finished; the next goes on after the last finished step.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	in, out := ffmpeg(t, filepath.Join(dir, "film.mp4"), film+h264+"-g 40 -c:a aac"), filepath.Join(dir, "out")
	stop := func(at string) (made []string) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var once sync.Once
		_, err := Package(ctx, in, out, Options{Encode: true}, func(p Progress) {
			made = append(made, p.Step)
			if p.Step == at {
				once.Do(cancel)
			}
		})
		require.ErrorIs(t, err, context.Canceled, at)
		folders, err := filepath.Glob(filepath.Join(out, "*"))
		require.NoError(t, err)
		for _, f := range folders {
			require.Regexp(t, `\.(lock|json|part)$`, f, "nothing finished")
		}
		return made
	}
	stop("reading")
	require.Contains(t, stop("encoding"), "encoding")
	require.Contains(t, stop("cover"), "encoding", "an encoding begins anew")
	var steps []string
	p, err := Package(context.Background(), in, out, Options{Encode: true}, func(p Progress) { steps = append(steps, p.Step) })
	require.NoError(t, err)
	require.NotContains(t, steps, "encoding", "a finished one does not")
	plays(t, p)
	checkFolder(t, p, "poster.jpg")
}

func TestOnlyOneRunAtATime(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	in, out := write(t, filepath.Join(dir, "x.txt"), []byte("x")), filepath.Join(dir, "out")
	var second error
	_, err := Package(ctx, in, out, Options{Kind: KindOther}, func(p Progress) {
		if p.Step == "copying" {
			_, second = Package(ctx, in, out, Options{Kind: KindOther}, nil)
		}
	})
	require.NoError(t, err)
	require.ErrorIs(t, second, ErrBusy)
}

func TestInputThatChanges(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	in, out := write(t, filepath.Join(dir, "x.txt"), []byte("x")), filepath.Join(dir, "out")
	_, err := Package(ctx, in, out, Options{Kind: KindOther}, func(p Progress) {
		if p.Step == "copying" {
			write(t, in, []byte("longer"))
		}
	})
	require.ErrorIs(t, err, ErrChanged)
}

func TestWithoutFFmpeg(t *testing.T) {
	dir := t.TempDir()
	in := ffmpeg(t, filepath.Join(dir, "a.wav"), tone)
	t.Setenv("PATH", dir)
	_, err := Package(context.Background(), in, filepath.Join(dir, "out"), Options{}, nil)
	require.ErrorIs(t, err, ErrTool)
	require.ErrorContains(t, err, "make deps")
}

// A marker of another hand or half written is no reason to publish what it names.
func TestBrokenMarker(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	in, out := write(t, filepath.Join(dir, "x.txt"), []byte("x")), filepath.Join(dir, "out")
	p, err := Package(ctx, in, out, Options{Kind: KindOther}, nil)
	require.NoError(t, err)
	data, err := os.ReadFile(p.Dir + ".json")
	require.NoError(t, err)
	require.True(t, json.Valid(data))
	for n := 0; n < len(data); n += 7 {
		write(t, p.Dir+".json", data[:n])
		again, err := Package(ctx, in, out, Options{Kind: KindOther}, nil)
		require.NoError(t, err)
		require.Equal(t, p.File, again.File)
		require.False(t, again.Reused)
	}
}
