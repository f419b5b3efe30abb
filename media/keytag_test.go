package media

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeyTag(t *testing.T) {
	iv := SegmentIV(7)
	for _, k := range []KeyTag{{Rendition: "v0-89abcdef"}, {Rendition: "audio64-00000000", Window: 1<<32 - 1}, {Rendition: strings.Repeat("a", 64), Window: 10, IV: &iv}} {
		require.True(t, IsKeyTag(k.String()))
		got, err := ParseKeyTag(k.String())
		require.NoError(t, err)
		require.Equal(t, k, *got)
	}
	require.Equal(t, `#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:v0-89abcdef/3"`, KeyTag{Rendition: "v0-89abcdef", Window: 3}.String())
	require.Equal(t, SegmentIV(9), KeyTag{}.IVOf(9))
	require.Equal(t, iv, KeyTag{IV: &iv}.IVOf(9))
	none, err := ParseKeyTag("#EXT-X-KEY:METHOD=NONE")
	require.NoError(t, err)
	require.Nil(t, none)
	got, err := ParseKeyTag(`#EXT-X-KEY:URI="streamchain-key:a/1",KEYFORMATVERSIONS="1",KEYFORMAT="identity",METHOD=AES-128,IV=0X00000000000000000000000000000007`)
	require.NoError(t, err)
	require.Equal(t, KeyTag{"a", 1, &iv}, *got)
}

// What names another key, another method or cannot be read is not taken for something else.
var badKeyTags = []string{
	"", "#EXT-X-KEY:", "#EXT-X-KEY:METHOD=AES-128", "#EXT-X-KEY:METHOD=NONE,URI=\"streamchain-key:a/1\"", "#EXT-X-KEY:URI=\"streamchain-key:a/1\"",
	"#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"streamchain-key:a/1\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"http://127.0.0.1/key\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"data:,x\"",
	"#EXT-X-KEY:METHOD=AES-128,URI=streamchain-key:a/1", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/01\"",
	"#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/+1\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/-1\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/4294967296\"",
	"#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:/1\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/b/1\"",
	"#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:../1\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a.pdf/1\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:ä/1\"",
	"#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:" + strings.Repeat("a", 65) + "/1\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1\",URI=\"streamchain-key:a/2\"",
	"#EXT-X-KEY:METHOD=AES-128,METHOD=NONE,URI=\"streamchain-key:a/1\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1\",IV=0x00", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1\",IV=00000000000000000000000000000007",
	"#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1\",IV=0x0000000000000000000000000000000g", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1\",KEYFORMAT=\"com.apple.streamingkeydelivery\"",
	"#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1\",KEYFORMATVERSIONS=\"2\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1\",X", "#EXT-X-KEY:METHOD=AES-128,URI=\"STREAMCHAIN-KEY:a/1\"",
	"#EXT-X-KEY:METHOD=AES-128, URI=\"streamchain-key:a/1\"", "#EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1 \"", "EXT-X-KEY:METHOD=AES-128,URI=\"streamchain-key:a/1\"",
}

func TestKeyTagsThatAreRefused(t *testing.T) {
	for _, line := range badKeyTags {
		_, err := ParseKeyTag(line)
		require.ErrorIs(t, err, ErrKeyTag, "%q", line)
	}
}

// What is read is written again the same, but for order and optional attributes, and never leaves the rendition's letters.
func FuzzKeyTag(f *testing.F) {
	for _, line := range append(badKeyTags, `#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:v0-89abcdef/3"`, "#EXT-X-KEY:METHOD=NONE", `#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:a/0",IV=0x00000000000000000000000000000007`) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		k, err := ParseKeyTag(line)
		if err != nil || k == nil {
			return
		}
		if !keyName(k.Rendition) {
			t.Fatalf("%q", k.Rendition)
		}
		again, err := ParseKeyTag(k.String())
		if err != nil || again.Rendition != k.Rendition || again.Window != k.Window || again.IVOf(3) != k.IVOf(3) {
			t.Fatalf("%q: %v, %v", line, k, err)
		}
	})
}
