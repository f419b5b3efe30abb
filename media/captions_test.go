package media

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const srt = "1\n00:00:01,000 --> 00:00:02,500\nHello <b>you</b>\n\n2\n00:00:03,000 --> 00:00:08,000 X1:1 X2:2\n<font color=\"red\">& there</font>\nsecond line\n"

func TestCaptionsAreRead(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"subrip":             {srt, "00:00:01.000 --> 00:00:02.500\nHello <b>you</b>\n\n00:00:03.000 --> 00:00:08.000\n&amp; there\nsecond line\n"},
		"windows":            {"\ufeff" + strings.ReplaceAll(srt, "\n", "\r\n"), "00:00:01.000 --> 00:00:02.500\nHello <b>you</b>\n\n00:00:03.000 --> 00:00:08.000\n&amp; there\nsecond line\n"},
		"out of order":       {"WEBVTT\n\n00:09.000 --> 00:10.000\nb\n\n00:01.000 --> 00:02.000\na", "00:00:01.000 --> 00:00:02.000\na\n\n00:00:09.000 --> 00:00:10.000\nb\n"},
		"names and notes":    {"WEBVTT - x\nKind: captions\n\nNOTE a\nb\n\nintro\n00:01.000 --> 00:02.000\na\n\nNOTE\n\n", "00:00:01.000 --> 00:00:02.000\na\n"},
		"places":             {"WEBVTT\n\n00:01.000 --> 00:02.000 align:middle line:-1 position:50%,center size:40% line:3 region:x evil:1 vertical:xx\na", "00:00:01.000 --> 00:00:02.000 align:center line:-1 position:50%,center size:40%\na\n"},
		"styles and regions": {"WEBVTT\n\nSTYLE\n::cue { background: url(http://h/x) }\n\nREGION\nid:x\n\n00:01.000 --> 00:02.000\na", "00:00:01.000 --> 00:00:02.000\na\n"},
		"script":             {"WEBVTT\n\n00:01.000 --> 00:02.000\n<script>alert(1)</script><img src=x onerror=alert(1)><b onclick=x>y</b>", "00:00:01.000 --> 00:00:02.000\nalert(1)<b>y</b>\n"},
		"escaped script":     {"WEBVTT\n\n00:01.000 --> 00:02.000\n&lt;script&gt; &#60;i&#62; &amp;lt;", "00:00:01.000 --> 00:00:02.000\n&lt;script&gt; &lt;i&gt; &amp;lt;\n"},
		"a hidden cue":       {"WEBVTT\n\n00:01.000 --> 00:02.000\na&#10;&#10;00:03.000 --&gt; 00:04.000", "00:00:01.000 --> 00:00:02.000\na\n00:03.000 --&gt; 00:04.000\n"},
		"less than":          {"WEBVTT\n\n00:01.000 --> 00:02.000\nI <3 you, 1 < 2 > 0 <", "00:00:01.000 --> 00:00:02.000\nI &lt;3 you, 1 &lt; 2 &gt; 0 &lt;\n"},
		"tags that cross":    {"WEBVTT\n\n00:01.000 --> 00:02.000\n<B.x><i>a</b>b</i></u><v Bob>c<00:01.500>d<u>", "00:00:01.000 --> 00:00:02.000\n<b><i>a</i></b>bcd<u></u>\n"},
		"controls":           {"WEBVTT\n\n00:01.000 --> 00:02.000\na\x1b[0m\u202eb\u202cc\u0085\td\ufffe", "00:00:01.000 --> 00:00:02.000\na[0mb\u202cc d\n"},
		"right to left":      {"WEBVTT\n\n00:01.000 --> 00:02.000\n\u202b\u05e9\u05dc\u05d5\u05dd\u202c", "00:00:01.000 --> 00:00:02.000\n\u202b\u05e9\u05dc\u05d5\u05dd\u202c\n"},
		"overrides":          {"1\n00:00:01,000 --> 00:00:02,000\n{\\an8}{\\pos(1,2)}a {b}", "00:00:01.000 --> 00:00:02.000\na {b}\n"},
		"nothing to show":    {"WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:02.000 --> 00:03.000\n<c></c> \n\n00:04.000 --> 00:04.000\nx\n", ""},
		"hours":              {"WEBVTT\n\n123:00:00.5 --> 123:00:01.25\na", "123:00:00.500 --> 123:00:01.250\na\n"},
	} {
		cues, err := parseCaptions([]byte(c.in))
		require.NoError(t, err, name)
		want := "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n"
		if c.want != "" {
			want += "\n" + c.want
		}
		out := writeVTT(cues)
		require.Equal(t, want, string(out), name)
		again, err := parseCaptions(out)
		require.NoError(t, err, name)
		require.Equal(t, cues, again, "%s: what was cleaned is clean", name)
	}
}

