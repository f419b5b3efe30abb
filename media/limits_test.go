package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What a small file claims is not believed.
func TestBombs(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	packaged := func(name string, data []byte, opt Options) error {
		t.Helper()
		begun := time.Now()
		_, err := Package(ctx, write(t, filepath.Join(dir, name), data), t.TempDir(), opt, nil)
		require.Less(t, time.Since(begun), time.Minute, "%s", name)
		return err
	}
	for codec, headers := range map[string][2]string{
		"mjpeg": {"\xff\xc0\x00\x11\x08\x00\x40\x00\x40", "\xff\xc0\x00\x11\x08\xff\xdc\xff\xdc"},
		"png":   {"IHDR\x00\x00\x00\x40\x00\x00\x00\x40", "IHDR\x00\x00\x3e\x80\x00\x00\x3e\x80"},
	} {
		picture, err := os.ReadFile(ffmpeg(t, filepath.Join(dir, codec+".mkv"), "-f lavfi -i color=d=1:s=64x64:r=2 -c:v "+codec))
		require.NoError(t, err)
		require.Positive(t, bytes.Count(picture, []byte(headers[0])))
		err = packaged("huge.mkv", bytes.ReplaceAll(picture, []byte(headers[0]), []byte(headers[1])), Options{})
		require.ErrorIs(t, err, ErrTooLarge, codec)
		require.ErrorContains(t, err, "pixels")
	}

	long, err := os.ReadFile(ffmpeg(t, filepath.Join(dir, "long.mkv"), film+h264+"-g 40 -c:a aac"))
	require.NoError(t, err)
	require.Contains(t, string(long), "00:00:09.")
	hours := bytes.ReplaceAll(long, []byte("00:00:09."), []byte("25:00:09."))
	err = packaged("hours.mkv", hours, Options{})
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "25 hours")
	tone, err := os.ReadFile(ffmpeg(t, filepath.Join(dir, "tone.mka"), "-f lavfi -i anullsrc -t 1 -c:a flac"))
	require.NoError(t, err)
	i := bytes.Index(tone, []byte("\x44\x89\x88")) // the duration, in milliseconds
	require.Positive(t, i)
	binary.BigEndian.PutUint64(tone[i+3:], 0x4194997000000000) // 24 hours
	tone = bytes.ReplaceAll(tone, []byte("00:00:01.0"), []byte("23:59:59.0"))
	err = packaged("silence.mka", tone, Options{})
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "bytes: export it again")
}

func TestClaims(t *testing.T) {
	for name, c := range map[string]struct {
		says  string
		wants error
	}{
		"pixels":     {`{"format":{"probe_score":100,"duration":"9"},"streams":[{"codec_type":"video","codec_name":"h264","width":16384,"height":16384}]}`, ErrTooLarge},
		"a side":     {`{"format":{"probe_score":100,"duration":"9"},"streams":[{"codec_type":"video","codec_name":"h264","width":2000000000,"height":2000000000}]}`, ErrTooLarge},
		"8K":         {`{"format":{"probe_score":100,"duration":"9"},"streams":[{"codec_type":"video","codec_name":"h264","width":7680,"height":4320}]}`, nil},
		"a day":      {`{"format":{"probe_score":100,"duration":"86400"},"streams":[{"codec_type":"audio","codec_name":"aac","sample_rate":"48000","channels":2}]}`, nil},
		"over a day": {`{"format":{"probe_score":100,"duration":"86401"},"streams":[{"codec_type":"audio","codec_name":"aac","sample_rate":"48000","channels":2}]}`, ErrTooLarge},
		"an age":     {`{"format":{"probe_score":100,"duration":"9e9"},"streams":[{"codec_type":"audio","codec_name":"aac","sample_rate":"48000","channels":2}]}`, ErrTooLarge},
		"one stream": {`{"format":{"probe_score":100,"duration":"9"},"streams":[{"codec_type":"audio","codec_name":"aac","sample_rate":"48000","channels":2,"duration":"9e4"}]}`, ErrTooLarge},
		"streams":    {`{"format":{"probe_score":100,"duration":"9"},"streams":[` + strings.Repeat(`{"codec_type":"data"},`, maxStreams) + `{"codec_type":"data"}]}`, ErrTooLarge},
	} {
		bin := t.TempDir()
		write(t, filepath.Join(bin, "ffprobe"), []byte("#!/bin/sh\ncat <<'X'\n"+c.says+"\nX\n"))
		require.NoError(t, os.Chmod(filepath.Join(bin, "ffprobe"), 0o755))
		t.Setenv("PATH", bin+":/usr/bin:/bin")
		_, err := Probe(context.Background(), write(t, filepath.Join(bin, "x"), bytes.Repeat([]byte("x"), 1<<20)))
		if c.wants == nil {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, c.wants, name)
	}
}

