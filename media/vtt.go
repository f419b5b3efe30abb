package media

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxCues    = 50_000
	maxCueText = 4 << 10 // bytes
	maxTag     = 256     // bytes; what is longer is text
)

// cue is one caption, in milliseconds from the start. Its text is what may stand in WebVTT, whatever it was made of.
type cue struct {
	start, end     int64
	settings, text string
}

var (
	timing    = regexp.MustCompile(`^([0-9:.,]+)[ \t]+-->[ \t]+([0-9:.,]+)(?:[ \t]+(.*))?$`)
	moment    = regexp.MustCompile(`^(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})$`)
	overrides = regexp.MustCompile(`\{\\[^{}]*\}`)
	tag       = regexp.MustCompile(`^<(/?)([A-Za-z]+)(?:\.[^ \t\n>]*)?(?:[ \t\n][^>]*)?>$`)
	moments   = regexp.MustCompile(`^<[0-9:.]+>$`) // inside of a text
	number    = regexp.MustCompile(`^\d+$`)
	// settings that place a cue; regions and all else are left out
	settings = map[string]*regexp.Regexp{
		"vertical": regexp.MustCompile(`^(rl|lr)$`),
		"line":     regexp.MustCompile(`^(-?\d{1,3}|\d{1,3}(\.\d{1,3})?%)(,(start|center|end))?$`),
		"position": regexp.MustCompile(`^\d{1,3}(\.\d{1,3})?%(,(line-left|center|line-right))?$`),
		"size":     regexp.MustCompile(`^\d{1,3}(\.\d{1,3})?%$`),
		"align":    regexp.MustCompile(`^(start|center|end|left|right)$`),
	}
)

// parseCaptions reads WebVTT or SubRip. Styles, regions and comments are left out; what is no caption and none
// of these is refused with its line. ErrCaptions.
func parseCaptions(data []byte) ([]cue, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return nil, fmt.Errorf("%w: they are not UTF-8: save them as UTF-8", ErrCaptions)
	}
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data)), "\n")
	vtt := lines[0] == "WEBVTT" || strings.HasPrefix(lines[0], "WEBVTT ") || strings.HasPrefix(lines[0], "WEBVTT\t")
	at := 0
	if vtt {
		for at < len(lines) && strings.TrimSpace(lines[at]) != "" {
			at++
		}
	}
	var cues []cue
	for at < len(lines) {
		if strings.TrimSpace(lines[at]) == "" {
			at++
			continue
		}
		block := at
		for at < len(lines) && strings.TrimSpace(lines[at]) != "" {
			at++
		}
		c, ok, err := parseBlock(lines[block:at], vtt)
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrCaptions, block+1, err)
		}
		if ok {
			cues = append(cues, c)
		}
		if len(cues) > maxCues {
			return nil, fmt.Errorf("%w: they are more than %d", ErrCaptions, maxCues)
		}
	}
	slices.SortStableFunc(cues, func(a, b cue) int {
		if a.start != b.start {
			return int(a.start - b.start)
		}
		return int(a.end - b.end)
	})
	return cues, nil
}

// parseBlock reads what stands between two empty lines; ok is false for what shows nothing.
func parseBlock(lines []string, vtt bool) (c cue, ok bool, err error) {
	if vtt {
		word, _, _ := strings.Cut(strings.ReplaceAll(lines[0], "\t", " "), " ")
		if word == "NOTE" || ((word == "STYLE" || word == "REGION") && !strings.Contains(lines[0], "-->")) {
			return c, false, nil
		}
	}
	i := 0
	if !strings.Contains(lines[0], "-->") && len(lines) > 1 && (vtt || number.MatchString(strings.TrimSpace(lines[0]))) {
		i = 1 // its name
	}
	m := timing.FindStringSubmatch(strings.TrimSpace(lines[i]))
	if m == nil {
		return c, false, fmt.Errorf("a text without its time, as in 00:00:01.000 --> 00:00:02.000")
	}
	var begins, ends bool
	c.start, begins = parseMoment(m[1])
	c.end, ends = parseMoment(m[2])
	if !begins || !ends || c.end < c.start {
		return c, false, fmt.Errorf("%q is no span of time", lines[i])
	}
	if vtt {
		c.settings = cleanSettings(m[3])
	}
	text := strings.Join(lines[i+1:], "\n")
	if len(text) > maxCueText {
		return c, false, fmt.Errorf("a text of more than %d bytes", maxCueText)
	}
	c.text = cleanText(text)
	return c, c.text != "" && c.end > c.start, nil
}

