package media

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLadder(t *testing.T) {
	for _, c := range []struct {
		w, h  int
		asked string
		want  []size
	}{
		{1920, 1080, "", []size{{1920, 1080}, {1280, 720}, {640, 360}}},
		{3840, 2160, "auto", []size{{1920, 1080}, {1280, 720}, {640, 360}}},
		{1280, 720, "auto", []size{{1280, 720}, {852, 480}, {640, 360}}},
		{1080, 1920, "auto", []size{{1080, 1920}, {720, 1280}, {360, 640}}},
		{1920, 800, "auto", []size{{1920, 800}, {1280, 532}, {640, 266}}},
		{1440, 1080, "auto", []size{{1440, 1080}, {960, 720}, {480, 360}}},
		{854, 480, "auto", []size{{854, 480}, {640, 360}}},
		{640, 360, "auto", []size{{640, 360}}},
		{160, 120, "auto", []size{{160, 120}}},
		{1920, 1080, "source", []size{{1920, 1080}}},
		{1920, 1080, "360,720", []size{{1280, 720}, {640, 360}}},
		{1920, 1080, "480,source", []size{{1920, 1080}, {852, 480}}},
		{640, 360, "1080,720,360,240", []size{{640, 360}, {426, 240}}}, // never scaled up
		{160, 120, "1080", []size{{160, 120}}},
		{1280, 720, "source,720", []size{{1280, 720}}},
	} {
		got, err := ladder(&VideoInfo{Width: c.w, Height: c.h}, c.asked)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%d×%d %q", c.w, c.h, c.asked)
		for _, s := range got {
			require.LessOrEqual(t, s.w, c.w)
			require.LessOrEqual(t, s.h, c.h)
		}
	}
	for _, bad := range []string{"x", "720p", "0", "-720", "721", "1440", "100", "720,720", " 720", "720,", ",", "+720", "0720", "7e2", "1080,900,720,600,480,360,240", "auto,720"} {
		_, err := Package(context.Background(), write(t, filepath.Join(t.TempDir(), "x"), []byte("x")), t.TempDir(), Options{Kind: KindOther, Renditions: bad}, nil)
		require.ErrorIs(t, err, ErrRenditions, bad)
	}
}

// frames are the moments of a rendition's picture, those of keyframes apart.
func frames(t *testing.T, dir string) (all, keys []float64) {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", filepath.Join(dir, "index.m3u8")).Output()
	require.NoError(t, err)
	for _, line := range strings.Fields(string(out)) {
		text, flags, _ := strings.Cut(line, ",")
		at, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		all = append(all, at)
		if strings.HasPrefix(flags, "K") {
			keys = append(keys, at)
		}
	}
	slices.Sort(all) // they come in the order of decoding
	return all, keys
}

