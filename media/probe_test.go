package media

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProbe(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	in := ffmpeg(t, filepath.Join(dir, "a.mp4"), film+h264+"-g 40 -c:a aac")
	info, err := Probe(ctx, in)
	require.NoError(t, err)
	require.InDelta(t, 9, info.Seconds, 0.1)
	require.Equal(t, "h264", info.Video.Codec)
	require.Equal(t, [2]int{160, 120}, [2]int{info.Video.Width, info.Video.Height})
	require.EqualValues(t, 10, info.Video.FPS)
	require.Equal(t, "aac", info.Audio.Codec)
	require.Equal(t, 1, info.Audio.Channels)
	require.False(t, info.Cover)

	turned := ffmpeg(t, filepath.Join(dir, "turned.mp4"), "-i file:"+in+" -c copy -metadata:s:v rotate=90")
	info, err = Probe(ctx, turned)
	require.NoError(t, err)
	require.True(t, info.Video.Turned)
	require.Equal(t, [2]int{120, 160}, [2]int{info.Video.Width, info.Video.Height})
	p, err := Package(ctx, turned, filepath.Join(dir, "out"), Options{}, nil)
	require.NoError(t, err)
	require.False(t, p.Renditions[0].Copied, "players ignore how a copied picture is turned")
	require.Equal(t, 120, p.Renditions[0].Width)
}

// Names that look like options, addresses or patterns are names.
func TestOddNames(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	data, err := os.ReadFile(ffmpeg(t, filepath.Join(dir, "a.wav"), tone))
	require.NoError(t, err)
	t.Chdir(dir)
	for _, name := range []string{"-i.mp4", "-y", "new\nline.wav", "\u00fcml\u00e4ut \u65e5\u672c \U0001F3B5.wav", "http:", "file:x.wav", "pipe:0", "concat:a|b",
		"%03d.wav", "a'b\"c`$(touch pwned);.wav", "a\xffb.wav", " ", strings.Repeat("n", 255)} {
		write(t, filepath.Join(dir, name), data)
		info, err := Probe(ctx, name)
		require.NoError(t, err, "%q", name)
		require.NotNil(t, info.Audio)
		p, err := Package(ctx, name, "out", Options{}, nil)
		require.NoError(t, err, "%q", name)
		require.Equal(t, KindAudio, p.Kind)
	}
	require.NoFileExists(t, filepath.Join(dir, "pwned"))
}

func TestBadInput(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	good, err := os.ReadFile(ffmpeg(t, filepath.Join(dir, "good.mp4"), film+h264+"-g 40 -c:a aac -movflags +faststart"))
	require.NoError(t, err)
	late, err := os.ReadFile(ffmpeg(t, filepath.Join(dir, "late.mp4"), film+h264+"-g 40 -c:a aac"))
	require.NoError(t, err)
	mkv, err := os.ReadFile(ffmpeg(t, filepath.Join(dir, "good.mkv"), film+h264+"-g 40 -c:a aac"))
	require.NoError(t, err)
	// what a list in a downloaded file could make a creator publish
	private := ffmpeg(t, filepath.Join(dir, "private.ts"), film+h264+"-g 40 -c:a aac")
	list := []byte("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n" + private + "\n#EXT-X-ENDLIST\n")
	noise := randomBytes(100_000)
	for _, c := range []struct {
		name string
		data []byte
		opt  Options
		want error
		says string
	}{
		{"zero.mp4", nil, Options{}, ErrEmpty, "choose another"},
		{"zero.txt", nil, Options{Kind: KindOther}, ErrEmpty, "choose another"},
		{"text.mp4", []byte("this is a text\n"), Options{}, ErrNotMedia, "choose the kind"},
		{"text.mp3", []byte(strings.Repeat("this is a text\n", 1000)), Options{}, ErrNotMedia, "choose the kind"},
		{"text.txt", []byte("this is a text\n"), Options{Kind: KindVideo}, ErrNotMedia, "choose the kind"},
		{"noise.mp4", noise, Options{}, ErrNotMedia, "choose the kind"},
		{"noise.aac", noise, Options{}, ErrNotMedia, "choose the kind"},
		{"late.mp4", late[:len(late)-1500], Options{}, ErrBroken, "export it again"},
		{"late2.mp4", late[:len(late)/2], Options{}, ErrBroken, "export it again"},
		{"cut.mp4", good[:len(good)/2], Options{}, ErrBroken, "only"},
		{"cut2.mp4", good[:len(good)/2], Options{Encode: true}, ErrBroken, "only"},
		{"head.mp4", good[:200], Options{}, ErrBroken, "export it again"},
		{"cut.mkv", mkv[:len(mkv)/2], Options{}, ErrBroken, "only"},
		{"head.mkv", mkv[:40], Options{}, ErrBroken, "export it again"},
		{"codec.mp4", bytes.ReplaceAll(good, []byte("avc1"), []byte("zzzz")), Options{}, ErrUnsupported, "convert it to H.264"},
		{"sound.mp4", bytes.ReplaceAll(bytes.ReplaceAll(good, []byte("mp4a"), []byte("zzzz")), []byte("esds"), []byte("zzzz")), Options{}, ErrUnsupported, "convert it to H.264"},
		{"kind.mp4", good, Options{Kind: "opera"}, ErrUnsupported, "use video"},
		{"list.m3u8", list, Options{}, ErrNotMedia, "choose the kind"},
		{"list.mp4", list, Options{}, ErrNotMedia, "choose the kind"},
		{"concat.mp4", []byte("ffconcat version 1.0\nfile private.ts\n"), Options{}, ErrNotMedia, "choose the kind"},
		{"sdp.mp4", []byte("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 1234 RTP/AVP 96\n"), Options{}, ErrNotMedia, "choose the kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := write(t, filepath.Join(dir, c.name), c.data)
			out := t.TempDir()
			p, err := Package(ctx, in, out, c.opt, nil)
			require.ErrorIs(t, err, c.want, "%+v", p)
			require.ErrorContains(t, err, c.says)
			left, err := filepath.Glob(filepath.Join(out, "*"))
			require.NoError(t, err)
			for _, f := range left {
				require.Regexp(t, `\.(lock|part)$`, f, "nothing finished is left")
			}
		})
	}
	tone := ffmpeg(t, filepath.Join(dir, "tone.wav"), tone)
	_, err = Package(ctx, tone, t.TempDir(), Options{Kind: KindVideo}, nil)
	require.ErrorIs(t, err, ErrUnsupported)
	mute := ffmpeg(t, filepath.Join(dir, "mute.mp4"), "-f lavfi -i color=d=1:s=64x64 "+h264)
	_, err = Package(ctx, mute, t.TempDir(), Options{Kind: KindAudio}, nil)
	require.ErrorIs(t, err, ErrUnsupported)

	fifo := filepath.Join(dir, "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	for _, path := range []string{dir, fifo, filepath.Join(dir, "nowhere.mp4"), "", "a\x00b"} {
		_, err := Probe(ctx, path)
		require.ErrorIs(t, err, ErrUnreadable, "%q", path)
	}
}

func TestToolThatHangs(t *testing.T) {
	err := run(context.Background(), "", "sleep", 50_000_000, func(string) bool { return false }, "60")
	require.ErrorIs(t, err, ErrStalled)
}