// What a tool asks for beyond its memory it does not get.
func TestMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux bounds a running tool")
	}
	dd := func(size string) error {
		return run(context.Background(), "", "sh", time.Minute, func(string) bool { return false }, "-c", "sleep 0.3; exec dd if=/dev/null of=/dev/null count=1 bs="+size)
	}
	require.NoError(t, dd("1M"))
	var failed *toolError
	require.ErrorAs(t, dd("5G"), &failed)
	require.Contains(t, failed.said, "memory")
	j := job{in: "x"}
	require.ErrorIs(t, j.failure(&toolError{said: "Error: Cannot allocate memory"}), ErrTooLarge)
	require.ErrorIs(t, j.failure(&toolError{said: "[mjpeg] Picture size 65500x65500 exceeds specified max pixel count"}), ErrTooLarge)
}

// A tool that works for ever, with signs of progress, is ended as well.
func TestToolThatWorksForever(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), 300*time.Millisecond, ErrStalled)
	defer cancel()
	err := run(ctx, "", "yes", time.Minute, func(string) bool { return true })
	require.ErrorIs(t, err, ErrStalled)
	j := job{info: Info{Audio: &AudioInfo{seconds: 10}}}
	require.Equal(t, 40*time.Minute, j.allowance())
	j.info.Audio.seconds = 0
	require.Equal(t, 24*time.Hour, j.allowance())
}

// Tools read the file that they are given, whatever is in it, and nothing else.
func TestNoOtherFiles(t *testing.T) {
	in, err := input("-i http://example.org/x.mp4")
	require.NoError(t, err)
	all := strings.Join(in, " ")
	require.Contains(t, all, "-protocol_whitelist file -format_whitelist ")
	require.Contains(t, all, "-max_pixels 36000000")
	require.Contains(t, all, "-max_alloc 536870912")
	require.Regexp(t, "^file:/", in[len(in)-1])
	for _, list := range []string{"hls", "concat", "dash", "sdp", "rtsp", "image2", "lavfi", "webm_dash_manifest"} {
		require.NotContains(t, strings.Split(containers, ","), list)
	}
}

// What is encoded does not depend on the machine.
func TestArgsOfEncoding(t *testing.T) {
	j := job{in: "x", info: Info{Video: &VideoInfo{Width: 640, Height: 360}, Audio: &AudioInfo{Rate: 48000}}}
	args, err := j.args(plan{size: size{320, 180}, quality: qualityOf(size{320, 180}), soundBits: 128})
	require.NoError(t, err)
	all := strings.Join(args, " ")
	for _, want := range []string{" -threads 4 ", " -bitexact ", "cpu-independent=1", "accurate_rnd+bitexact", " -map_metadata -1 -map_chapters -1 ", " -t 86401 ", " -maxrate 900k "} {
		require.Contains(t, all, want)
	}
	j.opt.Threads = 2
	args, err = j.args(plan{})
	require.NoError(t, err)
	require.Contains(t, strings.Join(args, " "), " -threads 2 ")
}
