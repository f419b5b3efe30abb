package flow

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
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
		publish.ErrUnfinished: exit.Unfinished, publish.ErrNoProvider: exit.Network, publish.ErrNoHolders: exit.Network,
		publish.ErrSecretNeeded: exit.Usage, publish.ErrSecretUnused: exit.Usage, publish.ErrOtherSecret: exit.Usage, publish.ErrSecretExists: exit.Usage,
		publish.ErrSecretErased: exit.Usage, publish.ErrStaysEncrypted: exit.Usage, publish.ErrSecretFormat: exit.Content,
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

// A draw that finds nobody after the work was paid for is unfinished, not refused.
func TestHoldersMissingLater(t *testing.T) {
	require.Equal(t, exit.Unfinished, exit.Code(publishCode(fmt.Errorf("%w: %w", publish.ErrUnfinished, publish.ErrNoHolders))))
}

func TestKeysText(t *testing.T) {
	held := publish.Keys{Encrypted: true, WindowSeconds: 20, Holders: 3, Threshold: 2, Version: 1, Status: "active", Secret: publish.Erased}
	kept := held
	kept.Secret = "film.secret"
	for want, k := range map[string]publish.Keys{
		"keys      encrypted, a key for each 20 s; 3 nodes hold them, any 2 of which together open it to who may watch\nsecret    erased here: nobody has it whole, and no later version can be published":                         held,
		"keys      encrypted, a key for each 20 s; 3 nodes hold them, any 2 of which together open it to who may watch\nsecret    in film.secret: it opens the whole work, and later versions need it (--secret); keep it offline": kept,
		"keys      would be encrypted, a key for each 20 s; of 5 nodes that the chain draws, any 3 together would open it to who may watch":                                                                                        {Encrypted: true, WindowSeconds: 20, Holders: 5, Threshold: 3, Status: "would be drawn"},
		"keys      not encrypted. " + notEncrypted: {},
	} {
		require.Equal(t, want, strings.Join(keysText(k, true), "\n"))
	}
	require.Equal(t, []string{"keys      none: it is open to everybody"}, keysText(publish.Keys{}, false))
}

// What excludes each other is refused before anything is dialled.
func TestPublishFlags(t *testing.T) {
	for _, args := range [][]string{
		{"--no-encrypt", "--keep-secret", "x"}, {"--no-encrypt", "--secret", "x"}, {"--keep-secret", "x", "--secret", "y"}, {"--keep-secret", "x", "--previous", "y"},
	} {
		cmd := publishCmd()
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(append([]string{"f", "--title", "t", "--licence", "l"}, args...))
		require.ErrorContains(t, cmd.Execute(), "none of the others can be", "%v", args)
	}
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