// Whatever is copied or encoded, a viewer who changes the rendition at the end of a segment goes on at the same frame.
func TestRenditionsFitEachOther(t *testing.T) {
	source := "-f lavfi -i testsrc=d=11:s=384x216:r=24 -f lavfi -i sine=d=11 "
	for name, c := range map[string]struct {
		make     string
		opt      Options
		copied   bool
		segments int
	}{
		"delay.mp4":    {make: source + "-c:v libx264 -preset veryfast -bf 2 -pix_fmt yuv420p -g 50 -c:a aac", copied: true, segments: 3},
		"nodelay.mp4":  {make: source + h264 + "-bf 0 -g 31 -c:a aac", copied: true, segments: 3},
		"sparse.mkv":   {make: source + h264 + "-g 170 -keyint_min 170 -c:a aac", copied: true, segments: 2},
		"transport.ts": {make: source + h264 + "-g 50 -c:a aac", copied: true, segments: 3},
		"ac3.mkv":      {make: source + h264 + "-g 50 -c:a ac3", copied: true, segments: 3},
		"vp8.webm":     {make: source + "-c:v libvpx -deadline realtime -c:a libvorbis", segments: 3},
		"encode.mp4":   {make: source + h264 + "-g 50 -c:a aac", opt: Options{Encode: true}, segments: 3},
		"varying.mkv":  {make: source + "-vf select=gt(mod(n\\,7)\\,2) -fps_mode vfr " + h264 + "-g 40 -c:a aac", segments: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tmp := t.TempDir()
			in := ffmpeg(t, filepath.Join(tmp, name), c.make)
			c.opt.Renditions = "source,180,144"
			p, err := Package(context.Background(), in, filepath.Join(tmp, "out"), c.opt, nil)
			require.NoError(t, err)
			require.Len(t, p.Renditions, 3)
			plays(t, p)
			checkFolder(t, p, "poster.jpg")
			top := p.Renditions[0]
			require.Equal(t, c.copied, top.Copied)
			all, keys := frames(t, filepath.Join(p.Dir, top.Name))
			list, err := readPlaylist(filepath.Join(p.Dir, top.Name))
			require.NoError(t, err)
			require.Len(t, list, c.segments)
			for i, r := range p.Renditions {
				require.Equal(t, fmt.Sprintf("v%d", i), r.Name)
				require.Equal(t, []int{216, 180, 144}[i], r.Height)
				require.Equal(t, i == 0 && c.copied, r.Copied)
				require.Equal(t, top.SoundCopied, r.SoundCopied)
				require.Equal(t, top.FPS, r.FPS)
				rAll, rKeys := frames(t, filepath.Join(p.Dir, r.Name))
				require.InDeltaSlice(t, all, rAll, 0.0011, "the same frames at the same times")
				if c.copied {
					require.InDeltaSlice(t, keys, rKeys, 0.0011)
				}
				rList, err := readPlaylist(filepath.Join(p.Dir, r.Name))
				require.NoError(t, err)
				require.Len(t, rList, len(list))
				for k := range list[:len(list)-1] {
					require.InDelta(t, list[k].micros, rList[k].micros, 2000)
				}
			}
			master, err := os.ReadFile(filepath.Join(p.Dir, "master.m3u8"))
			require.NoError(t, err)
			require.Equal(t, 3, strings.Count(string(master), "#EXT-X-STREAM-INF"))
			for _, r := range p.Renditions {
				require.Contains(t, string(master), fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,CODECS=%q,RESOLUTION=%dx%d,FRAME-RATE=%.3f\n%s/index.m3u8\n",
					r.Bandwidth, r.Average, r.Codecs, r.Width, r.Height, r.FPS, r.Name))
				require.Regexp(t, `^avc1\.[0-9a-f]{6},mp4a\.40\.2$`, r.Codecs)
			}
		})
	}
}

// A copied picture whose keyframes the decoder does not confirm cannot be followed: all is encoded, and fits.
func TestRenditionsThatDoNotFit(t *testing.T) {
	tmp := t.TempDir()
	in := ffmpeg(t, filepath.Join(tmp, "film.mkv"), film+h264+"-g 40 -c:a aac")
	m := openMarker(tmp, "x")
	j := job{in: in, opt: Options{Renditions: "source,60"}, mark: m, progress: func(Progress) {}}
	var err error
	j.info, err = Probe(context.Background(), in)
	require.NoError(t, err)
	plans := func() []string {
		var out []string
		for _, r := range m.Made.Renditions {
			out = append(out, fmt.Sprint(r.Name, " ", r.Copied))
		}
		return out
	}
	require.NoError(t, m.begin(Presentation{Kind: KindVideo}))
	list := []plan{{name: "v0", label: "120p", size: size{160, 120}, soundBits: 128, quality: quality{21, 6000}}, {name: "v1", label: "60p", size: size{80, 60}, soundBits: 128, quality: quality{23, 900}}}
	top, err := j.top(context.Background(), list[0])
	require.NoError(t, err)
	require.NoError(t, m.step("120p", Presentation{Kind: KindVideo, Renditions: []Rendition{top}}))
	require.Equal(t, []string{"v0 true"}, plans())
	// as if the copy had its keyframes elsewhere
	index := filepath.Join(m.work(), "v0", "index.m3u8")
	data, err := os.ReadFile(index)
	require.NoError(t, err)
	write(t, index, []byte(strings.Replace(string(data), "#EXTINF:4.0", "#EXTINF:4.1", 1)))
	again, err := j.lower(context.Background(), list[1])
	require.NoError(t, err)
	require.True(t, again)
	require.Empty(t, plans())
	top, err = j.top(context.Background(), list[0])
	require.NoError(t, err)
	require.False(t, top.Copied)
	require.NoError(t, m.step("120p", Presentation{Kind: KindVideo, Renditions: []Rendition{top}}))
	again, err = j.lower(context.Background(), list[1])
	require.NoError(t, err)
	require.False(t, again)
	require.Equal(t, []string{"v0 false", "v1 false"}, plans())
}

