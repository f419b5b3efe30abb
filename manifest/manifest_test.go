package manifest_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/streamchain/streamchain/manifest"
)

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyManifest().Draw(t, "manifest")
		b, err := m.Encode()
		require.NoError(t, err)
		got, err := manifest.Decode(b)
		require.NoError(t, err)
		again, err := got.Encode()
		require.NoError(t, err)
		require.Equal(t, b, again)
		if len(m.Tags) == 0 {
			m.Tags, got.Tags = nil, nil
		}
		require.Equal(t, m, got)

		id, err := m.CID()
		require.NoError(t, err)
		digest, err := manifest.ParseWorkID(id.String())
		require.NoError(t, err)
		require.Equal(t, id, manifest.WorkID(digest))
	})
}

// A complete implementation of DAG-CBOR reads the same and writes the same.
func TestEqualsIPLDPrime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := anyManifest().Draw(t, "manifest").Encode()
		require.NoError(t, err)
		again, err := reencode(b)
		require.NoError(t, err)
		require.Equal(t, b, again)
	})
}

// reencode reads and writes with go-ipld-prime, which sorts the maps itself.
func reencode(b []byte) ([]byte, error) {
	nb := basicnode.Prototype.Any.NewBuilder()
	if err := (dagcbor.DecodeOptions{AllowLinks: true}).Decode(nb, bytes.NewReader(b)); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := dagcbor.Encode(nb.Build(), &out)
	return out.Bytes(), err
}

// Each change makes a valid manifest invalid, in the field named.
func TestValidate(t *testing.T) {
	sha1, err := mh.Sum([]byte("x"), mh.SHA1, -1)
	require.NoError(t, err)
	short, err := mh.Sum([]byte("x"), mh.SHA2_256, 16)
	require.NoError(t, err)
	identity, err := mh.Sum([]byte("x"), mh.IDENTITY, -1)
	require.NoError(t, err)
	v0 := cid.NewCidV0(link(cid.Raw, "x").Hash())
	for _, c := range []struct {
		field  string
		change func(*manifest.Manifest)
	}{
		{"version", func(m *manifest.Manifest) { m.Version = 0 }},
		{"version", func(m *manifest.Manifest) { m.Version = 2 }},
		{"creator", func(m *manifest.Manifest) { m.Creator = nil }},
		{"creator", func(m *manifest.Manifest) { m.Creator = make([]byte, 32) }},
		{"kind", func(m *manifest.Manifest) { m.Kind = "" }},
		{"kind", func(m *manifest.Manifest) { m.Kind = "Video" }},
		{"title", func(m *manifest.Manifest) { m.Title = "" }},
		{"title", func(m *manifest.Manifest) { m.Title += "x" }},
		{"title", func(m *manifest.Manifest) { m.Title = "two\nlines" }},
		{"title", func(m *manifest.Manifest) { m.Title = "tab\t" }},
		{"title", func(m *manifest.Manifest) { m.Title = "\xff" }},
		{"title", func(m *manifest.Manifest) { m.Title = "e\u0301" }}, // é, decomposed
		{"language", func(m *manifest.Manifest) { m.Language += "x" }},
		{"language", func(m *manifest.Manifest) { m.Language = "en_US" }},
		{"language", func(m *manifest.Manifest) { m.Language = "é" }},
		{"description", func(m *manifest.Manifest) { m.Description += "x" }},
		{"description", func(m *manifest.Manifest) { m.Description = "carriage\rreturn" }},
		{"licence", func(m *manifest.Manifest) { m.Licence = "" }},
		{"licence", func(m *manifest.Manifest) { m.Licence += "x" }},
		{"licence", func(m *manifest.Manifest) { m.Licence = "CC/BY" }},
		{"licence", func(m *manifest.Manifest) { m.Licence = "MIT\n" }},
		{"tags", func(m *manifest.Manifest) { m.Tags = append(m.Tags, "x") }},
		{"tags[3]", func(m *manifest.Manifest) { m.Tags[3] = "" }},
		{"tags[9]", func(m *manifest.Manifest) { m.Tags[9] = m.Tags[2] }},
		{"tags[1]", func(m *manifest.Manifest) { m.Tags[1] += "x" }},
		{"tags[0]", func(m *manifest.Manifest) { m.Tags[0] = "a\nb" }},
		{"duration", func(m *manifest.Manifest) { m.DurationSeconds++ }},
		{"duration", func(m *manifest.Manifest) { m.DurationSeconds = math.MaxUint64 }},
		{"media", func(m *manifest.Manifest) { m.Media = cid.Undef }},
		{"media", func(m *manifest.Manifest) { m.Media = link(cid.DagCBOR, "x") }},
		{"media", func(m *manifest.Manifest) { m.Media = cid.NewCidV1(cid.Raw, sha1) }},
		{"media", func(m *manifest.Manifest) { m.Media = cid.NewCidV1(cid.Raw, short) }},
		{"media", func(m *manifest.Manifest) { m.Media = cid.NewCidV1(cid.Raw, identity) }},
		{"media", func(m *manifest.Manifest) { m.Media = v0 }},
		{"cover", func(m *manifest.Manifest) { m.Cover = link(cid.DagJSON, "x") }},
		{"piece.size", func(m *manifest.Manifest) { m.Piece.Size = 0 }},
		{"piece.size", func(m *manifest.Manifest) { m.Piece.Size++ }},
		{"parents", func(m *manifest.Manifest) {
			m.Parents = append(m.Parents, manifest.Parent{Work: link(cid.DagCBOR, "one more")})
		}},
		{"parents", func(m *manifest.Manifest) { m.Parents[3].Bps++ }},
		{"parents[0].bps", func(m *manifest.Manifest) { m.Parents[0].Bps = math.MaxUint64 }},
		{"parents[2].work", func(m *manifest.Manifest) { m.Parents[2].Work = m.Parents[0].Work }},
		{"parents[1].work", func(m *manifest.Manifest) { m.Parents[1].Work = link(cid.Raw, "x") }},
		{"parents[1].work", func(m *manifest.Manifest) { m.Parents[1].Work = cid.Undef }},
		{"previous", func(m *manifest.Manifest) { m.Previous = link(cid.DagProtobuf, "x") }},
		{"keys.suite", func(m *manifest.Manifest) { m.Keys.Suite = "" }},
		{"keys.suite", func(m *manifest.Manifest) { m.Keys.Suite += "x" }},
		{"keys.suite", func(m *manifest.Manifest) { m.Keys.Suite = "a b" }},
		{"keys.c0", func(m *manifest.Manifest) { m.Keys.C0 = nil }},
		{"keys.c0", func(m *manifest.Manifest) { m.Keys.C0 = make([]byte, 65) }},
		{"keys.window", func(m *manifest.Manifest) { m.Keys.WindowSeconds = 0 }},
		{"keys.window", func(m *manifest.Manifest) { m.Keys.WindowSeconds++ }},
	} {
		m := full()
		require.NoError(t, m.Validate())
		c.change(&m)
		err := m.Validate()
		var field *manifest.FieldError
		require.ErrorAs(t, err, &field, c.field)
		require.Equal(t, c.field, field.Field)
		_, err = m.Encode()
		require.ErrorAs(t, err, &field)
		_, err = m.CID()
		require.ErrorAs(t, err, &field)
	}
}