func TestCaptionsThatAreNone(t *testing.T) {
	film := "WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n"
	dir := t.TempDir()
	in := write(t, filepath.Join(dir, "x.mp4"), []byte("x"))
	for name, c := range map[string]struct{ lang, data, says string }{
		"nothing":       {"en", "", "there are none"},
		"only a head":   {"en", "WEBVTT\n", "there are none"},
		"text":          {"en", "this is a text\n", "line 1: a text without its time"},
		"latin":         {"en", film + "\xe9", "UTF-8"},
		"utf-16":        {"en", "\xff\xfeW\x00", "UTF-8"},
		"a zero":        {"en", film + "\x00", "UTF-8"},
		"a stray text":  {"en", film + "lost\n", "line 6: a text without its time"},
		"backwards":     {"en", film + "00:03.000 --> 00:02.000\na", "line 6: \"00:03.000 --> 00:02.000\" is no span"},
		"no time":       {"en", film + "00:99.000 --> 00:02.000\na", "line 6"},
		"a long time":   {"en", film + "99999:00:00.000 --> 99999:00:01.000\na", "line 6"},
		"a long text":   {"en", film + "00:03.000 --> 00:04.000\n" + strings.Repeat("a", maxCueText+1), "bytes"},
		"many":          {"en", "WEBVTT\n\n" + strings.Repeat("00:01.000 --> 00:02.000\na\n\n", maxCues+1), "more than"},
		"large":         {"en", film + strings.Repeat("\n", maxCaptions), "more than"},
		"no language":   {"", film, "no language"},
		"odd language":  {"../../etc", film, "no language"},
		"und":           {"und", film, "no language"},
		"long language": {"en-x-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa", film, "no language"},
	} {
		path := write(t, filepath.Join(dir, "captions"), []byte(c.data))
		_, err := Package(context.Background(), in, t.TempDir(), Options{Captions: []Sidecar{{c.lang, path}}}, nil)
		require.ErrorIs(t, err, ErrCaptions, name)
		require.ErrorContains(t, err, c.says, name)
	}
	good := write(t, filepath.Join(dir, "good"), []byte(film))
	for _, path := range []string{dir, filepath.Join(dir, "nowhere"), "", "/dev/zero"} {
		_, err := Package(context.Background(), in, t.TempDir(), Options{Captions: []Sidecar{{"en", path}}}, nil)
		require.ErrorIs(t, err, ErrCaptions, path)
	}
	_, err := Package(context.Background(), in, t.TempDir(), Options{Captions: make([]Sidecar, maxTracks+1)}, nil)
	require.ErrorIs(t, err, ErrCaptions)
	_, err = Package(context.Background(), in, t.TempDir(), Options{Kind: KindOther, Captions: []Sidecar{{"en", good}}}, nil)
	require.ErrorIs(t, err, ErrCaptions, "a file that does not play")
}

// Cleaning takes no more than time in proportion, whatever is in it.
func TestCaptionsThatTakeLong(t *testing.T) {
	for _, text := range []string{"<b ", "<", "<b.x", "&#x", "{\\", "<b>", "</b>"} {
		cue := "00:01.000 --> 00:02.000\n" + strings.Repeat(text, maxCueText/len(text)) + "\n\n"
		data := []byte("WEBVTT\n\n" + strings.Repeat(cue, (1<<20)/len(cue)))
		_, err := parseCaptions(data)
		require.NoError(t, err, text)
	}
}

func FuzzCaptions(f *testing.F) {
	f.Add([]byte(srt))
	f.Add([]byte("WEBVTT\n\n00:01.000 --> 00:02.000 line:3\n<v Bob>a <b>&amp;</i>\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		cues, err := parseCaptions(data)
		if err != nil {
			require.ErrorIs(t, err, ErrCaptions)
			return
		}
		again, err := parseCaptions(writeVTT(cues))
		require.NoError(t, err)
		require.Equal(t, len(cues), len(again))
		for i := range cues {
			require.Equal(t, cues[i], again[i], "what was cleaned is clean")
		}
	})
}