// A rendition that saves nothing is not kept, unless it was asked for.
func TestRenditionThatSavesNothing(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	// the sound is nearly all of it
	in := ffmpeg(t, filepath.Join(tmp, "slide.mp4"), "-f lavfi -i color=blue:d=5:s=854x480:r=2 -f lavfi -i anoisesrc=d=5 "+h264+"-g 8 -c:a aac -b:a 128k")
	p, err := Package(context.Background(), in, filepath.Join(tmp, "out"), Options{}, nil)
	require.NoError(t, err)
	require.Len(t, p.Renditions, 1)
	checkFolder(t, p, "poster.jpg")
	p, err = Package(context.Background(), in, filepath.Join(tmp, "out"), Options{Renditions: "source,360"}, nil)
	require.NoError(t, err)
	require.Len(t, p.Renditions, 2)
}

func TestSoundRenditions(t *testing.T) {
	noise := "-f lavfi -i anoisesrc=d=9 -ac 2 "
	for name, c := range map[string]struct {
		make, asked string
		want        int
	}{
		"rich.m4a":   {noise + "-c:a aac -b:a 256k", "", 2},
		"rich.mp3":   {noise + "-c:a libmp3lame -b:a 256k", "auto", 2},
		"rich.flac":  {noise + "-c:a flac", "", 2},
		"poor.m4a":   {noise + "-c:a aac -b:a 96k", "", 1},
		"source.m4a": {noise + "-c:a aac -b:a 256k", "source", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tmp := t.TempDir()
			in := ffmpeg(t, filepath.Join(tmp, name), c.make)
			p, err := Package(context.Background(), in, filepath.Join(tmp, "out"), Options{Renditions: c.asked}, nil)
			require.NoError(t, err)
			plays(t, p)
			checkFolder(t, p, "")
			require.Len(t, p.Renditions, c.want)
			if c.want == 2 {
				require.Equal(t, strings.HasSuffix(name, ".m4a"), p.Renditions[0].Copied)
				require.Equal(t, "audio64", p.Renditions[1].Name)
				require.InDelta(t, 66_000, p.Renditions[1].Average, 6000)
				require.InDelta(t, p.Renditions[0].Seconds, p.Renditions[1].Seconds, 0.1)
			}
			_, err = Package(context.Background(), in, filepath.Join(tmp, "out"), Options{Renditions: "360"}, nil)
			require.ErrorIs(t, err, ErrRenditions)
		})
	}
}

// The same file gives the same bytes, rendition by rendition.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	in := ffmpeg(t, filepath.Join(tmp, "film.mkv"), "-f lavfi -i testsrc=d=9:s=320x180:r=25 -f lavfi -i sine=d=9 -c:v libvpx -deadline realtime -c:a libopus")
	subs := write(t, filepath.Join(tmp, "x.srt"), []byte(srt))
	var roots []string
	for _, out := range []string{"one", "two"} {
		p, err := Package(context.Background(), in, filepath.Join(tmp, out), Options{Renditions: "source,144", Captions: []Sidecar{{"en", subs}}}, nil)
		require.NoError(t, err)
		root, _, err := BuildDAG(context.Background(), p.Dir, NewIndex())
		require.NoError(t, err)
		roots = append(roots, root.String())
	}
	require.Equal(t, roots[0], roots[1])
}

// Each rendition is a step: what is finished of the ladder is not encoded again, and what is half done is cleared away.
func TestInterruptedLadder(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	in, out := ffmpeg(t, filepath.Join(tmp, "film.mp4"), "-f lavfi -i testsrc=d=9:s=384x216:r=24 "+h264+"-g 40"), filepath.Join(tmp, "out")
	opt := Options{Renditions: "source,180,144"}
	run := func(at string) (made []string, err error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		_, err = Package(ctx, in, out, opt, func(p Progress) {
			s := strings.TrimSpace(p.Step + " " + p.Rendition)
			if len(made) == 0 || made[len(made)-1] != s {
				made = append(made, s)
			}
			if s == at {
				cancel()
			}
		})
		return made, err
	}
	made, err := run("encoding 144p")
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"reading", "copying 216p", "encoding 180p", "encoding 144p"}, made)
	parts, err := filepath.Glob(filepath.Join(out, "*.part", "v2"))
	require.NoError(t, err)
	require.Len(t, parts, 1)
	write(t, filepath.Join(parts[0], "stray"), []byte("x"))
	write(t, filepath.Join(parts[0], "..", "stray"), []byte("x"))
	made, err = run("thumbnails")
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"reading", "encoding 144p", "cover", "thumbnails"}, made)
	made, err = run("")
	require.NoError(t, err)
	require.Equal(t, []string{"reading", "thumbnails", "done"}, made)
	p, err := Package(context.Background(), in, out, opt, nil)
	require.NoError(t, err)
	require.True(t, p.Reused)
	plays(t, p)
	checkFolder(t, p, "poster.jpg")
}