func parseMoment(s string) (millis int64, ok bool) {
	m := moment.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n := func(s string) int64 {
		v, _ := strconv.ParseInt("0"+s, 10, 64)
		return v
	}
	return (n(m[1])*3600+n(m[2])*60+n(m[3]))*1000 + n((m[4] + "00")[:3]), true
}

func cleanSettings(s string) string {
	var out []string
	seen := map[string]bool{}
	for _, f := range strings.Fields(s) {
		name, value, _ := strings.Cut(f, ":")
		if value == "middle" { // as the standard once said
			value = "center"
		}
		if allowed, ok := settings[name]; ok && !seen[name] && allowed.MatchString(value) {
			seen[name] = true
			out = append(out, name+":"+value)
		}
	}
	return strings.Join(out, " ")
}

// plainTags are those that stay, without classes. All others go and leave what stood between them.
var plainTags = []string{"b", "i", "u", "ruby", "rt"}

// cleanText makes of any text one that is WebVTT and nothing more: no markup but a few tags, closed in order.
func cleanText(s string) string {
	s = overrides.ReplaceAllString(s, "")
	var out strings.Builder
	var open []string
	for s != "" {
		cut := strings.IndexByte(s, '<')
		if cut != 0 {
			if cut < 0 {
				cut = len(s)
			}
			out.WriteString(escapeText(s[:cut]))
			s = s[cut:]
			continue
		}
		whole := s[:strings.IndexByte(s[:min(len(s), maxTag)], '>')+1]
		m := tag.FindStringSubmatch(whole)
		switch {
		case m == nil && moments.MatchString(whole):
			s = s[len(whole):]
			continue
		case m == nil:
			out.WriteString("&lt;")
			s = s[1:]
			continue
		}
		s = s[len(whole):]
		switch name := strings.ToLower(m[2]); {
		case m[1] == "" && slices.Contains(plainTags, name) && len(open) < 16:
			out.WriteString("<" + name + ">")
			open = append(open, name)
		case m[1] == "/" && slices.Contains(open, name):
			for closed := ""; closed != name; {
				closed, open = open[len(open)-1], open[:len(open)-1]
				out.WriteString("</" + closed + ">")
			}
		}
	}
	for i := len(open) - 1; i >= 0; i-- {
		out.WriteString("</" + open[i] + ">")
	}
	return joinLines(out.String())
}

// escapeText lets a text say only itself.
func escapeText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r == '\u202d', r == '\u202e', r == '\ufeff', r == utf8.RuneError, r >= 0xfff0 && r&0xfffe == 0xfffe:
			return -1 // overrides make a text read as another than it is
		}
		return r
	}, html.UnescapeString(s))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(norm.NFC.String(s))
}

// joinLines leaves out empty lines: one would end the cue, and what follows would be read as another.
func joinLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
}

// writeVTT writes cues as WebVTT whose times are those of the renditions.
func writeVTT(cues []cue) []byte {
	b := []byte("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n")
	for _, c := range cues {
		b = fmt.Appendf(b, "\n%s --> %s", vttMoment(c.start), vttMoment(c.end))
		if c.settings != "" {
			b = append(b, " "+c.settings...)
		}
		b = append(b, "\n"+c.text+"\n"...)
	}
	return b
}

func vttMoment(millis int64) string {
	return fmt.Sprintf("%02d:%02d:%02d.%03d", millis/3600_000, millis/60_000%60, millis/1000%60, millis%1000)
}
