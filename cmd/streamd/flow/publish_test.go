package flow

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/publish"
)

func TestCaptionsFlag(t *testing.T) {
	got, err := sidecars([]string{"en=a, b=c.srt", "pt-BR=x.vtt"})
	require.NoError(t, err)
	require.Equal(t, []media.Sidecar{{Language: "en", Path: "a, b=c.srt"}, {Language: "pt-BR", Path: "x.vtt"}}, got)
	for _, bad := range []string{"", "en", "en=", "=x.vtt", "x.vtt"} {
		_, err := sidecars([]string{bad})
		require.Equal(t, exit.Usage, exit.Code(err), bad)
	}
}

func TestPublishExitCodes(t *testing.T) {
	for err, code := range map[error]int{
		media.ErrRenditions: exit.Usage, media.ErrCaptions: exit.Content, media.ErrTooLarge: exit.Content, media.ErrBroken: exit.Content,
		publish.ErrUnfinished: exit.Unfinished, publish.ErrNoProvider: exit.Network,
	} {
		require.Equal(t, code, exit.Code(publishCode(fmt.Errorf("x: %w", err))), err.Error())
	}
	other := errors.New("x")
	require.Equal(t, other, publishCode(other))
}

func TestRenditionText(t *testing.T) {
	require.Equal(t, "1920 × 1080, 5900 kbit/s, the source's own", renditionText(publish.Rendition{Width: 1920, Height: 1080, Bandwidth: 5_900_000, Copied: true}))
	require.Equal(t, "64 kbit/s", renditionText(publish.Rendition{Bandwidth: 64_100}))
}

// What takes long says how long; what does not is one line.
func TestProgressTellsTime(t *testing.T) {
	var out bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetErr(&out)
	b := &bars{cmd: cmd, timed: true}
	b.stage("reading", 1, 1000)
	b.stage("encoding 720p", 0, 1000)
	b.began = time.Now().Add(-10 * time.Second)
	require.Equal(t, ", 10s, about 30s left", b.times(25))
	require.Empty(t, (&bars{began: b.began}).times(25))
	b.stage("encoding 720p", 500, 1000)
	b.stage("encoding 360p", -1000, 1000)
	b.done()
	require.Equal(t, "reading\nencoding 720p\nencoding 720p took 10s\nencoding 360p\n", out.String())
}