func TestTextRules(t *testing.T) {
	for name, bad := range map[string]string{
		"null": "\x00", "delete": "\x7f", "C1": "\u0085", "escape": "\x1b[31m", "line separator": "\u2028", "paragraph separator": "\u2029",
		"LRE": "\u202a", "PDF": "\u202c", "RLO": "\u202e", "LRI": "\u2066", "PDI": "\u2069", "surrogate": "\xed\xa0\x80", "overlong": "\xc0\xaf",
		"not NFC": "\u0041\u030a", "singleton": "\u212b", "newer than Unicode 15": "\u0897", "Tai Yo": "\U0001e6e3",
	} {
		for field, set := range map[string]func(*manifest.Manifest, string){
			"title":       func(m *manifest.Manifest, s string) { m.Title = "a" + s },
			"description": func(m *manifest.Manifest, s string) { m.Description = "a" + s },
			"tags[0]":     func(m *manifest.Manifest, s string) { m.Tags[0] = "a" + s },
		} {
			m := song()
			set(&m, bad)
			var wrong *manifest.FieldError
			require.ErrorAs(t, m.Validate(), &wrong, "%s in %s", name, field)
			require.Equal(t, field, wrong.Field)
		}
	}
	for _, good := range []string{"漢字", "עברית", "عربى \u200f", "👩\u200d👩\u200d👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "é", "1 < 2 & \"3\""} {
		m := song()
		m.Title, m.Description, m.Tags[0] = good, good+"\n\t", good
		require.NoError(t, m.Validate(), good)
	}
}

// The rules were compared with the tables of these versions of Unicode. Before a toolchain with another one
// builds validators, extend newRanges by what differs.
func TestUnicodeVersionIsKnown(t *testing.T) {
	require.Contains(t, []string{"15.0.0", "17.0.0"}, norm.Version)
}

func TestTheLargestFits(t *testing.T) {
	b, err := full().Encode()
	require.NoError(t, err)
	require.Less(t, len(b), manifest.MaxSize/2, "no set of valid fields comes near the limit")
}

