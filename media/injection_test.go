package media

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Files that name other files and addresses, under the names of media: no tool connects to anything, and nothing of another
// file gets into what is published.
func TestNothingElseIsOpened(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	var came atomic.Int32
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			came.Add(1)
			_ = c.Close()
		}
	}()
	at := l.Addr().String()
	private := ffmpeg(t, filepath.Join(dir, "private.ts"), film+h264+"-g 40 -c:a aac")
	hls := func(uri string) string {
		return "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:9,\n" + uri + "\n#EXT-X-ENDLIST\n"
	}
	mpd := `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>%s</BaseURL></Representation></AdaptationSet></Period></MPD>`
	for name, data := range map[string]string{
		"hls-http.mp4": hls("http://" + at + "/x.ts"), "hls-tcp.ts": hls("tcp://" + at), "hls-file.avi": hls("file://" + private), "hls-path.mkv": hls(private), "hls-key.ts": strings.Replace(hls(private), "#EXTINF", `#EXT-X-KEY:METHOD=AES-128,URI="http://`+at+`/key"`+"\n#EXTINF", 1),
		"hls-data.mp4": hls("data:text/plain,x"), "hls-concat.mp4": hls("concat:" + private + "|http://" + at + "/x"), "hls-sub.mp4": hls("subfile,,start,0,end,0,,:" + private), "master.mp4": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://" + at + "/x.m3u8\n",
		"concat-http.mp4": "ffconcat version 1.0\nfile http://" + at + "/x.ts\n", "concat-file.mp4": "ffconcat version 1.0\nfile " + private + "\n", "dash-http.mp4": fmt.Sprintf(mpd, "http://"+at+"/x.mp4"), "dash-file.webm": fmt.Sprintf(mpd, "file://"+private),
		"rtsp.mp4": "RTSP/1.0 200 OK\r\n\r\n", "sdp.mp4": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=control:rtsp://" + at + "/\n", "svg.mp4": `<svg xmlns="http://www.w3.org/2000/svg"><image href="http://` + at + `/x"/></svg>`,
		"asx.asf": `<asx version="3.0"><entry><ref href="http://` + at + `/x"/></entry></asx>`, "pls.mp3": "[playlist]\nFile1=http://" + at + "/x\n",
	} {
		out := t.TempDir()
		_, err := Package(ctx, write(t, filepath.Join(dir, name), []byte(data)), out, Options{Kind: KindVideo}, nil)
		require.Error(t, err, name)
		require.NoError(t, filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				info, err := os.Stat(path)
				require.NoError(t, err)
				require.Less(t, info.Size(), int64(1000), "%s left %s", name, path)
			}
			return nil
		}))
	}
	require.Zero(t, came.Load())
}
