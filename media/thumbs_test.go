package media

import (
	"bytes"
	"context"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each thumbnail shows the film at its time: red to the twelfth second, then blue.
func TestThumbnails(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	in := ffmpeg(t, filepath.Join(tmp, "film.mp4"), "-f lavfi -i color=red:d=12:s=96x64:r=2[a];color=blue:d=9.5:s=96x64:r=2[b];[a][b]concat "+h264+"-g 4")
	p, err := Package(context.Background(), in, filepath.Join(tmp, "out"), Options{}, nil)
	require.NoError(t, err)
	track, err := os.ReadFile(filepath.Join(p.Dir, p.Thumbnails))
	require.NoError(t, err)
	require.Equal(t, "WEBVTT\n\n00:00:00.000 --> 00:00:10.000\n00000.jpg#xywh=0,0,96,64\n\n00:00:10.000 --> 00:00:20.000\n00000.jpg#xywh=96,0,96,64\n\n"+
		"00:00:20.000 --> 00:00:21.500\n00000.jpg#xywh=192,0,96,64\n", string(track))
	data, err := os.ReadFile(filepath.Join(p.Dir, "thumbnails", "00000.jpg"))
	require.NoError(t, err)
	sheet, err := jpeg.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	require.Equal(t, [2]int{3 * 96, 64}, [2]int{sheet.Bounds().Dx(), sheet.Bounds().Dy()})
	for i, red := range []bool{true, true, false} {
		r, _, b, _ := sheet.At(i*96+48, 32).RGBA()
		require.Equal(t, red, r > b, "thumbnail %d", i)
	}
}

func TestThumbnailTrack(t *testing.T) {
	// 26 pictures: the last is the first of the second sheet
	lines := strings.Split(string(thumbTrack(255.5, 26, 5, 5, size{160, 90})), "\n")
	require.Equal(t, []string{"00:04:00.000 --> 00:04:10.000", "00000.jpg#xywh=640,360,160,90", "", "00:04:10.000 --> 00:04:15.500", "00001.jpg#xywh=0,0,160,90", ""}, lines[len(lines)-6:])
}

// A long film has several sheets; every one that the track names is there.
func TestThumbnailSheets(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	in := ffmpeg(t, filepath.Join(tmp, "film.mp4"), "-f lavfi -i testsrc=d=265:s=64x36:r=1 "+h264+"-g 4")
	p, err := Package(context.Background(), in, filepath.Join(tmp, "out"), Options{}, nil)
	require.NoError(t, err)
	checkFolder(t, p, "poster.jpg")
	track, err := os.ReadFile(filepath.Join(p.Dir, p.Thumbnails))
	require.NoError(t, err)
	require.Equal(t, 27, strings.Count(string(track), "-->"))
	require.Equal(t, 2, strings.Count(string(track), "00001.jpg"))
}