func TestDecodeRefuses(t *testing.T) {
	good, err := full().Encode()
	require.NoError(t, err)
	small, err := small().Encode()
	require.NoError(t, err)
	swap := func(b []byte, from, to string) []byte {
		require.Equal(t, 1, bytes.Count(b, []byte(from)), "%q", from)
		return bytes.Replace(b, []byte(from), []byte(to), 1)
	}
	for name, bad := range map[string][]byte{
		"nothing":              {},
		"null":                 {0xf6},
		"bytes after it":       append(slices.Clone(small), 0),
		"a longer head":        swap(small, "gversion\x01", "gversion\x18\x01"),
		"a longer text head":   swap(small, "etitleaA", "etitlex\x01A"),
		"an indefinite list":   swap(small, "dtags\x80", "dtags\x9f\xff"),
		"an indefinite map":    append(append([]byte{0xbf}, small[1:]...), 0xff),
		"a count too high":     append([]byte{small[0] + 1}, small[1:]...),
		"a count too low":      append([]byte{small[0] - 1}, small[1:]...),
		"an unknown key":       swap(small, "etitle", "eTitle"),
		"a negative number":    swap(small, "gversion\x01", "gversion\x20"),
		"a float":              swap(small, "gversion\x01", "gversion\xf9\x3c\x00"),
		"text as bytes":        swap(small, "etitleaA", "etitleAA"),
		"another tag":          swap(small, "emedia\xd8\x2a", "emedia\xd8\x2b"),
		"a link without zero":  swap(small, "emedia\xd8\x2aX%\x00", "emedia\xd8\x2aX%\x01"),
		"an identity tag":      append([]byte{0xd9, 0xd9, 0xf7}, small...),
		"a null for no cover":  swap(small, "emedia", "ecover\xf6emedia"),
		"a short piece root":   swap(small, "drootX ", "drootX\x1f"),
		"a huge list":          swap(small, "gparents\x80", "gparents\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
		"a huge text":          swap(small, "etitleaA", "etitle{\xff\xff\xff\xff\xff\xff\xff\xff"),
		"a key out of order":   swap(small, "dkindevideodtags\x80", "dtags\x80dkindevideo"),
		"an extra key of keys": swap(good, "dkeys\xa3", "dkeys\xa4"),
	} {
		_, err := manifest.Decode(bad)
		require.ErrorIs(t, err, manifest.ErrMalformed, name)
	}
	var field *manifest.FieldError
	_, err = manifest.Decode(swap(small, "etitleaA", "etitle`"))
	require.ErrorAs(t, err, &field)
	require.Equal(t, "title", field.Field)
	_, err = manifest.Decode(make([]byte, manifest.MaxSize+1))
	require.ErrorAs(t, err, &field)
	for n := range good {
		_, err := manifest.Decode(good[:n])
		require.Error(t, err, "cut after %d bytes", n)
	}
}

// Every bit says something: with one flipped, the bytes are refused or describe another work.
func TestEveryBitCounts(t *testing.T) {
	good, err := song().Encode()
	require.NoError(t, err)
	for i := range len(good) * 8 {
		bad := slices.Clone(good)
		bad[i/8] ^= 1 << (i % 8)
		m, err := manifest.Decode(bad)
		if err != nil {
			continue
		}
		again, err := m.Encode()
		require.NoError(t, err)
		require.Equal(t, bad, again, "bit %d", i)
		require.NotEqual(t, song(), m, "bit %d", i)
	}
}

func TestParseWorkID(t *testing.T) {
	id := manifest.WorkID([32]byte{1, 2, 3})
	digest, err := manifest.ParseWorkID(id.String())
	require.NoError(t, err)
	require.Equal(t, [32]byte{1, 2, 3}, digest)
	base16, err := id.StringOfBase('f')
	require.NoError(t, err)
	for name, bad := range map[string]string{
		"empty": "", "another codec": link(cid.Raw, "x").String(), "upper case": strings.ToUpper(id.String()), "another base": base16,
		"version 0": cid.NewCidV0(id.Hash()).String(), "space": id.String() + " ", "cut": id.String()[:58], "path": "/ipfs/" + id.String(),
		// 36 bytes are 57.6 letters: the last letter has two bits that must be zero
		"loose bits": id.String()[:58] + "b", "huge": strings.Repeat("b", 1<<20),
	} {
		_, err := manifest.ParseWorkID(bad)
		require.ErrorIs(t, err, manifest.ErrWorkID, name)
	}
}

func TestCommitment(t *testing.T) {
	media := link(cid.DagProtobuf, "media")
	base := manifest.Commitment(creator("alice"), media, []byte("0123456789abcdef"))
	seen := map[[32]byte]string{base: "base"}
	for name, other := range map[string][32]byte{
		"creator":  manifest.Commitment(creator("bob"), media, []byte("0123456789abcdef")),
		"media":    manifest.Commitment(creator("alice"), link(cid.Raw, "media"), []byte("0123456789abcdef")),
		"salt":     manifest.Commitment(creator("alice"), media, []byte("0123456789abcdeF")),
		"boundary": manifest.Commitment(append(creator("alice"), media.Bytes()[0]), media, []byte("0123456789abcdef")),
		"no salt":  manifest.Commitment(creator("alice"), media, nil),
	} {
		require.NotContains(t, seen, other, name)
		seen[other] = name
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	m := song()
	m.Kind = "film"
	require.EqualError(t, m.Validate(), `manifest: kind: "film", use one of video, audio, podcast, course, document, image, software, other`)
	m = song()
	m.Licence = strings.Repeat("/", 4096)
	require.Less(t, len(fmt.Sprint(m.Validate())), 400, "what a stranger wrote is quoted in part only")
}