func TestCaptionsOfAFilm(t *testing.T) {
	t.Parallel()
	ctx, tmp := context.Background(), t.TempDir()
	late := "3\n00:00:08,000 --> 00:00:30,000\nto the end\n\n4\n00:01:00,000 --> 00:01:01,000\nafter it\n"
	en, de := write(t, filepath.Join(tmp, "en.srt"), []byte(srt+"\n"+late)), write(t, filepath.Join(tmp, "de.vtt"), []byte("WEBVTT\n\n00:01.000 --> 00:02.000\nHallo\n"))
	in := ffmpeg(t, filepath.Join(tmp, "film.mkv"), film+"-i file:"+en+" -i file:"+de+" -map 0 -map 1 -map 2 -map 3 -map 2 "+h264+"-g 40 -c:a aac -c:s:0 ass -c:s:1 subrip -c:s:2 subrip "+
		"-metadata:s:s:0 language=eng -metadata:s:s:1 language=ger -metadata:s:s:1 title=SECRET -disposition:s:1 forced -disposition:s:2 hearing_impaired")
	p, err := Package(ctx, in, filepath.Join(tmp, "out"), Options{}, nil)
	require.NoError(t, err)
	require.Empty(t, p.LeftOut)
	require.Equal(t, []Track{
		{Language: "en", Name: "English", File: "captions/en.vtt", Bytes: p.Captions[0].Bytes, Cues: 3, Embedded: true},
		{Language: "de", Name: "Deutsch", File: "captions/de.vtt", Bytes: p.Captions[1].Bytes, Cues: 1, Forced: true, Embedded: true},
		{Language: "und", Name: "und", File: "captions/und.vtt", Bytes: p.Captions[2].Bytes, Cues: 3, Sounds: true, Embedded: true},
	}, p.Captions)
	checkFolder(t, p, "poster.jpg")
	data, err := os.ReadFile(filepath.Join(p.Dir, "captions", "en.vtt"))
	require.NoError(t, err)
	// the file's picture begins as much later as its captions
	require.Contains(t, string(data), "\n00:00:01.023 --> 00:00:02.523\nHello <b>you</b>\n")
	require.Contains(t, string(data), "\n00:00:08.023 --> 00:00:09.")
	require.NotContains(t, string(data), "after it")
	require.NotContains(t, string(data), "font")
	master, err := os.ReadFile(filepath.Join(p.Dir, "master.m3u8"))
	require.NoError(t, err)
	require.Contains(t, string(master), `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,URI="captions/en.m3u8"`+"\n")
	require.Contains(t, string(master), `LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,URI=`)
	require.Contains(t, string(master), `,SUBTITLES="captions"`+"\nv0/index.m3u8")
	list, err := os.ReadFile(filepath.Join(p.Dir, "captions", "en.m3u8"))
	require.NoError(t, err)
	require.Contains(t, string(list), "#EXTINF:9.0")
	require.Contains(t, string(list), "\nen.vtt\n")
	// a player finds them, at their times
	out, err := exec.Command("ffprobe", "-v", "error", "-select_streams", "s:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", filepath.Join(p.Dir, "captions", "en.m3u8")).Output()
	require.NoError(t, err)
	first, err := strconv.ParseFloat(strings.Fields(string(out))[0], 64)
	require.NoError(t, err)
	require.InDelta(t, 1.023, first, 0.01)

	// captions beside the file replace those of their language, and belong to the presentation
	other, err := Package(ctx, in, filepath.Join(tmp, "out"), Options{Captions: []Sidecar{{"de", de}, {"en-GB", en}, {"en-gb", en}}}, nil)
	require.NoError(t, err)
	require.NotEqual(t, p.Dir, other.Dir)
	var got []string
	for _, c := range other.Captions {
		got = append(got, c.File+" "+c.Name)
	}
	require.Equal(t, []string{"captions/de.vtt Deutsch", "captions/en-gb.vtt British English", "captions/en-gb.2.vtt British English (2)", "captions/en.vtt English", "captions/und.vtt und"}, got)
	checkFolder(t, other, "poster.jpg")
	_, err = Package(ctx, in, filepath.Join(tmp, "out"), Options{Captions: []Sidecar{{"en", write(t, filepath.Join(tmp, "late.srt"), []byte("1\n00:01:00,000 --> 00:01:01,000\nafter it\n"))}}}, nil)
	require.ErrorIs(t, err, ErrCaptions)
	require.ErrorContains(t, err, "after the end")
}

// Subtitles that cannot be used are left out and named; pictures are no text.
func TestCaptionsLeftOut(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	en := write(t, filepath.Join(tmp, "en.srt"), []byte("1\n00:01:00,000 --> 00:01:01,000\nafter the end\n"))
	in := ffmpeg(t, filepath.Join(tmp, "film.mkv"), film+"-i file:"+en+" -map 0 -map 1 -map 2 -map 2 "+h264+"-g 40 -c:a aac -c:s:0 subrip -c:s:1 subrip -t 9")
	info, err := Probe(context.Background(), in)
	require.NoError(t, err)
	require.Len(t, info.Subtitles, 2)
	p, err := Package(context.Background(), in, filepath.Join(tmp, "out"), Options{}, nil)
	require.NoError(t, err)
	require.Empty(t, p.Captions)
	require.Len(t, p.LeftOut, 2)
	require.Contains(t, p.LeftOut[0], "the subtitles in stream 2 (und)")
	checkFolder(t, p, "poster.jpg")
}
